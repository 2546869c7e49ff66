#include "sqllogictest/materialized.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static bool
is_insert(const Record *record)
{
    return record->kind == RECORD_COPY || (record->kind == RECORD_STATEMENT && record->expectation != EXPECT_ERROR &&
                                           strncasecmp(record->sql, "INSERT", strlen("INSERT")) == 0);
}

static bool
is_view_query(const Runner *runner, const Record *record)
{
    return record->kind == RECORD_QUERY && record->expectation == EXPECT_OK && record->connection == NULL &&
           strncasecmp(record->sql, "SELECT", strlen("SELECT")) == 0 && !runner_skips(runner, record);
}

static void
create_view(Runner *runner, const Record *record, size_t number)
{
    const char *kind = runner->servers->has_freshet ? "MATERIALIZED VIEW" : "VIEW";
    Buffer name = {0};
    Buffer sql = {0};
    Outcome outcome;
    buffer_printf(&name, "script_view_%zu", number);
    buffer_printf(&sql, "CREATE %s %s AS %s", kind, buffer_text(&name), record->sql);
    client_run(runner_client(runner, ""), buffer_text(&sql), false, NULL, NULL, runner->options->timeout_ms, NULL,
               &outcome);
    if (outcome.failed) {
        runner_fail(runner, record, buffer_text(&sql), "the view could not be made", buffer_text(&outcome.error));
        buffer_deinit(&name);
    } else {
        runner->passed++;
        map_put(runner->views, slice_of(record->sql), buffer_take(&name));
    }
    buffer_deinit(&sql);
    outcome_deinit(&outcome);
}

void
materialized_before(Runner *runner, size_t index)
{
    const Script *script = runner->script;
    if (runner->views != NULL || !is_insert(&script->records.items[index])) {
        return;
    }
    runner->views = map_new();
    Map *seen = map_new();
    for (size_t i = index; i < script->records.count; i++) {
        const Record *record = &script->records.items[i];
        if (is_view_query(runner, record)) {
            map_put(seen, slice_of(record->sql), (void *) record);
        }
    }
    /* Too many views for one script: take them evenly from all of it. */
    size_t count = map_count(seen);
    size_t wanted = (size_t) runner->options->views_max;
    size_t number = 0;
    Slice key;
    void *value;
    for (size_t i = 0; map_next(seen, &i, &key, &value); number++) {
        if (count <= wanted || number * wanted / count != (number + 1) * wanted / count) {
            create_view(runner, value, number);
        }
    }
    map_free(seen);
}

void
materialized_check(Runner *runner, const Record *record, ResultRows *rows)
{
    const char *name = runner->views != NULL ? map_get_text(runner->views, record->sql) : NULL;
    if (name == NULL) {
        return;
    }
    Buffer sql = {0};
    Buffer why = {0};
    Outcome outcome;
    ResultRows kept;
    result_rows_init(&kept);
    buffer_printf(&sql, "SELECT * FROM %s", name);
    client_run(runner_client(runner, ""), buffer_text(&sql), runner->options->extended, record->types, NULL,
               runner->options->timeout_ms, &kept, &outcome);
    if (outcome.failed) {
        runner_fail(runner, record, record->sql, "the view of the query cannot be read", buffer_text(&outcome.error));
    } else if (!result_rows_same(rows, &kept, &why)) {
        buffer_append_text(&why, "\n  rows of the query:\n");
        result_rows_print(rows, &why, 20);
        buffer_append_text(&why, "  rows of the view:\n");
        result_rows_print(&kept, &why, 20);
        runner_fail(runner, record, record->sql, "the view of the query differs from the query", buffer_text(&why));
    } else {
        runner->passed++;
    }
    result_rows_deinit(&kept);
    outcome_deinit(&outcome);
    buffer_deinit(&sql);
    buffer_deinit(&why);
}
