/*
 * regex_translate.h -- PostgreSQL's regular expressions put into PCRE2's words. Private to expr.
 */
#ifndef FRESHET_EXPR_REGEX_TRANSLATE_H
#define FRESHET_EXPR_REGEX_TRANSLATE_H

#include "base/buffer.h"
#include "base/error.h"

/* What the translation tells about how to match. */
typedef struct RegexShape {
    bool shortest;       /* of the matches at the leftmost place, the shortest one; else the longest */
    bool first_is_right; /* PCRE2's first match is that one */
    bool back_references;
} RegexShape;

/* `options` are regex.h's, without prefixes of the pattern. 2201B. */
MUST_CHECK bool regex_translate(Slice pattern, unsigned options, Buffer *out, RegexShape *shape, Error *err);

#endif
