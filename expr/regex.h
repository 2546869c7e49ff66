/*
 * regex.h -- regular expressions: PostgreSQL's advanced ones, translated for PCRE2 and kept compiled in the
 * evaluation's context.
 *
 * Of the matches that begin leftmost the longest is taken, or the shortest where the pattern's first quantifier is a lazy one: as PostgreSQL
 * does. Within that, captures are those of the first way through the alternatives.
 */
#ifndef FRESHET_EXPR_REGEX_H
#define FRESHET_EXPR_REGEX_H

#include "base/vector.h"
#include "expr/evaluate.h"

typedef struct Regex Regex;
typedef struct RegexCache RegexCache;

enum { /* options */
       REGEX_FOLD_CASE = 1,
       REGEX_EXTENDED = 2,        /* blanks and comments in the pattern mean nothing */
       REGEX_DOT_NOT_NEWLINE = 4, /* . and [^...] do not match a newline */
       REGEX_LINE_ANCHORS = 8,    /* ^ and $ match at newlines */
       REGEX_LITERAL = 16,
       REGEX_GLOBAL = 32, /* not the regex's own: all matches */
};

/* Flags as regexp_replace and its kin take them. 22023 for an unknown one. */
MUST_CHECK bool regex_read_flags(Slice flags, unsigned *options, Error *err);

/* NULL: failed with 2201B `invalid regular expression: ...`. Belongs to the context's cache; valid until the next call.
 */
Regex *regex_get(EvalContext *context, Slice pattern, unsigned options, Error *err);
int regex_captures(const Regex *regex);

/*
 * Finds the first match at or after byte `from`. spans[2 * i] and spans[2 * i + 1] are where capture i (0: all) begins
 * and ends, SIZE_MAX where it took no part; they are valid until the next search. A text is searched from 0 before it is
 * searched from elsewhere. False: failed.
 */
MUST_CHECK bool regex_find(Regex *regex, Slice text, size_t from, bool *found, const size_t **spans, Error *err);

/* Whether there is a match at all, which is cheaper. */
MUST_CHECK bool regex_exists(Regex *regex, Slice text, bool *found, Error *err);

void regex_cache_free(RegexCache *cache); /* NULL is allowed */

#endif
