#include "base/map.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/hash.h"

/*
 * Entries lie densely in the order they came; a table of open addressing, probed linearly, holds their numbers.
 * A removed entry stays as a gap that the table still points to, until the entries are full and both are built anew.
 */
enum { KEY_INLINE = 16, SLOTS_FIRST = 16 };

typedef struct Entry {
    uint64_t hash;
    size_t size;
    union {
        char near[KEY_INLINE];
        char *far;
    } key;
    void *value;
    bool live;
} Entry;

struct Map {
    Entry *entries;
    uint32_t *slots;   /* entry number + 1, 0 for none */
    size_t slot_count; /* a power of two */
    size_t used;       /* entries, gaps included */
    size_t count;
};

static size_t
entries_max(size_t slot_count)
{
    return slot_count / 2 + slot_count / 8;
}

static const char *
entry_key(const Entry *entry)
{
    return entry->size <= KEY_INLINE ? entry->key.near : entry->key.far;
}

static void
entry_remove(Entry *entry)
{
    if (entry->size > KEY_INLINE)
        free(entry->key.far);
    entry->live = false;
}

Map *
map_new(void)
{
    return memory_calloc(1, sizeof(Map));
}

void
map_free(Map *map)
{
    if (map == NULL)
        return;
    for (size_t i = 0; i < map->used; i++)
        if (map->entries[i].live)
            entry_remove(&map->entries[i]);
    free(map->entries);
    free(map->slots);
    free(map);
}

size_t
map_count(const Map *map)
{
    return map->count;
}

static uint64_t
key_hash(Slice key)
{
    if (key.size == sizeof(uint64_t)) {
        uint64_t number;
        memcpy(&number, key.bytes, sizeof number);
        return hash_u64(number);
    }
    return hash_bytes(key.bytes, key.size);
}

static Entry *
entry_find(const Map *map, Slice key, uint64_t hash)
{
    if (map->count == 0)
        return NULL;
    size_t mask = map->slot_count - 1;
    for (size_t at = hash & mask; map->slots[at] != 0; at = (at + 1) & mask) {
        Entry *entry = &map->entries[map->slots[at] - 1];
        if (entry->hash == hash && entry->live && slice_equal(key, slice_make(entry_key(entry), entry->size)))
            return entry;
    }
    return NULL;
}

static void
slot_take(Map *map, uint64_t hash, size_t number)
{
    size_t mask = map->slot_count - 1;
    size_t at = hash & mask;
    while (map->slots[at] != 0)
        at = (at + 1) & mask;
    map->slots[at] = (uint32_t) number + 1;
}

/* Room for one more entry: the gaps go, and the table grows when more than half of it was in use. */
static void
map_rebuild(Map *map)
{
    size_t slot_count = map->slot_count == 0 ? SLOTS_FIRST : map->slot_count;
    if (map->count >= entries_max(slot_count) / 2)
        slot_count *= 2;
    Entry *entries = memory_alloc(entries_max(slot_count) * sizeof(Entry));
    free(map->slots);
    map->slots = memory_calloc(slot_count, sizeof(uint32_t));
    map->slot_count = slot_count;
    size_t kept = 0;
    for (size_t i = 0; i < map->used; i++)
        if (map->entries[i].live) {
            entries[kept] = map->entries[i];
            slot_take(map, entries[kept].hash, kept);
            kept++;
        }
    free(map->entries);
    map->entries = entries;
    map->used = kept;
}

void *
map_get(const Map *map, Slice key)
{
    const Entry *entry = entry_find(map, key, key_hash(key));
    return entry == NULL ? NULL : entry->value;
}

void *
map_put(Map *map, Slice key, void *value)
{
    uint64_t hash = key_hash(key);
    Entry *entry = entry_find(map, key, hash);
    if (entry != NULL) {
        void *replaced = entry->value;
        entry->value = value;
        return replaced;
    }
    if (map->slot_count == 0 || map->used == entries_max(map->slot_count))
        map_rebuild(map);
    entry = &map->entries[map->used];
    *entry = (Entry){.hash = hash, .size = key.size, .value = value, .live = true};
    if (key.size > KEY_INLINE)
        entry->key.far = memory_alloc(key.size);
    if (key.size != 0)
        memcpy(key.size > KEY_INLINE ? entry->key.far : entry->key.near, key.bytes, key.size);
    slot_take(map, hash, map->used);
    map->used++;
    map->count++;
    return NULL;
}

void *
map_remove(Map *map, Slice key)
{
    Entry *entry = entry_find(map, key, key_hash(key));
    if (entry == NULL)
        return NULL;
    void *removed = entry->value;
    entry_remove(entry);
    map->count--;
    return removed;
}

bool
map_next(const Map *map, size_t *iterator, Slice *key, void **value)
{
    while (*iterator < map->used) {
        const Entry *entry = &map->entries[(*iterator)++];
        if (!entry->live)
            continue;
        if (key != NULL)
            *key = slice_make(entry_key(entry), entry->size);
        if (value != NULL)
            *value = entry->value;
        return true;
    }
    return false;
}
