/*
 * step_batch.h -- the updates of one collection at one time, waiting for a dataflow's step; and the queue of them.
 *
 * Chunks and runs may carry any times: the receiver hands everything on at the batch's time.
 * Worker thread only.
 */
#ifndef FRESHET_DATAFLOW_STEP_BATCH_H
#define FRESHET_DATAFLOW_STEP_BATCH_H

#include "collection/spine.h"

typedef VECTOR(Run *) RunVector;

typedef struct StepBatch {
    Timestamp time;
    ChunkVector rows;
    ChunkVector errors;
    RunVector row_runs;
    RunVector error_runs;
} StepBatch;

void step_batch_deinit(StepBatch *batch);
void step_batch_add_chunk(StepBatch *batch, Chunk *chunk, bool is_error); /* retains */
void step_batch_add_run(StepBatch *batch, Run *run, bool is_error);       /* retains */
/* Moves what `from` holds to the end of `to`. */
void step_batch_append(StepBatch *to, StepBatch *from);

/* Batches in order of time, at most one a time. */
typedef struct StepQueue {
    VECTOR(StepBatch) batches;
    size_t first; /* of those not taken yet */
} StepQueue;

void step_queue_deinit(StepQueue *queue);
StepBatch *step_queue_at(StepQueue *queue, Timestamp time); /* made when there is none */
Timestamp step_queue_next(const StepQueue *queue);          /* TIMESTAMP_MAX: empty */
/* The first batch when its time is at most `time`. The caller owns what it holds. */
bool step_queue_take(StepQueue *queue, Timestamp time, StepBatch *batch);
/* Cuts a chunk by its times; those in [from, upper) are taken. */
void step_queue_add_chunk(StepQueue *queue, Chunk *chunk, Timestamp from, Timestamp upper, bool is_error);

#endif
