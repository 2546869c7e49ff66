/*
 * snapshot.h -- copying tables as they were at one position upstream, into staged runs.
 *
 * A temporary slot exports its snapshot at LSN s: transactions that commit before s are in it, the others are not. Up to
 * SNAPSHOT_WORKERS connections import it and copy tables, or ranges of pages of a large table, one after another; each has a
 * thread that reads and decodes and one that sorts and writes.
 *
 * (1) A table is COPY_DONE when all of its rows are staged, which is durable. What was staged and is not taken is discarded.
 * (2) COPY_BROKEN is definite: upstream no longer has what the table was made for, or sent what cannot be stored.
 *     COPY_FAILED may be tried again.
 *
 * Called by the thread that started it; `wake` is called on others whenever something has changed.
 */
#ifndef FRESHET_REPLICATION_SNAPSHOT_H
#define FRESHET_REPLICATION_SNAPSHOT_H

#include "replication/postgres/table.h"

#define SNAPSHOT_WORKERS 2

typedef struct Snapshot Snapshot;

typedef struct SnapshotOptions {
    const PostgresConfig *config; /* copied */
    const char *publication;
    TableSpec *const *specs; /* retained */
    int count;
    Store *store;
    void (*wake)(void *context);
    void *context;
} SnapshotOptions;

Snapshot *snapshot_start(const SnapshotOptions *options);
/* Cuts connections; the threads end soon. Also done by snapshot_free, which waits for them. */
void snapshot_stop(Snapshot *snapshot);
void snapshot_free(Snapshot *snapshot);

/* False while s is not known. */
bool snapshot_lsn(Snapshot *snapshot, uint64_t *lsn);
bool snapshot_is_finished(Snapshot *snapshot); /* no table changes its state any more */

typedef enum CopyState { COPY_PENDING, COPY_DONE, COPY_FAILED, COPY_BROKEN } CopyState;

typedef struct SnapshotProgress {
    CopyState state;
    uint64_t rows_known, rows_staged, bytes;
} SnapshotProgress;

SnapshotProgress snapshot_progress(Snapshot *snapshot, int table);
/* Of a table that failed or broke: in `arena`. */
const char *snapshot_failure(Snapshot *snapshot, int table, Arena *arena);
/* Moves the runs of a table that is done. */
void snapshot_take(Snapshot *snapshot, int table, BatchWrite *write);
/* The table is not wanted any more. */
void snapshot_cancel(Snapshot *snapshot, int table);

#endif
