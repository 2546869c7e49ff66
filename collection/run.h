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
 * (3) It is cut into chunks of RUN_CHUNK_ROWS rows (the last may be shorter), each with its hashes, so that a row
 *     index is a chunk index and an offset. In a file every chunk has a checksum, verified when first touched.
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
    SqlType *types;     /* column_count */
    uint16_t *key;      /* key_count column indexes */
    SortKey *order;     /* order_count: order of values inside a key (min, max, top-k) */
} Layout;

Layout *layout_new(const SqlType *types, uint16_t column_count, const uint16_t *key, uint16_t key_count,
                   const SortKey *order, uint16_t order_count); /* copies; record details must outlive it */
Layout *layout_retain(Layout *layout);
void layout_release(Layout *layout);
/* The hashes of the key columns of each row of `chunk`, whose columns are the layout's. */
void layout_hash(const Layout *layout, const Chunk *chunk, uint64_t *hashes);
/* The hash of a key given as rows of other columns: the same as layout_hash of a row with equal key columns. */
void layout_hash_key(const Layout *layout, Column *const *key_columns, uint32_t count, uint64_t *hashes);

typedef struct Run {
    atomic_uint references;
    Layout *layout;
    Timestamp lower, upper, since;
    uint64_t row_count;
    uint64_t memory; /* bytes on the heap or in the file */
    uint32_t chunk_count;
    uint32_t directory_bits;
    const uint32_t *directory; /* 2^directory_bits + 1 row indexes */
    struct RunFile *file;      /* NULL: on the heap */
    Chunk **chunks;
} Run;

Run *run_retain(Run *run);
void run_release(Run *run); /* NULL is allowed */

/* Sorts and consolidates `count` chunks (not consumed). Times are kept. An empty run is allowed. */
Run *run_build(Layout *layout, Chunk *const *chunks, size_t count, Timestamp lower, Timestamp upper);
/* From chunks that are already in order and consolidated, RUN_CHUNK_ROWS each, with hashes; takes them over. */
Run *run_from_sorted(Layout *layout, ChunkVector *chunks, Timestamp lower, Timestamp upper, Timestamp since);

/* The chunk at an index, verified. False when the file is damaged: XX001, naming file and chunk. */
MUST_CHECK bool run_chunk(Run *run, uint32_t index, Chunk **chunk, Error *err);

/* Consolidates chunks without a layout's key (rows compared by stored form): what results and subscriptions send. */
Chunk *chunks_consolidate(Chunk *const *chunks, size_t count, const SqlType *types, uint16_t column_count);

#endif
