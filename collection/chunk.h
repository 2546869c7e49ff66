/*
 * chunk.h -- a batch of updates (row, time, diff) in columns: what operators exchange and what runs are made of.
 *
 * (1) All columns have `count` rows. A chunk may have no columns at all (the relation of arity 0).
 * (2) diffs NULL: every diff is 1. times NULL: every time is `time`. A diff is never 0.
 * (3) hashes, when there, are the hashes of the layout's key columns (run.h) of each row.
 * (4) Immutable once shared; counted by references from any thread. Columns are shared between chunks.
 * (5) diffs, times and hashes are heap memory of the chunk, but for those that `borrowed` names: these belong to
 *     `parent` (another chunk) or to `owner` (a mapped file), which the chunk holds.
 */
#ifndef FRESHET_COLLECTION_CHUNK_H
#define FRESHET_COLLECTION_CHUNK_H

#include "base/vector.h"
#include "collection/column.h"

#define CHUNK_ROWS 4096 /* what operators aim for; a chunk may hold more or fewer */

typedef uint64_t Timestamp; /* mz_timestamp: milliseconds since 1970 */
#define TIMESTAMP_MAX UINT64_MAX

typedef struct Chunk {
    atomic_uint references;
    uint32_t count;
    uint16_t column_count;
    uint8_t borrowed; /* CHUNK_DIFFS | CHUNK_TIMES | CHUNK_HASHES */
    Timestamp time;
    int64_t *diffs;
    Timestamp *times;
    uint64_t *hashes;
    struct Chunk *parent;
    ColumnOwner *owner;
    Column *columns[];
} Chunk;

enum { CHUNK_DIFFS = 1, CHUNK_TIMES = 2, CHUNK_HASHES = 4 };

typedef VECTOR(Chunk *) ChunkVector;

Chunk *chunk_retain(Chunk *chunk);
void chunk_release(Chunk *chunk);               /* NULL is allowed */
void chunk_vector_release(ChunkVector *chunks); /* releases every chunk, frees the vector */
size_t chunk_memory(const Chunk *chunk);

/* Takes the columns' references, diffs and times (heap, or NULL) over. */
Chunk *chunk_new(uint32_t count, Column **columns, uint16_t column_count, Timestamp time, int64_t *diffs,
                 Timestamp *times);
/* The same rows with other columns (indexes into chunk's; shared, not copied). */
Chunk *chunk_project(const Chunk *chunk, const uint16_t *columns, uint16_t column_count);
Chunk *chunk_gather(const Chunk *chunk, const uint32_t *rows, uint32_t count);
Chunk *chunk_negate(const Chunk *chunk);                    /* diffs change sign */
Chunk *chunk_with_time(const Chunk *chunk, Timestamp time); /* every time replaced */

static inline int64_t
chunk_diff(const Chunk *chunk, uint32_t row)
{
    return chunk->diffs == NULL ? 1 : chunk->diffs[row];
}

static inline Timestamp
chunk_time(const Chunk *chunk, uint32_t row)
{
    return chunk->times == NULL ? chunk->time : chunk->times[row];
}

/* Builds a chunk row by row. diffs and times stay NULL while they are all 1 and all the same. */
typedef struct ChunkBuilder {
    uint16_t column_count;
    uint32_t count, capacity;
    ColumnBuilder *columns;
    int64_t *diffs;
    Timestamp *times;
    Timestamp time;
} ChunkBuilder;

void chunk_builder_init(ChunkBuilder *builder, const SqlType *types, uint16_t column_count);
void chunk_builder_deinit(ChunkBuilder *builder);
/* After the caller appended one value to each builder->columns[i]: completes the row. */
void chunk_builder_end_row(ChunkBuilder *builder, Timestamp time, int64_t diff);
void chunk_builder_append_row(ChunkBuilder *builder, const Chunk *chunk, uint32_t row, Timestamp time, int64_t diff);
/* Rows [first, first + count), or those picked, each with a diff of 1. */
void chunk_builder_append_range(ChunkBuilder *builder, const Chunk *chunk, uint32_t first, uint32_t count,
                                Timestamp time);
void chunk_builder_append_rows(ChunkBuilder *builder, const Chunk *chunk, const uint32_t *rows, uint32_t count,
                               Timestamp time);
void chunk_builder_append_datums(ChunkBuilder *builder, const Datum *values, Timestamp time, int64_t diff);
size_t chunk_builder_memory(const ChunkBuilder *builder);
Chunk *chunk_builder_finish(ChunkBuilder *builder); /* NULL when empty; the builder is empty again */

#endif
