/*
 * jsonpath.h -- SQL/JSON paths: the tree that a path's text means, and the text that PostgreSQL prints for it.
 *
 * A value of type jsonpath is stored as the text that PostgreSQL prints. A path is a chain of items by `next`: where it starts
 * ($, @, a literal, an operator in parentheses), then its accessors. Predicates and arithmetic are items whose operands are chains.
 */
#ifndef FRESHET_TYPES_JSONPATH_H
#define FRESHET_TYPES_JSONPATH_H

#include "base/buffer.h"
#include "types/value.h"

typedef enum PathKind {
    PATH_NULL,
    PATH_TRUE,
    PATH_FALSE,
    PATH_NUMBER,
    PATH_STRING,
    PATH_VARIABLE,
    PATH_ROOT,
    PATH_CURRENT,
    PATH_LAST,
    PATH_KEY,
    PATH_ANY_KEY,
    PATH_ANY_ELEMENT,
    PATH_SUBSCRIPTS,
    PATH_ANY_LEVEL, /* ** */
    PATH_FILTER,
    PATH_TYPE,
    PATH_SIZE,
    PATH_DOUBLE,
    PATH_CEILING,
    PATH_FLOOR,
    PATH_ABS,
    PATH_KEYVALUE,
    PATH_DATETIME,
    PATH_OR,
    PATH_AND,
    PATH_NOT,
    PATH_IS_UNKNOWN,
    PATH_EXISTS,
    PATH_EQUAL,
    PATH_NOT_EQUAL,
    PATH_LESS,
    PATH_LESS_EQUAL,
    PATH_GREATER,
    PATH_GREATER_EQUAL,
    PATH_STARTS_WITH,
    PATH_LIKE_REGEX,
    PATH_ADD,
    PATH_SUBTRACT,
    PATH_MULTIPLY,
    PATH_DIVIDE,
    PATH_MODULO,
    PATH_PLUS,
    PATH_MINUS,
} PathKind;

enum { PATH_REGEX_FOLD_CASE = 1, PATH_REGEX_DOT_ALL = 2, PATH_REGEX_LINES = 4, PATH_REGEX_QUOTED = 16 };

#define PATH_LEVEL_LAST UINT32_MAX /* of **: the deepest there is */

typedef struct PathItem PathItem;

typedef struct PathSubscript {
    PathItem *from, *to; /* `to` may be NULL */
} PathSubscript;

struct PathItem {
    PathKind kind;
    PathItem *next;
    PathItem *left, *right; /* operands; an operator of one has it in `left` */
    Slice text;             /* of keys, strings, variables, LIKE_REGEX's pattern; a NUMBER's Numeric */
    unsigned flags;         /* PATH_REGEX_... */
    uint32_t first, last;   /* levels of ** */
    PathSubscript *subscripts;
    int subscript_count;
};

typedef struct JsonPath {
    bool strict;
    PathItem *root;
} JsonPath;

/* Everything is made in `arena`. 42601 `syntax error at or near "x" of jsonpath input` and its kin, 22P02 for an empty path. */
MUST_CHECK bool jsonpath_parse(Slice text, Arena *arena, JsonPath *path, Error *err);
void jsonpath_print(const JsonPath *path, Buffer *out);
const char *jsonpath_operator(PathKind kind); /* "+", "&&": of what has a symbol */

#endif
