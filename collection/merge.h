/*
 * merge.h -- merges runs of one layout into a sink, a slice at a time.
 *
 * Times below `since` move up to `since`; updates of one row at one time are summed, and dropped at 0. Updates later
 * than
 * `as_of` are left out (TIMESTAMP_MAX: none are).
 * A merge belongs to one thread at a time and retains its runs.
 */
#ifndef FRESHET_COLLECTION_MERGE_H
#define FRESHET_COLLECTION_MERGE_H

#include "collection/gather.h"

typedef struct RunMerge RunMerge;

RunMerge *run_merge_new(Layout *layout, Run *const *runs, uint32_t count, Timestamp since, Timestamp as_of,
                        RunSink *sink);
void run_merge_free(RunMerge *merge);
/* Takes about `fuel` rows from the runs. *done: everything has been given to the sink. */
MUST_CHECK bool run_merge_work(RunMerge *merge, size_t fuel, bool *done, Error *err);
bool run_merge_collisions(const RunMerge *merge); /* two different keys with the same hash were met */
uint64_t run_merge_rows(const RunMerge *merge);   /* in all runs */

/* All at once, on the heap: covers the first run's lower to the last one's upper. */
MUST_CHECK bool runs_merge(Layout *layout, Run *const *runs, uint32_t count, Timestamp since, Run **merged, Error *err);

#endif
