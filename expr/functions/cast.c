#include "expr/cast_internal.h"

#include <stdio.h>
#include <stdlib.h>

#include "expr/evaluate_internal.h"
#include "expr/functions/kernel.h"
#include "types/array.h"
#include "types/datetime.h"
#include "types/element.h"
#include "types/jsonb.h"
#include "types/multirange.h"
#include "types/numeric.h"
#include "types/text_format.h"

static void
cast_relabel(FunctionCall *call)
{
    call->made = column_retain(call->args[0].column);
}

/* ---- numbers */

KERNEL_UNARY(bool_to_int4, uint8_t, int32_t, PHYS_I32, a)
KERNEL_UNARY(int2_to_int4, int16_t, int32_t, PHYS_I32, a)
KERNEL_UNARY(int2_to_int8, int16_t, int64_t, PHYS_I64, a)
KERNEL_UNARY(int2_to_float4, int16_t, float, PHYS_F32, a)
KERNEL_UNARY(int2_to_float8, int16_t, double, PHYS_F64, a)
KERNEL_UNARY(int4_to_bool, int32_t, uint8_t, PHYS_U8, a != 0)
KERNEL_UNARY(int4_to_int8, int32_t, int64_t, PHYS_I64, a)
KERNEL_UNARY(int4_to_float4, int32_t, float, PHYS_F32, a)
KERNEL_UNARY(int4_to_float8, int32_t, double, PHYS_F64, a)
KERNEL_UNARY(int8_to_float4, int64_t, float, PHYS_F32, a)
KERNEL_UNARY(int8_to_float8, int64_t, double, PHYS_F64, a)
KERNEL_UNARY(oid_to_int8, uint32_t, int64_t, PHYS_I64, a)
KERNEL_UNARY(xid8_to_xid, uint64_t, uint32_t, PHYS_I32, (uint32_t) a)
KERNEL_UNARY(float4_to_float8, float, double, PHYS_F64, a)

#define NARROWING(a, out) __builtin_add_overflow((a), 0, (out))
#define SMALLINT_ERROR(a) ((void) (a), &error_smallint_range)
#define INTEGER_ERROR(a)  ((void) (a), &error_integer_range)
#define BIGINT_ERROR(a)   ((void) (a), &error_bigint_range)
KERNEL_UNARY_FAILING(int4_to_int2, int32_t, int16_t, PHYS_I16, NARROWING, SMALLINT_ERROR)
KERNEL_UNARY_FAILING(int8_to_int2, int64_t, int16_t, PHYS_I16, NARROWING, SMALLINT_ERROR)
KERNEL_UNARY_FAILING(int8_to_int4, int64_t, int32_t, PHYS_I32, NARROWING, INTEGER_ERROR)

static inline bool
float_to_int2(double a, int16_t *out)
{
    double rounded = rint(a);
    bool fits = rounded >= -32768.0 && rounded < 32768.0;
    *out = fits ? (int16_t) rounded : 0;
    return !fits;
}

static inline bool
float_to_int4(double a, int32_t *out)
{
    double rounded = rint(a);
    bool fits = rounded >= -2147483648.0 && rounded < 2147483648.0;
    *out = fits ? (int32_t) rounded : 0;
    return !fits;
}

static inline bool
float_to_int8(double a, int64_t *out)
{
    double rounded = rint(a);
    bool fits = rounded >= -9223372036854775808.0 && rounded < 9223372036854775808.0;
    *out = fits ? (int64_t) rounded : 0;
    return !fits;
}

static inline bool
double_to_float(double a, float *out)
{
    *out = (float) a;
    return (isinf(*out) && !isinf(a)) || (*out == 0.0F && a != 0.0);
}

#define NARROW_FLOAT_ERROR(a) (fabs(a) > 1.0 ? &error_float_overflow : &error_float_underflow)
KERNEL_UNARY_FAILING(float4_to_int2, float, int16_t, PHYS_I16, float_to_int2, SMALLINT_ERROR)
KERNEL_UNARY_FAILING(float4_to_int4, float, int32_t, PHYS_I32, float_to_int4, INTEGER_ERROR)
KERNEL_UNARY_FAILING(float4_to_int8, float, int64_t, PHYS_I64, float_to_int8, BIGINT_ERROR)
KERNEL_UNARY_FAILING(float8_to_int2, double, int16_t, PHYS_I16, float_to_int2, SMALLINT_ERROR)
KERNEL_UNARY_FAILING(float8_to_int4, double, int32_t, PHYS_I32, float_to_int4, INTEGER_ERROR)
KERNEL_UNARY_FAILING(float8_to_int8, double, int64_t, PHYS_I64, float_to_int8, BIGINT_ERROR)
KERNEL_UNARY_FAILING(float8_to_float4, double, float, PHYS_F32, double_to_float, NARROW_FLOAT_ERROR)

static bool
out_of_range(SqlType type, Error *err)
{
    Arena *arena = arena_new();
    type.typmod = -1;
    (void) error_set(err, SQLSTATE_NUMERIC_VALUE_OUT_OF_RANGE, "%s out of range", type_format(type, arena));
    arena_free(arena);
    return false;
}

/* An integer as a value of the integer type `to`. */
static bool
give_integer(__int128 value, SqlType to, Datum *result, Error *err)
{
    __int128 low = 0, high;
    switch (to.id) {
    case TYPE_INT2:
        low = INT16_MIN;
        high = INT16_MAX;
        break;
    case TYPE_INT4:
        low = INT32_MIN;
        high = INT32_MAX;
        break;
    case TYPE_INT8:
        low = INT64_MIN;
        high = INT64_MAX;
        break;
    case TYPE_UINT2:
        high = UINT16_MAX;
        break;
    case TYPE_UINT4:
        high = UINT32_MAX;
        break;
    default:
        high = UINT64_MAX;
    }
    if (value < low || value > high)
        return out_of_range(to, err);
    return give_int(result, (int64_t) value);
}

ROW_FUNCTION(int_to_unsigned)
{
    return give_integer(args[0].i, call->result_type, result, err);
}

ROW_FUNCTION(unsigned_to_int)
{
    return give_integer((uint64_t) args[0].i, call->result_type, result, err);
}

ROW_FUNCTION(float_to_unsigned)
{
    double rounded = rint(args[0].f);
    if (!(rounded >= 0.0 && rounded < 18446744073709551616.0))
        return out_of_range(call->result_type, err);
    return give_integer((__int128) rounded, call->result_type, result, err);
}

/* The bytes FF FE in the middle say that an address had six. */
ROW_FUNCTION(macaddr_to_macaddr8)
{
    const char *from = args[0].bytes.bytes;
    char *bytes = arena_alloc(call->context->arena, 8);
    memcpy(bytes, from, 3);
    memcpy(bytes + 3, "\xFF\xFE", 2);
    memcpy(bytes + 5, from + 3, 3);
    return give_bytes(result, slice_make(bytes, 8));
}

ROW_FUNCTION(macaddr8_to_macaddr)
{
    const char *from = args[0].bytes.bytes;
    if (memcmp(from + 3, "\xFF\xFE", 2) != 0) {
        error_set(err, SQLSTATE_NUMERIC_VALUE_OUT_OF_RANGE, "macaddr8 data out of range to convert to macaddr");
        return error_hint(err,
                          "Only addresses that have FF and FE as values in the 4th and 5th bytes from the left, for "
                          "example xx:xx:xx:ff:fe:xx:xx:xx, are eligible to be converted from macaddr8 to macaddr.");
    }
    char *bytes = arena_alloc(call->context->arena, 6);
    memcpy(bytes, from, 3);
    memcpy(bytes + 3, from + 5, 3);
    return give_bytes(result, slice_make(bytes, 6));
}

ROW_FUNCTION(int8_to_oid)
{
    if ((uint64_t) args[0].i > UINT32_MAX)
        return error_set(err, SQLSTATE_NUMERIC_VALUE_OUT_OF_RANGE, "OID out of range");
    return give_int(result, args[0].i);
}

ROW_FUNCTION(int_to_numeric)
{
    return give_bytes(result, numeric_from_int64(args[0].i, call->context->arena));
}

ROW_FUNCTION(unsigned_to_numeric)
{
    return give_bytes(result, numeric_from_int128((uint64_t) args[0].i, 0, call->context->arena));
}

ROW_FUNCTION(unsigned_to_float)
{
    double value = (double) (uint64_t) args[0].i;
    return give_float(result, call->result_type.id == TYPE_FLOAT4 ? (float) value : value);
}

static bool
numeric_give_integer(Numeric value, SqlType to, Arena *arena, Datum *result, Error *err)
{
    if (!numeric_is_finite(value)) {
        to.typmod = -1;
        return error_set(err, SQLSTATE_FEATURE_NOT_SUPPORTED, "cannot convert %s to %s",
                         numeric_is_nan(value) ? "NaN" : "infinity", type_format(to, arena));
    }
    int scale;
    __int128 coefficient;
    Numeric rounded = numeric_round(value, 0, arena);
    if (!numeric_to_int128(rounded, &scale, &coefficient))
        return out_of_range(to, err);
    return give_integer(coefficient, to, result, err);
}

ROW_FUNCTION(numeric_to_int)
{
    return numeric_give_integer(args[0].bytes, call->result_type, call->context->arena, result, err);
}

static bool
numeric_range_error(Numeric value, const char *type, Error *err)
{
    Buffer text = {0};
    datum_print(SQL_TYPE(NUMERIC), datum_bytes(value), NULL, &text);
    (void) error_set(err, SQLSTATE_NUMERIC_VALUE_OUT_OF_RANGE, "\"%s\" is out of range for type %s", buffer_text(&text),
                     type);
    buffer_deinit(&text);
    return false;
}

ROW_FUNCTION(numeric_to_float8)
{
    double value = numeric_to_double(args[0].bytes);
    if (numeric_is_finite(args[0].bytes) && (isinf(value) || (value == 0.0 && numeric_sign(args[0].bytes) != 0)))
        return numeric_range_error(args[0].bytes, "double precision", err);
    return give_float(result, value);
}

ROW_FUNCTION(numeric_to_float4)
{
    Buffer text = {0};
    datum_print(SQL_TYPE(NUMERIC), args[0], NULL, &text);
    float value = strtof(buffer_text(&text), NULL);
    buffer_deinit(&text);
    if (numeric_is_finite(args[0].bytes) && (isinf(value) || (value == 0.0F && numeric_sign(args[0].bytes) != 0)))
        return numeric_range_error(args[0].bytes, "real", err);
    return give_float(result, value);
}

ROW_FUNCTION(float8_to_numeric)
{
    Numeric numeric;
    if (!numeric_from_double(args[0].f, call->context->arena, &numeric, err))
        return false;
    return give_bytes(result, numeric);
}

ROW_FUNCTION(float4_to_numeric)
{
    if (!isfinite(args[0].f))
        return float8_to_numeric(call, args, result, err);
    char text[64];
    int size = snprintf(text, sizeof text, "%.6g", args[0].f);
    return datum_parse(SQL_TYPE(NUMERIC), slice_make(text, (size_t) size), NULL, call->context->arena, result, err);
}

ROW_FUNCTION(int_to_money)
{
    int64_t cents;
    if (__builtin_mul_overflow(args[0].i, 100, &cents))
        return out_of_range(SQL_TYPE(INT8), err);
    return give_int(result, cents);
}

ROW_FUNCTION(money_to_numeric)
{
    return give_bytes(result, numeric_from_int128(args[0].i, 2, call->context->arena));
}

ROW_FUNCTION(numeric_to_money)
{
    Numeric cents;
    Arena *arena = call->context->arena;
    if (!numeric_mul(args[0].bytes, numeric_from_int64(100, arena), arena, &cents, err))
        return false;
    return numeric_give_integer(cents, SQL_TYPE(INT8), arena, result, err);
}

/* ---- texts */

/* Bytes of the first `limit` characters of a UTF-8 text, at most all of them; *characters says how many there are. */
static size_t
utf8_prefix(Slice text, int64_t limit, int64_t *characters)
{
    size_t at = 0;
    int64_t count = 0;
    while (at < text.size && count < limit) {
        at++;
        while (at < text.size && ((unsigned char) text.bytes[at] & 0xc0) == 0x80)
            at++;
        count++;
    }
    *characters = count;
    return at;
}

static Slice
without_blanks(Slice text)
{
    while (text.size > 0 && text.bytes[text.size - 1] == ' ')
        text.size--;
    return text;
}

static Slice
name_cut(Slice text)
{
    size_t size = text.size > 63 ? 63 : text.size;
    while (size < text.size && size > 0 && ((unsigned char) text.bytes[size] & 0xc0) == 0x80)
        size--;
    return slice_make(text.bytes, size);
}

ROW_FUNCTION(bool_to_text)
{
    return give_text(result, args[0].i != 0 ? "true" : "false");
}

ROW_FUNCTION(bpchar_to_text)
{
    return give_bytes(result, without_blanks(args[0].bytes));
}

ROW_FUNCTION(bpchar_to_name)
{
    return give_bytes(result, name_cut(without_blanks(args[0].bytes)));
}

ROW_FUNCTION(text_to_name)
{
    return give_bytes(result, name_cut(args[0].bytes));
}

ROW_FUNCTION(text_to_char)
{
    return give_int(result, args[0].bytes.size == 0 ? 0 : (unsigned char) args[0].bytes.bytes[0]);
}

ROW_FUNCTION(char_to_text)
{
    char *byte = arena_alloc(call->context->arena, 1);
    *byte = (char) args[0].i;
    return give_bytes(result, slice_make(byte, args[0].i == 0 ? 0 : 1));
}

ROW_FUNCTION(char_to_int4)
{
    return give_int(result, (signed char) args[0].i);
}

ROW_FUNCTION(int4_to_char)
{
    if (args[0].i < -128 || args[0].i > 127)
        return error_set(err, SQLSTATE_NUMERIC_VALUE_OUT_OF_RANGE, "\"char\" out of range");
    return give_int(result, (unsigned char) args[0].i);
}

ROW_FUNCTION(text_to_regtype)
{
    Slice text = args[0].bytes;
    SqlType type;
    bool array = text.size > 2 && memcmp(text.bytes + text.size - 2, "[]", 2) == 0;
    char *name = arena_strndup(call->context->arena, text.bytes, text.size - (array ? 2 : 0));
    if (text.size > 0 && strspn(name, "0123456789") == strlen(name))
        return datum_parse(SQL_TYPE(OID), text, NULL, call->context->arena, result, err);
    if (!type_from_name(name, &type))
        return error_set(err, SQLSTATE_UNDEFINED_OBJECT, "type \"%.*s\" does not exist", (int) text.size, text.bytes);
    return give_int(result, array ? type_array_oid(type) : type_oid(type));
}

ROW_FUNCTION(json_to_jsonb)
{
    Buffer out = {0};
    if (!jsonb_parse(args[0].bytes, &out, err)) {
        buffer_deinit(&out);
        return false;
    }
    return give_buffer(call, result, &out);
}

static bool
jsonb_cannot_cast(Slice value, FunctionCall *call, Error *err)
{
    static const char *const kinds[] = {
        [JSON_NULL] = "null",     [JSON_BOOL] = "boolean", [JSON_NUMBER] = "numeric",
        [JSON_STRING] = "string", [JSON_ARRAY] = "array",  [JSON_OBJECT] = "object",
    };
    SqlType to = call->result_type;
    to.typmod = -1;
    return error_set(err, SQLSTATE_INVALID_PARAMETER_VALUE, "cannot cast jsonb %s to type %s", kinds[jsonb_kind(value)],
                     type_format(to, call->context->arena));
}

ROW_FUNCTION(jsonb_to_bool)
{
    if (jsonb_kind(args[0].bytes) != JSON_BOOL)
        return jsonb_cannot_cast(args[0].bytes, call, err);
    return give_bool(result, args[0].bytes.bytes[0] == 't');
}

ROW_FUNCTION(jsonb_to_number)
{
    if (jsonb_kind(args[0].bytes) != JSON_NUMBER)
        return jsonb_cannot_cast(args[0].bytes, call, err);
    Arena *arena = call->context->arena;
    Datum numeric;
    if (!datum_parse(SQL_TYPE(NUMERIC), args[0].bytes, NULL, arena, &numeric, err))
        return false;
    switch (call->result_type.id) {
    case TYPE_NUMERIC:
        *result = numeric;
        return true;
    case TYPE_FLOAT4:
        return numeric_to_float4(call, &numeric, result, err);
    case TYPE_FLOAT8:
        return numeric_to_float8(call, &numeric, result, err);
    default:
        return numeric_give_integer(numeric.bytes, call->result_type, arena, result, err);
    }
}

/* ---- dates and times */

static inline bool
timestamp_is_finite(int64_t timestamp)
{
    return timestamp != TIMESTAMP_MINUS_INFINITY && timestamp != TIMESTAMP_INFINITY;
}

static Slice
zone_of(const FunctionCall *call)
{
    return slice_of(call_zone(call) == NULL ? "UTC" : call_zone(call));
}

static int64_t
time_of_day(int64_t timestamp)
{
    int64_t time = timestamp % US_PER_DAY;
    return time < 0 ? time + US_PER_DAY : time;
}

ROW_FUNCTION(date_to_timestamp_cast)
{
    return date_to_timestamp((int32_t) args[0].i, &result->i, err);
}

ROW_FUNCTION(timestamp_to_timestamptz)
{
    if (!timestamp_is_finite(args[0].i) || call_zone(call) == NULL)
        return give_int(result, args[0].i);
    return timestamp_from_zone(args[0].i, zone_of(call), &result->i, err);
}

ROW_FUNCTION(date_to_timestamptz_cast)
{
    Datum timestamp = {0};
    if (!date_to_timestamp((int32_t) args[0].i, &timestamp.i, err))
        return false;
    return timestamp_to_timestamptz(call, &timestamp, result, err);
}

ROW_FUNCTION(timestamptz_to_timestamp)
{
    if (!timestamp_is_finite(args[0].i) || call_zone(call) == NULL)
        return give_int(result, args[0].i);
    return timestamp_to_zone(args[0].i, zone_of(call), &result->i, err);
}

ROW_FUNCTION(timestamp_to_date_cast)
{
    return give_int(result, timestamp_to_date(args[0].i));
}

ROW_FUNCTION(timestamptz_to_date)
{
    Datum local = {0};
    if (!timestamptz_to_timestamp(call, args, &local, err))
        return false;
    return give_int(result, timestamp_to_date(local.i));
}

ROW_FUNCTION(timestamp_to_time)
{
    if (!timestamp_is_finite(args[0].i))
        return give_null(result);
    return give_int(result, time_of_day(args[0].i));
}

ROW_FUNCTION(timestamptz_to_time)
{
    Datum local = {0};
    if (!timestamptz_to_timestamp(call, args, &local, err))
        return false;
    return timestamp_to_time(call, &local, result, err);
}

ROW_FUNCTION(timestamptz_to_timetz)
{
    Datum local = {0};
    if (!timestamp_is_finite(args[0].i))
        return give_null(result);
    if (!timestamptz_to_timestamp(call, args, &local, err))
        return false;
    *result = (Datum){0};
    result->timetz.microseconds = time_of_day(local.i);
    result->timetz.zone_seconds_west = (int32_t) ((args[0].i - local.i) / US_PER_SECOND);
    return true;
}

ROW_FUNCTION(time_to_timetz)
{
    /* The zone's offset of today, as PostgreSQL has it. */
    int64_t now = call->context->style.now_us, local = now;
    if (call_zone(call) != NULL && !timestamp_to_zone(now, zone_of(call), &local, err))
        return false;
    *result = (Datum){0};
    result->timetz.microseconds = args[0].i;
    result->timetz.zone_seconds_west = (int32_t) ((now - local) / US_PER_SECOND);
    return true;
}

ROW_FUNCTION(timetz_to_time)
{
    return give_int(result, args[0].timetz.microseconds);
}

ROW_FUNCTION(time_to_interval)
{
    return give_interval(result, (Interval){.microseconds = args[0].i});
}

ROW_FUNCTION(interval_to_time)
{
    return give_int(result, time_of_day(args[0].interval.microseconds));
}

#define MILLISECOND_US INT64_C(1000)

ROW_FUNCTION(timestamp_to_mz_timestamp)
{
    int64_t milliseconds = args[0].i / MILLISECOND_US + EPOCH_SHIFT_US / MILLISECOND_US;
    if (!timestamp_is_finite(args[0].i) || milliseconds < 0)
        return error_set(err, SQLSTATE_NUMERIC_VALUE_OUT_OF_RANGE, "mz_timestamp out of range");
    return give_int(result, milliseconds);
}

ROW_FUNCTION(date_to_mz_timestamp)
{
    Datum timestamp = {0};
    if (!date_to_timestamp((int32_t) args[0].i, &timestamp.i, err))
        return false;
    return timestamp_to_mz_timestamp(call, &timestamp, result, err);
}

ROW_FUNCTION(mz_timestamp_to_timestamp)
{
    uint64_t milliseconds = (uint64_t) args[0].i;
    if (milliseconds > (uint64_t) (INT64_MAX / MILLISECOND_US / 2))
        return error_set(err, SQLSTATE_DATETIME_FIELD_OVERFLOW, "timestamp out of range");
    return give_int(result, (int64_t) milliseconds * MILLISECOND_US - EPOCH_SHIFT_US);
}

/* ---- bits and addresses */

ROW_FUNCTION(int_to_bit)
{
    /* Without a length the cast is to bit(1): the lowest bit. */
    int width = call->arg_types[0].id == TYPE_INT4 ? 32 : 64;
    int length = call->result_type.typmod > 0 ? call->result_type.typmod : 1;
    int size = (length + 7) / 8;
    char *out = arena_alloc(call->context->arena, (size_t) size + 4);
    be32_write(out, (uint32_t) length);
    for (int i = 0; i < length; i++) {
        int from_right = length - 1 - i;
        bool set = from_right < width ? (args[0].i >> from_right) & 1 : args[0].i < 0;
        out[4 + i / 8] = (char) (out[4 + i / 8] | (set ? 0x80 >> (i % 8) : 0));
    }
    return give_bytes(result, slice_make(out, (size_t) size + 4));
}

ROW_FUNCTION(bit_to_int)
{
    int width = call->result_type.id == TYPE_INT4 ? 32 : 64;
    int length = (int) be32_read(args[0].bytes.bytes);
    if (length > width)
        return out_of_range(call->result_type, err);
    uint64_t value = 0;
    for (int i = 0; i < length; i++)
        value = value << 1 | (((unsigned char) args[0].bytes.bytes[4 + i / 8] >> (7 - i % 8)) & 1);
    return give_int(result, width == 32 ? (int32_t) (uint32_t) value : (int64_t) value);
}

/* As a text an address always has its mask's length. */
ROW_FUNCTION(inet_to_text)
{
    Buffer text = {0};
    datum_print(call->arg_types[0], args[0], NULL, &text);
    if (memchr(text.bytes, '/', text.size) == NULL)
        buffer_printf(&text, "/%d", (unsigned char) args[0].bytes.bytes[1]);
    return give_buffer(call, result, &text);
}

ROW_FUNCTION(cidr_to_inet)
{
    char *copy = arena_strndup(call->context->arena, args[0].bytes.bytes, args[0].bytes.size);
    copy[2] = 0;
    return give_bytes(result, slice_make(copy, args[0].bytes.size));
}

ROW_FUNCTION(inet_to_cidr)
{
    size_t size = args[0].bytes.size;
    char *copy = arena_strndup(call->context->arena, args[0].bytes.bytes, size);
    copy[2] = 1;
    for (size_t bit = (unsigned char) copy[1]; bit < (size - 4) * 8; bit++)
        copy[4 + bit / 8] = (char) (copy[4 + bit / 8] & ~(0x80 >> (bit % 8)));
    return give_bytes(result, slice_make(copy, size));
}

ROW_FUNCTION(range_to_multirange)
{
    return multirange_make(call->result_type, &args[0].bytes, 1, call->context->arena, &result->bytes, err);
}

const Cast casts[] = {
#define CAST_ROW(the_from, the_to, the_context, flags, row_function)                                                   \
    {TYPE_##the_from,                                                                                                  \
     TYPE_##the_to,                                                                                                    \
     CAST_##the_context,                                                                                               \
     {FUNCTION_HEAD(FUNCTION_CAST, "cast", 0, flags, T(the_to)), .row = row_function, FUNCTION_ARGS(T(the_from))}},
#define CAST_COLUMN(the_from, the_to, the_context, flags, column_function)                                             \
    {TYPE_##the_from,                                                                                                  \
     TYPE_##the_to,                                                                                                    \
     CAST_##the_context,                                                                                               \
     {FUNCTION_HEAD(FUNCTION_CAST, "cast", 0, flags, T(the_to)), .column = column_function,                            \
      FUNCTION_ARGS(T(the_from))}},
#include "expr/functions/cast.def"
};
const size_t casts_count = sizeof casts / sizeof *casts;

/* ---- casts that work for every type */

static void
cast_print(FunctionCall *call)
{
    Buffer text = {0};
    const Column *column = call->args[0].column;
    for (uint32_t i = 0; i < call->count; i++) {
        if (column_is_null(column, i)) {
            column_builder_append_null(call->out);
            continue;
        }
        buffer_clear(&text);
        datum_print(call->arg_types[0], column_datum(column, call->arg_types[0], i), &call->context->style, &text);
        Slice cut = buffer_slice(&text);
        if (cut.size > PRINTED_BYTES_MAX) {
            Error err = ERROR_INIT;
            (void) error_set(&err, SQLSTATE_PROGRAM_LIMIT_EXCEEDED, "requested length too large");
            function_fail_with(call, i, eval_error_from(&err, call->context->arena));
            column_builder_append_null(call->out);
            error_clear(&err);
            continue;
        }
        if (call->result_type.id == TYPE_NAME)
            cut = name_cut(cut);
        column_builder_append_bytes(call->out, cut.bytes, cut.size);
    }
    buffer_deinit(&text);
}

ROW_FUNCTION(cast_parse)
{
    SqlType to = call->result_type;
    to.typmod = -1;
    return datum_parse(to, args[0].bytes, &call->context->style, call->context->arena, result, err);
}

bool
cast_datum(FunctionCall *call, const Function *function, SqlType from, SqlType to, Datum value, Datum *result,
           Error *err)
{
    if (function == NULL || value.is_null) {
        *result = value;
        return true;
    }
    Evaluated arg = {.column = column_constant(from, value, 1), .is_constant = true};
    ColumnBuilder out;
    column_builder_init(&out, type_phys(to));
    FunctionCall one = {.context = call->context, .function = function, .arg_types = &from, .result_type = to};
    one.args = &arg;
    one.arg_count = 1;
    one.count = 1;
    one.out = &out;
    bool fine = true;
    if (function->row != NULL) {
        fine = function->row(&one, &value, result, err);
    } else {
        function->column(&one);
        Column *made = one.made != NULL ? one.made : column_builder_finish(&out);
        if (one.errors != NULL && one.errors[0] != NULL) {
            error_from_eval(err, one.errors[0]);
            fine = false;
        } else {
            *result = datum_copy(to, column_datum(made, to, 0), call->context->arena);
        }
        column_release(made);
    }
    column_builder_deinit(&out);
    column_release(arg.column);
    return fine;
}

ROW_FUNCTION(cast_array)
{
    SqlType from = type_element_of(call->arg_types[0]), to = type_element_of(call->result_type);
    const Function *function = type_same(from, to) ? NULL : cast_function(from, to, CAST_EXPLICIT);
    ArrayReader reader;
    array_read(&reader, call->arg_types[0], args[0].bytes);
    ArrayShape shape = reader.shape;
    Datum *elements = arena_new_array(call->context->arena, Datum, shape.count + 1);
    Datum element;
    for (int64_t i = 0; array_next(&reader, call->context->arena, &element); i++) {
        if (!cast_datum(call, function, from, to, element, &elements[i], err))
            return false;
    }
    return give_bytes(result, array_make(to, &shape, elements, call->context->arena));
}

ROW_FUNCTION(cast_list)
{
    ArrayReader reader;
    array_read(&reader, call->arg_types[0], args[0].bytes);
    if (reader.shape.dimensions > 1)
        return error_set(err, SQLSTATE_FEATURE_NOT_SUPPORTED,
                         "casting multi-dimensional array to list; got array with %d dimensions",
                         reader.shape.dimensions);
    SqlType from = reader.element, to = type_element_of(call->result_type);
    const Function *function = type_same(from, to) ? NULL : cast_function(from, to, CAST_EXPLICIT);
    Datum *elements = arena_new_array(call->context->arena, Datum, reader.shape.count + 1);
    Datum element;
    for (int64_t i = 0; array_next(&reader, call->context->arena, &element); i++) {
        if (!cast_datum(call, function, from, to, element, &elements[i], err))
            return false;
    }
    return give_bytes(result, array_make_vector(to, elements, reader.shape.count, call->context->arena));
}

static bool
text_too_long(const char *type, int limit, Error *err)
{
    return error_set(err, SQLSTATE_STRING_DATA_RIGHT_TRUNCATION, "value too long for type %s(%d)", type, limit);
}

static bool
length_of_text(FunctionCall *call, SqlType type, bool is_explicit, Datum value, Datum *result, Error *err)
{
    int limit = type.typmod - 4;
    int64_t characters;
    Slice text = value.bytes;
    size_t size = utf8_prefix(text, limit, &characters);
    const char *name = type.id == TYPE_BPCHAR ? "character" : "character varying";
    if (size < text.size && !is_explicit) {
        Slice excess = without_blanks(slice_make(text.bytes + size, text.size - size));
        if (excess.size > 0)
            return text_too_long(name, limit, err);
    }
    if (type.id == TYPE_VARCHAR || characters == limit)
        return give_bytes(result, slice_make(text.bytes, size));
    size_t padded = size + (size_t) (limit - characters);
    char *out = arena_alloc(call->context->arena, padded + 1);
    memcpy(out, text.bytes, size);
    memset(out + size, ' ', padded - size);
    return give_bytes(result, slice_make(out, padded));
}

static bool
length_of_bits(FunctionCall *call, SqlType type, bool is_explicit, Datum value, Datum *result, Error *err)
{
    int limit = type.typmod, length = (int) be32_read(value.bytes.bytes);
    if (type.id == TYPE_BIT && length != limit && !is_explicit)
        return error_set(err, SQLSTATE_STRING_DATA_LENGTH_MISMATCH, "bit string length %d does not match type bit(%d)",
                         length, limit);
    if (type.id == TYPE_VARBIT && length > limit && !is_explicit)
        return error_set(err, SQLSTATE_STRING_DATA_RIGHT_TRUNCATION, "bit string too long for type bit varying(%d)",
                         limit);
    if (length == limit || (type.id == TYPE_VARBIT && length < limit)) {
        *result = value;
        return true;
    }
    size_t size = (size_t) (limit + 7) / 8;
    char *out = arena_alloc(call->context->arena, size + 4);
    be32_write(out, (uint32_t) limit);
    memcpy(out + 4, value.bytes.bytes + 4, size < value.bytes.size - 4 ? size : value.bytes.size - 4);
    if (limit % 8 != 0 && limit < length)
        out[3 + size] = (char) (out[3 + size] & (0xff << (8 - limit % 8)));
    return give_bytes(result, slice_make(out, size + 4));
}

enum { /* bits of an interval's typmod, PostgreSQL's INTERVAL_MASK */
       FIELD_MONTH = 1 << 1,
       FIELD_YEAR = 1 << 2,
       FIELD_DAY = 1 << 3,
       FIELD_HOUR = 1 << 10,
       FIELD_MINUTE = 1 << 11,
       FIELD_SECOND = 1 << 12,
       FIELDS_ALL = 0x7fff,
};

static Interval
interval_cut(Interval interval, int32_t typmod)
{
    int fields = (typmod >> 16) & FIELDS_ALL, precision = typmod & 0xffff;
    if (fields != FIELDS_ALL) {
        if ((fields & (FIELD_DAY | FIELD_HOUR | FIELD_MINUTE | FIELD_SECOND)) == 0) {
            interval.days = 0;
            interval.microseconds = 0;
            if ((fields & FIELD_MONTH) == 0)
                interval.months -= interval.months % 12;
        } else if ((fields & (FIELD_HOUR | FIELD_MINUTE | FIELD_SECOND)) == 0) {
            interval.microseconds = 0;
        } else if ((fields & (FIELD_MINUTE | FIELD_SECOND)) == 0) {
            interval.microseconds -= interval.microseconds % (3600 * US_PER_SECOND);
        } else if ((fields & FIELD_SECOND) == 0) {
            interval.microseconds -= interval.microseconds % (60 * US_PER_SECOND);
        }
    }
    if (precision < 6) {
        static const int64_t units[] = {1000000, 100000, 10000, 1000, 100, 10};
        int64_t unit = units[precision], half = interval.microseconds < 0 ? -unit / 2 : unit / 2;
        interval.microseconds = (interval.microseconds + half) / unit * unit;
    }
    return interval;
}

bool
cast_length_datum(FunctionCall *call, SqlType type, bool is_explicit, Datum value, Datum *result, Error *err)
{
    *result = value;
    if (value.is_null || type.typmod < 0)
        return true;
    switch (type.id) {
    case TYPE_BPCHAR:
    case TYPE_VARCHAR:
        return length_of_text(call, type, is_explicit, value, result, err);
    case TYPE_BIT:
    case TYPE_VARBIT:
        return length_of_bits(call, type, is_explicit, value, result, err);
    case TYPE_NUMERIC: {
        Numeric numeric;
        if (!numeric_apply_typmod(value.bytes, type.typmod, call->context->arena, &numeric, err))
            return false;
        return give_bytes(result, numeric);
    }
    case TYPE_TIME:
    case TYPE_TIMESTAMP:
    case TYPE_TIMESTAMPTZ:
        return give_int(result, timestamp_round(value.i, type.typmod));
    case TYPE_TIMETZ:
        result->timetz.microseconds = timestamp_round(value.timetz.microseconds, type.typmod);
        return true;
    case TYPE_INTERVAL:
        return give_interval(result, interval_cut(value.interval, type.typmod));
    default:
        return true;
    }
}

static bool
length_of_array(FunctionCall *call, bool is_explicit, const Datum *args, Datum *result, Error *err)
{
    SqlType element_type = type_element_of(call->result_type);
    element_type.typmod = call->result_type.typmod;
    ArrayReader reader;
    array_read(&reader, call->arg_types[0], args[0].bytes);
    ArrayShape shape = reader.shape;
    Datum *elements = arena_new_array(call->context->arena, Datum, shape.count + 1);
    Datum element;
    for (int64_t i = 0; array_next(&reader, call->context->arena, &element); i++) {
        if (!cast_length_datum(call, element_type, is_explicit, element, &elements[i], err))
            return false;
    }
    return give_bytes(result, array_make(element_type, &shape, elements, call->context->arena));
}

ROW_FUNCTION(cast_length)
{
    if (call->result_type.id == TYPE_ARRAY)
        return length_of_array(call, true, args, result, err);
    return cast_length_datum(call, call->result_type, true, args[0], result, err);
}

ROW_FUNCTION(cast_length_assign)
{
    if (call->result_type.id == TYPE_ARRAY)
        return length_of_array(call, false, args, result, err);
    return cast_length_datum(call, call->result_type, false, args[0], result, err);
}

ROW_FUNCTION(cast_record)
{
    const TypeDetail *from = call->arg_types[0].detail, *to = call->result_type.detail;
    Slice rest = slice_make(args[0].bytes.bytes + 4, args[0].bytes.size - 4);
    Buffer out = {0};
    buffer_append_be32(&out, (uint32_t) to->count);
    for (int i = 0; i < to->count; i++) {
        SqlType field = from->fields[i].type, target = to->fields[i].type;
        rest = slice_make(rest.bytes + 4, rest.size - 4);
        Datum value = element_take(field, &rest), cast;
        const Function *function = type_same(field, target) ? NULL : cast_function(field, target, CAST_EXPLICIT);
        if (!cast_datum(call, function, field, target, value, &cast, err)) {
            buffer_deinit(&out);
            return false;
        }
        buffer_append_be32(&out, type_oid(target));
        element_append(target, cast, &out);
    }
    return give_buffer(call, result, &out);
}

#define GENERAL_CAST(flags) FUNCTION_HEAD(FUNCTION_CAST, "cast", 0, flags, P(ANY)), FUNCTION_ARGS(P(ANY))
const Function cast_print_function = {GENERAL_CAST(TOTAL), .column = cast_print};
const Function cast_parse_function = {GENERAL_CAST(FAILS | TOTAL), .row = cast_parse};
const Function cast_array_function = {GENERAL_CAST(FAILS | TOTAL), .row = cast_array};
const Function cast_list_function = {GENERAL_CAST(FAILS | TOTAL), .row = cast_list};
const Function cast_relabel_function = {GENERAL_CAST(TOTAL), .column = cast_relabel};
const Function cast_record_function = {GENERAL_CAST(FAILS | TOTAL), .row = cast_record};
const Function cast_length_function = {GENERAL_CAST(FAILS | TOTAL), .row = cast_length};
const Function cast_length_assign_function = {GENERAL_CAST(FAILS | TOTAL), .row = cast_length_assign};
