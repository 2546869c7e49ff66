/* Bit strings and money as text. */
#include "types/text_internal.h"

/* --- bit strings: a count of bits, then the bits from the highest of the first byte on --- */

void
bit_print(Slice value, Buffer *out)
{
    uint32_t bits = be32_read(value.bytes);
    const uint8_t *bytes = (const uint8_t *) value.bytes + 4;
    char *at = buffer_reserve(out, bits);
    for (uint32_t i = 0; i < bits; i++)
        at[i] = (char) ('0' + (bytes[i / 8] >> (7 - i % 8) & 1));
    out->size += bits;
}

bool
bit_check_length(SqlType type, int64_t bits, Error *err)
{
    if (type.typmod <= 0)
        return true;
    if (type.id == TYPE_BIT && bits != type.typmod)
        return error_set(err, SQLSTATE_STRING_DATA_LENGTH_MISMATCH,
                         "bit string length %lld does not match type bit(%d)", (long long) bits, type.typmod);
    if (type.id == TYPE_VARBIT && bits > type.typmod)
        return error_set(err, SQLSTATE_STRING_DATA_RIGHT_TRUNCATION, "bit string too long for type bit varying(%d)",
                         type.typmod);
    return true;
}

bool
bit_parse(const TextInput *in, Slice *out, Error *err)
{
    Slice text = in->text;
    bool is_hex = text.size > 0 && lower_char(text.bytes[0]) == 'x';
    if (is_hex || (text.size > 0 && lower_char(text.bytes[0]) == 'b'))
        text = slice_make(text.bytes + 1, text.size - 1);
    size_t bits = text.size * (is_hex ? 4 : 1);
    if (!bit_check_length(in->type, (int64_t) bits, err))
        return false;
    char *bytes = arena_alloc(in->arena, 4 + (bits + 7) / 8);
    be32_write(bytes, (uint32_t) bits);
    for (size_t i = 0; i < text.size; i++) {
        char c = text.bytes[i];
        int digit = is_hex ? hex_digit(c) : c == '0' || c == '1' ? c - '0' : -1;
        if (digit < 0)
            return error_set(err, SQLSTATE_INVALID_TEXT_REPRESENTATION, "\"%.*s\" is not a valid %s digit",
                             (int) utf8_prefix(slice_make(text.bytes + i, text.size - i), 1), text.bytes + i,
                             is_hex ? "hexadecimal" : "binary");
        if (is_hex)
            bytes[4 + i / 2] |= (char) (digit << (i % 2 == 0 ? 4 : 0));
        else
            bytes[4 + i / 8] |= (char) (digit << (7 - i % 8));
    }
    *out = slice_make(bytes, 4 + (bits + 7) / 8);
    return true;
}

/* --- money: cents, as the C locale prints them --- */

void
money_print(int64_t value, Buffer *out)
{
    char digits[24];
    uint64_t cents = value < 0 ? 0 - (uint64_t) value : (uint64_t) value;
    size_t count = (size_t) (print_uint64(digits, cents / 100) - digits);
    buffer_append_text(out, value < 0 ? "-$" : "$");
    for (size_t i = 0; i < count; i++) {
        if (i > 0 && (count - i) % 3 == 0)
            buffer_append_char(out, ',');
        buffer_append_char(out, digits[i]);
    }
    buffer_append_char(out, '.');
    print_pair(buffer_reserve(out, 2), (unsigned) (cents % 100));
    out->size += 2;
}

static void
skip_blanks(Slice *text)
{
    while (text->size > 0 && is_blank(text->bytes[0]))
        *text = slice_make(text->bytes + 1, text->size - 1);
}

static bool
skip_char(Slice *text, char c)
{
    if (text->size == 0 || text->bytes[0] != c)
        return false;
    *text = slice_make(text->bytes + 1, text->size - 1);
    return true;
}

/* Digits with commas among them and a point; the third decimal rounds. false: out of range. */
static bool
money_amount(Slice *text, int64_t *cents)
{
    bool point = false, ok = true;
    int decimals = 0;
    *cents = 0; /* kept negative, which reaches further */
    for (; text->size > 0; *text = slice_make(text->bytes + 1, text->size - 1)) {
        char c = text->bytes[0];
        if (is_digit(c) && (!point || decimals < 2)) {
            ok = ok && !__builtin_mul_overflow(*cents, 10, cents) && !__builtin_sub_overflow(*cents, c - '0', cents);
            decimals += point;
        } else if (c == '.' && !point) {
            point = true;
        } else if (c != ',') {
            break;
        }
    }
    if (text->size > 0 && is_digit(text->bytes[0]) && text->bytes[0] >= '5')
        ok = ok && !__builtin_sub_overflow(*cents, 1, cents);
    for (; decimals < 2; decimals++)
        ok = ok && !__builtin_mul_overflow(*cents, 10, cents);
    while (text->size > 0 && is_digit(text->bytes[0]))
        *text = slice_make(text->bytes + 1, text->size - 1);
    return ok;
}

bool
money_parse(Slice text, int64_t *out, Error *err)
{
    Slice rest = text;
    bool negative = false;
    skip_blanks(&rest);
    skip_char(&rest, '$');
    if (skip_char(&rest, '-') || skip_char(&rest, '('))
        negative = true;
    else
        skip_char(&rest, '+');
    skip_blanks(&rest);
    skip_char(&rest, '$');
    bool in_range = money_amount(&rest, out);
    while (rest.size > 0) {
        if (skip_char(&rest, '-'))
            negative = true;
        else if (!is_blank(rest.bytes[0]) && strchr(")+$", rest.bytes[0]) == NULL)
            return syntax_error(err, SQLSTATE_INVALID_TEXT_REPRESENTATION, "money", text);
        else
            rest = slice_make(rest.bytes + 1, rest.size - 1);
    }
    if (!in_range || (!negative && *out == INT64_MIN))
        return error_set(err, SQLSTATE_NUMERIC_VALUE_OUT_OF_RANGE, "value \"%.*s\" is out of range for type money",
                         (int) text.size, text.bytes);
    if (!negative)
        *out = -*out;
    return true;
}
