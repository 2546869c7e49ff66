/*
 * number_format.h -- to_char and to_number: numbers by a format, as PostgreSQL 15 writes and reads them.
 */
#ifndef FRESHET_TYPES_NUMBER_FORMAT_H
#define FRESHET_TYPES_NUMBER_FORMAT_H

#include "types/numeric.h"

/* `type` is int4, int8, float4, float8 or numeric. An empty format gives an empty text. Scratch memory is `arena`. */
MUST_CHECK bool number_to_char(SqlType type, Datum value, Slice format, Arena *arena, Buffer *out, Error *err);

/* *is_null: the format is empty. 22P02 when what the format picks out of `text` is no number. */
MUST_CHECK bool number_from_char(Slice text, Slice format, Arena *arena, bool *is_null, Numeric *out, Error *err);

#endif
