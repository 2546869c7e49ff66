/*
 * One connection's share of a snapshot: COPY after COPY is read and decoded here, and staged on a thread beside.
 */
#include <poll.h>
#include <stdlib.h>

#include "replication/postgres/copy_binary.h"
#include "replication/postgres/snapshot_internal.h"
#include "replication/postgres/copy_stream.h"

#define COPY_BUFFER_BYTES (1u << 20)
#define GATHER_BYTES      (128 << 10) /* the server writes row by row: being woken for each costs more than reading it */
#define GATHER_MS         5

/* ---- the stager ---- */

static void
stage(Stager *stager, int index, ChunkVector *chunks)
{
    Snapshot *snapshot = stager->snapshot;
    SnapshotTable *table = &snapshot->tables[index];
    StagedRun *run = NULL;
    Error err = ERROR_INIT;
    uint64_t rows = 0;
    for (size_t i = 0; i < chunks->count; i++)
        rows += chunks->items[i]->count;
    if (!snapshot_table_is_pending(snapshot, index)) {
        /* not wanted any more */
    } else if (!store_stage_run(snapshot->store, table->spec->table.layout, chunks->items, chunks->count, &run, &err)) {
        snapshot_table_fail(snapshot, index, COPY_FAILED, err.message);
    } else {
        pthread_mutex_lock(&snapshot->lock);
        vector_push(&table->runs, run);
        pthread_mutex_unlock(&snapshot->lock);
        atomic_fetch_add(&table->rows_staged, rows);
    }
    chunk_vector_release(chunks);
    error_clear(&err);
    snapshot_table_finish(snapshot, index);
}

static void *
stager_run(void *context)
{
    Stager *stager = context;
    pthread_mutex_lock(&stager->lock);
    for (;;) {
        while (stager->chunks.count == 0 && !stager->ending)
            pthread_cond_wait(&stager->changed, &stager->lock);
        if (stager->chunks.count == 0)
            break;
        ChunkVector chunks = stager->chunks;
        int table = stager->table;
        stager->chunks = (ChunkVector){0};
        pthread_cond_signal(&stager->changed);
        pthread_mutex_unlock(&stager->lock);
        stage(stager, table, &chunks);
        pthread_mutex_lock(&stager->lock);
    }
    pthread_mutex_unlock(&stager->lock);
    return NULL;
}

void
stager_start(Stager *stager, Snapshot *snapshot)
{
    *stager = (Stager){.snapshot = snapshot};
    pthread_mutex_init(&stager->lock, NULL);
    pthread_cond_init(&stager->changed, NULL);
    if (pthread_create(&stager->thread, NULL, stager_run, stager) != 0)
        bug("no thread for a snapshot");
}

void
stager_submit(Stager *stager, int table, ChunkVector *chunks)
{
    if (chunks->count == 0)
        return;
    snapshot_table_pend(stager->snapshot, table);
    pthread_mutex_lock(&stager->lock);
    while (stager->chunks.count > 0)
        pthread_cond_wait(&stager->changed, &stager->lock);
    stager->chunks = *chunks;
    stager->table = table;
    *chunks = (ChunkVector){0};
    pthread_cond_signal(&stager->changed);
    pthread_mutex_unlock(&stager->lock);
}

void
stager_finish(Stager *stager)
{
    pthread_mutex_lock(&stager->lock);
    stager->ending = true;
    pthread_cond_signal(&stager->changed);
    pthread_mutex_unlock(&stager->lock);
    pthread_join(stager->thread, NULL);
    pthread_cond_destroy(&stager->changed);
    pthread_mutex_destroy(&stager->lock);
}

/* ---- one COPY ---- */

typedef struct Copy {
    Snapshot *snapshot;
    Stager *stager;
    CopyStream *stream;
    int index;
    SnapshotTable *table;
    RowDecoder decoder;
    CopyReader reader;
    ChunkBuilder builder;
    ChunkVector chunks; /* of the run that is being gathered */
    uint64_t run_rows;
    size_t run_bytes;
    bool failed;   /* the rest is not looked at */
    Error refused; /* what the server said against it */
} Copy;

static void
copy_fail(Copy *copy, Error *err)
{
    Buffer text = {0};
    bool of_protocol = strcmp(err->sqlstate, SQLSTATE_BAD_COPY_FILE_FORMAT) == 0;
    buffer_printf(&text, "%s%s", of_protocol ? "" : "failed to cast raw column: ", err->message);
    snapshot_table_fail(copy->snapshot, copy->index, COPY_BROKEN, buffer_text(&text));
    buffer_deinit(&text);
    error_clear(err);
    copy->failed = true;
}

/* The next chunk will be as large as this one: it need not grow to that step by step. */
static void
copy_reserve(Copy *copy, const Chunk *chunk)
{
    for (uint16_t i = 0; i < chunk->column_count; i++) {
        ColumnBuilder *builder = &copy->builder.columns[i];
        column_builder_reserve(builder, chunk->count);
        if (builder->phys != PHYS_BYTES)
            continue;
        size_t size = ((const uint32_t *) chunk->columns[i]->values)[chunk->count];
        builder->bytes_capacity = size + size / 16 + 64;
        builder->bytes = memory_alloc(builder->bytes_capacity);
    }
}

static void
copy_cut_chunk(Copy *copy)
{
    Error err = ERROR_INIT;
    if (!row_decoder_check_text(&copy->decoder, &copy->builder, 0, &err))
        copy_fail(copy, &err);
    Chunk *chunk = chunk_builder_finish(&copy->builder);
    if (chunk == NULL)
        return;
    copy->run_rows += chunk->count;
    copy->run_bytes += chunk_memory(chunk);
    vector_push(&copy->chunks, chunk);
    if (chunk->count >= SNAPSHOT_CHUNK_ROWS)
        copy_reserve(copy, chunk);
}

static void
copy_cut_run(Copy *copy)
{
    copy_cut_chunk(copy);
    if (copy->failed)
        chunk_vector_release(&copy->chunks);
    stager_submit(copy->stager, copy->index, &copy->chunks);
    copy->run_rows = 0;
    copy->run_bytes = 0;
}

/* The size is worked out every so many rows; after a large row always. */
static bool
copy_run_is_full(const Copy *copy, size_t row_size)
{
    if (copy->run_rows + copy->builder.count >= SNAPSHOT_RUN_ROWS)
        return true;
    if (copy->builder.count % 256 != 0 && row_size < SNAPSHOT_RUN_BYTES / 256)
        return false;
    return copy->run_bytes + chunk_builder_memory(&copy->builder) >= SNAPSHOT_RUN_BYTES;
}

static void
copy_rows(Copy *copy, Slice frame)
{
    Error err = ERROR_INIT;
    if (copy->failed)
        return;
    if (!copy_binary_frame(&copy->reader, frame, &copy->builder, &err)) {
        copy_fail(copy, &err);
        return;
    }
    if (copy_run_is_full(copy, frame.size))
        copy_cut_run(copy);
    else if (copy->builder.count >= SNAPSHOT_CHUNK_ROWS)
        copy_cut_chunk(copy);
}

/* What nobody wants any more is read on only for the sake of the tables behind it. */
static bool
copy_check_wanted(Copy *copy, Error *err)
{
    if (!copy->failed && snapshot_table_is_pending(copy->snapshot, copy->index))
        return true;
    copy->failed = true;
    for (int i = 0; i < copy->snapshot->count; i++)
        if (snapshot_table_is_pending(copy->snapshot, i))
            return true;
    return error_set(err, SQLSTATE_QUERY_CANCELED, "nothing is left to copy");
}

/* Bytes gather while they come fast; a server that thinks is waited for without waking up. */
static bool
copy_fill(Copy *copy, Error *err)
{
    CopyStream *stream = copy->stream;
    size_t bytes;
    struct pollfd polled[2] = {{.fd = stream->fd, .events = POLLIN}, {.fd = stream->stop_fd, .events = POLLIN}};
    int ready = poll(polled, 2, stream->full ? 0 : stream->low_water > 1 ? GATHER_MS : -1);
    if (polled[1].revents != 0)
        return error_set(err, SQLSTATE_QUERY_CANCELED, "stopped");
    if (!copy_stream_fill(stream, &bytes, err))
        return false;
    copy_stream_set_low_water(stream, ready == 0 && bytes == 0 ? 1 : GATHER_BYTES);
    atomic_fetch_add(&copy->table->bytes, bytes);
    return copy_check_wanted(copy, err);
}

static bool
copy_read(Copy *copy, Error *err)
{
    char type;
    Slice payload;
    for (;;) {
        switch (copy_stream_take(copy->stream, &type, &payload, err)) {
        case TAKE_BAD:
            return false;
        case TAKE_NOTHING:
            if (!copy_fill(copy, err))
                return false;
            continue;
        case TAKE_FRAME:
            break;
        }
        if (type == 'd')
            copy_rows(copy, payload);
        else if (type == 'E')
            copy_stream_error(payload, &copy->refused);
        else if (type == 'Z')
            return true;
    }
}

static void
copy_query(const Copy *copy, const SnapshotRange *range, Buffer *sql)
{
    const SnapshotTable *table = copy->table;
    bool whole = range->first_page < 0 && range->end_page < 0;
    const char *word = " WHERE ";
    if (table->kind == 'r' && whole && table->row_filter == NULL && !copy->decoder.any_text &&
        copy->decoder.count > 0) {
        buffer_append_text(sql, "COPY ");
        table_spec_relation(table->spec, sql);
        buffer_append_text(sql, " (");
        table_spec_select_list(table->spec, sql);
        buffer_append_text(sql, ") TO STDOUT (FORMAT BINARY)");
        return;
    }
    buffer_append_text(sql, "COPY (SELECT ");
    table_spec_select_list(table->spec, sql);
    buffer_append_text(sql, table->kind == 'p' ? " FROM " : " FROM ONLY ");
    table_spec_relation(table->spec, sql);
    if (range->first_page >= 0) {
        buffer_printf(sql, "%sctid >= '(%lld,0)'::tid", word, (long long) range->first_page);
        word = " AND ";
    }
    if (range->end_page >= 0) {
        buffer_printf(sql, "%sctid < '(%lld,0)'::tid", word, (long long) range->end_page);
        word = " AND ";
    }
    if (table->row_filter != NULL)
        buffer_printf(sql, "%s(%s)", word, table->row_filter);
    buffer_append_text(sql, ") TO STDOUT (FORMAT BINARY)");
}

static bool
command_run(CopyStream *stream, const char *sql, Error *err)
{
    return copy_stream_query(stream, sql, err) && copy_stream_finish_query(stream, err);
}

static bool
copy_run(Copy *copy, const SnapshotRange *range, Error *err)
{
    Buffer sql = {0};
    copy_query(copy, range, &sql);
    bool ok = command_run(copy->stream, "SAVEPOINT copying", err) &&
              copy_stream_query(copy->stream, buffer_text(&sql), err) && copy_read(copy, err);
    copy_stream_set_low_water(copy->stream, 1);
    buffer_deinit(&sql);
    if (!ok)
        return false;
    if (error_is_set(&copy->refused) && !copy->failed) {
        snapshot_table_fail(copy->snapshot, copy->index, COPY_FAILED, copy->refused.message);
        copy->failed = true;
    } else if (!copy->reader.ended && !copy->failed) {
        error_set(&copy->refused, SQLSTATE_BAD_COPY_FILE_FORMAT, "failed to parse COPY protocol");
        copy_fail(copy, &copy->refused);
    }
    copy_cut_run(copy);
    return command_run(copy->stream, "ROLLBACK TO SAVEPOINT copying", err);
}

static bool
copy_range(Snapshot *snapshot, Stager *stager, CopyStream *stream, const SnapshotRange *range, Error *err)
{
    Copy copy = {.snapshot = snapshot,
                 .stager = stager,
                 .stream = stream,
                 .index = range->table,
                 .table = &snapshot->tables[range->table]};
    const TableSpec *spec = copy.table->spec;
    table_spec_decoder(spec, &copy.decoder);
    copy.reader.decoder = &copy.decoder;
    chunk_builder_init(&copy.builder, spec->types, (uint16_t) spec->table.column_count);
    bool ok = copy_run(&copy, range, err);
    error_clear(&copy.refused);
    chunk_builder_deinit(&copy.builder);
    chunk_vector_release(&copy.chunks);
    row_decoder_deinit(&copy.decoder);
    return ok;
}

static bool
next_range(Snapshot *snapshot, SnapshotRange *range)
{
    pthread_mutex_lock(&snapshot->lock);
    bool found = snapshot->next_range < snapshot->ranges.count;
    if (found)
        *range = snapshot->ranges.items[snapshot->next_range++];
    pthread_mutex_unlock(&snapshot->lock);
    return found;
}

bool
snapshot_copy_ranges(Snapshot *snapshot, PGconn *connection, Error *err)
{
    CopyStream stream;
    Stager stager;
    SnapshotRange range;
    bool ok = true;
    copy_stream_init(&stream, connection, snapshot->stop_fd, COPY_BUFFER_BYTES);
    stager_start(&stager, snapshot);
    while (ok && next_range(snapshot, &range)) {
        if (snapshot_table_is_pending(snapshot, range.table))
            ok = copy_range(snapshot, &stager, &stream, &range, err);
        if (ok)
            snapshot_table_finish(snapshot, range.table);
    }
    stager_finish(&stager);
    copy_stream_deinit(&stream);
    return ok;
}
