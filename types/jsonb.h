/*
 * jsonb.h -- jsonb values in their stored form: text as PostgreSQL prints it (see value.h).
 *
 * Because the form is canonical, walking it needs no validation. Slices returned point into the value given.
 */
#ifndef FRESHET_TYPES_JSONB_H
#define FRESHET_TYPES_JSONB_H

#include "base/buffer.h"
#include "types/value.h"

typedef enum JsonKind { JSON_NULL, JSON_BOOL, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT } JsonKind;

/* Any JSON text to the stored form; checked and canonicalised. 22P02 `invalid input syntax for type json`. */
MUST_CHECK bool jsonb_parse(Slice text, Buffer *out, Error *err);
bool jsonb_is_canonical(Slice text);                /* true: the stored form already; false: perhaps not */
MUST_CHECK bool json_check(Slice text, Error *err); /* type json keeps the text as it came */

JsonKind jsonb_kind(Slice value);
bool jsonb_field(Slice object, Slice key, Slice *value); /* false: not an object or no such key */
bool jsonb_element(Slice array, int64_t index,
                   Slice *value); /* negative counts from the end; a scalar is an array of itself */
int64_t jsonb_count(Slice value); /* elements of an array, or members of an object */
/* Iterates: *offset starts at 0; `key` is set for objects (raw bytes, unescaped into `arena`); NULL: not asked for. */
bool jsonb_next(Slice value, size_t *offset, Slice *key, Slice *element, Arena *arena);
Slice jsonb_string(Slice string, Arena *arena);    /* the text of a JSON string, unescaped */
void jsonb_append_string(Buffer *out, Slice text); /* quoted and escaped */
int jsonb_compare(Slice a, Slice b);               /* PostgreSQL's btree order of jsonb */
bool jsonb_contains(Slice a, Slice b);             /* a @> b */
uint64_t jsonb_hash(Slice value);                  /* numbers 1.0 and 1.00 alike */
void jsonb_pretty(Slice value, Buffer *out);

#endif
