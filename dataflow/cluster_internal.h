/*
 * cluster_internal.h -- what passes between a cluster's callers and its worker; private to dataflow/.
 *
 *     callers --- commands (bounded) ---> worker --- results ---> cluster_poll
 *                                           |
 *                                           '--- published states of exports ---> any thread
 *
 * Each of the three has a lock of its own, held for a few instructions only.
 */
#ifndef FRESHET_DATAFLOW_CLUSTER_INTERNAL_H
#define FRESHET_DATAFLOW_CLUSTER_INTERNAL_H

#include <pthread.h>

#include "base/map.h"
#include "dataflow/circuit.h"
#include "dataflow/crew.h"

typedef enum CommandKind {
    COMMAND_CREATE,
    COMMAND_DROP,
    COMMAND_TICK,
    COMMAND_FEED,
    COMMAND_ALLOW_COMPACTION,
    COMMAND_STOP,
} CommandKind;

typedef struct Command {
    struct Command *next;
    CommandKind kind;
    uint64_t id; /* dataflow, collection or index */
    DataflowPlan *plan;
    ImportState *imports;
    CancelFlag *cancel;
    Tick *tick;
    ChunkVector rows, errors;
    Timestamp time;
} Command;

/* A result on its way. While it is the last one of its export and says only how far time has come, a later one takes its place. */
typedef struct ResultEntry {
    struct ResultEntry *next;
    struct ResultEntry **slot; /* who points here, to be told when it is gone; NULL: nobody */
    ClusterResult result;
} ResultEntry;

/* What any thread may know of an index or shard export. */
typedef struct Published {
    uint64_t export_id;
    bool is_index;
    bool hydrated;
    bool follows; /* idle and in lockstep: its frontier is the ticks' */
    Timestamp frontier;
    SpineSnapshot *rows, *errors; /* of an index */
    uint64_t records, bytes;
} Published;

struct Cluster {
    char *name;
    size_t memory_bytes_max;
    void (*wake)(void *context);
    void *wake_context;
    pthread_t thread;
    Crew *crew; /* helps the worker with queries */

    pthread_mutex_t command_lock;
    pthread_cond_t command_ready, command_room;
    Command *first_command, *last_command;
    size_t command_count;
    Map *cancels; /* dataflow id -> CancelFlag */

    pthread_mutex_t result_lock;
    ResultEntry *first_result, *last_result;

    pthread_mutex_t publish_lock;
    Map *published; /* export id -> Published */
    Timestamp tick_frontier;

    atomic_bool frontier_wanted;
    atomic_ullong next_wakeup;
    atomic_ullong steps, step_us_total, rows_in, rows_out, memory_bytes, dataflows;
};

/* Worker's side. */
/* Every command that waits, in order; NULL when there is none and `wait` is false. */
Command *cluster_take_commands(Cluster *cluster, bool wait);
void command_release_snapshots(Command *command); /* of the imports */
void command_free(Command *command);
/* Takes the result's contents over. `slot`: see ResultEntry; a result that may be replaced by a later one names it. */
void cluster_post(Cluster *cluster, ClusterResult *result, ResultEntry **slot, bool replaceable);
void cluster_forget_slot(Cluster *cluster, ResultEntry **slot);

/* The dataflow has ended by itself: its flag is not needed any more. */
void cluster_forget_cancel(Cluster *cluster, uint64_t dataflow_id, CancelFlag *cancel);

void published_free(Published *published);

/* worker.c: the thread. */
void *worker_main(void *cluster);

#endif
