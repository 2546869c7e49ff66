/*
 * decode.h -- values as the server sends them, binary or text, appended to the columns of a chunk.
 *
 * A RowDecoder knows how each column of a table here is made from what comes. The common fixed-width types and strings are
 * stored as they arrive; the rest goes through types/. Modifiers (varchar(10)) are not applied: upstream has done so.
 *
 * Strings are stored unchecked: whoever finishes the chunk asks row_decoder_check_text first.
 */
#ifndef FRESHET_REPLICATION_DECODE_H
#define FRESHET_REPLICATION_DECODE_H

#include "collection/chunk.h"
#include "replication/postgres/pgoutput.h"

typedef enum DecodeHow {
    DECODE_ANY,
    DECODE_TEXT, /* a string, or the text form of something else */
    DECODE_BYTES,
    DECODE_U8,
    DECODE_I16,
    DECODE_I32,
    DECODE_I64,
    DECODE_F32,
    DECODE_F64,
    DECODE_DATE,
    DECODE_TIMESTAMP,
    DECODE_UUID,
} DecodeHow;

typedef struct ValueDecoder {
    SqlType type;
    DecodeHow how;
    bool as_text;
    bool foreign_element; /* an array whose elements' type has another OID here than upstream */
} ValueDecoder;

typedef struct RowDecoder {
    ValueDecoder *columns;
    uint16_t count;
    bool any_text; /* some column is taken as text */
    Arena *arena;  /* scratch of one value */
} RowDecoder;

void row_decoder_init(RowDecoder *decoder, const SqlType *types, const bool *as_text, uint16_t count);
void row_decoder_deinit(RowDecoder *decoder);

/* One value of column `column`, not null. On failure nothing is appended: 22P03, 22P02, ... */
MUST_CHECK bool decode_binary(RowDecoder *decoder, uint16_t column, ColumnBuilder *builder, const char *bytes,
                              uint32_t size, Error *err);
MUST_CHECK bool decode_text(RowDecoder *decoder, uint16_t column, ColumnBuilder *builder, const char *bytes,
                            uint32_t size, Error *err);

/* Takes back the values of a row that was begun and not ended. */
void row_abandon(ChunkBuilder *builder);

/* Whether all strings from row `first` on are UTF-8; 22021 otherwise. */
MUST_CHECK bool row_decoder_check_text(const RowDecoder *decoder, const ChunkBuilder *builder, uint32_t first,
                                       Error *err);

#endif
