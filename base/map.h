/*
 * map.h -- a hash map from byte strings, or from 64-bit integers, to pointers.
 *
 * Keys are copied. Iteration follows insertion order where nothing was removed since:
 *     for (size_t i = 0; map_next(map, &i, &key, &value);) ...
 * Removing the entry just returned while iterating is allowed; inserting is not. The key returned stays where it is
 * until something is put into the map or it is removed.
 */
#ifndef FRESHET_BASE_MAP_H
#define FRESHET_BASE_MAP_H

#include <stdbool.h>
#include <stdint.h>

#include "base/slice.h"

typedef struct Map Map;

Map *map_new(void);
void map_free(Map *map); /* values are not touched; NULL is allowed */
size_t map_count(const Map *map);
void *map_get(const Map *map, Slice key);        /* NULL when there is none */
void *map_put(Map *map, Slice key, void *value); /* returns the value replaced, or NULL */
void *map_remove(Map *map, Slice key);           /* returns the value removed, or NULL */
bool map_next(const Map *map, size_t *iterator, Slice *key, void **value);

static inline void *
map_get_text(const Map *map, const char *key)
{
    return map_get(map, slice_of(key));
}

static inline void *
map_get_u64(const Map *map, uint64_t key)
{
    return map_get(map, slice_make(&key, sizeof key));
}

static inline void *
map_put_u64(Map *map, uint64_t key, void *value)
{
    return map_put(map, slice_make(&key, sizeof key), value);
}

static inline void *
map_remove_u64(Map *map, uint64_t key)
{
    return map_remove(map, slice_make(&key, sizeof key));
}

#endif
