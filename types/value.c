#include "types/value.h"

#include <math.h>

#include "base/buffer.h"
#include "base/hash.h"
#include "types/array.h"
#include "types/datetime.h"
#include "types/element.h"
#include "types/jsonb.h"
#include "types/numeric.h"
#include "types/multirange.h"
#include "types/range.h"

#define NULL_HASH UINT64_C(0x6e756c6c2068617f)

static inline int
int64_compare(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

static inline int
uint64_compare(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

static int
float_compare(double a, double b)
{
    if (isnan(a) || isnan(b))
        return isnan(a) - isnan(b);
    return (a > b) - (a < b);
}

static uint64_t
float_hash(double value)
{
    if (isnan(value))
        value = NAN;
    if (value == 0)
        value = 0; /* minus zero */
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return hash_u64(bits);
}

static Slice
blanks_trimmed(Slice text)
{
    uint64_t word, blanks = UINT64_C(0x2020202020202020);
    while (text.size >= sizeof word &&
           (memcpy(&word, text.bytes + text.size - sizeof word, sizeof word), word == blanks))
        text.size -= sizeof word; /* padding is mostly long */
    while (text.size != 0 && text.bytes[text.size - 1] == ' ')
        text.size--;
    return text;
}

/* The length that interval_compare orders by: a month is 30 days, a day is 24 hours. */
static uint64_t
interval_hash(Interval interval)
{
    __int128 span =
        (__int128) interval.microseconds + ((__int128) interval.months * 30 + interval.days) * (__int128) US_PER_DAY;
    return hash_combine(hash_u64((uint64_t) span), (uint64_t) (span >> 64));
}

static int64_t
timetz_utc(TimeTz time)
{
    return time.microseconds + time.zone_seconds_west * US_PER_SECOND;
}

static int
timetz_compare(TimeTz a, TimeTz b)
{
    int order = int64_compare(timetz_utc(a), timetz_utc(b));
    return order != 0 ? order : int64_compare(a.zone_seconds_west, b.zone_seconds_west);
}

/* bytes: family, bits of the mask, whether it is a cidr, size, address. A network sorts before what lies in it. */
static int
inet_compare(Slice a, Slice b)
{
    const uint8_t *x = (const uint8_t *) a.bytes, *y = (const uint8_t *) b.bytes;
    if (x[0] != y[0])
        return x[0] < y[0] ? -1 : 1;
    unsigned bits = x[1] < y[1] ? x[1] : y[1];
    int order = memcmp(x + 4, y + 4, bits / 8);
    if (order == 0 && bits % 8 != 0) {
        unsigned mask = 0xff00u >> bits % 8 & 0xffu;
        order = (int) (x[4 + bits / 8] & mask) - (int) (y[4 + bits / 8] & mask);
    }
    if (order == 0)
        order = (int) x[1] - (int) y[1];
    return order != 0 ? order : memcmp(x + 4, y + 4, a.size - 4);
}

static uint64_t
inet_hash(Slice value)
{
    uint64_t head = (uint64_t) (uint8_t) value.bytes[0] << 8 | (uint8_t) value.bytes[1];
    return hash_combine(head, hash_bytes(value.bytes + 4, value.size - 4));
}

/* bytes: the number of bits, then the bits. */
static int
bit_compare(Slice a, Slice b)
{
    int order = slice_compare(slice_make(a.bytes + 4, a.size - 4), slice_make(b.bytes + 4, b.size - 4));
    return order != 0 ? order : uint64_compare(be32_read(a.bytes), be32_read(b.bytes));
}

static SqlType
record_field_type(SqlType record, int field, uint32_t oid)
{
    SqlType type;
    if (record.detail != NULL && field < record.detail->count)
        return record.detail->fields[field].type;
    if (!type_from_oid(oid, -1, &type))
        bug("a stored record has a field of unknown type %u", oid);
    return type;
}

static uint32_t
be32_take(Slice *rest)
{
    uint32_t value = be32_read(rest->bytes);
    rest->bytes += 4;
    rest->size -= 4;
    return value;
}

/* Field by field, null last. */
static int
record_compare(SqlType type, Slice a, Slice b)
{
    int count_a = (int) be32_take(&a), count_b = (int) be32_take(&b);
    for (int i = 0; i < count_a && i < count_b; i++) {
        SqlType field = record_field_type(type, i, be32_take(&a));
        be32_take(&b);
        Datum x = element_take(field, &a), y = element_take(field, &b);
        int order = x.is_null || y.is_null ? x.is_null - y.is_null : datum_compare(field, x, y);
        if (order != 0)
            return order;
    }
    return int64_compare(count_a, count_b);
}

static uint64_t
record_hash(SqlType type, Slice value)
{
    int count = (int) be32_take(&value);
    uint64_t hash = hash_u64((uint64_t) count);
    for (int i = 0; i < count; i++) {
        SqlType field = record_field_type(type, i, be32_take(&value));
        hash = hash_combine(hash, datum_hash(field, element_take(field, &value)));
    }
    return hash;
}

/* The number of entries, then text and value of each, sorted by text. */
static int
map_compare(SqlType type, Slice a, Slice b)
{
    SqlType element = type_element_of(type);
    uint32_t count_a = be32_take(&a), count_b = be32_take(&b);
    for (uint32_t i = 0; i < count_a && i < count_b; i++) {
        int order = slice_compare(element_take(SQL_TYPE(TEXT), &a).bytes, element_take(SQL_TYPE(TEXT), &b).bytes);
        Datum x = element_take(element, &a), y = element_take(element, &b);
        if (order == 0)
            order = x.is_null || y.is_null ? x.is_null - y.is_null : datum_compare(element, x, y);
        if (order != 0)
            return order;
    }
    return uint64_compare(count_a, count_b);
}

static uint64_t
map_hash(SqlType type, Slice value)
{
    SqlType element = type_element_of(type);
    uint32_t count = be32_take(&value);
    uint64_t hash = hash_u64(count);
    for (uint32_t i = 0; i < count; i++) {
        hash = hash_combine(hash, datum_hash(SQL_TYPE(TEXT), element_take(SQL_TYPE(TEXT), &value)));
        hash = hash_combine(hash, datum_hash(element, element_take(element, &value)));
    }
    return hash;
}

Datum
datum_copy(SqlType type, Datum value, Arena *arena)
{
    if (!value.is_null && type_phys(type) == PHYS_BYTES)
        value.bytes.bytes = arena_strndup(arena, value.bytes.bytes, value.bytes.size);
    return value;
}

static int
bytes_compare(SqlType type, Slice a, Slice b)
{
    switch (type.id) {
    case TYPE_BPCHAR:
        return slice_compare(blanks_trimmed(a), blanks_trimmed(b));
    case TYPE_NUMERIC:
        return numeric_compare(a, b);
    case TYPE_JSONB:
        return jsonb_compare(a, b);
    case TYPE_INET:
    case TYPE_CIDR:
        return inet_compare(a, b);
    case TYPE_BIT:
    case TYPE_VARBIT:
        return bit_compare(a, b);
    case TYPE_ARRAY:
    case TYPE_LIST:
    case TYPE_INT2VECTOR:
        return array_compare(type, a, b);
    case TYPE_MAP:
        return map_compare(type, a, b);
    case TYPE_RECORD:
        return record_compare(type, a, b);
    default:
        if (type_is_multirange(type))
            return multirange_compare(type, a, b);
        return type_is_range(type) ? range_compare(type, a, b) : slice_compare(a, b);
    }
}

int
datum_compare(SqlType type, Datum a, Datum b)
{
    switch (type_phys(type)) {
    case PHYS_U8:
    case PHYS_I16:
    case PHYS_I32:
        return int64_compare(a.i, b.i);
    case PHYS_I64:
        if (type.id == TYPE_UINT8 || type.id == TYPE_MZ_TIMESTAMP || type.id == TYPE_PG_LSN || type.id == TYPE_XID8)
            return uint64_compare((uint64_t) a.i, (uint64_t) b.i);
        return int64_compare(a.i, b.i);
    case PHYS_F32:
    case PHYS_F64:
        return float_compare(a.f, b.f);
    case PHYS_B16:
        if (type.id == TYPE_INTERVAL)
            return interval_compare(a.interval, b.interval);
        if (type.id == TYPE_TIMETZ)
            return timetz_compare(a.timetz, b.timetz);
        return memcmp(a.b16, b.b16, sizeof a.b16);
    case PHYS_BYTES:
        return bytes_compare(type, a.bytes, b.bytes);
    }
    bug("unrecognized type %d", type.id);
}

/* Whether equal values of the type have equal bytes, so that equality needs no order. */
static bool
bytes_are_canonical(TypeId id)
{
    switch (id) {
    case TYPE_TEXT:
    case TYPE_VARCHAR:
    case TYPE_NAME:
    case TYPE_BYTEA:
    case TYPE_JSON:
    case TYPE_JSONPATH:
    case TYPE_XML:
    case TYPE_MACADDR:
    case TYPE_MACADDR8:
    case TYPE_TID:
    case TYPE_BIT:
    case TYPE_VARBIT:
        return true;
    default:
        return false;
    }
}

bool
datum_equal(SqlType type, Datum a, Datum b)
{
    if (a.is_null || b.is_null)
        return a.is_null && b.is_null;
    switch (type_phys(type)) {
    case PHYS_U8:
    case PHYS_I16:
    case PHYS_I32:
    case PHYS_I64:
        return a.i == b.i;
    case PHYS_BYTES:
        if (slice_equal(a.bytes, b.bytes))
            return true;
        return !bytes_are_canonical(type.id) && bytes_compare(type, a.bytes, b.bytes) == 0;
    default:
        return datum_compare(type, a, b) == 0;
    }
}

static uint64_t
bytes_hash(SqlType type, Slice value)
{
    switch (type.id) {
    case TYPE_BPCHAR:
        value = blanks_trimmed(value);
        return hash_bytes(value.bytes, value.size);
    case TYPE_NUMERIC:
        return numeric_hash(value);
    case TYPE_JSONB:
        return jsonb_hash(value);
    case TYPE_INET:
    case TYPE_CIDR:
        return inet_hash(value);
    case TYPE_ARRAY:
    case TYPE_LIST:
    case TYPE_INT2VECTOR:
        return array_hash(type, value);
    case TYPE_MAP:
        return map_hash(type, value);
    case TYPE_RECORD:
        return record_hash(type, value);
    default:
        if (type_is_multirange(type))
            return multirange_hash(type, value);
        return type_is_range(type) ? range_hash(type, value) : hash_bytes(value.bytes, value.size);
    }
}

uint64_t
datum_hash(SqlType type, Datum value)
{
    if (value.is_null)
        return NULL_HASH;
    switch (type_phys(type)) {
    case PHYS_U8:
    case PHYS_I16:
    case PHYS_I32:
    case PHYS_I64:
        return hash_u64((uint64_t) value.i);
    case PHYS_F32:
    case PHYS_F64:
        return float_hash(value.f);
    case PHYS_B16:
        if (type.id == TYPE_INTERVAL)
            return interval_hash(value.interval);
        return hash_bytes(value.b16, sizeof value.b16);
    case PHYS_BYTES:
        return bytes_hash(type, value.bytes);
    }
    bug("unrecognized type %d", type.id);
}

bool
datum_identical(SqlType type, Datum a, Datum b)
{
    if (a.is_null || b.is_null)
        return a.is_null && b.is_null;
    switch (type_phys(type)) {
    case PHYS_U8:
    case PHYS_I16:
    case PHYS_I32:
    case PHYS_I64:
        return a.i == b.i;
    case PHYS_F32:
    case PHYS_F64:
        return isnan(a.f) ? isnan(b.f) : a.f == b.f && signbit(a.f) == signbit(b.f);
    case PHYS_B16:
        return memcmp(a.b16, b.b16, sizeof a.b16) == 0;
    case PHYS_BYTES:
        return slice_equal(a.bytes, b.bytes);
    }
    bug("unrecognized type %d", type.id);
}
