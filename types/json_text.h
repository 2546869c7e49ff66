/*
 * json_text.h -- json as it was typed: walking over a text that json_check has found good.
 *
 * Slices returned point into the text given, without blanks around them. jsonb_kind tells what a trimmed text is.
 */
#ifndef FRESHET_TYPES_JSON_TEXT_H
#define FRESHET_TYPES_JSON_TEXT_H

#include "types/jsonb.h"

Slice json_text_trim(Slice text); /* without blanks around it */
/* Iterates over an array or object: *offset starts at 0. `key` is an object's key with its quotes; it may be NULL. */
bool json_text_next(Slice value, size_t *offset, Slice *key, Slice *member);
int64_t json_text_count(Slice value);
bool json_text_field(Slice object, Slice key, Arena *arena, Slice *member); /* the last one of that name */
bool json_text_element(Slice array, int64_t index, Slice *member);          /* negative counts from the end */
Slice json_text_string(Slice string, Arena *arena);                         /* unescaped */

#endif
