#include "tests/unit/replication/follower.h"

#include <check.h>
#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/clock.h"
#include "collection/scan.h"
#include "tests/lib/process.h"
#include "types/error_value.h"
#include "types/text_format.h"

#define PATIENCE_MS 30000
#define POLL_MS     10

/* ---- the thread that commits ---- */

typedef struct CommitResult {
    pthread_mutex_t lock;
    pthread_cond_t done;
    bool ended;
    Error err;
} CommitResult;

static void
commit_done(void *context, Tick *tick, const Error *err)
{
    CommitResult *result = context;
    if (tick != NULL)
        tick_release(tick);
    pthread_mutex_lock(&result->lock);
    if (err != NULL && error_is_set(err))
        error_copy(&result->err, err);
    result->ended = true;
    pthread_cond_signal(&result->done);
    pthread_mutex_unlock(&result->lock);
}

static void
commit_and_wait(Follower *follower, TickCommit *commit)
{
    CommitResult result = {.err = ERROR_INIT};
    pthread_mutex_init(&result.lock, NULL);
    pthread_cond_init(&result.done, NULL);
    store_commit(follower->store, commit, commit_done, &result);
    pthread_mutex_lock(&result.lock);
    while (!result.ended)
        pthread_cond_wait(&result.done, &result.lock);
    pthread_mutex_unlock(&result.lock);
    ck_assert_msg(!error_is_set(&result.err), "%s", result.err.message);
}

static FollowedTable *
table_by_object(Follower *follower, uint64_t object_id)
{
    for (size_t i = 0; i < follower->tables.count; i++)
        if (follower->tables.items[i]->table.object_id == object_id)
            return follower->tables.items[i];
    return NULL;
}

static void
take_write(Follower *follower, TickCommit *commit, BatchWrite *from)
{
    ShardWrite *write = tick_commit_shard(commit, from->shard_id);
    if (from->replace) {
        chunk_vector_release(&write->rows);
        for (size_t i = 0; i < write->staged.count; i++)
            store_discard_staged(follower->store, write->staged.items[i]);
        write->staged.count = 0;
        write->replace = true;
    }
    for (size_t i = 0; i < from->rows.count; i++)
        vector_push(&write->rows, from->rows.items[i]);
    for (size_t i = 0; i < from->errors.count; i++)
        vector_push(&write->errors, from->errors.items[i]);
    for (size_t i = 0; i < from->staged.count; i++)
        vector_push(&write->staged, from->staged.items[i]);
    from->rows.count = from->errors.count = from->staged.count = 0;
}

static void
take_status(StatusReport *to, const StatusReport *from)
{
    free(to->error);
    *to = *from;
    to->error = from->error == NULL ? NULL : memory_strdup(from->error);
    to->hint = NULL;
}

static void
take_reports(Follower *follower, SourceBatch *batch)
{
    pthread_mutex_lock(&follower->lock);
    for (size_t i = 0; i < batch->statuses.count; i++) {
        FollowedTable *table = table_by_object(follower, batch->statuses.items[i].object_id);
        take_status(table != NULL ? &table->status : &follower->status, &batch->statuses.items[i]);
    }
    for (size_t i = 0; i < batch->statistics.count; i++) {
        FollowedTable *table = table_by_object(follower, batch->statistics.items[i].object_id);
        *(table != NULL ? &table->statistics : &follower->statistics) = batch->statistics.items[i];
    }
    for (size_t i = 0; i < batch->writes.count; i++)
        for (size_t t = 0; t < follower->tables.count; t++)
            if (follower->tables.items[t]->table.shard_id == batch->writes.items[i].shard_id) {
                FollowedTable *table = follower->tables.items[t];
                table->readable = table->readable || batch->writes.items[i].snapshot_done;
                table->broken = table->broken || batch->writes.items[i].errors.count > 0;
            }
    follower->batches++;
    follower->transactions += batch->transactions;
    pthread_mutex_unlock(&follower->lock);
}

/* All that waits becomes one tick, as the coordinator does it. */
static bool
take_batches(Follower *follower)
{
    TickCommit *commit = NULL;
    uint64_t resume = follower->resume;
    for (SourceBatch *batch; (batch = tick_queue_pop(follower->queue)) != NULL;) {
        ck_assert_msg(batch->resume >= resume, "the position moves back");
        if (commit == NULL)
            commit = tick_commit_new();
        take_reports(follower, batch);
        for (size_t i = 0; i < batch->writes.count; i++)
            take_write(follower, commit, &batch->writes.items[i]);
        resume = batch->resume;
        source_batch_free(batch, follower->store);
    }
    if (commit == NULL)
        return false;
    commit->timestamp = ++follower->now;
    commit_and_wait(follower, commit);
    pthread_mutex_lock(&follower->lock);
    follower->resume = resume;
    PostgresSource *source = follower->source;
    pthread_mutex_unlock(&follower->lock);
    if (source != NULL)
        postgres_source_confirm(source, resume);
    return true;
}

static void *
follower_thread(void *context)
{
    Follower *follower = context;
    pthread_mutex_lock(&follower->lock);
    while (!follower->ending) {
        if (!follower->woken || follower->paused) {
            pthread_cond_wait(&follower->changed, &follower->lock);
            continue;
        }
        follower->woken = false;
        pthread_mutex_unlock(&follower->lock);
        while (take_batches(follower))
            ;
        pthread_mutex_lock(&follower->lock);
    }
    pthread_mutex_unlock(&follower->lock);
    return NULL;
}

static void
follower_wake(void *context)
{
    Follower *follower = context;
    pthread_mutex_lock(&follower->lock);
    follower->woken = true;
    pthread_cond_broadcast(&follower->changed);
    pthread_mutex_unlock(&follower->lock);
}

/* ---- making ---- */

Follower *
follower_new(const Postgres *upstream, const char *database)
{
    Follower *follower = memory_calloc(1, sizeof *follower);
    Error err = ERROR_INIT;
    follower->upstream = upstream;
    follower->database = database;
    follower->arena = arena_new();
    follower->directory = directory_new("follower");
    follower->config = (PostgresConfig){.host = memory_strdup("127.0.0.1"),
                                        .port = upstream->port,
                                        .database = memory_strdup(database),
                                        .user = memory_strdup("replicator"),
                                        .password = memory_strdup(upstream->password),
                                        .ssl_mode = memory_strdup("disable")};
    StoreOptions options = {.directory = follower->directory};
    bool opened = store_open(&options, &follower->store, &err);
    ck_assert_msg(opened, "%s", opened ? "" : err.message);
    pthread_mutex_init(&follower->lock, NULL);
    pthread_cond_init(&follower->changed, NULL);
    follower->queue = tick_queue_new(64 << 20, follower->store, follower_wake, follower);
    return follower;
}

void
follower_free(Follower *follower)
{
    follower_stop(follower);
    tick_queue_close(follower->queue);
    tick_queue_free(follower->queue);
    store_close(follower->store);
    for (size_t i = 0; i < follower->tables.count; i++) {
        layout_release(follower->tables.items[i]->table.layout);
        free(follower->tables.items[i]->status.error);
        free(follower->tables.items[i]);
    }
    vector_deinit(&follower->tables);
    free(follower->status.error);
    postgres_config_deinit(&follower->config);
    directory_remove(follower->directory);
    free(follower->directory);
    arena_free(follower->arena);
    pthread_mutex_destroy(&follower->lock);
    pthread_cond_destroy(&follower->changed);
    free(follower);
}

static void
column_references(Follower *follower, const char *schema, const char *table, const char *const *names,
                  const ColumnReference **references, int *count)
{
    int most = 0;
    while (names != NULL && names[most] != NULL)
        most++;
    ColumnReference *made = arena_new_array(follower->arena, ColumnReference, most + 1);
    for (int i = 0; i < most; i++)
        made[i] = (ColumnReference){schema, table, names[i], 0};
    *references = made;
    *count = most;
}

static void
describe(Follower *follower, const InspectedTable *inspected, SourceTable *table)
{
    SqlType *types = arena_new_array(follower->arena, SqlType, inspected->column_count + 1);
    int *taken = arena_new_array(follower->arena, int, inspected->column_count + 1);
    table->upstream_oid = inspected->oid;
    table->schema = inspected->schema;
    table->name = inspected->name;
    table->columns = arena_new_array(follower->arena, SourceTableColumn, inspected->column_count + 1);
    table->needs_snapshot = true;
    for (int i = 0; i < inspected->column_count; i++) {
        const InspectedColumn *column = &inspected->columns[i];
        taken[i] = column->excluded ? -1 : table->column_count;
        if (column->excluded)
            continue;
        types[table->column_count] = column->type;
        table->columns[table->column_count++] =
            (SourceTableColumn){column->name,     column->attnum,  column->type_oid, column->typmod,
                                column->not_null, column->as_text, column->type};
    }
    table->keys = arena_new_array(follower->arena, InspectedKey, inspected->key_count + 1);
    for (int k = 0; k < inspected->key_count; k++) {
        InspectedKey *key = &table->keys[table->key_count++];
        key->count = inspected->keys[k].count;
        key->primary = inspected->keys[k].primary;
        key->columns = arena_new_array(follower->arena, int, key->count);
        for (int c = 0; c < key->count; c++)
            key->columns[c] = taken[inspected->keys[k].columns[c]];
    }
    uint16_t *all = arena_new_array(follower->arena, uint16_t, table->column_count + 1);
    for (int i = 0; i < table->column_count; i++)
        all[i] = (uint16_t) i;
    table->layout = layout_new(types, (uint16_t) table->column_count, all, (uint16_t) table->column_count, NULL, 0);
}

FollowedTable *
follower_add(Follower *follower, const char *name, const char *const *text_columns, const char *const *exclude_columns)
{
    Error err = ERROR_INIT;
    Inspection inspection;
    const char *dot = strchr(name, '.');
    ReferenceRequest reference = {arena_strndup(follower->arena, name, (size_t) (dot - name)), dot + 1};
    InspectRequest request = {.publication = "pub",
                              .references = REFERENCE_TABLES,
                              .tables = &reference,
                              .table_count = 1,
                              .for_table = true};
    column_references(follower, reference.schema, reference.table, text_columns, &request.text_columns,
                      &request.text_column_count);
    column_references(follower, reference.schema, reference.table, exclude_columns, &request.exclude_columns,
                      &request.exclude_column_count);
    bool ok = postgres_inspect(&follower->config, &request, follower->arena, &inspection, &err);
    ck_assert_msg(ok, "%s: %s", ok ? "" : err.message, ok || err.detail == NULL ? "" : err.detail);
    follower->timeline_id = inspection.timeline_id;

    FollowedTable *table = memory_calloc(1, sizeof *table);
    describe(follower, &inspection.tables[0], &table->table);
    table->table.object_id = 100 + follower->tables.count;
    table->table.shard_id = 1000 + follower->tables.count;
    pthread_mutex_lock(&follower->lock);
    vector_push(&follower->tables, table);
    pthread_mutex_unlock(&follower->lock);

    follower_pause(follower, true);
    TickCommit *commit = tick_commit_new();
    commit->timestamp = ++follower->now;
    ShardSpec spec = {
        .shard_id = table->table.shard_id, .layout = layout_retain(table->table.layout), .lockstep = true};
    vector_push(&commit->created, spec);
    commit_and_wait(follower, commit);
    follower_pause(follower, false);
    if (follower->source != NULL)
        postgres_source_add_table(follower->source, &table->table);
    return table;
}

/* ---- running ---- */

static void
source_begin(Follower *follower)
{
    SourceTable *tables = memory_calloc(follower->tables.count + 1, sizeof *tables);
    for (size_t i = 0; i < follower->tables.count; i++) {
        tables[i] = follower->tables.items[i]->table;
        tables[i].needs_snapshot = !follower->tables.items[i]->readable;
        tables[i].is_broken = follower->tables.items[i]->broken;
    }
    PostgresSourceOptions options = {.source_id = 1,
                                     .config = follower->config,
                                     .slot = "freshet_test",
                                     .publication = "pub",
                                     .database = follower->database,
                                     .timeline_id = follower->checks_timeline ? follower->timeline_id : 0,
                                     .resume_lsn = follower->resume,
                                     .tables = tables,
                                     .table_count = (int) follower->tables.count,
                                     .store = follower->store,
                                     .queue = follower->queue};
    PostgresSource *source = postgres_source_start(&options);
    pthread_mutex_lock(&follower->lock);
    follower->source = source;
    pthread_mutex_unlock(&follower->lock);
    free(tables);
}

void
follower_start(Follower *follower)
{
    follower->ending = false;
    pthread_create(&follower->thread, NULL, follower_thread, follower);
    source_begin(follower);
}

void
follower_stop(Follower *follower)
{
    if (follower->source == NULL)
        return;
    pthread_mutex_lock(&follower->lock);
    follower->ending = true;
    pthread_cond_broadcast(&follower->changed);
    pthread_mutex_unlock(&follower->lock);
    pthread_join(follower->thread, NULL);
    tick_queue_refuse(follower->queue, 1);
    int64_t began_us = clock_steady_us();
    postgres_source_stop(follower->source);
    ck_assert_msg(clock_steady_us() - began_us < 5000000, "stopping takes too long");
    follower->source = NULL;
    for (SourceBatch *batch; (batch = tick_queue_pop(follower->queue)) != NULL;)
        source_batch_free(batch, follower->store); /* lost, as in a crash */
    tick_queue_accept(follower->queue, 1);
}

void
follower_restart(Follower *follower)
{
    follower_stop(follower);
    follower_start(follower);
}

void
follower_pause(Follower *follower, bool paused)
{
    pthread_mutex_lock(&follower->lock);
    follower->paused = paused;
    pthread_cond_broadcast(&follower->changed);
    pthread_mutex_unlock(&follower->lock);
    if (paused)
        sleep_ms(50); /* a commit that has begun ends */
}

/* ---- contents ---- */

static int
line_compare(const void *a, const void *b)
{
    return strcmp(*(char *const *) a, *(char *const *) b);
}

typedef VECTOR(char *) Lines;

static char *
lines_join(Lines *lines)
{
    Buffer text = {0};
    if (lines->count > 0)
        qsort(lines->items, lines->count, sizeof *lines->items, line_compare);
    for (size_t i = 0; i < lines->count; i++) {
        buffer_printf(&text, "%s\n", lines->items[i]);
        free(lines->items[i]);
    }
    vector_deinit(lines);
    return buffer_take(&text);
}

static void
chunk_lines(const FollowedTable *table, const Chunk *chunk, Lines *lines)
{
    for (uint32_t row = 0; row < chunk->count; row++) {
        Buffer line = {0};
        for (int c = 0; c < table->table.column_count; c++) {
            SqlType type = table->table.columns[c].type;
            Datum value = column_datum(chunk->columns[c], type, row);
            buffer_append_text(&line, c > 0 ? "|" : "");
            if (value.is_null)
                buffer_append_text(&line, "\\N");
            else
                datum_print(type, value, NULL, &line);
        }
        if (chunk_diff(chunk, row) < 0)
            buffer_printf(&line, " times %lld", (long long) chunk_diff(chunk, row));
        for (int64_t i = 0; i < chunk_diff(chunk, row) || i == 0; i++)
            vector_push(lines, memory_strdup(buffer_text(&line)));
        buffer_deinit(&line);
    }
}

static void
scan_lines(SpineSnapshot *snapshot, const FollowedTable *table, Lines *lines)
{
    Error err = ERROR_INIT;
    SpineScan *scan = spine_scan_new(snapshot, snapshot->upper - 1);
    for (bool done = false; !done;) {
        Chunk *chunk;
        bool ok = spine_scan_next(scan, 1 << 20, &chunk, &done, &err);
        ck_assert_msg(ok, "%s", ok ? "" : err.message);
        if (chunk != NULL && table != NULL)
            chunk_lines(table, chunk, lines);
        for (uint32_t row = 0; chunk != NULL && table == NULL && row < chunk->count; row++) {
            Arena *arena = arena_new();
            ErrorValue error = error_value_decode(column_bytes(chunk->columns[0], row), arena);
            Buffer line = {0};
            buffer_printf(&line, "error: %s", error.message);
            vector_push(lines, buffer_take(&line));
            arena_free(arena);
        }
        chunk_release(chunk);
    }
    spine_scan_free(scan);
}

char *
follower_contents(Follower *follower, const FollowedTable *table)
{
    ShardSnapshot snapshot;
    Lines lines = {0};
    ck_assert(store_snapshot(follower->store, table->table.shard_id, &snapshot));
    scan_lines(snapshot.errors, NULL, &lines);
    if (lines.count == 0)
        scan_lines(snapshot.rows, table, &lines);
    spine_snapshot_release(snapshot.rows);
    spine_snapshot_release(snapshot.errors);
    return lines_join(&lines);
}

char *
upstream_contents(const Follower *follower, const char *query)
{
    char *conninfo = postgres_conninfo(follower->upstream, follower->database);
    PGconn *connection = PQconnectdb(conninfo);
    PGresult *result = PQexec(connection, query);
    ck_assert_msg(PQresultStatus(result) == PGRES_TUPLES_OK, "%s", PQerrorMessage(connection));
    Lines lines = {0};
    for (int row = 0; row < PQntuples(result); row++) {
        Buffer line = {0};
        for (int c = 0; c < PQnfields(result); c++)
            buffer_printf(&line, "%s%s", c > 0 ? "|" : "",
                          PQgetisnull(result, row, c) ? "\\N" : PQgetvalue(result, row, c));
        vector_push(&lines, buffer_take(&line));
    }
    PQclear(result);
    PQfinish(connection);
    free(conninfo);
    return lines_join(&lines);
}

static bool
is_readable(Follower *follower, const FollowedTable *table)
{
    pthread_mutex_lock(&follower->lock);
    bool readable = table->readable || table->broken;
    pthread_mutex_unlock(&follower->lock);
    return readable;
}

void
follower_expect_query(Follower *follower, const FollowedTable *table, const char *query)
{
    for (int waited = 0;; waited += POLL_MS) {
        char *expected = upstream_contents(follower, query), *found = follower_contents(follower, table);
        bool equal = is_readable(follower, table) && strcmp(expected, found) == 0;
        if (!equal && waited >= PATIENCE_MS)
            ck_abort_msg("%s.%s holds\n%.2000s\nupstream has\n%.2000s\nstatus: %s / %s", table->table.schema,
                         table->table.name, found, expected,
                         follower->status.error == NULL ? "" : follower->status.error,
                         table->status.error == NULL ? "" : table->status.error);
        free(expected);
        free(found);
        if (equal)
            return;
        sleep_ms(POLL_MS);
    }
}

void
follower_expect(Follower *follower, const FollowedTable *table)
{
    Buffer query = {0};
    buffer_printf(&query, "SELECT * FROM \"%s\".\"%s\"", table->table.schema, table->table.name);
    follower_expect_query(follower, table, buffer_text(&query));
    buffer_deinit(&query);
}

void
follower_expect_error(Follower *follower, const FollowedTable *table, const char *part)
{
    for (int waited = 0;; waited += POLL_MS) {
        char *found = follower_contents(follower, table);
        bool there = strncmp(found, "error: ", 7) == 0 && strstr(found, part) != NULL;
        if (!there && waited >= PATIENCE_MS)
            ck_abort_msg("%s.%s holds\n%.2000s\ninstead of an error with %s", table->table.schema, table->table.name,
                         found, part);
        free(found);
        if (there)
            return;
        sleep_ms(POLL_MS);
    }
}

void
follower_expect_status(Follower *follower, const StatusReport *status, SourceStatus expected)
{
    for (int waited = 0;; waited += POLL_MS) {
        pthread_mutex_lock(&follower->lock);
        SourceStatus found = status->status;
        pthread_mutex_unlock(&follower->lock);
        if (found == expected)
            return;
        if (waited >= PATIENCE_MS)
            ck_abort_msg("status is %d, not %d: %s", found, expected, status->error == NULL ? "" : status->error);
        sleep_ms(POLL_MS);
    }
}

void
follower_run(const Follower *follower, const char *sql)
{
    Error err = ERROR_INIT;
    bool ok = postgres_execute(follower->upstream, follower->database, sql, &err);
    ck_assert_msg(ok, "%s", ok ? "" : err.message);
}
