#include "base/buffer.h"

#include <stdio.h>
#include <stdlib.h>

void
buffer_deinit(Buffer *buffer)
{
    free(buffer->bytes);
    *buffer = (Buffer){0};
}

void
buffer_clear(Buffer *buffer)
{
    buffer->size = 0;
}

char *
buffer_reserve(Buffer *buffer, size_t more)
{
    if (buffer->bytes == NULL || more > buffer->capacity - buffer->size) { /* NULL + 0 is undefined in C */
        size_t needed = buffer->size + more;
        size_t capacity = buffer->capacity < 64 ? 64 : buffer->capacity * 2;
        if (needed < more)
            needed = SIZE_MAX; /* memory_realloc says so */
        buffer->capacity = capacity < needed ? needed : capacity;
        buffer->bytes = memory_realloc(buffer->bytes, buffer->capacity);
    }
    return buffer->bytes + buffer->size;
}

void
buffer_append(Buffer *buffer, const void *bytes, size_t size)
{
    if (size == 0)
        return;
    memcpy(buffer_reserve(buffer, size), bytes, size);
    buffer->size += size;
}

void
buffer_append_slice(Buffer *buffer, Slice slice)
{
    buffer_append(buffer, slice.bytes, slice.size);
}

void
buffer_append_text(Buffer *buffer, const char *text)
{
    buffer_append(buffer, text, strlen(text));
}

void
buffer_append_char(Buffer *buffer, char c)
{
    *buffer_reserve(buffer, 1) = c;
    buffer->size++;
}

void
buffer_printf(Buffer *buffer, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    buffer_reserve(buffer, 64);
    size_t room = buffer->capacity - buffer->size;
    size_t size = (size_t) vsnprintf(buffer->bytes + buffer->size, room, format, args);
    if (size >= room)
        vsnprintf(buffer_reserve(buffer, size + 1), size + 1, format, again);
    buffer->size += size;
    va_end(again);
    va_end(args);
}

void
buffer_append_be16(Buffer *buffer, uint16_t value)
{
    value = __builtin_bswap16(value);
    buffer_append(buffer, &value, sizeof value);
}

void
buffer_append_be32(Buffer *buffer, uint32_t value)
{
    value = __builtin_bswap32(value);
    buffer_append(buffer, &value, sizeof value);
}

void
buffer_append_be64(Buffer *buffer, uint64_t value)
{
    value = __builtin_bswap64(value);
    buffer_append(buffer, &value, sizeof value);
}

void
buffer_append_le32(Buffer *buffer, uint32_t value)
{
    buffer_append(buffer, &value, sizeof value);
}

void
buffer_append_le64(Buffer *buffer, uint64_t value)
{
    buffer_append(buffer, &value, sizeof value);
}

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "integers are kept as the machine has them in files");

void
buffer_set_be32(Buffer *buffer, size_t offset, uint32_t value)
{
    be32_write(buffer->bytes + offset, value);
}

Slice
buffer_slice(const Buffer *buffer)
{
    return slice_make(buffer->bytes, buffer->size);
}

const char *
buffer_text(Buffer *buffer)
{
    *buffer_reserve(buffer, 1) = '\0';
    return buffer->bytes;
}

char *
buffer_take(Buffer *buffer)
{
    buffer_text(buffer);
    char *text = buffer->bytes;
    *buffer = (Buffer){0};
    return text;
}

char *
buffer_to_arena(Buffer *buffer, Arena *arena)
{
    char *text = arena_strndup(arena, buffer->bytes, buffer->size);
    buffer_deinit(buffer);
    return text;
}
