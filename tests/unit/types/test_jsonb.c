#include <check.h>
#include <stdlib.h>

#include "types/jsonb.h"
#include "types/text_format.h"

typedef struct OperationCase {
    const char *operation, *zone, *first, *second, *answer;
} OperationCase;

static const OperationCase cases[] = {
#define OPERATION(operation, zone, first, second, answer) {operation, zone, first, second, answer},
#include "operation_cases.def"
#undef OPERATION
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

static Slice
json_of(const char *text)
{
    Buffer out = {0};
    ck_assert_msg(jsonb_parse(slice_of(text), &out, &err), "'%s': %s", text, err.message);
    size_t size = out.size;
    return slice_make(buffer_to_arena(&out, arena), size);
}

/* NULL: the case is about something else. */
static const char *
apply(const OperationCase *c)
{
    Buffer out = {0};
    Slice value;
    if (strcmp(c->operation, "jcmp") == 0) {
        Slice a = json_of(c->first), b = json_of(c->second);
        int order = jsonb_compare(a, b);
        ck_assert_int_eq(jsonb_compare(b, a), -order);
        if (order == 0)
            ck_assert_uint_eq(jsonb_hash(a), jsonb_hash(b));
        buffer_printf(&out, "%d", (order > 0) - (order < 0));
    } else if (strcmp(c->operation, "jcont") == 0) {
        buffer_append_text(&out, jsonb_contains(json_of(c->first), json_of(c->second)) ? "t" : "f");
    } else if (strcmp(c->operation, "jpretty") == 0) {
        jsonb_pretty(json_of(c->first), &out);
    } else if (strcmp(c->operation, "jfield") == 0) {
        bool found = jsonb_field(json_of(c->first), slice_of(c->second), &value);
        buffer_append_slice(&out, found ? value : slice_of("<null>"));
    } else if (strcmp(c->operation, "jelem") == 0) {
        bool found = jsonb_element(json_of(c->first), strtol(c->second, NULL, 10), &value);
        buffer_append_slice(&out, found ? value : slice_of("<null>"));
    } else {
        return NULL;
    }
    return buffer_to_arena(&out, arena);
}

START_TEST(operations_answer_as_postgresql_does)
{
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        const char *answer = apply(&cases[i]);
        ck_assert_msg(answer == NULL || strcmp(answer, cases[i].answer) == 0, "%s '%s' '%s': %s, not %s",
                      cases[i].operation, cases[i].first, cases[i].second, answer, cases[i].answer);
        arena_reset(arena);
    }
}
END_TEST

static void
ck_stored(const char *text, const char *stored)
{
    Slice value = json_of(text);
    ck_assert_str_eq(arena_strndup(arena, value.bytes, value.size), stored);
}

START_TEST(objects_are_sorted_and_the_last_of_a_key_counts)
{
    ck_stored("{\"bb\":1,\"a\":2,\"a\":3,\"c\":{\"z\":1,\"y\":2}}",
              "{\"a\": 3, \"c\": {\"y\": 2, \"z\": 1}, \"bb\": 1}");
    ck_stored("{\"\\u0062\":1,\"a\":2}", "{\"a\": 2, \"b\": 1}");
    ck_stored("{\"\":1,\"a\":{\"b\":[],\"b\":{}}}", "{\"\": 1, \"a\": {\"b\": {}}}");
    ck_stored(" [ ] ", "[]");
}
END_TEST

START_TEST(numbers_print_as_numeric)
{
    ck_stored("[1e2,1.50,-0,-0.00,1E-3,12345678901234567890123]",
              "[100, 1.50, 0, 0.00, 0.001, 12345678901234567890123]");
}
END_TEST

START_TEST(strings_are_escaped_in_one_way)
{
    ck_stored("\"\\u0041\\/\\u000a\\u001f\\u007f\\u00e9\\ud83d\\ude00\"",
              "\"A/\\n\\u001f\x7f\xc3\xa9\xf0\x9f\x98\x80\"");
}
END_TEST

START_TEST(null_characters_and_lone_surrogates_are_refused)
{
    static const struct {
        const char *text, *sqlstate;
    } bad[] = {{"\"\\u0000\"", "22P05"},
               {"\"\\ud800\"", "22P02"},
               {"\"\\ud800\\ud800\"", "22P02"},
               {"\"\\udc00\"", "22P02"},
               {"{\"\\u0000\":1}", "22P05"}};
    Buffer out = {0};
    buffer_append_text(&out, "before");
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        ck_assert(!jsonb_parse(slice_of(bad[i].text), &out, &err));
        ck_assert_str_eq(err.sqlstate, bad[i].sqlstate);
        ck_assert_str_eq(buffer_text(&out), "before");
        error_clear(&err);
        ck_assert(json_check(slice_of(bad[i].text), &err));
    }
    buffer_deinit(&out);
}
END_TEST

START_TEST(nesting_is_deep_but_not_endless)
{
    Buffer text = {0}, out = {0};
    for (int i = 0; i < 10000; i++)
        buffer_append_text(&text, "[");
    for (int i = 0; i < 10000; i++)
        buffer_append_text(&text, "]");
    ck_assert(jsonb_parse(buffer_slice(&text), &out, &err));
    ck_assert(jsonb_contains(buffer_slice(&out), buffer_slice(&out)));
    ck_assert_int_eq(jsonb_compare(buffer_slice(&out), slice_of("[]")), 1);
    buffer_clear(&text);
    for (int i = 0; i < 100000; i++)
        buffer_append_text(&text, "{\"a\":");
    ck_assert(!json_check(buffer_slice(&text), &err));
    ck_assert_str_eq(err.sqlstate, "54001");
    buffer_deinit(&text);
    buffer_deinit(&out);
}
END_TEST

START_TEST(walking_gives_keys_without_escapes)
{
    Slice value = json_of("{\"a\":1,\"b\\n\":[1,{\"x\":\"]\"}],\"ccc\":\"}\"}"), key, element, inner;
    size_t offset = 0;
    ck_assert(jsonb_kind(value) == JSON_OBJECT);
    ck_assert_int_eq(jsonb_count(value), 3);
    ck_assert(jsonb_next(value, &offset, &key, &element, arena));
    ck_assert(slice_equal(key, slice_of("a")) && slice_equal(element, slice_of("1")));
    ck_assert(jsonb_next(value, &offset, &key, &element, arena));
    ck_assert(slice_equal(key, slice_of("b\n")) && jsonb_kind(element) == JSON_ARRAY);
    ck_assert(jsonb_element(element, -1, &inner) && jsonb_field(inner, slice_of("x"), &inner));
    ck_assert(slice_equal(jsonb_string(inner, arena), slice_of("]")));
    ck_assert(jsonb_next(value, &offset, &key, &element, arena));
    ck_assert(slice_equal(element, slice_of("\"}\"")));
    ck_assert(!jsonb_next(value, &offset, &key, &element, arena));
    ck_assert(jsonb_field(value, slice_of("b\n"), &element));
    ck_assert(!jsonb_field(value, slice_of("b"), &element));
    offset = 0;
    ck_assert(!jsonb_next(json_of("1"), &offset, &key, &element, arena));
}
END_TEST

START_TEST(canonical_means_that_parsing_changes_nothing)
{
    static const char *const yes[] = {"{}",
                                      "[]",
                                      "1",
                                      "-1.50",
                                      "\"a\\n\\u001f\"",
                                      "{\"a\": 1, \"b\": [1, 2], \"aa\": null}",
                                      "[{}, [], true, false, \"\xc3\xa9\"]"};
    static const char *const no[] = {"",
                                     " 1",
                                     "1 ",
                                     "{\"a\":1}",
                                     "[1,2]",
                                     "1e2",
                                     "-0",
                                     "-0.0",
                                     "01",
                                     "{\"b\": 1, \"a\": 2}",
                                     "{\"a\": 1, \"a\": 2}",
                                     "\"\\/\"",
                                     "\"\\u0041\"",
                                     "\"\\u001F\"",
                                     "\"\\u000a\"",
                                     "\"a",
                                     "[1",
                                     "[1, ]",
                                     "{\"a\": }",
                                     "{1: 2}",
                                     "nul",
                                     "1.",
                                     "[}",
                                     "\"\\",
                                     "\"\\u00",
                                     "[1 2]",
                                     "{\"a\" 1}",
                                     "-",
                                     "{\"a\": 1]"};
    for (size_t i = 0; i < sizeof yes / sizeof *yes; i++) {
        ck_assert_msg(jsonb_is_canonical(slice_of(yes[i])), "%s", yes[i]);
        ck_stored(yes[i], yes[i]);
    }
    for (size_t i = 0; i < sizeof no / sizeof *no; i++)
        ck_assert_msg(!jsonb_is_canonical(slice_of(no[i])), "%s", no[i]);
}
END_TEST

Suite *suite_types_jsonb(void);

Suite *
suite_types_jsonb(void)
{
    Suite *suite = suite_create("types/jsonb");
    TCase *tcase = tcase_create("all");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_set_timeout(tcase, 120);
    tcase_add_test(tcase, operations_answer_as_postgresql_does);
    tcase_add_test(tcase, objects_are_sorted_and_the_last_of_a_key_counts);
    tcase_add_test(tcase, numbers_print_as_numeric);
    tcase_add_test(tcase, strings_are_escaped_in_one_way);
    tcase_add_test(tcase, null_characters_and_lone_surrogates_are_refused);
    tcase_add_test(tcase, nesting_is_deep_but_not_endless);
    tcase_add_test(tcase, walking_gives_keys_without_escapes);
    tcase_add_test(tcase, canonical_means_that_parsing_changes_nothing);
    suite_add_tcase(suite, tcase);
    return suite;
}
