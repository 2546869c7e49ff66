/*
 * batch.h -- the updates of one collection at one time, waiting for a dataflow's step; and the queue of them.
 *
 * Chunks and runs may carry any times: the receiver hands everything on at the batch's time.
 * Worker thread only.
 */
#ifndef FRESHET_DATAFLOW_BATCH_H
#define FRESHET_DATAFLOW_BATCH_H

#include "collection/spine.h"

typedef VECTOR(Run *) RunVector;

typedef struct Batch {
    Timestamp time;
    ChunkVector rows;
    ChunkVector errors;
    RunVector row_runs;
    RunVector error_runs;
} Batch;

void batch_deinit(Batch *batch);
void batch_add_chunk(Batch *batch, Chunk *chunk, bool is_error); /* retains */
void batch_add_run(Batch *batch, Run *run, bool is_error);       /* retains */
/* Moves what `from` holds to the end of `to`. */
void batch_append(Batch *to, Batch *from);

/* Batches in order of time, at most one a time. */
typedef struct BatchQueue {
    VECTOR(Batch) batches;
    size_t first; /* of those not taken yet */
} BatchQueue;

void batch_queue_deinit(BatchQueue *queue);
Batch *batch_queue_at(BatchQueue *queue, Timestamp time); /* made when there is none */
Timestamp batch_queue_next(const BatchQueue *queue);      /* TIMESTAMP_MAX: empty */
/* The first batch when its time is at most `time`. The caller owns what it holds. */
bool batch_queue_take(BatchQueue *queue, Timestamp time, Batch *batch);
/* Cuts a chunk by its times; those in [from, upper) are taken. */
void batch_queue_add_chunk(BatchQueue *queue, Chunk *chunk, Timestamp from, Timestamp upper, bool is_error);

#endif
