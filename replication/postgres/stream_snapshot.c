#include "replication/postgres/stream_internal.h"

#include "base/clock.h"
#include "base/log.h"

#define RETRY_US_MIN INT64_C(1000000)
#define RETRY_US_MAX INT64_C(30000000)

static void
snapshot_wake(void *context)
{
    source_wake(context);
}

void
stream_snapshot_forget(StreamTable *table)
{
    if (table->snapshot != NULL)
        snapshot_cancel(table->snapshot, table->snapshot_index);
    table->snapshot = NULL;
    table->lsn_known = table->copied = false;
    free(table->doubt);
    table->doubt = NULL;
}

static bool
wants_snapshot(const StreamTable *table, int64_t now_us)
{
    return table->state == TABLE_WAITING && table->retry_us <= now_us;
}

/* ---- beginning ---- */

static void
begin_table(PostgresSource *source, StreamTable *table, int index)
{
    table->state = TABLE_COPYING;
    table->snapshot_index = index;
    table->snapshot_bytes = 0;
    changes_clear(&table->changes);
    table->changes.keep_lsns = true;
    table->statistics.has_snapshot = source->statistics.has_snapshot = true;
    table->statistics.snapshot_known = table->statistics.snapshot_staged = 0;
    stream_report(source, table->spec->table.object_id, STATUS_STARTING, NULL, NULL);
}

/* Their changes are kept from now on; the snapshot's LSN lies beyond all that has come so far. */
void
stream_snapshots_begin(PostgresSource *source, int64_t now_us)
{
    if (!source->slot_ready || source->snapshots.count >= SNAPSHOTS_MAX)
        return;
    VECTOR(TableSpec *) specs = {0};
    VECTOR(StreamTable *) tables = {0};
    for (size_t i = 0; i < source->tables.count; i++) {
        StreamTable *table = source->tables.items[i];
        if (!wants_snapshot(table, now_us))
            continue;
        begin_table(source, table, (int) tables.count);
        vector_push(&specs, table->spec);
        vector_push(&tables, table);
    }
    if (tables.count > 0) {
        SnapshotOptions options = {.config = &source->config,
                                   .publication = source->publication,
                                   .specs = specs.items,
                                   .count = (int) specs.count,
                                   .store = source->store,
                                   .wake = snapshot_wake,
                                   .context = source};
        Snapshot *snapshot = snapshot_start(&options);
        for (size_t i = 0; i < tables.count; i++)
            tables.items[i]->snapshot = snapshot;
        vector_push(&source->snapshots, snapshot);
        log_info("postgres", "snapshot begins source=u%llu tables=%zu", (unsigned long long) source->id, tables.count);
    }
    vector_deinit(&specs);
    vector_deinit(&tables);
}

int64_t
stream_snapshots_due(const PostgresSource *source)
{
    int64_t due = INT64_MAX;
    for (size_t i = 0; i < source->tables.count; i++)
        if (source->tables.items[i]->state == TABLE_WAITING && source->tables.items[i]->retry_us < due)
            due = source->tables.items[i]->retry_us;
    return source->slot_ready && source->snapshots.count < SNAPSHOTS_MAX ? due : INT64_MAX;
}

/* ---- following ---- */

static void
failed(PostgresSource *source, StreamTable *table, const char *text, int64_t now_us)
{
    int64_t wait_us = RETRY_US_MIN << (table->failures < 5 ? table->failures : 5);
    table->failures++;
    stream_snapshot_forget(table);
    changes_clear(&table->changes);
    table->state = TABLE_WAITING;
    table->retry_us = now_us + (wait_us < RETRY_US_MAX ? wait_us : RETRY_US_MAX);
    log_warn("postgres", "snapshot failed source=u%llu table=%s.%s: %s", (unsigned long long) source->id,
             table->spec->table.schema, table->spec->table.name, text);
    Buffer status = {0};
    buffer_printf(&status, "postgres: %s", text);
    stream_report(source, table->spec->table.object_id, STATUS_STALLED, buffer_text(&status), NULL);
    buffer_deinit(&status);
}

static void
learn_lsn(PostgresSource *source, StreamTable *table, uint64_t lsn)
{
    Error err = ERROR_INIT;
    table->lsn_known = true;
    table->snapshot_lsn = lsn;
    if (!changes_settle(&table->changes, &err))
        table->changes.bad_text = true;
    error_clear(&err);
    changes_drop_before(&table->changes, lsn);
    if (table->doubt != NULL && table->doubt_lsn >= lsn)
        stream_break_table(source, table, table->doubt);
    free(table->doubt);
    table->doubt = NULL;
}

static void
note_progress(PostgresSource *source, StreamTable *table, const SnapshotProgress *progress)
{
    StatisticsReport *statistics = &table->statistics;
    source->statistics.bytes_received += progress->bytes - table->snapshot_bytes;
    table->snapshot_bytes = progress->bytes;
    if (statistics->snapshot_known == progress->rows_known && statistics->snapshot_staged == progress->rows_staged)
        return;
    statistics->snapshot_known = progress->rows_known;
    statistics->snapshot_staged = progress->rows_staged;
    source->statistics_dirty = true;
}

static void
follow_table(PostgresSource *source, StreamTable *table, int64_t now_us)
{
    uint64_t lsn;
    SnapshotProgress progress = snapshot_progress(table->snapshot, table->snapshot_index);
    note_progress(source, table, &progress);
    if (!table->lsn_known && snapshot_lsn(table->snapshot, &lsn))
        learn_lsn(source, table, lsn);
    if (table->state != TABLE_COPYING || progress.state == COPY_PENDING)
        return;
    if (progress.state == COPY_DONE) {
        /* It is handed on when the stream has come as far. */
        table->copied = source->position >= table->snapshot_lsn;
        if (table->copied)
            stream_mark_dirty(source, table);
        else
            source->wants_position = true;
        return;
    }
    Arena *arena = arena_new();
    const char *text = snapshot_failure(table->snapshot, table->snapshot_index, arena);
    if (progress.state == COPY_BROKEN)
        stream_break_table(source, table, text);
    else
        failed(source, table, text, now_us);
    arena_free(arena);
}

static bool
snapshot_is_needed(const PostgresSource *source, const Snapshot *snapshot)
{
    for (size_t i = 0; i < source->tables.count; i++)
        if (source->tables.items[i]->snapshot == snapshot)
            return true;
    return false;
}

void
stream_snapshots_follow(PostgresSource *source, int64_t now_us)
{
    source->aside_bytes = 0;
    if (source->snapshots.count == 0)
        return;
    for (size_t i = 0; i < source->tables.count; i++) {
        StreamTable *table = source->tables.items[i];
        if (table->snapshot != NULL)
            follow_table(source, table, now_us);
        if (table->state == TABLE_COPYING)
            source->aside_bytes += changes_memory(&table->changes);
    }
    for (size_t i = source->snapshots.count; i-- > 0;) {
        Snapshot *snapshot = source->snapshots.items[i];
        if (!snapshot_is_finished(snapshot) || snapshot_is_needed(source, snapshot))
            continue;
        vector_remove(&source->snapshots, i);
        snapshot_free(snapshot);
    }
}

void
stream_snapshots_end(PostgresSource *source)
{
    for (size_t i = 0; i < source->snapshots.count; i++)
        snapshot_stop(source->snapshots.items[i]);
    for (size_t i = 0; i < source->snapshots.count; i++)
        snapshot_free(source->snapshots.items[i]);
    vector_deinit(&source->snapshots);
}
