#include <check.h>
#include <math.h>
#include <string.h>

#include "base/buffer.h"
#include "types/array.h"
#include "types/element.h"
#include "types/numeric.h"
#include "types/value.h"

static Arena *arena;

static void
setup(void)
{
    arena = arena_new();
}

static void
teardown(void)
{
    arena_free(arena);
}

static Datum
numeric(const char *text)
{
    Error err = ERROR_INIT;
    Numeric out = {0};
    ck_assert(numeric_parse(slice_of(text), arena, &out, &err));
    return datum_bytes(out);
}

static Datum
interval(int64_t microseconds, int32_t days, int32_t months)
{
    return (Datum){.interval = {microseconds, days, months}};
}

static Datum
bytes(const void *content, size_t size)
{
    return datum_bytes(slice_make(content, size));
}

static void
assert_before(SqlType type, Datum a, Datum b)
{
    ck_assert_int_lt(datum_compare(type, a, b), 0);
    ck_assert_int_gt(datum_compare(type, b, a), 0);
    ck_assert_int_eq(datum_compare(type, a, a), 0);
    ck_assert(!datum_equal(type, a, b));
    ck_assert(!datum_identical(type, a, b));
}

/* Equal in SQL, although they print differently. */
static void
assert_equal_not_identical(SqlType type, Datum a, Datum b)
{
    ck_assert_int_eq(datum_compare(type, a, b), 0);
    ck_assert(datum_equal(type, a, b));
    ck_assert_uint_eq(datum_hash(type, a), datum_hash(type, b));
    ck_assert(!datum_identical(type, a, b));
}

START_TEST(integers_order_with_and_without_sign)
{
    assert_before(SQL_TYPE(INT8), datum_int(INT64_MIN), datum_int(INT64_MAX));
    assert_before(SQL_TYPE(UINT8), datum_int(INT64_MAX), datum_int(-1));
    assert_before(SQL_TYPE(MZ_TIMESTAMP), datum_int(0), datum_int(-1));
    assert_before(SQL_TYPE(OID), datum_int(1), datum_int(4294967295));
    assert_before(SQL_TYPE(BOOL), datum_int(0), datum_int(1));
}
END_TEST

START_TEST(not_a_number_is_last_and_equals_itself)
{
    assert_before(SQL_TYPE(FLOAT8), datum_float(INFINITY), datum_float(NAN));
    assert_before(SQL_TYPE(FLOAT8), datum_float(-INFINITY), datum_float(-1));
    ck_assert(datum_equal(SQL_TYPE(FLOAT8), datum_float(NAN), datum_float(-NAN)));
    ck_assert(datum_identical(SQL_TYPE(FLOAT8), datum_float(NAN), datum_float(-NAN)));
    ck_assert_uint_eq(datum_hash(SQL_TYPE(FLOAT8), datum_float(NAN)), datum_hash(SQL_TYPE(FLOAT8), datum_float(-NAN)));
    assert_before(SQL_TYPE(NUMERIC), numeric("Infinity"), numeric("NaN"));
}
END_TEST

START_TEST(values_that_print_differently_may_be_equal)
{
    assert_equal_not_identical(SQL_TYPE(FLOAT8), datum_float(0.0), datum_float(-0.0));
    assert_equal_not_identical(SQL_TYPE(NUMERIC), numeric("1.0"), numeric("1.00"));
    assert_equal_not_identical(SQL_TYPE(BPCHAR), datum_text("a"), datum_text("a   "));
    assert_equal_not_identical(SQL_TYPE(INTERVAL), interval(0, 1, 0), interval(INT64_C(86400000000), 0, 0));
    assert_equal_not_identical(SQL_TYPE(INTERVAL), interval(0, 30, 0), interval(0, 0, 1));
}
END_TEST

START_TEST(texts_order_by_bytes)
{
    assert_before(SQL_TYPE(TEXT), datum_text("Z"), datum_text("a"));
    assert_before(SQL_TYPE(TEXT), datum_text("a"), datum_text("a "));
    assert_before(SQL_TYPE(TEXT), datum_text("z"), datum_text("\xc3\xa4"));
    assert_before(SQL_TYPE(BPCHAR), datum_text("a  "), datum_text("b"));
    assert_before(SQL_TYPE(BYTEA), bytes("\0", 1), bytes("\0\0", 2));
}
END_TEST

START_TEST(null_has_a_hash_and_equals_null_alone)
{
    ck_assert(datum_equal(SQL_TYPE(INT4), DATUM_NULL, DATUM_NULL));
    ck_assert(!datum_equal(SQL_TYPE(INT4), DATUM_NULL, datum_int(0)));
    ck_assert(!datum_equal(SQL_TYPE(TEXT), datum_text(""), DATUM_NULL));
    ck_assert(datum_identical(SQL_TYPE(TEXT), DATUM_NULL, DATUM_NULL));
    ck_assert(!datum_identical(SQL_TYPE(TEXT), DATUM_NULL, datum_text("")));
    ck_assert_uint_eq(datum_hash(SQL_TYPE(INT4), DATUM_NULL), datum_hash(SQL_TYPE(TEXT), DATUM_NULL));
    ck_assert_uint_ne(datum_hash(SQL_TYPE(INT4), DATUM_NULL), datum_hash(SQL_TYPE(INT4), datum_int(0)));
}
END_TEST

START_TEST(times_with_zones_order_by_instant_then_zone)
{
    Datum noon_utc = {.timetz = {INT64_C(43200000000), 0, 0}};
    Datum noon_west = {.timetz = {INT64_C(43200000000), 3600, 0}};
    Datum one_east = {.timetz = {INT64_C(46800000000), -3600, 0}};
    assert_before(SQL_TYPE(TIMETZ), noon_utc, noon_west);
    assert_before(SQL_TYPE(TIMETZ), one_east, noon_utc);
}
END_TEST

START_TEST(networks_order_by_prefix)
{
    static const uint8_t network[] = {2, 8, 0, 4, 10, 0, 0, 0}, host[] = {2, 32, 0, 4, 10, 0, 0, 1},
                         other[] = {2, 32, 0, 4, 10, 0, 0, 2},
                         six[] = {3, 64, 0, 16, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0},
                         half[] = {2, 12, 0, 4, 10, 0x1f, 0, 0}, half_again[] = {2, 12, 0, 4, 10, 0x10, 0, 0};
    SqlType inet = SQL_TYPE(INET);
    assert_before(inet, bytes(network, 8), bytes(host, 8));
    assert_before(inet, bytes(host, 8), bytes(other, 8));
    assert_before(inet, bytes(other, 8), bytes(six, sizeof six));
    assert_before(inet, bytes(half_again, 8), bytes(half, 8));
    assert_before(inet, bytes(other, 8), bytes(half, 8));
}
END_TEST

START_TEST(bit_strings_order_by_bits_then_length)
{
    static const uint8_t one[] = {0, 0, 0, 1, 0x80}, one_zero[] = {0, 0, 0, 2, 0x80}, zero[] = {0, 0, 0, 1, 0};
    assert_before(SQL_TYPE(VARBIT), bytes(zero, 5), bytes(one, 5));
    assert_before(SQL_TYPE(VARBIT), bytes(one, 5), bytes(one_zero, 5));
}
END_TEST

static Datum
record(Datum number, Datum text)
{
    Buffer out = {0};
    buffer_append_be32(&out, 2);
    buffer_append_be32(&out, type_oid(SQL_TYPE(NUMERIC)));
    element_append(SQL_TYPE(NUMERIC), number, &out);
    buffer_append_be32(&out, type_oid(SQL_TYPE(TEXT)));
    element_append(SQL_TYPE(TEXT), text, &out);
    size_t size = out.size;
    return bytes(buffer_to_arena(&out, arena), size);
}

START_TEST(records_order_field_by_field_with_null_last)
{
    SqlType type = SQL_TYPE(RECORD);
    assert_before(type, record(numeric("1.5"), datum_text("z")), record(numeric("2"), datum_text("a")));
    assert_before(type, record(numeric("2"), datum_text("a")), record(numeric("2.0"), datum_text("b")));
    assert_before(type, record(numeric("2"), datum_text("z")), record(numeric("2"), DATUM_NULL));
    assert_equal_not_identical(type, record(numeric("2"), datum_text("a")), record(numeric("2.0"), datum_text("a")));
}
END_TEST

static Datum
map_of_one(const char *key, Datum number)
{
    Buffer out = {0};
    buffer_append_be32(&out, 1);
    element_append(SQL_TYPE(TEXT), datum_text(key), &out);
    element_append(SQL_TYPE(NUMERIC), number, &out);
    size_t size = out.size;
    return bytes(buffer_to_arena(&out, arena), size);
}

START_TEST(maps_order_by_key_then_value)
{
    SqlType type = {.id = TYPE_MAP, .element = TYPE_NUMERIC, .typmod = -1};
    assert_before(type, bytes("\0\0\0", 4), map_of_one("a", numeric("2")));
    assert_before(type, map_of_one("a", numeric("2")), map_of_one("b", numeric("1")));
    assert_before(type, map_of_one("a", numeric("2")), map_of_one("a", DATUM_NULL));
    assert_equal_not_identical(type, map_of_one("a", numeric("2")), map_of_one("a", numeric("2.0")));
}
END_TEST

START_TEST(lists_order_as_arrays)
{
    SqlType type = {.id = TYPE_LIST, .element = TYPE_NUMERIC, .typmod = -1};
    Datum one = datum_bytes(array_make_vector(SQL_TYPE(NUMERIC), (Datum[]){numeric("1.0")}, 1, arena));
    Datum same = datum_bytes(array_make_vector(SQL_TYPE(NUMERIC), (Datum[]){numeric("1.00")}, 1, arena));
    Datum two = datum_bytes(array_make_vector(SQL_TYPE(NUMERIC), (Datum[]){numeric("1.0"), numeric("-5")}, 2, arena));
    assert_before(type, one, two);
    assert_equal_not_identical(type, one, same);
}
END_TEST

START_TEST(elements_are_read_as_they_were_written)
{
    const struct {
        SqlType type;
        Datum value;
    } rows[] = {
        {SQL_TYPE(BOOL), datum_int(1)},
        {SQL_TYPE(CHAR), datum_int(200)},
        {SQL_TYPE(INT2), datum_int(-2)},
        {SQL_TYPE(INT4), datum_int(INT32_MIN)},
        {SQL_TYPE(INT8), datum_int(INT64_MIN)},
        {SQL_TYPE(OID), datum_int(4294967295)},
        {SQL_TYPE(UINT2), datum_int(65535)},
        {SQL_TYPE(UINT4), datum_int(4294967295)},
        {SQL_TYPE(UINT8), datum_int(-1)},
        {SQL_TYPE(DATE), datum_int(-5)},
        {SQL_TYPE(TIMESTAMP), datum_int(INT64_MAX)},
        {SQL_TYPE(FLOAT4), datum_float(1.5)},
        {SQL_TYPE(FLOAT8), datum_float(-0.1)},
        {SQL_TYPE(INTERVAL), interval(-1, 2, -3)},
        {SQL_TYPE(TIMETZ), (Datum){.timetz = {7, -3600, 0}}},
        {SQL_TYPE(UUID), (Datum){.b16 = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 255}}},
        {SQL_TYPE(TEXT), datum_text("text")},
        {SQL_TYPE(TEXT), datum_text("")},
        {SQL_TYPE(JSONB), datum_text("{\"a\": [1, 2]}")},
        {SQL_TYPE(NUMERIC), numeric("-12.340")},
        {SQL_TYPE(NUMERIC), numeric("NaN")},
        {SQL_TYPE(INT4), DATUM_NULL},
    };
    Buffer out = {0};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        element_append(rows[i].type, rows[i].value, &out);
    Slice rest = buffer_slice(&out);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        ck_assert_msg(datum_identical(rows[i].type, element_take(rows[i].type, &rest), rows[i].value), "%s",
                      type_pg_name(rows[i].type));
    ck_assert_uint_eq(rest.size, 0);
    buffer_deinit(&out);
}
END_TEST

START_TEST(a_copy_has_its_own_bytes)
{
    char text[] = "text";
    Datum copy = datum_copy(SQL_TYPE(TEXT), datum_text(text), arena);
    text[0] = 'T';
    ck_assert(slice_equal(copy.bytes, slice_of("text")));
    ck_assert(datum_copy(SQL_TYPE(TEXT), DATUM_NULL, arena).is_null);
    ck_assert_int_eq(datum_copy(SQL_TYPE(INT4), datum_int(5), arena).i, 5);
}
END_TEST

Suite *suite_types_value(void);

Suite *
suite_types_value(void)
{
    Suite *suite = suite_create("types value");
    TCase *group = tcase_create("value");
    tcase_add_checked_fixture(group, setup, teardown);
    tcase_add_test(group, integers_order_with_and_without_sign);
    tcase_add_test(group, not_a_number_is_last_and_equals_itself);
    tcase_add_test(group, values_that_print_differently_may_be_equal);
    tcase_add_test(group, texts_order_by_bytes);
    tcase_add_test(group, null_has_a_hash_and_equals_null_alone);
    tcase_add_test(group, times_with_zones_order_by_instant_then_zone);
    tcase_add_test(group, networks_order_by_prefix);
    tcase_add_test(group, bit_strings_order_by_bits_then_length);
    tcase_add_test(group, records_order_field_by_field_with_null_last);
    tcase_add_test(group, maps_order_by_key_then_value);
    tcase_add_test(group, lists_order_as_arrays);
    tcase_add_test(group, elements_are_read_as_they_were_written);
    tcase_add_test(group, a_copy_has_its_own_bytes);
    suite_add_tcase(suite, group);
    return suite;
}
