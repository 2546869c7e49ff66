/*
 * characters.h -- characters of UTF-8 texts. What is stored was checked when it came in; a broken byte counts as a
 * character of its own.
 */
#ifndef FRESHET_EXPR_FUNCTIONS_CHARACTERS_H
#define FRESHET_EXPR_FUNCTIONS_CHARACTERS_H

#include <stdint.h>
#include <wctype.h>

#include "base/utf8.h"

static inline bool
utf8_continues(char byte)
{
    return ((unsigned char) byte & 0xc0) == 0x80;
}

/* Characters in a text. */
static inline int64_t
utf8_count(Slice text)
{
    int64_t continued = 0;
    size_t i = 0;
    for (; i + 8 <= text.size; i += 8) { /* eight bytes at a time: 10xxxxxx has bit 7 and not bit 6 */
        uint64_t word;
        memcpy(&word, text.bytes + i, 8);
        continued += __builtin_popcountll((word >> 7) & (~word >> 6) & UINT64_C(0x0101010101010101));
    }
    for (; i < text.size; i++)
        continued += utf8_continues(text.bytes[i]);
    return (int64_t) text.size - continued;
}

/* Where the character after the one at `at` begins. */
static inline size_t
utf8_next(Slice text, size_t at)
{
    at++;
    while (at < text.size && utf8_continues(text.bytes[at]))
        at++;
    return at;
}

/* Where character number `characters` (from 0) begins; the size when there are fewer. */
static inline size_t
utf8_offset(Slice text, int64_t characters)
{
    size_t at = 0;
    for (; at < text.size && characters > 0; characters--)
        at = utf8_next(text, at);
    return at;
}

uint32_t utf8_decode(Slice text, size_t *at); /* the code point at *at, which moves behind it */
void utf8_append_lower(Buffer *out, Slice text);
void utf8_append_upper(Buffer *out, Slice text);
void utf8_append_initcap(Buffer *out, Slice text);

#endif
