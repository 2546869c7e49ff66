#include "replication/postgres/copy_binary.h"

#include "base/buffer.h"

#define SIGNATURE      "PGCOPY\n\377\r\n\0"
#define SIGNATURE_SIZE 11
#define HEADER_SIZE    (SIGNATURE_SIZE + 8) /* flags, size of an extension */

static bool
copy_malformed(Error *err)
{
    return error_set(err, SQLSTATE_BAD_COPY_FILE_FORMAT, "failed to parse COPY protocol");
}

static bool
copy_header(CopyReader *reader, Slice *frame, Error *err)
{
    if (frame->size < HEADER_SIZE || memcmp(frame->bytes, SIGNATURE, SIGNATURE_SIZE) != 0)
        return copy_malformed(err);
    uint32_t extension = be32_read(frame->bytes + SIGNATURE_SIZE + 4);
    if (frame->size - HEADER_SIZE < extension)
        return copy_malformed(err);
    *frame = slice_make(frame->bytes + HEADER_SIZE + extension, frame->size - HEADER_SIZE - extension);
    reader->began = true;
    return true;
}

/* *at moves behind the row. */
static bool
copy_row(CopyReader *reader, const char **at, const char *end, ChunkBuilder *builder, Error *err)
{
    RowDecoder *decoder = reader->decoder;
    for (uint16_t i = 0; i < decoder->count; i++) {
        if (end - *at < 4)
            return copy_malformed(err);
        uint32_t size = be32_read(*at);
        *at += 4;
        if (size == UINT32_MAX) {
            column_builder_append_null(&builder->columns[i]);
            continue;
        }
        if ((size_t) (end - *at) < size)
            return copy_malformed(err);
        if (!decode_binary(decoder, i, &builder->columns[i], *at, size, err))
            return false;
        *at += size;
    }
    chunk_builder_end_row(builder, 0, 1);
    return true;
}

bool
copy_binary_frame(CopyReader *reader, Slice frame, ChunkBuilder *builder, Error *err)
{
    if (!reader->began && !copy_header(reader, &frame, err))
        return false;
    const char *at = frame.bytes, *end = frame.bytes + frame.size;
    while (at < end) {
        if (end - at < 2 || reader->ended)
            return copy_malformed(err);
        uint16_t count = be16_read(at);
        at += 2;
        if (count == UINT16_MAX) {
            reader->ended = true;
            continue;
        }
        if (count != reader->decoder->count)
            return error_set(err, SQLSTATE_BAD_COPY_FILE_FORMAT,
                             "unexpected number of columns while parsing COPY output");
        if (!copy_row(reader, &at, end, builder, err)) {
            row_abandon(builder);
            return false;
        }
    }
    return true;
}
