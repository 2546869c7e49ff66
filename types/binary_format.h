/*
 * binary_format.h -- values in PostgreSQL's binary wire form: what a client binds and gets, what COPY BINARY
 * and pgoutput carry.
 */
#ifndef FRESHET_TYPES_BINARY_FORMAT_H
#define FRESHET_TYPES_BINARY_FORMAT_H

#include "base/buffer.h"
#include "types/value.h"

/* Appends the value's bytes without a length word. The value is not null. */
void datum_send(SqlType type, Datum value, Buffer *out);

/*
 * Reads a value of `bytes`. What can be taken as it lies is not copied: the datum may point into `bytes`.
 * 22P03 for a wrong size or content, 22021 for bytes that are not UTF-8 in a text.
 */
MUST_CHECK bool datum_receive(SqlType type, Slice bytes, Arena *arena, Datum *value, Error *err);

#endif
