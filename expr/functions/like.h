/*
 * like.h -- LIKE patterns: % any characters, _ one character, backslash takes the next one as it is.
 */
#ifndef FRESHET_EXPR_FUNCTIONS_LIKE_H
#define FRESHET_EXPR_FUNCTIONS_LIKE_H

#include "base/error.h"
#include "base/slice.h"

typedef enum LikeResult { LIKE_NO, LIKE_YES, LIKE_BAD_PATTERN } LikeResult;

/* LIKE_BAD_PATTERN: the pattern ends with its escape. Bytes: _ is one byte, not a character. */
LikeResult like_match(Slice text, Slice pattern, bool bytes);

#endif
