/*
 * quote.h -- identifiers and literals as SQL writes them.
 */
#ifndef FRESHET_EXPR_FUNCTIONS_QUOTE_H
#define FRESHET_EXPR_FUNCTIONS_QUOTE_H

#include "base/buffer.h"
#include "types/value.h"

void quote_ident(Buffer *out, Slice name);   /* quoted where it must be */
void quote_literal(Buffer *out, Slice text); /* always quoted; E'' when there is a backslash */

/* a.b."C" as its names, folded; not strict: what follows is passed over. *names is heap memory. */
MUST_CHECK bool parse_identifiers(Slice text, bool strict, Arena *arena, Datum **names, size_t *count, Error *err);

#endif
