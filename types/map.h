/*
 * map.h -- maps from text in their stored form (value.h): a count, then the entries sorted by key, each key once.
 */
#ifndef FRESHET_TYPES_MAP_H
#define FRESHET_TYPES_MAP_H

#include "base/buffer.h"
#include "base/vector.h"
#include "types/value.h"

typedef struct MapReader {
    SqlType value;
    Slice rest;
    uint32_t count, next;
} MapReader;

void map_read(MapReader *reader, SqlType map, Slice value);
bool map_next_entry(MapReader *reader, Datum *key, Datum *value); /* false at the end; points into the map */
bool map_find(SqlType map, Slice value, Slice key, Datum *found); /* false: no such key */

typedef struct MapEntry {
    Slice key;
    Datum value;
    size_t number; /* of several with one key the last counts */
} MapEntry;

typedef struct MapBuilder {
    SqlType value;
    Arena *arena;
    VECTOR(MapEntry) entries;
} MapBuilder;

/* Keys and values must live until it is finished; the map is made in `arena`. */
void map_builder_init(MapBuilder *builder, SqlType value, Arena *arena);
void map_builder_add(MapBuilder *builder, Slice key, Datum value);
Slice map_builder_finish(MapBuilder *builder);
void map_builder_deinit(MapBuilder *builder);

#endif
