/*
 * Floating point numbers as text.
 *
 * Printing finds the shortest decimal that reads back as the same number, and of those the nearest, by R. Giulietti's
 * Schubfach: with v = c * 2^q, the interval of reals that round to v is scaled by a power of ten so that it holds at
 * most one multiple of ten and at least one integer; a 128-bit approximation of that power suffices. Like PostgreSQL
 * the ends of the interval are never taken, so that a reader that does not round half to even reads the same number.
 */
#include <errno.h>
#include <gmp.h>
#include <math.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "types/text_internal.h"

#define POWER_MIN (-292)
#define POWER_MAX 324

typedef struct Power {
    uint64_t high, low;
} Power;

/* Decimal number: digits * 10^exponent. */
typedef struct Decimal {
    uint64_t digits;
    int exponent;
} Decimal;

static Power powers[POWER_MAX - POWER_MIN + 1];
static pthread_once_t powers_once = PTHREAD_ONCE_INIT;

static int
floor_log2_pow10(int exponent)
{
    return (int) (((int64_t) exponent * 1741647) >> 19);
}

/* 10^k scaled to 128 bits with the top bit set, rounded up. */
static void
power_compute(int k, Power *power)
{
    mpz_t value, divisor;
    int shift = 127 - floor_log2_pow10(k);
    mpz_init(value);
    mpz_init(divisor);
    if (k >= 0) {
        mpz_ui_pow_ui(value, 10, (unsigned long) k);
        if (shift >= 0)
            mpz_mul_2exp(value, value, (unsigned long) shift);
        else
            mpz_cdiv_q_2exp(value, value, (unsigned long) -shift);
    } else {
        mpz_ui_pow_ui(divisor, 10, (unsigned long) -k);
        mpz_set_ui(value, 1);
        mpz_mul_2exp(value, value, (unsigned long) shift);
        mpz_cdiv_q(value, value, divisor);
    }
    power->low = mpz_getlimbn(value, 0);
    power->high = mpz_getlimbn(value, 1);
    mpz_clear(value);
    mpz_clear(divisor);
}

static void
powers_init(void)
{
    for (int k = POWER_MIN; k <= POWER_MAX; k++)
        power_compute(k, &powers[k - POWER_MIN]);
}

/* The high 64 bits of the 192-bit product, its last bit set when anything below was not zero. */
static uint64_t
multiply_round_to_odd(Power power, uint64_t factor)
{
    unsigned __int128 low = (unsigned __int128) power.low * factor;
    unsigned __int128 high = (unsigned __int128) power.high * factor + (uint64_t) (low >> 64);
    return (uint64_t) (high >> 64) | ((uint64_t) high > 1);
}

static Decimal
shortest_decimal(uint64_t c, int q, bool lower_is_closer)
{
    pthread_once(&powers_once, powers_init);
    int k = (int) (((int64_t) q * 1262611 - (lower_is_closer ? 524031 : 0)) >> 22);
    int h = q + floor_log2_pow10(-k) + 1;
    Power power = powers[-k - POWER_MIN];
    uint64_t lower = multiply_round_to_odd(power, (4 * c - 2 + lower_is_closer) << h) + 1;
    uint64_t middle = multiply_round_to_odd(power, (4 * c) << h);
    uint64_t upper = multiply_round_to_odd(power, (4 * c + 2) << h) - 1;
    uint64_t s = middle / 4;
    if (s >= 10) {
        uint64_t tens = s / 10;
        bool down_inside = lower <= 40 * tens;
        bool up_inside = 40 * tens + 40 <= upper;
        if (down_inside != up_inside)
            return (Decimal){tens + up_inside, k + 1};
    }
    bool down_inside = lower <= 4 * s;
    bool up_inside = 4 * s + 4 <= upper;
    if (down_inside != up_inside)
        return (Decimal){s + up_inside, k};
    uint64_t half = 4 * s + 2;
    bool up = middle > half || (middle == half && (s & 1) != 0);
    return (Decimal){s + up, k};
}

/* Writes a number as %f or %e would, with `precise` the digits up to which %f is taken. At most 32 bytes. */
static char *
decimal_print(char *at, Decimal decimal, int precise)
{
    char digits[24];
    while (decimal.digits % 10 == 0) {
        decimal.digits /= 10;
        decimal.exponent++;
    }
    int count = (int) (print_uint64(digits, decimal.digits) - digits);
    int point = count + decimal.exponent; /* digits before the decimal point */
    if (point < -3 || point > precise) {
        *at++ = digits[0];
        if (count > 1) {
            *at++ = '.';
            memcpy(at, digits + 1, (size_t) count - 1);
            at += count - 1;
        }
        int exponent = point - 1;
        *at++ = 'e';
        *at++ = exponent < 0 ? '-' : '+';
        exponent = abs(exponent);
        return exponent < 100 ? print_pair(at, (unsigned) exponent) : print_uint64(at, (uint64_t) exponent);
    }
    if (point <= 0) {
        *at++ = '0';
        *at++ = '.';
        memset(at, '0', (size_t) -point);
        at += -point;
        memcpy(at, digits, (size_t) count);
        return at + count;
    }
    if (point >= count) {
        memcpy(at, digits, (size_t) count);
        memset(at + count, '0', (size_t) (point - count));
        return at + point;
    }
    memcpy(at, digits, (size_t) point);
    at[point] = '.';
    memcpy(at + point + 1, digits + point, (size_t) (count - point));
    return at + count + 1;
}

static bool
print_special(double value, Buffer *out)
{
    if (isnan(value))
        buffer_append_text(out, "NaN");
    else if (isinf(value))
        buffer_append_text(out, value > 0 ? "Infinity" : "-Infinity");
    else if (value == 0)
        buffer_append_text(out, signbit(value) ? "-0" : "0");
    else
        return false;
    return true;
}

void
float8_print(double value, int extra_float_digits, Buffer *out)
{
    if (print_special(value, out))
        return;
    if (extra_float_digits < 0) {
        int digits = 15 + (extra_float_digits == FLOAT_DIGITS_15 ? 0 : extra_float_digits);
        buffer_printf(out, "%.*g", digits < 1 ? 1 : digits, value);
        return;
    }
    char *at = buffer_reserve(out, 40);
    uint64_t bits;
    memcpy(&bits, &value, 8);
    if (bits >> 63 != 0)
        *at++ = '-';
    uint64_t fraction = bits & ((UINT64_C(1) << 52) - 1);
    int exponent = (int) (bits >> 52 & 2047);
    if (fabs(value) < 1e15 && value == (double) (int64_t) value) {
        at = print_uint64(at, (uint64_t) fabs(value));
    } else {
        uint64_t c = exponent == 0 ? fraction : fraction | UINT64_C(1) << 52;
        Decimal decimal = shortest_decimal(c, exponent == 0 ? -1074 : exponent - 1075, fraction == 0 && exponent > 1);
        at = decimal_print(at, decimal, 15);
    }
    out->size = (size_t) (at - out->bytes);
}

void
float4_print(float value, int extra_float_digits, Buffer *out)
{
    if (print_special((double) value, out))
        return;
    if (extra_float_digits < 0) {
        int digits = 6 + (extra_float_digits == FLOAT_DIGITS_15 ? 0 : extra_float_digits);
        buffer_printf(out, "%.*g", digits < 1 ? 1 : digits, (double) value);
        return;
    }
    char *at = buffer_reserve(out, 40);
    uint32_t bits;
    memcpy(&bits, &value, 4);
    if (bits >> 31 != 0)
        *at++ = '-';
    uint32_t fraction = bits & ((1u << 23) - 1);
    int exponent = (int) (bits >> 23 & 255);
    uint64_t c = exponent == 0 ? fraction : fraction | 1u << 23;
    Decimal decimal;
    /* A whole number that the mantissa holds is its own shortest form. */
    if (fabsf(value) < 16777216.0f && value == (float) (int64_t) value)
        decimal = (Decimal){(uint64_t) fabsf(value), 0};
    else
        decimal = shortest_decimal(c, exponent == 0 ? -149 : exponent - 150, fraction == 0 && exponent > 1);
    at = decimal_print(at, decimal, 6);
    out->size = (size_t) (at - out->bytes);
}

/* --- reading --- */

/* A number of few digits and a small exponent is exact in one multiplication or division; false: it is not so simple. */
static bool
parse_simple(Slice text, int digits_max, int power_max, uint64_t *digits, int *exponent, bool *negative)
{
    const char *p = text.bytes, *end = text.bytes + text.size;
    int count = 0;
    *negative = p < end && *p == '-';
    if (p < end && (*p == '-' || *p == '+'))
        p++;
    *digits = 0;
    *exponent = 0;
    const char *start = p;
    for (; p < end && is_digit(*p); p++, count++)
        *digits = *digits * 10 + (uint64_t) (*p - '0');
    if (p < end && *p == '.')
        for (p++; p < end && is_digit(*p); p++, count++, (*exponent)--)
            *digits = *digits * 10 + (uint64_t) (*p - '0');
    if (p != end || p == start || count == 0 || count > digits_max)
        return false;
    return -*exponent <= power_max;
}

/* What is left to strtod: many digits, exponents, hexadecimal numbers, words, errors. */
static bool
parse_general(Slice text, bool narrow, double *out, Error *err)
{
    const char *type_name = narrow ? "real" : "double precision";
    char small[64];
    char *copy = text.size < sizeof small ? small : memory_alloc(text.size + 1);
    memcpy(copy, text.bytes, text.size);
    copy[text.size] = 0;
    const char *at = copy, *end;
    while (is_blank(*at))
        at++;
    bool ok = true;
    char *stop;
    errno = 0;
    *out = narrow ? (double) strtof(at, &stop) : strtod(at, &stop);
    end = stop;
    if (stop == at)
        ok = syntax_error(err, SQLSTATE_INVALID_TEXT_REPRESENTATION, type_name, text);
    else if (errno == ERANGE && (*out == 0 || isinf(*out)))
        ok = error_set(err, SQLSTATE_NUMERIC_VALUE_OUT_OF_RANGE, "\"%.*s\" is out of range for type %s",
                       narrow ? (int) text.size : (int) (stop - at), narrow ? text.bytes : at, type_name);
    while (ok && is_blank(*end))
        end++;
    if (ok && *end != 0)
        ok = syntax_error(err, SQLSTATE_INVALID_TEXT_REPRESENTATION, type_name, text);
    if (copy != small)
        free(copy);
    return ok;
}

bool
float8_parse(Slice text, double *out, Error *err)
{
    static const double tens[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
                                  1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};
    uint64_t digits;
    int exponent;
    bool negative;
    if (!parse_simple(text, 15, 22, &digits, &exponent, &negative))
        return parse_general(text, false, out, err);
    double value = (double) digits / tens[-exponent];
    *out = negative ? -value : value;
    return true;
}

bool
float4_parse(Slice text, float *out, Error *err)
{
    static const float tens[] = {1e0f, 1e1f, 1e2f, 1e3f, 1e4f, 1e5f, 1e6f, 1e7f, 1e8f, 1e9f, 1e10f};
    uint64_t digits;
    int exponent;
    bool negative;
    if (!parse_simple(text, 7, 10, &digits, &exponent, &negative)) {
        double wide = 0;
        if (!parse_general(text, true, &wide, err))
            return false;
        *out = (float) wide;
        return true;
    }
    float value = (float) digits / tens[-exponent];
    *out = negative ? -value : value;
    return true;
}
