/*
 * utf8.h -- UTF-8 as RFC 3629 has it: no surrogates, no overlong forms, nothing above U+10FFFF; and no NUL, as in PostgreSQL's texts.
 */
#ifndef FRESHET_BASE_UTF8_H
#define FRESHET_BASE_UTF8_H

#include <stdint.h>

#include "base/buffer.h"

/* Bytes of the character at `at`, of which `left` bytes are there; 0: not a character. */
size_t utf8_char_size(const unsigned char *at, size_t left);
/* False: *bad is where the first byte that belongs to no character is. */
bool utf8_is_valid(Slice text, size_t *bad);
bool utf8_append(Buffer *out, uint32_t code); /* false: not a character, nothing is appended */
size_t utf8_write(char *to, uint32_t code);   /* 1 to 4 bytes; `code` is a character */

#endif
