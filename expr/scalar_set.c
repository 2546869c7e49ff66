#include "expr/scalar_set.h"

#include "base/hash.h"

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
    bool integer = hashes_as_integer(set->type);
    for (uint32_t at = (uint32_t) hash & set->mask;; at = (at + 1) & set->mask) {
        uint32_t index = set->slots[at];
        if (index == 0) {
            *slot = at;
            return false;
        }
        if (set->hashes[index - 1] != hash)
            continue;
        const Datum *candidate = &set->values[index - 1];
        if (integer ? candidate->i == value.i : datum_equal(set->type, *candidate, value)) {
            *slot = at;
            return true;
        }
    }
}

static uint64_t
set_hash(SqlType type, Datum value)
{
    return hashes_as_integer(type) ? hash_u64((uint64_t) value.i) : datum_hash(type, value);
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
    set->values = arena_new_array(arena, Datum, count + 1);
    set->hashes = arena_new_array(arena, uint64_t, count + 1);
    set->slots = arena_new_array(arena, uint32_t, capacity);
    set->mask = capacity - 1;
    for (int i = 0; i < count; i++) {
        if (values[i].is_null) {
            set->has_null = true;
            continue;
        }
        uint64_t hash = set_hash(type, values[i]);
        uint32_t slot;
        if (set_find(set, values[i], hash, &slot))
            continue;
        set->values[set->count] = datum_copy(type, values[i], arena);
        set->hashes[set->count] = hash;
        set->slots[slot] = (uint32_t) ++set->count;
    }
    return set;
}

bool
scalar_set_contains(const ScalarSet *set, Datum value)
{
    uint32_t slot;
    return set_find(set, value, set_hash(set->type, value), &slot);
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
