/*
 * scalar_table.h -- numbers by expression: lists of thousands of conditions are searched by it instead of in pairs.
 *
 * Keys are not copied and must not change while the table is used. Everything lives in the arena. Zeroed but for `arena`, it is empty.
 */
#ifndef FRESHET_EXPR_SCALAR_TABLE_H
#define FRESHET_EXPR_SCALAR_TABLE_H

#include "expr/scalar.h"

typedef struct ScalarTableEntry {
    const Scalar *key; /* NULL: free */
    uint64_t hash;
    int value;
} ScalarTableEntry;

typedef struct ScalarTable {
    Arena *arena;
    ScalarTableEntry *entries; /* open addressing */
    int count, capacity;
} ScalarTable;

/* The number that an equal expression has; -1: it has none. */
int scalar_table_find(const ScalarTable *table, const Scalar *key);
/* As find; what is not there is put in with `value`, and -1 returned. */
int scalar_table_put(ScalarTable *table, const Scalar *key, int value);

#endif
