/*
 * time_pattern.h -- the patterns of to_char, to_date and to_timestamp, found in a format. Private to types/.
 */
#ifndef FRESHET_TYPES_TIME_PATTERN_H
#define FRESHET_TYPES_TIME_PATTERN_H

#include "types/datetime_internal.h"
#include "types/text_internal.h"

typedef enum Pattern {
    PATTERN_AM,
    PATTERN_AM_DOTS,
    PATTERN_AD,
    PATTERN_AD_DOTS,
    PATTERN_CC,
    PATTERN_DAY,
    PATTERN_DY,
    PATTERN_DDD,
    PATTERN_DD,
    PATTERN_D,
    PATTERN_FF, /* the digit follows in the word */
    PATTERN_FX,
    PATTERN_HH24,
    PATTERN_HH12,
    PATTERN_IDDD,
    PATTERN_ID,
    PATTERN_IW,
    PATTERN_IYYY,
    PATTERN_J,
    PATTERN_MI,
    PATTERN_MM,
    PATTERN_MONTH,
    PATTERN_MON,
    PATTERN_MS,
    PATTERN_OF,
    PATTERN_Q,
    PATTERN_RM,
    PATTERN_SSSS,
    PATTERN_SS,
    PATTERN_TZH,
    PATTERN_TZM,
    PATTERN_TZ,
    PATTERN_US,
    PATTERN_WW,
    PATTERN_W,
    PATTERN_Y_COMMA,
    PATTERN_YYYY,
} Pattern;

struct PatternWord {
    const char *word;
    Pattern pattern;
    int digits;          /* the width, or the count of decimals */
    const char *capital; /* a third spelling, or NULL */
};

typedef enum Spelling { SPELL_UPPER, SPELL_LOWER, SPELL_CAPITAL } Spelling;

typedef struct Piece {
    const struct PatternWord *word;
    Spelling spelling;
    bool fill;      /* false after FM */
    bool fill_name; /* false after FM and TM */
} Piece;

bool text_starts_with(Slice text, const char *word, bool lower); /* `word` is in upper case */
bool text_starts_with_any(Slice text, const char *word);         /* in upper or lower case */
/* The longest pattern that the text starts with. */
bool pattern_find(Slice text, Piece *piece);

#endif
