#include "sqllogictest/runner.h"

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "sqllogictest/materialized.h"
#include "tests/lib/process.h"

enum { PRINTED_ROWS = 20 };

void
runner_init(Runner *runner, const RunnerOptions *options, Servers *servers)
{
    *runner = (Runner){
        .options = options,
        .servers = servers,
        .clients = map_new(),
        .variables = map_new(),
        .labels = map_new(),
    };
}

static void
free_texts(Map *map)
{
    Slice key;
    void *value;
    for (size_t i = 0; map != NULL && map_next(map, &i, &key, &value);) {
        free(value);
    }
    map_free(map);
}

void
runner_deinit(Runner *runner)
{
    Slice key;
    void *client;
    for (size_t i = 0; map_next(runner->clients, &i, &key, &client);) {
        client_free(client);
    }
    map_free(runner->clients);
    free_texts(runner->variables);
    free_texts(runner->labels);
    free_texts(runner->views);
}

Client *
runner_client(Runner *runner, const char *name)
{
    Client *client = map_get_text(runner->clients, name);
    if (client != NULL) {
        return client;
    }
    bool upstream = runner->oracle || strcmp(name, "upstream") == 0;
    char *conninfo = upstream ? servers_upstream_conninfo(runner->servers) : servers_conninfo(runner->servers);
    if (conninfo == NULL) {
        return NULL;
    }
    client = client_new(name, conninfo);
    free(conninfo);
    map_put(runner->clients, slice_of(name), client);
    return client;
}

static void
close_clients(Runner *runner, bool of_upstream)
{
    Slice key;
    void *value;
    for (size_t i = 0; map_next(runner->clients, &i, &key, &value);) {
        Client *client = value;
        if ((strcmp(client->name, "upstream") == 0) == of_upstream) {
            client_close(client);
        }
    }
}

static void
print_indented(const char *text)
{
    while (*text != '\0') {
        size_t size = strcspn(text, "\n");
        printf("    %.*s\n", (int) size, text);
        text += size + (text[size] == '\n');
    }
}

void
runner_fail(Runner *runner, const Record *record, const char *sql, const char *what, const char *more)
{
    runner->failed++;
    if (runner->failures != NULL) {
        runner->failures[runner->index] = true;
    }
    if (runner->oracle || runner->failed > runner->options->failures_max) {
        return;
    }
    printf("%s:%d: %s\n", runner->script->path, record->line, what);
    if (sql != NULL) {
        print_indented(sql);
    }
    if (more != NULL && more[0] != '\0') {
        printf("  %s%s", more, more[strlen(more) - 1] == '\n' ? "" : "\n");
    }
    Error death = ERROR_INIT;
    if (runner->servers->has_freshet && freshet_has_died(&runner->servers->freshet, &death)) {
        printf("  %s\n%s\n", death.message, death.detail);
    }
    error_clear(&death);
    fflush(stdout);
}

bool
runner_skips(const Runner *runner, const Record *record)
{
    for (size_t i = 0; i < record->conditions.count; i++) {
        const Condition *condition = &record->conditions.items[i];
        bool is_system = false;
        for (size_t j = 0; j < runner->options->systems.count; j++) {
            is_system = is_system || strcmp(runner->options->systems.items[j], condition->system) == 0;
        }
        if (is_system != condition->only) {
            return true;
        }
    }
    return false;
}

bool
runner_expand(const Runner *runner, const char *text, char **expanded, Error *err)
{
    Buffer out = {0};
    *expanded = NULL;
    for (const char *at = text; *at != '\0';) {
        const char *open = strstr(at, "${");
        const char *close = open != NULL ? strchr(open, '}') : NULL;
        if (close == NULL) {
            buffer_append_text(&out, at);
            break;
        }
        char name[128] = "";
        snprintf(name, sizeof name, "%.*s", (int) (close - open - 2), open + 2);
        const char *captured = map_get_text(runner->variables, name);
        char *value = captured != NULL ? memory_strdup(captured) : servers_variable(runner->servers, name);
        if (value == NULL) {
            buffer_deinit(&out);
            return error_set(err, SQLSTATE_UNDEFINED_OBJECT, "nothing defines ${%s}", name);
        }
        buffer_append(&out, at, (size_t) (open - at));
        buffer_append_text(&out, value);
        free(value);
        at = close + 1;
    }
    *expanded = buffer_take(&out);
    return true;
}

/* Whether the text holds the regular expression. A pattern that cannot be read is looked for as it stands. */
static bool
text_matches(const char *text, const char *pattern)
{
    int code;
    PCRE2_SIZE at;
    pcre2_code *compiled = pcre2_compile((PCRE2_SPTR) pattern, PCRE2_ZERO_TERMINATED, PCRE2_UTF, &code, &at, NULL);
    if (compiled == NULL) {
        return strstr(text, pattern) != NULL;
    }
    pcre2_match_data *match = pcre2_match_data_create_from_pattern(compiled, NULL);
    int found = pcre2_match(compiled, (PCRE2_SPTR) text, PCRE2_ZERO_TERMINATED, 0, 0, match, NULL);
    pcre2_match_data_free(match);
    pcre2_code_free(compiled);
    return found > 0;
}

/* One try of a record: what was wrong, in words and in full. Empty when all was well. */
typedef struct Verdict {
    const char *what; /* NULL: well */
    Buffer more;
} Verdict;

static void
verdict_set(Verdict *verdict, const char *what, const char *more)
{
    verdict->what = what;
    buffer_append_text(&verdict->more, more);
}

/* The record's expected lines with ${NAME} replaced; heap strings. */
static bool
expand_lines(const Runner *runner, const Lines *lines, Lines *expanded, Error *err)
{
    for (size_t i = 0; i < lines->count; i++) {
        char *line;
        if (!runner_expand(runner, lines->items[i], &line, err)) {
            return false;
        }
        vector_push(expanded, line);
    }
    return true;
}

static void
free_lines(Lines *lines)
{
    for (size_t i = 0; i < lines->count; i++) {
        free((char *) lines->items[i]);
    }
    vector_deinit(lines);
}

static void
judge_error(const Record *record, const Lines *expected, Outcome *outcome, Verdict *verdict)
{
    const char *error = buffer_text(&outcome->error);
    if (!outcome->failed) {
        verdict_set(verdict, "an error was expected, but it worked", "");
        return;
    }
    if (record->pattern != NULL && !text_matches(error, record->pattern)) {
        verdict_set(verdict, "another error was expected", error);
        buffer_printf(&verdict->more, "  expected to match: %s\n", record->pattern);
        return;
    }
    for (size_t i = 0; i < expected->count; i++) {
        if (strstr(error, expected->items[i]) == NULL) {
            verdict_set(verdict, "another error was expected", error);
            buffer_printf(&verdict->more, "  expected to contain: %s\n", expected->items[i]);
            return;
        }
    }
}

static void
judge_statement(const Record *record, Client *client, Outcome *outcome, Verdict *verdict)
{
    if (outcome->failed) {
        verdict_set(verdict, "the statement failed", buffer_text(&outcome->error));
    } else if (record->expectation == EXPECT_COUNT && outcome->count != record->count) {
        verdict_set(verdict, "the number of rows differs", "");
        buffer_printf(&verdict->more, "%ld rows, expected %ld", outcome->count, record->count);
    } else if (record->expectation == EXPECT_NOTICE &&
               (client->notices.size == 0 ||
                (record->pattern != NULL && !text_matches(buffer_text(&client->notices), record->pattern)))) {
        verdict_set(verdict, "a notice was expected", buffer_text(&client->notices));
    }
}

static void
judge_rows(const Record *record, const Lines *expected, ResultRows *rows, Verdict *verdict)
{
    Buffer why = {0};
    if (!result_rows_match(rows, record->sort, expected, &why)) {
        verdict_set(verdict, "the result differs", buffer_text(&why));
        buffer_append_text(&verdict->more, "\n  expected:\n");
        for (size_t i = 0; i < expected->count && i < PRINTED_ROWS; i++) {
            buffer_printf(&verdict->more, "    %s\n", expected->items[i]);
        }
        buffer_append_text(&verdict->more, "  got:\n");
        result_rows_print(rows, &verdict->more, PRINTED_ROWS);
    }
    buffer_deinit(&why);
}

/* Two queries of the same label must agree, whatever they return. What is kept is the hash and the rows in print. */
static void
judge_label(Runner *runner, const Record *record, ResultRows *rows, Verdict *verdict)
{
    char hash[33];
    if (record->label == NULL || verdict->what != NULL) {
        return;
    }
    Buffer seen = {0};
    result_rows_hash(rows, record->sort, hash);
    buffer_printf(&seen, "%s\n", hash);
    result_rows_print(rows, &seen, PRINTED_ROWS);
    const char *before = map_get_text(runner->labels, record->label);
    if (before == NULL) {
        map_put(runner->labels, slice_of(record->label), buffer_take(&seen));
    } else if (strncmp(before, hash, strlen(hash)) != 0) {
        verdict_set(verdict, "the result differs from that of another query with this label", record->label);
        buffer_printf(&verdict->more, "\n  the other:\n%s  this one:\n%s", before + sizeof hash,
                      buffer_text(&seen) + sizeof hash);
    }
    buffer_deinit(&seen);
}

static void
judge_query(Runner *runner, const Record *record, const Lines *expected, Outcome *outcome, ResultRows *rows,
            Verdict *verdict)
{
    size_t types = record->types != NULL ? strlen(record->types) : 0;
    size_t kept = 0;
    for (size_t i = 0; i < types; i++) {
        kept += record->types[i] != '_';
    }
    if (outcome->failed) {
        verdict_set(verdict, "the query failed", buffer_text(&outcome->error));
    } else if (types > 0 && rows->columns >= 0 && (size_t) rows->columns != kept) {
        verdict_set(verdict, "the number of columns differs", "");
        buffer_printf(&verdict->more, "%d columns, expected %zu", rows->columns, kept);
    } else {
        if (record->has_expected) {
            judge_rows(record, expected, rows, verdict);
        }
        judge_label(runner, record, rows, verdict);
    }
}

/* Runs the statement of a record once. */
static void
try_record(Runner *runner, const Record *record, Client *client, const char *sql, const Lines *expected,
           const Lines *data, ResultRows *rows, Verdict *verdict)
{
    Outcome outcome;
    int timeout_ms = record->timeout_ms > 0 ? record->timeout_ms : runner->options->timeout_ms;
    bool extended = runner->options->extended && record->kind == RECORD_QUERY;
    client_run(client, sql, extended, record->types, data, timeout_ms, rows, &outcome);
    if (record->expectation == EXPECT_ERROR) {
        judge_error(record, expected, &outcome, verdict);
    } else if (record->kind == RECORD_QUERY) {
        judge_query(runner, record, expected, &outcome, rows, verdict);
    } else {
        judge_statement(record, client, &outcome, verdict);
    }
    outcome_deinit(&outcome);
}

static void
capture(Runner *runner, const Record *record, const ResultRows *rows, Verdict *verdict)
{
    if (rows->rows.count == 0 || rows->columns < 1) {
        verdict_set(verdict, "the query of let gave no value", "");
        return;
    }
    free(map_put(runner->variables, slice_of(record->name), memory_strdup(rows->rows.items[0][0])));
}

static void
run_sql(Runner *runner, const Record *record)
{
    Error err = ERROR_INIT;
    char *sql = NULL;
    Lines expected = {0};
    Lines data = {0};
    const char *name = record->kind == RECORD_UPSTREAM ? "upstream" : record->connection;
    Client *client = runner_client(runner, name != NULL ? name : "");
    if (client == NULL) {
        runner_fail(runner, record, NULL, "there is no upstream server: start the runner with --postgres", NULL);
        return;
    }
    if (!runner_expand(runner, record->sql, &sql, &err) || !expand_lines(runner, &record->expected, &expected, &err) ||
        !expand_lines(runner, &record->data, &data, &err)) {
        runner_fail(runner, record, record->sql, "the record cannot be run", err.message);
    } else {
        int64_t deadline_us = clock_steady_us() + record->retry_ms * 1000LL;
        ResultRows rows;
        Verdict verdict = {0};
        result_rows_init(&rows);
        for (int pause_ms = 10;; pause_ms = pause_ms < 200 ? pause_ms * 2 : 200) {
            try_record(runner, record, client, sql, &expected, &data, &rows, &verdict);
            if (verdict.what == NULL || clock_steady_us() >= deadline_us || client_interrupted) {
                break;
            }
            if (!record->gather) {
                result_rows_deinit(&rows);
                result_rows_init(&rows);
            }
            verdict.what = NULL;
            buffer_clear(&verdict.more);
            sleep_ms(pause_ms);
        }
        if (verdict.what == NULL && record->kind == RECORD_LET) {
            capture(runner, record, &rows, &verdict);
        }
        if (verdict.what != NULL) {
            runner_fail(runner, record, sql, verdict.what, buffer_text(&verdict.more));
        } else {
            runner->passed++;
            if (record->kind == RECORD_QUERY && record->expectation == EXPECT_OK && !runner->oracle) {
                materialized_check(runner, record, &rows);
            }
        }
        buffer_deinit(&verdict.more);
        result_rows_deinit(&rows);
    }
    free(sql);
    free_lines(&expected);
    free_lines(&data);
    error_clear(&err);
}

static bool
control_upstream(Servers *servers, RecordKind kind, Error *err)
{
    if (!servers->has_postgres) {
        return error_set(err, SQLSTATE_CONNECTION_FAILURE, "there is no upstream server");
    }
    if (kind == RECORD_KILL) {
        postgres_kill(&servers->postgres);
    } else {
        postgres_stop(&servers->postgres);
    }
    return kind != RECORD_RESTART || postgres_start(&servers->postgres, err);
}

static bool
control_freshet(Servers *servers, RecordKind kind, Error *err)
{
    if (!servers->has_freshet) {
        return error_set(err, SQLSTATE_CONNECTION_FAILURE, "there is no Freshet to kill, stop or restart");
    }
    if (kind == RECORD_KILL) {
        freshet_kill(&servers->freshet);
    } else if (!freshet_stop(&servers->freshet, err)) {
        return false;
    }
    return kind != RECORD_RESTART || freshet_start(&servers->freshet, err);
}

static void
run_server_record(Runner *runner, const Record *record)
{
    Error err = ERROR_INIT;
    close_clients(runner, record->of_upstream);
    bool ok = record->of_upstream ? control_upstream(runner->servers, record->kind, &err)
                                  : control_freshet(runner->servers, record->kind, &err);
    if (ok) {
        runner->passed++;
    } else {
        runner_fail(runner, record, err.message, "the server did not do as told", err.detail);
    }
    error_clear(&err);
}

static void
run_record(Runner *runner, const Record *record)
{
    if (runner->options->verbose) {
        printf("%s:%d: %.100s\n", runner->script->path, record->line, record->sql != NULL ? record->sql : "");
        fflush(stdout);
    }
    switch (record->kind) {
    case RECORD_STATEMENT:
    case RECORD_QUERY:
    case RECORD_UPSTREAM:
    case RECORD_LET:
    case RECORD_COPY:
        run_sql(runner, record);
        break;
    case RECORD_KILL:
    case RECORD_STOP:
    case RECORD_RESTART:
        run_server_record(runner, record);
        break;
    case RECORD_SLEEP:
        sleep_ms(record->sleep_ms);
        break;
    case RECORD_HALT:
        runner->halted = true;
        break;
    }
}

void
runner_run(Runner *runner, const Script *script)
{
    runner->script = script;
    for (size_t i = 0; i < script->records.count && !runner->halted && !client_interrupted; i++) {
        const Record *record = &script->records.items[i];
        runner->index = i;
        if (runner_skips(runner, record) || (runner->excused != NULL && runner->excused[i])) {
            continue;
        }
        if (runner->options->materialized && !runner->oracle) {
            materialized_before(runner, i);
        }
        run_record(runner, record);
    }
}
