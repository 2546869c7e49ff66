/*
 * json_build.h -- SQL values as JSON.
 */
#ifndef FRESHET_EXPR_FUNCTIONS_JSON_BUILD_H
#define FRESHET_EXPR_FUNCTIONS_JSON_BUILD_H

#include "base/buffer.h"
#include "expr/evaluate.h"
#include "types/value.h"

/* How what is read is printed, and whether blanks follow , and : (they do in jsonb, in json they do not). */
typedef struct JsonStyle {
    const TextStyle *text; /* may be NULL */
    bool compact;
    bool lines; /* line feeds between the outermost elements */
} JsonStyle;

/* Appends the value as to_jsonb has it; not yet canonical (json_finish). */
void json_append_datum(Buffer *out, SqlType type, Datum value, JsonStyle style, Arena *arena);
/* Appends a key of an object: the value's text, quoted. 22023 for arrays, records, json. */
MUST_CHECK bool json_append_key(Buffer *out, SqlType type, Datum value, const TextStyle *style, Error *err);
/* A part of a jsonb, or of a json as it was `typed`, as a value of a column: nulls are nulls, arrays are read element by element, all else by
   its text. */
MUST_CHECK bool json_as_datum(Slice value, bool typed, SqlType type, EvalContext *context, Datum *result, Error *err);
/* The text in `built` (freed) as a stored jsonb. */
MUST_CHECK bool json_finish(Buffer *built, Arena *arena, Datum *result, Error *err);

#endif
