/*
 * picture.h -- numbers by a format, such as 'S9G999D99': to_char and to_number. Private to types/ but for number_format.h.
 *
 * A picture is the format taken apart into pieces: patterns, and characters that stand for themselves. What it says about the number as
 * a whole (digits before and after the point, where the sign goes) is summed up beside them.
 */
#ifndef FRESHET_TYPES_PICTURE_H
#define FRESHET_TYPES_PICTURE_H

#include "types/text_internal.h"

typedef enum NumberPattern {
    NUMBER_TEXT, /* stands for itself */
    NUMBER_COMMA,
    NUMBER_POINT,
    NUMBER_ZERO,
    NUMBER_NINE,
    NUMBER_BLANK,
    NUMBER_CURRENCY_CODE,
    NUMBER_POINT_OF_LOCALE,
    NUMBER_EXPONENT,
    NUMBER_FILL_MODE,
    NUMBER_GROUP,
    NUMBER_CURRENCY,
    NUMBER_MINUS,
    NUMBER_PLUS,
    NUMBER_BRACKETS,
    NUMBER_ROMAN,
    NUMBER_SIGN_ALWAYS,
    NUMBER_SPELL,
    NUMBER_SIGN,
    NUMBER_ORDINAL,
    NUMBER_SHIFT,
} NumberPattern;

typedef struct PicturePiece {
    NumberPattern pattern;
    bool lower; /* th, rn */
    Slice text; /* one character, of NUMBER_TEXT */
} PicturePiece;

typedef enum SignPlace { SIGN_NOWHERE, SIGN_BEFORE, SIGN_AFTER } SignPlace;

typedef struct Picture {
    PicturePiece *pieces; /* arena */
    int piece_count;
    int before, after; /* digits wanted on each side of the point */
    int shift;         /* digits behind V */
    int zero_start, zero_end;
    int sign_at; /* digits that stand before S */
    SignPlace sign;
    bool has_zero, has_point, fill_mode, signed_by_s, brackets, minus, plus, roman, shifts, blank, exponent;
} Picture;

/* 42601 for patterns that do not go together. */
MUST_CHECK bool picture_read(Slice format, Arena *arena, Picture *picture, Error *err);

#endif
