/*
 * run.h -- an immutable, consolidated, sorted batch of updates; any size, on the heap or in a mapped file.
 *
 * A Layout says what rows are and how they are sorted:
 *     (hash of the key columns, key columns in SQL order, `order` sort keys, all columns by stored form, time)
 * Key columns that are equal in SQL (1.0 and 1.00) are one key; rows are one row only when their stored forms agree.
 *
 * (1) Rows are strictly increasing in that order; no diff is 0.
 * (2) A run covers [lower, upper): it holds exactly the updates of its collection with these times, where times
 *     before `since` may have been moved up to `since`.
 * (3) It is cut into chunks of RUN_CHUNK_ROWS rows (the last may be shorter, and any where values are huge), each with
 *     its hashes. In a file every chunk has a checksum, verified when first touched.
 * (4) The directory maps the top bits of a hash to the first row that has them or more.
 *
 * Runs and layouts are counted by references from any thread.
 */
#ifndef FRESHET_COLLECTION_RUN_H
#define FRESHET_COLLECTION_RUN_H

#include "collection/chunk.h"

#define RUN_CHUNK_ROWS 16384u

typedef struct SortKey {
    uint16_t column;
    bool descending;
    bool nulls_first;
} SortKey;

typedef struct Layout {
    atomic_uint references;
    uint16_t column_count;
    uint16_t key_count;
    uint16_t order_count;
    SqlType *types;           /* column_count */
    uint16_t *key;            /* key_count column indexes */
    SortKey *order;           /* order_count: order of values inside a key (min, max, top-k) */
    struct LayoutStep *steps; /* layout_internal.h: the comparison, spelt out */
    uint16_t key_steps, step_count;
} Layout;

Layout *layout_new(const SqlType *types, uint16_t column_count, const uint16_t *key, uint16_t key_count,
                   const SortKey *order, uint16_t order_count); /* copies; record details must outlive it */
Layout *layout_retain(Layout *layout);
void layout_release(Layout *layout);
/* The hashes of the key columns of each row of `chunk`, whose columns are the layout's. */
void layout_hash(const Layout *layout, const Chunk *chunk, uint64_t *hashes);
/* The hash of a key given as rows of other columns: the same as layout_hash of a row with equal key columns. */
void layout_hash_key(const Layout *layout, Column *const *key_columns, uint32_t count, uint64_t *hashes);

/* Where the chunks of a run come from that is not on the heap. storage/run_file.c implements it. */
typedef struct RunFile {
    /* The chunk at an index, verified; the caller owns it. Any thread. */
    bool (*load)(struct RunFile *file, uint32_t index, Chunk **chunk, Error *err);
    void (*release)(struct RunFile *file); /* once, when the run goes */
} RunFile;

typedef struct Run {
    atomic_uint references;
    Layout *layout;
    Timestamp lower, upper, since;
    uint64_t row_count;
    uint64_t memory; /* bytes on the heap or in the file */
    uint32_t chunk_count;
    uint32_t directory_bits;
    const uint32_t *directory; /* 2^directory_bits + 1 row indexes */
    uint32_t *chunk_starts;    /* chunk_count + 1 row indexes; NULL while every chunk but the last is full */
    bool collisions;           /* two different keys in it have the same hash */
    bool one_time;             /* every update has the same time */
    RunFile *file;             /* NULL: on the heap; else the directory is the file's */
    Chunk **chunks;            /* of a file: NULL until first touched; read by run_chunk only */
} Run;

Run *run_retain(Run *run);
void run_release(Run *run); /* NULL is allowed */

/* Sorts and consolidates `count` chunks (not consumed). Times are kept. An empty run is allowed. */
Run *run_build(Layout *layout, Chunk *const *chunks, size_t count, Timestamp lower, Timestamp upper);
/* From chunks that are already in order and consolidated, RUN_CHUNK_ROWS each, with hashes; takes them over. */
Run *run_from_sorted(Layout *layout, ChunkVector *chunks, Timestamp lower, Timestamp upper, Timestamp since);

/* The chunk at an index, verified. False when the file is damaged: XX001, naming file and chunk. */
MUST_CHECK bool run_chunk(Run *run, uint32_t index, Chunk **chunk, Error *err);

static inline uint32_t
run_chunk_start(const Run *run, uint32_t index) /* the row index of a chunk's first row; index may be chunk_count */
{
    if (run->chunk_starts != NULL)
        return run->chunk_starts[index];
    return index == run->chunk_count ? (uint32_t) run->row_count : index * RUN_CHUNK_ROWS;
}

/* What a run from a file is, as its header says. */
typedef struct RunShape {
    Timestamp lower, upper, since;
    uint64_t row_count, memory;
    uint32_t chunk_count, directory_bits;
    const uint32_t *directory;    /* in the file */
    const uint32_t *chunk_starts; /* copied; NULL: every chunk but the last is full */
    bool collisions, one_time;
} RunShape;
Run *run_from_file(Layout *layout, const RunShape *shape, RunFile *file); /* takes the file over */

/* Consolidates chunks without a layout's key (rows compared by stored form): what results and subscriptions send.
   Times are kept apart. NULL when nothing is left. Chunks are not consumed. */
Chunk *chunks_consolidate(Chunk *const *chunks, size_t count, const SqlType *types, uint16_t column_count);

#endif
