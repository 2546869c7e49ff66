#include "types/numeric.h"

#include <stdlib.h>

#include "base/hash.h"
#include "types/numeric_internal.h"

/* A number of so many groups fits 64 bits; 128 bits with room for a sum of two. */
enum { GROUPS_64 = 4, GROUPS_128 = 9 };

static inline bool
head_is_negative(const NumericHead *head)
{
    return head->sign == NUMERIC_NEGATIVE || head->sign == NUMERIC_MINUS_INFINITY;
}

static inline int
head_low(const NumericHead *head)
{
    return head->weight - head->count + 1;
}

static inline uint64_t
groups_to_u64(const NumericHead *head)
{
    uint64_t value = 0;
    for (int i = 0; i < head->count; i++)
        value = value * NUMERIC_GROUP_BASE + (uint64_t) numeric_group(head, i);
    return value;
}

static inline unsigned __int128
groups_to_u128(const NumericHead *head)
{
    unsigned __int128 value = 0;
    for (int i = 0; i < head->count; i++)
        value = value * NUMERIC_GROUP_BASE + (unsigned) numeric_group(head, i);
    return value;
}

Numeric
numeric_from_int128(__int128 value, int scale, Arena *arena)
{
    int pad = -scale & 3;
    unsigned __int128 magnitude = value < 0 ? -(unsigned __int128) value : (unsigned __int128) value;
    return numeric_encode(magnitude, pad, -(scale + pad) / NUMERIC_GROUP_DIGITS, value < 0, scale, arena);
}

Numeric
numeric_from_int64(int64_t value, Arena *arena)
{
    uint64_t magnitude = value < 0 ? -(uint64_t) value : (uint64_t) value;
    return numeric_encode(magnitude, 0, 0, value < 0, 0, arena);
}

bool
numeric_to_int128(Numeric value, int *scale, __int128 *out)
{
    NumericHead head = numeric_head(value);
    if (numeric_head_is_special(&head) || head.count > GROUPS_128 + 1)
        return false;
    unsigned __int128 units;
    if (head.count <= GROUPS_64) {
        units = groups_to_u64(&head);
    } else if (head.count <= GROUPS_128) {
        units = groups_to_u128(&head);
    } else {
        units = 0;
        for (int i = 0; i < head.count; i++)
            if (__builtin_mul_overflow(units, NUMERIC_GROUP_BASE, &units) ||
                __builtin_add_overflow(units, (unsigned) numeric_group(&head, i), &units))
                return false;
    }
    int exponent = head.count == 0 ? 0 : NUMERIC_GROUP_DIGITS * head_low(&head) + head.scale;
    if (exponent < 0)
        units /= (unsigned) numeric_powers[-exponent];
    else if (exponent > 38 || __builtin_mul_overflow(units, numeric_power128(exponent), &units))
        return false;
    if (units >> 127 != 0)
        return false;
    *out = head.sign == NUMERIC_NEGATIVE ? -(__int128) units : (__int128) units;
    *scale = head.scale;
    return true;
}

uint64_t
numeric_order_prefix(Numeric value)
{
    const uint64_t zero = UINT64_C(1) << 63;
    NumericHead head = numeric_head(value);
    if (head.sign == NUMERIC_NAN)
        return UINT64_MAX;
    if (numeric_head_is_special(&head))
        return numeric_sign(value) > 0 ? UINT64_MAX - 1 : 0;
    if (head.count == 0)
        return zero;
    uint64_t magnitude = (uint64_t) (head.weight + 32768) << 46 | (uint64_t) numeric_group(&head, 0) << 32;
    if (head.count > 1)
        magnitude |= (uint64_t) numeric_group(&head, 1) << 18;
    if (head.count > 2)
        magnitude |= (uint64_t) numeric_group(&head, 2) << 4;
    return head.sign == NUMERIC_NEGATIVE ? zero - 1 - magnitude : zero + 1 + magnitude;
}

bool
numeric_to_int64(Numeric value, int64_t *out, Error *err)
{
    enum { GROUPS_MAX = 5 };
    NumericHead head = numeric_head(value);
    if (head.sign == NUMERIC_NAN)
        return error_set(err, SQLSTATE_FEATURE_NOT_SUPPORTED, "cannot convert NaN to bigint");
    if (numeric_head_is_special(&head))
        return error_set(err, SQLSTATE_FEATURE_NOT_SUPPORTED, "cannot convert infinity to bigint");
    __int128 whole = 0;
    if (head.weight >= GROUPS_MAX)
        return error_set(err, SQLSTATE_NUMERIC_VALUE_OUT_OF_RANGE, "bigint out of range");
    for (int i = 0; i <= head.weight; i++)
        whole = whole * NUMERIC_GROUP_BASE + (i < head.count ? numeric_group(&head, i) : 0);
    int fraction = head.weight + 1; /* the first group behind the point */
    if (fraction >= 0 && fraction < head.count && numeric_group(&head, fraction) >= NUMERIC_GROUP_BASE / 2)
        whole++;
    if (head.sign == NUMERIC_NEGATIVE)
        whole = -whole;
    if (whole < INT64_MIN || whole > INT64_MAX)
        return error_set(err, SQLSTATE_NUMERIC_VALUE_OUT_OF_RANGE, "bigint out of range");
    *out = (int64_t) whole;
    return true;
}

bool
numeric_is_nan(Numeric value)
{
    return numeric_head(value).sign == NUMERIC_NAN;
}

bool
numeric_is_finite(Numeric value)
{
    NumericHead head = numeric_head(value);
    return !numeric_head_is_special(&head);
}

int
numeric_sign(Numeric value)
{
    NumericHead head = numeric_head(value);
    if (head.sign == NUMERIC_NAN || (head.count == 0 && !numeric_head_is_special(&head)))
        return 0;
    return head_is_negative(&head) ? -1 : 1;
}

int
numeric_scale(Numeric value)
{
    NumericHead head = numeric_head(value);
    return numeric_head_is_special(&head) ? 0 : head.scale;
}

/* The order of -infinity, finite numbers, infinity, NaN. */
static int
head_class(const NumericHead *head)
{
    switch (head->sign) {
    case NUMERIC_NAN:
        return 2;
    case NUMERIC_INFINITY:
        return 1;
    case NUMERIC_MINUS_INFINITY:
        return -1;
    default:
        return 0;
    }
}

static int
magnitude_compare(const NumericHead *a, const NumericHead *b)
{
    if (a->count == 0 || b->count == 0)
        return (a->count != 0) - (b->count != 0);
    if (a->weight != b->weight)
        return a->weight < b->weight ? -1 : 1;
    int order =
        slice_compare(slice_make(a->groups, 2 * (size_t) a->count), slice_make(b->groups, 2 * (size_t) b->count));
    return (order > 0) - (order < 0);
}

int
numeric_compare(Numeric a, Numeric b)
{
    NumericHead x = numeric_head(a), y = numeric_head(b);
    if (numeric_head_is_special(&x) || numeric_head_is_special(&y))
        return (head_class(&x) > head_class(&y)) - (head_class(&x) < head_class(&y));
    if (x.sign != y.sign)
        return x.sign == NUMERIC_NEGATIVE ? -1 : 1;
    int order = magnitude_compare(&x, &y);
    return x.sign == NUMERIC_NEGATIVE ? -order : order;
}

uint64_t
numeric_hash(Numeric value)
{
    NumericHead head = numeric_head(value);
    uint64_t groups = hash_bytes(head.groups, 2 * (size_t) head.count);
    return hash_combine(groups, (uint64_t) head.sign << 16 | (uint16_t) head.weight);
}

static bool
division_by_zero(Error *err)
{
    return error_set(err, SQLSTATE_DIVISION_BY_ZERO, "division by zero");
}

static bool
special_add(const NumericHead *a, const NumericHead *b, Arena *arena, Numeric *out)
{
    unsigned sign;
    if (a->sign == NUMERIC_NAN || b->sign == NUMERIC_NAN)
        sign = NUMERIC_NAN;
    else if (!numeric_head_is_special(a))
        sign = b->sign;
    else if (!numeric_head_is_special(b) || a->sign == b->sign)
        sign = a->sign;
    else
        sign = NUMERIC_NAN;
    *out = numeric_special(sign, arena);
    return true;
}

static bool
decimal_add(const NumericHead *a, const NumericHead *b, Arena *arena, Numeric *out, Error *err)
{
    Decimal x, y;
    decimal_init_head(&x, a);
    decimal_init_head(&y, b);
    int scale = a->scale > b->scale ? a->scale : b->scale;
    decimal_round(&x, scale);
    decimal_round(&y, scale);
    mpz_add(x.units, x.units, y.units);
    decimal_clear(&y);
    return decimal_finish(&x, arena, out, err);
}

static bool
heads_add(const NumericHead *a, const NumericHead *b, Arena *arena, Numeric *out, Error *err)
{
    if (numeric_head_is_special(a) || numeric_head_is_special(b))
        return special_add(a, b, arena, out);
    int scale = a->scale > b->scale ? a->scale : b->scale;
    /* A zero takes the other's place, so that it does not widen the span. */
    int low_a = a->count != 0 ? head_low(a) : head_low(b), low_b = b->count != 0 ? head_low(b) : low_a;
    int high_a = a->count != 0 ? a->weight : b->weight, high_b = b->count != 0 ? b->weight : high_a;
    int low = low_a < low_b ? low_a : low_b;
    int high = high_a > high_b ? high_a : high_b;
    if (high - low < GROUPS_64 && high < NUMERIC_WEIGHT_MAX) {
        int64_t x = (int64_t) (groups_to_u64(a) * numeric_powers[NUMERIC_GROUP_DIGITS * (low_a - low)]);
        int64_t y = (int64_t) (groups_to_u64(b) * numeric_powers[NUMERIC_GROUP_DIGITS * (low_b - low)]);
        int64_t sum = (a->sign == NUMERIC_NEGATIVE ? -x : x) + (b->sign == NUMERIC_NEGATIVE ? -y : y);
        *out = numeric_encode((uint64_t) (sum < 0 ? -sum : sum), 0, low, sum < 0, scale, arena);
        return true;
    }
    if (high - low < GROUPS_128 && high < NUMERIC_WEIGHT_MAX) {
        __int128 x = (__int128) (groups_to_u128(a) * numeric_power128(NUMERIC_GROUP_DIGITS * (low_a - low)));
        __int128 y = (__int128) (groups_to_u128(b) * numeric_power128(NUMERIC_GROUP_DIGITS * (low_b - low)));
        __int128 sum = (a->sign == NUMERIC_NEGATIVE ? -x : x) + (b->sign == NUMERIC_NEGATIVE ? -y : y);
        *out = numeric_encode((unsigned __int128) (sum < 0 ? -sum : sum), 0, low, sum < 0, scale, arena);
        return true;
    }
    return decimal_add(a, b, arena, out, err);
}

static unsigned
sign_negated(const NumericHead *head)
{
    switch (head->sign) {
    case NUMERIC_NAN:
        return NUMERIC_NAN;
    case NUMERIC_INFINITY:
        return NUMERIC_MINUS_INFINITY;
    case NUMERIC_MINUS_INFINITY:
        return NUMERIC_INFINITY;
    case NUMERIC_NEGATIVE:
        return NUMERIC_POSITIVE;
    default:
        return head->count == 0 ? NUMERIC_POSITIVE : NUMERIC_NEGATIVE;
    }
}

bool
numeric_add(Numeric a, Numeric b, Arena *arena, Numeric *out, Error *err)
{
    NumericHead x = numeric_head(a), y = numeric_head(b);
    return heads_add(&x, &y, arena, out, err);
}

bool
numeric_sub(Numeric a, Numeric b, Arena *arena, Numeric *out, Error *err)
{
    NumericHead x = numeric_head(a), y = numeric_head(b);
    y.sign = sign_negated(&y);
    return heads_add(&x, &y, arena, out, err);
}

static Numeric
with_sign(Numeric value, unsigned sign, Arena *arena)
{
    char *bytes = arena_alloc(arena, value.size);
    memcpy(bytes, value.bytes, value.size);
    bytes[4] = (char) (sign >> 8);
    bytes[5] = (char) sign;
    return slice_make(bytes, value.size);
}

Numeric
numeric_neg(Numeric a, Arena *arena)
{
    NumericHead head = numeric_head(a);
    return with_sign(a, sign_negated(&head), arena);
}

Numeric
numeric_abs(Numeric a, Arena *arena)
{
    NumericHead head = numeric_head(a);
    return with_sign(a, head_is_negative(&head) ? sign_negated(&head) : head.sign, arena);
}

/* Infinite times zero is NaN. */
static bool
special_mul(Numeric a, Numeric b, Arena *arena, Numeric *out)
{
    int sign = numeric_sign(a) * numeric_sign(b);
    *out = numeric_special(sign == 0 ? NUMERIC_NAN : sign > 0 ? NUMERIC_INFINITY : NUMERIC_MINUS_INFINITY, arena);
    return true;
}

static bool
decimal_mul(const NumericHead *a, const NumericHead *b, Arena *arena, Numeric *out, Error *err)
{
    Decimal x, y;
    decimal_init_head(&x, a);
    decimal_init_head(&y, b);
    mpz_mul(x.units, x.units, y.units);
    x.scale += y.scale;
    decimal_clear(&y);
    if (x.scale > NUMERIC_SCALE_MAX)
        decimal_round(&x, NUMERIC_SCALE_MAX);
    return decimal_finish(&x, arena, out, err);
}

bool
numeric_mul(Numeric a, Numeric b, Arena *arena, Numeric *out, Error *err)
{
    NumericHead x = numeric_head(a), y = numeric_head(b);
    if (numeric_head_is_special(&x) || numeric_head_is_special(&y))
        return special_mul(a, b, arena, out);
    int scale = x.scale + y.scale;
    int count = x.count + y.count;
    if (count > GROUPS_128 || scale > NUMERIC_SCALE_MAX || x.weight + y.weight >= NUMERIC_WEIGHT_MAX)
        return decimal_mul(&x, &y, arena, out, err);
    unsigned __int128 product =
        count <= GROUPS_64 ? groups_to_u64(&x) * groups_to_u64(&y) : groups_to_u128(&x) * groups_to_u128(&y);
    *out = numeric_encode(product, 0, head_low(&x) + head_low(&y), x.sign != y.sign, scale, arena);
    return true;
}

/* What division and remainder do when an operand is not finite; division by zero counts before infinity. */
static bool
special_div(Numeric a, Numeric b, Arena *arena, Numeric *out, Error *err)
{
    if (numeric_is_nan(a) || numeric_is_nan(b)) {
        *out = numeric_special(NUMERIC_NAN, arena);
        return true;
    }
    if (numeric_is_finite(a)) {
        *out = numeric_from_int64(0, arena);
        return true;
    }
    if (numeric_sign(b) == 0)
        return division_by_zero(err);
    if (!numeric_is_finite(b)) {
        *out = numeric_special(NUMERIC_NAN, arena);
        return true;
    }
    return special_mul(a, b, arena, out);
}

/*
 * The scale of a quotient: 16 significant digits at least, and no less than either operand shows. How long the
 * quotient is gets estimated from the first groups only, so it can be a digit group too long.
 */
static int
quotient_scale(const NumericHead *a, const NumericHead *b)
{
    int weight = (a->count == 0 ? 0 : a->weight) - b->weight;
    int first_a = a->count == 0 ? 0 : numeric_group(a, 0);
    if (first_a <= numeric_group(b, 0))
        weight--;
    int scale = NUMERIC_DIGITS_CHOSEN_MIN - weight * NUMERIC_GROUP_DIGITS;
    if (scale < a->scale)
        scale = a->scale;
    if (scale < b->scale)
        scale = b->scale;
    if (scale < 0)
        scale = 0;
    return scale > NUMERIC_SCALE_CHOSEN_MAX ? NUMERIC_SCALE_CHOSEN_MAX : scale;
}

/* a / b with `scale` digits after the point, rounded, in 128 bits; false when they are too few. */
static bool
small_div(Numeric a, Numeric b, int scale, Arena *arena, Numeric *out)
{
    __int128 x, y;
    int scale_x, scale_y;
    if (!numeric_to_int128(a, &scale_x, &x) || !numeric_to_int128(b, &scale_y, &y))
        return false;
    int shift = scale + scale_y - scale_x;
    bool negative = (x < 0) != (y < 0);
    unsigned __int128 dividend = (unsigned __int128) (x < 0 ? -x : x), divisor = (unsigned __int128) (y < 0 ? -y : y);
    if (shift < 0 || shift > 38 || divisor >> 126 != 0 ||
        __builtin_mul_overflow(dividend, numeric_power128(shift), &dividend))
        return false;
    unsigned __int128 quotient, rest;
    if ((dividend | divisor) >> 64 == 0) {
        quotient = (uint64_t) dividend / (uint64_t) divisor;
        rest = (uint64_t) dividend % (uint64_t) divisor;
    } else {
        quotient = dividend / divisor;
        rest = dividend - quotient * divisor;
    }
    if (2 * rest >= divisor)
        quotient++;
    int pad = -scale & 3;
    *out = numeric_encode(quotient, pad, -(scale + pad) / NUMERIC_GROUP_DIGITS, negative, scale, arena);
    return true;
}

bool
numeric_div(Numeric a, Numeric b, Arena *arena, Numeric *out, Error *err)
{
    NumericHead x = numeric_head(a), y = numeric_head(b);
    if (numeric_head_is_special(&x) || numeric_head_is_special(&y))
        return special_div(a, b, arena, out, err);
    if (y.count == 0)
        return division_by_zero(err);
    int scale = quotient_scale(&x, &y);
    if (small_div(a, b, scale, arena, out))
        return true;
    Decimal dividend, divisor;
    decimal_init_head(&dividend, &x);
    decimal_init_head(&divisor, &y);
    int shift = scale + y.scale - x.scale;
    mpz_t power;
    mpz_init(power);
    mpz_set_power10(power, abs(shift));
    if (shift >= 0)
        mpz_mul(dividend.units, dividend.units, power);
    else
        mpz_mul(divisor.units, divisor.units, power);
    mpz_div_rounded(dividend.units, dividend.units, divisor.units);
    mpz_clear(power);
    decimal_clear(&divisor);
    dividend.scale = scale;
    return decimal_finish(&dividend, arena, out, err);
}

/* Both at one scale, so that whole numbers divide. */
static void
decimals_align(Decimal *a, Decimal *b)
{
    int scale = a->scale > b->scale ? a->scale : b->scale;
    decimal_round(a, scale);
    decimal_round(b, scale);
}

bool
numeric_div_trunc(Numeric a, Numeric b, Arena *arena, Numeric *out, Error *err)
{
    NumericHead x = numeric_head(a), y = numeric_head(b);
    if (numeric_head_is_special(&x) || numeric_head_is_special(&y))
        return special_div(a, b, arena, out, err);
    if (y.count == 0)
        return division_by_zero(err);
    Decimal dividend, divisor;
    decimal_init_head(&dividend, &x);
    decimal_init_head(&divisor, &y);
    decimals_align(&dividend, &divisor);
    mpz_tdiv_q(dividend.units, dividend.units, divisor.units);
    decimal_clear(&divisor);
    dividend.scale = 0;
    return decimal_finish(&dividend, arena, out, err);
}

static bool
special_mod(Numeric a, Numeric b, Arena *arena, Numeric *out, Error *err)
{
    if (!numeric_is_nan(a) && !numeric_is_nan(b)) {
        if (!numeric_is_finite(a) && numeric_sign(b) == 0)
            return division_by_zero(err);
        if (numeric_is_finite(a)) {
            *out = with_sign(a, numeric_head(a).sign, arena);
            return true;
        }
    }
    *out = numeric_special(NUMERIC_NAN, arena);
    return true;
}

bool
numeric_mod(Numeric a, Numeric b, Arena *arena, Numeric *out, Error *err)
{
    NumericHead x = numeric_head(a), y = numeric_head(b);
    if (numeric_head_is_special(&x) || numeric_head_is_special(&y))
        return special_mod(a, b, arena, out, err);
    if (y.count == 0)
        return division_by_zero(err);
    Decimal dividend, divisor;
    decimal_init_head(&dividend, &x);
    decimal_init_head(&divisor, &y);
    decimals_align(&dividend, &divisor);
    mpz_tdiv_r(dividend.units, dividend.units, divisor.units);
    decimal_clear(&divisor);
    return decimal_finish(&dividend, arena, out, err);
}

typedef enum Rounding { ROUND_HALF_AWAY, ROUND_TO_ZERO, ROUND_UP, ROUND_DOWN } Rounding;

/* Whether what is cut off, `rest` of `unit`, makes the magnitude one larger. */
static bool
rounds_away(Rounding rounding, bool negative, unsigned __int128 rest, unsigned __int128 unit)
{
    switch (rounding) {
    case ROUND_HALF_AWAY:
        return rest >= unit / 2;
    case ROUND_TO_ZERO:
        return false;
    case ROUND_UP:
        return rest != 0 && !negative;
    case ROUND_DOWN:
        return rest != 0 && negative;
    }
    bug("unrecognized rounding %d", rounding);
}

static bool
decimal_reduce(const NumericHead *head, int scale, Rounding rounding, Arena *arena, Numeric *out, Error *err)
{
    Decimal decimal;
    decimal_init_head(&decimal, head);
    if (rounding == ROUND_HALF_AWAY) {
        decimal_round(&decimal, scale);
    } else if (rounding == ROUND_TO_ZERO) {
        decimal_trunc(&decimal, scale);
    } else { /* to whole numbers */
        mpz_t unit;
        mpz_init(unit);
        mpz_set_power10(unit, decimal.scale);
        if (rounding == ROUND_UP)
            mpz_cdiv_q(decimal.units, decimal.units, unit);
        else
            mpz_fdiv_q(decimal.units, decimal.units, unit);
        decimal.scale = 0;
        mpz_clear(unit);
    }
    return decimal_finish(&decimal, arena, out, err);
}

/* To `scale` digits after the point, which may be negative. Fails only where rounding carries beyond the limits. */
static bool
numeric_reduce(Numeric a, int scale, Rounding rounding, Arena *arena, Numeric *out, Error *err)
{
    NumericHead head = numeric_head(a);
    int shown = scale < 0 ? 0 : scale;
    if (numeric_head_is_special(&head)) {
        *out = numeric_special(head.sign, arena);
        return true;
    }
    if (scale >= head.scale || head.count == 0) {
        *out = numeric_with_scale(a, shown, arena);
        return true;
    }
    __int128 units;
    int full_scale;
    int drop = head.scale - scale;
    if (scale < 0 || drop > 37 || !numeric_to_int128(a, &full_scale, &units))
        return decimal_reduce(&head, scale, rounding, arena, out, err);
    unsigned __int128 magnitude = (unsigned __int128) (units < 0 ? -units : units);
    unsigned __int128 unit = numeric_power128(drop);
    unsigned __int128 kept, rest;
    if ((magnitude | unit) >> 64 == 0) {
        kept = (uint64_t) magnitude / (uint64_t) unit;
        rest = (uint64_t) magnitude % (uint64_t) unit;
    } else {
        kept = magnitude / unit;
        rest = magnitude % unit;
    }
    kept += rounds_away(rounding, units < 0, rest, unit);
    int pad = -shown & 3;
    *out = numeric_encode(kept, pad, -(shown + pad) / NUMERIC_GROUP_DIGITS, units < 0, shown, arena);
    return true;
}

/* For callers without an error: only a number of 131072 nines overflows when it is rounded up. */
static Numeric
numeric_reduced(Numeric a, int scale, Rounding rounding, Arena *arena)
{
    Error err = ERROR_INIT;
    Numeric out;
    if (numeric_reduce(a, scale, rounding, arena, &out, &err))
        return out;
    error_clear(&err);
    return numeric_special(numeric_sign(a) < 0 ? NUMERIC_MINUS_INFINITY : NUMERIC_INFINITY, arena);
}

Numeric
numeric_round(Numeric a, int scale, Arena *arena)
{
    /* One more than the digits a number can have: the first one may round up. */
    enum { SCALE_MIN = -(NUMERIC_WEIGHT_MAX + 1) * NUMERIC_GROUP_DIGITS - 1 };
    scale = scale < SCALE_MIN ? SCALE_MIN : scale > NUMERIC_SCALE_MAX ? NUMERIC_SCALE_MAX : scale;
    return numeric_reduced(a, scale, ROUND_HALF_AWAY, arena);
}

Numeric
numeric_trunc(Numeric a, int scale, Arena *arena)
{
    enum { SCALE_MIN = -(NUMERIC_WEIGHT_MAX + 1) * NUMERIC_GROUP_DIGITS };
    scale = scale < SCALE_MIN ? SCALE_MIN : scale > NUMERIC_SCALE_MAX ? NUMERIC_SCALE_MAX : scale;
    return numeric_reduced(a, scale, ROUND_TO_ZERO, arena);
}

Numeric
numeric_ceil(Numeric a, Arena *arena)
{
    return numeric_reduced(a, 0, ROUND_UP, arena);
}

Numeric
numeric_floor(Numeric a, Arena *arena)
{
    return numeric_reduced(a, 0, ROUND_DOWN, arena);
}

Numeric
numeric_normalize(Numeric a, Arena *arena)
{
    NumericHead head = numeric_head(a);
    int scale = head.count == 0 ? 0 : -NUMERIC_GROUP_DIGITS * head_low(&head);
    if (numeric_head_is_special(&head))
        return numeric_special(head.sign, arena);
    if (scale <= 0)
        return numeric_with_scale(a, 0, arena);
    for (int group = numeric_group(&head, head.count - 1); group % 10 == 0; group /= 10)
        scale--;
    return numeric_with_scale(a, scale, arena);
}

bool
numeric_apply_typmod(Numeric a, int32_t typmod, Arena *arena, Numeric *out, Error *err)
{
    enum { TYPMOD_SHIFT = 4 };
    if (typmod < TYPMOD_SHIFT || numeric_is_nan(a)) {
        *out = with_sign(a, numeric_head(a).sign, arena);
        return true;
    }
    int precision = ((typmod - TYPMOD_SHIFT) >> 16) & 0xffff;
    int scale = (((typmod - TYPMOD_SHIFT) & 0x7ff) ^ 1024) - 1024;
    if (!numeric_is_finite(a)) {
        error_set(err, SQLSTATE_NUMERIC_VALUE_OUT_OF_RANGE, "numeric field overflow");
        return error_detail(err, "A field with precision %d, scale %d cannot hold an infinite value.", precision,
                            scale);
    }
    if (!numeric_reduce(a, scale, ROUND_HALF_AWAY, arena, out, err))
        return false;
    NumericHead head = numeric_head(*out);
    if (head.count == 0)
        return true;
    int digits = (head.weight + 1) * NUMERIC_GROUP_DIGITS;
    int first = numeric_group(&head, 0);
    digits -= first < 10 ? 3 : first < 100 ? 2 : first < 1000 ? 1 : 0;
    int digits_max = precision - scale;
    if (digits <= digits_max)
        return true;
    error_set(err, SQLSTATE_NUMERIC_VALUE_OUT_OF_RANGE, "numeric field overflow");
    return error_detail(err, "A field with precision %d, scale %d must round to an absolute value less than %s%d.",
                        precision, scale, digits_max != 0 ? "10^" : "", digits_max != 0 ? digits_max : 1);
}

static bool
receive_fails(const char *what, Error *err)
{
    return error_set(err, SQLSTATE_INVALID_BINARY_REPRESENTATION, "invalid %s in external \"numeric\" value", what);
}

/* Whether a sound wire form is the stored form already. */
static bool
head_is_canonical(const NumericHead *head)
{
    if (head->count == 0)
        return head->sign == NUMERIC_POSITIVE && head->weight == 0;
    int last = numeric_group(head, head->count - 1);
    if (last == 0 || numeric_group(head, 0) == 0)
        return false;
    int hidden = -(NUMERIC_GROUP_DIGITS * head_low(head) + head->scale); /* digits of the last group beyond the scale */
    return hidden <= 0 || (hidden < NUMERIC_GROUP_DIGITS && last % (int) numeric_powers[hidden] == 0);
}

bool
numeric_receive(Slice bytes, Arena *arena, Numeric *out, Error *err)
{
    if (bytes.size < NUMERIC_HEAD_BYTES)
        return receive_fails("length", err);
    NumericHead head = numeric_head(bytes);
    if (bytes.size != NUMERIC_HEAD_BYTES + 2 * (size_t) head.count)
        return receive_fails("length", err);
    switch (head.sign) {
    case NUMERIC_POSITIVE:
    case NUMERIC_NEGATIVE:
        break;
    case NUMERIC_NAN:
    case NUMERIC_INFINITY:
    case NUMERIC_MINUS_INFINITY:
        *out = numeric_special(head.sign, arena);
        if (slice_equal(*out, bytes))
            *out = bytes;
        return true;
    default:
        return receive_fails("sign", err);
    }
    if (head.scale > NUMERIC_SCALE_MAX)
        return receive_fails("scale", err);
    for (int i = 0; i < head.count; i++)
        if (numeric_group(&head, i) >= NUMERIC_GROUP_BASE)
            return receive_fails("digit", err);
    if (head_is_canonical(&head)) {
        *out = bytes;
        return true;
    }
    Buffer digits = {0};
    for (int i = 0; i < head.count; i++)
        buffer_printf(&digits, "%04d", numeric_group(&head, i));
    int64_t point = (int64_t) (head.weight + 1) * NUMERIC_GROUP_DIGITS;
    int64_t shown = point + head.scale < 0 ? 0 : point + head.scale;
    size_t count = digits.size < (size_t) shown ? digits.size : (size_t) shown;
    bool done = numeric_pack(digits.bytes, count, point, head.sign == NUMERIC_NEGATIVE, head.scale, arena, out, err);
    buffer_deinit(&digits);
    return done;
}
