/*
 * encoding.h -- PostgreSQL's character encodings: names, numbers, conversion by iconv. Private to expr.
 */
#ifndef FRESHET_EXPR_FUNCTIONS_ENCODING_H
#define FRESHET_EXPR_FUNCTIONS_ENCODING_H

#include "base/buffer.h"
#include "base/error.h"

#define ENCODING_SQL_ASCII 0
#define ENCODING_UTF8      6

int encoding_find(Slice name);                  /* by any of its names; -1: unknown */
const char *encoding_name_of(int64_t encoding); /* NULL: unknown */
int encoding_max_length(int64_t encoding);      /* bytes a character; -1: unknown */

/* Appends `bytes` in the other encoding. 22021 for what `from` does not have, 22P05 for what `to` does not. */
MUST_CHECK bool encoding_convert(Slice bytes, int from, int to, Buffer *out, Error *err);

#endif
