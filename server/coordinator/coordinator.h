/*
 * coordinator.h -- the one who decides what time it is: closes ticks, chooses read timestamps, runs DDL, owns clusters and sources.
 *
 * Everything here is called on the event loop and calls back on the event loop. An Operation is something that was begun and not finished;
 * its callback is called exactly once, unless operation_cancel came first. A callback may come before the function that began the operation
 * returns: then that function returns NULL.
 *
 * (1) One commit is in flight at a time. While it is, writes gather in the open tick (group commit).
 * (2) A read gets the newest closed tick (strict serializable), and waits until the collections it reads have reached it.
 * (3) Catalog changes are made by one session at a time (ddl lock), in a tick of their own, and visible when their callback is called.
 * (4) A source's position is confirmed upstream only after the commit that contains it.
 */
#ifndef FRESHET_SERVER_COORDINATOR_COORDINATOR_H
#define FRESHET_SERVER_COORDINATOR_COORDINATOR_H

#include <uv.h>

#include "catalog/builtin.h"
#include "catalog/durable.h"
#include "catalog/secret.h"
#include "planner/plan_statement.h"
#include "server/config.h"

typedef struct Coordinator Coordinator;
typedef struct Operation Operation;

/* Opens the data directory, loads the catalog, starts clusters, dataflows and sources. */
MUST_CHECK bool coordinator_open(uv_loop_t *loop, const Config *config, Coordinator **coordinator, Error *err);
/* Stops sources and clusters, waits for the last commit, closes the store. */
void coordinator_close(Coordinator *coordinator);
bool coordinator_is_ready(const Coordinator *coordinator);

Catalog *coordinator_catalog(Coordinator *coordinator);
uv_loop_t *coordinator_loop(Coordinator *coordinator);
int64_t coordinator_start_time(const Coordinator *coordinator); /* timestamptz */
/* Indexes of a cluster that are hydrated. */
IndexOracle coordinator_indexes(Coordinator *coordinator, const char *cluster_name);

/* About how many rows a relation has, for the planner: tables, materialized views and system relations by their shards. */
RowCounts coordinator_row_counts(Coordinator *coordinator);

/* Cancels: no callback comes any more. */
void operation_cancel(Operation *operation);

/* ---- reading ---- */

typedef struct ReadOptions {
    const char *cluster; /* name; 42704 `unknown cluster '{x}'` when it must run there and does not exist */
    bool serializable;   /* do not wait: the newest time at which everything read is there already */
    Timestamp
        timestamp; /* 0: choose; else read exactly there (transactions, AS OF): 22000-class errors when it is not valid for all inputs */
    bool at_least;             /* the newest valid time that is not before `timestamp` */
    uint64_t result_bytes_max; /* 53400 when the result has more; 0: no bound */
} ReadOptions;

typedef struct ReadResult {
    Error error;          /* set: it failed */
    ChunkVector rows;     /* in order; a diff n > 0 means n times. The callee takes them over */
    const SqlType *types; /* of rows' columns; live until the callback returns */
    int type_count;
    Timestamp timestamp; /* where it was read */
} ReadResult;

typedef void (*ReadDone)(void *context, ReadResult *result);
Operation *coordinator_read(Coordinator *coordinator, const PlannedQuery *query, ContextBinding *binding,
                            const ReadOptions *options, ReadDone done, void *context);

/*
 * The fast path for what can be answered here and now: constants, and index peeks at a tick that the index has reached.
 * True: *result is filled (perhaps with an error). False: nothing happened; use coordinator_read.
 */
bool coordinator_read_now(Coordinator *coordinator, const PlannedQuery *query, ContextBinding *binding,
                          const ReadOptions *options, Arena *arena, ReadResult *result);

/* The timestamp that a read of these options would get now (for transactions and now()-free statements). */
Timestamp coordinator_timestamp(Coordinator *coordinator);

/*
 * Keeps everything readable at a time that was just read, for a transaction that reads there again. Costs nothing until it has lasted a while
 * (history is kept for a second anyway).
 */
typedef struct ReadHold ReadHold;
ReadHold *coordinator_hold(Coordinator *coordinator, Timestamp timestamp);
void coordinator_release(Coordinator *coordinator, ReadHold *hold); /* NULL is allowed */

/* ---- subscriptions ---- */

typedef struct SubscribeCallbacks {
    /* `updates` have times >= the last upper and < upper, consolidated; the callee takes them over. Time has passed to upper when there are none. */
    void (*updates)(void *context, ChunkVector *updates, Timestamp upper);
    /* The last call. `error` unset: it ended by itself (UP TO, constant). */
    void (*ended)(void *context, Error *error);
    void *context;
} SubscribeCallbacks;

typedef struct SubscribeOptions {
    const char *cluster;
    bool snapshot, progress;
    bool has_as_of, as_of_at_least;
    Timestamp as_of;
    Timestamp up_to; /* TIMESTAMP_MAX: none */
} SubscribeOptions;

/* NULL with `err` set when it cannot begin: 22000 bounds, not valid AS OF. `as_of` is where it starts. */
Operation *coordinator_subscribe(Coordinator *coordinator, const SubscribePlan *plan, ContextBinding *binding,
                                 const SubscribeOptions *options, const SubscribeCallbacks *callbacks, Timestamp *as_of,
                                 Error *err);
/* While paused, updates pile up in the coordinator; past its bound the subscription ends with 53200. */
void subscription_pause(Operation *subscription);
void subscription_resume(Operation *subscription);

/* ---- writing ---- */

typedef void (*ChangeDone)(void *context,
                           Error *error); /* `error` unset: durable and visible; else the callee clears it */
/* Rows of a local table, already of its types; takes the chunks over. */
Operation *coordinator_write(Coordinator *coordinator, ObjectId table, ChunkVector *rows, ChangeDone done,
                             void *context);

/*
 * Writers that first read what they change hold this lock from before the read until the commit: nobody else of them can change in between
 * what they read. `begin` is called when it is held (perhaps at once). It ends with one of the two functions that follow.
 */
Operation *coordinator_write_lock(Coordinator *coordinator, void (*begin)(void *context), void *context);
void coordinator_write_unlock(Coordinator *coordinator); /* nothing was written */
/* As coordinator_write; the lock passes on when the commit is there, even if the operation is cancelled before. Diffs may be negative. */
Operation *coordinator_write_and_unlock(Coordinator *coordinator, ObjectId table, ChunkVector *rows, ChangeDone done,
                                        void *context);

/* One at a time: `begin` is called when the lock is held (perhaps at once). Every lock is followed by coordinator_ddl_unlock. */
Operation *coordinator_ddl_lock(Coordinator *coordinator, void (*begin)(void *context), void *context);
void coordinator_ddl_unlock(Coordinator *coordinator);
/* Writes secrets, validates connections, commits, applies, and starts or stops what follows. Under the lock. Takes plan->change over. */
Operation *coordinator_change(Coordinator *coordinator, StatementPlan *plan, ContextBinding *binding, EvalContext *eval,
                              ChangeDone done, void *context);

/* The answer lives in `arena`, which the callee takes over; both NULL when `error` is set. */
typedef void (*InspectDone)(void *context, Arena *arena, const UpstreamAnswer *answer, Error *error);
Operation *coordinator_inspect(Coordinator *coordinator, const InspectPlan *plan, InspectDone done, void *context);
Operation *coordinator_validate(Coordinator *coordinator, ObjectId connection, ChangeDone done, void *context);

/* ---- sessions, for mz_sessions and limits ---- */
void coordinator_session_started(Coordinator *coordinator, uint32_t connection_id, const char *user,
                                 const char *address);
void coordinator_session_ended(Coordinator *coordinator, uint32_t connection_id);

/* Prometheus text. */
void coordinator_metrics(Coordinator *coordinator, Buffer *out);

#endif
