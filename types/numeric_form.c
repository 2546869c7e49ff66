#include "types/numeric_internal.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

const uint64_t numeric_powers[20] = {
    UINT64_C(1),
    UINT64_C(10),
    UINT64_C(100),
    UINT64_C(1000),
    UINT64_C(10000),
    UINT64_C(100000),
    UINT64_C(1000000),
    UINT64_C(10000000),
    UINT64_C(100000000),
    UINT64_C(1000000000),
    UINT64_C(10000000000),
    UINT64_C(100000000000),
    UINT64_C(1000000000000),
    UINT64_C(10000000000000),
    UINT64_C(100000000000000),
    UINT64_C(1000000000000000),
    UINT64_C(10000000000000000),
    UINT64_C(100000000000000000),
    UINT64_C(1000000000000000000),
    UINT64_C(10000000000000000000),
};

unsigned __int128
numeric_power128(int exponent)
{
    if (exponent < 20)
        return numeric_powers[exponent];
    return (unsigned __int128) numeric_powers[19] * numeric_powers[exponent - 19];
}

static inline void
be16_write(uint8_t *at, unsigned value)
{
    at[0] = (uint8_t) (value >> 8);
    at[1] = (uint8_t) value;
}

static uint8_t *
head_write(uint8_t *at, int count, int weight, unsigned sign, int scale)
{
    be16_write(at, (unsigned) count);
    be16_write(at + 2, (unsigned) weight & 0xffffu);
    be16_write(at + 4, sign);
    be16_write(at + 6, (unsigned) scale);
    return at + NUMERIC_HEAD_BYTES;
}

bool
numeric_overflow(Error *err)
{
    return error_set(err, SQLSTATE_NUMERIC_VALUE_OUT_OF_RANGE, "value overflows numeric format");
}

Numeric
numeric_special(unsigned sign, Arena *arena)
{
    uint8_t *bytes = arena_alloc(arena, NUMERIC_HEAD_BYTES);
    head_write(bytes, 0, 0, sign, sign == NUMERIC_NAN ? 0 : NUMERIC_INFINITY_SCALE);
    return slice_make(bytes, NUMERIC_HEAD_BYTES);
}

Numeric
numeric_with_scale(Numeric value, int scale, Arena *arena)
{
    uint8_t *bytes = arena_alloc(arena, value.size);
    memcpy(bytes, value.bytes, value.size);
    be16_write(bytes + 6, (unsigned) scale);
    return slice_make(bytes, value.size);
}

Numeric
numeric_encode(unsigned __int128 magnitude, int pad, int low, bool negative, int scale, Arena *arena)
{
    enum { GROUPS_MAX = 12 };
    uint16_t groups[GROUPS_MAX]; /* the lowest first */
    int count = 0;
    if (pad != 0) {
        unsigned part = (unsigned) numeric_powers[NUMERIC_GROUP_DIGITS - pad];
        groups[count++] = (uint16_t) ((unsigned) (magnitude % part) * numeric_powers[pad]);
        magnitude /= part;
    }
    while (magnitude >> 64 != 0) {
        uint64_t chunk = (uint64_t) (magnitude % numeric_powers[16]);
        magnitude /= numeric_powers[16];
        for (int i = 0; i < 4; i++, chunk /= NUMERIC_GROUP_BASE)
            groups[count++] = (uint16_t) (chunk % NUMERIC_GROUP_BASE);
    }
    for (uint64_t rest = (uint64_t) magnitude; rest != 0; rest /= NUMERIC_GROUP_BASE)
        groups[count++] = (uint16_t) (rest % NUMERIC_GROUP_BASE);
    while (count != 0 && groups[count - 1] == 0)
        count--;
    int first = 0;
    while (first < count && groups[first] == 0)
        first++;

    size_t size = NUMERIC_HEAD_BYTES + 2 * (size_t) (count - first);
    uint8_t *bytes = arena_alloc(arena, size);
    bool is_zero = count == first;
    uint8_t *at = head_write(bytes, count - first, is_zero ? 0 : low + count - 1,
                             negative && !is_zero ? NUMERIC_NEGATIVE : NUMERIC_POSITIVE, scale);
    for (int i = count - 1; i >= first; i--, at += 2)
        be16_write(at, groups[i]);
    return slice_make(bytes, size);
}

static int64_t
floor_div4(int64_t value)
{
    return value >= 0 ? value / 4 : -((3 - value) / 4);
}

bool
numeric_pack(const char *digits, size_t count, int64_t point, bool negative, int64_t scale, Arena *arena, Numeric *out,
             Error *err)
{
    size_t first = 0;
    while (first < count && digits[first] == '0')
        first++;
    while (count > first && digits[count - 1] == '0')
        count--;
    if (scale > NUMERIC_SCALE_MAX)
        return numeric_overflow(err);
    if (first == count) {
        *out = numeric_encode(0, 0, 0, false, (int) scale, arena);
        return true;
    }
    int64_t weight = floor_div4(point - 1 - (int64_t) first);
    int64_t low = floor_div4(point - (int64_t) count);
    if (weight > NUMERIC_WEIGHT_MAX || weight < -NUMERIC_WEIGHT_MAX)
        return numeric_overflow(err);
    size_t groups = (size_t) (weight - low + 1);
    uint8_t *bytes = arena_alloc(arena, NUMERIC_HEAD_BYTES + 2 * groups);
    uint8_t *at =
        head_write(bytes, (int) groups, (int) weight, negative ? NUMERIC_NEGATIVE : NUMERIC_POSITIVE, (int) scale);
    unsigned group = 0;
    for (size_t i = first; i < count; i++) {
        int64_t exponent = point - 1 - (int64_t) i;
        group = group * 10 + (unsigned) (digits[i] - '0');
        if (exponent % 4 == 0) {
            be16_write(at, group);
            at += 2;
            group = 0;
        } else if (i + 1 == count) {
            be16_write(at, group * (unsigned) numeric_powers[exponent - 4 * low]);
        }
    }
    *out = slice_make(bytes, NUMERIC_HEAD_BYTES + 2 * groups);
    return true;
}

void
mpz_set_power10(mpz_t power, int exponent)
{
    mpz_ui_pow_ui(power, 10, (unsigned long) exponent);
}

void
mpz_div_rounded(mpz_t quotient, const mpz_t dividend, const mpz_t divisor)
{
    mpz_t whole, rest; /* the quotient may be an operand too */
    mpz_inits(whole, rest, NULL);
    int sign = mpz_sgn(dividend) * mpz_sgn(divisor);
    mpz_tdiv_qr(whole, rest, dividend, divisor);
    mpz_mul_2exp(rest, rest, 1);
    bool away = mpz_cmpabs(rest, divisor) >= 0;
    mpz_swap(quotient, whole);
    if (away && sign < 0)
        mpz_sub_ui(quotient, quotient, 1);
    else if (away)
        mpz_add_ui(quotient, quotient, 1);
    mpz_clears(whole, rest, NULL);
}

void
decimal_init(Decimal *decimal, int scale)
{
    mpz_init(decimal->units);
    decimal->scale = scale;
}

void
decimal_init_set(Decimal *decimal, const Decimal *from)
{
    mpz_init_set(decimal->units, from->units);
    decimal->scale = from->scale;
}

void
decimal_clear(Decimal *decimal)
{
    mpz_clear(decimal->units);
}

/* All groups as one whole number. GMP reads text in less than quadratic time, so long numbers go through that. */
static void
groups_read(mpz_t units, const NumericHead *head)
{
    enum { SHORT = 16 };
    if (head->count <= SHORT) {
        mpz_set_ui(units, 0);
        for (int i = 0; i < head->count; i++) {
            mpz_mul_ui(units, units, NUMERIC_GROUP_BASE);
            mpz_add_ui(units, units, (unsigned long) numeric_group(head, i));
        }
        return;
    }
    char *text = memory_alloc((size_t) head->count * NUMERIC_GROUP_DIGITS + 1);
    char *at = text;
    for (int i = 0; i < head->count; i++)
        for (int group = numeric_group(head, i), digit = 3; digit >= 0; digit--)
            *at++ = (char) ('0' + group / (int) numeric_powers[digit] % 10);
    *at = '\0';
    mpz_set_str(units, text, 10);
    free(text);
}

void
decimal_init_head(Decimal *decimal, const NumericHead *head)
{
    decimal_init(decimal, head->scale);
    if (head->count == 0)
        return;
    groups_read(decimal->units, head);
    int exponent = NUMERIC_GROUP_DIGITS * (head->weight - head->count + 1) + head->scale;
    if (exponent != 0) {
        mpz_t power;
        mpz_init(power);
        mpz_set_power10(power, abs(exponent));
        if (exponent > 0)
            mpz_mul(decimal->units, decimal->units, power);
        else
            mpz_divexact(decimal->units, decimal->units, power);
        mpz_clear(power);
    }
    if (head->sign == NUMERIC_NEGATIVE)
        mpz_neg(decimal->units, decimal->units);
}

static void
decimal_rescale(Decimal *decimal, int scale, void (*divide)(mpz_t, const mpz_t, const mpz_t))
{
    mpz_t power;
    mpz_init(power);
    mpz_set_power10(power, abs(decimal->scale - scale));
    if (scale >= decimal->scale)
        mpz_mul(decimal->units, decimal->units, power);
    else
        divide(decimal->units, decimal->units, power);
    decimal->scale = scale;
    if (scale < 0) {
        mpz_set_power10(power, -scale);
        mpz_mul(decimal->units, decimal->units, power);
        decimal->scale = 0;
    }
    mpz_clear(power);
}

void
decimal_round(Decimal *decimal, int scale)
{
    if (scale != decimal->scale)
        decimal_rescale(decimal, scale, mpz_div_rounded);
}

static void
mpz_div_truncated(mpz_t quotient, const mpz_t dividend, const mpz_t divisor)
{
    mpz_tdiv_q(quotient, dividend, divisor);
}

void
decimal_trunc(Decimal *decimal, int scale)
{
    if (scale != decimal->scale)
        decimal_rescale(decimal, scale, mpz_div_truncated);
}

int
decimal_exponent(const Decimal *decimal)
{
    int digits = (int) mpz_sizeinbase(decimal->units, 10); /* or one more than there are */
    mpz_t power;
    mpz_init(power);
    mpz_set_power10(power, digits - 1);
    if (mpz_cmpabs(decimal->units, power) < 0)
        digits--;
    mpz_clear(power);
    return digits - 1 - decimal->scale;
}

double
decimal_to_double(const Decimal *decimal)
{
    Buffer text = {0};
    buffer_reserve(&text, mpz_sizeinbase(decimal->units, 10) + 2);
    mpz_get_str(text.bytes, 10, decimal->units);
    text.size = strlen(text.bytes);
    buffer_printf(&text, "e-%d", decimal->scale);
    double value = strtod(buffer_text(&text), NULL);
    buffer_deinit(&text);
    return value;
}

bool
decimal_finish(Decimal *decimal, Arena *arena, Numeric *out, Error *err)
{
    bool negative = mpz_sgn(decimal->units) < 0;
    bool done;
    if (decimal->scale <= NUMERIC_SCALE_MAX && mpz_sizeinbase(decimal->units, 2) <= 128) {
        uint64_t words[2] = {0};
        mpz_export(words, NULL, -1, sizeof words[0], 0, 0, decimal->units);
        int pad = -decimal->scale & 3;
        *out = numeric_encode((unsigned __int128) words[1] << 64 | words[0], pad,
                              -(decimal->scale + pad) / NUMERIC_GROUP_DIGITS, negative, decimal->scale, arena);
        done = true;
    } else {
        mpz_abs(decimal->units, decimal->units);
        char *digits = memory_alloc(mpz_sizeinbase(decimal->units, 10) + 2);
        mpz_get_str(digits, 10, decimal->units);
        size_t count = strlen(digits);
        done = numeric_pack(digits, count, (int64_t) count - decimal->scale, negative, decimal->scale, arena, out, err);
        free(digits);
    }
    decimal_clear(decimal);
    return done;
}
