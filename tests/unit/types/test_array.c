#include <check.h>

#include "types/array.h"

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

/* An int4[] of the numbers 1, 2, 3 ..., with the lengths and lower bounds given for each dimension. */
static Slice
numbered(int dimensions, int32_t first_length, int32_t second_length, int32_t lower_bound)
{
    ArrayShape shape = {.dimensions = dimensions,
                        .lengths = {first_length, second_length},
                        .lower_bounds = {lower_bound, lower_bound},
                        .count = dimensions == 1 ? first_length : (int64_t) first_length * second_length};
    Datum elements[64];
    for (int64_t i = 0; i < shape.count; i++)
        elements[i] = datum_int(i + 1);
    return array_make(SQL_TYPE(INT4), &shape, elements, arena);
}

static Slice
ints(int64_t a, int64_t b)
{
    return array_make_vector(SQL_TYPE(INT4), (Datum[]){datum_int(a), datum_int(b)}, 2, arena);
}

static Slice
empty(void)
{
    return array_make_vector(SQL_TYPE(INT4), NULL, 0, arena);
}

START_TEST(an_array_reads_back_in_row_major_order)
{
    ArrayReader reader;
    array_read(&reader, SQL_ARRAY(INT4), numbered(2, 2, 3, 5));
    ck_assert_int_eq(reader.shape.dimensions, 2);
    ck_assert_int_eq(reader.shape.lengths[0], 2);
    ck_assert_int_eq(reader.shape.lengths[1], 3);
    ck_assert_int_eq(reader.shape.lower_bounds[1], 5);
    ck_assert_int_eq(reader.shape.count, 6);
    Datum element;
    for (int i = 1; i <= 6; i++) {
        ck_assert(array_next(&reader, arena, &element));
        ck_assert_int_eq(element.i, i);
    }
    ck_assert(!array_next(&reader, arena, &element));
}
END_TEST

START_TEST(stored_bytes_are_those_of_array_send)
{
    static const uint8_t expected[] = {0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 23, 0,   0,   0,   2,
                                       0, 0, 0, 1, 0, 0, 0, 4, 0, 0, 0, 7,  255, 255, 255, 255};
    Slice made = array_make_vector(SQL_TYPE(INT4), (Datum[]){datum_int(7), DATUM_NULL}, 2, arena);
    ck_assert(slice_equal(made, slice_make(expected, sizeof expected)));
    static const uint8_t none[] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 23};
    ck_assert(slice_equal(empty(), slice_make(none, sizeof none)));
}
END_TEST

START_TEST(subscripts_outside_are_null)
{
    SqlType type = SQL_ARRAY(INT4);
    Slice array = numbered(2, 2, 3, 5);
    Datum out;
    ck_assert(array_subscript(type, array, (int64_t[]){6, 7}, 2, arena, &out));
    ck_assert_int_eq(out.i, 6);
    ck_assert(array_subscript(type, array, (int64_t[]){5, 5}, 2, arena, &out));
    ck_assert_int_eq(out.i, 1);
    ck_assert(!array_subscript(type, array, (int64_t[]){7, 5}, 2, arena, &out));
    ck_assert(out.is_null);
    ck_assert(!array_subscript(type, array, (int64_t[]){5, 4}, 2, arena, &out));
    ck_assert(!array_subscript(type, array, (int64_t[]){5}, 1, arena, &out));
    ck_assert(!array_subscript(type, array, (int64_t[]){INT64_MIN, INT64_MAX}, 2, arena, &out));
    ck_assert(!array_subscript(type, empty(), (int64_t[]){1}, 1, arena, &out));
    Slice with_null = array_make_vector(SQL_TYPE(INT4), (Datum[]){DATUM_NULL}, 1, arena);
    ck_assert(!array_subscript(type, with_null, (int64_t[]){1}, 1, arena, &out));
}
END_TEST

static int64_t
concat_count(Slice a, Slice b, int *dimensions, int32_t *length, int32_t *lower_bound)
{
    Slice out = {0};
    ck_assert_msg(array_concat(SQL_ARRAY(INT4), a, b, arena, &out, &err), "%s", err.message);
    ArrayReader reader;
    array_read(&reader, SQL_ARRAY(INT4), out);
    *dimensions = reader.shape.dimensions;
    *length = reader.shape.lengths[0];
    *lower_bound = reader.shape.lower_bounds[0];
    int64_t count = 0;
    for (Datum element; array_next(&reader, arena, &element);)
        count++;
    ck_assert_int_eq(count, reader.shape.count);
    return count;
}

START_TEST(arrays_concatenate_along_the_first_dimension)
{
    int dimensions;
    int32_t length, lower_bound;
    ck_assert_int_eq(concat_count(numbered(1, 2, 0, 3), ints(8, 9), &dimensions, &length, &lower_bound), 4);
    ck_assert_int_eq(length, 4);
    ck_assert_int_eq(lower_bound, 3);
    ck_assert_int_eq(concat_count(ints(1, 2), numbered(2, 3, 2, 1), &dimensions, &length, &lower_bound), 8);
    ck_assert_int_eq(dimensions, 2);
    ck_assert_int_eq(length, 4);
    ck_assert_int_eq(concat_count(numbered(2, 3, 2, 1), ints(1, 2), &dimensions, &length, &lower_bound), 8);
    ck_assert_int_eq(length, 4);
    ck_assert_int_eq(concat_count(empty(), numbered(1, 2, 0, 3), &dimensions, &length, &lower_bound), 2);
    ck_assert_int_eq(lower_bound, 3);
    ck_assert_int_eq(concat_count(empty(), empty(), &dimensions, &length, &lower_bound), 0);
}
END_TEST

START_TEST(arrays_that_do_not_fit_are_not_concatenated)
{
    const struct {
        Slice a, b;
        const char *detail;
    } rows[] = {
        {numbered(2, 1, 2, 1), numbered(2, 1, 3, 1),
         "Arrays with differing element dimensions are not compatible for concatenation."},
        {numbered(2, 1, 3, 1), ints(1, 2), "Arrays with differing dimensions are not compatible for concatenation."},
        {numbered(2, 1, 2, 1), numbered(1, 2, 0, 2),
         "Arrays with differing dimensions are not compatible for concatenation."},
    };
    Slice out;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        ck_assert(!array_concat(SQL_ARRAY(INT4), rows[i].a, rows[i].b, arena, &out, &err));
        ck_assert_str_eq(err.sqlstate, SQLSTATE_ARRAY_SUBSCRIPT_ERROR);
        ck_assert_str_eq(err.message, "cannot concatenate incompatible arrays");
        ck_assert_str_eq(err.detail, rows[i].detail);
        error_clear(&err);
    }
}
END_TEST

static void
assert_before(Slice a, Slice b)
{
    SqlType type = SQL_ARRAY(INT4);
    ck_assert_int_lt(datum_compare(type, datum_bytes(a), datum_bytes(b)), 0);
    ck_assert_int_gt(datum_compare(type, datum_bytes(b), datum_bytes(a)), 0);
    ck_assert_int_eq(datum_compare(type, datum_bytes(a), datum_bytes(a)), 0);
}

START_TEST(arrays_order_by_elements_then_shape)
{
    Slice with_null = array_make_vector(SQL_TYPE(INT4), (Datum[]){datum_int(1), DATUM_NULL}, 2, arena);
    assert_before(ints(1, 2), ints(1, 3));
    assert_before(ints(1, -5), ints(1, 2));
    assert_before(ints(1, 99), with_null);
    assert_before(empty(), ints(1, 2));
    assert_before(numbered(1, 2, 0, 1), numbered(1, 3, 0, 1));
    assert_before(numbered(1, 4, 0, 1), numbered(2, 2, 2, 1));
    assert_before(numbered(1, 2, 0, 1), numbered(1, 2, 0, 2));
}
END_TEST

START_TEST(equal_arrays_hash_alike)
{
    SqlType type = SQL_ARRAY(BPCHAR);
    Slice a = array_make_vector(SQL_TYPE(BPCHAR), (Datum[]){datum_text("a "), DATUM_NULL}, 2, arena);
    Slice b = array_make_vector(SQL_TYPE(BPCHAR), (Datum[]){datum_text("a"), DATUM_NULL}, 2, arena);
    Slice c = array_make_vector(SQL_TYPE(BPCHAR), (Datum[]){DATUM_NULL, datum_text("a")}, 2, arena);
    ck_assert_int_eq(array_compare(type, a, b), 0);
    ck_assert_uint_eq(array_hash(type, a), array_hash(type, b));
    ck_assert_uint_ne(array_hash(type, a), array_hash(type, c));
}
END_TEST

Suite *suite_types_array(void);

Suite *
suite_types_array(void)
{
    Suite *suite = suite_create("types array");
    TCase *group = tcase_create("array");
    tcase_add_checked_fixture(group, setup, teardown);
    tcase_add_test(group, an_array_reads_back_in_row_major_order);
    tcase_add_test(group, stored_bytes_are_those_of_array_send);
    tcase_add_test(group, subscripts_outside_are_null);
    tcase_add_test(group, arrays_concatenate_along_the_first_dimension);
    tcase_add_test(group, arrays_that_do_not_fit_are_not_concatenated);
    tcase_add_test(group, arrays_order_by_elements_then_shape);
    tcase_add_test(group, equal_arrays_hash_alike);
    suite_add_tcase(suite, group);
    return suite;
}
