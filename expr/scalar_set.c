#include "expr/scalar_set.h"

/* Types whose equality is that of Datum.i: compared and hashed without a call. */
static bool
hashes_as_integer(SqlType type)
{
    switch (type_phys(type)) {
    case PHYS_U8:
    case PHYS_I16:
    case PHYS_I32:
    case PHYS_I64:
        return true;
    default:
        return false;
    }
}

static bool
set_find(const ScalarSet *set, Datum value, uint64_t hash, uint32_t *slot)
{
    for (uint32_t at = (uint32_t) hash & set->mask;; at = (at + 1) & set->mask) {
        uint32_t index = set->slots[at];
        if (index == 0) {
            *slot = at;
            return false;
        }
        if (set->hashes[index - 1] == hash && datum_equal(set->type, set->values[index - 1], value))
            return true;
    }
}

static void
set_add_int(ScalarSet *set, int64_t value)
{
    if (scalar_set_contains_int(set, value))
        return;
    uint32_t at = (uint32_t) (((uint64_t) value * UINT64_C(0x9e3779b97f4a7c15)) >> 32) & set->mask;
    while (set->used[at])
        at = (at + 1) & set->mask;
    set->used[at] = 1;
    set->keys[at] = value;
    set->values[set->count++] = datum_int(value);
}

static void
set_add(ScalarSet *set, Datum value, Arena *arena)
{
    uint64_t hash = datum_hash(set->type, value);
    uint32_t slot;
    if (set_find(set, value, hash, &slot))
        return;
    set->values[set->count] = datum_copy(set->type, value, arena);
    set->hashes[set->count] = hash;
    set->slots[slot] = (uint32_t) ++set->count;
}

ScalarSet *
scalar_set_new(Arena *arena, SqlType type, const Datum *values, int count, bool has_null)
{
    uint32_t capacity = 8;
    while (capacity < (uint32_t) count * 2)
        capacity *= 2;
    ScalarSet *set = arena_new_struct(arena, ScalarSet);
    set->type = type;
    set->has_null = has_null;
    set->is_integer = hashes_as_integer(type);
    set->values = arena_new_array(arena, Datum, count + 1);
    set->mask = capacity - 1;
    if (set->is_integer) {
        set->keys = arena_new_array(arena, int64_t, capacity);
        set->used = arena_new_array(arena, uint8_t, capacity);
    } else {
        set->hashes = arena_new_array(arena, uint64_t, count + 1);
        set->slots = arena_new_array(arena, uint32_t, capacity);
    }
    for (int i = 0; i < count; i++) {
        if (values[i].is_null)
            set->has_null = true;
        else if (set->is_integer)
            set_add_int(set, values[i].i);
        else
            set_add(set, values[i], arena);
    }
    return set;
}

bool
scalar_set_contains(const ScalarSet *set, Datum value)
{
    uint32_t slot;
    return set->is_integer ? scalar_set_contains_int(set, value.i)
                           : set_find(set, value, datum_hash(set->type, value), &slot);
}

bool
scalar_set_equal(const ScalarSet *a, const ScalarSet *b)
{
    if (!type_same(a->type, b->type) || a->count != b->count || a->has_null != b->has_null)
        return false;
    for (int i = 0; i < a->count; i++) {
        if (!scalar_set_contains(b, a->values[i]))
            return false;
    }
    return true;
}
