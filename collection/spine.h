/*
 * spine.h -- a collection over time: a list of runs of geometrically growing size, merged a slice at a time.
 *
 * (1) The runs are in order of time and cover [0, upper); what lies between them is empty. A new run's lower is not
 *     below the spine's upper.
 * (2) Contents at time t, since <= t < upper, are the updates with time <= t, summed by row.
 * (3) since only grows. Merging moves times below since up to since and drops what then cancels.
 * (4) A snapshot is a refcounted, immutable list of runs: reading it never blocks the writer, and may happen on any
 *     thread.
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

/* Takes the run over; an empty run only moves upper. Merges a few rows for each row inserted, so that a spine that is
   only ever inserted into stays in shape; spine_work goes on when there is time. */
void spine_insert(Spine *spine, Run *run);
void spine_advance(Spine *spine, Timestamp upper); /* upper moves with no updates */
void spine_set_since(Spine *spine, Timestamp since);
/* Merges about `fuel` rows. True while there is more to do. */
bool spine_work(Spine *spine, size_t fuel);

/* The two halves of spine_insert. A run that is pushed may have the same times as the one before it. */
void spine_push(Spine *spine, Run *run);
void spine_settle(Spine *spine, uint64_t rows); /* the merging that so many new rows pay for */

/* For the durable collections, whose big runs somebody else merges: */
/* The spine leaves runs with upper <= floor, and all runs in files, alone from now on: the caller merges them. Any one
   thread. */
void spine_set_floor(Spine *spine, Timestamp floor);
/* Puts `run` (NULL: nothing) in the place of `count` neighbours below the floor. Takes a reference over. */
void spine_replace(Spine *spine, Run *const *old, uint32_t count, Run *run);

SpineSnapshot *spine_snapshot(Spine *spine);
SpineSnapshot *spine_snapshot_new(Layout *layout, Run *const *runs, uint32_t run_count, Timestamp since,
                                  Timestamp upper); /* retains */
SpineSnapshot *spine_snapshot_retain(SpineSnapshot *snapshot);
void spine_snapshot_release(SpineSnapshot *snapshot);
bool spine_snapshot_is_empty(const SpineSnapshot *snapshot); /* no updates at all */

#endif
