#include "types/picture.h"

static const struct {
    const char *word;
    NumberPattern pattern;
} words[] = {
    {"EEEE", NUMBER_EXPONENT}, {"FM", NUMBER_FILL_MODE}, {"MI", NUMBER_MINUS},        {"PL", NUMBER_PLUS},
    {"PR", NUMBER_BRACKETS},   {"RN", NUMBER_ROMAN},     {"SG", NUMBER_SIGN_ALWAYS},  {"SP", NUMBER_SPELL},
    {"TH", NUMBER_ORDINAL},    {",", NUMBER_COMMA},      {".", NUMBER_POINT},         {"0", NUMBER_ZERO},
    {"9", NUMBER_NINE},        {"B", NUMBER_BLANK},      {"C", NUMBER_CURRENCY_CODE}, {"D", NUMBER_POINT_OF_LOCALE},
    {"G", NUMBER_GROUP},       {"L", NUMBER_CURRENCY},   {"S", NUMBER_SIGN},          {"V", NUMBER_SHIFT},
};

/* A word is known in upper and in lower case, not in a mixture. */
static bool
starts_with_word(Slice text, const char *word, bool *lower)
{
    size_t size = strlen(word);
    bool upper_fits = text.size >= size, lower_fits = upper_fits;
    for (size_t i = 0; i < size && (upper_fits || lower_fits); i++) {
        upper_fits = upper_fits && text.bytes[i] == word[i];
        lower_fits = lower_fits && text.bytes[i] == lower_char(word[i]);
    }
    *lower = !upper_fits;
    return upper_fits || lower_fits;
}

static bool
clash(Error *err, const char *why)
{
    return error_set(err, SQLSTATE_SYNTAX_ERROR, "%s", why);
}

static bool
note_digit(Picture *picture, bool zero, Error *err)
{
    if (picture->brackets)
        return clash(err, zero ? "\"0\" must be ahead of \"PR\"" : "\"9\" must be ahead of \"PR\"");
    if (!zero && picture->shifts) {
        picture->shift++;
        return true;
    }
    if (zero && !picture->has_zero && !picture->has_point) {
        picture->has_zero = true;
        picture->zero_start = picture->before + 1;
    }
    if (picture->has_point)
        picture->after++;
    else
        picture->before++;
    if (zero)
        picture->zero_end = picture->before + picture->after;
    return true;
}

static bool
note_sign(Picture *picture, Error *err)
{
    if (picture->signed_by_s)
        return clash(err, "cannot use \"S\" twice");
    if (picture->plus || picture->minus || picture->brackets)
        return clash(err, "cannot use \"S\" and \"PL\"/\"MI\"/\"SG\"/\"PR\" together");
    picture->signed_by_s = true;
    picture->sign = picture->has_point ? SIGN_AFTER : SIGN_BEFORE;
    picture->sign_at = picture->has_point ? 0 : picture->before;
    return true;
}

static bool
note_exponent(Picture *picture, Error *err)
{
    if (picture->exponent)
        return clash(err, "cannot use \"EEEE\" twice");
    if (picture->blank || picture->fill_mode || picture->signed_by_s || picture->brackets || picture->minus ||
        picture->plus || picture->roman || picture->shifts) {
        (void) clash(err, "\"EEEE\" is incompatible with other formats");
        return error_detail(err, "\"EEEE\" may only be used together with digit and decimal point patterns.");
    }
    picture->exponent = true;
    return true;
}

static bool
note_pattern(Picture *picture, NumberPattern pattern, Error *err)
{
    if (picture->exponent && pattern != NUMBER_EXPONENT)
        return clash(err, "\"EEEE\" must be the last pattern used");
    switch (pattern) {
    case NUMBER_NINE:
    case NUMBER_ZERO:
        return note_digit(picture, pattern == NUMBER_ZERO, err);
    case NUMBER_BLANK:
        picture->blank |= picture->before == 0 && picture->after == 0 && !picture->has_zero;
        return true;
    case NUMBER_POINT:
    case NUMBER_POINT_OF_LOCALE:
        if (picture->has_point)
            return clash(err, "multiple decimal points");
        if (picture->shifts)
            return clash(err, "cannot use \"V\" and decimal point together");
        picture->has_point = true;
        return true;
    case NUMBER_FILL_MODE:
        picture->fill_mode = true;
        return true;
    case NUMBER_SIGN:
        return note_sign(picture, err);
    case NUMBER_MINUS:
        picture->minus = true;
        return !picture->signed_by_s || clash(err, "cannot use \"S\" and \"MI\" together");
    case NUMBER_PLUS:
        picture->plus = true;
        return !picture->signed_by_s || clash(err, "cannot use \"S\" and \"PL\" together");
    case NUMBER_SIGN_ALWAYS:
        picture->minus = picture->plus = true;
        return !picture->signed_by_s || clash(err, "cannot use \"S\" and \"SG\" together");
    case NUMBER_BRACKETS:
        if (picture->signed_by_s || picture->plus || picture->minus)
            return clash(err, "cannot use \"PR\" and \"S\"/\"PL\"/\"MI\"/\"SG\" together");
        picture->brackets = true;
        return true;
    case NUMBER_ROMAN:
        picture->roman = true;
        return true;
    case NUMBER_SHIFT:
        picture->shifts = true;
        return !picture->has_point || clash(err, "cannot use \"V\" and decimal point together");
    case NUMBER_EXPONENT:
        return note_exponent(picture, err);
    default:
        return true;
    }
}

static void
add_text(Picture *picture, Slice *format)
{
    size_t size = utf8_char_size((const unsigned char *) format->bytes, format->size);
    size = size == 0 ? 1 : size;
    picture->pieces[picture->piece_count++] = (PicturePiece){.text = slice_make(format->bytes, size)};
    *format = slice_make(format->bytes + size, format->size - size);
}

static void
skip(Slice *format)
{
    *format = slice_make(format->bytes + 1, format->size - 1);
}

/* "text" in quotes, where a backslash quotes the next character. */
static void
add_quoted(Picture *picture, Slice *format)
{
    skip(format);
    while (format->size > 0 && format->bytes[0] != '"') {
        if (format->bytes[0] == '\\' && format->size > 1)
            skip(format);
        add_text(picture, format);
    }
    if (format->size > 0)
        skip(format);
}

bool
picture_read(Slice format, Arena *arena, Picture *picture, Error *err)
{
    *picture = (Picture){.pieces = arena_new_array(arena, PicturePiece, format.size + 1)};
    while (format.size > 0) {
        bool lower = false;
        size_t w = 0;
        while (w < sizeof words / sizeof *words && !starts_with_word(format, words[w].word, &lower))
            w++;
        if (w < sizeof words / sizeof *words) {
            if (!note_pattern(picture, words[w].pattern, err))
                return false;
            picture->pieces[picture->piece_count++] = (PicturePiece){.pattern = words[w].pattern, .lower = lower};
            size_t size = strlen(words[w].word);
            format = slice_make(format.bytes + size, format.size - size);
        } else if (format.bytes[0] == '"') {
            add_quoted(picture, &format);
        } else {
            if (format.bytes[0] == '\\' && format.size > 1 && format.bytes[1] == '"')
                skip(&format);
            add_text(picture, &format);
        }
    }
    return true;
}
