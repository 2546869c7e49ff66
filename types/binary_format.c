#include "types/binary_format.h"

#include "base/vector.h"
#include "types/datetime_internal.h"
#include "types/element.h"
#include "types/array.h"
#include "types/enum.h"
#include "types/jsonb.h"
#include "types/jsonpath.h"
#include "types/numeric.h"
#include "types/multirange.h"
#include "types/range.h"
#include "types/text_format.h"
#include "types/text_internal.h"

#define JSONB_VERSION    1
#define JSONPATH_VERSION 1

/* --- sending --- */

static void
send_float4(double value, Buffer *out)
{
    float narrow = (float) value;
    uint32_t bits;
    memcpy(&bits, &narrow, sizeof bits);
    buffer_append_be32(out, bits);
}

static void
send_float8(double value, Buffer *out)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    buffer_append_be64(out, bits);
}

static void
send_interval(Interval value, Buffer *out)
{
    buffer_append_be64(out, (uint64_t) value.microseconds);
    buffer_append_be32(out, (uint32_t) value.days);
    buffer_append_be32(out, (uint32_t) value.months);
}

/* An array of enums: its elements on the wire are their labels. */
static void
send_labels(SqlType type, Slice value, Buffer *out)
{
    ArrayReader reader;
    Datum element;
    array_read(&reader, type, value);
    buffer_append(out, value.bytes, 12 + 8 * (size_t) reader.shape.dimensions);
    while (array_next(&reader, NULL, &element)) {
        Slice label = element.is_null ? slice_make("", 0) : enum_label(element.bytes);
        buffer_append_be32(out, element.is_null ? UINT32_MAX : (uint32_t) label.size);
        buffer_append_slice(out, label);
    }
}

void
datum_send(SqlType type, Datum value, Buffer *out)
{
    switch (type.id) {
    case TYPE_BOOL:
    case TYPE_CHAR:
        buffer_append_char(out, (char) value.i);
        return;
    case TYPE_INT2:
    case TYPE_UINT2:
        buffer_append_be16(out, (uint16_t) value.i);
        return;
    case TYPE_INT4:
    case TYPE_OID:
    case TYPE_UINT4:
    case TYPE_XID:
    case TYPE_CID:
    case TYPE_DATE:
    case TYPE_REGPROC:
    case TYPE_REGCLASS:
    case TYPE_REGTYPE:
        buffer_append_be32(out, (uint32_t) value.i);
        return;
    case TYPE_INT8:
    case TYPE_UINT8:
    case TYPE_PG_LSN:
    case TYPE_XID8:
    case TYPE_MZ_TIMESTAMP:
    case TYPE_TIME:
    case TYPE_TIMESTAMP:
    case TYPE_TIMESTAMPTZ:
    case TYPE_MONEY:
        buffer_append_be64(out, (uint64_t) value.i);
        return;
    case TYPE_FLOAT4:
        send_float4(value.f, out);
        return;
    case TYPE_FLOAT8:
        send_float8(value.f, out);
        return;
    case TYPE_INTERVAL:
        send_interval(value.interval, out);
        return;
    case TYPE_TIMETZ:
        buffer_append_be64(out, (uint64_t) value.timetz.microseconds);
        buffer_append_be32(out, (uint32_t) value.timetz.zone_seconds_west);
        return;
    case TYPE_UUID:
        buffer_append(out, value.b16, sizeof value.b16);
        return;
    case TYPE_JSONB:
    case TYPE_JSONPATH:
        buffer_append_char(out, JSONB_VERSION);
        buffer_append_slice(out, value.bytes);
        return;
    case TYPE_ENUM:
        buffer_append_slice(out, enum_label(value.bytes));
        return;
    case TYPE_ARRAY:
    case TYPE_LIST:
        if (type_element_of(type).id == TYPE_ENUM) {
            send_labels(type, value.bytes, out);
            return;
        }
        buffer_append_slice(out, value.bytes);
        return;
    default:
        /* The stored form is the wire form. */
        buffer_append_slice(out, value.bytes);
        return;
    }
}

/* --- receiving --- */

static bool
format_error(const char *what, Error *err)
{
    return error_set(err, SQLSTATE_INVALID_BINARY_REPRESENTATION, "%s", what);
}

static bool
size_error(SqlType type, Slice bytes, Error *err)
{
    return error_set(err, SQLSTATE_INVALID_BINARY_REPRESENTATION, "incorrect binary data format: %zu bytes for type %s",
                     bytes.size, type_pg_name(type));
}

static bool
receive_string(SqlType type, Slice bytes, Arena *arena, Slice *out, Error *err)
{
    if (!utf8_check(bytes, err))
        return false;
    if (type.id == TYPE_NAME && bytes.size > 63)
        return error_set(err, SQLSTATE_NAME_TOO_LONG, "identifier too long");
    return string_apply_typmod(type, bytes, arena, out, err);
}

static bool
receive_json(Slice bytes, Slice *out, Error *err)
{
    *out = bytes;
    return utf8_check(bytes, err) && json_check(bytes, err);
}

static bool
receive_jsonpath(Slice bytes, Arena *arena, Slice *out, Error *err)
{
    if (bytes.size < 1 || bytes.bytes[0] != JSONPATH_VERSION)
        return error_set(err, SQLSTATE_INTERNAL_ERROR, "unsupported jsonpath version number: %d",
                         bytes.size < 1 ? 0 : (unsigned char) bytes.bytes[0]);
    Slice text = slice_make(bytes.bytes + 1, bytes.size - 1);
    JsonPath path;
    if (!utf8_check(text, err) || !jsonpath_parse(text, arena, &path, err))
        return false;
    Buffer buffer = {0};
    jsonpath_print(&path, &buffer);
    size_t size = buffer.size;
    *out = slice_make(buffer_to_arena(&buffer, arena), size);
    return true;
}

static bool
receive_jsonb(Slice bytes, Arena *arena, Slice *out, Error *err)
{
    if (bytes.size < 1 || bytes.bytes[0] != JSONB_VERSION)
        return error_set(err, SQLSTATE_INTERNAL_ERROR, "unsupported jsonb version number %d",
                         bytes.size < 1 ? 0 : (unsigned char) bytes.bytes[0]);
    Slice text = slice_make(bytes.bytes + 1, bytes.size - 1);
    Buffer buffer = {0};
    if (!utf8_check(text, err))
        return false;
    /* What PostgreSQL sends is in its own form already. */
    if (jsonb_is_canonical(text)) {
        *out = text;
        return true;
    }
    if (!jsonb_parse(text, &buffer, err)) {
        buffer_deinit(&buffer);
        return false;
    }
    size_t size = buffer.size;
    *out = slice_make(buffer_to_arena(&buffer, arena), size);
    return true;
}

static bool
receive_numeric(SqlType type, Slice bytes, Arena *arena, Slice *out, Error *err)
{
    if (!numeric_receive(bytes, arena, out, err))
        return false;
    return type.typmod < 0 || numeric_apply_typmod(*out, type.typmod, arena, out, err);
}

static bool
inet_error(const char *what, bool is_cidr, Error *err)
{
    return error_set(err, SQLSTATE_INVALID_BINARY_REPRESENTATION, "invalid %s in external \"%s\" value", what,
                     is_cidr ? "cidr" : "inet");
}

static bool
receive_inet(SqlType type, Slice bytes, Arena *arena, Slice *out, Error *err)
{
    const uint8_t *at = (const uint8_t *) bytes.bytes;
    bool is_cidr = type.id == TYPE_CIDR;
    *out = bytes;
    if (bytes.size < 4 || (at[0] != 2 && at[0] != 3))
        return inet_error("address family", is_cidr, err);
    size_t size = at[0] == 2 ? 4 : 16;
    if (at[1] > size * 8)
        return inet_error("bits", is_cidr, err);
    if (at[3] != size || bytes.size != 4 + size)
        return inet_error("length", is_cidr, err);
    for (size_t bit = at[1]; is_cidr && bit < size * 8; bit++) {
        if ((at[4 + bit / 8] >> (7 - bit % 8) & 1) == 0)
            continue;
        error_set(err, SQLSTATE_INVALID_BINARY_REPRESENTATION, "invalid external \"cidr\" value");
        return error_detail(err, "Value has bits set to right of mask.");
    }
    /* Clients may send anything for the kind. */
    if (at[2] != is_cidr) {
        char *copy = arena_strndup(arena, bytes.bytes, bytes.size);
        copy[2] = is_cidr;
        *out = slice_make(copy, bytes.size);
    }
    return true;
}

static bool
receive_bits(SqlType type, Slice bytes, Arena *arena, Slice *out, Error *err)
{
    *out = bytes;
    if (bytes.size < 4)
        return format_error("invalid length in external bit string", err);
    uint32_t bits = be32_read(bytes.bytes);
    if (bits > INT32_MAX || bytes.size - 4 != ((size_t) bits + 7) / 8)
        return format_error("invalid length in external bit string", err);
    if (!bit_check_length(type, bits, err))
        return false;
    /* Bits behind the last one are zero in the stored form. */
    unsigned char mask = (unsigned char) (bits % 8 == 0 ? 0 : 0xff >> bits % 8);
    if (bits > 0 && ((unsigned char) bytes.bytes[bytes.size - 1] & mask) != 0) {
        char *copy = arena_strndup(arena, bytes.bytes, bytes.size);
        copy[bytes.size - 1] = (char) (copy[bytes.size - 1] & ~mask);
        *out = slice_make(copy, bytes.size);
    }
    return true;
}

static bool
receive_time(SqlType type, int64_t time, int64_t *out, Error *err)
{
    if (time < 0 || time > US_PER_DAY)
        return error_set(err, SQLSTATE_DATETIME_FIELD_OVERFLOW, "time out of range");
    *out = time_round(time, type.typmod);
    return true;
}

static bool
receive_timetz(SqlType type, Slice bytes, TimeTz *out, Error *err)
{
    int32_t west = (int32_t) be32_read(bytes.bytes + 8);
    *out = (TimeTz){.zone_seconds_west = west};
    if (west <= -16 * 3600 || west >= 16 * 3600)
        return error_set(err, SQLSTATE_INVALID_TIME_ZONE_DISPLACEMENT_VALUE, "time zone displacement out of range");
    return receive_time(type, (int64_t) be64_read(bytes.bytes), &out->microseconds, err);
}

static bool
receive_timestamp(SqlType type, int64_t timestamp, int64_t *out, Error *err)
{
    if (timestamp_is_finite(timestamp) && !timestamp_in_range(timestamp))
        return error_set(err, SQLSTATE_DATETIME_FIELD_OVERFLOW, "timestamp out of range");
    *out = timestamp_round(timestamp, type.typmod);
    return true;
}

static bool
receive_date(int32_t date, int64_t *out, Error *err)
{
    if (date != DATE_INFINITY && date != DATE_MINUS_INFINITY && (date < DATE_MIN || date >= DATE_END))
        return error_set(err, SQLSTATE_DATETIME_FIELD_OVERFLOW, "date out of range");
    *out = date;
    return true;
}

static bool
receive_interval(SqlType type, Slice bytes, Interval *out, Error *err)
{
    out->microseconds = (int64_t) be64_read(bytes.bytes);
    out->days = (int32_t) be32_read(bytes.bytes + 8);
    out->months = (int32_t) be32_read(bytes.bytes + 12);
    return interval_apply_typmod(out, type.typmod, err);
}

/* --- containers --- */

static bool
take_bytes(Slice *rest, size_t size, Slice *out, Error *err)
{
    *out = slice_make(rest->bytes, size);
    if (rest->size < size)
        return format_error("insufficient data left in message", err);
    *rest = slice_make(rest->bytes + size, rest->size - size);
    return true;
}

static bool
take_word(Slice *rest, uint32_t *out, Error *err)
{
    Slice word;
    if (!take_bytes(rest, 4, &word, err))
        return false;
    *out = be32_read(word.bytes);
    return true;
}

/*
 * An element with its length word, checked, and appended in its canonical form. Of types whose wire form is canonical
 * the bytes are taken as they are.
 */
static bool
element_receive(SqlType type, Slice *rest, Arena *arena, Buffer *out, bool *is_null, Error *err)
{
    uint32_t size;
    Slice bytes;
    Datum value;
    if (!take_word(rest, &size, err))
        return false;
    *is_null = size == UINT32_MAX;
    if (*is_null) {
        buffer_append_be32(out, UINT32_MAX);
        return true;
    }
    if (size > INT32_MAX)
        return format_error("invalid field size", err);
    if (!take_bytes(rest, size, &bytes, err) || !datum_receive(type, bytes, arena, &value, err))
        return false;
    element_append(type, value, out);
    return true;
}

typedef struct ArrayHeader {
    uint32_t dimensions;
    int64_t count;
} ArrayHeader;

static bool
receive_array_header(Slice *rest, SqlType element, ArrayHeader *header, Buffer *out, Error *err)
{
    uint32_t flags, oid, length, lower;
    if (!take_word(rest, &header->dimensions, err) || !take_word(rest, &flags, err) || !take_word(rest, &oid, err))
        return false;
    if (header->dimensions > ARRAY_DIMENSIONS_MAX)
        return error_set(err, SQLSTATE_PROGRAM_LIMIT_EXCEEDED,
                         "number of array dimensions (%d) exceeds the maximum allowed (%d)", (int) header->dimensions,
                         ARRAY_DIMENSIONS_MAX);
    if (flags > 1)
        return format_error("invalid array flags", err);
    if (oid != type_oid(element))
        return error_set(err, SQLSTATE_DATATYPE_MISMATCH,
                         "binary data has array element type %u instead of expected %u", oid, type_oid(element));
    buffer_append_be32(out, header->dimensions);
    buffer_append_be32(out, 0);
    buffer_append_be32(out, oid);
    header->count = header->dimensions == 0 ? 0 : 1;
    for (uint32_t i = 0; i < header->dimensions; i++) {
        if (!take_word(rest, &length, err) || !take_word(rest, &lower, err))
            return false;
        header->count *= (int32_t) length;
        if ((int32_t) length < 0 || header->count > INT32_MAX ||
            (int64_t) (int32_t) lower + (int32_t) length > (int64_t) INT32_MAX + 1)
            return error_set(err, SQLSTATE_PROGRAM_LIMIT_EXCEEDED, "array size exceeds the maximum allowed");
        buffer_append_be32(out, length);
        buffer_append_be32(out, lower);
    }
    return true;
}

static bool
receive_array_into(SqlType type, Slice bytes, Arena *arena, Buffer *out, Error *err)
{
    ArrayHeader header = {0};
    Slice rest = bytes;
    bool is_vector = type.id == TYPE_INT2VECTOR, has_null = false;
    SqlType element = is_vector ? SQL_TYPE(INT2) : type_element_of(type);
    element.typmod = is_vector ? -1 : type.typmod;
    if (!receive_array_header(&rest, element, &header, out, err))
        return false;
    if (is_vector && header.dimensions != 1)
        return format_error("invalid int2vector data", err);
    /* An array without elements has no dimensions. */
    if (header.count == 0 && !is_vector) {
        out->size = 12;
        buffer_set_be32(out, 0, 0);
    }
    for (int64_t i = 0; i < header.count; i++) {
        bool is_null;
        if (!element_receive(element, &rest, arena, out, &is_null, err))
            return false;
        has_null |= is_null;
    }
    if (is_vector && has_null)
        return format_error("invalid int2vector data", err);
    if (rest.size > 0)
        return format_error("incorrect binary data format", err);
    buffer_set_be32(out, 4, has_null);
    return true;
}

/*
 * Whether the wire form of an array is the stored form as it lies. false: perhaps not, or it is wrong; then it is
 * rebuilt, which finds out.
 */
static bool
array_is_canonical(SqlType type, Slice bytes, Arena *arena)
{
    SqlType element = type_element_of(type);
    element.typmod = type.typmod;
    bool has_null = false, by_bytes = type_phys(element) == PHYS_BYTES;
    uint32_t dimensions = bytes.size < 12 ? UINT32_MAX : be32_read(bytes.bytes);
    if (dimensions > ARRAY_DIMENSIONS_MAX || bytes.size < 12 + dimensions * 8 || type.typmod >= 0 ||
        element.id == TYPE_ENUM || be32_read(bytes.bytes + 8) != type_oid(element))
        return false;
    int64_t count = dimensions == 0 ? 0 : 1;
    for (uint32_t i = 0; i < dimensions; i++) {
        int64_t length = be32_read(bytes.bytes + 12 + i * 8), lower = (int32_t) be32_read(bytes.bytes + 16 + i * 8);
        count *= length;
        if (length == 0 || count > INT32_MAX || lower + length > (int64_t) INT32_MAX + 1)
            return false;
    }
    const char *at = bytes.bytes + 12 + dimensions * 8, *end = bytes.bytes + bytes.size;
    Error err = ERROR_INIT;
    for (int64_t i = 0; i < count; i++) {
        if (end - at < 4)
            return false;
        uint32_t size = be32_read(at);
        at += 4;
        has_null |= size == UINT32_MAX;
        if (size == UINT32_MAX)
            continue;
        Slice wire = slice_make(at, size);
        Datum value;
        if ((size_t) (end - at) < size || !datum_receive(element, wire, arena, &value, &err)) {
            error_clear(&err);
            return false;
        }
        if (element.id == TYPE_JSONB || element.id == TYPE_JSONPATH)
            wire = slice_make(wire.bytes + 1, wire.size - 1);
        if (by_bytes ? !slice_equal(value.bytes, wire) : element.id == TYPE_BOOL && (unsigned char) *at > 1)
            return false;
        at += size;
    }
    return at == end && be32_read(bytes.bytes + 4) == has_null;
}

static bool
receive_map_into(SqlType type, Slice bytes, Arena *arena, Buffer *out, Error *err)
{
    uint32_t count;
    Slice rest = bytes, last = {NULL, 0};
    if (!take_word(&rest, &count, err))
        return false;
    buffer_append_be32(out, count);
    for (uint32_t i = 0; i < count; i++) {
        bool is_null;
        Slice key = rest;
        if (!element_receive(SQL_TYPE(TEXT), &rest, arena, out, &is_null, err))
            return false;
        if (is_null)
            return format_error("a map's key is null", err);
        key = slice_make(key.bytes + 4, (size_t) (rest.bytes - key.bytes) - 4);
        if (i > 0 && slice_compare(last, key) >= 0)
            return format_error("a map's keys are not in order", err);
        last = key;
        if (!element_receive(type_element_of(type), &rest, arena, out, &is_null, err))
            return false;
    }
    return rest.size == 0 || format_error("incorrect binary data format", err);
}

static bool
receive_record_into(SqlType type, Slice bytes, Arena *arena, Buffer *out, Error *err)
{
    uint32_t count, oid;
    Slice rest = bytes;
    if (!take_word(&rest, &count, err))
        return false;
    if (type.detail == NULL && count > 0)
        return error_set(err, SQLSTATE_FEATURE_NOT_SUPPORTED, "input of anonymous composite types is not implemented");
    if (type.detail != NULL && count != (uint32_t) type.detail->count)
        return error_set(err, SQLSTATE_DATATYPE_MISMATCH, "wrong number of columns: %u, expected %d", count,
                         type.detail->count);
    buffer_append_be32(out, count);
    for (uint32_t i = 0; i < count; i++) {
        SqlType field = type.detail->fields[i].type;
        bool is_null;
        if (!take_word(&rest, &oid, err))
            return false;
        if (oid != type_oid(field))
            return error_set(err, SQLSTATE_DATATYPE_MISMATCH,
                             "binary data has type %u instead of expected %u in record column %u", oid, type_oid(field),
                             i + 1);
        buffer_append_be32(out, oid);
        if (!element_receive(field, &rest, arena, out, &is_null, err))
            return false;
    }
    return rest.size == 0 || format_error("incorrect binary data format", err);
}

typedef bool (*ReceiveInto)(SqlType type, Slice bytes, Arena *arena, Buffer *out, Error *err);

/* Rebuilds a container; when nothing changed, the bytes are kept where they lie. */
static bool
receive_container(ReceiveInto into, SqlType type, Slice bytes, Arena *arena, Slice *out, Error *err)
{
    Buffer buffer = {0};
    buffer_reserve(&buffer, bytes.size + 16);
    bool ok = into(type, bytes, arena, &buffer, err);
    if (ok && slice_equal(bytes, buffer_slice(&buffer))) {
        *out = bytes;
        buffer_deinit(&buffer);
        return true;
    }
    size_t size = buffer.size;
    if (ok)
        *out = slice_make(buffer_to_arena(&buffer, arena), size);
    else
        buffer_deinit(&buffer);
    return ok;
}

#define RANGE_EMPTY          0x01
#define RANGE_LOWER_INC      0x02
#define RANGE_UPPER_INC      0x04
#define RANGE_LOWER_INFINITE 0x08
#define RANGE_UPPER_INFINITE 0x10

static bool
receive_bound(SqlType element, Slice *rest, Arena *arena, Datum *value, Error *err)
{
    uint32_t size;
    Slice bytes;
    return take_word(rest, &size, err) && take_bytes(rest, size, &bytes, err) &&
           datum_receive(element, bytes, arena, value, err);
}

static bool
receive_range(SqlType type, Slice bytes, Arena *arena, Slice *out, Error *err)
{
    Slice flags, rest = bytes;
    SqlType element = type_range_element(type);
    if (!take_bytes(&rest, 1, &flags, err))
        return false;
    unsigned char bits = (unsigned char) flags.bytes[0];
    Range range = {.empty = (bits & RANGE_EMPTY) != 0,
                   .lower_infinite = (bits & RANGE_LOWER_INFINITE) != 0,
                   .upper_infinite = (bits & RANGE_UPPER_INFINITE) != 0};
    range.lower_inclusive = (bits & RANGE_LOWER_INC) != 0 && !range.lower_infinite;
    range.upper_inclusive = (bits & RANGE_UPPER_INC) != 0 && !range.upper_infinite;
    if (!range.empty && !range.lower_infinite && !receive_bound(element, &rest, arena, &range.lower, err))
        return false;
    if (!range.empty && !range.upper_infinite && !receive_bound(element, &rest, arena, &range.upper, err))
        return false;
    if (rest.size > 0)
        return format_error("incorrect binary data format", err);
    return range_make(type, &range, arena, out, err);
}

static bool
receive_multirange(SqlType type, Slice bytes, Arena *arena, Slice *out, Error *err)
{
    uint32_t count;
    Slice rest = bytes, each;
    SqlType range = type_multirange_range(type);
    VECTOR(Slice) ranges = {0};
    bool ok = take_word(&rest, &count, err);
    for (uint32_t i = 0; ok && i < count; i++) {
        uint32_t size;
        Slice made;
        ok = take_word(&rest, &size, err) && take_bytes(&rest, size, &each, err) &&
             receive_range(range, each, arena, &made, err);
        if (ok)
            vector_push(&ranges, made);
    }
    if (ok && rest.size > 0)
        ok = format_error("incorrect binary data format", err);
    ok = ok && multirange_make(type, ranges.items, ranges.count, arena, out, err);
    vector_deinit(&ranges);
    return ok;
}

/* --- the switch --- */

/* Bytes of the wire form, 0 where they vary. */
static size_t
wire_size(SqlType type)
{
    switch (type.id) {
    case TYPE_BOOL:
    case TYPE_CHAR:
        return 1;
    case TYPE_INT2:
    case TYPE_UINT2:
        return 2;
    case TYPE_INT4:
    case TYPE_OID:
    case TYPE_UINT4:
    case TYPE_XID:
    case TYPE_CID:
    case TYPE_DATE:
    case TYPE_REGPROC:
    case TYPE_REGCLASS:
    case TYPE_REGTYPE:
    case TYPE_FLOAT4:
        return 4;
    case TYPE_INT8:
    case TYPE_UINT8:
    case TYPE_PG_LSN:
    case TYPE_XID8:
    case TYPE_MZ_TIMESTAMP:
    case TYPE_TIME:
    case TYPE_TIMESTAMP:
    case TYPE_TIMESTAMPTZ:
    case TYPE_MONEY:
    case TYPE_FLOAT8:
        return 8;
    case TYPE_MACADDR:
    case TYPE_TID:
        return 6;
    case TYPE_TIMETZ:
        return 12;
    case TYPE_UUID:
    case TYPE_INTERVAL:
        return 16;
    default:
        return 0;
    }
}

static double
float_of_bits(Slice bytes)
{
    if (bytes.size == 4) {
        uint32_t bits = be32_read(bytes.bytes);
        float narrow;
        memcpy(&narrow, &bits, sizeof narrow);
        return (double) narrow;
    }
    uint64_t bits = be64_read(bytes.bytes);
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

bool
datum_receive(SqlType type, Slice bytes, Arena *arena, Datum *value, Error *err)
{
    size_t size = wire_size(type);
    *value = (Datum){.is_null = false};
    if (size != 0 && bytes.size != size)
        return size_error(type, bytes, err);
    switch (type.id) {
    case TYPE_BOOL:
        value->i = bytes.bytes[0] != 0;
        return true;
    case TYPE_CHAR:
        value->i = (unsigned char) bytes.bytes[0];
        return true;
    case TYPE_INT2:
        value->i = (int16_t) be16_read(bytes.bytes);
        return true;
    case TYPE_UINT2:
        value->i = be16_read(bytes.bytes);
        return true;
    case TYPE_INT4:
        value->i = (int32_t) be32_read(bytes.bytes);
        return true;
    case TYPE_OID:
    case TYPE_XID:
    case TYPE_CID:
    case TYPE_UINT4:
    case TYPE_REGPROC:
    case TYPE_REGCLASS:
    case TYPE_REGTYPE:
        value->i = be32_read(bytes.bytes);
        return true;
    case TYPE_INT8:
    case TYPE_UINT8:
    case TYPE_PG_LSN:
    case TYPE_XID8:
    case TYPE_MZ_TIMESTAMP:
    case TYPE_MONEY:
        value->i = (int64_t) be64_read(bytes.bytes);
        return true;
    case TYPE_FLOAT4:
    case TYPE_FLOAT8:
        value->f = float_of_bits(bytes);
        return true;
    case TYPE_DATE:
        return receive_date((int32_t) be32_read(bytes.bytes), &value->i, err);
    case TYPE_TIME:
        return receive_time(type, (int64_t) be64_read(bytes.bytes), &value->i, err);
    case TYPE_TIMESTAMP:
    case TYPE_TIMESTAMPTZ:
        return receive_timestamp(type, (int64_t) be64_read(bytes.bytes), &value->i, err);
    case TYPE_TIMETZ:
        return receive_timetz(type, bytes, &value->timetz, err);
    case TYPE_INTERVAL:
        return receive_interval(type, bytes, &value->interval, err);
    case TYPE_UUID:
        memcpy(value->b16, bytes.bytes, sizeof value->b16);
        return true;
    case TYPE_UNKNOWN:
    case TYPE_TEXT:
    case TYPE_VARCHAR:
    case TYPE_BPCHAR:
    case TYPE_NAME:
    case TYPE_XML:
    case TYPE_MZ_ACLITEM:
        return receive_string(type, bytes, arena, &value->bytes, err);
    case TYPE_JSON:
        return receive_json(bytes, &value->bytes, err);
    case TYPE_JSONB:
        return receive_jsonb(bytes, arena, &value->bytes, err);
    case TYPE_JSONPATH:
        return receive_jsonpath(bytes, arena, &value->bytes, err);
    case TYPE_BYTEA:
    case TYPE_MACADDR:
    case TYPE_TID:
        value->bytes = bytes;
        return true;
    case TYPE_MACADDR8:
        return macaddr8_receive(bytes, arena, &value->bytes, err);
    case TYPE_NUMERIC:
        return receive_numeric(type, bytes, arena, &value->bytes, err);
    case TYPE_INET:
    case TYPE_CIDR:
        return receive_inet(type, bytes, arena, &value->bytes, err);
    case TYPE_BIT:
    case TYPE_VARBIT:
        return receive_bits(type, bytes, arena, &value->bytes, err);
    case TYPE_INT4RANGE:
    case TYPE_INT8RANGE:
    case TYPE_NUMRANGE:
    case TYPE_TSRANGE:
    case TYPE_TSTZRANGE:
    case TYPE_DATERANGE:
        return receive_range(type, bytes, arena, &value->bytes, err);
    case TYPE_INT4MULTIRANGE:
    case TYPE_INT8MULTIRANGE:
    case TYPE_NUMMULTIRANGE:
    case TYPE_TSMULTIRANGE:
    case TYPE_TSTZMULTIRANGE:
    case TYPE_DATEMULTIRANGE:
        return receive_multirange(type, bytes, arena, &value->bytes, err);
    case TYPE_ENUM: {
        TextInput label = {.type = type, .text = bytes, .arena = arena};
        return enum_parse(&label, &value->bytes, err);
    }
    case TYPE_ARRAY:
    case TYPE_LIST:
        if (array_is_canonical(type, bytes, arena)) {
            value->bytes = bytes;
            return true;
        }
        return receive_container(receive_array_into, type, bytes, arena, &value->bytes, err);
    case TYPE_INT2VECTOR:
        return receive_container(receive_array_into, type, bytes, arena, &value->bytes, err);
    case TYPE_MAP:
        return receive_container(receive_map_into, type, bytes, arena, &value->bytes, err);
    case TYPE_RECORD:
        return receive_container(receive_record_into, type, bytes, arena, &value->bytes, err);
    case TYPE_COUNT:
        break;
    }
    bug("no binary form for type %d", (int) type.id);
}
