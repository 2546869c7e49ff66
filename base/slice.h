/*
 * slice.h -- bytes that somebody else owns: a pointer and a size in bytes, not NUL-terminated.
 */
#ifndef FRESHET_BASE_SLICE_H
#define FRESHET_BASE_SLICE_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

typedef struct Slice {
    const char *bytes;
    size_t size;
} Slice;

static inline Slice
slice_of(const char *text)
{
    return (Slice){text, strlen(text)};
}

static inline Slice
slice_make(const void *bytes, size_t size)
{
    return (Slice){(const char *) bytes, size};
}

static inline bool
slice_equal(Slice a, Slice b)
{
    return a.size == b.size && (a.size == 0 || memcmp(a.bytes, b.bytes, a.size) == 0);
}

static inline int
slice_compare(Slice a, Slice b) /* bytewise, a prefix sorts first */
{
    size_t common = a.size < b.size ? a.size : b.size;
    int order = common == 0 ? 0 : memcmp(a.bytes, b.bytes, common);
    return order != 0 ? order : (a.size > b.size) - (a.size < b.size);
}

bool slice_equal_nocase(Slice a, const char *b); /* ASCII letters fold */

#endif
