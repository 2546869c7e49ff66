/*
 * scan.h -- reads everything a snapshot of a spine holds as of a time, in bulk: how dataflows hydrate and full scans
 * run.
 *
 *     while (!done) {
 *         if (!spine_scan_next(scan, fuel, &chunk, &done, err)) ...
 *         if (chunk != NULL) use and release;
 *     }
 *
 * Chunks come in the layout's order, consolidated, with hashes; every time is `as_of`. Where the snapshot is a single
 * run
 * its chunks are handed out without copying.
 * A scan belongs to one thread at a time and retains its snapshot.
 */
#ifndef FRESHET_COLLECTION_SCAN_H
#define FRESHET_COLLECTION_SCAN_H

#include "collection/spine.h"

typedef struct SpineScan SpineScan;

SpineScan *spine_scan_new(SpineSnapshot *snapshot, Timestamp as_of);
void spine_scan_free(SpineScan *scan); /* NULL is allowed */
/* Looks at about `fuel` rows. *chunk is NULL when none is ready yet. False: a file is damaged (XX001). */
MUST_CHECK bool spine_scan_next(SpineScan *scan, size_t fuel, Chunk **chunk, bool *done, Error *err);

#endif
