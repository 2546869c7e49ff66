#include "types/number_format.h"
#include "types/picture.h"

/* A text read along a picture: digits are picked out into a plain number. */
typedef struct Reader {
    const Picture *picture;
    Slice text;
    size_t at;
    char sign; /* ' ' while none was seen */
    Buffer digits;
    int before, after; /* digits read */
    bool has_point;
} Reader;

static bool
at_end(const Reader *reader)
{
    return reader->at >= reader->text.size;
}

static char
next(const Reader *reader)
{
    return at_end(reader) ? '\0' : reader->text.bytes[reader->at];
}

static void
skip_character(Reader *reader)
{
    if (at_end(reader))
        return;
    size_t size =
        utf8_char_size((const unsigned char *) reader->text.bytes + reader->at, reader->text.size - reader->at);
    reader->at += size == 0 ? 1 : size;
}

/* What cannot be part of a number is passed over. */
static void
skip_other(Reader *reader, int count)
{
    while (count-- > 0 && !at_end(reader) && strchr("0123456789.,+-", next(reader)) == NULL)
        skip_character(reader);
}

static void
read_sign_before(Reader *reader)
{
    const Picture *picture = reader->picture;
    char c = next(reader);
    bool by_s = picture->signed_by_s && picture->sign == SIGN_BEFORE;
    if (c == '-' || (c == '<' && !by_s && picture->brackets)) {
        reader->sign = '-';
        reader->at++;
    } else if (c == '+') {
        reader->sign = '+';
        reader->at++;
    }
}

/* A sign may stand right behind the last digit. The reader stays at the last character it took. */
static void
read_sign_after(Reader *reader, bool took)
{
    const Picture *picture = reader->picture;
    if (picture->signed_by_s) {
        if (!took || reader->at + 1 >= reader->text.size || is_digit(reader->text.bytes[reader->at + 1]))
            return;
        char c = reader->text.bytes[reader->at + 1];
        if (c == '-' || c == '+') {
            reader->sign = c;
            reader->at++;
        }
    } else if (!took && (next(reader) == '-' || next(reader) == '+')) {
        reader->sign = next(reader);
    }
}

static void
read_place(Reader *reader, bool is_digit_pattern)
{
    bool took = false;
    if (next(reader) == ' ')
        reader->at++;
    if (at_end(reader))
        return;
    if (reader->sign == ' ' && is_digit_pattern && reader->before + reader->after == 0)
        read_sign_before(reader);
    if (at_end(reader))
        return;
    if (is_digit(next(reader))) {
        if (reader->has_point && reader->after == reader->picture->after)
            return;
        buffer_append_char(&reader->digits, next(reader));
        reader->after += reader->has_point;
        reader->before += !reader->has_point;
        took = true;
    } else if (reader->picture->has_point && !reader->has_point && next(reader) == '.') {
        buffer_append_char(&reader->digits, '.');
        reader->has_point = took = true;
    }
    if (reader->sign == ' ' && reader->before + reader->after > 0)
        read_sign_after(reader, took);
}

static void
read_signed(Reader *reader, bool minus, bool plus)
{
    char c = next(reader);
    if ((minus && c == '-') || (plus && c == '+')) {
        reader->sign = c;
        reader->at++;
    } else {
        skip_other(reader, 1);
    }
}

static void
read_piece(Reader *reader, const PicturePiece *piece)
{
    switch (piece->pattern) {
    case NUMBER_TEXT:
        skip_character(reader);
        return;
    case NUMBER_NINE:
    case NUMBER_ZERO:
    case NUMBER_POINT:
    case NUMBER_POINT_OF_LOCALE:
        read_place(reader, piece->pattern == NUMBER_NINE || piece->pattern == NUMBER_ZERO);
        reader->at++;
        return;
    case NUMBER_COMMA:
    case NUMBER_GROUP:
        if (!reader->picture->fill_mode && next(reader) == ',')
            reader->at++;
        return;
    case NUMBER_CURRENCY:
        skip_other(reader, 1);
        return;
    case NUMBER_ORDINAL:
        skip_other(reader, 2);
        return;
    case NUMBER_MINUS:
        read_signed(reader, true, false);
        return;
    case NUMBER_PLUS:
        read_signed(reader, false, true);
        return;
    case NUMBER_SIGN_ALWAYS:
        read_signed(reader, true, true);
        return;
    default:
        return;
    }
}

bool
number_from_char(Slice text, Slice format, Arena *arena, bool *is_null, Numeric *out, Error *err)
{
    Picture picture;
    *is_null = format.size == 0;
    if (*is_null)
        return true;
    if (!picture_read(format, arena, &picture, err))
        return false;
    if (picture.exponent || picture.roman)
        return error_set(err, SQLSTATE_FEATURE_NOT_SUPPORTED, "\"%s\" not supported for input",
                         picture.exponent ? "EEEE" : "RN");
    Reader reader = {.picture = &picture, .text = text, .sign = ' '};
    for (int i = 0; i < picture.piece_count && !at_end(&reader); i++)
        read_piece(&reader, &picture.pieces[i]);
    if (reader.digits.size > 0 && reader.digits.bytes[reader.digits.size - 1] == '.')
        reader.digits.size--;
    Buffer number = {0};
    buffer_append_char(&number, reader.sign);
    buffer_append_slice(&number, buffer_slice(&reader.digits));
    int precision = picture.before + picture.shift + reader.after;
    int32_t typmod = (precision << 16 | reader.after) + 4;
    bool fine =
        numeric_parse(buffer_slice(&number), arena, out, err) && numeric_apply_typmod(*out, typmod, arena, out, err);
    if (fine && picture.shifts) {
        Numeric factor;
        fine = numeric_power(numeric_from_int64(10, arena), numeric_from_int64(-picture.shift, arena), arena, &factor,
                             err) &&
               numeric_mul(*out, factor, arena, out, err);
    }
    buffer_deinit(&number);
    buffer_deinit(&reader.digits);
    return fine;
}
