#include "types/error_value.h"

#include "base/buffer.h"

static void
append_string(Buffer *out, const char *text)
{
    buffer_append_be32(out, text == NULL ? UINT32_MAX : (uint32_t) strlen(text));
    if (text != NULL)
        buffer_append_text(out, text);
}

Slice
error_value_encode(const ErrorValue *error, Arena *arena)
{
    Buffer out = {0};
    buffer_append(&out, error->sqlstate, 5);
    append_string(&out, error->message);
    append_string(&out, error->detail);
    append_string(&out, error->hint);
    size_t size = out.size;
    return slice_make(buffer_to_arena(&out, arena), size);
}

static const char *
take_string(Slice *rest, Arena *arena)
{
    uint32_t size = be32_read(rest->bytes);
    *rest = slice_make(rest->bytes + 4, rest->size - 4);
    if (size == UINT32_MAX)
        return NULL;
    const char *text = arena_strndup(arena, rest->bytes, size);
    *rest = slice_make(rest->bytes + size, rest->size - size);
    return text;
}

ErrorValue
error_value_decode(Slice bytes, Arena *arena)
{
    ErrorValue error = {0};
    memcpy(error.sqlstate, bytes.bytes, 5);
    Slice rest = slice_make(bytes.bytes + 5, bytes.size - 5);
    error.message = take_string(&rest, arena);
    error.detail = take_string(&rest, arena);
    error.hint = take_string(&rest, arena);
    return error;
}
