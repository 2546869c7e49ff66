/*
 * text_format.h -- values as text, byte for byte as PostgreSQL 15 prints and reads them.
 *
 * Reading errors carry PostgreSQL's SQLSTATE and words: 22P02 `invalid input syntax for type integer: "x"`,
 * 22003 `value "99999999999" is out of range for type integer`, 22007, 22008, 22001.
 */
#ifndef FRESHET_TYPES_TEXT_FORMAT_H
#define FRESHET_TYPES_TEXT_FORMAT_H

#include "base/buffer.h"
#include "types/value.h"

/* What is longer as text than this is not a text. */
#define PRINTED_BYTES_MAX ((size_t) 512 * 1024 * 1024)

/* Appends a value that is not null. `style` may be NULL. */
void datum_print(SqlType type, Datum value, const TextStyle *style, Buffer *out);

/* Reads a value; typmod is applied as an assignment cast does (varchar(n) too long fails, numeric is rounded). */
MUST_CHECK bool datum_parse(SqlType type, Slice text, const TextStyle *style, Arena *arena, Datum *value, Error *err);

#endif
