/*
 * sort.h -- sorts and consolidates chunks in any order into chunks as a run has them.
 *
 * Rows are cut by the top bits of their hash into parts that fit in cache, each part is sorted by radix, what has the
 * same
 * hash is put in order by comparing, and only then are the columns gathered, once.
 */
#ifndef FRESHET_COLLECTION_SORT_H
#define FRESHET_COLLECTION_SORT_H

#include "collection/gather.h"

/* Chunks are not consumed. `collisions` is set when two different keys have the same hash. False only when the
   sink fails. */
MUST_CHECK bool chunks_sort(const Layout *layout, Chunk *const *chunks, size_t count, RunSink *sink, bool *collisions,
                            Error *err);

#endif
