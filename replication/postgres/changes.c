#include "replication/postgres/changes.h"

void
changes_init(TableChanges *changes, const TableSpec *spec)
{
    *changes = (TableChanges){0};
    table_spec_decoder(spec, &changes->decoder);
    chunk_builder_init(&changes->builder, spec->types, (uint16_t) spec->table.column_count);
}

static void
builder_empty(ChunkBuilder *builder)
{
    chunk_release(chunk_builder_finish(builder));
}

static void
chunks_release(TableChanges *changes, ChunkVector *chunks)
{
    for (size_t i = 0; i < chunks->count; i++) {
        changes->bytes -= chunk_memory(chunks->items[i]);
        chunk_release(chunks->items[i]);
    }
    chunks->count = 0;
}

static void
chunks_push(TableChanges *changes, ChunkVector *chunks, Chunk *chunk)
{
    changes->bytes += chunk_memory(chunk);
    vector_push(chunks, chunk);
}

void
changes_clear(TableChanges *changes)
{
    chunks_release(changes, &changes->done);
    chunks_release(changes, &changes->open);
    builder_empty(&changes->builder);
    changes->settled = 0;
    changes->truncated = changes->truncated_open = changes->bad_text = false;
}

void
changes_deinit(TableChanges *changes)
{
    changes_clear(changes);
    vector_deinit(&changes->done);
    vector_deinit(&changes->open);
    chunk_builder_deinit(&changes->builder);
    row_decoder_deinit(&changes->decoder);
}

/* ---- rows ---- */

static bool
old_value_missing(Error *err)
{
    return error_set(err, SQLSTATE_INTERNAL_ERROR,
                     "TOASTed value missing from old row. Did you forget to set REPLICA IDENTITY "
                     "to FULL for your table?");
}

static bool
append_value(TableChanges *changes, uint16_t column, const PgoutputValue *value, Error *err)
{
    ColumnBuilder *builder = &changes->builder.columns[column];
    switch (value->kind) {
    case VALUE_NULL:
        column_builder_append_null(builder);
        return true;
    case VALUE_BINARY:
        if (changes->decoder.columns[column].as_text)
            return error_set(err, SQLSTATE_PROTOCOL_VIOLATION, "unexpected binary data in replication stream");
        return decode_binary(&changes->decoder, column, builder, value->bytes, value->size, err);
    case VALUE_TEXT:
        return decode_text(&changes->decoder, column, builder, value->bytes, value->size, err);
    case VALUE_UNCHANGED:
        break;
    }
    return old_value_missing(err);
}

/* The builder is full: what is complete moves to `done`, or all of it to `open`. */
static bool
builder_flush(TableChanges *changes, Error *err)
{
    if (changes->settled > 0)
        return changes_settle(changes, err);
    if (!row_decoder_check_text(&changes->decoder, &changes->builder, 0, err))
        return false;
    Chunk *chunk = chunk_builder_finish(&changes->builder);
    if (chunk != NULL)
        chunks_push(changes, &changes->open, chunk);
    return true;
}

static bool
builder_is_full(const ChunkBuilder *builder)
{
    if (builder->count >= CHANGES_CHUNK_ROWS)
        return true;
    for (uint16_t i = 0; i < builder->column_count; i++)
        if (builder->columns[i].bytes_size >= CHANGES_CHUNK_BYTES)
            return true;
    return false;
}

bool
changes_append(TableChanges *changes, const PgoutputTuple *tuple, const PgoutputTuple *old, const uint16_t *wire,
               uint64_t lsn, int64_t diff, Error *err)
{
    ChunkBuilder *builder = &changes->builder;
    for (uint16_t i = 0; i < builder->column_count; i++) {
        if (wire[i] >= tuple->count) {
            row_abandon(builder);
            return error_set(err, SQLSTATE_PROTOCOL_VIOLATION, "unexpected number of columns in replication stream");
        }
        const PgoutputValue *value = &tuple->values[wire[i]];
        if (value->kind == VALUE_UNCHANGED && old != NULL && wire[i] < old->count)
            value = &old->values[wire[i]];
        if (!append_value(changes, i, value, err)) {
            row_abandon(builder);
            return false;
        }
    }
    chunk_builder_end_row(builder, changes->keep_lsns ? lsn : 0, diff);
    return !builder_is_full(builder) || builder_flush(changes, err);
}

/* Leaves no complete rows in the builder. */
static void
settle_quietly(TableChanges *changes)
{
    Error err = ERROR_INIT;
    if (!changes_settle(changes, &err))
        changes->bad_text = true; /* said by the next changes_settle */
    error_clear(&err);
}

void
changes_truncate(TableChanges *changes)
{
    settle_quietly(changes);
    chunks_release(changes, &changes->open);
    builder_empty(&changes->builder);
    changes->truncated_open = true;
}

/* ---- transactions ---- */

static void
move_chunks(ChunkVector *from, ChunkVector *to)
{
    for (size_t i = 0; i < from->count; i++)
        vector_push(to, from->items[i]);
    from->count = 0;
}

void
changes_commit(TableChanges *changes, uint64_t lsn)
{
    if (changes->truncated_open) {
        chunks_release(changes, &changes->done);
        changes->truncated = true;
        changes->truncated_open = changes->bad_text = false;
        changes->truncate_lsn = lsn;
    }
    move_chunks(&changes->open, &changes->done);
    changes->settled = changes->builder.count;
}

/* Keeps the first `settled` rows of what the builder made in `done`, and puts the others back. */
static void
chunk_split(TableChanges *changes, Chunk *chunk)
{
    uint32_t settled = changes->settled;
    changes->settled = 0;
    if (settled == chunk->count) {
        chunks_push(changes, &changes->done, chunk);
        return;
    }
    uint32_t *rows = memory_alloc(settled * sizeof *rows);
    for (uint32_t i = 0; i < settled; i++)
        rows[i] = i;
    chunks_push(changes, &changes->done, chunk_gather(chunk, rows, settled));
    free(rows);
    for (uint32_t row = settled; row < chunk->count; row++)
        chunk_builder_append_row(&changes->builder, chunk, row, chunk_time(chunk, row), chunk_diff(chunk, row));
    chunk_release(chunk);
}

bool
changes_settle(TableChanges *changes, Error *err)
{
    bool ok = !changes->bad_text;
    if (changes->settled > 0) {
        ok = row_decoder_check_text(&changes->decoder, &changes->builder, 0, err) && ok;
        chunk_split(changes, chunk_builder_finish(&changes->builder));
    }
    return ok || error_set(err, SQLSTATE_CHARACTER_NOT_IN_REPERTOIRE, "invalid byte sequence for encoding \"UTF8\"");
}

void
changes_roll_back(TableChanges *changes)
{
    settle_quietly(changes);
    chunks_release(changes, &changes->open);
    builder_empty(&changes->builder);
    changes->truncated_open = false;
}

/* ---- rows that a snapshot has already ---- */

static Chunk *
chunk_since(Chunk *chunk, uint64_t lsn)
{
    uint32_t *rows = memory_alloc(chunk->count * sizeof *rows), count = 0;
    for (uint32_t i = 0; i < chunk->count; i++)
        if (chunk_time(chunk, i) >= lsn)
            rows[count++] = i;
    Chunk *rest = count == 0 ? NULL : count == chunk->count ? chunk_retain(chunk) : chunk_gather(chunk, rows, count);
    free(rows);
    return rest;
}

void
changes_drop_before(TableChanges *changes, uint64_t lsn)
{
    ChunkVector kept = {0};
    for (size_t i = 0; i < changes->done.count; i++) {
        Chunk *rest = chunk_since(changes->done.items[i], lsn);
        if (rest != NULL)
            vector_push(&kept, rest);
    }
    chunks_release(changes, &changes->done);
    for (size_t i = 0; i < kept.count; i++)
        chunks_push(changes, &changes->done, kept.items[i]);
    vector_deinit(&kept);
    if (changes->truncate_lsn < lsn)
        changes->truncated = false;
}

void
changes_forget_lsns(TableChanges *changes)
{
    changes->keep_lsns = false;
    ChunkVector plain = {0};
    for (size_t i = 0; i < changes->done.count; i++)
        vector_push(&plain, chunk_with_time(changes->done.items[i], 0));
    chunks_release(changes, &changes->done);
    for (size_t i = 0; i < plain.count; i++)
        chunks_push(changes, &changes->done, plain.items[i]);
    vector_deinit(&plain);
}

bool
changes_is_empty(const TableChanges *changes)
{
    return changes->done.count == 0 && changes->settled == 0 && !changes->truncated;
}

size_t
changes_memory(const TableChanges *changes)
{
    return changes->bytes + chunk_builder_memory(&changes->builder);
}
