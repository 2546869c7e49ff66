/*
 * snapshot_internal.h -- what the threads of one snapshot share.
 */
#ifndef FRESHET_REPLICATION_SNAPSHOT_INTERNAL_H
#define FRESHET_REPLICATION_SNAPSHOT_INTERNAL_H

#include <pthread.h>

#include "replication/postgres/published.h"
#include "replication/postgres/snapshot.h"

#define SNAPSHOT_CHUNK_ROWS 65536u
#define SNAPSHOT_RUN_ROWS   (8u * SNAPSHOT_CHUNK_ROWS)
#define SNAPSHOT_RUN_BYTES  (48u << 20)

typedef struct SnapshotTable {
    TableSpec *spec;
    CopyState state;
    char *failure;            /* heap */
    int pending;              /* ranges not read yet, and runs being staged */
    VECTOR(StagedRun *) runs; /* under the lock, like all above */
    _Atomic uint64_t rows_known, rows_staged, bytes;
    atomic_bool cancelled;
    char kind;
    const char *row_filter; /* in the snapshot's arena */
} SnapshotTable;

typedef struct SnapshotRange { /* of pages of a table */
    int table;
    int64_t first_page, end_page; /* -1: without bound */
} SnapshotRange;

struct Snapshot {
    pthread_t thread;
    pthread_mutex_t lock;
    int stop_fd;
    PostgresConfig config;
    char *publication;
    Store *store;
    void (*wake)(void *context);
    void *context;
    Arena *arena; /* the leader's */
    SnapshotTable *tables;
    int count;
    bool lsn_known, finished;
    uint64_t lsn;
    VECTOR(SnapshotRange) ranges; /* written by the leader before workers run; taken under the lock */
    size_t next_range;
};

/* The thread that sorts and writes what a worker has read; at most one set of chunks waits. */
typedef struct Stager {
    Snapshot *snapshot;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    ChunkVector chunks; /* waiting */
    int table;          /* that they are of */
    bool ending;
} Stager;

void stager_start(Stager *stager, Snapshot *snapshot);
void stager_submit(Stager *stager, int table,
                   ChunkVector *chunks); /* takes the chunks; waits while another set waits */
void stager_finish(Stager *stager);      /* when all is staged */

/* One connection's work: copies ranges until there are none. False: the connection is lost, err says why. */
MUST_CHECK bool snapshot_copy_ranges(Snapshot *snapshot, PGconn *connection, Error *err);

void snapshot_table_pend(Snapshot *snapshot, int table);   /* one more piece to come */
void snapshot_table_finish(Snapshot *snapshot, int table); /* one piece less; the last one makes it done */
void snapshot_table_fail(Snapshot *snapshot, int table, CopyState state, const char *text);
bool snapshot_table_is_pending(Snapshot *snapshot, int table);

#endif
