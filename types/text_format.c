#include "types/text_format.h"

#include <stdio.h>

#include "types/enum.h"
#include "types/jsonb.h"
#include "types/jsonpath.h"
#include "types/numeric.h"
#include "types/text_internal.h"

const char digit_pairs[DIGIT_PAIRS_SIZE + 1] = "00010203040506070809"
                                               "10111213141516171819"
                                               "20212223242526272829"
                                               "30313233343536373839"
                                               "40414243444546474849"
                                               "50515253545556575859"
                                               "60616263646566676869"
                                               "70717273747576777879"
                                               "80818283848586878889"
                                               "90919293949596979899";

static int
digit_count(uint64_t value)
{
    int count = 1;
    while (value >= 10000) {
        value /= 10000;
        count += 4;
    }
    return count + (value >= 10) + (value >= 100) + (value >= 1000);
}

char *
print_uint64(char *at, uint64_t value)
{
    char *end = at + digit_count(value);
    char *p = end;
    while (value >= 100) {
        p -= 2;
        print_pair(p, (unsigned) (value % 100));
        value /= 100;
    }
    if (value >= 10)
        print_pair(p - 2, (unsigned) value);
    else
        p[-1] = (char) ('0' + value);
    return end;
}

char *
print_int64(char *at, int64_t value)
{
    if (value >= 0)
        return print_uint64(at, (uint64_t) value);
    *at = '-';
    return print_uint64(at + 1, 0 - (uint64_t) value);
}

bool
syntax_error(Error *err, const char *sqlstate, const char *type_name, Slice text)
{
    return error_set(err, sqlstate, "invalid input syntax for type %s: \"%.*s\"", type_name, (int) text.size,
                     text.bytes);
}

static bool
range_error(Error *err, const char *type_name, Slice text)
{
    return error_set(err, SQLSTATE_NUMERIC_VALUE_OUT_OF_RANGE, "value \"%.*s\" is out of range for type %s",
                     (int) text.size, text.bytes, type_name);
}

/* Digits of `text`, all of them; false: no digit, or something else. *overflow: more than 64 bits. */
static bool
parse_digits(Slice text, uint64_t *out, bool *overflow)
{
    uint64_t value = 0;
    *overflow = false;
    if (text.size == 0)
        return false;
    for (size_t i = 0; i < text.size; i++) {
        if (!is_digit(text.bytes[i]))
            return false;
        if (__builtin_mul_overflow(value, 10, &value) ||
            __builtin_add_overflow(value, (uint64_t) (text.bytes[i] - '0'), &value))
            *overflow = true;
    }
    *out = value;
    return true;
}

bool
parse_integer(Slice text, const char *type_name, int64_t min, int64_t max, int64_t *out, Error *err)
{
    Slice digits = slice_trim(text);
    const char *at = digits.bytes, *end = at + digits.size;
    bool negative = at < end && *at == '-';
    uint64_t limit = negative ? 0 - (uint64_t) min : (uint64_t) max, value = 0;
    if (at < end && (*at == '-' || *at == '+'))
        at++;
    const char *start = at;
    for (; at < end && is_digit(*at); at++) {
        uint64_t digit = (uint64_t) (*at - '0');
        /* A number that is too large is told of before what stands behind it. */
        if (value > limit / 10 || (value == limit / 10 && digit > limit % 10))
            return range_error(err, type_name, text);
        value = value * 10 + digit;
    }
    if (at == start || at < end)
        return syntax_error(err, SQLSTATE_INVALID_TEXT_REPRESENTATION, type_name, text);
    *out = negative ? (int64_t) (0 - value) : (int64_t) value;
    return true;
}

static bool
parse_unsigned(Slice text, const char *type_name, uint64_t max, int64_t *out, Error *err)
{
    Slice digits = slice_trim(text);
    bool overflow;
    uint64_t value;
    if (digits.size > 0 && digits.bytes[0] == '+')
        digits = slice_make(digits.bytes + 1, digits.size - 1);
    if (!parse_digits(digits, &value, &overflow))
        return syntax_error(err, SQLSTATE_INVALID_TEXT_REPRESENTATION, type_name, text);
    if (overflow || value > max)
        return range_error(err, type_name, text);
    *out = (int64_t) value;
    return true;
}

/* An oid may be written as a negative 32-bit number. */
static bool
parse_oid(Slice text, int64_t *out, Error *err)
{
    Slice digits = slice_trim(text);
    bool negative = false, overflow;
    uint64_t value;
    if (digits.size > 0 && (digits.bytes[0] == '-' || digits.bytes[0] == '+')) {
        negative = digits.bytes[0] == '-';
        digits = slice_make(digits.bytes + 1, digits.size - 1);
    }
    if (!parse_digits(digits, &value, &overflow))
        return syntax_error(err, SQLSTATE_INVALID_TEXT_REPRESENTATION, "oid", text);
    if (overflow || value > (negative ? UINT64_C(0x80000000) : UINT32_MAX))
        return range_error(err, "oid", text);
    *out = (int64_t) (uint32_t) (negative ? 0 - value : value);
    return true;
}

/* --- UTF-8 --- */

static bool
utf8_error(Slice text, Error *err)
{
    unsigned char first = (unsigned char) text.bytes[0];
    size_t shown = first < 0x80 ? 1 : first >= 0xf0 && first < 0xf8 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 1;
    char bytes[32] = "";
    if (shown > text.size)
        shown = text.size;
    for (size_t i = 0, at = 0; i < shown; i++)
        at += (size_t) snprintf(bytes + at, sizeof bytes - at, "%s0x%02x", i > 0 ? " " : "",
                                (unsigned char) text.bytes[i]);
    return error_set(err, SQLSTATE_CHARACTER_NOT_IN_REPERTOIRE, "invalid byte sequence for encoding \"UTF8\": %s",
                     bytes);
}

bool
utf8_check(Slice text, Error *err)
{
    size_t bad;
    return utf8_is_valid(text, &bad) || utf8_error(slice_make(text.bytes + bad, text.size - bad), err);
}

size_t
utf8_length(Slice text)
{
    size_t count = 0;
    for (size_t i = 0; i < text.size; i++)
        count += ((unsigned char) text.bytes[i] & 0xc0) != 0x80;
    return count;
}

size_t
utf8_prefix(Slice text, size_t count)
{
    size_t i = 0;
    for (; i < text.size; i++)
        if (((unsigned char) text.bytes[i] & 0xc0) != 0x80 && count-- == 0)
            break;
    return i;
}

size_t
utf8_clip(Slice text, size_t bytes_max)
{
    if (text.size <= bytes_max)
        return text.size;
    size_t size = bytes_max;
    while (size > 0 && ((unsigned char) text.bytes[size] & 0xc0) == 0x80)
        size--;
    return size;
}

/* --- strings --- */

bool
string_apply_typmod(SqlType type, Slice text, Arena *arena, Slice *out, Error *err)
{
    *out = text;
    if (type.typmod < 4 || (type.id != TYPE_BPCHAR && type.id != TYPE_VARCHAR))
        return true;
    size_t limit = (size_t) type.typmod - 4;
    if (type.id == TYPE_VARCHAR && text.size <= limit)
        return true;
    size_t length = utf8_length(text);
    if (length > limit) {
        size_t kept = utf8_prefix(text, limit);
        for (size_t i = kept; i < text.size; i++)
            if (text.bytes[i] != ' ')
                return error_set(err, SQLSTATE_STRING_DATA_RIGHT_TRUNCATION, "value too long for type %s(%zu)",
                                 type.id == TYPE_BPCHAR ? "character" : "character varying", limit);
        out->size = kept;
    } else if (type.id == TYPE_BPCHAR && length < limit) {
        char *padded = arena_alloc(arena, text.size + limit - length);
        memcpy(padded, text.bytes, text.size);
        memset(padded + text.size, ' ', limit - length);
        *out = slice_make(padded, text.size + limit - length);
    }
    return true;
}

static bool
parse_string(const TextInput *in, Datum *value, Error *err)
{
    Slice text;
    if (!string_apply_typmod(in->type, in->text, in->arena, &text, err))
        return false;
    if (in->type.id == TYPE_NAME)
        text.size = utf8_clip(text, 63);
    if (text.bytes == in->text.bytes)
        text.bytes = arena_strndup(in->arena, text.bytes, text.size);
    value->bytes = text;
    return true;
}

static bool
parse_bool(Slice text, int64_t *out, Error *err)
{
    static const struct {
        const char *word;
        size_t least;
        bool value;
    } words[] = {{"true", 1, true}, {"false", 1, false}, {"yes", 1, true}, {"no", 1, false},
                 {"on", 2, true},   {"off", 2, false},   {"1", 1, true},   {"0", 1, false}};
    Slice word = slice_trim(text);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (word.size < words[i].least || word.size > strlen(words[i].word))
            continue;
        size_t k = 0;
        while (k < word.size && lower_char(word.bytes[k]) == words[i].word[k])
            k++;
        if (k == word.size) {
            *out = words[i].value;
            return true;
        }
    }
    return syntax_error(err, SQLSTATE_INVALID_TEXT_REPRESENTATION, "boolean", text);
}

/* --- bytea, "char" --- */

static void
bytea_print(Slice value, Buffer *out)
{
    static const char hex[] = "0123456789abcdef";
    char *at = buffer_reserve(out, value.size * 2 + 2);
    *at++ = '\\';
    *at++ = 'x';
    for (size_t i = 0; i < value.size; i++) {
        *at++ = hex[(unsigned char) value.bytes[i] >> 4];
        *at++ = hex[(unsigned char) value.bytes[i] & 15];
    }
    out->size += value.size * 2 + 2;
}

static bool
bytea_hex_digit_error(Slice text, Error *err)
{
    size_t shown = utf8_prefix(text, 1);
    return error_set(err, SQLSTATE_INVALID_PARAMETER_VALUE, "invalid hexadecimal digit: \"%.*s\"", (int) shown,
                     text.bytes);
}

static bool
bytea_parse_hex(Slice text, Arena *arena, Slice *out, Error *err)
{
    char *bytes = arena_alloc(arena, text.size / 2 + 1);
    size_t size = 0;
    for (size_t i = 2; i < text.size;) {
        if (is_blank(text.bytes[i]) && text.bytes[i] != '\v' && text.bytes[i] != '\f') {
            i++;
            continue;
        }
        int high = hex_digit(text.bytes[i]);
        if (high < 0)
            return bytea_hex_digit_error(slice_make(text.bytes + i, text.size - i), err);
        if (++i == text.size)
            return error_set(err, SQLSTATE_INVALID_PARAMETER_VALUE, "invalid hexadecimal data: odd number of digits");
        int low = hex_digit(text.bytes[i]);
        if (low < 0)
            return bytea_hex_digit_error(slice_make(text.bytes + i, text.size - i), err);
        bytes[size++] = (char) (high << 4 | low);
        i++;
    }
    *out = slice_make(bytes, size);
    return true;
}

static bool
is_octal(char c)
{
    return c >= '0' && c <= '7';
}

/* A byte of a longer character is written in octal. */
static void
char_print(unsigned value, Buffer *out)
{
    if (value >= 0x80)
        buffer_printf(out, "\\%03o", value);
    else if (value != 0)
        buffer_append_char(out, (char) value);
}

static unsigned char
char_parse(Slice text)
{
    const char *p = text.bytes;
    if (text.size == 4 && p[0] == '\\' && is_octal(p[1]) && is_octal(p[2]) && is_octal(p[3]))
        return (unsigned char) ((p[1] - '0') << 6 | (p[2] - '0') << 3 | (p[3] - '0'));
    return text.size == 0 ? 0 : (unsigned char) p[0];
}

static bool
bytea_parse(Slice text, Arena *arena, Slice *out, Error *err)
{
    if (text.size >= 2 && text.bytes[0] == '\\' && text.bytes[1] == 'x')
        return bytea_parse_hex(text, arena, out, err);
    char *bytes = arena_alloc(arena, text.size + 1);
    size_t size = 0;
    for (size_t i = 0; i < text.size;) {
        const char *p = text.bytes + i;
        if (*p != '\\') {
            bytes[size++] = *p;
            i++;
        } else if (text.size - i >= 4 && p[1] >= '0' && p[1] <= '3' && is_octal(p[2]) && is_octal(p[3])) {
            bytes[size++] = (char) ((p[1] - '0') << 6 | (p[2] - '0') << 3 | (p[3] - '0'));
            i += 4;
        } else if (text.size - i >= 2 && p[1] == '\\') {
            bytes[size++] = '\\';
            i += 2;
        } else {
            return error_set(err, SQLSTATE_INVALID_TEXT_REPRESENTATION, "invalid input syntax for type bytea");
        }
    }
    *out = slice_make(bytes, size);
    return true;
}

/* --- uuid --- */

static void
uuid_print(const uint8_t *value, Buffer *out)
{
    static const char hex[] = "0123456789abcdef";
    char *at = buffer_reserve(out, 36);
    for (int i = 0; i < 16; i++) {
        if (i == 4 || i == 6 || i == 8 || i == 10)
            *at++ = '-';
        *at++ = hex[value[i] >> 4];
        *at++ = hex[value[i] & 15];
    }
    out->size += 36;
}

/* 32 digits, with a dash allowed after any four, all of it in braces or not. */
static bool
uuid_parse(Slice text, uint8_t *out, Error *err)
{
    Slice rest = text;
    if (rest.size >= 2 && rest.bytes[0] == '{' && rest.bytes[rest.size - 1] == '}')
        rest = slice_make(rest.bytes + 1, rest.size - 2);
    size_t at = 0;
    for (int i = 0; i < 16; i++) {
        if (rest.size - at < 2 || hex_digit(rest.bytes[at]) < 0 || hex_digit(rest.bytes[at + 1]) < 0)
            return syntax_error(err, SQLSTATE_INVALID_TEXT_REPRESENTATION, "uuid", text);
        out[i] = (uint8_t) (hex_digit(rest.bytes[at]) << 4 | hex_digit(rest.bytes[at + 1]));
        at += 2;
        if (i % 2 == 1 && i < 15 && at < rest.size && rest.bytes[at] == '-')
            at++;
    }
    if (at != rest.size)
        return syntax_error(err, SQLSTATE_INVALID_TEXT_REPRESENTATION, "uuid", text);
    return true;
}

/* --- reg* --- */

static void
reg_print(SqlType type, uint32_t oid, const TextStyle *style, Buffer *out)
{
    SqlType named;
    if (oid == 0) {
        buffer_append_char(out, '-');
    } else if (type.id == TYPE_REGTYPE && type_from_oid(oid, -1, &named)) {
        Arena *arena = arena_new();
        buffer_append_text(out, type_format(named, arena));
        arena_free(arena);
    } else if (type.id != TYPE_REGCLASS || style == NULL || style->relation_name == NULL ||
               !style->relation_name(style->relation_context, oid, out)) {
        out->size = (size_t) (print_uint64(buffer_reserve(out, 20), oid) - out->bytes);
    }
}

static bool
reg_parse(const TextInput *in, int64_t *out, Error *err)
{
    Slice text = in->text;
    if (text.size == 1 && text.bytes[0] == '-') {
        *out = 0;
        return true;
    }
    if (text.size > 0 && is_digit(text.bytes[0]))
        return parse_oid(text, out, err);
    SqlType named;
    if (in->type.id == TYPE_REGTYPE) {
        char *name = arena_strndup(in->arena, text.bytes, text.size);
        for (char *p = name; *p != 0; p++)
            *p = lower_char(*p);
        if (!type_from_name(name, &named))
            return error_set(err, SQLSTATE_UNDEFINED_OBJECT, "type \"%s\" does not exist", name);
        *out = type_oid(named);
        return true;
    }
    if (in->type.id == TYPE_REGCLASS)
        return error_set(err, SQLSTATE_UNDEFINED_TABLE, "relation \"%.*s\" does not exist", (int) text.size,
                         text.bytes);
    return error_set(err, SQLSTATE_UNDEFINED_FUNCTION, "function \"%.*s\" does not exist", (int) text.size, text.bytes);
}

/* --- the two switches --- */

static void
print_signed(int64_t value, Buffer *out)
{
    out->size = (size_t) (print_int64(buffer_reserve(out, 20), value) - out->bytes);
}

static void
print_unsigned(uint64_t value, Buffer *out)
{
    out->size = (size_t) (print_uint64(buffer_reserve(out, 20), value) - out->bytes);
}

void
datum_print(SqlType type, Datum value, const TextStyle *style, Buffer *out)
{
    switch (type.id) {
    case TYPE_BOOL:
        buffer_append_char(out, value.i != 0 ? 't' : 'f');
        return;
    case TYPE_INT2:
    case TYPE_INT4:
    case TYPE_INT8:
        print_signed(value.i, out);
        return;
    case TYPE_UNKNOWN:
    case TYPE_TEXT:
    case TYPE_VARCHAR:
    case TYPE_BPCHAR:
    case TYPE_NAME:
    case TYPE_JSON:
    case TYPE_JSONB:
    case TYPE_JSONPATH:
    case TYPE_XML:
    case TYPE_MZ_ACLITEM:
        buffer_append_slice(out, value.bytes);
        return;
    case TYPE_FLOAT8:
        float8_print(value.f, style == NULL ? 1 : style->extra_float_digits, out);
        return;
    case TYPE_FLOAT4:
        float4_print((float) value.f, style == NULL ? 1 : style->extra_float_digits, out);
        return;
    case TYPE_NUMERIC:
        numeric_print(value.bytes, out);
        return;
    case TYPE_DATE:
        date_print((int32_t) value.i, out);
        return;
    case TYPE_TIME:
        time_print(value.i, out);
        return;
    case TYPE_TIMETZ:
        timetz_print(value.timetz, out);
        return;
    case TYPE_TIMESTAMP:
        timestamp_print(value.i, out);
        return;
    case TYPE_TIMESTAMPTZ:
        timestamptz_print(value.i, style, out);
        return;
    case TYPE_INTERVAL:
        interval_print(value.interval, out);
        return;
    case TYPE_OID:
    case TYPE_XID:
    case TYPE_CID:
    case TYPE_UINT2:
    case TYPE_UINT4:
        print_unsigned((uint32_t) value.i, out);
        return;
    case TYPE_UINT8:
    case TYPE_XID8:
    case TYPE_MZ_TIMESTAMP:
        print_unsigned((uint64_t) value.i, out);
        return;
    case TYPE_REGPROC:
    case TYPE_REGCLASS:
    case TYPE_REGTYPE:
        reg_print(type, (uint32_t) value.i, style, out);
        return;
    case TYPE_CHAR:
        char_print((unsigned) value.i, out);
        return;
    case TYPE_BYTEA:
        bytea_print(value.bytes, out);
        return;
    case TYPE_UUID:
        uuid_print(value.b16, out);
        return;
    case TYPE_MONEY:
        money_print(value.i, out);
        return;
    case TYPE_INET:
    case TYPE_CIDR:
        inet_print(type, value.bytes, out);
        return;
    case TYPE_MACADDR:
        macaddr_print(value.bytes, out);
        return;
    case TYPE_MACADDR8:
        macaddr8_print(value.bytes, out);
        return;
    case TYPE_TID:
        tid_print(value.bytes, out);
        return;
    case TYPE_PG_LSN:
        lsn_value_print((uint64_t) value.i, out);
        return;
    case TYPE_BIT:
    case TYPE_VARBIT:
        bit_print(value.bytes, out);
        return;
    case TYPE_INT4RANGE:
    case TYPE_INT8RANGE:
    case TYPE_NUMRANGE:
    case TYPE_TSRANGE:
    case TYPE_TSTZRANGE:
    case TYPE_DATERANGE:
        range_print(type, value.bytes, style, out);
        return;
    case TYPE_INT4MULTIRANGE:
    case TYPE_INT8MULTIRANGE:
    case TYPE_NUMMULTIRANGE:
    case TYPE_TSMULTIRANGE:
    case TYPE_TSTZMULTIRANGE:
    case TYPE_DATEMULTIRANGE:
        multirange_print(type, value.bytes, style, out);
        return;
    case TYPE_INT2VECTOR:
        int2vector_print(value.bytes, out);
        return;
    case TYPE_ENUM:
        buffer_append_slice(out, enum_label(value.bytes));
        return;
    case TYPE_LIST:
        list_print(type, value.bytes, style, out);
        return;
    case TYPE_ARRAY:
        array_print(type, value.bytes, style, out);
        return;
    case TYPE_MAP:
        map_print(type, value.bytes, style, out);
        return;
    case TYPE_RECORD:
        record_print(type, value.bytes, style, out);
        return;
    case TYPE_COUNT:
        break;
    }
    bug("no text form for type %d", (int) type.id);
}

static bool
parse_jsonb(const TextInput *in, Slice *out, Error *err)
{
    if (jsonb_is_canonical(in->text)) {
        *out = slice_make(arena_strndup(in->arena, in->text.bytes, in->text.size), in->text.size);
        return true;
    }
    Buffer buffer = {0};
    bool ok = jsonb_parse(in->text, &buffer, err);
    size_t size = buffer.size;
    *out = slice_make(buffer_to_arena(&buffer, in->arena), size);
    return ok;
}

static bool
parse_numeric(const TextInput *in, Slice *out, Error *err)
{
    Numeric value;
    if (!numeric_parse(in->text, in->arena, &value, err))
        return false;
    return numeric_apply_typmod(value, in->type.typmod, in->arena, out, err);
}

/* Stored as it is printed. */
static bool
parse_jsonpath(const TextInput *in, Slice *out, Error *err)
{
    JsonPath path;
    if (!jsonpath_parse(in->text, in->arena, &path, err))
        return false;
    Buffer buffer = {0};
    jsonpath_print(&path, &buffer);
    size_t size = buffer.size;
    *out = slice_make(buffer_to_arena(&buffer, in->arena), size);
    return true;
}

static bool
parse_dispatch(const TextInput *in, Datum *value, Error *err)
{
    switch (in->type.id) {
    case TYPE_BOOL:
        return parse_bool(in->text, &value->i, err);
    case TYPE_INT2:
        return parse_integer(in->text, "smallint", INT16_MIN, INT16_MAX, &value->i, err);
    case TYPE_INT4:
        return parse_integer(in->text, "integer", INT32_MIN, INT32_MAX, &value->i, err);
    case TYPE_INT8:
        return parse_integer(in->text, "bigint", INT64_MIN, INT64_MAX, &value->i, err);
    case TYPE_JSON:
        if (!json_check(in->text, err))
            return false;
        return parse_string(in, value, err);
    case TYPE_UNKNOWN:
    case TYPE_TEXT:
    case TYPE_VARCHAR:
    case TYPE_BPCHAR:
    case TYPE_NAME:
    case TYPE_XML:
    case TYPE_MZ_ACLITEM:
        return parse_string(in, value, err);
    case TYPE_JSONB:
        return parse_jsonb(in, &value->bytes, err);
    case TYPE_JSONPATH:
        return parse_jsonpath(in, &value->bytes, err);
    case TYPE_FLOAT8:
        return float8_parse(in->text, &value->f, err);
    case TYPE_FLOAT4: {
        float narrow = 0;
        if (!float4_parse(in->text, &narrow, err))
            return false;
        value->f = (double) narrow;
        return true;
    }
    case TYPE_NUMERIC:
        return parse_numeric(in, &value->bytes, err);
    case TYPE_DATE: {
        int32_t date = 0;
        if (!date_parse(in, &date, err))
            return false;
        value->i = date;
        return true;
    }
    case TYPE_TIME:
        return time_parse(in, &value->i, err);
    case TYPE_TIMETZ:
        return timetz_parse(in, &value->timetz, err);
    case TYPE_TIMESTAMP:
        return timestamp_parse(in, false, &value->i, err);
    case TYPE_TIMESTAMPTZ:
        return timestamp_parse(in, true, &value->i, err);
    case TYPE_INTERVAL:
        return interval_parse(in, &value->interval, err);
    case TYPE_OID:
        return parse_oid(in->text, &value->i, err);
    case TYPE_UINT2:
        return parse_unsigned(in->text, "uint2", UINT16_MAX, &value->i, err);
    case TYPE_UINT4:
        return parse_unsigned(in->text, "uint4", UINT32_MAX, &value->i, err);
    case TYPE_UINT8:
        return parse_unsigned(in->text, "uint8", UINT64_MAX, &value->i, err);
    case TYPE_MZ_TIMESTAMP:
        return parse_unsigned(in->text, "mz_timestamp", UINT64_MAX, &value->i, err);
    case TYPE_REGPROC:
    case TYPE_REGCLASS:
    case TYPE_REGTYPE:
        return reg_parse(in, &value->i, err);
    case TYPE_CHAR:
        value->i = char_parse(in->text);
        return true;
    case TYPE_BYTEA:
        return bytea_parse(in->text, in->arena, &value->bytes, err);
    case TYPE_UUID:
        return uuid_parse(in->text, value->b16, err);
    case TYPE_MONEY:
        return money_parse(in->text, &value->i, err);
    case TYPE_INET:
    case TYPE_CIDR:
        return inet_parse(in, &value->bytes, err);
    case TYPE_MACADDR:
        return macaddr_parse(in, &value->bytes, err);
    case TYPE_MACADDR8:
        return macaddr8_parse(in, &value->bytes, err);
    case TYPE_TID:
        return tid_parse(in, &value->bytes, err);
    case TYPE_PG_LSN:
        return lsn_value_parse(in, &value->i, err);
    case TYPE_XID:
    case TYPE_CID:
        value->i = (uint32_t) xid_parse(in);
        return true;
    case TYPE_XID8:
        value->i = (int64_t) xid_parse(in);
        return true;
    case TYPE_BIT:
    case TYPE_VARBIT:
        return bit_parse(in, &value->bytes, err);
    case TYPE_INT4RANGE:
    case TYPE_INT8RANGE:
    case TYPE_NUMRANGE:
    case TYPE_TSRANGE:
    case TYPE_TSTZRANGE:
    case TYPE_DATERANGE:
        return range_parse(in, &value->bytes, err);
    case TYPE_INT4MULTIRANGE:
    case TYPE_INT8MULTIRANGE:
    case TYPE_NUMMULTIRANGE:
    case TYPE_TSMULTIRANGE:
    case TYPE_TSTZMULTIRANGE:
    case TYPE_DATEMULTIRANGE:
        return multirange_parse(in, &value->bytes, err);
    case TYPE_INT2VECTOR:
        return int2vector_parse(in, &value->bytes, err);
    case TYPE_ENUM:
        return enum_parse(in, &value->bytes, err);
    case TYPE_LIST:
        return list_parse(in, &value->bytes, err);
    case TYPE_ARRAY:
        return array_parse(in, &value->bytes, err);
    case TYPE_MAP:
        return map_parse(in, &value->bytes, err);
    case TYPE_RECORD:
        return record_parse(in, &value->bytes, err);
    case TYPE_COUNT:
        break;
    }
    bug("no text form for type %d", (int) in->type.id);
}

bool
datum_parse(SqlType type, Slice text, const TextStyle *style, Arena *arena, Datum *value, Error *err)
{
    TextInput in = {.type = type, .text = text, .style = style, .arena = arena};
    *value = (Datum){.is_null = false};
    return utf8_check(text, err) && parse_dispatch(&in, value, err);
}
