#include "types/map.h"

#include <stdlib.h>

#include "types/element.h"

void
map_read(MapReader *reader, SqlType map, Slice value)
{
    *reader = (MapReader){.value = type_element_of(map),
                          .rest = slice_make(value.bytes + 4, value.size - 4),
                          .count = be32_read(value.bytes)};
}

bool
map_next_entry(MapReader *reader, Datum *key, Datum *value)
{
    if (reader->next == reader->count)
        return false;
    reader->next++;
    *key = element_take(SQL_TYPE(TEXT), &reader->rest);
    *value = element_take(reader->value, &reader->rest);
    return true;
}

bool
map_find(SqlType map, Slice value, Slice key, Datum *found)
{
    MapReader reader;
    Datum at;
    map_read(&reader, map, value);
    while (map_next_entry(&reader, &at, found)) {
        if (slice_equal(at.bytes, key))
            return true;
    }
    return false;
}

void
map_builder_init(MapBuilder *builder, SqlType value, Arena *arena)
{
    *builder = (MapBuilder){.value = value, .arena = arena};
}

void
map_builder_add(MapBuilder *builder, Slice key, Datum value)
{
    vector_push(&builder->entries, ((MapEntry){key, value, builder->entries.count}));
}

static int
entry_order(const void *a, const void *b)
{
    const MapEntry *left = a, *right = b;
    int order = slice_compare(left->key, right->key);
    return order != 0 ? order : left->number < right->number ? -1 : 1;
}

Slice
map_builder_finish(MapBuilder *builder)
{
    size_t count = builder->entries.count;
    uint32_t kept = 0;
    Buffer buffer = {0};
    if (count > 0)
        qsort(builder->entries.items, count, sizeof *builder->entries.items, entry_order);
    buffer_append_be32(&buffer, 0);
    for (size_t i = 0; i < count; i++) {
        const MapEntry *entry = &builder->entries.items[i];
        if (i + 1 < count && slice_equal(entry->key, entry[1].key))
            continue;
        element_append(SQL_TYPE(TEXT), datum_bytes(entry->key), &buffer);
        element_append(builder->value, entry->value, &buffer);
        kept++;
    }
    buffer_set_be32(&buffer, 0, kept);
    size_t size = buffer.size;
    return slice_make(buffer_to_arena(&buffer, builder->arena), size);
}

void
map_builder_deinit(MapBuilder *builder)
{
    vector_deinit(&builder->entries);
}
