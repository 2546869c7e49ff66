/*
 * store.h -- the durable collections of one data directory (or one object store with a consensus database).
 *
 * A shard is a spine whose runs are blobs; its list of runs, since, upper are records in consensus, as are the
 * key-value `meta` records (resume positions of sources, the timestamp oracle). A tick is one commit over
 * every shard and meta record that it touches.
 *
 * (1) store_commit makes all of a TickCommit durable, or none of it. Timestamps of commits strictly increase.
 * (2) After `done` was called without error, every snapshot taken shows the tick; before, none does.
 * (3) All shards are in lockstep: after a commit at t every lockstep shard's upper is t + 1. Shards created with
 *     `lockstep` false (materialized views) have an upper of their own, moved by writes with store_commit_shard.
 * (4) Ephemeral shards have the same interface and live in memory: system relations, and results that are rebuilt at
 *     start.
 * (5) A damaged directory is refused at open, or at the read of the damaged part, with XX001 naming file and part. A
 *     directory of
 *     another format version is refused. A directory that another process has open is refused (55006).
 * (6) When a write fails (disk full: 53100) nothing of the tick is visible and the store goes on; the caller may retry.
 *
 * Threads: open, close, store_shard_* and snapshots from any thread; commits are queued to the store's own thread,
 * which calls `done` there. Compaction runs on the store's background thread.
 */
#ifndef FRESHET_STORAGE_STORE_H
#define FRESHET_STORAGE_STORE_H

#include "collection/spine.h"

typedef struct Store Store;

typedef struct StoreOptions {
    const char *directory;
    /* Updates of a shard in a tick up to this many bytes travel in consensus; 0: default 256 KiB. */
    size_t inline_bytes_max;
    size_t checkpoint_ticks; /* how many ticks at most are replayed at open; 0: default 10000 */
} StoreOptions;

MUST_CHECK bool store_open(const StoreOptions *options, Store **store, Error *err);
void store_close(Store *store); /* waits for queued commits */

/* What a shard's rows are. `error` rows of a collection are kept beside it: one text column, an encoded EvalError. */
typedef struct ShardSpec {
    uint64_t shard_id;
    Layout *layout;
    bool ephemeral;
    bool lockstep;
} ShardSpec;

/* A run written as blobs before the commit that publishes it: how a snapshot of millions of rows gets in. */
typedef struct StagedRun StagedRun;
/* Sorts, writes and syncs. Any thread; the shard need not exist yet. Times are replaced by the commit's timestamp. */
MUST_CHECK bool store_stage_run(Store *store, Layout *layout, Chunk *const *chunks, size_t count, StagedRun **staged,
                                Error *err);
void store_discard_staged(Store *store, StagedRun *staged);

typedef struct ShardWrite {
    uint64_t shard_id;
    ChunkVector rows;           /* times are replaced by the commit's timestamp; released after the commit */
    ChunkVector errors;         /* one bytes column; likewise */
    VECTOR(StagedRun *) staged; /* consumed by the commit */
    /* First retract everything that the shard holds (before this tick), rows and errors: TRUNCATE, re-snapshot. */
    bool replace;
} ShardWrite;

typedef struct MetaWrite {
    char *key;   /* heap; "source/u5", "oracle", ... */
    Slice value; /* heap bytes; NULL bytes: remove the record */
} MetaWrite;

typedef struct TickCommit {
    Timestamp timestamp;       /* above every one before, idle time included, and at least 1; else 40001 */
    VECTOR(ShardWrite) writes; /* at most one a shard */
    VECTOR(MetaWrite) meta;
    VECTOR(ShardSpec) created; /* each with one reference of its layout, which the commit releases */
    VECTOR(uint64_t) dropped;
} TickCommit;

TickCommit *tick_commit_new(void);
void tick_commit_free(TickCommit *commit); /* of one that was not given to store_commit; staged runs are left alone */
/* The write of that shard, made when there is none. Valid until the next call. */
ShardWrite *tick_commit_shard(TickCommit *commit, uint64_t shard_id);
void tick_commit_meta(TickCommit *commit, const char *key, const void *bytes, size_t size);

/* What a tick changed, for those who follow it: consolidated per shard, times set; `replace` is already turned into
   retractions. Immutable, counted by references. Staged runs of a snapshot appear as runs, not copied. */
typedef struct TickDelta {
    uint64_t shard_id;
    ChunkVector rows;
    ChunkVector errors;
    VECTOR(Run *) runs; /* further rows, as runs with times of this tick */
} TickDelta;

typedef struct Tick {
    atomic_uint references;
    Timestamp timestamp;
    VECTOR(TickDelta) deltas;
} Tick;

Tick *tick_new(Timestamp timestamp);
Tick *tick_retain(Tick *tick);
void tick_release(Tick *tick);
const TickDelta *tick_delta(const Tick *tick, uint64_t shard_id); /* NULL: that shard did not change */

/* Takes `commit` over, staged runs included, also when it fails. Commits are done in the order given. One that changes
   nothing durable is not written and leaves no trace of its timestamp after a restart. `tick` is NULL when
   `err` is set; the callee of `done` owns one reference of it. */
typedef void (*StoreCommitDone)(void *context, Tick *tick, const Error *err);
void store_commit(Store *store, TickCommit *commit, StoreCommitDone done, void *context);

/* Appends to one ephemeral shard that is not in lockstep: updates with times in [upper, new_upper). Synchronous.
   The chunks keep their times and are taken over: the vectors are left empty. NULL is allowed. */
void store_append(Store *store, uint64_t shard_id, ChunkVector *rows, ChunkVector *errors, Timestamp new_upper);
/* Makes and drops ephemeral shards outside a commit. */
void store_create_ephemeral(Store *store, const ShardSpec *spec, Timestamp upper);
void store_drop_ephemeral(Store *store, uint64_t shard_id);

/* The newest committed timestamp, 0 when there was none. */
Timestamp store_timestamp(Store *store);
/* Lockstep shards' upper moves to `timestamp` + 1 with nothing written: idle time passing. In memory only. It does not
   pass commits that are on their way. */
void store_advance(Store *store, Timestamp timestamp);

typedef struct ShardSnapshot {
    SpineSnapshot *rows;
    SpineSnapshot *errors;
} ShardSnapshot;

/* False: no such shard. The caller releases both snapshots. */
MUST_CHECK bool store_snapshot(Store *store, uint64_t shard_id, ShardSnapshot *snapshot);
bool store_shard_exists(Store *store, uint64_t shard_id);
uint64_t store_shard_bytes(Store *store, uint64_t shard_id);
uint64_t store_shard_rows(Store *store, uint64_t shard_id); /* updates held: about how many rows it has */
Timestamp store_shard_since(Store *store, uint64_t shard_id);
/* Holds back compaction of a shard: contents at times >= since stay readable. The default lets it follow the tick before the newest, and upper -
   1000 ms. */
typedef struct ShardHold ShardHold;
ShardHold *store_hold(Store *store, uint64_t shard_id, Timestamp since); /* from the shard's since on at best */
void store_hold_move(ShardHold *hold, Timestamp since);
void store_hold_release(ShardHold *hold);

/* Meta records as committed. Copied into `arena`; false: none. */
bool store_meta(Store *store, const char *key, Arena *arena, Slice *value);

/* Every shard known at open, for the owner to drop what nothing refers to. */
void store_list_shards(Store *store, void (*each)(void *context, uint64_t shard_id), void *context);

/* Figures for /metrics. */
typedef struct StoreStatistics {
    uint64_t commits, commit_us_total, blobs_written, blob_bytes_written, compactions, shards;
} StoreStatistics;
void store_statistics(Store *store, StoreStatistics *statistics);

#endif
