/*
 * worker.h -- a cluster's thread and the dataflows it keeps; private to dataflow/.
 *
 * worker.c schedules: commands first, then dataflows that are ready (small steps), then one slice of a long step or hydration,
 * in turn, then one slice of merging. dataflow.c takes one dataflow through its life:
 *
 *     WAITING --imports have reached as_of--> HYDRATING --done--> LIVE --step, step, ...--> gone
 *
 * A frontier is a time: contents before it are complete. Frontiers are not moved about but asked for: a dataflow's is the least
 * of its imports' uppers and of what waits to be done, so that a tick costs nothing where it changes nothing.
 *
 * Everything here belongs to the worker's thread.
 */
#ifndef FRESHET_DATAFLOW_WORKER_H
#define FRESHET_DATAFLOW_WORKER_H

#include "dataflow/cluster_internal.h"
#include "dataflow/render.h"

#define INDEX_HISTORY_MS 1000

typedef struct Worker Worker;
typedef struct Dataflow Dataflow;
typedef struct Index Index;

typedef enum ImportKind {
    IMPORT_TICKS, /* a shard in lockstep */
    IMPORT_FEED,  /* a shard with an upper of its own */
    IMPORT_INDEX, /* an index of this cluster */
} ImportKind;

typedef struct Import {
    Dataflow *dataflow;
    const PlanImport *plan;
    ImportKind kind;
    Operator *op;
    Index *index;
    bool has_snapshot;            /* false only while an index is not hydrated */
    SpineSnapshot *rows, *errors; /* until the hydration begins */
    Timestamp snapshot_upper;     /* what is below it is in the snapshot */
    Timestamp upper;              /* IMPORT_FEED */
    StepQueue queue;
} Import;

typedef struct Export {
    const PlanExport *plan;
    Operator *op;
    Index *index; /* of EXPORT_INDEX */
    Timestamp reported;
    ResultEntry *pending; /* the last result, while a later one may take its place */
} Export;

/* An index of this cluster: the export of one dataflow, read by others. */
struct Index {
    uint64_t id;
    Dataflow *owner;
    Operator *op;
    VECTOR(Import *) readers;
    bool has_allowed;
    Timestamp allowed; /* since may move up to here */
};

typedef enum DataflowState { DATAFLOW_WAITING, DATAFLOW_HYDRATING, DATAFLOW_LIVE } DataflowState;
typedef enum DataflowPlace { PLACE_NONE, PLACE_READY, PLACE_LONG } DataflowPlace;

struct Dataflow {
    uint64_t id;
    Worker *worker;
    DataflowPlan *plan;
    CancelFlag *cancel;
    Circuit *circuit;
    Import *imports;
    Export *exports;
    DataflowState state;
    DataflowPlace place;
    bool lockstep; /* moved by ticks alone */
    bool orphaned; /* dropped, but others read its index */
    bool failing;  /* in the middle of dataflow_fail */
    bool touched;  /* scratch of a tick */
    bool worked;   /* stepped since its frontier was last told */
    bool merging;  /* there may be something to merge */
    Timestamp wakeup;
    Timestamp settled; /* the frontier last told */
    uint64_t memory;
    uint64_t rows_in;
    uint64_t memo_epoch;
    Timestamp memo_frontier;
};

typedef VECTOR(Dataflow *) DataflowVector;

typedef struct Followers {
    VECTOR(Import *) imports;
} Followers;

struct Worker {
    Cluster *cluster;
    Map *dataflows; /* id -> Dataflow; without orphans */
    Map *indexes;   /* id -> Index; without orphans */
    Map *followers; /* collection id -> Followers */
    DataflowVector all;
    DataflowVector watched; /* visited at every tick */
    DataflowVector ready, long_running;
    size_t ready_at; /* ready[0 ... ready_at) were taken */
    Timestamp tick_frontier;
    uint64_t epoch; /* grows when any frontier may have moved */
    uint64_t memory;
    bool told_frontier; /* something was published since the last wake */
    size_t merge_at;
};

typedef enum RunOutcome {
    RUN_IDLE, /* nothing to do before something comes in */
    RUN_MORE, /* the slice was used up */
    RUN_GONE, /* the dataflow has ended */
} RunOutcome;

/* dataflow.c */
void dataflow_create(Worker *worker, Command *command);
RunOutcome dataflow_run(Dataflow *dataflow, int64_t *fuel);
void dataflow_drop(Dataflow *dataflow); /* orphans it while its index is read */
void dataflow_fail(Dataflow *dataflow, const Error *err);
void dataflow_free(Dataflow *dataflow);
bool dataflow_merge(Dataflow *dataflow, size_t fuel); /* true: there is more */
bool dataflow_is_watched(const Dataflow *dataflow);

/* frontier.c */
Timestamp import_upper(const Import *import);
Timestamp dataflow_frontier(Dataflow *dataflow);
Timestamp dataflow_next_step(const Dataflow *dataflow); /* TIMESTAMP_MAX: nothing waits */
Timestamp dataflow_limit(const Dataflow *dataflow);     /* the least upper of its imports, and until */
/* Index and shard exports are shown to other threads. */
void dataflow_publish(Dataflow *dataflow, Timestamp frontier);
/* Tells everybody how far the dataflow has come. */
void dataflow_settle(Dataflow *dataflow);
void index_move_since(Index *index);

/* worker.c */
void worker_schedule(Worker *worker, Dataflow *dataflow);
void worker_forget(Worker *worker, Dataflow *dataflow); /* out of every list */
void worker_watch(Worker *worker, Dataflow *dataflow);  /* or no longer, as dataflow_is_watched says */
Followers *worker_followers(Worker *worker, uint64_t collection_id, bool make);

#endif
