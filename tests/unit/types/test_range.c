#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "types/datetime.h"
#include "types/numeric.h"
#include "types/range.h"

typedef struct RangeCase {
    const char *operation;
    TypeId type;
    const char *first;
    const char *second;
    const char *answer;
} RangeCase;

static const RangeCase cases[] = {
#define CASE(operation, type, first, second, answer) {#operation, TYPE_##type, first, second, answer},
#include "range_cases.def"
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

static Datum
element_of(SqlType type, const char *text)
{
    if (text[0] == '\0')
        return DATUM_NULL;
    if (type.id != TYPE_NUMRANGE)
        return datum_int(strtoll(text, NULL, 10));
    Numeric out = {0};
    ck_assert(numeric_parse(slice_of(text), arena, &out, &err));
    return datum_bytes(out);
}

/* Of "[1,5)", "(,3]", "empty". */
static bool
range_of(SqlType type, const char *text, Slice *out)
{
    Range range = {.empty = true};
    if (strcmp(text, "empty") != 0) {
        size_t comma = strcspn(text, ",");
        const char *lower = arena_strndup(arena, text + 1, comma - 1);
        const char *upper = arena_strndup(arena, text + comma + 1, strlen(text) - comma - 2);
        range = (Range){
            .lower_infinite = lower[0] == '\0',
            .upper_infinite = upper[0] == '\0',
            .lower_inclusive = text[0] == '[',
            .upper_inclusive = text[strlen(text) - 1] == ']',
            .lower = element_of(type, lower),
            .upper = element_of(type, upper),
        };
    }
    return range_make(type, &range, arena, out, &err);
}

static const char *
element_shown(SqlType type, Datum element)
{
    if (type.id != TYPE_NUMRANGE)
        return arena_printf(arena, "%lld", (long long) element.i);
    Buffer text = {0};
    numeric_print(element.bytes, &text);
    return buffer_to_arena(&text, arena);
}

static const char *
shown(SqlType type, Slice value)
{
    Range range;
    range_read(type, value, arena, &range);
    if (range.empty)
        return "empty";
    return arena_printf(arena, "%c%s,%s%c", range.lower_inclusive ? '[' : '(',
                        range.lower_infinite ? "" : element_shown(type, range.lower),
                        range.upper_infinite ? "" : element_shown(type, range.upper),
                        range.upper_inclusive ? ']' : ')');
}

static const char *
truth(bool value)
{
    return value ? "true" : "false";
}

typedef bool Combine(SqlType type, Slice a, Slice b, Arena *into, Slice *out, Error *error);
typedef bool Predicate(SqlType type, Slice a, Slice b);

static bool
range_less(SqlType type, Slice a, Slice b)
{
    ck_assert_int_eq(range_compare(type, a, b) > 0, range_compare(type, b, a) < 0);
    return range_compare(type, a, b) < 0;
}

static bool
range_equal(SqlType type, Slice a, Slice b)
{
    bool equal = range_compare(type, a, b) == 0;
    if (equal)
        ck_assert_uint_eq(range_hash(type, a), range_hash(type, b));
    return equal;
}

static const struct {
    const char *name;
    Combine *combine;
    Predicate *predicate;
} operations[] = {
    {"UNION", .combine = range_union},           {"INTERSECT", .combine = range_intersect},
    {"MINUS", .combine = range_minus},           {"CONTAINS", .predicate = range_contains_range},
    {"OVERLAPS", .predicate = range_overlaps},   {"BEFORE", .predicate = range_before},
    {"OVER_LEFT", .predicate = range_over_left}, {"OVER_RIGHT", .predicate = range_over_right},
    {"ADJACENT", .predicate = range_adjacent},   {"LESS", .predicate = range_less},
    {"EQUAL", .predicate = range_equal},
};

static const char *
case_run(const RangeCase *c)
{
    SqlType type = type_of_id(c->type);
    Slice a = {0}, b = {0}, out = {0};
    if (!range_of(type, c->first, &a))
        return arena_printf(arena, "%s %s", err.sqlstate, err.message);
    if (strcmp(c->operation, "MAKE") == 0)
        return shown(type, a);
    if (strcmp(c->operation, "CONTAINS_ELEMENT") == 0)
        return truth(range_contains_element(type, a, element_of(type, c->second)));
    ck_assert(range_of(type, c->second, &b));
    for (size_t i = 0; i < sizeof operations / sizeof operations[0]; i++) {
        if (strcmp(operations[i].name, c->operation) != 0)
            continue;
        if (operations[i].predicate != NULL)
            return truth(operations[i].predicate(type, a, b));
        if (operations[i].combine(type, a, b, arena, &out, &err))
            return shown(type, out);
        return arena_printf(arena, "%s %s", err.sqlstate, err.message);
    }
    ck_abort_msg("no operation %s", c->operation);
    return NULL;
}

START_TEST(every_operation_answers_as_postgresql)
{
    const RangeCase *c = &cases[_i];
    const char *got = case_run(c);
    ck_assert_msg(strcmp(got, c->answer) == 0, "%s(%s, %s)\n  is  %s\n  not %s", c->operation, c->first, c->second,
                  c->answer, got);
}
END_TEST

START_TEST(stored_bytes_are_those_of_range_send)
{
    static const uint8_t expected[] = {2, 0, 0, 0, 4, 0, 0, 0, 1, 0, 0, 0, 4, 0, 0, 0, 6};
    static const uint8_t none[] = {1}, all[] = {0x18};
    Slice out;
    ck_assert(range_of(SQL_TYPE(INT4RANGE), "[1,5]", &out));
    ck_assert(slice_equal(out, slice_make(expected, sizeof expected)));
    ck_assert(range_of(SQL_TYPE(INT4RANGE), "(5,6)", &out));
    ck_assert(slice_equal(out, slice_make(none, sizeof none)));
    ck_assert(range_of(SQL_TYPE(NUMRANGE), "[,]", &out));
    ck_assert(slice_equal(out, slice_make(all, sizeof all)));
}
END_TEST

START_TEST(endless_days_have_no_next_day)
{
    Slice out;
    Range range = {.lower_inclusive = false,
                   .upper_inclusive = true,
                   .lower = datum_int(DATE_MINUS_INFINITY),
                   .upper = datum_int(DATE_INFINITY)};
    ck_assert(range_make(SQL_TYPE(DATERANGE), &range, arena, &out, &err));
    Range made;
    range_read(SQL_TYPE(DATERANGE), out, arena, &made);
    ck_assert(!made.lower_inclusive && made.upper_inclusive);
    ck_assert_int_eq(made.upper.i, DATE_INFINITY);
    range.lower = datum_int(0);
    range.upper = datum_int(2145031948); /* the last day there is */
    ck_assert(!range_make(SQL_TYPE(DATERANGE), &range, arena, &out, &err));
    ck_assert_str_eq(err.sqlstate, SQLSTATE_DATETIME_FIELD_OVERFLOW);
    ck_assert_str_eq(err.message, "date out of range");
}
END_TEST

START_TEST(ranges_of_equal_numbers_hash_alike)
{
    Slice a = {0}, b = {0};
    ck_assert(range_of(SQL_TYPE(NUMRANGE), "[1.0,2.50)", &a) && range_of(SQL_TYPE(NUMRANGE), "[1,2.5)", &b));
    ck_assert_int_eq(range_compare(SQL_TYPE(NUMRANGE), a, b), 0);
    ck_assert_uint_eq(range_hash(SQL_TYPE(NUMRANGE), a), range_hash(SQL_TYPE(NUMRANGE), b));
    ck_assert(!datum_identical(SQL_TYPE(NUMRANGE), datum_bytes(a), datum_bytes(b)));
}
END_TEST

Suite *suite_types_range(void);

Suite *
suite_types_range(void)
{
    Suite *suite = suite_create("types range");
    TCase *group = tcase_create("range");
    tcase_add_checked_fixture(group, setup, teardown);
    tcase_add_loop_test(group, every_operation_answers_as_postgresql, 0, (int) (sizeof cases / sizeof cases[0]));
    tcase_add_test(group, stored_bytes_are_those_of_range_send);
    tcase_add_test(group, endless_days_have_no_next_day);
    tcase_add_test(group, ranges_of_equal_numbers_hash_alike);
    suite_add_tcase(suite, group);
    return suite;
}
