/*
 * node.h -- a piece of SQL that can be taken apart: what the generator makes and the shrinker cuts.
 *
 * A node prints its `form`, in which "$" stands for the next child, "$*" for all children that are left with ", " between
 * them, and the bytes 1 to 9 for the child of that number once more. Nodes of one sort can stand for each other, as far
 * as grammar and types go; whether names are in scope only a server can tell.
 *
 * Nodes live in an arena. A node has one parent.
 */
#ifndef FRESHET_TESTS_ORACLE_NODE_H
#define FRESHET_TESTS_ORACLE_NODE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"

/* Expressions by the letter of their type (productions.def), and what is larger. */
typedef char Sort;

#define EXPRESSION_SORTS "bilndtDTIjaA"

enum {
    SORT_QUERY = 'Q',  /* SELECT ..., without parentheses */
    SORT_FROM = 'F',   /* an item of FROM */
    SORT_CLAUSE = 'C', /* WHERE ..., ORDER BY ...: stands nowhere else */
};

typedef struct Node {
    Sort sort;
    bool optional; /* may be left out */
    bool absent;   /* is left out: prints as nothing */
    uint16_t count;
    const char *form;
    const char *column; /* of a constant: a column that holds it; NULL: none */
    struct Node **children;
} Node;

Node *node_new(Arena *arena, Sort sort, const char *form, int count, ...); /* children follow */
Node *node_of(Arena *arena, Sort sort, const char *form, Node *const *children, int count);
Node *node_optional(Node *node);
Node *node_copy(Arena *arena, const Node *node);

char *node_sql(const Node *node); /* heap string */
/* Heap string: constants that a column holds are read from there. */
char *node_sql_of_columns(const Node *node);
int node_size(const Node *node); /* nodes that print */

#endif
