/*
 * store_internal.h -- the inside of a store; private to storage/.
 *
 * Three kinds of threads meet here, in `lock`, which is held for list operations only, never over I/O or merging:
 *
 *   the store's thread       takes tasks from the queue, makes ticks durable and publishes them (tick_commit.c); the
 *   only
 *                            one to call consensus after opening
 *   the background thread    writes runs as blobs, merges blobs (compaction.c); hands what it made to the store's
 *   thread
 *   any thread               snapshots, holds, staging, appending to ephemeral shards
 *
 * A tick is durable as one record. From time to time a checkpoint at timestamp T writes what all ticks up to T did to
 * shards and meta records into the records of these, and the ticks' records go. Runs of a durable shard are thus either
 * below the checkpoint: in the shard's record, and only the background thread replaces them (they are below the
 * spine's floor);
 * or above it: in the record of a tick, and on the heap merged by the store's thread.
 */
#ifndef FRESHET_STORAGE_STORE_INTERNAL_H
#define FRESHET_STORAGE_STORE_INTERNAL_H

#include <pthread.h>

#include "base/map.h"
#include "collection/run_internal.h"
#include "storage/blob.h"
#include "storage/consensus.h"
#include "storage/run_file.h"
#include "storage/store.h"

#define LOG_MODULE "storage"

enum {
    SINCE_LAG_MS = 1000,
    SHARD_INLINE_BYTES_MAX = 64 << 10, /* of a run that stands in its shard's record */
    TICK_INLINE_BYTES_DEFAULT = 256 << 10,
    CHECKPOINT_TICKS_DEFAULT = 10000,
    KEY_SIZE_MAX = 32, /* of a "shard/..." or "tick/..." key */
};

enum { SHARD_ROWS, SHARD_ERRORS, SHARD_PARTS };

struct ShardHold {
    Store *store;
    struct Shard *shard; /* retained; NULL: there was no such shard */
    Timestamp since;
};

typedef struct Shard {
    uint64_t id;
    int references; /* with the lock */
    Layout *layout;
    bool ephemeral, lockstep;
    bool dropped;
    bool dirty;      /* has changed since the last checkpoint began */
    bool compact;    /* its runs in blobs have changed since they were last looked at */
    Timestamp since; /* with the lock; only grows */
    Spine *parts[SHARD_PARTS];
    VECTOR(ShardHold *) holds;
    uint64_t sequence;      /* of its record; 0: none. The store's thread */
    pthread_mutex_t writer; /* of an ephemeral shard: one thread at a time appends */
} Shard;

typedef struct MetaRecord {
    char *bytes; /* NULL: removed */
    size_t size;
    uint64_t sequence; /* of its record; 0: none */
    bool dirty;
} MetaRecord;

/* A dropped shard whose record and blobs are still there, until a checkpoint has passed the tick that dropped it. */
typedef struct DroppedShard {
    Shard *shard;
    Timestamp timestamp;
} DroppedShard;

typedef VECTOR(Run *) RunVector;
typedef VECTOR(char *) NameVector;

/* In a spine, neighbours replaced by one run, or by none. All runs are retained. */
typedef struct RunReplacement {
    RunVector old;
    Run *run;
} RunReplacement;

typedef struct ShardChange {
    Shard *shard; /* retained */
    VECTOR(RunReplacement) parts[SHARD_PARTS];
} ShardChange;

/* What the background thread asks the store's thread to write and to publish; it waits for it. */
typedef struct Publication {
    bool is_checkpoint;
    Timestamp timestamp; /* of the checkpoint */
    VECTOR(ShardChange) shards;
    NameVector garbage; /* out: blobs that nothing refers to any more */
    bool ok, finished;
    Error err;
} Publication;

typedef struct StoreTask {
    struct StoreTask *next;
    TickCommit *commit; /* or */
    Publication *publication;
    StoreCommitDone done;
    void *context;
} StoreTask;

/* A merge of blobs that is done a slice at a time. */
typedef struct Compaction Compaction;

struct Store {
    char *directory;
    int lock_fd;
    Blob *blob;
    Consensus *consensus;
    size_t inline_bytes_max, checkpoint_ticks;
    uint64_t name_prefix; /* of the blobs made since the store was opened */
    atomic_uint name_next;
    Layout *error_layout;
    Arena *arena;        /* record types of layouts read at opening */
    atomic_bool failing; /* the last checkpoint failed: it is tried again less often */

    pthread_mutex_t lock;
    Map *shards;         /* id -> Shard */
    Map *meta;           /* key -> MetaRecord */
    Timestamp timestamp; /* newest committed */
    Timestamp upper;     /* of lockstep shards */
    Timestamp before;    /* the tick before the newest: whoever has not heard of the newest yet still reads there */
    Timestamp checkpoint;
    Timestamp last_tick;     /* newest tick with a record, that is with something durable */
    VECTOR(Timestamp) ticks; /* records above the checkpoint, oldest first */
    VECTOR(Timestamp) stale; /* records below it that are still to be removed */
    VECTOR(DroppedShard) dropped;
    uint64_t tick_bytes; /* of records above the checkpoint */
    uint64_t tick_blobs; /* blobs that they refer to */
    StoreStatistics statistics;
    bool closing, closed;

    StoreTask *queue_head, **queue_end;
    Timestamp queue_lowest; /* timestamp of the oldest commit that is not published; TIMESTAMP_MAX: none */
    pthread_cond_t queue_changed;
    pthread_cond_t publication_finished;
    pthread_cond_t background_wake;
    pthread_t thread, background;

    uint64_t store_sequence;              /* of the "store" record; these three are the store's thread's */
    uint64_t shard_records, meta_records; /* as many as there are, so that one that is missing is missed */
    Compaction *compaction;               /* the background thread's */
};

/* ---- shard.c: with the lock, but for shard_new ---- */

Shard *shard_new(Store *store, uint64_t id, Layout *layout, bool ephemeral, bool lockstep, Timestamp upper);
Shard *shard_retain(Shard *shard);
void shard_release(Shard *shard); /* the last one frees */
Shard *store_shard(Store *store, uint64_t shard_id);
/* since as of now: as far as holds and the time that passed allow. Spines are told. */
Timestamp shard_follow(Store *store, Shard *shard);
Layout *shard_part_layout(const Store *store, const Shard *shard, int part);

/* ---- run_output.c: a new run, on the heap or in a blob ---- */

typedef struct RunOutput {
    Store *store;
    Layout *layout;
    HeapSink heap;
    RunFileWriter *writer; /* NULL: on the heap */
    char *name;
} RunOutput;

char *store_blob_name(Store *store);                    /* a new one, heap */
void store_remove_blob(Store *store, const char *name); /* a failure is logged: the blob goes at the next start */
MUST_CHECK bool run_output_begin(RunOutput *output, Store *store, Layout *layout, uint64_t rows_hint, bool in_blob,
                                 bool relative, Error *err);
RunSink *run_output_sink(RunOutput *output);
/* *run NULL: there were no rows, nothing was kept. The output is gone either way. */
MUST_CHECK bool run_output_finish(RunOutput *output, Timestamp lower, Timestamp upper, Timestamp since, bool collisions,
                                  Run **run, Error *err);
void run_output_abandon(RunOutput *output);
/* All of `runs`, merged, on the heap when they are small. Covers [lower, upper). */
MUST_CHECK bool store_merge(Store *store, Layout *layout, Run *const *runs, uint32_t count, Timestamp since,
                            size_t heap_bytes_max, Run **merged, Error *err);
/* The run's chunks as a blob. */
MUST_CHECK bool store_write_run(Store *store, Run *run, Run **written, Error *err);

/* ---- staged_run.c ---- */

struct StagedRun {
    Layout *layout;
    char *name; /* of the blob; NULL: `chunks`, which are few, or nothing */
    ChunkVector chunks;
    uint64_t row_count, size;
};

/* ---- store.c ---- */

void shard_key(char key[KEY_SIZE_MAX], uint64_t shard_id);
void tick_key(char key[KEY_SIZE_MAX], Timestamp timestamp);
/* Takes the value over (heap); NULL removes. With the lock, or while opening. */
void store_set_meta(Store *store, Slice key, char *bytes, size_t size, uint64_t sequence);

/* ---- tick_commit.c, publication.c: the store's thread ---- */

void *store_thread_main(void *store);
void store_publish(Store *store, Publication *publication);

/* Writes that go to consensus together, with the memory they point to. */
typedef struct Batch {
    VECTOR(ConsensusWrite) writes;
    VECTOR(char *) memory;
} Batch;

void batch_put(Batch *batch, const char *key, uint64_t expected_sequence, Buffer *value); /* takes the value over */
void batch_remove(Batch *batch, const char *key, uint64_t expected_sequence);
void batch_deinit(Batch *batch);
/* Adds the removal of up to `limit` records of ticks that the checkpoint has passed; returns how many. When the
   batch was committed, store_stale_removed is told. */
size_t batch_remove_stale(Batch *batch, Store *store, size_t limit);
void store_stale_removed(Store *store, size_t count);

/* ---- compaction.c ---- */

void *store_background_main(void *store);

/* ---- recovery.c ---- */

MUST_CHECK bool store_recover(Store *store, Error *err);

/* ---- tick records: tick_record.c ---- */

/* What one tick does to a shard, as runs at its timestamp. */
typedef struct ShardDelta {
    Shard *shard; /* retained */
    RunVector parts[SHARD_PARTS];
} ShardDelta;

typedef struct TickWork {
    Timestamp timestamp;
    VECTOR(ShardDelta) deltas;
    VECTOR(Shard *) created;  /* retained */
    const TickCommit *commit; /* meta and dropped are read from it */
} TickWork;

void tick_record_append(Buffer *out, const TickWork *work, Timestamp previous);
/* Does what the record says. `previous`: of the tick before it. While opening. */
MUST_CHECK bool tick_record_replay(Store *store, Timestamp timestamp, Slice record, const char *where, Error *err);

void shard_record_append(Buffer *out, const Shard *shard, Timestamp since, Run *const *rows, uint32_t row_runs,
                         Run *const *errors, uint32_t error_runs);

#endif
