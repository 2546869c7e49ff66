#include <check.h>
#include <stdlib.h>

#include "types/binary_format.h"
#include "types/multirange.h"
#include "types/text_format.h"

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

static Slice
of_text(SqlType type, const char *text)
{
    Datum value = DATUM_NULL;
    ck_assert_msg(datum_parse(type, slice_of(text), NULL, arena, &value, &err), "%s", text);
    return value.bytes;
}

static const char *
shown(SqlType type, Slice value)
{
    Buffer out = {0};
    datum_print(type, datum_bytes(value), NULL, &out);
    return buffer_to_arena(&out, arena);
}

START_TEST(stored_bytes_are_those_of_multirange_send)
{
    static const char bytes[] = "\0\0\0\2"
                                "\0\0\0\21\2\0\0\0\4\0\0\0\1\0\0\0\4\0\0\0\3"
                                "\0\0\0\11\22\0\0\0\4\0\0\0\5";
    Slice value = of_text(SQL_TYPE(INT4MULTIRANGE), "{(4,), [2,2], [1,1], empty}");
    ck_assert(slice_equal(value, slice_make(bytes, sizeof bytes - 1)));
    ck_assert(slice_equal(of_text(SQL_TYPE(INT4MULTIRANGE), "{}"), slice_make("\0\0\0\0", 4)));
}
END_TEST

static const char *
received(const void *bytes, size_t size)
{
    Datum value;
    if (!datum_receive(SQL_TYPE(INT4MULTIRANGE), slice_make(bytes, size), arena, &value, &err)) {
        const char *sqlstate = arena_strdup(arena, err.sqlstate);
        error_clear(&err);
        return sqlstate;
    }
    return shown(SQL_TYPE(INT4MULTIRANGE), value.bytes);
}

#define RECEIVED(bytes) received(bytes, sizeof(bytes) - 1)

START_TEST(what_comes_in_binary_is_checked_and_made_canonical)
{
    ck_assert_str_eq(RECEIVED("\0\0\0\2"
                              "\0\0\0\21\6\0\0\0\4\0\0\0\5\0\0\0\4\0\0\0\6"
                              "\0\0\0\21\2\0\0\0\4\0\0\0\1\0\0\0\4\0\0\0\3"),
                     "{[1,3),[5,7)}");
    ck_assert_str_eq(RECEIVED("\0\0\0\1\0\0\0\1\1"), "{}");
    ck_assert_str_eq(RECEIVED(""), "22P03");
    ck_assert_str_eq(RECEIVED("\0\0\0\1"), "22P03");
    ck_assert_str_eq(RECEIVED("\0\0\0\1\0\0\0\0"), "22P03");
    ck_assert_str_eq(RECEIVED("\0\0\0\0\0"), "22P03");
    ck_assert_str_eq(RECEIVED("\377\377\377\377\0\0\0\1\1"), "22P03");
    ck_assert_str_eq(RECEIVED("\0\0\0\1\377\377\377\377"), "22P03");
    ck_assert_str_eq(RECEIVED("\0\0\0\1\0\0\0\21\2\0\0\0\4\0\0\0\5\0\0\0\4\0\0\0\1"), "22000");
}
END_TEST

START_TEST(equal_multiranges_hash_alike)
{
    SqlType type = SQL_TYPE(NUMMULTIRANGE);
    Slice a = of_text(type, "{[1.0,2.50),[7,)}"), b = of_text(type, "{[7.00,),[1,2.5)}");
    ck_assert_int_eq(multirange_compare(type, a, b), 0);
    ck_assert_uint_eq(multirange_hash(type, a), multirange_hash(type, b));
    ck_assert_int_lt(multirange_compare(type, of_text(type, "{}"), a), 0);
    ck_assert_int_gt(multirange_compare(type, of_text(type, "{[1,2.5),[8,9)}"), a), 0);
}
END_TEST

/* Whether an integer lies in the multirange, asked one by one. */
static bool
holds(Slice value, int number)
{
    RangeSet set = range_set_read(SQL_TYPE(INT4MULTIRANGE), value);
    return range_set_contains_element(&set, datum_int(number));
}

static Slice
any_multirange(void)
{
    Buffer text = {0};
    buffer_append_char(&text, '{');
    for (int i = rand() % 5; i > 0; i--) {
        int lower = rand() % 24;
        buffer_printf(&text, "[%d,%d)%s", lower, lower + rand() % 6, i > 1 ? "," : "");
    }
    buffer_append_char(&text, '}');
    return of_text(SQL_TYPE(INT4MULTIRANGE), buffer_to_arena(&text, arena));
}

START_TEST(operators_agree_with_the_numbers_inside)
{
    SqlType type = SQL_TYPE(INT4MULTIRANGE);
    srand(11);
    for (int round = 0; round < 2000; round++) {
        Slice a = any_multirange(), b = any_multirange(), both, either, left;
        ck_assert(multirange_union(type, a, b, arena, &either, &err));
        ck_assert(multirange_intersect(type, a, b, arena, &both, &err));
        ck_assert(multirange_minus(type, a, b, arena, &left, &err));
        bool contains = true, overlaps = false;
        for (int number = -1; number < 32; number++) {
            bool in_a = holds(a, number), in_b = holds(b, number);
            ck_assert_int_eq(holds(either, number), in_a || in_b);
            ck_assert_int_eq(holds(both, number), in_a && in_b);
            ck_assert_int_eq(holds(left, number), in_a && !in_b);
            contains = contains && (in_a || !in_b);
            overlaps = overlaps || (in_a && in_b);
        }
        RangeSet set_a = range_set_read(type, a), set_b = range_set_read(type, b);
        ck_assert_int_eq(range_set_contains(&set_a, &set_b), contains);
        ck_assert_int_eq(range_set_overlaps(&set_a, &set_b), overlaps);
        ck_assert_str_eq(shown(type, of_text(type, shown(type, left))), shown(type, left));
    }
}
END_TEST

Suite *suite_types_multirange(void);

Suite *
suite_types_multirange(void)
{
    Suite *suite = suite_create("types multirange");
    TCase *group = tcase_create("multirange");
    tcase_add_checked_fixture(group, setup, teardown);
    tcase_add_test(group, stored_bytes_are_those_of_multirange_send);
    tcase_add_test(group, what_comes_in_binary_is_checked_and_made_canonical);
    tcase_add_test(group, equal_multiranges_hash_alike);
    tcase_add_test(group, operators_agree_with_the_numbers_inside);
    suite_add_tcase(suite, group);
    return suite;
}
