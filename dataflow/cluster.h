/*
 * cluster.h -- workers that keep dataflows: commands in, results out.
 *
 * A cluster has one worker thread to begin with. The coordinator (event loop) calls the functions below; each puts a command into
 * the worker's bounded queue and returns at once. Results come back through a queue that the coordinator drains with cluster_poll after the
 * cluster's `wake` was called (from the worker thread; it must only signal).
 *
 * Time: the coordinator hands every worker each tick, in order (cluster_tick), and each update of collections that are not in lockstep
 * (cluster_feed). A dataflow steps to t when all its imports have reached it. All updates of one step have one time.
 *
 * (1) A dataflow created with as_of t, with snapshots of its imports that were taken before tick t + 1 was handed over, sees every update after t exactly once.
 * (2) Exports of one dataflow are at the same frontier. Dataflows are not: one in the middle of a long step is behind the others.
 * (3) A step or a hydration runs in slices; ticks of hydrated dataflows and peeks go first.
 * (4) An index's frontier, as others see it, never moves past what its snapshot shows.
 */
#ifndef FRESHET_DATAFLOW_CLUSTER_H
#define FRESHET_DATAFLOW_CLUSTER_H

#include "dataflow/plan.h"
#include "storage/store.h"

typedef struct Cluster Cluster;

typedef struct ClusterOptions {
    const char *name;
    size_t memory_bytes_max; /* 0: no limit; a dataflow that would pass it ends with 53200 */
    void (*wake)(void *context);
    void *wake_context;
} ClusterOptions;

Cluster *cluster_new(const ClusterOptions *options);
void cluster_free(Cluster *cluster); /* stops the worker, drops everything */

typedef struct ImportState {
    ShardSnapshot snapshot; /* of imports without index; released by the callee */
    Timestamp upper;        /* the collection's frontier when the snapshot was taken */
    bool lockstep;          /* moved by cluster_tick; otherwise by cluster_feed */
} ImportState;

/* Takes the plan over. imports[i] belongs to plan->imports[i]. Problems come back as CLUSTER_FAILED for each export. */
void cluster_create_dataflow(Cluster *cluster, uint64_t dataflow_id, DataflowPlan *plan, const ImportState *imports);
/* Also ends peeks and subscriptions. Their results stop after the CLUSTER_ENDED that answers this. */
void cluster_drop_dataflow(Cluster *cluster, uint64_t dataflow_id);

/* `tick` is retained. A tick without deltas only advances time. */
void cluster_tick(Cluster *cluster, Tick *tick);
/* Updates with times in [old upper, new_upper) of a collection that is not in lockstep; takes the chunks over. */
void cluster_feed(Cluster *cluster, uint64_t collection_id, ChunkVector *rows, ChunkVector *errors,
                  Timestamp new_upper);
/* An index may forget times before `since`, and no others. TIMESTAMP_MAX: as it is at first, it forgets what is more than
   a second behind its frontier. */
void cluster_allow_compaction(Cluster *cluster, uint64_t index_id, Timestamp since);

typedef enum ClusterResultKind {
    CLUSTER_PEEK_ROWS, /* the rows of a one-shot peek, complete; then nothing more comes for it */
    CLUSTER_UPDATES, /* updates of a subscription or a shard export with times in [old upper, upper), consolidated by time */
    CLUSTER_HYDRATED, /* an export shows its as_of */
    CLUSTER_FRONTIER, /* an index or shard export moved to `upper` */
    CLUSTER_FAILED,   /* the export ended with `error` */
    CLUSTER_ENDED,    /* the dataflow is gone: dropped, or `until` reached */
} ClusterResultKind;

typedef struct ClusterResult {
    ClusterResultKind kind;
    uint64_t dataflow_id;
    uint64_t export_id;
    Timestamp upper;
    ChunkVector rows; /* PEEK_ROWS: in order, diffs say how often each row repeats (> 0), finishing applied */
    ChunkVector errors;
    Error error;
} ClusterResult;

/* Takes the next result out of the queue. False: none. cluster_result_deinit frees what is left in it. */
bool cluster_poll(Cluster *cluster, ClusterResult *result);
void cluster_result_deinit(ClusterResult *result);

/*
 * An index's state, readable from any thread while retained: how point lookups are answered where the question is, with no
 * thread hop. False: no such index, or not hydrated yet.
 */
typedef struct IndexSnapshot {
    SpineSnapshot *rows;
    SpineSnapshot *errors;
    Timestamp frontier; /* contents at times < frontier are complete */
} IndexSnapshot;
bool cluster_index_snapshot(Cluster *cluster, uint64_t index_id, IndexSnapshot *snapshot);
void index_snapshot_release(IndexSnapshot *snapshot);
/* Of an index or shard export: 0 while not hydrated. Any thread. When a frontier has been asked for, here or by
   cluster_index_snapshot, the next move of any frontier calls `wake`, even if no result comes with it. */
Timestamp cluster_export_frontier(Cluster *cluster, uint64_t export_id);
/* The next time at which some dataflow changes by itself (temporal filters): it wants a tick, empty or not, at that time or
   later. TIMESTAMP_MAX: none does. `wake` is called when it changes. Any thread. */
Timestamp cluster_next_wakeup(Cluster *cluster);

typedef struct ClusterStatistics {
    uint64_t steps, step_us_total, rows_in, rows_out, memory_bytes, dataflows, queue_length;
} ClusterStatistics;
void cluster_statistics(Cluster *cluster, ClusterStatistics *statistics);

/* For introspection relations: each export's records and bytes, as of the last step. */
void cluster_list_exports(Cluster *cluster,
                          void (*each)(void *context, uint64_t export_id, uint64_t records, uint64_t bytes),
                          void *context);

#endif
