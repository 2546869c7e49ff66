/*
 * Roots, exponentials, logarithms, powers.
 *
 * The scale of every result, and the points where an intermediate value is rounded, are PostgreSQL's, so that the
 * digits are. The values themselves are computed in binary fixed point: a whole number over 2^bits, with enough bits
 * beyond the digits wanted that rounding them is safe.
 */
#include <limits.h>
#include <math.h>
#include <stdlib.h>

#include "types/numeric_internal.h"

#define LN_10          2.302585092994046
#define LOG10_E        0.434294481903252
#define BITS_PER_DIGIT 3.3219280948873626
#define EXPONENT_LIMIT (NUMERIC_RESULT_DIGITS_MAX * 3) /* exp(x) beyond this overflows or is zero */

enum { GUARD_DIGITS = 12, GUARD_BITS = 96 };

static long
bits_for(int digits)
{
    return (long) ((digits > 0 ? digits + GUARD_DIGITS : GUARD_DIGITS) * BITS_PER_DIGIT) + GUARD_BITS;
}

static int
scale_chosen(int scale, int at_least)
{
    if (scale < at_least)
        scale = at_least;
    if (scale < 0)
        scale = 0;
    return scale > NUMERIC_SCALE_CHOSEN_MAX ? NUMERIC_SCALE_CHOSEN_MAX : scale;
}

/* sum of z^(2i+1) / (2i+1), for small z */
static void
fixed_atanh(mpz_t sum, const mpz_t z, long bits)
{
    mpz_t square, power, term;
    mpz_inits(square, power, term, NULL);
    mpz_mul(square, z, z);
    mpz_tdiv_q_2exp(square, square, (mp_bitcnt_t) bits);
    mpz_set(power, z);
    mpz_set(sum, z);
    for (unsigned long i = 3;; i += 2) {
        mpz_mul(power, power, square);
        mpz_tdiv_q_2exp(power, power, (mp_bitcnt_t) bits);
        mpz_tdiv_q_ui(term, power, i);
        if (mpz_sgn(term) == 0)
            break;
        mpz_add(sum, sum, term);
    }
    mpz_clears(square, power, term, NULL);
}

/* ln 2 = 18 atanh(1/26) - 2 atanh(1/4801) + 8 atanh(1/8749) */
static void
fixed_ln2(mpz_t out, long bits)
{
    static const struct {
        long factor;
        unsigned long divisor;
    } terms[] = {{18, 26}, {-2, 4801}, {8, 8749}};
    mpz_t z, part;
    mpz_inits(z, part, NULL);
    mpz_set_ui(out, 0);
    for (size_t i = 0; i < sizeof terms / sizeof terms[0]; i++) {
        mpz_set_ui(z, 1);
        mpz_mul_2exp(z, z, (mp_bitcnt_t) bits);
        mpz_tdiv_q_ui(z, z, terms[i].divisor);
        fixed_atanh(part, z, bits);
        mpz_mul_si(part, part, terms[i].factor);
        mpz_add(out, out, part);
    }
    mpz_clears(z, part, NULL);
}

/* x = fixed * 2^exponent with fixed in 0.75 to 1.5, so that a number near one has exponent 0 and loses no digits. */
static void
fixed_split(mpz_t fixed, long *exponent, const Decimal *x, long bits)
{
    mpz_t power;
    mpz_init(power);
    mpz_set_power10(power, x->scale);
    long shift = (long) mpz_sizeinbase(x->units, 2) - (long) mpz_sizeinbase(power, 2);
    mpz_set(fixed, x->units);
    if (bits - shift >= 0)
        mpz_mul_2exp(fixed, fixed, (mp_bitcnt_t) (bits - shift));
    else
        mpz_mul_2exp(power, power, (mp_bitcnt_t) (shift - bits));
    mpz_tdiv_q(fixed, fixed, power); /* now between a half and two */
    mpz_set_ui(power, 3);
    mpz_mul_2exp(power, power, (mp_bitcnt_t) (bits - 1));
    if (mpz_cmp(fixed, power) > 0) {
        mpz_tdiv_q_2exp(fixed, fixed, 1);
        shift++;
    }
    mpz_tdiv_q_2exp(power, power, 1);
    if (mpz_cmp(fixed, power) < 0) {
        mpz_mul_2exp(fixed, fixed, 1);
        shift--;
    }
    *exponent = shift;
    mpz_clear(power);
}

/* ln x * 2^bits, for positive x */
static void
fixed_ln(mpz_t out, const Decimal *x, long bits)
{
    enum { ROOTS = 8 }; /* each halves the logarithm, and the terms that the series needs shrink */
    long exponent;
    mpz_t one, fixed, above;
    mpz_inits(one, fixed, above, NULL);
    mpz_set_ui(one, 1);
    mpz_mul_2exp(one, one, (mp_bitcnt_t) bits);
    fixed_split(fixed, &exponent, x, bits);
    for (int i = 0; i < ROOTS; i++) {
        mpz_mul_2exp(fixed, fixed, (mp_bitcnt_t) bits);
        mpz_sqrt(fixed, fixed);
    }
    mpz_add(above, fixed, one);
    mpz_sub(fixed, fixed, one);
    mpz_mul_2exp(fixed, fixed, (mp_bitcnt_t) bits);
    mpz_tdiv_q(fixed, fixed, above);
    fixed_atanh(out, fixed, bits);
    mpz_mul_2exp(out, out, ROOTS + 1);
    if (exponent != 0) {
        fixed_ln2(one, bits);
        mpz_mul_si(one, one, exponent);
        mpz_add(out, out, one);
    }
    mpz_clears(one, fixed, above, NULL);
}

/* e^x = out / 2^bits * 2^exponent, with x / 2^bits */
static void
fixed_exp(mpz_t out, long *exponent, const mpz_t x, long bits)
{
    enum { HALVINGS = 8 };
    mpz_t ln2, rest, term;
    mpz_inits(ln2, rest, term, NULL);
    fixed_ln2(ln2, bits);
    mpz_fdiv_qr(term, rest, x, ln2);
    *exponent = mpz_get_si(term);
    mpz_tdiv_q_2exp(rest, rest, HALVINGS);
    mpz_set_ui(out, 1);
    mpz_mul_2exp(out, out, (mp_bitcnt_t) bits);
    mpz_set(term, out);
    for (unsigned long i = 1;; i++) {
        mpz_mul(term, term, rest);
        mpz_tdiv_q_2exp(term, term, (mp_bitcnt_t) bits);
        mpz_tdiv_q_ui(term, term, i);
        if (mpz_sgn(term) == 0)
            break;
        mpz_add(out, out, term);
    }
    for (int i = 0; i < HALVINGS; i++) {
        mpz_mul(out, out, out);
        mpz_tdiv_q_2exp(out, out, (mp_bitcnt_t) bits);
    }
    mpz_clears(ln2, rest, term, NULL);
}

/* out->units = fixed / 2^bits * 10^scale, rounded */
static void
decimal_set_fixed(Decimal *out, mpz_t fixed, long bits, int scale)
{
    mpz_t power;
    mpz_init(power);
    mpz_set_power10(power, scale);
    mpz_mul(fixed, fixed, power);
    mpz_set_ui(power, 1);
    if (bits >= 0)
        mpz_mul_2exp(power, power, (mp_bitcnt_t) bits);
    else
        mpz_mul_2exp(fixed, fixed, (mp_bitcnt_t) -bits);
    mpz_div_rounded(out->units, fixed, power);
    out->scale = scale;
    mpz_clear(power);
}

/* out = ln x, rounded to `scale` digits; x is positive, out initialised */
static void
decimal_ln(Decimal *out, const Decimal *x, int scale)
{
    long bits = bits_for(scale);
    mpz_t fixed;
    mpz_init(fixed);
    fixed_ln(fixed, x, bits);
    decimal_set_fixed(out, fixed, bits, scale);
    mpz_clear(fixed);
}

/* out = e^x, rounded to `scale` digits */
static bool
decimal_exp(Decimal *out, const Decimal *x, int scale, Error *err)
{
    double estimate = decimal_to_double(x);
    if (fabs(estimate) >= EXPONENT_LIMIT) {
        mpz_set_ui(out->units, 0);
        out->scale = scale;
        return estimate < 0 || numeric_overflow(err);
    }
    int digits = (int) (estimate * LOG10_E) + scale; /* of the result */
    long bits = bits_for(digits > scale ? digits : scale);
    mpz_t fixed, power;
    mpz_inits(fixed, power, NULL);
    mpz_mul_2exp(fixed, x->units, (mp_bitcnt_t) bits);
    mpz_set_power10(power, x->scale);
    mpz_tdiv_q(fixed, fixed, power);
    long exponent;
    fixed_exp(power, &exponent, fixed, bits);
    decimal_set_fixed(out, power, bits - exponent, scale);
    mpz_clears(fixed, power, NULL);
    return true;
}

/* out = a * b, rounded to `scale` digits */
static void
decimal_mul_rounded(Decimal *out, const Decimal *a, const Decimal *b, int scale)
{
    mpz_mul(out->units, a->units, b->units);
    out->scale = a->scale + b->scale;
    decimal_round(out, scale);
}

/* The power of 10 that ln x is about; x is positive and finite. */
static int
ln_exponent(const NumericHead *x, const Decimal *decimal)
{
    Decimal offset; /* x - 1 */
    mpz_t tenth;
    mpz_init(tenth);
    decimal_init(&offset, decimal->scale);
    mpz_set_power10(offset.units, decimal->scale);
    mpz_fdiv_q_ui(tenth, offset.units, 10); /* at scale 0 nothing but one itself is near one */
    mpz_sub(offset.units, decimal->units, offset.units);
    bool is_near = mpz_cmpabs(offset.units, tenth) <= 0; /* 0.9 to 1.1, where ln x is about x - 1 */
    int exponent = is_near && mpz_sgn(offset.units) != 0 ? decimal_exponent(&offset) : 0;
    mpz_clear(tenth);
    decimal_clear(&offset);
    if (is_near)
        return exponent;
    int digits = numeric_group(x, 0);
    int power = x->weight * NUMERIC_GROUP_DIGITS;
    if (x->count > 1) {
        digits = digits * NUMERIC_GROUP_BASE + numeric_group(x, 1);
        power -= NUMERIC_GROUP_DIGITS;
    }
    return (int) log10(fabs(log((double) digits) + power * LN_10));
}

static Numeric
numeric_one(Arena *arena)
{
    return numeric_from_int64(1, arena);
}

bool
numeric_sqrt(Numeric a, Arena *arena, Numeric *out, Error *err)
{
    NumericHead head = numeric_head(a);
    if (head.sign == NUMERIC_NAN || head.sign == NUMERIC_INFINITY) {
        *out = numeric_special(head.sign, arena);
        return true;
    }
    if (head.sign != NUMERIC_POSITIVE)
        return error_set(err, SQLSTATE_INVALID_ARGUMENT_FOR_POWER_FUNCTION,
                         "cannot take square root of a negative number");
    int whole_digits = (head.weight + 1) * NUMERIC_GROUP_DIGITS / 2 - 1;
    int scale = scale_chosen(NUMERIC_DIGITS_CHOSEN_MIN - whole_digits, head.scale);
    Decimal root;
    decimal_init_head(&root, &head);
    /* One digit more than wanted, cut off; its value alone then decides the rounding. */
    decimal_trunc(&root, 2 * (scale + 1));
    mpz_sqrt(root.units, root.units);
    root.scale = scale + 1;
    decimal_round(&root, scale);
    return decimal_finish(&root, arena, out, err);
}

bool
numeric_exp(Numeric a, Arena *arena, Numeric *out, Error *err)
{
    NumericHead head = numeric_head(a);
    if (numeric_head_is_special(&head)) {
        *out = head.sign == NUMERIC_MINUS_INFINITY ? numeric_from_int64(0, arena) : numeric_special(head.sign, arena);
        return true;
    }
    double exponent = numeric_to_double(a) * LOG10_E;
    exponent = exponent < -NUMERIC_RESULT_DIGITS_MAX ? -NUMERIC_RESULT_DIGITS_MAX : exponent;
    exponent = exponent > NUMERIC_RESULT_DIGITS_MAX ? NUMERIC_RESULT_DIGITS_MAX : exponent;
    int scale = scale_chosen(NUMERIC_DIGITS_CHOSEN_MIN - (int) exponent, head.scale);
    Decimal x, result;
    decimal_init_head(&x, &head);
    decimal_init(&result, scale);
    bool done = decimal_exp(&result, &x, scale, err);
    decimal_clear(&x);
    if (done)
        return decimal_finish(&result, arena, out, err);
    decimal_clear(&result);
    return false;
}

static bool
logarithm_check(int sign, Error *err)
{
    if (sign > 0)
        return true;
    return error_set(err, SQLSTATE_INVALID_ARGUMENT_FOR_LOGARITHM,
                     sign < 0 ? "cannot take logarithm of a negative number" : "cannot take logarithm of zero");
}

bool
numeric_ln(Numeric a, Arena *arena, Numeric *out, Error *err)
{
    NumericHead head = numeric_head(a);
    if (head.sign == NUMERIC_NAN) {
        *out = numeric_special(NUMERIC_NAN, arena);
        return true;
    }
    if (!logarithm_check(numeric_sign(a), err))
        return false;
    if (head.sign == NUMERIC_INFINITY) {
        *out = numeric_special(NUMERIC_INFINITY, arena);
        return true;
    }
    Decimal x, result;
    decimal_init_head(&x, &head);
    decimal_init(&result, 0);
    decimal_ln(&result, &x, scale_chosen(NUMERIC_DIGITS_CHOSEN_MIN - ln_exponent(&head, &x), head.scale));
    decimal_clear(&x);
    return decimal_finish(&result, arena, out, err);
}

static bool
special_log(Numeric base, Numeric a, Arena *arena, Numeric *out, Error *err)
{
    if (numeric_is_nan(base) || numeric_is_nan(a)) {
        *out = numeric_special(NUMERIC_NAN, arena);
        return true;
    }
    if (!logarithm_check(numeric_sign(base) < 0 || numeric_sign(a) < 0 ? -1 : numeric_sign(base) * numeric_sign(a),
                         err))
        return false;
    if (numeric_is_finite(a))
        *out = numeric_from_int64(0, arena);
    else
        *out = numeric_special(numeric_is_finite(base) ? NUMERIC_INFINITY : NUMERIC_NAN, arena);
    return true;
}

static bool
decimal_log(const Decimal *base, int base_exponent, const Decimal *x, int x_exponent, int scale, Decimal *out,
            Error *err)
{
    int exponent = x_exponent - base_exponent;
    int base_scale = scale + exponent - base_exponent + 8;
    int x_scale = scale + exponent - x_exponent + 8;
    Decimal divisor;
    decimal_init(&divisor, 0);
    decimal_ln(&divisor, base, base_scale > 0 ? base_scale : 0);
    decimal_ln(out, x, x_scale > 0 ? x_scale : 0);
    if (mpz_sgn(divisor.units) == 0) {
        decimal_clear(&divisor);
        return error_set(err, SQLSTATE_DIVISION_BY_ZERO, "division by zero");
    }
    /* out / divisor with `scale` digits */
    int shift = scale + divisor.scale - out->scale;
    mpz_t power;
    mpz_init(power);
    mpz_set_power10(power, abs(shift));
    if (shift >= 0)
        mpz_mul(out->units, out->units, power);
    else
        mpz_mul(divisor.units, divisor.units, power);
    mpz_div_rounded(out->units, out->units, divisor.units);
    out->scale = scale;
    mpz_clear(power);
    decimal_clear(&divisor);
    return true;
}

bool
numeric_log(Numeric base, Numeric a, Arena *arena, Numeric *out, Error *err)
{
    NumericHead base_head = numeric_head(base), head = numeric_head(a);
    if (numeric_head_is_special(&base_head) || numeric_head_is_special(&head))
        return special_log(base, a, arena, out, err);
    if (!logarithm_check(numeric_sign(base), err) || !logarithm_check(numeric_sign(a), err))
        return false;
    Decimal base_decimal, x, result;
    decimal_init_head(&base_decimal, &base_head);
    decimal_init_head(&x, &head);
    decimal_init(&result, 0);
    int base_exponent = ln_exponent(&base_head, &base_decimal);
    int x_exponent = ln_exponent(&head, &x);
    int at_least = base_head.scale > head.scale ? base_head.scale : head.scale;
    int scale = scale_chosen(NUMERIC_DIGITS_CHOSEN_MIN - (x_exponent - base_exponent), at_least);
    bool done = decimal_log(&base_decimal, base_exponent, &x, x_exponent, scale, &result, err);
    decimal_clear(&base_decimal);
    decimal_clear(&x);
    if (done)
        return decimal_finish(&result, arena, out, err);
    decimal_clear(&result);
    return false;
}

static int
decimal_weight(const Decimal *decimal)
{
    if (mpz_sgn(decimal->units) == 0)
        return 0;
    int exponent = decimal_exponent(decimal);
    return exponent >= 0 ? exponent / NUMERIC_GROUP_DIGITS : -((3 - exponent) / NUMERIC_GROUP_DIGITS);
}

/* The power of 10 of base^exponent, about. */
static double
power_exponent(const NumericHead *base, int exponent)
{
    double digits = numeric_group(base, 0);
    int power = base->weight * NUMERIC_GROUP_DIGITS;
    for (int i = 1; i < base->count && i * NUMERIC_GROUP_DIGITS < 16; i++) {
        digits = digits * NUMERIC_GROUP_BASE + numeric_group(base, i);
        power -= NUMERIC_GROUP_DIGITS;
    }
    return exponent * (log10(digits) + power);
}

/* base * factor with no more digits than matter of `significant`, and no more than the factors have. */
static void
decimal_mul_significant(Decimal *base, const Decimal *factor, int significant)
{
    int scale = significant - (decimal_weight(base) + decimal_weight(factor)) * NUMERIC_GROUP_DIGITS;
    int full = base->scale + factor->scale;
    scale = scale > full ? full : scale;
    mpz_t units;
    mpz_init_set(units, factor->units); /* the factor may be the base itself */
    mpz_mul(base->units, base->units, units);
    mpz_clear(units);
    base->scale = full;
    decimal_round(base, scale < 0 ? 0 : scale);
}

/* out = base^exponent to `significant` digits, the exponent's sign left out; false when it has become too large. */
static bool
decimal_power_magnitude(Decimal *out, const Decimal *base, int exponent, int significant)
{
    unsigned mask = exponent < 0 ? -(unsigned) exponent : (unsigned) exponent;
    Decimal square;
    decimal_init_set(&square, base);
    mpz_set_ui(out->units, 1);
    out->scale = 0;
    if ((mask & 1) != 0) {
        mpz_set(out->units, base->units);
        out->scale = base->scale;
    }
    bool fits = true;
    while (fits && (mask >>= 1) != 0) {
        decimal_mul_significant(&square, &square, significant);
        if ((mask & 1) != 0)
            decimal_mul_significant(out, &square, significant);
        fits = decimal_weight(&square) <= NUMERIC_WEIGHT_MAX && decimal_weight(out) <= NUMERIC_WEIGHT_MAX;
    }
    decimal_clear(&square);
    return fits;
}

/* out = 1 / out with `scale` digits */
static void
decimal_invert(Decimal *out, int scale)
{
    mpz_t power;
    mpz_init(power);
    mpz_set_power10(power, scale + out->scale);
    mpz_div_rounded(out->units, power, out->units);
    out->scale = scale;
    mpz_clear(power);
}

/* Powers by a whole number: by repeated squaring. The scale is chosen by the base alone. */
static bool
decimal_power_int(const NumericHead *head, const Decimal *base, int exponent, Decimal *out, Error *err)
{
    int scale = scale_chosen(NUMERIC_DIGITS_CHOSEN_MIN, head->scale);
    out->scale = scale;
    if (head->count == 0 && exponent != 0) {
        mpz_set_ui(out->units, 0);
        return exponent > 0 || error_set(err, SQLSTATE_DIVISION_BY_ZERO, "division by zero");
    }
    if (exponent >= -1 && exponent <= 2) {
        mpz_set_ui(out->units, 1);
        out->scale = 0;
        for (int i = 0; i < abs(exponent); i++)
            decimal_mul_rounded(out, out, base, out->scale + base->scale);
        if (exponent < 0)
            decimal_invert(out, scale);
        decimal_round(out, scale);
        return true;
    }
    double digits = power_exponent(head, exponent);
    if (digits > (NUMERIC_WEIGHT_MAX + 1.0) * NUMERIC_GROUP_DIGITS)
        return numeric_overflow(err);
    if (digits + 1 < -scale || digits + 1 < -NUMERIC_SCALE_CHOSEN_MAX) {
        mpz_set_ui(out->units, 0);
        return true;
    }
    int significant = 1 + scale + (int) digits + (int) log(fabs((double) exponent)) + 8;
    if (!decimal_power_magnitude(out, base, exponent, significant)) {
        if (exponent > 0)
            return numeric_overflow(err);
        mpz_set_ui(out->units, 0);
        out->scale = scale;
        return true;
    }
    if (exponent < 0)
        decimal_invert(out, scale);
    else
        decimal_round(out, scale);
    return true;
}

/* Powers by any number: e^(exponent * ln base), for a positive base. */
static bool
decimal_power_real(const NumericHead *head, const Decimal *base, const Decimal *exponent, Decimal *out, Error *err)
{
    int exponent10 = ln_exponent(head, base);
    Decimal product;
    decimal_init(&product, 0);
    /* First roughly, to know how long the result is. */
    int scale = 8 - exponent10 > 0 ? 8 - exponent10 : 0;
    decimal_ln(out, base, scale);
    decimal_mul_rounded(&product, out, exponent, scale);
    double digits = decimal_to_double(&product);
    if (fabs(digits) > EXPONENT_LIMIT + 0.01 * NUMERIC_RESULT_DIGITS_MAX) {
        mpz_set_ui(out->units, 0);
        out->scale = NUMERIC_SCALE_CHOSEN_MAX;
        decimal_clear(&product);
        return digits < 0 || numeric_overflow(err);
    }
    digits *= LOG10_E;
    int at_least = base->scale > exponent->scale ? base->scale : exponent->scale;
    int result_scale = scale_chosen(NUMERIC_DIGITS_CHOSEN_MIN - (int) digits, at_least);
    int significant = result_scale + (int) digits;
    scale = (significant > 0 ? significant : 0) - exponent10 + 8;
    scale = scale > 0 ? scale : 0;
    decimal_ln(out, base, scale);
    decimal_mul_rounded(&product, out, exponent, scale);
    bool done = decimal_exp(out, &product, result_scale, err);
    decimal_clear(&product);
    return done;
}

static bool
power_check(Numeric a, Numeric b, Error *err)
{
    NumericHead exponent = numeric_head(b);
    if (numeric_sign(a) == 0 && numeric_sign(b) < 0)
        return error_set(err, SQLSTATE_INVALID_ARGUMENT_FOR_POWER_FUNCTION,
                         "zero raised to a negative power is undefined");
    if (numeric_sign(a) < 0 && !numeric_head_is_whole(&exponent))
        return error_set(err, SQLSTATE_INVALID_ARGUMENT_FOR_POWER_FUNCTION,
                         "a negative number raised to a non-integer power yields a complex result");
    return true;
}

static bool
numeric_is_one(Numeric value, Arena *arena)
{
    return numeric_compare(value, numeric_one(arena)) == 0;
}

/* The limits of x^y as POSIX has them, NaN aside. */
static Numeric
infinite_power(Numeric a, Numeric b, Arena *arena)
{
    NumericHead exponent = numeric_head(b);
    int sign_a = numeric_sign(a), sign_b = numeric_sign(b);
    if (numeric_is_one(a, arena) || sign_b == 0)
        return numeric_one(arena);
    if (sign_a == 0)
        return numeric_from_int64(0, arena);
    if (!numeric_is_finite(b)) {
        int order = numeric_compare(numeric_abs(a, arena), numeric_one(arena));
        if (order == 0)
            return numeric_one(arena);
        return (order > 0) == (sign_b > 0) ? numeric_special(NUMERIC_INFINITY, arena) : numeric_from_int64(0, arena);
    }
    if (sign_b < 0)
        return numeric_from_int64(0, arena);
    return numeric_special(sign_a < 0 && numeric_head_is_odd(&exponent) ? NUMERIC_MINUS_INFINITY : NUMERIC_INFINITY,
                           arena);
}

static bool
special_power(Numeric a, Numeric b, Arena *arena, Numeric *out, Error *err)
{
    if (numeric_is_nan(a) || numeric_is_nan(b)) {
        bool is_one = numeric_is_nan(a) ? !numeric_is_nan(b) && numeric_sign(b) == 0 : numeric_is_one(a, arena);
        *out = is_one ? numeric_one(arena) : numeric_special(NUMERIC_NAN, arena);
        return true;
    }
    if (!power_check(a, b, err))
        return false;
    *out = infinite_power(a, b, arena);
    return true;
}

/* Whether it is a whole number that an int holds. */
static bool
exponent_is_int(Numeric value, int *out)
{
    NumericHead head = numeric_head(value);
    Error err = ERROR_INIT;
    int64_t whole = INT64_MAX;
    bool fits =
        numeric_head_is_whole(&head) && numeric_to_int64(value, &whole, &err) && whole >= INT_MIN && whole <= INT_MAX;
    error_clear(&err);
    *out = fits ? (int) whole : 0;
    return fits;
}

bool
numeric_power(Numeric a, Numeric b, Arena *arena, Numeric *out, Error *err)
{
    NumericHead head = numeric_head(a), exponent_head = numeric_head(b);
    if (numeric_head_is_special(&head) || numeric_head_is_special(&exponent_head))
        return special_power(a, b, arena, out, err);
    if (!power_check(a, b, err))
        return false;
    int whole;
    bool done;
    Decimal base, result;
    decimal_init_head(&base, &head);
    decimal_init(&result, 0);
    if (exponent_is_int(b, &whole)) {
        done = decimal_power_int(&head, &base, whole, &result, err);
    } else if (head.count == 0) {
        result.scale = NUMERIC_DIGITS_CHOSEN_MIN;
        done = true;
    } else {
        Decimal exponent;
        decimal_init_head(&exponent, &exponent_head);
        bool negative = mpz_sgn(base.units) < 0 && numeric_head_is_odd(&exponent_head);
        head.sign = NUMERIC_POSITIVE;
        mpz_abs(base.units, base.units);
        done = decimal_power_real(&head, &base, &exponent, &result, err);
        if (negative)
            mpz_neg(result.units, result.units);
        decimal_clear(&exponent);
    }
    decimal_clear(&base);
    if (done)
        return decimal_finish(&result, arena, out, err);
    decimal_clear(&result);
    return false;
}
