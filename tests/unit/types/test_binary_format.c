#include <check.h>
#include <stdlib.h>

#include "tests/unit/types/type_of_text.h"
#include "types/array.h"
#include "types/binary_format.h"
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

static const char *
received(SqlType type, const void *bytes, size_t size)
{
    Datum value;
    Buffer out = {0};
    if (!datum_receive(type, slice_make(bytes, size), arena, &value, &err))
        return arena_strdup(arena, err.sqlstate);
    datum_print(type, value, NULL, &out);
    return buffer_to_arena(&out, arena);
}

static void
ck_refused(SqlType type, const void *bytes, size_t size, const char *sqlstate)
{
    ck_assert_str_eq(received(type, bytes, size), sqlstate);
    ck_assert(error_is_set(&err));
    error_clear(&err);
}

#define REFUSED(type, bytes, sqlstate) ck_refused(type, bytes, sizeof(bytes) - 1, sqlstate)

START_TEST(wrong_sizes_are_refused)
{
    REFUSED(SQL_TYPE(BOOL), "", "22P03");
    REFUSED(SQL_TYPE(INT2), "\0\0\0", "22P03");
    REFUSED(SQL_TYPE(INT4), "\0\0\0", "22P03");
    REFUSED(SQL_TYPE(INT8), "\0\0\0\0\0\0\0\0\0", "22P03");
    REFUSED(SQL_TYPE(UUID), "\0\0", "22P03");
    REFUSED(SQL_TYPE(INTERVAL), "\0\0", "22P03");
    REFUSED(SQL_TYPE(TIMESTAMP), "", "22P03");
    REFUSED(SQL_TYPE(NUMERIC), "\0\1", "22P03");
    REFUSED(SQL_TYPE(MACADDR), "\0\1", "22P03");
    REFUSED(SQL_TYPE(VARBIT), "\0\0\0\1", "22P03");
    REFUSED(SQL_TYPE(VARBIT), "\0\0\0\1\0\0", "22P03");
    REFUSED(SQL_TYPE(INET), "\2\40\0\4\1\2\3", "22P03");
    REFUSED(SQL_TYPE(INT4RANGE), "", "22P03");
    REFUSED(SQL_TYPE(INT4RANGE), "\2\0\0\0\4\0\0\0\1", "22P03");
    REFUSED(SQL_ARRAY(INT4), "\0\0\0\0", "22P03");
}
END_TEST

START_TEST(wrong_contents_are_refused)
{
    REFUSED(SQL_TYPE(TEXT), "a\xff", "22021");
    REFUSED(SQL_TYPE(TEXT), "a\0b", "22021");
    REFUSED(SQL_TYPE(JSONB), "\2{}", "XX000");
    REFUSED(SQL_TYPE(JSONB), "", "XX000");
    REFUSED(SQL_TYPE(JSONB), "\1{", "22P02");
    REFUSED(SQL_TYPE(JSON), "[1,", "22P02");
    REFUSED(SQL_TYPE(TIME), "\0\0\0\x20\0\0\0\0", "22008");
    REFUSED(SQL_TYPE(TIME), "\xff\xff\xff\xff\xff\xff\xff\xff", "22008");
    REFUSED(SQL_TYPE(TIMESTAMP), "\x7f\xff\xff\xff\xff\xff\xff\xfe", "22008");
    REFUSED(SQL_TYPE(DATE), "\x7f\xff\xff\xfe", "22008");
    REFUSED(SQL_TYPE(TIMETZ), "\0\0\0\0\0\0\0\0\0\1\0\0", "22009");
    REFUSED(SQL_TYPE(CIDR), "\2\10\1\4\1\2\3\4", "22P03");
    REFUSED(SQL_TYPE(INET), "\7\10\1\4\1\2\3\4", "22P03");
    REFUSED(SQL_TYPE(INT4RANGE), "\2\0\0\0\4\0\0\0\5\0\0\0\4\0\0\0\1", "22000");
    REFUSED(type_of_text("bit(3)"), "\0\0\0\1\200", "22026");
    REFUSED(type_of_text("varchar(2)"), "abc", "22001");
    REFUSED(type_of_text("numeric(2,0)"), "\0\1\0\0\0\0\0\0\0\x64", "22003");
}
END_TEST

/* dimensions, flags, element type, length and lower bound, elements */
#define HEAD(flags, oid, length) "\0\0\0\1\0\0\0" flags "\0\0\0" oid "\0\0\0" length "\0\0\0\1"

START_TEST(arrays_are_checked_and_made_canonical)
{
    static const char seven_dimensions[] = "\0\0\0\7\0\0\0\0\0\0\0\27";
    SqlType bools = SQL_ARRAY(BOOL);
    ck_assert_str_eq(received(SQL_ARRAY(INT4), HEAD("\0", "\27", "\1") "\0\0\0\4\0\0\0\5", 28), "{5}");
    REFUSED(SQL_ARRAY(INT4), HEAD("\0", "\27", "\2") "\0\0\0\4\0\0\0\5", "22P03");
    REFUSED(SQL_ARRAY(INT4), HEAD("\0", "\27", "\1") "\0\0\0\4\0\0\0\5\0", "22P03");
    REFUSED(SQL_ARRAY(INT4), HEAD("\0", "\27", "\1") "\0\0\0\3\0\0\0", "22P03");
    REFUSED(SQL_ARRAY(INT4), HEAD("\0", "\31", "\1") "\0\0\0\4\0\0\0\5", "42804");
    REFUSED(SQL_ARRAY(INT4), HEAD("\2", "\27", "\1") "\0\0\0\4\0\0\0\5", "22P03");
    REFUSED(SQL_ARRAY(INT4), seven_dimensions, "54000");
    REFUSED(SQL_ARRAY(INT4), "\0\0\0\1\0\0\0\0\0\0\0\27\xff\xff\xff\xff\0\0\0\1", "54000");
    REFUSED(SQL_ARRAY(TEXT), HEAD("\0", "\31", "\1") "\0\0\0\1\xff", "22021");
    REFUSED(SQL_TYPE(INT2VECTOR), "\0\0\0\0\0\0\0\0\0\0\0\25", "22P03");
    REFUSED(SQL_TYPE(INT2VECTOR), "\0\0\0\1\0\0\0\1\0\0\0\25\0\0\0\1\0\0\0\0\xff\xff\xff\xff", "22P03");

    /* A flag that lies about nulls, an array without elements, and a bool of another byte come out alike. */
    Datum plain, other;
    ck_assert(datum_receive(bools, slice_make(HEAD("\0", "\20", "\1") "\0\0\0\1\1", 25), arena, &plain, &err));
    ck_assert(datum_receive(bools, slice_make(HEAD("\1", "\20", "\1") "\0\0\0\1\7", 25), arena, &other, &err));
    ck_assert(datum_identical(bools, plain, other));
    ck_assert(datum_receive(bools, slice_make(HEAD("\0", "\20", "\0"), 20), arena, &plain, &err));
    ck_assert(datum_receive(bools, slice_make("\0\0\0\0\0\0\0\0\0\0\0\20", 12), arena, &other, &err));
    ck_assert(datum_identical(bools, plain, other));
}
END_TEST

START_TEST(values_in_other_than_stored_form_are_made_canonical)
{
    ck_assert_str_eq(received(SQL_TYPE(JSONB), "\1{\"b\":1,\"a\":[1e2]}", 18), "{\"a\": [100], \"b\": 1}");
    ck_assert_str_eq(received(SQL_TYPE(INT4RANGE), "\4\0\0\0\4\0\0\0\1\0\0\0\4\0\0\0\5", 17), "[2,6)");
    ck_assert_str_eq(received(SQL_TYPE(NUMERIC), "\0\3\0\1\0\0\0\0\0\0\0\7\0\0", 14), "7");
    ck_assert_str_eq(received(SQL_TYPE(INET), "\2\40\1\4\1\2\3\4", 8), "1.2.3.4");
    Datum clean, dirty;
    ck_assert(datum_receive(SQL_TYPE(VARBIT), slice_make("\0\0\0\1\200", 5), arena, &clean, &err));
    ck_assert(datum_receive(SQL_TYPE(VARBIT), slice_make("\0\0\0\1\377", 5), arena, &dirty, &err));
    ck_assert(datum_identical(SQL_TYPE(VARBIT), clean, dirty));
}
END_TEST

START_TEST(what_is_canonical_is_not_copied)
{
    static const char json[] = "\1{\"a\": 1}";
    static const char text[] = "text";
    static const char array[] = HEAD("\0", "\27", "\1") "\0\0\0\4\0\0\0\5";
    Datum value;
    ck_assert(datum_receive(SQL_TYPE(JSONB), slice_make(json, 9), arena, &value, &err));
    ck_assert_ptr_eq(value.bytes.bytes, json + 1);
    ck_assert(datum_receive(SQL_TYPE(TEXT), slice_make(text, 4), arena, &value, &err));
    ck_assert_ptr_eq(value.bytes.bytes, text);
    ck_assert(datum_receive(SQL_ARRAY(INT4), slice_make(array, 28), arena, &value, &err));
    ck_assert_ptr_eq(value.bytes.bytes, array);
}
END_TEST

/* Whatever the bytes, a value that is received prints, and comes back the same when it is sent. */
START_TEST(damaged_values_are_refused_or_sound)
{
    static const struct {
        const char *type, *text;
    } values[] = {{"numeric", "12345.678901"},
                  {"jsonb", "{\"a\": [1, 2.50, null], \"bb\": \"x\\ny\"}"},
                  {"int4[]", "{1,2,NULL,4}"},
                  {"text[]", "{{a,b},{c,\"d e\"}}"},
                  {"numeric[]", "{1.50,NaN}"},
                  {"jsonb[]", "{1,\"[2]\"}"},
                  {"int4range", "[1,5)"},
                  {"tstzrange", "[2000-01-01,2000-01-02)"},
                  {"inet", "10.1.2.3/8"},
                  {"varbit", "10101"},
                  {"interval", "1 mon 2 days 03:04:05"},
                  {"int2vector", "1 2 3"},
                  {"timestamptz", "2000-01-01 00:00:00+00"}};
    srand(1);
    for (size_t i = 0; i < sizeof values / sizeof *values; i++) {
        SqlType type = type_of_text(values[i].type);
        Datum value;
        Buffer wire = {0}, again = {0}, text = {0};
        ck_assert(datum_parse(type, slice_of(values[i].text), NULL, arena, &value, &err));
        datum_send(type, value, &wire);
        for (int round = 0; round < 2000; round++) {
            size_t size = (size_t) rand() % 4 == 0 ? (size_t) rand() % (wire.size + 1) : wire.size;
            char *damaged = arena_strndup(arena, wire.bytes, size);
            for (int k = rand() % 3; size > 0 && k >= 0; k--)
                damaged[(size_t) rand() % size] = (char) rand();
            Datum first, second;
            if (!datum_receive(type, slice_make(damaged, size), arena, &first, &err)) {
                ck_assert(error_is_set(&err));
                error_clear(&err);
                continue;
            }
            buffer_clear(&again);
            buffer_clear(&text);
            datum_print(type, first, NULL, &text);
            datum_send(type, first, &again);
            ck_assert(datum_receive(type, buffer_slice(&again), arena, &second, &err));
            ck_assert(datum_identical(type, first, second));
        }
        buffer_deinit(&wire);
        buffer_deinit(&again);
        buffer_deinit(&text);
        arena_reset(arena);
    }
}
END_TEST

Suite *suite_types_binary_format(void);

Suite *
suite_types_binary_format(void)
{
    Suite *suite = suite_create("types/binary_format");
    TCase *tcase = tcase_create("all");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_set_timeout(tcase, 120);
    tcase_add_test(tcase, wrong_sizes_are_refused);
    tcase_add_test(tcase, wrong_contents_are_refused);
    tcase_add_test(tcase, arrays_are_checked_and_made_canonical);
    tcase_add_test(tcase, values_in_other_than_stored_form_are_made_canonical);
    tcase_add_test(tcase, what_is_canonical_is_not_copied);
    tcase_add_test(tcase, damaged_values_are_refused_or_sound);
    suite_add_tcase(suite, tcase);
    return suite;
}
