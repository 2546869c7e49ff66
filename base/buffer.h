/*
 * buffer.h -- bytes that grow: for building messages, files and text.
 *
 * A zeroed Buffer is empty and valid. buffer_deinit frees; buffer_take hands the bytes over.
 * Integers are written in network byte order (be) or little-endian (le, file formats).
 */
#ifndef FRESHET_BASE_BUFFER_H
#define FRESHET_BASE_BUFFER_H

#include <stdarg.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/slice.h"

typedef struct Buffer {
    char *bytes;
    size_t size;
    size_t capacity;
} Buffer;

void buffer_deinit(Buffer *buffer);
void buffer_clear(Buffer *buffer);                 /* size 0, memory kept */
char *buffer_reserve(Buffer *buffer, size_t more); /* room for `more` bytes after size; returns where */
void buffer_append(Buffer *buffer, const void *bytes, size_t size);
void buffer_append_slice(Buffer *buffer, Slice slice);
void buffer_append_text(Buffer *buffer, const char *text);
void buffer_append_char(Buffer *buffer, char c);
void buffer_printf(Buffer *buffer, const char *format, ...) __attribute__((format(printf, 2, 3)));
void buffer_append_be16(Buffer *buffer, uint16_t value);
void buffer_append_be32(Buffer *buffer, uint32_t value);
void buffer_append_be64(Buffer *buffer, uint64_t value);
void buffer_append_le32(Buffer *buffer, uint32_t value);
void buffer_append_le64(Buffer *buffer, uint64_t value);
void buffer_set_be32(Buffer *buffer, size_t offset, uint32_t value);
Slice buffer_slice(const Buffer *buffer);
const char *buffer_text(Buffer *buffer);             /* NUL-terminated, still owned by the buffer */
char *buffer_take(Buffer *buffer);                   /* heap string, NUL-terminated; buffer left empty */
char *buffer_to_arena(Buffer *buffer, Arena *arena); /* copy, NUL-terminated; buffer freed */

static inline uint16_t
be16_read(const void *at)
{
    const uint8_t *p = at;
    return (uint16_t) (p[0] << 8 | p[1]);
}

static inline uint32_t
be32_read(const void *at)
{
    uint32_t value;
    memcpy(&value, at, 4);
    return __builtin_bswap32(value);
}

static inline uint64_t
be64_read(const void *at)
{
    uint64_t value;
    memcpy(&value, at, 8);
    return __builtin_bswap64(value);
}

static inline void
be32_write(void *at, uint32_t value)
{
    value = __builtin_bswap32(value);
    memcpy(at, &value, 4);
}

static inline void
be64_write(void *at, uint64_t value)
{
    value = __builtin_bswap64(value);
    memcpy(at, &value, 8);
}

#endif
