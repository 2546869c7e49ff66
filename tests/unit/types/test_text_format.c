#include <check.h>
#include <math.h>
#include <stdlib.h>

#include "tests/unit/types/type_of_text.h"
#include "types/binary_format.h"
#include "types/text_format.h"

typedef struct TextCase {
    const char *type, *zone, *input, *output, *binary;
} TextCase;

typedef struct FailureCase {
    const char *type, *zone, *input, *sqlstate, *message, *detail;
} FailureCase;

static const TextCase cases[] = {
#define CASE(type, zone, input, output, binary) {type, zone, input, output, binary},
#define FAILS(type, zone, input, sqlstate, message, detail)
#include "text_cases.def"
#undef CASE
#undef FAILS
};

static const FailureCase failures[] = {
#define CASE(type, zone, input, output, binary)
#define FAILS(type, zone, input, sqlstate, message, detail) {type, zone, input, sqlstate, message, detail},
#include "text_cases.def"
#undef CASE
#undef FAILS
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

static TextStyle
style_of(const char *zone)
{
    return (TextStyle){.extra_float_digits = 1, .time_zone = zone};
}

static const char *
printed(SqlType type, Datum value, const TextStyle *style)
{
    Buffer out = {0};
    datum_print(type, value, style, &out);
    return buffer_to_arena(&out, arena);
}

static const char *
sent_hex(SqlType type, Datum value)
{
    Buffer out = {0}, hex = {0};
    datum_send(type, value, &out);
    for (size_t i = 0; i < out.size; i++)
        buffer_printf(&hex, "%02x", (unsigned char) out.bytes[i]);
    buffer_deinit(&out);
    return buffer_to_arena(&hex, arena);
}

static Slice
bytes_of_hex(const char *hex)
{
    size_t size = strlen(hex) / 2;
    char *bytes = arena_alloc(arena, size + 1);
    for (size_t i = 0; i < size; i++) {
        char pair[3] = {hex[i * 2], hex[i * 2 + 1], 0};
        bytes[i] = (char) strtol(pair, NULL, 16);
    }
    return slice_make(bytes, size);
}

START_TEST(text_is_read_and_printed_as_postgresql_does)
{
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const TextCase *c = &cases[i];
        SqlType type = type_of_text(c->type);
        TextStyle style = style_of(c->zone);
        Datum value, again;
        ck_assert_msg(datum_parse(type, slice_of(c->input), &style, arena, &value, &err), "%s '%s': %s", c->type,
                      c->input, err.message);
        const char *text = printed(type, value, &style);
        ck_assert_msg(strcmp(text, c->output) == 0, "%s '%s' in %s: %s, not %s", c->type, c->input, c->zone, text,
                      c->output);
        ck_assert_msg(datum_parse(type, slice_of(text), &style, arena, &again, &err), "%s '%s'", c->type, text);
        ck_assert_msg(datum_identical(type, value, again), "%s '%s' changes when read again", c->type, text);
        arena_reset(arena);
    }
}
END_TEST

START_TEST(binary_is_sent_and_received_as_postgresql_does)
{
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const TextCase *c = &cases[i];
        SqlType type = type_of_text(c->type);
        TextStyle style = style_of(c->zone);
        Datum value, received;
        ck_assert(datum_parse(type, slice_of(c->input), &style, arena, &value, &err));
        const char *hex = sent_hex(type, value);
        ck_assert_msg(strcmp(hex, c->binary) == 0, "%s '%s': %s, not %s", c->type, c->input, hex, c->binary);
        ck_assert_msg(datum_receive(type, bytes_of_hex(c->binary), arena, &received, &err), "%s '%s': %s", c->type,
                      c->input, err.message);
        ck_assert_msg(datum_identical(type, value, received), "%s '%s' is received otherwise", c->type, c->input);
        arena_reset(arena);
    }
}
END_TEST

START_TEST(bad_text_fails_with_the_words_of_postgresql)
{
    for (size_t i = 0; i < sizeof failures / sizeof *failures; i++) {
        const FailureCase *c = &failures[i];
        TextStyle style = style_of(c->zone);
        Datum value;
        ck_assert_msg(!datum_parse(type_of_text(c->type), slice_of(c->input), &style, arena, &value, &err),
                      "%s '%s' is read", c->type, c->input);
        ck_assert_msg(strcmp(err.sqlstate, c->sqlstate) == 0 && strcmp(err.message, c->message) == 0,
                      "%s '%s': %s %s, not %s %s", c->type, c->input, err.sqlstate, err.message, c->sqlstate,
                      c->message);
        ck_assert_str_eq(err.detail != NULL ? err.detail : "", c->detail);
        error_clear(&err);
        arena_reset(arena);
    }
}
END_TEST

START_TEST(floats_read_back_as_the_same_number)
{
    uint64_t seed = 88172645463325252u;
    for (int i = 0; i < 20000; i++) {
        seed ^= seed << 13;
        seed ^= seed >> 7;
        seed ^= seed << 17;
        double wide;
        float narrow;
        uint32_t low = (uint32_t) seed;
        memcpy(&wide, &seed, sizeof wide);
        memcpy(&narrow, &low, sizeof narrow);
        if (isnan(wide) || isnan(narrow))
            continue;
        Datum value;
        const char *text = printed(SQL_TYPE(FLOAT8), datum_float(wide), NULL);
        ck_assert(datum_parse(SQL_TYPE(FLOAT8), slice_of(text), NULL, arena, &value, &err));
        ck_assert_msg(value.f == wide, "%s is not %.17g", text, wide);
        text = printed(SQL_TYPE(FLOAT4), datum_float((double) narrow), NULL);
        ck_assert(datum_parse(SQL_TYPE(FLOAT4), slice_of(text), NULL, arena, &value, &err));
        ck_assert_msg((float) value.f == narrow, "%s is not %.9g", text, (double) narrow);
        arena_reset(arena);
    }
}
END_TEST

START_TEST(fewer_float_digits_round_as_c_does)
{
    TextStyle style = {.extra_float_digits = 0};
    ck_assert_str_eq(printed(SQL_TYPE(FLOAT8), datum_float(0.1 + 0.2), &style), "0.30000000000000004");
    style.extra_float_digits = FLOAT_DIGITS_15;
    ck_assert_str_eq(printed(SQL_TYPE(FLOAT8), datum_float(0.1 + 0.2), &style), "0.3");
    ck_assert_str_eq(printed(SQL_TYPE(FLOAT8), datum_float(0.1 + 0.2), NULL), "0.30000000000000004");
    ck_assert_str_eq(printed(SQL_TYPE(FLOAT4), datum_float(1.0f / 3), &style), "0.333333");
    style.extra_float_digits = -15;
    ck_assert_str_eq(printed(SQL_TYPE(FLOAT8), datum_float(123.4), &style), "1e+02");
}
END_TEST

START_TEST(now_and_today_follow_the_session)
{
    TextStyle style = {.extra_float_digits = 1, .time_zone = "America/New_York", .now_us = INT64_C(1234567)};
    Datum value;
    ck_assert(datum_parse(SQL_TYPE(TIMESTAMPTZ), slice_of("now"), &style, arena, &value, &err));
    ck_assert_int_eq(value.i, 1234567);
    ck_assert(datum_parse(SQL_TYPE(TIMESTAMP), slice_of("now"), &style, arena, &value, &err));
    ck_assert_str_eq(printed(SQL_TYPE(TIMESTAMP), value, &style), "1999-12-31 19:00:01.234567");
    ck_assert(datum_parse(SQL_TYPE(DATE), slice_of("today"), &style, arena, &value, &err));
    ck_assert_str_eq(printed(SQL_TYPE(DATE), value, &style), "1999-12-31");
    ck_assert(datum_parse(SQL_TYPE(DATE), slice_of("tomorrow"), &style, arena, &value, &err));
    ck_assert_str_eq(printed(SQL_TYPE(DATE), value, &style), "2000-01-01");
    ck_assert(datum_parse(SQL_TYPE(TIMESTAMPTZ), slice_of("yesterday 12:00"), &style, arena, &value, &err));
    ck_assert_str_eq(printed(SQL_TYPE(TIMESTAMPTZ), value, &style), "1999-12-30 12:00:00-05");
    ck_assert(datum_parse(SQL_TYPE(TIME), slice_of("now"), &style, arena, &value, &err));
    ck_assert_str_eq(printed(SQL_TYPE(TIME), value, &style), "19:00:01.234567");
}
END_TEST

static void
ck_prints(SqlType type, const char *input, const char *output)
{
    Datum value;
    ck_assert_msg(datum_parse(type, slice_of(input), NULL, arena, &value, &err), "'%s': %s", input, err.message);
    ck_assert_str_eq(printed(type, value, NULL), output);
    Buffer wire = {0};
    Datum received;
    datum_send(type, value, &wire);
    ck_assert(datum_receive(type, buffer_slice(&wire), arena, &received, &err));
    ck_assert(datum_identical(type, value, received));
    buffer_deinit(&wire);
}

static void
ck_refused(SqlType type, const char *input, const char *sqlstate)
{
    Datum value;
    ck_assert_msg(!datum_parse(type, slice_of(input), NULL, arena, &value, &err), "'%s' is read", input);
    ck_assert_str_eq(err.sqlstate, sqlstate);
    error_clear(&err);
}

START_TEST(types_of_the_dialect_read_what_they_print)
{
    SqlType list = {.id = TYPE_LIST, .element = TYPE_INT4, .typmod = -1};
    SqlType map = {.id = TYPE_MAP, .element = TYPE_INT4, .typmod = -1};
    ck_prints(SQL_TYPE(UINT2), "65535", "65535");
    ck_prints(SQL_TYPE(UINT4), "4294967295", "4294967295");
    ck_prints(SQL_TYPE(UINT8), "18446744073709551615", "18446744073709551615");
    ck_prints(SQL_TYPE(MZ_TIMESTAMP), "1700000000000", "1700000000000");
    ck_prints(list, "{1, 2,NULL}", "{1,2,NULL}");
    ck_prints(list, "{}", "{}");
    ck_prints(map, "{}", "{}");
    ck_prints(map, "{b=>1, \"a b\" => 2, a=>NULL, b=>3}", "{a=>NULL,\"a b\"=>2,b=>3}");
    ck_refused(SQL_TYPE(UINT2), "65536", "22003");
    ck_refused(SQL_TYPE(UINT8), "-1", "22P02");
    ck_refused(SQL_TYPE(MZ_TIMESTAMP), "soon", "22P02");
    ck_refused(map, "{a=>1", "22P02");
    ck_refused(map, "{a}", "22P02");
    ck_refused(map, "{a=>1,}", "22P02");
}
END_TEST

START_TEST(containers_nest_without_quotes)
{
    SqlType list = type_list_of(SQL_TYPE(INT4)), lists = type_list_of(list), map = type_map_of(lists);
    SqlType array = type_array_of(list);
    ck_prints(lists, "{{1,2},{},NULL, {3}}", "{{1,2},{},NULL,{3}}");
    ck_prints(type_list_of(map), "{{a=>{{1}}},{}}", "{{a=>{{1}}},{}}");
    ck_prints(map, "{b=>{{1},{2,3}}, a=>NULL}", "{a=>NULL,b=>{{1},{2,3}}}");
    ck_prints(type_list_of(SQL_TYPE(TEXT)), "{a,\"b c\",\"{}\",\"NULL\",\"\"}", "{a,\"b c\",\"{}\",\"NULL\",\"\"}");
    ck_refused(lists, "{{1,2}", "22P02");
    ck_refused(lists, "{1,2}", "22P02");
    ck_refused(list, "{1,,2}", "22P02");
    ck_refused(list, "{1,2}x", "22P02");
    ck_assert_str_eq(type_format(type_list_of(array), arena), "integer list[] list");
    ck_assert(type_same(type_element_of(array), list));
    ck_assert(type_same(type_element_of(map), lists));
    ck_assert(!type_same(lists, list));
    ck_assert(type_same_structure(lists, type_list_of(type_list_of(SQL_TYPE(INT4)))));
}
END_TEST

START_TEST(enums_sort_as_their_labels_were_made)
{
    static const EnumLabel labels[] = {{"sad", -1}, {"ok", 1}, {"a very long label", 1.5f}, {"happy", 2}};
    TypeDetail *detail = type_detail_new(arena, 0);
    detail->name = "mood";
    detail->oid = 20001;
    detail->labels = labels;
    detail->label_count = 4;
    SqlType mood = {.id = TYPE_ENUM, .typmod = -1, .detail = detail};
    Datum last = DATUM_NULL;
    for (int i = 0; i < 4; i++) {
        Datum value;
        ck_prints(mood, labels[i].label, labels[i].label);
        ck_assert(datum_parse(mood, slice_of(labels[i].label), NULL, arena, &value, &err));
        ck_assert(last.is_null || datum_compare(mood, last, value) < 0);
        last = value;
    }
    ck_prints(type_array_of(mood), "{ok,NULL,sad}", "{ok,NULL,sad}");
    ck_refused(mood, "Sad", "22P02");
    ck_assert_str_eq(type_format(type_array_of(mood), arena), "mood[]");
    ck_assert_uint_eq(type_oid(mood), 20001);
}
END_TEST

START_TEST(records_quote_their_fields)
{
    TypeDetail *detail = type_detail_new(arena, 3);
    SqlType record = {.id = TYPE_RECORD, .typmod = -1, .detail = detail};
    detail->count = 3;
    detail->fields[0] = (RecordField){"a", SQL_TYPE(INT4)};
    detail->fields[1] = (RecordField){"b", SQL_TYPE(TEXT)};
    detail->fields[2] = (RecordField){"c", SQL_ARRAY(INT4)};
    ck_prints(record, "(1,x,\"{1,2}\")", "(1,x,\"{1,2}\")");
    ck_prints(record, "(,\"a \"\"b\"\" \\\\ c\",)", "(,\"a \"\"b\"\" \\\\ c\",)");
    ck_prints(record, "(1,\"\",{})", "(1,\"\",{})");
    ck_refused(record, "(1,2)", "22P02");
    ck_refused(record, "(1,2,{},4)", "22P02");
    ck_refused(record, "1,2,{})", "22P02");
    ck_refused(record, "(1,2,{}) x", "22P02");
    ck_refused(record, "(x,2,{})", "22P02");
}
END_TEST

START_TEST(text_that_is_not_utf8_is_refused)
{
    static const char *const bad[] = {"\xff", "a\x80", "\xc0\x80", "\xed\xa0\x80", "\xf4\x90\x80\x80", "abcdefgh\xc3"};
    Datum value;
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ck_refused(SQL_TYPE(TEXT), bad[i], "22021");
    ck_assert(!datum_parse(SQL_TYPE(TEXT), slice_make("a\0b", 3), NULL, arena, &value, &err));
    ck_assert_str_eq(err.message, "invalid byte sequence for encoding \"UTF8\": 0x00");
}
END_TEST

START_TEST(registered_names_print_as_types_or_numbers)
{
    ck_prints(SQL_TYPE(REGTYPE), "int4", "integer");
    ck_prints(SQL_TYPE(REGTYPE), "1007", "integer[]");
    ck_prints(SQL_TYPE(REGTYPE), "-", "-");
    ck_prints(SQL_TYPE(REGCLASS), "16384", "16384");
    ck_refused(SQL_TYPE(REGCLASS), "nothing", "42P01");
    ck_refused(SQL_TYPE(REGTYPE), "nothing", "42704");
    ck_refused(SQL_TYPE(REGPROC), "nothing", "42883");
}
END_TEST

Suite *suite_types_text_format(void);

Suite *
suite_types_text_format(void)
{
    Suite *suite = suite_create("types/text_format");
    TCase *tcase = tcase_create("all");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_set_timeout(tcase, 120);
    tcase_add_test(tcase, text_is_read_and_printed_as_postgresql_does);
    tcase_add_test(tcase, binary_is_sent_and_received_as_postgresql_does);
    tcase_add_test(tcase, bad_text_fails_with_the_words_of_postgresql);
    tcase_add_test(tcase, floats_read_back_as_the_same_number);
    tcase_add_test(tcase, fewer_float_digits_round_as_c_does);
    tcase_add_test(tcase, now_and_today_follow_the_session);
    tcase_add_test(tcase, types_of_the_dialect_read_what_they_print);
    tcase_add_test(tcase, records_quote_their_fields);
    tcase_add_test(tcase, containers_nest_without_quotes);
    tcase_add_test(tcase, enums_sort_as_their_labels_were_made);
    tcase_add_test(tcase, text_that_is_not_utf8_is_refused);
    tcase_add_test(tcase, registered_names_print_as_types_or_numbers);
    suite_add_tcase(suite, tcase);
    return suite;
}
