#include "collection/column_order.h"
#include "types/numeric.h"

#include <math.h>

#include "base/hash.h"

OrderClass
type_order_class(SqlType type)
{
    switch (type.id) {
    case TYPE_BOOL:
    case TYPE_CHAR:
    case TYPE_OID:
    case TYPE_REGPROC:
    case TYPE_REGCLASS:
    case TYPE_REGTYPE:
    case TYPE_UINT2:
    case TYPE_UINT4:
    case TYPE_UINT8:
    case TYPE_XID:
    case TYPE_CID:
    case TYPE_XID8:
    case TYPE_PG_LSN:
    case TYPE_MZ_TIMESTAMP:
        return ORDER_UNSIGNED;
    case TYPE_INT2:
    case TYPE_INT4:
    case TYPE_INT8:
    case TYPE_MONEY:
    case TYPE_DATE:
    case TYPE_TIME:
    case TYPE_TIMESTAMP:
    case TYPE_TIMESTAMPTZ:
        return ORDER_SIGNED;
    case TYPE_FLOAT4:
    case TYPE_FLOAT8:
        return ORDER_FLOAT;
    case TYPE_UUID:
        return ORDER_B16;
    case TYPE_UNKNOWN:
    case TYPE_BYTEA:
    case TYPE_NAME:
    case TYPE_TEXT:
    case TYPE_JSON:
    case TYPE_XML:
    case TYPE_VARCHAR:
    case TYPE_MACADDR:
    case TYPE_MACADDR8:
    case TYPE_TID:
        return ORDER_BYTES;
    default:
        return ORDER_DATUM;
    }
}

bool
order_class_is_exact(OrderClass order)
{
    return order != ORDER_FLOAT && order != ORDER_DATUM;
}

static double
float_at(const Column *column, uint32_t row)
{
    return column->phys == PHYS_F32 ? (double) ((const float *) column->values)[row]
                                    : ((const double *) column->values)[row];
}

/* The integer at a row, extended by its sign, or by zeros. */
static inline int64_t
signed_at(const Column *column, uint32_t row)
{
    switch (column->phys) {
    case PHYS_I16:
        return ((const int16_t *) column->values)[row];
    case PHYS_I32:
        return ((const int32_t *) column->values)[row];
    default:
        return ((const int64_t *) column->values)[row];
    }
}

static inline uint64_t
unsigned_at(const Column *column, uint32_t row)
{
    switch (column->phys) {
    case PHYS_U8:
        return ((const uint8_t *) column->values)[row];
    case PHYS_I16:
        return ((const uint16_t *) column->values)[row];
    case PHYS_I32:
    case PHYS_F32:
        return ((const uint32_t *) column->values)[row];
    default:
        return ((const uint64_t *) column->values)[row];
    }
}

static const char *
b16_at(const Column *column, uint32_t row)
{
    return (const char *) column->values + (size_t) row * 16;
}

/* The first eight bytes, big-endian, with zeros behind a shorter value. */
static uint64_t
bytes_prefix(const char *bytes, size_t size)
{
    uint64_t value = 0;
    memcpy(&value, bytes, size < 8 ? size : 8);
    return __builtin_bswap64(value);
}

uint64_t
column_order_prefix(OrderClass order, const Column *column, uint32_t row)
{
    switch (order) {
    case ORDER_SIGNED:
        return (uint64_t) signed_at(column, row) ^ UINT64_C(1) << 63;
    case ORDER_UNSIGNED:
        return unsigned_at(column, row);
    case ORDER_FLOAT: {
        double value = float_at(column, row);
        if (isnan(value))
            return UINT64_MAX;
        if (value == 0)
            value = 0; /* minus zero */
        uint64_t bits;
        memcpy(&bits, &value, sizeof bits);
        return bits >> 63 != 0 ? ~bits : bits | UINT64_C(1) << 63;
    }
    case ORDER_BYTES: {
        Slice bytes = column_bytes(column, row);
        return bytes_prefix(bytes.bytes, bytes.size);
    }
    case ORDER_B16:
        return bytes_prefix(b16_at(column, row), 8);
    case ORDER_DATUM:
        break;
    }
    bug("this type has no order prefix");
}

bool
type_has_order_prefix(SqlType type)
{
    return type.id == TYPE_NUMERIC || type_order_class(type) != ORDER_DATUM;
}

uint64_t
type_order_prefix(SqlType type, OrderClass order, const Column *column, uint32_t row)
{
    return type.id == TYPE_NUMERIC ? numeric_order_prefix(column_bytes(column, row))
                                   : column_order_prefix(order, column, row);
}

bool
order_prefix_is_exact(OrderClass order)
{
    return order == ORDER_SIGNED || order == ORDER_UNSIGNED || order == ORDER_FLOAT;
}

uint64_t
column_identity_prefix(const Column *column, uint32_t row)
{
    if (column->phys == PHYS_B16)
        return bytes_prefix(b16_at(column, row), 8);
    if (column->phys != PHYS_BYTES)
        return unsigned_at(column, row);
    Slice bytes = column_bytes(column, row);
    return bytes_prefix(bytes.bytes, bytes.size);
}

bool
identity_prefix_is_exact(Phys phys)
{
    return phys != PHYS_B16 && phys != PHYS_BYTES;
}

static inline int
unsigned_compare(uint64_t a, uint64_t b)
{
    return (a > b) - (a < b);
}

static inline int
float_compare(double a, double b)
{
    if (isnan(a) || isnan(b))
        return isnan(a) - isnan(b);
    return (a > b) - (a < b);
}

int
column_compare_class(OrderClass order, SqlType type, const Column *a, uint32_t row_a, const Column *b, uint32_t row_b)
{
    if (a->nulls != NULL || b->nulls != NULL) {
        bool null_a = column_is_null(a, row_a), null_b = column_is_null(b, row_b);
        if (null_a || null_b)
            return null_a - null_b;
    }
    switch (order) {
    case ORDER_SIGNED: {
        int64_t x = signed_at(a, row_a), y = signed_at(b, row_b);
        return (x > y) - (x < y);
    }
    case ORDER_UNSIGNED:
        return unsigned_compare(unsigned_at(a, row_a), unsigned_at(b, row_b));
    case ORDER_FLOAT:
        return float_compare(float_at(a, row_a), float_at(b, row_b));
    case ORDER_BYTES:
        return slice_compare(column_bytes(a, row_a), column_bytes(b, row_b));
    case ORDER_B16:
        return memcmp(b16_at(a, row_a), b16_at(b, row_b), 16);
    case ORDER_DATUM:
        break;
    }
    return datum_compare(type, column_datum(a, type, row_a), column_datum(b, type, row_b));
}

int
column_compare(SqlType type, const Column *a, uint32_t row_a, const Column *b, uint32_t row_b)
{
    return column_compare_class(type_order_class(type), type, a, row_a, b, row_b);
}

int
column_compare_identity(const Column *a, uint32_t row_a, const Column *b, uint32_t row_b)
{
    if (a->nulls != NULL || b->nulls != NULL) {
        bool null_a = column_is_null(a, row_a), null_b = column_is_null(b, row_b);
        if (null_a || null_b)
            return null_a - null_b;
    }
    if (a->phys == PHYS_BYTES)
        return slice_compare(column_bytes(a, row_a), column_bytes(b, row_b));
    if (a->phys == PHYS_B16)
        return memcmp(b16_at(a, row_a), b16_at(b, row_b), 16);
    return unsigned_compare(unsigned_at(a, row_a), unsigned_at(b, row_b));
}

/*
 * Hashing. Each loop below gives what hash_combine(hash, datum_hash(value)) gives, without going through a Datum.
 * The row of the i-th hash is i itself, or rows[i].
 */
#define HASH_LOOP(expression)                                                                                          \
    do {                                                                                                               \
        for (uint32_t i = 0; i < count; i++) {                                                                         \
            uint32_t row = rows == NULL ? i : rows[i];                                                                 \
            hashes[i] = hash_combine(hashes[i], (expression));                                                         \
        }                                                                                                              \
    } while (0)

static void
hash_values(OrderClass order, SqlType type, const Column *column, const uint32_t *rows, uint32_t count,
            uint64_t *hashes)
{
    const void *values = column->values;
    switch (order) {
    case ORDER_SIGNED:
        if (column->phys == PHYS_I64)
            HASH_LOOP(hash_u64(((const uint64_t *) values)[row]));
        else if (column->phys == PHYS_I32)
            HASH_LOOP(hash_u64((uint64_t) (int64_t) ((const int32_t *) values)[row]));
        else
            HASH_LOOP(hash_u64((uint64_t) signed_at(column, row)));
        break;
    case ORDER_UNSIGNED:
        HASH_LOOP(hash_u64(unsigned_at(column, row)));
        break;
    case ORDER_BYTES:
        for (uint32_t i = 0; i < count; i++) {
            Slice bytes = column_bytes(column, rows == NULL ? i : rows[i]);
            hashes[i] = hash_combine(hashes[i], hash_bytes(bytes.bytes, bytes.size));
        }
        break;
    case ORDER_B16:
        HASH_LOOP(hash_bytes(b16_at(column, row), 16));
        break;
    case ORDER_FLOAT:
    case ORDER_DATUM:
        HASH_LOOP(datum_hash(type, column_datum(column, type, row)));
        break;
    }
}

void
column_hash_rows(SqlType type, const Column *column, const uint32_t *rows, uint32_t count, uint64_t *hashes)
{
    if (column->nulls == NULL)
        hash_values(type_order_class(type), type, column, rows, count, hashes);
    else
        HASH_LOOP(datum_hash(type, column_datum(column, type, row)));
}

void
column_hash(SqlType type, const Column *column, uint64_t *hashes)
{
    column_hash_rows(type, column, NULL, column->count, hashes);
}
