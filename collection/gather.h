/*
 * gather.h -- puts rows picked from many chunks together into new chunks: the last part of sorting and of merging.
 *
 * Sources are chunks of the same columns; a row is named by its source's number and its row in it. What is gathered
 * goes
 * to a RunSink, RUN_CHUNK_ROWS rows at a time, as a run has them.
 *
 * (1) gather_add of a row that equals the last one added is the caller's to avoid: it adds to gather->diffs instead.
 * (2) The last row added stays open, its diff may still change, until another one is added or gather_finish is called.
 *     A row whose diff is 0 by then is dropped.
 * (3) Sources stay alive, by the caller, until the gather is freed.
 */
#ifndef FRESHET_COLLECTION_GATHER_H
#define FRESHET_COLLECTION_GATHER_H

#include "collection/run.h"

/* Where sorted chunks go, in order. Takes the chunk over, also when it fails. */
typedef struct RunSink {
    bool (*emit)(struct RunSink *sink, Chunk *chunk, Error *err);
} RunSink;

typedef struct RowRef {
    uint32_t source;
    uint32_t row;
} RowRef;

typedef struct GatherColumn {
    Phys phys;
    bool any_nulls;
    const void **values; /* of each source */
    const char **bytes;
    const uint8_t **nulls;
    uint64_t bytes_total; /* of all sources: what is gathered is not more, as no row is picked twice */
} GatherColumn;

typedef struct Gather {
    RunSink *sink;
    uint16_t column_count;
    GatherColumn *columns;
    const Chunk **sources;
    uint32_t source_count, source_capacity;
    uint32_t count, capacity;
    RowRef *refs;
    uint64_t *hashes;
    int64_t *diffs;
    Timestamp *times;
} Gather;

/* `rows_hint`: how many rows there will be at most, so that small jobs stay small. */
void gather_init(Gather *gather, const SqlType *types, uint16_t column_count, uint64_t rows_hint, RunSink *sink);
void gather_deinit(Gather *gather);
uint32_t gather_source(Gather *gather, const Chunk *chunk);
MUST_CHECK bool gather_emit(Gather *gather, uint32_t count, Error *err); /* the first `count` rows; private */
MUST_CHECK bool gather_finish(Gather *gather, Error *err);

/* The open row, NULL when there is none. */
static inline int64_t *
gather_open_diff(Gather *gather)
{
    return gather->count == 0 ? NULL : &gather->diffs[gather->count - 1];
}

static inline MUST_CHECK bool
gather_add(Gather *gather, uint64_t hash, RowRef ref, Timestamp time, int64_t diff, Error *err)
{
    uint32_t at = gather->count;
    if (at != 0 && gather->diffs[at - 1] == 0) {
        at--;
    } else if (at == gather->capacity) {
        if (!gather_emit(gather, at, err))
            return false;
        at = gather->count;
    }
    gather->hashes[at] = hash;
    gather->refs[at] = ref;
    gather->times[at] = time;
    gather->diffs[at] = diff;
    gather->count = at + 1;
    return true;
}

#endif
