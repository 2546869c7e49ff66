/*
 * stream_internal.h -- the thread that follows a source: what it knows, and the parts it is written in.
 *
 *     source.c            what other threads call; they leave commands in a mailbox
 *     stream.c            the thread: connect, wait, read, tell upstream what is durable
 *     stream_apply.c      messages -> changes of tables
 *     stream_snapshot.c   which tables need a copy, which copies are complete
 *     stream_publish.c    changes, copies, errors, statuses, figures -> batches of the queue
 *
 * (1) `position` is the LSN up to which every transaction that committed before it has been applied here. Batches carry it.
 * (2) A table is LIVE (its changes are handed on), COPYING (they are kept with their LSNs until its snapshot is complete and
 *     `position` has reached the snapshot's), WAITING for a snapshot to begin, or BROKEN for good.
 * (3) All that is not marked as shared belongs to the thread.
 */
#ifndef FRESHET_REPLICATION_STREAM_INTERNAL_H
#define FRESHET_REPLICATION_STREAM_INTERNAL_H

#include <pthread.h>

#include "base/map.h"
#include "replication/postgres/changes.h"
#include "replication/postgres/slot.h"
#include "replication/postgres/snapshot.h"
#include "replication/postgres/watch.h"
#include "replication/postgres/copy_stream.h"

#define ASIDE_BYTES_MAX (UINT64_C(1) << 30) /* kept for snapshots; reading pauses beyond */
#define SNAPSHOTS_MAX   2

typedef enum TableState { TABLE_WAITING, TABLE_COPYING, TABLE_LIVE, TABLE_BROKEN } TableState;

typedef struct StreamTable {
    TableSpec *spec;
    TableState state;
    TableChanges changes;
    bool touched; /* by the open transaction */
    bool dirty;   /* something complete is to be handed on */
    /* What the last Relation message said. */
    bool bound;
    uint16_t *wire; /* column -> place in the tuples */
    char *misfit;   /* why it cannot be followed, or NULL */
    /* Errors: of the open transaction; to be handed on; found in the catalogs; of a time that a snapshot may cover. */
    char *open_error, *error, *finding, *doubt;
    uint64_t finding_lsn, doubt_lsn;
    /* Its snapshot. */
    Snapshot *snapshot;
    int snapshot_index;
    bool lsn_known, copied;
    uint64_t snapshot_lsn, snapshot_bytes;
    int failures;
    int64_t retry_us;
    StatisticsReport statistics;
} StreamTable;

typedef struct Relation {
    uint32_t oid;
    Arena *arena; /* of message */
    bool has_message;
    PgoutputMessage message; /* the last one of its kind on this connection */
    VECTOR(StreamTable *) tables;
} Relation;

typedef enum CommandKind { COMMAND_ADD, COMMAND_REMOVE, COMMAND_RECONFIGURE, COMMAND_FINDING } CommandKind;

typedef struct Command {
    CommandKind kind;
    TableSpec *spec;       /* ADD */
    uint64_t shard_id;     /* REMOVE, FINDING */
    PostgresConfig config; /* RECONFIGURE */
    char *text;            /* FINDING */
    uint64_t lsn;
} Command;

struct PostgresSource {
    uint64_t id, timeline_id;
    char *slot, *publication;
    Store *store;
    TickQueue *queue;
    pthread_t thread;

    /* Shared. */
    int wake_fd, stop_fd;
    atomic_bool stopping, has_mail;
    _Atomic uint64_t confirmed, upstream_lsn;
    atomic_bool feedback_wanted; /* confirmed has moved since the last feedback */
    pthread_mutex_t lock;
    VECTOR(Command) commands; /* under the lock */
    Watch *watch;

    PostgresConfig config;
    VECTOR(StreamTable *) tables;
    VECTOR(StreamTable *) touched;
    VECTOR(StreamTable *) dirty;
    VECTOR(Snapshot *) snapshots;
    Map *relations; /* oid -> Relation */
    Relation *last_relation;

    /* The connection. */
    PGconn *connection;
    CopyStream stream;
    PgoutputDecoder decoder;
    bool connected, reconfigured, refused; /* refused: the queue takes no more of us */
    bool text_mode;                        /* of this connection */
    bool slot_ready;                       /* it exists: snapshots may begin */
    bool gathering;                        /* reading in large pieces */
    int64_t window_us;
    size_t window_bytes;
    uint64_t window_messages;
    int failures;

    /* The transaction that is being received. */
    bool in_transaction, skipping;
    uint64_t commit_lsn;

    uint64_t position, pushed; /* pushed: position of the last batch */
    uint64_t transactions;
    int64_t commit_us_max;
    VECTOR(StatusReport) statuses;
    bool statistics_dirty;
    StatisticsReport statistics;
    int64_t push_us, feedback_us, statistics_us, received_us, follow_us; /* when it last happened */
    bool mail_taken; /* somebody has woken us since the snapshots were looked at */
    size_t aside_bytes;
    bool wants_position; /* something waits for the stream to come so far */
};

/* stream_apply.c */
MUST_CHECK bool stream_apply(PostgresSource *source, Slice message, Error *err);
void stream_roll_back(PostgresSource *source); /* the open transaction will come again */
void stream_bind(PostgresSource *source, StreamTable *table);
Relation *stream_relation(PostgresSource *source, uint32_t oid); /* found or made */
void stream_forget_relations(PostgresSource *source);            /* a new connection tells them again */
/* The table cannot be followed from here on. Between transactions only; `text` is copied. */
void stream_break_table(PostgresSource *source, StreamTable *table, const char *text);
void stream_mark_dirty(PostgresSource *source, StreamTable *table);

/* stream_snapshot.c */
void stream_snapshots_begin(PostgresSource *source, int64_t now_us);
void stream_snapshots_follow(PostgresSource *source, int64_t now_us);
void stream_snapshots_end(PostgresSource *source);
void stream_snapshot_forget(StreamTable *table);            /* it is of no use any more */
int64_t stream_snapshots_due(const PostgresSource *source); /* when something is to be begun again; INT64_MAX: never */

/* stream_publish.c */
bool stream_has_output(const PostgresSource *source);
void stream_flush(PostgresSource *source, int64_t now_us);
void stream_report(PostgresSource *source, uint64_t object_id, SourceStatus status, const char *error,
                   const char *hint);
void stream_report_all(PostgresSource *source, SourceStatus status, const char *error, const char *hint);
SourceStatus stream_table_status(const StreamTable *table);

StreamTable *stream_table(PostgresSource *source, uint64_t shard_id); /* NULL: there is none */
void source_wake(PostgresSource *source);                             /* any thread */

#endif
