#include "collection/scan.h"

#include <stdlib.h>

#include "collection/merge.h"

struct SpineScan {
    RunSink sink;
    SpineSnapshot *snapshot;
    Timestamp as_of;
    Run *only; /* the single run, handed out chunk by chunk; NULL: merged */
    uint32_t chunk_index;
    RunMerge *merge;
    bool merged;
    ChunkVector ready;
    size_t given;
};

static bool
scan_emit(RunSink *sink, Chunk *chunk, Error *err)
{
    (void) err;
    SpineScan *scan = (SpineScan *) sink;
    if (scan->given == scan->ready.count)
        scan->given = scan->ready.count = 0;
    vector_push(&scan->ready, chunk);
    return true;
}

SpineScan *
spine_scan_new(SpineSnapshot *snapshot, Timestamp as_of)
{
    SpineScan *scan = memory_alloc(sizeof *scan);
    *scan = (SpineScan){.sink = {scan_emit}, .snapshot = spine_snapshot_retain(snapshot), .as_of = as_of};
    Run **runs = memory_alloc(snapshot->run_count * sizeof *runs);
    uint32_t count = 0;
    for (uint32_t i = 0; i < snapshot->run_count; i++)
        if (snapshot->runs[i]->lower <= as_of)
            runs[count++] = snapshot->runs[i];
    /* The one time of a run that ends at or before as_of is not later either. */
    if (count == 1 && runs[0]->one_time && runs[0]->upper <= as_of + 1)
        scan->only = runs[0];
    else
        scan->merge = run_merge_new(snapshot->layout, runs, count, as_of, as_of, &scan->sink);
    free(runs);
    return scan;
}

void
spine_scan_free(SpineScan *scan)
{
    if (scan == NULL)
        return;
    while (scan->given < scan->ready.count)
        chunk_release(scan->ready.items[scan->given++]);
    vector_deinit(&scan->ready);
    run_merge_free(scan->merge);
    spine_snapshot_release(scan->snapshot);
    free(scan);
}

static bool
scan_next_only(SpineScan *scan, Chunk **chunk, bool *done, Error *err)
{
    if (scan->chunk_index < scan->only->chunk_count) {
        Chunk *from;
        if (!run_chunk(scan->only, scan->chunk_index++, &from, err))
            return false;
        *chunk = chunk_with_time(from, scan->as_of);
    }
    *done = scan->chunk_index == scan->only->chunk_count;
    return true;
}

bool
spine_scan_next(SpineScan *scan, size_t fuel, Chunk **chunk, bool *done, Error *err)
{
    *chunk = NULL;
    *done = false;
    if (scan->only != NULL)
        return scan_next_only(scan, chunk, done, err);
    if (scan->given == scan->ready.count && !scan->merged &&
        !run_merge_work(scan->merge, fuel == 0 ? 1 : fuel, &scan->merged, err))
        return false;
    if (scan->given < scan->ready.count)
        *chunk = scan->ready.items[scan->given++];
    *done = scan->merged && scan->given == scan->ready.count;
    return true;
}
