/*
 * COPY ... TO STDOUT: rows as text, CSV or PostgreSQL's binary layout (PostgreSQL documentation, COPY, "File Formats").
 */
#include "server/session/session_internal.h"

#include "types/binary_format.h"
#include "types/text_format.h"

static const char binary_signature[] = "PGCOPY\n\377\r\n\0"
                                       "\0\0\0\0"
                                       "\0\0\0";

static void
append_text_value(Buffer *out, const CopyOptions *options, Slice value)
{
    for (size_t i = 0; i < value.size; i++) {
        char c = value.bytes[i];
        const char *escaped = c == '\\'   ? "\\\\"
                              : c == '\n' ? "\\n"
                              : c == '\r' ? "\\r"
                              : c == '\t' ? "\\t"
                              : c == '\b' ? "\\b"
                              : c == '\f' ? "\\f"
                              : c == '\v' ? "\\v"
                                          : NULL;
        if (escaped != NULL) {
            buffer_append_text(out, escaped);
        } else {
            if (c == options->delimiter)
                buffer_append_char(out, '\\');
            buffer_append_char(out, c);
        }
    }
}

static void
append_csv_value(Buffer *out, const CopyOptions *options, Slice value, bool alone)
{
    bool quoted = value.size == 0 ? *options->null_text == '\0' : slice_equal(value, slice_of(options->null_text));
    quoted = quoted || (alone && slice_equal(value, slice_of("\\.")));
    for (size_t i = 0; i < value.size && !quoted; i++) {
        char c = value.bytes[i];
        quoted = c == options->delimiter || c == options->quote || c == '\n' || c == '\r';
    }
    if (!quoted) {
        buffer_append_slice(out, value);
        return;
    }
    buffer_append_char(out, options->quote);
    for (size_t i = 0; i < value.size; i++) {
        if (value.bytes[i] == options->quote || value.bytes[i] == options->escape)
            buffer_append_char(out, options->escape);
        buffer_append_char(out, value.bytes[i]);
    }
    buffer_append_char(out, options->quote);
}

static void
append_row(Buffer *out, const Portal *portal, const TextStyle *style, const Chunk *chunk, uint32_t row, Buffer *scratch)
{
    const CopyOptions *options = portal->copy;
    for (int i = 0; i < portal->desc->column_count; i++) {
        if (i > 0)
            buffer_append_char(out, options->delimiter);
        if (column_is_null(chunk->columns[i], row)) {
            buffer_append_text(out, options->null_text);
            continue;
        }
        SqlType type = portal->desc->columns[i].type;
        buffer_clear(scratch);
        datum_print(type, column_datum(chunk->columns[i], type, row), style, scratch);
        if (options->format == COPY_CSV)
            append_csv_value(out, options, buffer_slice(scratch), portal->desc->column_count == 1);
        else
            append_text_value(out, options, buffer_slice(scratch));
    }
    buffer_append_char(out, '\n');
}

static void
append_binary_row(Buffer *out, const Portal *portal, const Chunk *chunk, uint32_t row)
{
    buffer_append_be16(out, (uint16_t) portal->desc->column_count);
    for (int i = 0; i < portal->desc->column_count; i++) {
        if (column_is_null(chunk->columns[i], row)) {
            buffer_append_be32(out, UINT32_MAX);
            continue;
        }
        SqlType type = portal->desc->columns[i].type;
        size_t at = out->size;
        buffer_append_be32(out, 0);
        datum_send(type, column_datum(chunk->columns[i], type, row), out);
        buffer_set_be32(out, at, (uint32_t) (out->size - at - 4));
    }
}

void
copy_out_begin(Session *session, const Portal *portal)
{
    bool binary = portal->copy->format == COPY_BINARY;
    session->sink->copy_out(session->sink_context, portal->desc->column_count, binary);
    if (binary) {
        session->sink->copy_data(session->sink_context, binary_signature, 19);
    } else if (portal->copy->header) {
        Buffer out = {0};
        for (int i = 0; i < portal->desc->column_count; i++) {
            if (i > 0)
                buffer_append_char(&out, portal->copy->delimiter);
            if (portal->copy->format == COPY_CSV)
                append_csv_value(&out, portal->copy, slice_of(portal->desc->columns[i].name), false);
            else
                append_text_value(&out, portal->copy, slice_of(portal->desc->columns[i].name));
        }
        buffer_append_char(&out, '\n');
        session->sink->copy_data(session->sink_context, out.bytes, out.size);
        buffer_deinit(&out);
    }
}

void
copy_out_rows(Session *session, const Portal *portal, const Chunk *chunk, uint32_t first, uint32_t count)
{
    TextStyle style = session_style(session);
    Buffer out = {0}, scratch = {0};
    for (uint32_t row = first; row < first + count; row++) {
        buffer_clear(&out);
        if (portal->copy->format == COPY_BINARY)
            append_binary_row(&out, portal, chunk, row);
        else
            append_row(&out, portal, &style, chunk, row, &scratch);
        session->sink->copy_data(session->sink_context, out.bytes, out.size);
    }
    buffer_deinit(&out);
    buffer_deinit(&scratch);
}

void
copy_out_end(Session *session, const Portal *portal)
{
    if (portal->copy->format == COPY_BINARY)
        session->sink->copy_data(session->sink_context, "\377\377", 2);
    session->sink->copy_done(session->sink_context);
}
