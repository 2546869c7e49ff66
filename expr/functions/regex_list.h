/*
 * regex_list.h -- all matches of a regular expression, for functions that return them.
 */
#ifndef FRESHET_EXPR_FUNCTIONS_REGEX_LIST_H
#define FRESHET_EXPR_FUNCTIONS_REGEX_LIST_H

#include "expr/regex.h"

/* Called for each match, in order. False stops. */
typedef bool (*RegexVisit)(void *visitor, Slice text, const size_t *spans, int captures);

/* From byte `from` on. `degenerate`: matches of no characters at the ends of the text and right behind another match count too. */
MUST_CHECK bool regex_each(Regex *regex, Slice text, size_t from, bool global, bool degenerate, RegexVisit visit,
                           void *visitor, Error *err);

/* Texts of the captures (of the whole match when there are none), as a text[]. */
Slice regex_match_array(Slice text, const size_t *spans, int captures, Arena *arena);

/* The parts of a text between matches, as Datums in `parts`. */
typedef VECTOR(Datum) TextParts;
MUST_CHECK bool regex_split(Regex *regex, Slice text, TextParts *parts, Error *err);

#endif
