/*
 * Lexing: strings in all their spellings, numbers, operators, comments, identifiers, and what is refused.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "grammar/parse.h"
#include "tests/unit/grammar/round_trip.h"

static void
check_expr(const char *sql, const char *expected)
{
    char *text = printed_expr(sql);

    ck_assert_msg(strcmp(text, expected) == 0, "%s\n   is %s\n  not %s", sql, text, expected);
    free(text);
}

static void
check_refused(const char *sql, const char *expected)
{
    char *text = refused(sql);

    ck_assert_msg(strcmp(text, expected) == 0, "%s\n   gives %s\n   not %s", sql, text, expected);
    free(text);
}

START_TEST(strings_in_all_their_spellings)
{
    check_expr("'a''b'", "'a''b'");
    check_expr("'a\\n'", "'a\\n'");
    check_expr("E'a\\n\\t\\x41\\101\\'\\\\'", "'a\n\tAA''\\'");
    check_expr("e'\\u00e9\\U0001F600'", "'é😀'");
    check_expr("E'\\uD83D\\uDE00'", "'😀'");
    check_expr("U&'d\\0061t\\+000061\\\\'", "'data\\'");
    check_expr("U&'d!0061t!!' UESCAPE '!'", "'dat!'");
    check_expr("N'x'", "'x'");
    check_expr("'a'\n'b' -- comment\n  'c'", "'abc'");
    check_expr("E'a\\'b'\n'c\\n'", "'a''bc\n'");
    check_expr("$$it's$$", "'it''s'");
    check_expr("$tag$a $$ b$tag$", "'a $$ b'");
    check_expr("''", "''");
    check_expr("B'01' ", "b'01'");
    check_expr("X'ab'", "x'ab'");
}
END_TEST

START_TEST(strings_that_are_refused)
{
    check_refused("select 'abc", "42601 8: unterminated quoted string at or near \"'abc\"");
    check_refused("select E'abc\\'", "42601 8: unterminated quoted string at or near \"E'abc\\'\"");
    check_refused("select $a$abc", "42601 8: unterminated dollar-quoted string at or near \"$a$abc\"");
    check_refused("select \"abc", "42601 8: unterminated quoted identifier at or near \"\"abc\"");
    check_refused("select \"\"", "42601 8: zero-length delimited identifier at or near \"\"\"\"");
    check_refused("select /* /* */", "42601 8: unterminated /* comment at or near \"/* /* */\"");
    check_refused("select E'\\ud800x'", "42601 15: invalid Unicode surrogate pair");
    check_refused("select E'\\u12'", "22025 11: invalid Unicode escape");
    check_refused("select U&'\\12'", "42601 8: invalid Unicode escape");
    check_refused("select E'\\xff'", "22021 8: invalid byte sequence for encoding \"UTF8\": 0xff");
    check_refused("select E'\\000'", "22021 8: invalid byte sequence for encoding \"UTF8\": 0x00");
    check_refused("select 'a' 'b'", "42601 12: syntax error at or near \"'b'\"");
}
END_TEST

START_TEST(text_that_is_no_utf8_or_holds_a_nul)
{
    Arena *arena = arena_new();
    Error err = ERROR_INIT;
    AstStatementList list;

    ck_assert(!parse_statements(slice_make("select 1\0 2", 11), arena, &list, &err));
    ck_assert_str_eq(err.sqlstate, SQLSTATE_CHARACTER_NOT_IN_REPERTOIRE);
    ck_assert_str_eq(err.message, "invalid byte sequence for encoding \"UTF8\": 0x00");
    error_clear(&err);
    ck_assert(!parse_statements(slice_of("select '\xc3('"), arena, &list, &err));
    ck_assert_str_eq(err.sqlstate, SQLSTATE_CHARACTER_NOT_IN_REPERTOIRE);
    error_clear(&err);
    ck_assert(!parse_statements(slice_of("select '\xed\xa0\x80'"), arena, &list, &err));
    ck_assert_str_eq(err.sqlstate, SQLSTATE_CHARACTER_NOT_IN_REPERTOIRE);
    error_clear(&err);
    ck_assert(parse_statements(slice_make(NULL, 0), arena, &list, &err));
    ck_assert_int_eq(list.count, 0);
    arena_free(arena);
}
END_TEST

START_TEST(text_need_not_end_with_a_nul)
{
    Arena *arena = arena_new();
    Error err = ERROR_INIT;
    AstStatementList list;

    ck_assert(parse_statements(slice_make("select 12345", 9), arena, &list, &err));
    ck_assert_str_eq(list.items[0]->select->body->select->targets.items[0].expr->text, "12");
    ck_assert_uint_eq(list.items[0]->text.size, 9);
    arena_free(arena);
}
END_TEST

START_TEST(numbers)
{
    check_expr("1_000", "1000");
    check_expr(".5", ".5");
    check_expr("5.", "5.");
    check_expr("1e10", "1e10");
    check_expr("1.5E-3", "1.5E-3");
    check_expr("0x1F", "0x1F");
    check_expr("0b101", "0b101");
    check_refused("select 123abc", "42601 8: trailing junk after numeric literal at or near \"123abc\"");
    check_refused("select 1e", "42601 8: trailing junk after numeric literal at or near \"1e\"");
    check_refused("select $1a", "42601 8: trailing junk after parameter at or near \"$1a\"");
    check_refused("select $0", "42P02 8: there is no parameter $0");
    check_refused("select $99999999999999", "42P02 8: there is no parameter $99999999999999");
}
END_TEST

START_TEST(operators_end_where_postgresql_ends_them)
{
    check_expr("a--1\n+b", "a + b");
    check_expr("a/* x /* y */ */+b", "a + b");
    check_expr("a+/*x*/b", "a + b");
    check_expr("a*-b", "a * -b");
    check_expr("a=-5", "a = -5");
    check_expr("a<>-5", "a <> -5");
    check_expr("a@-b", "a @- b");
    check_expr("a!=b", "a <> b");
    check_expr("a->>'b'", "a ->> 'b'");
    check_expr("a-|-b", "a -|- b");
    check_expr("a::int::text", "a::integer::text");
    check_expr("a/*=*/ + b", "a + b");
}
END_TEST

START_TEST(identifiers_fold_and_have_a_limit)
{
    char sql[400] = "select ";

    check_expr("FooBar", "foobar");
    check_expr("\"FooBar\"", "\"FooBar\"");
    check_expr("\"a\"\"b\"", "\"a\"\"b\"");
    check_expr("Écran", "\"Écran\"");
    check_expr("a$1", "a$1");
    check_expr("U&\"d\\0061t\"", "dat");
    memset(sql + 7, 'a', 255);
    ck_assert_str_eq(refused(sql), "");
    sql[262] = 'a';
    check_refused(sql, "42622 8: identifier length exceeds 255 bytes");
    check_refused("select \"..\"", "42602 8: \"..\" is not permitted as an identifier");
}
END_TEST

START_TEST(errors_say_where_and_near_what)
{
    check_refused("select 1 from from", "42601 15: syntax error at or near \"from\"");
    check_refused("select 'é' x y", "42601 14: syntax error at or near \"y\"");
    check_refused("select (1", "42601 10: syntax error at end of input");
    check_refused("select 1; selec 2",
                  "42601 11: Expected a keyword at the beginning of a statement, found identifier \"selec\"");
    check_refused("1", "42601 1: Expected a keyword at the beginning of a statement, found number \"1\"");
    check_refused("'x'", "42601 1: Expected a keyword at the beginning of a statement, found string literal \"'x'\"");
    check_refused("select \\", "42601 8: syntax error at or near \"\\\"");
    check_refused("select a = b = c", "42601 14: syntax error at or near \"=\"");
    check_refused("create source s from postgres connection c (publication 'p', )",
                  "42601 62: syntax error at or near \")\"");
    check_refused("create connection c to postgres (host 'x' port 5)", "42601 43: syntax error at or near \"port\"");
    check_refused("create cluster c (size = )", "42601 26: syntax error at or near \")\"");
    check_refused("create cluster c (size '1' 2)", "42601 28: syntax error at or near \"2\"");
    check_refused("alter index i rotate keys", "42601 15: syntax error at or near \"rotate\"");
    check_refused("alter view v as 'x'", "42601 14: syntax error at or near \"as\"");
    check_refused("grant fly on t to r", "42601 7: syntax error at or near \"fly\"");
    check_refused("create role r wings", "42601 15: syntax error at or near \"wings\"");
    check_refused("create table t (a)", "42601 17: column \"a\" has no type");
    check_refused("truncate t",
                  "42601 1: Expected a keyword at the beginning of a statement, found identifier \"truncate\"");
}
END_TEST

START_TEST(exactly_one_statement_where_one_is_asked_for)
{
    Arena *arena = arena_new();
    Error err = ERROR_INIT;
    AstStatement *statement;

    ck_assert(parse_statement(slice_of(" select 1 ; "), arena, &statement, &err));
    ck_assert(!parse_statement(slice_of(" ; -- nothing"), arena, &statement, &err));
    ck_assert_str_eq(err.sqlstate, SQLSTATE_SYNTAX_ERROR);
    error_clear(&err);
    ck_assert(!parse_statement(slice_of("select 1; select 2"), arena, &statement, &err));
    ck_assert_int_eq(err.position, 11);
    error_clear(&err);
    arena_free(arena);
}
END_TEST

Suite *suite_grammar_lexer(void);

Suite *
suite_grammar_lexer(void)
{
    Suite *suite = suite_create("grammar lexer");
    TCase *group = tcase_create("lexer");

    tcase_add_test(group, strings_in_all_their_spellings);
    tcase_add_test(group, strings_that_are_refused);
    tcase_add_test(group, text_that_is_no_utf8_or_holds_a_nul);
    tcase_add_test(group, text_need_not_end_with_a_nul);
    tcase_add_test(group, numbers);
    tcase_add_test(group, operators_end_where_postgresql_ends_them);
    tcase_add_test(group, identifiers_fold_and_have_a_limit);
    tcase_add_test(group, errors_say_where_and_near_what);
    tcase_add_test(group, exactly_one_statement_where_one_is_asked_for);
    suite_add_tcase(suite, group);
    return suite;
}
