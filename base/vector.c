#include "base/vector.h"

#include <stdint.h>

void *
vector_grown(void *items, size_t *capacity, size_t needed, size_t item_size)
{
    size_t grown = *capacity < 8 ? 8 : *capacity + *capacity / 2;
    if (grown < needed)
        grown = needed;
    /* A size that overflows becomes one that memory_realloc refuses. */
    size_t bytes = grown > SIZE_MAX / item_size ? SIZE_MAX : grown * item_size;
    items = memory_realloc(items, bytes);
    *capacity = grown;
    return items;
}
