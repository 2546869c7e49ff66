#include "replication/postgres/stream_internal.h"

#include "base/clock.h"
#include "base/log.h"
#include "types/error_value.h"

#define STATISTICS_INTERVAL_US INT64_C(1000000)
#define POSITION_INTERVAL_US   INT64_C(1000000) /* between batches that carry nothing but the position */

/* ---- statuses ---- */

void
stream_report(PostgresSource *source, uint64_t object_id, SourceStatus status, const char *error, const char *hint)
{
    StatusReport report = {.object_id = object_id,
                           .status = status,
                           .error = error == NULL ? NULL : memory_strdup(error),
                           .hint = hint == NULL ? NULL : memory_strdup(hint)};
    vector_push(&source->statuses, report);
}

SourceStatus
stream_table_status(const StreamTable *table)
{
    switch (table->state) {
    case TABLE_LIVE:
        return STATUS_RUNNING;
    case TABLE_BROKEN:
        return STATUS_CEASED;
    case TABLE_WAITING:
    case TABLE_COPYING:
        break;
    }
    return STATUS_STARTING;
}

void
stream_report_all(PostgresSource *source, SourceStatus status, const char *error, const char *hint)
{
    stream_report(source, source->id, status, error, hint);
    for (size_t i = 0; i < source->tables.count; i++) {
        const StreamTable *table = source->tables.items[i];
        if (table->state == TABLE_BROKEN)
            continue;
        bool running = status == STATUS_RUNNING;
        if (running && table->failures > 0 && table->state == TABLE_WAITING)
            continue; /* it has said why */
        stream_report(source, table->spec->table.object_id, running ? stream_table_status(table) : status, error, hint);
    }
}

/* ---- figures ---- */

static void
collect_statistics(PostgresSource *source, SourceBatch *batch)
{
    StatisticsReport total = source->statistics;
    for (size_t i = 0; i < source->tables.count; i++) {
        StatisticsReport *table = &source->tables.items[i]->statistics;
        total.updates_staged += table->updates_staged;
        total.snapshot_known += table->snapshot_known;
        total.snapshot_staged += table->snapshot_staged;
        vector_push(&batch->statistics, *table);
    }
    total.object_id = source->id;
    total.messages_received += total.snapshot_staged;
    total.offset_known = atomic_load(&source->upstream_lsn);
    if (total.offset_known < source->position)
        total.offset_known = source->position;
    vector_push(&batch->statistics, total);
}

/* ---- tables ---- */

static void
append_error(BatchWrite *write, const char *text)
{
    Arena *arena = arena_new();
    ErrorValue error = {.sqlstate = "XX000"};
    error.message = arena_printf(arena, "Source error: source must be dropped and recreated due to failure: %s", text);
    Datum value = datum_bytes(error_value_encode(&error, arena));
    SqlType type = SQL_TYPE(BYTEA);
    ChunkBuilder builder;
    chunk_builder_init(&builder, &type, 1);
    chunk_builder_append_datums(&builder, &value, 0, 1);
    vector_push(&write->errors, chunk_builder_finish(&builder));
    chunk_builder_deinit(&builder);
    arena_free(arena);
}

/* The copy is complete, and what came after it is known up to the position. */
static void
publish_snapshot(PostgresSource *source, StreamTable *table, BatchWrite *write)
{
    snapshot_take(table->snapshot, table->snapshot_index, write);
    if (table->changes.truncated) {
        for (size_t i = 0; i < write->staged.count; i++)
            store_discard_staged(source->store, write->staged.items[i]);
        write->staged.count = 0;
    }
    write->snapshot_done = true;
    table->statistics.updates_staged += table->statistics.snapshot_staged;
    table->state = TABLE_LIVE;
    table->failures = 0;
    stream_snapshot_forget(table);
    stream_report(source, table->spec->table.object_id, STATUS_RUNNING, NULL, NULL);
    log_info("postgres", "table is live source=u%llu table=%s.%s rows=%llu", (unsigned long long) source->id,
             table->spec->table.schema, table->spec->table.name,
             (unsigned long long) table->statistics.snapshot_staged);
}

static bool
settle(PostgresSource *source, StreamTable *table)
{
    Error err = ERROR_INIT;
    if (changes_settle(&table->changes, &err))
        return true;
    changes_clear(&table->changes);
    Buffer text = {0};
    buffer_printf(&text, "failed to cast raw column: %s", err.message);
    stream_break_table(source, table, buffer_text(&text));
    buffer_deinit(&text);
    error_clear(&err);
    return false;
}

static void
move_changes(StreamTable *table, BatchWrite *write)
{
    TableChanges *changes = &table->changes;
    write->replace = changes->truncated;
    changes->truncated = false;
    for (size_t i = 0; i < changes->done.count; i++) {
        table->statistics.updates_staged += changes->done.items[i]->count;
        vector_push(&write->rows, changes->done.items[i]);
    }
    changes->done.count = 0;
    changes->bytes = 0;
    for (size_t i = 0; i < changes->open.count; i++)
        changes->bytes += chunk_memory(changes->open.items[i]);
}

static void
publish_table(PostgresSource *source, StreamTable *table, SourceBatch *batch)
{
    BatchWrite write = {.shard_id = table->spec->table.shard_id};
    bool copied = table->state == TABLE_COPYING && table->copied;
    if ((table->state == TABLE_LIVE || copied || table->state == TABLE_BROKEN) && settle(source, table)) {
        if (copied) {
            changes_drop_before(&table->changes, table->snapshot_lsn);
            changes_forget_lsns(&table->changes);
            publish_snapshot(source, table, &write);
        }
        if (table->state != TABLE_COPYING)
            move_changes(table, &write);
    }
    if (table->error != NULL) {
        append_error(&write, table->error);
        free(table->error);
        table->error = NULL;
    }
    if (write.rows.count > 0 || write.errors.count > 0 || write.replace || write.snapshot_done)
        vector_push(&batch->writes, write);
}

/* ---- batches ---- */

bool
stream_has_output(const PostgresSource *source)
{
    return source->dirty.count > 0 || source->statuses.count > 0;
}

static bool
statistics_are_due(const PostgresSource *source, int64_t now_us)
{
    return source->statistics_dirty && now_us - source->statistics_us >= STATISTICS_INTERVAL_US;
}

static bool
position_is_due(const PostgresSource *source, int64_t now_us)
{
    return source->position > source->pushed && now_us - source->push_us >= POSITION_INTERVAL_US;
}

void
stream_flush(PostgresSource *source, int64_t now_us)
{
    bool position_due = position_is_due(source, now_us),
         with_statistics = position_due || statistics_are_due(source, now_us);
    if (source->refused || (!stream_has_output(source) && !with_statistics))
        return;
    SourceBatch *batch = source_batch_new(source->id);
    for (size_t i = 0; i < source->dirty.count; i++) { /* breaking a table may add to it: once more for its error */
        source->dirty.items[i]->dirty = false;
        publish_table(source, source->dirty.items[i], batch);
    }
    source->dirty.count = 0;
    for (size_t i = 0; i < source->statuses.count; i++)
        vector_push(&batch->statuses, source->statuses.items[i]);
    source->statuses.count = 0;
    if (with_statistics) {
        collect_statistics(source, batch);
        source->statistics_us = now_us;
        source->statistics_dirty = false;
    }
    if (batch->writes.count > 0)
        source->statistics_dirty = true;
    batch->resume = source->position;
    batch->transactions = source->transactions;
    batch->commit_us_max = source->commit_us_max;
    source->transactions = 0;
    source->push_us = now_us;
    source->pushed = source->position;
    source->refused = !tick_queue_push(source->queue, batch);
}
