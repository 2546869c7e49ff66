/*
 * element.h -- values inside arrays, ranges and records: a length word (-1: null) and PostgreSQL's binary wire form, but for
 * enums, whose stored form it is.
 *
 * These bytes were made here, so they are read without being checked and without being copied: a datum read
 * points into them. What comes from outside goes through binary_format.h.
 */
#ifndef FRESHET_TYPES_ELEMENT_H
#define FRESHET_TYPES_ELEMENT_H

#include "base/buffer.h"
#include "types/value.h"

Datum element_take(SqlType type, Slice *rest); /* the next one; `rest` moves behind it */
Slice element_skip(Slice *rest);               /* its bytes, with the length word */
void element_append(SqlType type, Datum value, Buffer *out);

#endif
