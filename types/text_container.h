/*
 * text_container.h -- quoting inside ranges and records: a quote is doubled, and so is a backslash. Private to types/.
 */
#ifndef FRESHET_TYPES_TEXT_CONTAINER_H
#define FRESHET_TYPES_TEXT_CONTAINER_H

#include "types/text_internal.h"

/* Quotes what was appended since `start` when it is empty, or has blanks, quotes, backslashes or one of `special`. */
void container_quote_tail(Buffer *out, size_t start, const char *special);

/* Lists, maps and arrays: NULL or the value, in quotes where it could be read otherwise. */
void element_print(SqlType type, Datum element, const TextStyle *style, const char *special, Buffer *out);
bool is_null_word(Slice text);

#endif
