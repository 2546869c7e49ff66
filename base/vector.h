/*
 * vector.h -- a growable array of one type.
 *
 *     VECTOR(int) numbers = {0};
 *     vector_push(&numbers, 7);
 *     for (size_t i = 0; i < numbers.count; i++) use(numbers.items[i]);
 *     vector_deinit(&numbers);
 *
 * A named vector type: typedef VECTOR(Foo *) FooVector. A zeroed vector is empty and valid.
 */
#ifndef FRESHET_BASE_VECTOR_H
#define FRESHET_BASE_VECTOR_H

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"

#define VECTOR(type)                                                                                                   \
    struct {                                                                                                           \
        type *items;                                                                                                   \
        size_t count;                                                                                                  \
        size_t capacity;                                                                                               \
    }

void *vector_grown(void *items, size_t *capacity, size_t needed, size_t item_size);

#define vector_reserve(vector, needed)                                                                                 \
    ((vector)->capacity >= (size_t) (needed)                                                                           \
         ? (void) 0                                                                                                    \
         : (void) ((vector)->items = vector_grown((vector)->items, &(vector)->capacity, (size_t) (needed),             \
                                                  sizeof *(vector)->items)))
#define vector_push(vector, item)                                                                                      \
    (vector_reserve((vector), (vector)->count + 1), (void) ((vector)->items[(vector)->count++] = (item)))
#define vector_pop(vector) ((vector)->items[--(vector)->count])
#define vector_remove(vector, index)                                                                                   \
    (memmove(&(vector)->items[index], &(vector)->items[(index) + 1],                                                   \
             ((vector)->count - 1 - (size_t) (index)) * sizeof *(vector)->items),                                      \
     (void) (vector)->count--)
#define vector_deinit(vector)                                                                                          \
    (free((vector)->items), (vector)->items = NULL, (void) ((vector)->count = (vector)->capacity = 0))

#endif
