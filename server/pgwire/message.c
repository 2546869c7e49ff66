#include "server/pgwire/message.h"

#include <stdio.h>

#include "types/binary_format.h"
#include "types/text_format.h"

/* ---- frames ---- */

FrameStatus
frame_next(Slice input, size_t bytes_max, char *type, Slice *body, size_t *size, Error *err)
{
    if (input.size < 5)
        return FRAME_INCOMPLETE;
    uint32_t length = be32_read(input.bytes + 1);
    if (length < 4 || length > bytes_max) {
        error_set(err, SQLSTATE_PROTOCOL_VIOLATION, "invalid message length %u of message type %d", length,
                  (unsigned char) input.bytes[0]);
        return FRAME_INVALID;
    }
    if (input.size < (size_t) length + 1)
        return FRAME_INCOMPLETE;
    *type = input.bytes[0];
    *body = slice_make(input.bytes + 5, length - 4);
    *size = (size_t) length + 1;
    return FRAME_COMPLETE;
}

FrameStatus
frame_startup(Slice input, uint32_t *code, Slice *body, size_t *size, Error *err)
{
    if (input.size < 4)
        return FRAME_INCOMPLETE;
    uint32_t length = be32_read(input.bytes);
    if (length < 8 || length > STARTUP_BYTES_MAX) {
        error_set(err, SQLSTATE_PROTOCOL_VIOLATION, "invalid length of startup packet");
        return FRAME_INVALID;
    }
    if (input.size < length)
        return FRAME_INCOMPLETE;
    *code = be32_read(input.bytes + 4);
    *body = slice_make(input.bytes + 8, length - 8);
    *size = length;
    return FRAME_COMPLETE;
}

/* ---- reading ---- */

static bool
reader_has(MessageReader *reader, size_t size)
{
    if (reader->failed || reader->rest.size < size) {
        reader->failed = true;
        return false;
    }
    return true;
}

static const char *
reader_take(MessageReader *reader, size_t size)
{
    const char *bytes = reader->rest.bytes;
    reader->rest.bytes += size;
    reader->rest.size -= size;
    return bytes;
}

uint8_t
read_u8(MessageReader *reader)
{
    return reader_has(reader, 1) ? (uint8_t) *reader_take(reader, 1) : 0;
}

int16_t
read_i16(MessageReader *reader)
{
    return reader_has(reader, 2) ? (int16_t) be16_read(reader_take(reader, 2)) : 0;
}

int32_t
read_i32(MessageReader *reader)
{
    return reader_has(reader, 4) ? (int32_t) be32_read(reader_take(reader, 4)) : 0;
}

const char *
read_text(MessageReader *reader)
{
    const char *end =
        reader->failed || reader->rest.size == 0 ? NULL : memchr(reader->rest.bytes, 0, reader->rest.size);
    if (end == NULL) {
        reader->failed = true;
        return "";
    }
    return reader_take(reader, (size_t) (end - reader->rest.bytes) + 1);
}

Slice
read_bytes(MessageReader *reader, size_t size)
{
    if (!reader_has(reader, size))
        return (Slice){"", 0};
    return slice_make(reader_take(reader, size), size);
}

bool
read_is_done(const MessageReader *reader)
{
    return !reader->failed && reader->rest.size == 0;
}

bool
parse_message_read(Slice body, Arena *arena, ParseMessage *message)
{
    MessageReader reader = {.rest = body};
    message->name = read_text(&reader);
    message->sql = slice_of(read_text(&reader));
    message->oid_count = (uint16_t) read_i16(&reader);
    if (reader.failed || !reader_has(&reader, (size_t) message->oid_count * 4))
        return false;
    message->oids = arena_new_array(arena, uint32_t, message->oid_count + 1);
    for (int i = 0; i < message->oid_count; i++)
        message->oids[i] = (uint32_t) read_i32(&reader);
    return read_is_done(&reader);
}

static bool
read_formats(MessageReader *reader, Arena *arena, int16_t **formats, int *count)
{
    *count = (uint16_t) read_i16(reader);
    if (reader->failed || !reader_has(reader, (size_t) *count * 2))
        return false;
    *formats = arena_new_array(arena, int16_t, *count + 1);
    for (int i = 0; i < *count; i++) {
        (*formats)[i] = read_i16(reader);
        if ((*formats)[i] != 0 && (*formats)[i] != 1)
            return false;
    }
    return true;
}

bool
bind_message_read(Slice body, Arena *arena, BindMessage *message)
{
    MessageReader reader = {.rest = body};
    message->portal = read_text(&reader);
    message->statement = read_text(&reader);
    if (!read_formats(&reader, arena, &message->formats, &message->format_count))
        return false;
    message->value_count = (uint16_t) read_i16(&reader);
    if (reader.failed || !reader_has(&reader, (size_t) message->value_count * 4))
        return false;
    message->values = arena_new_array(arena, Slice, message->value_count + 1);
    for (int i = 0; i < message->value_count; i++) {
        int32_t size = read_i32(&reader);
        if (size < -1)
            return false;
        message->values[i] = size == -1 ? (Slice){NULL, 0} : read_bytes(&reader, (size_t) size);
    }
    if (!read_formats(&reader, arena, &message->result_formats, &message->result_format_count))
        return false;
    return read_is_done(&reader);
}

/* ---- writing ---- */

size_t
message_begin(Buffer *out, char type)
{
    buffer_append_char(out, type);
    size_t begin = out->size;
    buffer_append_be32(out, 0);
    return begin;
}

void
message_end(Buffer *out, size_t begin)
{
    buffer_set_be32(out, begin, (uint32_t) (out->size - begin));
}

static void
append_cstring(Buffer *out, const char *text)
{
    buffer_append(out, text, strlen(text) + 1);
}

void
send_authentication(Buffer *out, int32_t code, Slice rest)
{
    size_t begin = message_begin(out, 'R');
    buffer_append_be32(out, (uint32_t) code);
    buffer_append_slice(out, rest);
    message_end(out, begin);
}

void
send_parameter_status(Buffer *out, const char *name, const char *value)
{
    size_t begin = message_begin(out, 'S');
    append_cstring(out, name);
    append_cstring(out, value);
    message_end(out, begin);
}

void
send_backend_key(Buffer *out, uint32_t id, uint32_t key)
{
    size_t begin = message_begin(out, 'K');
    buffer_append_be32(out, id);
    buffer_append_be32(out, key);
    message_end(out, begin);
}

void
send_ready(Buffer *out, char status)
{
    size_t begin = message_begin(out, 'Z');
    buffer_append_char(out, status);
    message_end(out, begin);
}

static void
append_field(Buffer *out, char field, const char *text)
{
    if (text == NULL)
        return;
    buffer_append_char(out, field);
    append_cstring(out, text);
}

void
send_error(Buffer *out, const char *severity, const Error *err)
{
    size_t begin = message_begin(out, 'E');
    append_field(out, 'S', severity);
    append_field(out, 'V', severity);
    append_field(out, 'C', err->sqlstate);
    append_field(out, 'M', err->message);
    append_field(out, 'D', err->detail);
    append_field(out, 'H', err->hint);
    if (err->position > 0) {
        char position[16];
        snprintf(position, sizeof position, "%d", err->position);
        append_field(out, 'P', position);
    }
    buffer_append_char(out, '\0');
    message_end(out, begin);
}

void
send_notice(Buffer *out, const Notice *notice)
{
    size_t begin = message_begin(out, 'N');
    append_field(out, 'S', notice->severity);
    append_field(out, 'V', notice->severity);
    append_field(out, 'C', notice->sqlstate);
    append_field(out, 'M', notice->message);
    append_field(out, 'D', notice->detail);
    append_field(out, 'H', notice->hint);
    buffer_append_char(out, '\0');
    message_end(out, begin);
}

void
send_empty(Buffer *out, char type)
{
    message_end(out, message_begin(out, type));
}

void
send_command_complete(Buffer *out, const char *tag)
{
    size_t begin = message_begin(out, 'C');
    append_cstring(out, tag);
    message_end(out, begin);
}

void
send_parameter_description(Buffer *out, const uint32_t *oids, int count)
{
    size_t begin = message_begin(out, 't');
    buffer_append_be16(out, (uint16_t) count);
    for (int i = 0; i < count; i++)
        buffer_append_be32(out, oids[i]);
    message_end(out, begin);
}

void
send_row_description(Buffer *out, const RelationDesc *desc, const int16_t *formats, int format_count)
{
    size_t begin = message_begin(out, 'T');
    buffer_append_be16(out, (uint16_t) desc->column_count);
    for (int i = 0; i < desc->column_count; i++) {
        SqlType type = desc->columns[i].type;
        append_cstring(out, desc->columns[i].name);
        buffer_append_be32(out, 0);
        buffer_append_be16(out, 0);
        buffer_append_be32(out, type_oid(type));
        buffer_append_be16(out, (uint16_t) type_length(type));
        buffer_append_be32(out, (uint32_t) type.typmod);
        buffer_append_be16(out, (uint16_t) column_format(formats, format_count, i));
    }
    message_end(out, begin);
}

void
send_copy_response(Buffer *out, char type, int column_count, bool binary)
{
    size_t begin = message_begin(out, type);
    buffer_append_char(out, (char) binary);
    buffer_append_be16(out, (uint16_t) column_count);
    for (int i = 0; i < column_count; i++)
        buffer_append_be16(out, (uint16_t) binary);
    message_end(out, begin);
}

void
send_copy_data(Buffer *out, const void *bytes, size_t size)
{
    size_t begin = message_begin(out, 'd');
    buffer_append(out, bytes, size);
    message_end(out, begin);
}

static void
append_value(Buffer *out, SqlType type, int16_t format, const TextStyle *style, const Column *column, uint32_t row)
{
    if (column_is_null(column, row)) {
        buffer_append_be32(out, UINT32_MAX);
        return;
    }
    size_t at = out->size;
    buffer_append_be32(out, 0);
    Datum value = column_datum(column, type, row);
    if (format == 1)
        datum_send(type, value, out);
    else
        datum_print(type, value, style, out);
    buffer_set_be32(out, at, (uint32_t) (out->size - at - 4));
}

void
send_rows(Buffer *out, const RelationDesc *desc, const int16_t *formats, int format_count, const TextStyle *style,
          const Chunk *chunk, uint32_t first, uint32_t count)
{
    for (uint32_t row = first; row < first + count; row++) {
        size_t begin = message_begin(out, 'D');
        buffer_append_be16(out, (uint16_t) desc->column_count);
        for (int i = 0; i < desc->column_count; i++)
            append_value(out, desc->columns[i].type, column_format(formats, format_count, i), style, chunk->columns[i],
                         row);
        message_end(out, begin);
    }
}
