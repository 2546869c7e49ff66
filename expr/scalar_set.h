/*
 * scalar_set.h -- the literals of an IN list, hashed. Private to expr.
 *
 * Immutable once made; lives in the arena of the scalar that it belongs to.
 */
#ifndef FRESHET_EXPR_SCALAR_SET_H
#define FRESHET_EXPR_SCALAR_SET_H

#include "types/value.h"

typedef struct ScalarSet {
    SqlType type;
    bool has_null;    /* a null was in the list: what is not found is null, not false */
    int count;        /* distinct values */
    Datum *values;    /* in the order they were given */
    uint64_t *hashes; /* of values */
    uint32_t *slots;  /* index into values + 1; 0: empty */
    uint32_t mask;
    bool is_integer; /* equality is that of Datum.i: `slots` is not used, but */
    int64_t *keys;   /* mask + 1 of them, at the place their hash says or behind */
    uint8_t *used;   /* whether there is a key */
} ScalarSet;

ScalarSet *scalar_set_new(Arena *arena, SqlType type, const Datum *values, int count, bool has_null);
bool scalar_set_contains(const ScalarSet *set, Datum value); /* value is not null */

static inline bool
scalar_set_contains_int(const ScalarSet *set, int64_t value)
{
    for (uint32_t at = (uint32_t) (((uint64_t) value * UINT64_C(0x9e3779b97f4a7c15)) >> 32) & set->mask;;
         at = (at + 1) & set->mask) {
        if (!set->used[at])
            return false;
        if (set->keys[at] == value)
            return true;
    }
}

bool scalar_set_equal(const ScalarSet *a, const ScalarSet *b);

#endif
