/*
 * tick_queue.h -- what sources hand to the coordinator: whole upstream transactions, ready to join a tick.
 *
 * Source threads push, the coordinator drains after `wake`. Bounded in bytes: a push waits while the queue is full, which stops reading
 * upstream and lets its WAL wait there.
 *
 * (1) A batch holds only whole upstream transactions, in commit order; it joins exactly one tick.
 * (2) `resume` becomes durable in the same tick as the batch's rows.
 */
#ifndef FRESHET_REPLICATION_TICK_QUEUE_H
#define FRESHET_REPLICATION_TICK_QUEUE_H

#include "storage/store.h"

typedef struct TickQueue TickQueue;

typedef struct BatchWrite {
    uint64_t shard_id;
    ChunkVector rows;
    ChunkVector errors;         /* one bytes column: encoded EvalErrors: the table is in error from here on */
    VECTOR(StagedRun *) staged; /* a finished snapshot */
    bool replace;               /* what the shard held goes first: TRUNCATE (rows after it follow), a fresh snapshot */
    bool snapshot_done;         /* the table is readable from this tick on */
} BatchWrite;

/* How a source or one of its tables is; written to mz_source_statuses. */
typedef enum SourceStatus {
    STATUS_CREATED,
    STATUS_STARTING,
    STATUS_RUNNING,
    STATUS_PAUSED,
    STATUS_STALLED,
    STATUS_CEASED
} SourceStatus;

typedef struct StatusReport {
    uint64_t object_id; /* of the source, or of one table */
    SourceStatus status;
    char *error; /* heap; "postgres: connection closed", or NULL */
    char *hint;  /* heap, or NULL */
} StatusReport;

/* Counters are absolute since the source's start; gauges are as they are now. */
typedef struct StatisticsReport {
    uint64_t object_id;
    uint64_t messages_received, bytes_received, updates_staged;
    uint64_t snapshot_known, snapshot_staged; /* rows */
    bool has_snapshot;
    uint64_t offset_known; /* upstream's LSN; 0: not known */
} StatisticsReport;

typedef struct SourceBatch {
    uint64_t source_id;
    VECTOR(BatchWrite) writes; /* at most one a shard */
    uint64_t resume;           /* LSN up to which everything is in this and earlier batches; 0: does not move */
    uint64_t transactions;     /* upstream transactions in it */
    int64_t commit_us_max;     /* latest upstream commit time in it, microseconds since 2000; for freshness figures */
    VECTOR(StatusReport) statuses;
    VECTOR(StatisticsReport) statistics;
} SourceBatch;

SourceBatch *source_batch_new(uint64_t source_id);
BatchWrite *source_batch_write(SourceBatch *batch, uint64_t shard_id); /* found or made */
void source_batch_free(SourceBatch *batch, Store *store);              /* staged runs are discarded from the store */
size_t source_batch_memory(const SourceBatch *batch);

/* `store` is where staged runs of refused batches are discarded. */
TickQueue *tick_queue_new(size_t bytes_max, Store *store, void (*wake)(void *context), void *wake_context);
void tick_queue_free(TickQueue *queue);
/* Takes the batch over; waits while the queue is full. False: the queue is closed, and the batch freed. */
bool tick_queue_push(TickQueue *queue, SourceBatch *batch);
SourceBatch *tick_queue_pop(TickQueue *queue); /* NULL when empty; never waits */
void tick_queue_close(TickQueue *queue);       /* pushes fail from now on */
/* One source's pushes fail from now on, also one that waits: before its thread is joined. Forgotten with tick_queue_accept. */
void tick_queue_refuse(TickQueue *queue, uint64_t source_id);
void tick_queue_accept(TickQueue *queue, uint64_t source_id);

#endif
