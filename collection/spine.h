/*
 * spine.h -- a collection over time: a list of runs of geometrically growing size, merged a slice at a time.
 *
 * (1) The runs, in order, cover [0, upper) without gap or overlap; a new run's lower is the spine's upper.
 * (2) Contents at time t, since <= t < upper, are the updates with time <= t, summed by row.
 * (3) since only grows. Merging moves times below since up to since and drops what then cancels.
 * (4) A snapshot is a refcounted, immutable list of runs: reading it never blocks the writer, and may happen on any thread.
 *
 * One thread writes (insert, work, set_since). spine_snapshot may be called from any thread.
 */
#ifndef FRESHET_COLLECTION_SPINE_H
#define FRESHET_COLLECTION_SPINE_H

#include "collection/run.h"

typedef struct Spine Spine;

typedef struct SpineSnapshot {
    atomic_uint references;
    Layout *layout;
    Timestamp since, upper;
    uint32_t run_count;
    Run *runs[]; /* oldest first */
} SpineSnapshot;

Spine *spine_new(Layout *layout);
void spine_free(Spine *spine);
Layout *spine_layout(const Spine *spine);
Timestamp spine_upper(const Spine *spine);
Timestamp spine_since(const Spine *spine);
uint64_t spine_row_count(const Spine *spine); /* updates held, before merging */
uint64_t spine_memory(const Spine *spine);    /* bytes */

void spine_insert(Spine *spine, Run *run); /* takes the run over; an empty run only moves upper */
void spine_advance(Spine *spine, Timestamp upper); /* upper moves with no updates */
void spine_set_since(Spine *spine, Timestamp since);
/* Merges about `fuel` rows. True while there is more to do. */
bool spine_work(Spine *spine, size_t fuel);

SpineSnapshot *spine_snapshot(Spine *spine);
SpineSnapshot *spine_snapshot_new(Layout *layout, Run *const *runs, uint32_t run_count, Timestamp since, Timestamp upper); /* retains */
SpineSnapshot *spine_snapshot_retain(SpineSnapshot *snapshot);
void spine_snapshot_release(SpineSnapshot *snapshot);
bool spine_snapshot_is_empty(const SpineSnapshot *snapshot); /* no updates at all */

#endif
