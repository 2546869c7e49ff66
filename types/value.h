/*
 * value.h -- one SQL value on its own: a constant, a parameter, a cell of a result.
 *
 * Columns hold values in bulk (collection/column.h); a Datum is the same value taken out. Its bytes belong
 * to whoever made it: an arena, a column, a message.
 *
 * Stored forms, canonical: equal bytes if and only if PostgreSQL would print them alike.
 *   bool, "char"     i: 0/1, the byte
 *   int2 int4 int8 oid xid cid xid8 pg_lsn reg* uint* mz_timestamp money    i: sign-extended, or zero-extended for the unsigned ones.
 *                    In a column, unsigned 32-bit values keep their bits in an I32 and uint2 its value.
 *   float4 float8    f (float4 is rounded to float)
 *   date             i: days since 2000-01-01; INT32_MIN/MAX are -infinity/infinity
 *   time             i: microseconds since midnight
 *   timestamp[tz]    i: microseconds since 2000-01-01 (UTC); INT64_MIN/MAX are -infinity/infinity
 *   interval         b16: struct Interval; timetz: struct TimeTz
 *   uuid             b16: network order
 *   text varchar bpchar name json xml bytea   bytes as they are (bpchar with its blanks)
 *   numeric          bytes: PostgreSQL's binary wire form (ndigits, weight, sign, dscale, base-10000 digits;
 *                    big-endian), no leading or trailing zero digit groups
 *   jsonb            bytes: text exactly as PostgreSQL prints a jsonb (keys sorted by length, then bytes; no duplicates)
 *   ranges, arrays, int2vector, record   bytes: PostgreSQL's binary wire form over the elements' binary wire forms,
 *                    ranges and multiranges canonicalised. bit, inet, cidr, macaddr, macaddr8, tid: PostgreSQL's binary wire form
 *   list, map        bytes: a list as an array; a map as the number of its entries (32 bits, big-endian) and, sorted by
 *                    key, each entry's key and value as elements (element.h)
 */
#ifndef FRESHET_TYPES_VALUE_H
#define FRESHET_TYPES_VALUE_H

#include "base/buffer.h"
#include "types/type.h"

typedef struct Interval {
    int64_t microseconds;
    int32_t days;
    int32_t months;
} Interval;

typedef struct TimeTz {
    int64_t microseconds;
    int32_t zone_seconds_west;
    int32_t zero;
} TimeTz;

typedef struct Datum {
    bool is_null;
    union {
        int64_t i;
        double f;
        Slice bytes;
        uint8_t b16[16];
        Interval interval;
        TimeTz timetz;
    };
} Datum;

#define DATUM_NULL ((Datum){.is_null = true})

static inline Datum
datum_int(int64_t value)
{
    return (Datum){.i = value};
}

static inline Datum
datum_float(double value)
{
    return (Datum){.f = value};
}

static inline Datum
datum_bytes(Slice bytes)
{
    return (Datum){.bytes = bytes};
}

static inline Datum
datum_text(const char *text)
{
    return (Datum){.bytes = slice_of(text)};
}

Datum datum_copy(SqlType type, Datum value, Arena *arena);

/*
 * SQL order, as ORDER BY and = have it: numeric 1.0 equals 1.00, bpchar ignores trailing blanks, interval
 * '1 day' equals '24 hours', -0 equals 0, NaN is last. Neither value is null. Total for every type.
 */
int datum_compare(SqlType type, Datum a, Datum b);
bool datum_equal(SqlType type, Datum a, Datum b);     /* datum_compare == 0, faster; nulls are equal to nulls here */
uint64_t datum_hash(SqlType type, Datum value);       /* equal values (SQL) hash alike; null has a hash of its own */
bool datum_identical(SqlType type, Datum a, Datum b); /* same stored form; nulls are identical */

/*
 * Settings that change how values print and parse. NULL and a zeroed style mean ISO, UTC, postgres intervals, hex bytea,
 * shortest exact floats.
 */
#define FLOAT_DIGITS_15 INT32_MIN /* what SET extra_float_digits = 0 asks for */

/* Of a style, from the setting. */
static inline int
float_digits_of(int setting)
{
    return setting == 0 ? FLOAT_DIGITS_15 : setting;
}

typedef struct TextStyle {
    int extra_float_digits; /* 0..3: shortest exact; -1..-15: that many fewer than 15 (6 for real); FLOAT_DIGITS_15 */
    const char *time_zone;  /* a name of the tz database or +hh:mm; NULL is UTC */
    int64_t now_us;         /* for 'now', 'today': microseconds since 2000-01-01 UTC; 0: the clock's */
    /* Appends the name of the relation that has the OID; false: none has. NULL: a regclass prints as a number. On the event loop only. */
    bool (*relation_name)(void *context, uint32_t oid, Buffer *out);
    void *relation_context;
} TextStyle;

#endif
