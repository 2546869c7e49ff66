#include <check.h>

#include "replication/postgres/changes.h"

static TableSpec *spec;
static TableChanges changes;
static Error err;

static void
begin(void)
{
    SqlType type = SQL_TYPE(TEXT);
    Layout *layout = layout_new(&type, 1, (uint16_t[]){0}, 1, NULL, 0);
    SourceTableColumn column = {.upstream_name = "v", .attnum = 1, .type_oid = 25, .typmod = -1, .type = type};
    SourceTable table = {.schema = "s", .name = "t", .columns = &column, .column_count = 1, .layout = layout};
    spec = table_spec_new(&table);
    layout_release(layout);
    err = ERROR_INIT;
    changes_init(&changes, spec);
}

static void
end(void)
{
    changes_deinit(&changes);
    table_spec_release(spec);
    error_clear(&err);
}

static void
insert(const char *text, uint64_t lsn)
{
    PgoutputValue value = {.bytes = text, .size = (uint32_t) strlen(text), .kind = VALUE_TEXT};
    PgoutputTuple tuple = {&value, 1};
    ck_assert(changes_append(&changes, &tuple, NULL, (const uint16_t[]){0}, lsn, 1, &err));
}

/* Complete rows, joined by blanks, after settling. */
static void
expect(const char *rows)
{
    Buffer text = {0};
    ck_assert(changes_settle(&changes, &err));
    for (size_t i = 0; i < changes.done.count; i++)
        for (uint32_t row = 0; row < changes.done.items[i]->count; row++) {
            buffer_append_text(&text, text.size > 0 ? " " : "");
            buffer_append_slice(&text, column_bytes(changes.done.items[i]->columns[0], row));
        }
    ck_assert_str_eq(buffer_text(&text), rows);
    buffer_deinit(&text);
}

START_TEST(rows_of_an_open_transaction_are_kept_back)
{
    insert("a", 1);
    changes_commit(&changes, 1);
    insert("b", 2);
    expect("a");
    insert("c", 2);
    expect("a");
    changes_commit(&changes, 2);
    expect("a b c");
}
END_TEST

START_TEST(rows_that_are_rolled_back_leave_the_others)
{
    insert("a", 1);
    changes_commit(&changes, 1);
    insert("b", 2);
    changes_roll_back(&changes);
    expect("a");
    insert("c", 3);
    changes_commit(&changes, 3);
    expect("a c");
}
END_TEST

START_TEST(a_large_transaction_is_cut_into_chunks_and_stays_whole)
{
    insert("first", 1);
    changes_commit(&changes, 1);
    for (uint32_t i = 0; i < 3 * CHANGES_CHUNK_ROWS; i++)
        insert("x", 2);
    expect("first");
    changes_roll_back(&changes);
    expect("first");
    for (uint32_t i = 0; i < 3 * CHANGES_CHUNK_ROWS; i++)
        insert("x", 2);
    changes_commit(&changes, 2);
    ck_assert(changes_settle(&changes, &err));
    uint64_t rows = 0;
    for (size_t i = 0; i < changes.done.count; i++)
        rows += changes.done.items[i]->count;
    ck_assert_uint_eq(rows, 1 + 3 * CHANGES_CHUNK_ROWS);
}
END_TEST

START_TEST(truncate_takes_what_came_before_when_it_commits)
{
    insert("a", 1);
    changes_commit(&changes, 1);
    insert("b", 2);
    changes_truncate(&changes);
    insert("c", 2);
    expect("a");
    changes_commit(&changes, 2);
    expect("c");
    ck_assert(changes.truncated);
    ck_assert_uint_eq(changes.truncate_lsn, 2);
}
END_TEST

START_TEST(truncate_that_is_rolled_back_took_nothing)
{
    insert("a", 1);
    changes_commit(&changes, 1);
    changes_truncate(&changes);
    insert("b", 2);
    changes_roll_back(&changes);
    expect("a");
    ck_assert(!changes.truncated);
}
END_TEST

START_TEST(rows_that_a_snapshot_has_are_dropped)
{
    changes.keep_lsns = true;
    for (uint64_t lsn = 1; lsn <= 4; lsn++) {
        insert(lsn % 2 == 0 ? "even" : "odd", lsn);
        changes_commit(&changes, lsn);
    }
    expect("odd even odd even");
    changes_drop_before(&changes, 3);
    expect("odd even");
    changes_forget_lsns(&changes);
    ck_assert_uint_eq(chunk_time(changes.done.items[0], 0), 0);
    changes_truncate(&changes);
    changes_commit(&changes, 5);
    changes_drop_before(&changes, 9);
    ck_assert(!changes.truncated);
}
END_TEST

START_TEST(text_that_is_no_utf8_spoils_the_table_when_it_is_handed_on)
{
    insert("\xc3", 1);
    changes_commit(&changes, 1);
    insert("b", 2);
    changes_roll_back(&changes);
    ck_assert(!changes_settle(&changes, &err));
    ck_assert_str_eq(err.sqlstate, SQLSTATE_CHARACTER_NOT_IN_REPERTOIRE);
}
END_TEST

START_TEST(an_unchanged_value_without_an_old_row_is_an_error)
{
    PgoutputValue value = {.kind = VALUE_UNCHANGED};
    PgoutputTuple tuple = {&value, 1};
    ck_assert(!changes_append(&changes, &tuple, NULL, (const uint16_t[]){0}, 1, 1, &err));
    ck_assert_int_eq(strncmp(err.message, "TOASTed value missing from old row.", 35), 0);
    ck_assert(changes_is_empty(&changes));
}
END_TEST

Suite *suite_replication_changes(void);

Suite *
suite_replication_changes(void)
{
    Suite *suite = suite_create("replication_changes");
    TCase *tcase = tcase_create("changes");
    tcase_add_checked_fixture(tcase, begin, end);
    tcase_add_test(tcase, rows_of_an_open_transaction_are_kept_back);
    tcase_add_test(tcase, rows_that_are_rolled_back_leave_the_others);
    tcase_add_test(tcase, a_large_transaction_is_cut_into_chunks_and_stays_whole);
    tcase_add_test(tcase, truncate_takes_what_came_before_when_it_commits);
    tcase_add_test(tcase, truncate_that_is_rolled_back_took_nothing);
    tcase_add_test(tcase, rows_that_a_snapshot_has_are_dropped);
    tcase_add_test(tcase, text_that_is_no_utf8_spoils_the_table_when_it_is_handed_on);
    tcase_add_test(tcase, an_unchanged_value_without_an_old_row_is_an_error);
    suite_add_tcase(suite, tcase);
    return suite;
}
