/*
 * generate.h -- random tables, what changes them, and random queries over them, of SQL that PostgreSQL 15 and Freshet both run
 * and for which only one answer is right.
 */
#ifndef FRESHET_TESTS_ORACLE_GENERATE_H
#define FRESHET_TESTS_ORACLE_GENERATE_H

#include "base/vector.h"
#include "tests/oracle/node.h"
#include "tests/oracle/random.h"

enum { TABLE_COUNT = 4, TABLE_COLUMNS_MAX = 8 };

typedef struct TableColumn {
    const char *name;
    Sort sort;
} TableColumn;

/* The first column is `id integer`, and tells the rows apart. */
typedef struct Table {
    const char *name;
    int column_count;
    TableColumn columns[TABLE_COLUMNS_MAX];
    VECTOR(const char *) rows; /* by id - 1: "(1, 'a', NULL)" */
} Table;

/* All strings lie in `arena`. */
typedef struct Tables {
    Arena *arena;
    Table tables[TABLE_COUNT];
} Tables;

void tables_init(Tables *tables, Random *random); /* makes an arena */
void tables_deinit(Tables *tables);
char *table_definition(const Table *table); /* heap: CREATE TABLE */
/* The columns that an expression may use. Lives as long as the arena. */
typedef struct Leaf {
    Sort sort;
    const Node *node;
} Leaf;

typedef struct Scope {
    const Leaf *leaves;
    int leaf_count;
    const struct Scope *outer; /* of the query around, or NULL */
    const struct Scope *rows;  /* of a grouped query: what aggregates are about; else NULL */
    const char *unique;        /* "a.id, b.id": columns that tell the rows apart, or NULL */
    bool windows;              /* window functions may be used */
} Scope;

/*
 * Constants of every sort, each as a node that knows its column of the table `k`; `create` and `insert` (heap) make that table.
 * They live in `arena`.
 */
Scope constants_scope(Arena *arena, Random *random, char **create, char **insert);
/* A statement that changes one of the tables: heap string. */
char *tables_mutation(const Tables *tables, Random *random);

/* "integer" for 'i'. */
const char *sort_name(Sort sort);
const char *constant_text(Arena *arena, Random *random, Sort sort); /* a constant with its type; sometimes NULL */

typedef struct Generator {
    Random *random;
    Arena *arena; /* of the query's nodes */
    const Tables *tables;
    int aliases;
    Sort common[2]; /* columns of the common table expression `w`, when there is one */
    int common_count;
} Generator;

/* A whole query. */
Node *generate_query(Generator *generator);

/* A query in a scope with columns of these sorts; `depth` bounds how deep queries nest; `one_row`: at most one. */
typedef enum QueryShape { QUERY_ANY, QUERY_ORDERED, QUERY_ONE_ROW } QueryShape;
Node *generate_subquery(Generator *generator, const Scope *outer, const Sort *sorts, int count, int depth,
                        QueryShape shape);

Node *generate_expression(Generator *generator, const Scope *scope, Sort sort, int depth, int query_depth);
Sort random_sort(Random *random);

#endif
