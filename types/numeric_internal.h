/*
 * numeric_internal.h -- what the files of numeric share: the stored form taken apart, and exact decimals on GMP.
 *
 * A stored number is sign, `count` base-10000 groups (big-endian, the first and the last are not zero), the weight of
 * the first group (its power of 10000), and the number of digits shown after the point, below which no digit is set.
 */
#ifndef FRESHET_TYPES_NUMERIC_INTERNAL_H
#define FRESHET_TYPES_NUMERIC_INTERNAL_H

#include <gmp.h>

#include "types/numeric.h"

enum {
    NUMERIC_POSITIVE = 0x0000,
    NUMERIC_NEGATIVE = 0x4000,
    NUMERIC_NAN = 0xC000,
    NUMERIC_INFINITY = 0xD000,
    NUMERIC_MINUS_INFINITY = 0xF000,

    NUMERIC_HEAD_BYTES = 8,
    NUMERIC_GROUP_DIGITS = 4,
    NUMERIC_GROUP_BASE = 10000,
    NUMERIC_WEIGHT_MAX = 32767,
    NUMERIC_SCALE_MAX = 16383,        /* what can be stored */
    NUMERIC_SCALE_CHOSEN_MAX = 1000,  /* what division, roots and so on choose at most */
    NUMERIC_INFINITY_SCALE = 32,      /* what PostgreSQL sends with infinities, where it means nothing; NaN has 0 */
    NUMERIC_RESULT_DIGITS_MAX = 2000, /* of exp(), estimated */
    NUMERIC_DIGITS_CHOSEN_MIN = 16,   /* significant digits that division, roots and so on aim at */
};

typedef struct NumericHead {
    int count;
    int weight;
    unsigned sign;
    int scale;
    const uint8_t *groups;
} NumericHead;

static inline NumericHead
numeric_head(Numeric value)
{
    const uint8_t *at = (const uint8_t *) value.bytes;
    return (NumericHead){.count = be16_read(at),
                         .weight = (int16_t) be16_read(at + 2),
                         .sign = be16_read(at + 4),
                         .scale = be16_read(at + 6),
                         .groups = at + NUMERIC_HEAD_BYTES};
}

static inline int
numeric_group(const NumericHead *head, int index)
{
    return be16_read(head->groups + 2 * index);
}

static inline bool
numeric_head_is_special(const NumericHead *head)
{
    return (head->sign & 0x8000) != 0;
}

/* Whether it has no fraction; infinities have none. */
static inline bool
numeric_head_is_whole(const NumericHead *head)
{
    return head->sign == NUMERIC_INFINITY || head->sign == NUMERIC_MINUS_INFINITY ||
           (head->sign != NUMERIC_NAN && head->count <= head->weight + 1);
}

static inline bool
numeric_head_is_odd(const NumericHead *head) /* a finite whole number */
{
    return head->count != 0 && head->count == head->weight + 1 && (numeric_group(head, head->count - 1) & 1) != 0;
}

extern const uint64_t numeric_powers[20]; /* of 10 */

unsigned __int128 numeric_power128(int exponent); /* of 10, 0 to 38 */

Numeric numeric_special(unsigned sign, Arena *arena);
Numeric numeric_with_scale(Numeric value, int scale, Arena *arena); /* a copy; no digit may be below the scale */
bool numeric_overflow(Error *err);                                  /* sets 22003, returns false */

/*
 * magnitude * 10^pad * 10000^low, with the sign; pad is 0 to 3. The caller knows that it is within the limits.
 */
Numeric numeric_encode(unsigned __int128 magnitude, int pad, int low, bool negative, int scale, Arena *arena);

/* The number whose decimal digits (characters) are given, with `point` of them before the point (perhaps negative). */
MUST_CHECK bool numeric_pack(const char *digits, size_t count, int64_t point, bool negative, int64_t scale,
                             Arena *arena, Numeric *out, Error *err);

/* units / 10^scale, scale >= 0 */
typedef struct Decimal {
    mpz_t units;
    int scale;
} Decimal;

void decimal_init(Decimal *decimal, int scale); /* zero */
void decimal_init_head(Decimal *decimal, const NumericHead *head);
void decimal_init_set(Decimal *decimal, const Decimal *from);
void decimal_clear(Decimal *decimal);
void decimal_round(Decimal *decimal, int scale); /* half away from zero; a negative scale leaves scale 0 */
void decimal_trunc(Decimal *decimal, int scale);
int decimal_exponent(const Decimal *decimal); /* of 10, of the first digit; not of zero */
double decimal_to_double(const Decimal *decimal);
MUST_CHECK bool decimal_finish(Decimal *decimal, Arena *arena, Numeric *out, Error *err); /* to a Numeric, and clears */

void mpz_set_power10(mpz_t power, int exponent);
void mpz_div_rounded(mpz_t quotient, const mpz_t dividend, const mpz_t divisor); /* half away from zero */

#endif
