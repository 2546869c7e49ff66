#include "types/time_pattern.h"

/* Words in upper case; all of them are known in lower case too. */
static const struct PatternWord words[] = {
    {"A.D.", PATTERN_AD_DOTS, 0, NULL}, {"A.M.", PATTERN_AM_DOTS, 0, NULL},  {"AD", PATTERN_AD, 0, NULL},
    {"AM", PATTERN_AM, 0, NULL},        {"B.C.", PATTERN_AD_DOTS, 0, NULL},  {"BC", PATTERN_AD, 0, NULL},
    {"CC", PATTERN_CC, 2, NULL},        {"DAY", PATTERN_DAY, 9, "Day"},      {"DDD", PATTERN_DDD, 3, NULL},
    {"DD", PATTERN_DD, 2, NULL},        {"DY", PATTERN_DY, 0, "Dy"},         {"D", PATTERN_D, 0, NULL},
    {"FF1", PATTERN_FF, 1, NULL},       {"FF2", PATTERN_FF, 2, NULL},        {"FF3", PATTERN_FF, 3, NULL},
    {"FF4", PATTERN_FF, 4, NULL},       {"FF5", PATTERN_FF, 5, NULL},        {"FF6", PATTERN_FF, 6, NULL},
    {"FX", PATTERN_FX, 0, NULL},        {"HH24", PATTERN_HH24, 2, NULL},     {"HH12", PATTERN_HH12, 2, NULL},
    {"HH", PATTERN_HH12, 2, NULL},      {"IDDD", PATTERN_IDDD, 3, NULL},     {"ID", PATTERN_ID, 0, NULL},
    {"IW", PATTERN_IW, 2, NULL},        {"IYYY", PATTERN_IYYY, 4, NULL},     {"IYY", PATTERN_IYYY, 3, NULL},
    {"IY", PATTERN_IYYY, 2, NULL},      {"I", PATTERN_IYYY, 1, NULL},        {"J", PATTERN_J, 0, NULL},
    {"MI", PATTERN_MI, 2, NULL},        {"MM", PATTERN_MM, 2, NULL},         {"MONTH", PATTERN_MONTH, 9, "Month"},
    {"MON", PATTERN_MON, 0, "Mon"},     {"MS", PATTERN_MS, 3, NULL},         {"OF", PATTERN_OF, 2, NULL},
    {"P.M.", PATTERN_AM_DOTS, 0, NULL}, {"PM", PATTERN_AM, 0, NULL},         {"Q", PATTERN_Q, 0, NULL},
    {"RM", PATTERN_RM, 4, NULL},        {"SSSSS", PATTERN_SSSS, 0, NULL},    {"SSSS", PATTERN_SSSS, 0, NULL},
    {"SS", PATTERN_SS, 2, NULL},        {"TZH", PATTERN_TZH, 2, NULL},       {"TZM", PATTERN_TZM, 2, NULL},
    {"TZ", PATTERN_TZ, 0, NULL},        {"US", PATTERN_US, 6, NULL},         {"WW", PATTERN_WW, 2, NULL},
    {"W", PATTERN_W, 0, NULL},          {"Y,YYY", PATTERN_Y_COMMA, 0, NULL}, {"YYYY", PATTERN_YYYY, 4, NULL},
    {"YYY", PATTERN_YYYY, 3, NULL},     {"YY", PATTERN_YYYY, 2, NULL},       {"Y", PATTERN_YYYY, 1, NULL},
};

bool
text_starts_with(Slice text, const char *word, bool lower)
{
    size_t size = strlen(word);
    if (text.size < size)
        return false;
    for (size_t i = 0; i < size; i++)
        if (text.bytes[i] != (lower ? lower_char(word[i]) : word[i]))
            return false;
    return true;
}

bool
text_starts_with_any(Slice text, const char *word)
{
    return text_starts_with(text, word, false) || text_starts_with(text, word, true);
}

bool
pattern_find(Slice text, Piece *piece)
{
    piece->word = NULL;
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (piece->word != NULL && strlen(words[i].word) <= strlen(piece->word->word))
            continue;
        bool upper = text_starts_with(text, words[i].word, false);
        bool lower = !upper && text_starts_with(text, words[i].word, true);
        bool capital = !upper && !lower && words[i].capital != NULL && text_starts_with(text, words[i].capital, false);
        if (!upper && !lower && !capital)
            continue;
        piece->word = &words[i];
        piece->spelling = upper ? SPELL_UPPER : lower ? SPELL_LOWER : SPELL_CAPITAL;
    }
    return piece->word != NULL;
}
