#include "expr/scalar_table.h"

static ScalarTableEntry *
place(const ScalarTable *table, const Scalar *key, uint64_t hash)
{
    int at = (int) (hash & (uint64_t) (table->capacity - 1));
    while (table->entries[at].key != NULL &&
           (table->entries[at].hash != hash || !scalar_equal(table->entries[at].key, key)))
        at = (at + 1) & (table->capacity - 1);
    return &table->entries[at];
}

static void
grow(ScalarTable *table)
{
    const ScalarTableEntry *old = table->entries;
    int capacity = table->capacity;
    table->capacity = capacity == 0 ? 16 : capacity * 2;
    table->entries = arena_new_array(table->arena, ScalarTableEntry, table->capacity);
    for (int i = 0; i < capacity; i++) {
        if (old[i].key != NULL)
            *place(table, old[i].key, old[i].hash) = old[i];
    }
}

int
scalar_table_find(const ScalarTable *table, const Scalar *key)
{
    if (table->count == 0)
        return -1;
    const ScalarTableEntry *entry = place(table, key, scalar_hash(key));
    return entry->key == NULL ? -1 : entry->value;
}

int
scalar_table_put(ScalarTable *table, const Scalar *key, int value)
{
    if (table->count * 2 >= table->capacity)
        grow(table);
    uint64_t hash = scalar_hash(key);
    ScalarTableEntry *entry = place(table, key, hash);
    if (entry->key != NULL)
        return entry->value;
    *entry = (ScalarTableEntry){key, hash, value};
    table->count++;
    return -1;
}
