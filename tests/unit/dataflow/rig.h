/*
 * rig.h -- a cluster with collections to feed it: what a test drives. Everything waits for what it asked for, never for time.
 */
#ifndef FRESHET_TESTS_UNIT_DATAFLOW_RIG_H
#define FRESHET_TESTS_UNIT_DATAFLOW_RIG_H

#include <pthread.h>

#include "dataflow/peek.h"
#include "tests/unit/dataflow/reference.h"

#define RIG_SHARDS_MAX 8

/* A collection as the store would hold it. */
typedef struct RigShard {
    uint64_t id;
    SqlType *types;
    uint16_t column_count;
    bool lockstep;
    Spine *rows, *errors;
    BagPair content;                     /* as of now, what is open not included */
    ChunkBuilder open_rows, open_errors; /* of the next tick */
    Timestamp upper;
} RigShard;

/* What came for one export. */
typedef struct RigExport {
    uint64_t id;
    ChunkVector rows, errors; /* of CLUSTER_UPDATES, all so far; of CLUSTER_PEEK_ROWS */
    Timestamp upper;
    bool hydrated, failed, peeked;
    int updates;
    Error error;
} RigExport;

typedef struct Rig {
    Cluster *cluster;
    pthread_mutex_t lock;
    pthread_cond_t woken;
    bool wake;
    RigShard shards[RIG_SHARDS_MAX];
    int shard_count;
    VECTOR(RigExport *) exports;
    VECTOR(uint64_t) ended; /* dataflow ids */
    Timestamp now;          /* of the last tick */
    uint64_t next_id;
    uint64_t random;
} Rig;

Rig *rig_new(uint64_t seed, size_t memory_bytes_max);
void rig_free(Rig *rig);
uint64_t rig_random(Rig *rig, uint64_t below);

/* Collections that move with ticks, or by rig_feed. */
RigShard *rig_shard(Rig *rig, uint64_t id, const SqlType *types, uint16_t column_count, bool lockstep);
void rig_update(RigShard *shard, const Datum *values, int64_t diff);
void rig_update_error(RigShard *shard, const char *message, int64_t diff);
/* Closes the open updates of every lockstep shard at `time`, and tells the cluster. */
void rig_tick(Rig *rig, Timestamp time);
/* Closes the open updates of one shard that is not in lockstep; its upper becomes time + 1. */
void rig_feed(Rig *rig, RigShard *shard, Timestamp time);
/* A tick's shape with the store's side only: what the cluster has not been told. */
void rig_store_only(Rig *rig, Timestamp time);

/* Takes the builder's plan over, with snapshots of what it imports. Returns the dataflow's id. */
uint64_t rig_create(Rig *rig, PlanBuilder *builder);
void rig_drop(Rig *rig, uint64_t dataflow_id); /* waits for its end */

RigExport *rig_export(Rig *rig, uint64_t id);
void rig_poll(Rig *rig);
/* Waits until an index or shard export has reached contents at `time`. */
void rig_wait_frontier(Rig *rig, uint64_t export_id, Timestamp time);
void rig_wait_upper(Rig *rig, uint64_t export_id, Timestamp upper); /* of updates and frontiers that came */
void rig_wait_hydrated(Rig *rig, uint64_t export_id);
void rig_wait_failed(Rig *rig, uint64_t export_id);
void rig_wait_peeked(Rig *rig, uint64_t export_id); /* or failed */
void rig_wait_ended(Rig *rig, uint64_t dataflow_id);

/* What an export holds as of `time`. */
BagPair rig_updates_at(Rig *rig, uint64_t export_id, const SqlType *types, uint16_t column_count, Timestamp time);
BagPair rig_index_at(Rig *rig, uint64_t index_id, const SqlType *types, uint16_t column_count, Timestamp time);
/* Contents of the plan's imports now, in their order; by shard id. */
void rig_contents(Rig *rig, const DataflowPlan *plan, BagPair *contents);

#endif
