#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "types/numeric.h"

typedef struct NumericCase {
    const char *operation;
    const char *first;
    const char *second;
    const char *answer;
} NumericCase;

static const NumericCase cases[] = {
#define CASE(operation, first, second, answer) {#operation, first, second, answer},
#include "numeric_cases.def"
#undef CASE
};

static Arena *arena;
static Error err;

static void
setup(void)
{
    arena = arena_new();
    err = ERROR_INIT;
}

static void
teardown(void)
{
    error_clear(&err);
    arena_free(arena);
}

static Numeric
number(const char *text)
{
    Numeric out = {0};
    ck_assert_msg(numeric_parse(slice_of(text), arena, &out, &err), "%s: %s", text, err.message);
    return out;
}

static const char *
shown(Numeric value)
{
    Buffer text = {0};
    numeric_print(value, &text);
    return buffer_to_arena(&text, arena);
}

typedef bool Binary(Numeric a, Numeric b, Arena *into, Numeric *out, Error *error);
typedef bool Unary(Numeric a, Arena *into, Numeric *out, Error *error);
typedef Numeric Plain(Numeric a, Arena *into);
typedef Numeric Scaled(Numeric a, int scale, Arena *into);

static const struct {
    const char *name;
    Binary *binary;
    Unary *unary;
    Plain *plain;
    Scaled *scaled;
} operations[] = {
    {"ADD", .binary = numeric_add},     {"SUB", .binary = numeric_sub},
    {"MUL", .binary = numeric_mul},     {"DIV", .binary = numeric_div},
    {"MOD", .binary = numeric_mod},     {"DIV_TRUNC", .binary = numeric_div_trunc},
    {"POWER", .binary = numeric_power}, {"LOG", .binary = numeric_log},
    {"SQRT", .unary = numeric_sqrt},    {"EXP", .unary = numeric_exp},
    {"LN", .unary = numeric_ln},        {"CEIL", .plain = numeric_ceil},
    {"FLOOR", .plain = numeric_floor},  {"NORMALIZE", .plain = numeric_normalize},
    {"NEG", .plain = numeric_neg},      {"ABS", .plain = numeric_abs},
    {"ROUND", .scaled = numeric_round}, {"TRUNC", .scaled = numeric_trunc},
};

static bool
case_typmod(const NumericCase *c, Numeric a, Numeric *out)
{
    char *rest;
    long precision = strtol(c->second, &rest, 10);
    long scale = strtol(rest + 1, NULL, 10);
    int32_t typmod = (int32_t) ((precision << 16 | (scale & 0x7ff)) + 4);
    return numeric_apply_typmod(a, typmod, arena, out, &err);
}

static bool
case_int8(Numeric a, Numeric *out)
{
    int64_t whole;
    if (!numeric_to_int64(a, &whole, &err))
        return false;
    *out = numeric_from_int64(whole, arena);
    return true;
}

static bool
case_run(const NumericCase *c, Numeric *out)
{
    Numeric a;
    if (!numeric_parse(slice_of(c->first), arena, &a, &err))
        return false;
    *out = a;
    if (strcmp(c->operation, "IN") == 0)
        return true;
    if (strcmp(c->operation, "TYPMOD") == 0)
        return case_typmod(c, a, out);
    if (strcmp(c->operation, "INT8") == 0)
        return case_int8(a, out);
    for (size_t i = 0; i < sizeof operations / sizeof operations[0]; i++) {
        if (strcmp(operations[i].name, c->operation) != 0)
            continue;
        if (operations[i].binary != NULL)
            return operations[i].binary(a, number(c->second), arena, out, &err);
        if (operations[i].unary != NULL)
            return operations[i].unary(a, arena, out, &err);
        *out = operations[i].plain != NULL ? operations[i].plain(a, arena)
                                           : operations[i].scaled(a, atoi(c->second), arena);
        return true;
    }
    ck_abort_msg("no operation %s", c->operation);
    return false;
}

START_TEST(every_operation_answers_digit_for_digit_as_postgresql)
{
    const NumericCase *c = &cases[_i];
    Numeric out;
    const char *got = case_run(c, &out) ? shown(out) : arena_printf(arena, "%s %s", err.sqlstate, err.message);
    ck_assert_msg(strcmp(got, c->answer) == 0, "%s(%s, %s)\n  is  %s\n  not %s", c->operation, c->first, c->second,
                  c->answer, got);
}
END_TEST

START_TEST(results_are_in_the_canonical_form)
{
    Numeric out, again;
    if (case_run(&cases[_i], &out)) {
        ck_assert(numeric_receive(out, arena, &again, &err));
        ck_assert_ptr_eq(again.bytes, out.bytes);
        ck_assert(slice_equal(number(shown(out)), out));
    }
}
END_TEST

START_TEST(numbers_order_as_in_sql)
{
    static const char *const ascending[] = {
        "-Infinity", "-1e131000",  "-10000.5", "-10000",    "-9999.9999", "-1",       "-0.0001",  "0",
        "1e-16000",  "0.00009",    "0.0001",   "0.1",       "0.10001",    "1",        "1.00001",  "9999.9999",
        "10000",     "10000.0001", "12345678", "123456789", "1e30",       "1e131000", "Infinity", "NaN",
    };
    int count = (int) (sizeof ascending / sizeof ascending[0]);
    for (int i = 0; i < count; i++)
        for (int k = 0; k < count; k++) {
            int order = numeric_compare(number(ascending[i]), number(ascending[k]));
            ck_assert_msg(order == (i > k) - (i < k), "%s and %s", ascending[i], ascending[k]);
        }
}
END_TEST

START_TEST(trailing_zeros_change_neither_order_nor_hash)
{
    ck_assert_int_eq(numeric_compare(number("1.50"), number("1.5")), 0);
    ck_assert_uint_eq(numeric_hash(number("1.50")), numeric_hash(number("1.5")));
    ck_assert_uint_eq(numeric_hash(number("0")), numeric_hash(number("-0.000")));
    ck_assert_uint_eq(numeric_hash(number("100")), numeric_hash(number("1e2")));
    ck_assert_uint_ne(numeric_hash(number("1")), numeric_hash(number("10000")));
    ck_assert_uint_ne(numeric_hash(number("1")), numeric_hash(number("-1")));
    ck_assert_uint_ne(numeric_hash(number("NaN")), numeric_hash(number("Infinity")));
}
END_TEST

START_TEST(integers_go_there_and_back)
{
    static const int64_t values[] = {0, 1, -1, 9999, 10000, -10000, 123456789012, INT64_MAX, INT64_MIN};
    for (size_t i = 0; i < sizeof values / sizeof values[0]; i++) {
        int64_t back;
        char text[32];
        snprintf(text, sizeof text, "%lld", (long long) values[i]);
        Numeric value = numeric_from_int64(values[i], arena);
        ck_assert_str_eq(shown(value), text);
        ck_assert(numeric_to_int64(value, &back, &err));
        ck_assert_int_eq(back, values[i]);
    }
}
END_TEST

START_TEST(coefficients_and_scales_go_there_and_back)
{
    static const char *const texts[] = {"0",
                                        "0.00",
                                        "1.5",
                                        "-12345.678900",
                                        "0.0000001",
                                        "100000",
                                        "-1e-20",
                                        "99999999",
                                        "170141183460469231731687303715884105727"};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        __int128 units;
        int scale;
        ck_assert(numeric_to_int128(number(texts[i]), &scale, &units));
        ck_assert_int_eq(scale, numeric_scale(number(texts[i])));
        ck_assert(slice_equal(numeric_from_int128(units, scale, arena), number(texts[i])));
    }
    ck_assert_str_eq(shown(numeric_from_int128((__int128) 1 << 100, 7, arena)), "126765060022822940149670.3205376");
}
END_TEST

START_TEST(numbers_too_long_for_128_bits_are_not_taken_as_such)
{
    __int128 units;
    int scale;
    ck_assert(!numeric_to_int128(number("170141183460469231731687303715884105728"), &scale, &units));
    ck_assert(!numeric_to_int128(number("1e40"), &scale, &units));
    ck_assert(!numeric_to_int128(number("NaN"), &scale, &units));
    ck_assert(!numeric_to_int128(number("-Infinity"), &scale, &units));
}
END_TEST

START_TEST(doubles_become_numbers_of_15_digits)
{
    Numeric out;
    ck_assert(numeric_from_double(0.1, arena, &out, &err));
    ck_assert_str_eq(shown(out), "0.1");
    ck_assert(numeric_from_double(1.0 / 3.0, arena, &out, &err));
    ck_assert_str_eq(shown(out), "0.333333333333333");
    ck_assert(numeric_from_double(-1.5e20, arena, &out, &err));
    ck_assert_str_eq(shown(out), "-150000000000000000000");
    ck_assert(numeric_from_double(-INFINITY, arena, &out, &err));
    ck_assert_str_eq(shown(out), "-Infinity");
    ck_assert(numeric_from_float(0.1f, arena, &out, &err));
    ck_assert_str_eq(shown(out), "0.1");
}
END_TEST

START_TEST(numbers_become_the_nearest_double)
{
    ck_assert_double_eq(numeric_to_double(number("0.1")), 0.1);
    ck_assert_double_eq(numeric_to_double(number("-2.50")), -2.5);
    ck_assert_double_eq(numeric_to_double(number("123456789012345678901234567890")), 123456789012345678901234567890.0);
    ck_assert_double_eq(numeric_to_double(number("0.30000000000000004441")), 0.30000000000000004441);
    ck_assert(isnan(numeric_to_double(number("NaN"))));
    ck_assert(isinf(numeric_to_double(number("1e400"))));
}
END_TEST

START_TEST(signs_are_told)
{
    ck_assert_int_eq(numeric_sign(number("-0.01")), -1);
    ck_assert_int_eq(numeric_sign(number("0.00")), 0);
    ck_assert_int_eq(numeric_sign(number("Infinity")), 1);
    ck_assert_int_eq(numeric_sign(number("-Infinity")), -1);
    ck_assert_int_eq(numeric_sign(number("NaN")), 0);
    ck_assert(numeric_is_nan(number("NaN")));
    ck_assert(!numeric_is_finite(number("Infinity")));
    ck_assert(numeric_is_finite(number("1e1000")));
}
END_TEST

START_TEST(fast_and_long_ways_agree)
{
    /* The same operands with a term that only the long way holds, which is taken off again. */
    Numeric huge = number("1e60"), sum, difference;
    for (int i = 0; i < 2000; i++) {
        Numeric a = numeric_from_int128((__int128) rand() * rand() - rand(), i % 9, arena);
        Numeric b = numeric_from_int128((__int128) rand() - rand(), i % 7, arena);
        ck_assert(numeric_add(a, b, arena, &sum, &err));
        Numeric high, high_sum;
        ck_assert(numeric_add(a, huge, arena, &high, &err) && numeric_add(high, b, arena, &high_sum, &err));
        ck_assert(numeric_sub(high_sum, huge, arena, &difference, &err));
        ck_assert_str_eq(shown(sum), shown(difference));
        Numeric product, quotient;
        ck_assert(numeric_mul(a, b, arena, &product, &err));
        if (numeric_sign(b) != 0) {
            ck_assert(numeric_div(product, b, arena, &quotient, &err));
            ck_assert_int_eq(numeric_compare(quotient, a), 0);
        }
    }
}
END_TEST

START_TEST(wire_forms_that_are_not_canonical_become_so)
{
    /* 0012.3400 as groups 0, 12, 3456 of which only two digits after the point are meant */
    static const uint8_t padded[] = {0, 4, 0, 1, 0, 0, 0, 2, 0, 0, 0, 12, 13, 128, 0, 0};
    static const uint8_t minus_zero[] = {0, 0, 0, 5, 0x40, 0, 0, 3};
    static const uint8_t bare_nan[] = {0, 0, 0, 0, 0xC0, 0, 0, 0};
    Numeric out;
    ck_assert(numeric_receive(slice_make(padded, sizeof padded), arena, &out, &err));
    ck_assert(slice_equal(out, number("12.34")));
    ck_assert(numeric_receive(slice_make(minus_zero, sizeof minus_zero), arena, &out, &err));
    ck_assert(slice_equal(out, number("0.000")));
    ck_assert(numeric_receive(slice_make(bare_nan, sizeof bare_nan), arena, &out, &err));
    ck_assert(slice_equal(out, number("NaN")));
}
END_TEST

START_TEST(broken_wire_forms_are_refused)
{
    static const struct {
        uint8_t bytes[10];
        size_t size;
        const char *message;
    } broken[] = {
        {{0, 0, 0, 0, 0, 0, 0}, 7, "invalid length in external \"numeric\" value"},
        {{0, 2, 0, 0, 0, 0, 0, 0, 0, 1}, 10, "invalid length in external \"numeric\" value"},
        {{0xff, 0xff, 0, 0, 0, 0, 0, 0, 0, 1}, 10, "invalid length in external \"numeric\" value"},
        {{0, 1, 0, 0, 0x12, 0x34, 0, 0, 0, 1}, 10, "invalid sign in external \"numeric\" value"},
        {{0, 1, 0, 0, 0, 0, 0x40, 0, 0, 1}, 10, "invalid scale in external \"numeric\" value"},
        {{0, 1, 0, 0, 0, 0, 0, 0, 0x27, 0x10}, 10, "invalid digit in external \"numeric\" value"},
    };
    for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++) {
        Numeric out;
        ck_assert(!numeric_receive(slice_make(broken[i].bytes, broken[i].size), arena, &out, &err));
        ck_assert_str_eq(err.sqlstate, SQLSTATE_INVALID_BINARY_REPRESENTATION);
        ck_assert_str_eq(err.message, broken[i].message);
        error_clear(&err);
    }
}
END_TEST

START_TEST(a_field_overflow_says_what_would_fit)
{
    Numeric out;
    ck_assert(!numeric_apply_typmod(number("1000"), ((5 << 16) | 2) + 4, arena, &out, &err));
    ck_assert_str_eq(err.detail, "A field with precision 5, scale 2 must round to an absolute value less than 10^3.");
    error_clear(&err);
    ck_assert(!numeric_apply_typmod(number("1"), ((2 << 16) | 2) + 4, arena, &out, &err));
    ck_assert_str_eq(err.detail, "A field with precision 2, scale 2 must round to an absolute value less than 1.");
    error_clear(&err);
    ck_assert(!numeric_apply_typmod(number("inf"), ((2 << 16) | 2) + 4, arena, &out, &err));
    ck_assert_str_eq(err.detail, "A field with precision 2, scale 2 cannot hold an infinite value.");
}
END_TEST

START_TEST(the_longest_numbers_compute)
{
    Numeric out;
    char digits[1001];
    memset(digits, '9', 1000);
    digits[1000] = '\0';
    ck_assert(numeric_mul(number(digits), number(digits), arena, &out, &err));
    ck_assert_uint_eq(strlen(shown(out)), 2000);
    ck_assert(numeric_div(out, number(digits), arena, &out, &err));
    ck_assert_str_eq(shown(out), digits);
    ck_assert(!numeric_mul(number("1e131071"), number("10"), arena, &out, &err));
    ck_assert_str_eq(err.sqlstate, SQLSTATE_NUMERIC_VALUE_OUT_OF_RANGE);
    error_clear(&err);
    ck_assert(numeric_mul(number("1e-16383"), number("0.1"), arena, &out, &err));
    ck_assert_int_eq(numeric_sign(out), 0);
}
END_TEST

Suite *suite_types_numeric(void);

Suite *
suite_types_numeric(void)
{
    enum { COUNT = sizeof cases / sizeof cases[0] };
    Suite *suite = suite_create("types numeric");
    TCase *group = tcase_create("numeric");
    tcase_add_checked_fixture(group, setup, teardown);
    tcase_add_loop_test(group, every_operation_answers_digit_for_digit_as_postgresql, 0, COUNT);
    tcase_add_loop_test(group, results_are_in_the_canonical_form, 0, COUNT);
    tcase_add_test(group, numbers_order_as_in_sql);
    tcase_add_test(group, trailing_zeros_change_neither_order_nor_hash);
    tcase_add_test(group, integers_go_there_and_back);
    tcase_add_test(group, coefficients_and_scales_go_there_and_back);
    tcase_add_test(group, numbers_too_long_for_128_bits_are_not_taken_as_such);
    tcase_add_test(group, doubles_become_numbers_of_15_digits);
    tcase_add_test(group, numbers_become_the_nearest_double);
    tcase_add_test(group, signs_are_told);
    tcase_add_test(group, fast_and_long_ways_agree);
    tcase_add_test(group, wire_forms_that_are_not_canonical_become_so);
    tcase_add_test(group, broken_wire_forms_are_refused);
    tcase_add_test(group, a_field_overflow_says_what_would_fit);
    tcase_add_test(group, the_longest_numbers_compute);
    suite_add_tcase(suite, group);
    return suite;
}
