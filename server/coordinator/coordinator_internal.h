/*
 * coordinator_internal.h -- what the files of this folder share.
 *
 * Other threads (the store's, clusters' workers, sources') only put things into `mailbox` or their own queues and signal `wake`; everything
 * else here belongs to the event loop.
 */
#ifndef FRESHET_SERVER_COORDINATOR_COORDINATOR_INTERNAL_H
#define FRESHET_SERVER_COORDINATOR_COORDINATOR_INTERNAL_H

#include "replication/postgres/postgres_source.h"
#include "server/coordinator/coordinator.h"

#define TRANSIENT_ID (UINT64_C(1) << 61) /* ids of peeks and subscriptions */

typedef enum OperationKind {
    OPERATION_READ_WAITING, /* waits until what it reads is readable, or for a tick */
    OPERATION_READ_PEEK,    /* waits for an index's frontier */
    OPERATION_READ_RUNNING, /* a one-shot dataflow */
    OPERATION_SUBSCRIBE,
    OPERATION_WRITE,
    OPERATION_LOCK,
    OPERATION_CHANGE,
    OPERATION_INSPECT,
    OPERATION_VALIDATE,
} OperationKind;

struct Operation {
    OperationKind kind;
    Coordinator *coordinator;
    Operation *next, *previous; /* in coordinator->operations */
    bool cancelled;
    Arena *arena;
    ObjectId *depends_on; /* relations whose drop ends it, views included */
    int depends_on_count;
    ObjectId cluster;
    uint64_t dataflow_id; /* READ_RUNNING, SUBSCRIBE */
    void *context;

    /* reads */
    ReadDone read_done;
    const PlannedQuery *query;
    ContextBinding *binding;
    ReadOptions options;
    QueryExecution execution;
    Timestamp timestamp;

    /* subscriptions */
    SubscribeCallbacks subscribe;
    const SubscribePlan *subscribe_plan;
    SubscribeOptions subscribe_options;
    bool paused;
    VECTOR(ClusterResult) held; /* while paused */
    size_t held_bytes;

    /* writes and changes */
    ChangeDone change_done;
    void (*begin)(void *context);
    InspectDone inspect_done;
    StatementPlan *plan;
    CatalogChange *change;
    struct PoolJob *job;
};

typedef struct RunningCluster {
    ObjectId id;
    Cluster *cluster; /* NULL while it has no replicas */
} RunningCluster;

typedef struct RunningSource {
    ObjectId id;
    PostgresSource *postgres;
    uint64_t resume_pending; /* LSN in the open or in-flight tick */
    uint64_t resume_durable;
    uint64_t progress_shard; /* of the progress collection; 0: none */
    uint64_t progress_shown; /* the LSN in it; 0: no row yet */
} RunningSource;

/* What the coordinator knows of one shard beyond the store. */
typedef struct Collection {
    uint64_t shard_id;
    ObjectId item;
    bool lockstep;
    bool readable;   /* false: a snapshot is still on its way */
    Timestamp upper; /* of those not in lockstep */
} Collection;

/* Status and counters of a source or of one of its tables; rows of the system relations are made from it. */
typedef struct SourceState {
    ObjectId id;
    SourceStatus status;
    char *error, *hint; /* heap or NULL */
    int64_t changed_us; /* timestamptz */
    StatisticsReport statistics;
    uint64_t updates_committed;
    uint64_t offset_committed;
    bool snapshot_committed;
    Datum *status_row, *statistics_row; /* as last written, to be retracted; NULL: never */
    Arena *status_arena, *statistics_arena;
    bool status_dirty, statistics_dirty;
} SourceState;

typedef enum WriteLock {
    WRITE_LOCK_FREE,
    WRITE_LOCK_HELD,
    WRITE_LOCK_OPEN,   /* what its holder wrote is in the open tick */
    WRITE_LOCK_FLYING, /* ... in the tick in flight */
} WriteLock;

typedef struct CommitResult {
    Tick *tick;
    Error error;
    TickCommit *commit;
} CommitResult;

/* Rows about sources, of relations that are in memory: a tick that failed leaves them to the next. */
typedef struct ShownRows {
    uint64_t shard_id;
    Chunk *rows; /* a reference */
} ShownRows;

struct Coordinator {
    uv_loop_t *loop;
    const Config *config;
    Store *store;
    Catalog *catalog;
    SecretStore *secrets;
    TickQueue *queue;
    uv_async_t wake;
    uv_timer_t timer;   /* once a second: statistics, progress of subscriptions */
    uv_timer_t retry;   /* while reads wait for an index's frontier */
    uv_timer_t alarm;   /* when the next tick is wanted for its time alone */
    Timestamp alarm_at; /* 0: not set */
    uv_timer_t spacing; /* the next tick may not close before */
    int64_t start_time; /* timestamptz */
    bool ready, closing;
    int open_handles; /* while closing */
    uint64_t next_transient;

    ReadHold *holds;
    uv_timer_t hold_timer;
    Map *clusters;    /* ObjectId -> RunningCluster */
    Map *sources;     /* ObjectId -> RunningSource */
    Map *collections; /* shard id -> Collection */
    Map *states;      /* ObjectId -> SourceState */
    size_t unreadable_count;

    Operation *operations; /* every one that is not finished */
    bool polling;          /* between polls: operations are reaped afterwards */

    /* ticks */
    Timestamp closed; /* newest tick handed to clusters */
    TickCommit *open; /* NULL: nothing to commit */
    VECTOR(Operation *) open_waiters;
    VECTOR(SourceBatch *) open_batches; /* confirmed after the commit; emptied of their writes */
    TickCommit *in_flight;
    VECTOR(Operation *) flying_waiters;
    VECTOR(SourceBatch *) flying_batches;
    VECTOR(uint64_t) flying_snapshots; /* shards that become readable */
    VECTOR(uint64_t) open_snapshots;
    VECTOR(ShownRows) open_shown, flying_shown;
    Timestamp reserved; /* no tick closes after this one without reserving more (meta record "oracle") */
    bool tick_wanted;   /* commit even when there is nothing in it */

    uv_mutex_t mailbox_lock;
    uv_cond_t mailbox_filled;
    CommitResult *mailbox; /* of the commit in flight */

    WriteLock write_lock;
    VECTOR(Operation *) write_queue;

    /* DDL */
    bool ddl_locked;
    VECTOR(Operation *) ddl_queue;

    VECTOR(struct PoolJob *) jobs; /* on libuv's pool */

    uint64_t ticks, transactions, reads_fast, reads_dataflow;
    uint32_t sessions;
};

/* operation.c */
Operation *operation_new(Coordinator *coordinator, OperationKind kind, void *context);
void operation_finish(Operation *operation); /* unlinks and frees; the callback was made */
void operations_fail_dependents(Coordinator *coordinator, ObjectId id, const char *what, const char *name);

/* ticker.c */
TickCommit *ticker_open(Coordinator *coordinator); /* the open tick's commit */
/* A tick at `time` or soon after it, though nothing may have happened. */
void ticker_want(Coordinator *coordinator, Timestamp time);
void ticker_kick(Coordinator *coordinator); /* commits the open tick as soon as it may */
void ticker_drain_sources(Coordinator *coordinator);
void ticker_committed(Coordinator *coordinator); /* looks into the mailbox */
/* Commits what is open and waits: at start and at the end only. */
MUST_CHECK bool ticker_commit_now(Coordinator *coordinator, Error *err);
void ticker_emit_rows(void *coordinator, uint64_t shard_id, Chunk *rows);        /* into the open tick */
void ticker_show_rows(Coordinator *coordinator, uint64_t shard_id, Chunk *rows); /* likewise, and again when it fails */

/* write.c */
void write_lock_ticked(Coordinator *coordinator); /* the open tick is in flight now */
void write_lock_committed(Coordinator *coordinator);

/* read.c */
void reads_retry(Coordinator *coordinator);         /* those that wait */
void subscriptions_start(Coordinator *coordinator); /* those that wait for a table or a time */
void read_cluster_result(Coordinator *coordinator, RunningCluster *running, ClusterResult *result);
bool dataflow_install(Coordinator *coordinator, ObjectId cluster, uint64_t dataflow_id, DataflowPlan *plan, Error *err);
void collect_relations(Coordinator *coordinator, const ObjectId *ids, int count, Arena *arena, ObjectId **out,
                       int *out_count);

/* hold.c */
void holds_deepen(uv_timer_t *timer); /* those that have lasted */

/* collections.c */
Collection *collection_add(Coordinator *coordinator, uint64_t shard_id, ObjectId item, bool lockstep, bool readable,
                           Timestamp upper);
Collection *collection_find(Coordinator *coordinator, uint64_t shard_id);
void collection_remove(Coordinator *coordinator, uint64_t shard_id);
void collection_set_readable(Coordinator *coordinator, Collection *collection);
bool items_are_readable(Coordinator *coordinator, const ObjectId *ids, int count);
Layout *relation_layout(const RelationDesc *desc); /* key: all columns */

/* ddl.c */
void change_committed(Operation *operation, Error *err);
void item_start(Coordinator *coordinator,
                const Item *item); /* dataflows of materialized views and indexes; collections of tables */
void item_stop(Coordinator *coordinator, const Item *item);
void cluster_start(Coordinator *coordinator, const CatalogCluster *cluster); /* or stops it: it may have no replicas */

/* ddl_source.c */
void source_start(Coordinator *coordinator, const Item *item);
void source_stop(Coordinator *coordinator, ObjectId id);
void source_drop_slot(Coordinator *coordinator, const Item *item);
void source_table_start(Coordinator *coordinator, const Item *table); /* tables and subsources */
void source_table_stop(Coordinator *coordinator, const Item *table);
MUST_CHECK bool connection_config(Coordinator *coordinator, const Item *connection, PostgresConfig *config, Error *err);
void sources_reconfigure(Coordinator *coordinator,
                         ObjectId changed); /* a connection, or a secret that connections use */

/* source_state.c */
SourceState *source_state(Coordinator *coordinator, ObjectId id);
void source_state_report(Coordinator *coordinator, SourceBatch *batch);
void source_state_committed(Coordinator *coordinator, const SourceBatch *batch, const Tick *tick);
void source_state_write(Coordinator *coordinator); /* rows of what changed go into the open tick */
void source_show_progress(Coordinator *coordinator, RunningSource *source); /* its LSN, in the open tick */
void source_state_remove(Coordinator *coordinator, ObjectId id);

/* pool.c: blocking work on libuv's pool */
typedef struct PoolJob {
    uv_work_t work;
    Coordinator *coordinator;
    Operation *operation;              /* NULL: nobody waits, or it was cancelled */
    void (*run)(struct PoolJob *job);  /* on the pool */
    void (*done)(struct PoolJob *job); /* on the loop; frees what it has put into the job */
    void *input, *output;
    Arena *arena;
    Error error;
} PoolJob;
PoolJob *pool_job_new(Coordinator *coordinator, Operation *operation, void (*run)(PoolJob *job),
                      void (*done)(PoolJob *job));
void pool_job_start(PoolJob *job);

#endif
