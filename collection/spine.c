#include "collection/spine.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/log.h"
#include "collection/merge.h"
#include "collection/run_internal.h"

enum {
    SMALL_ROWS = 128, /* a run is merged with a new one when it has at most twice its rows and this many more */
    ROWS_MERGED_AT_ONCE = 1024,
    FUEL_A_ROW = 4, /* a merge of 2n rows must be done before n more have come: two would do */
    FUEL_AN_INSERT = 256,
};

/* One merge under way, of two neighbours, or of one run alone whose times have all become the same. */
typedef struct SpineMerge {
    Run *runs[2];
    uint32_t count;
    Timestamp since;
    HeapSink sink;
    RunMerge *merge;
} SpineMerge;

struct Spine {
    Layout *layout;
    pthread_mutex_t lock; /* runs, since, upper, floor, snapshot */
    VECTOR(Run *) runs;
    Timestamp since, upper, floor;
    bool leaves_files;           /* runs in files are somebody else's to merge */
    SpineSnapshot *snapshot;     /* of this very state, when somebody asked for it; else NULL */
    VECTOR(SpineMerge *) merges; /* the writer's alone */
    bool broken;                 /* a file is damaged: nothing is merged any more, reads will name it */
};

Spine *
spine_new(Layout *layout)
{
    Spine *spine = memory_calloc(1, sizeof *spine);
    spine->layout = layout_retain(layout);
    pthread_mutex_init(&spine->lock, NULL);
    return spine;
}

static void
merge_free(SpineMerge *merge)
{
    run_merge_free(merge->merge);
    heap_sink_deinit(&merge->sink);
    for (uint32_t i = 0; i < merge->count; i++)
        run_release(merge->runs[i]);
    free(merge);
}

void
spine_free(Spine *spine)
{
    if (spine == NULL)
        return;
    for (size_t i = 0; i < spine->merges.count; i++)
        merge_free(spine->merges.items[i]);
    vector_deinit(&spine->merges);
    for (size_t i = 0; i < spine->runs.count; i++)
        run_release(spine->runs.items[i]);
    vector_deinit(&spine->runs);
    spine_snapshot_release(spine->snapshot);
    layout_release(spine->layout);
    pthread_mutex_destroy(&spine->lock);
    free(spine);
}

/* ---- reading ---- */

static void
spine_lock(const Spine *spine)
{
    pthread_mutex_lock((pthread_mutex_t *) &spine->lock);
}

static void
spine_unlock(const Spine *spine)
{
    pthread_mutex_unlock((pthread_mutex_t *) &spine->lock);
}

Layout *
spine_layout(const Spine *spine)
{
    return spine->layout;
}

Timestamp
spine_upper(const Spine *spine)
{
    spine_lock(spine);
    Timestamp upper = spine->upper;
    spine_unlock(spine);
    return upper;
}

Timestamp
spine_since(const Spine *spine)
{
    spine_lock(spine);
    Timestamp since = spine->since;
    spine_unlock(spine);
    return since;
}

uint64_t
spine_row_count(const Spine *spine)
{
    uint64_t rows = 0;
    spine_lock(spine);
    for (size_t i = 0; i < spine->runs.count; i++)
        rows += spine->runs.items[i]->row_count;
    spine_unlock(spine);
    return rows;
}

uint64_t
spine_memory(const Spine *spine)
{
    uint64_t memory = 0;
    spine_lock(spine);
    for (size_t i = 0; i < spine->runs.count; i++)
        memory += spine->runs.items[i]->memory;
    spine_unlock(spine);
    return memory;
}

SpineSnapshot *
spine_snapshot_new(Layout *layout, Run *const *runs, uint32_t run_count, Timestamp since, Timestamp upper)
{
    SpineSnapshot *snapshot = memory_alloc(sizeof *snapshot + run_count * sizeof(Run *));
    snapshot->layout = layout_retain(layout);
    snapshot->since = since;
    snapshot->upper = upper;
    snapshot->run_count = run_count;
    atomic_init(&snapshot->references, 1);
    for (uint32_t i = 0; i < run_count; i++)
        snapshot->runs[i] = run_retain(runs[i]);
    return snapshot;
}

SpineSnapshot *
spine_snapshot(Spine *spine)
{
    spine_lock(spine);
    if (spine->snapshot == NULL)
        spine->snapshot = spine_snapshot_new(spine->layout, spine->runs.items, (uint32_t) spine->runs.count,
                                             spine->since, spine->upper);
    SpineSnapshot *snapshot = spine_snapshot_retain(spine->snapshot);
    spine_unlock(spine);
    return snapshot;
}

SpineSnapshot *
spine_snapshot_retain(SpineSnapshot *snapshot)
{
    atomic_fetch_add_explicit(&snapshot->references, 1, memory_order_relaxed);
    return snapshot;
}

void
spine_snapshot_release(SpineSnapshot *snapshot)
{
    if (snapshot == NULL || atomic_fetch_sub_explicit(&snapshot->references, 1, memory_order_acq_rel) != 1)
        return;
    for (uint32_t i = 0; i < snapshot->run_count; i++)
        run_release(snapshot->runs[i]);
    layout_release(snapshot->layout);
    free(snapshot);
}

bool
spine_snapshot_is_empty(const SpineSnapshot *snapshot)
{
    return snapshot->run_count == 0;
}

/* ---- writing ---- */

/* The state changes: whoever asks next gets another snapshot. Returns the old one, to be released without the lock. */
static SpineSnapshot *
snapshot_drop(Spine *spine)
{
    SpineSnapshot *snapshot = spine->snapshot;
    spine->snapshot = NULL;
    return snapshot;
}

void
spine_push(Spine *spine, Run *run)
{
    spine_lock(spine);
    SpineSnapshot *old = snapshot_drop(spine);
    if (run->upper < spine->upper)
        bug("a run up to %llu came after %llu", (unsigned long long) run->upper, (unsigned long long) spine->upper);
    spine->upper = run->upper;
    bool empty = run->row_count == 0;
    if (!empty)
        vector_push(&spine->runs, run);
    spine_unlock(spine);
    spine_snapshot_release(old);
    if (empty)
        run_release(run);
}

void
spine_advance(Spine *spine, Timestamp upper)
{
    spine_lock(spine);
    SpineSnapshot *old = NULL;
    if (upper > spine->upper) {
        old = snapshot_drop(spine);
        spine->upper = upper;
    }
    spine_unlock(spine);
    spine_snapshot_release(old);
}

void
spine_set_since(Spine *spine, Timestamp since)
{
    spine_lock(spine);
    SpineSnapshot *old = NULL;
    if (since > spine->since) {
        old = snapshot_drop(spine);
        spine->since = since;
    }
    spine_unlock(spine);
    spine_snapshot_release(old);
}

void
spine_set_floor(Spine *spine, Timestamp floor)
{
    spine_lock(spine);
    spine->floor = floor > spine->floor ? floor : spine->floor;
    spine->leaves_files = true;
    spine_unlock(spine);
}

/* Where the runs are in the spine, one behind the other; -1: not there. With the lock. */
static ptrdiff_t
runs_find(const Spine *spine, Run *const *runs, uint32_t count)
{
    for (size_t i = 0; i + count <= spine->runs.count; i++)
        if (memcmp(spine->runs.items + i, runs, count * sizeof *runs) == 0)
            return (ptrdiff_t) i;
    return -1;
}

/* Puts `run`, or nothing, in their place. The runs taken out are the caller's to release. With the lock. */
static SpineSnapshot *
runs_swap(Spine *spine, size_t at, uint32_t count, Run *run)
{
    Run **items = spine->runs.items + at;
    uint32_t kept = run != NULL;
    if (run != NULL)
        items[0] = run;
    memmove(items + kept, items + count, (spine->runs.count - at - count) * sizeof *items);
    spine->runs.count -= count - kept;
    return snapshot_drop(spine);
}

void
spine_replace(Spine *spine, Run *const *old, uint32_t count, Run *run)
{
    if (run != NULL && run->row_count == 0) {
        run_release(run);
        run = NULL;
    }
    spine_lock(spine);
    ptrdiff_t at = runs_find(spine, old, count);
    if (at < 0 || count == 0)
        bug("the runs to be replaced are not in the spine");
    SpineSnapshot *snapshot = runs_swap(spine, (size_t) at, count, run);
    spine_unlock(spine);
    spine_snapshot_release(snapshot);
    for (uint32_t i = 0; i < count; i++)
        run_release(old[i]);
}

/* ---- merging: the writer's thread ---- */

static bool
run_is_merging(const Spine *spine, const Run *run)
{
    for (size_t i = 0; i < spine->merges.count; i++)
        for (uint32_t j = 0; j < spine->merges.items[i]->count; j++)
            if (spine->merges.items[i]->runs[j] == run)
                return true;
    return false;
}

static bool
run_is_free(const Spine *spine, const Run *run)
{
    if (spine->leaves_files && (run->file != NULL || run->upper <= spine->floor))
        return false;
    return !run_is_merging(spine, run);
}

static void
merge_start(Spine *spine, Run *const *runs, uint32_t count)
{
    SpineMerge *merge = memory_calloc(1, sizeof *merge);
    uint64_t rows = 0;
    merge->count = count;
    merge->since = spine->since;
    for (uint32_t i = 0; i < count; i++) {
        merge->runs[i] = run_retain(runs[i]);
        rows += runs[i]->row_count;
        merge->since = runs[i]->since > merge->since ? runs[i]->since : merge->since;
    }
    heap_sink_init(&merge->sink, rows);
    merge->merge = run_merge_new(spine->layout, runs, count, merge->since, TIMESTAMP_MAX, &merge->sink.sink);
    vector_push(&spine->merges, merge);
}

/* Neighbours of which the older is not at least twice the newer are merged. With the lock. */
static void
merges_plan(Spine *spine)
{
    for (size_t i = spine->runs.count; i-- > 1;) {
        Run *const *pair = &spine->runs.items[i - 1];
        if (pair[0]->row_count <= 2 * pair[1]->row_count + SMALL_ROWS && run_is_free(spine, pair[0]) &&
            run_is_free(spine, pair[1]) && pair[0]->row_count + pair[1]->row_count <= UINT32_MAX)
            merge_start(spine, pair, 2);
    }
}

/* A run whose updates are all in the past by now shrinks when it is written anew, once. With the lock. */
static void
merges_plan_alone(Spine *spine)
{
    for (size_t i = spine->runs.count; i-- > 0;) {
        Run *const *run = &spine->runs.items[i];
        if (!(*run)->one_time && (*run)->upper <= spine->since + 1 && (*run)->since + 1 < (*run)->upper &&
            run_is_free(spine, *run)) {
            merge_start(spine, run, 1);
            return;
        }
    }
}

/* The result takes the place of what was merged, unless the floor has risen above it meanwhile. */
static void
merge_install(Spine *spine, SpineMerge *merge)
{
    uint32_t count = merge->count;
    Run *const *runs = merge->runs;
    Run *run = heap_sink_finish(&merge->sink, spine->layout, runs[0]->lower, runs[count - 1]->upper, merge->since,
                                run_merge_collisions(merge->merge));
    spine_lock(spine);
    bool taken = !spine->leaves_files || runs[0]->upper > spine->floor;
    SpineSnapshot *snapshot = NULL;
    if (taken) {
        ptrdiff_t at = runs_find(spine, runs, count);
        if (at < 0)
            bug("the runs that were merged are not in the spine");
        snapshot = runs_swap(spine, (size_t) at, count, run->row_count == 0 ? NULL : run);
    }
    spine_unlock(spine);
    spine_snapshot_release(snapshot);
    if (!taken || run->row_count == 0)
        run_release(run);
    for (uint32_t i = 0; taken && i < count; i++)
        run_release(runs[i]);
}

/* Gives one merge its fuel. True when it has ended. */
static bool
merge_work(Spine *spine, SpineMerge *merge, size_t fuel)
{
    bool done = false;
    Error err = ERROR_INIT;
    if (!run_merge_work(merge->merge, fuel, &done, &err)) {
        log_error("collection", "cannot merge runs: %s", err.message);
        error_clear(&err);
        spine->broken = true;
        merge_free(merge);
        return true;
    }
    if (!done)
        return false;
    merge_install(spine, merge);
    merge_free(merge);
    return true;
}

static void
spine_plan(Spine *spine, bool idle)
{
    spine_lock(spine);
    if (!spine->broken) {
        merges_plan(spine);
        if (idle && spine->merges.count == 0)
            merges_plan_alone(spine);
    }
    spine_unlock(spine);
}

void
spine_insert(Spine *spine, Run *run)
{
    uint64_t rows = run->row_count;
    spine_push(spine, run);
    spine_settle(spine, rows);
}

void
spine_settle(Spine *spine, uint64_t rows_inserted)
{
    size_t fuel = rows_inserted * FUEL_A_ROW + FUEL_AN_INSERT;
    bool changed = true;
    /* Every merge gets the fuel that this insert pays for, small ones are finished; what ends may start others. */
    while (changed) {
        changed = false;
        spine_plan(spine, false);
        for (size_t i = spine->merges.count; i-- > 0;) {
            SpineMerge *merge = spine->merges.items[i];
            uint64_t rows = run_merge_rows(merge->merge);
            if (merge_work(spine, merge, rows <= ROWS_MERGED_AT_ONCE ? SIZE_MAX : fuel)) {
                vector_remove(&spine->merges, i);
                changed = true;
            }
        }
    }
}

bool
spine_work(Spine *spine, size_t fuel)
{
    for (;;) {
        spine_plan(spine, true);
        if (spine->merges.count == 0)
            return false;
        /* The smallest first: it makes readers faster soonest. */
        size_t least = 0;
        for (size_t i = 1; i < spine->merges.count; i++)
            if (run_merge_rows(spine->merges.items[i]->merge) < run_merge_rows(spine->merges.items[least]->merge))
                least = i;
        SpineMerge *merge = spine->merges.items[least];
        uint64_t rows = run_merge_rows(merge->merge);
        if (!merge_work(spine, merge, fuel))
            return true;
        vector_remove(&spine->merges, least);
        if (rows >= fuel) {
            spine_plan(spine, true);
            return spine->merges.count != 0;
        }
        fuel -= rows;
    }
}
