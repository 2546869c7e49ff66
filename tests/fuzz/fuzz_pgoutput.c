/* The bytes are a message of the replication stream, and a frame of a binary COPY: both are decoded into rows. */
#include <stdint.h>

#include "replication/postgres/changes.h"
#include "replication/postgres/copy_binary.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { COLUMNS = 8 };

static const SqlType types[COLUMNS] = {
    {.id = TYPE_INT4, .typmod = -1},      {.id = TYPE_TEXT, .typmod = -1},
    {.id = TYPE_NUMERIC, .typmod = -1},   {.id = TYPE_JSONB, .typmod = -1},
    {.id = TYPE_TIMESTAMP, .typmod = -1}, {.id = TYPE_ARRAY, .element = TYPE_INT4, .typmod = -1},
    {.id = TYPE_INTERVAL, .typmod = -1},  {.id = TYPE_TSRANGE, .typmod = -1},
};

static void
append_tuple(RowDecoder *decoder, ChunkBuilder *builder, const PgoutputTuple *tuple)
{
    Error err = ERROR_INIT;
    bool ok = tuple->count >= COLUMNS;
    for (uint16_t i = 0; i < COLUMNS && ok; i++) {
        const PgoutputValue *value = &tuple->values[i];
        if (value->kind == VALUE_BINARY)
            ok = decode_binary(decoder, i, &builder->columns[i], value->bytes, value->size, &err);
        else if (value->kind == VALUE_TEXT)
            ok = decode_text(decoder, i, &builder->columns[i], value->bytes, value->size, &err);
        else
            column_builder_append_null(&builder->columns[i]);
    }
    if (ok)
        chunk_builder_end_row(builder, 0, 1);
    else
        row_abandon(builder);
    error_clear(&err);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const bool as_text[COLUMNS];
    Error err = ERROR_INIT;
    Slice bytes = slice_make(data, size);
    PgoutputDecoder messages = {0};
    PgoutputMessage message;
    RowDecoder decoder;
    ChunkBuilder builder;
    row_decoder_init(&decoder, types, as_text, COLUMNS);
    chunk_builder_init(&builder, types, COLUMNS);
    if (pgoutput_decode(&messages, bytes, &message, &err)) {
        append_tuple(&decoder, &builder, &message.old_row);
        append_tuple(&decoder, &builder, &message.new_row);
    }
    error_clear(&err);
    CopyReader reader = {.decoder = &decoder};
    bool ok = copy_binary_frame(&reader, bytes, &builder, &err);
    ok = ok && row_decoder_check_text(&decoder, &builder, 0, &err);
    (void) ok;
    chunk_release(chunk_builder_finish(&builder));
    chunk_builder_deinit(&builder);
    row_decoder_deinit(&decoder);
    pgoutput_decoder_deinit(&messages);
    error_clear(&err);
    return 0;
}
