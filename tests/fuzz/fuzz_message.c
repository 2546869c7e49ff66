/* Bytes from a client are cut into messages and taken apart without reading past their end, whatever they are. */
#include <stdint.h>
#include <stdlib.h>

#include "server/pgwire/message.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

static void
take_apart(char type, Slice body, Arena *arena)
{
    ParseMessage parse;
    BindMessage bind;
    MessageReader reader = {.rest = body};
    switch (type) {
    case 'P':
        (void) parse_message_read(body, arena, &parse);
        break;
    case 'B':
        (void) bind_message_read(body, arena, &bind);
        break;
    default:
        (void) read_text(&reader);
        (void) read_u8(&reader);
        (void) read_i16(&reader);
        (void) read_bytes(&reader, (size_t) (uint32_t) read_i32(&reader));
        (void) read_is_done(&reader);
        break;
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    Arena *arena = arena_new();
    Error err = ERROR_INIT;
    /* A copy of the exact size, so that one byte too far is seen. */
    char *copy = memory_alloc(size > 0 ? size : 1);
    memcpy(copy, bytes, size);
    Slice rest = slice_make(copy, size);
    uint32_t code;
    size_t taken;
    Slice body;
    char type;
    if (frame_startup(rest, &code, &body, &taken, &err) == FRAME_COMPLETE) {
        take_apart('\0', body, arena);
        rest = slice_make(rest.bytes + taken, rest.size - taken);
    }
    while (frame_next(rest, MESSAGE_BYTES_MAX, &type, &body, &taken, &err) == FRAME_COMPLETE) {
        take_apart(type, body, arena);
        rest = slice_make(rest.bytes + taken, rest.size - taken);
    }
    free(copy);
    error_clear(&err);
    arena_free(arena);
    return 0;
}
