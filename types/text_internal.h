/*
 * text_internal.h -- what the printers and parsers of the type families share. Private to types/.
 *
 * A printer appends to a Buffer; a parser gets the whole text, surrounding blanks included, and says in `err` what
 * PostgreSQL would say. Parsers copy what they keep into `arena`.
 */
#ifndef FRESHET_TYPES_TEXT_INTERNAL_H
#define FRESHET_TYPES_TEXT_INTERNAL_H

#include "base/buffer.h"
#include "base/utf8.h"
#include "types/datetime.h"
#include "types/value.h"

typedef struct TextInput {
    SqlType type;
    Slice text;
    const TextStyle *style; /* or NULL */
    Arena *arena;
} TextInput;

#define DIGIT_PAIRS_SIZE 200
extern const char digit_pairs[DIGIT_PAIRS_SIZE + 1]; /* "000102...99" */

/* The characters that C's isspace has in the C locale. */
static inline bool
is_blank(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static inline bool
is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static inline bool
is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static inline char
lower_char(char c)
{
    return c >= 'A' && c <= 'Z' ? (char) (c + 32) : c;
}

static inline int
hex_digit(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = lower_char(c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static inline Slice
slice_trim(Slice text)
{
    while (text.size > 0 && is_blank(text.bytes[0]))
        text = slice_make(text.bytes + 1, text.size - 1);
    while (text.size > 0 && is_blank(text.bytes[text.size - 1]))
        text.size--;
    return text;
}

static inline char *
print_pair(char *at, unsigned value) /* two digits, value < 100 */
{
    memcpy(at, digit_pairs + value * 2, 2);
    return at + 2;
}

char *print_uint64(char *at, uint64_t value); /* up to 20 bytes; returns the end */
char *print_int64(char *at, int64_t value);   /* up to 20 bytes */

/* `invalid input syntax for type <name>: "<text>"` */
bool syntax_error(Error *err, const char *sqlstate, const char *type_name, Slice text);

/* A whole integer with blanks around it; says what PostgreSQL's intNin says. */
MUST_CHECK bool parse_integer(Slice text, const char *type_name, int64_t min, int64_t max, int64_t *out, Error *err);

/* Whether bytes are valid UTF-8 without NUL; sets 22021 otherwise. */
MUST_CHECK bool utf8_check(Slice text, Error *err);
size_t utf8_length(Slice text);                 /* characters */
size_t utf8_prefix(Slice text, size_t count);   /* bytes of the first `count` characters */
size_t utf8_clip(Slice text, size_t bytes_max); /* bytes of the longest prefix of whole characters */

/* char(n) and varchar(n): checks the length and pads. What fits is not copied. */
MUST_CHECK bool string_apply_typmod(SqlType type, Slice text, Arena *arena, Slice *out, Error *err);

/* text_format_float.c */
void float8_print(double value, int extra_float_digits, Buffer *out);
void float4_print(float value, int extra_float_digits, Buffer *out);
MUST_CHECK bool float8_parse(Slice text, double *out, Error *err);
MUST_CHECK bool float4_parse(Slice text, float *out, Error *err);

/* text_format_datetime.c */
void date_print(int32_t date, Buffer *out);
void time_print(int64_t time, Buffer *out);
void timetz_print(TimeTz value, Buffer *out);
void timestamp_print(int64_t timestamp, Buffer *out);
void timestamptz_print(int64_t timestamp, const TextStyle *style, Buffer *out);
void interval_print(Interval value, Buffer *out);

/* datetime_parse.c, interval_parse.c */
MUST_CHECK bool date_parse(const TextInput *in, int32_t *out, Error *err);
MUST_CHECK bool time_parse(const TextInput *in, int64_t *out, Error *err);
MUST_CHECK bool timetz_parse(const TextInput *in, TimeTz *out, Error *err);
MUST_CHECK bool timestamp_parse(const TextInput *in, bool with_zone, int64_t *out, Error *err);
MUST_CHECK bool interval_parse(const TextInput *in, Interval *out, Error *err);

int64_t time_round(int64_t time, int32_t typmod);
MUST_CHECK bool interval_apply_typmod(Interval *value, int32_t typmod, Error *err);

/* text_format_list.c */
void list_print(SqlType type, Slice value, const TextStyle *style, Buffer *out);
MUST_CHECK bool list_parse(const TextInput *in, Slice *out, Error *err);
MUST_CHECK bool enum_parse(const TextInput *in, Slice *out, Error *err);
void map_print(SqlType type, Slice value, const TextStyle *style, Buffer *out);
MUST_CHECK bool map_parse(const TextInput *in, Slice *out, Error *err);

/* text_format_array.c: arrays, int2vector, ranges, records */
void array_print(SqlType type, Slice value, const TextStyle *style, Buffer *out);
void int2vector_print(Slice value, Buffer *out);
void range_print(SqlType type, Slice value, const TextStyle *style, Buffer *out);
void record_print(SqlType type, Slice value, const TextStyle *style, Buffer *out);
MUST_CHECK bool array_parse(const TextInput *in, Slice *out, Error *err);
MUST_CHECK bool int2vector_parse(const TextInput *in, Slice *out, Error *err);
MUST_CHECK bool range_parse(const TextInput *in, Slice *out, Error *err);

/* text_format_multirange.c */
void multirange_print(SqlType type, Slice value, const TextStyle *style, Buffer *out);
MUST_CHECK bool multirange_parse(const TextInput *in, Slice *out, Error *err);
MUST_CHECK bool record_parse(const TextInput *in, Slice *out, Error *err);

/* text_format_network.c, text_format_bits.c */
void inet_print(SqlType type, Slice value, Buffer *out);
MUST_CHECK bool inet_parse(const TextInput *in, Slice *out, Error *err);
void macaddr_print(Slice value, Buffer *out);
MUST_CHECK bool macaddr_parse(const TextInput *in, Slice *out, Error *err);
/* text_format_system.c: what PostgreSQL's own bookkeeping is made of, and macaddr8 */
void macaddr8_print(Slice value, Buffer *out);
MUST_CHECK bool macaddr8_parse(const TextInput *in, Slice *out, Error *err);
MUST_CHECK bool macaddr8_receive(Slice bytes, Arena *arena, Slice *out, Error *err);
void lsn_value_print(uint64_t value, Buffer *out);
MUST_CHECK bool lsn_value_parse(const TextInput *in, int64_t *out, Error *err);
void tid_print(Slice value, Buffer *out);
MUST_CHECK bool tid_parse(const TextInput *in, Slice *out, Error *err);
uint64_t xid_parse(const TextInput *in); /* any text is one */
void bit_print(Slice value, Buffer *out);
MUST_CHECK bool bit_parse(const TextInput *in, Slice *out, Error *err);
MUST_CHECK bool bit_check_length(SqlType type, int64_t bits, Error *err);
void money_print(int64_t value, Buffer *out);
MUST_CHECK bool money_parse(Slice text, int64_t *out, Error *err);

#endif
