/*
 * postgres_source.h -- following a PostgreSQL server as a logical-replication client.
 *
 * One thread a source reads the stream; one more for each running snapshot. They push batches into a TickQueue.
 *
 * (1) A table's snapshot is taken under a temporary slot's exported snapshot at LSN s. Changes to it that commit at or after s are kept aside until
 *     the copy is complete, and then published with it, in one batch, at the stream's position. Other tables are not held up.
 * (2) confirmed_flush_lsn upstream moves only to what postgres_source_confirm was called with.
 * (3) A schema change that does not fit puts that table in error; the source goes on.
 * (4) Lost connections are retried with backoff (1 s to 30 s, jittered); the status says why.
 */
#ifndef FRESHET_REPLICATION_POSTGRES_SOURCE_H
#define FRESHET_REPLICATION_POSTGRES_SOURCE_H

#include "base/vector.h"
#include "replication/tick_queue.h"

/* How to reach a server. Heap strings; wiped and freed by postgres_config_deinit. */
typedef struct PostgresConfig {
    char *host, *database, *user, *password;
    int port;
    char *ssl_mode; /* libpq's words: disable, require, verify-ca, verify-full */
    char *ssl_root_pem, *ssl_certificate_pem, *ssl_key_pem; /* contents, or NULL */
} PostgresConfig;

void postgres_config_copy(PostgresConfig *to, const PostgresConfig *from);
void postgres_config_deinit(PostgresConfig *config);

/* ---- asked once, before something is created; blocking: run on a thread of a pool ---- */

/* Connects, checks wal_level, senders, slots, that it is no standby. Errors: mzsql 2.1 (58000 for connections), no prefix. */
MUST_CHECK bool postgres_validate(const PostgresConfig *config, Error *err);

typedef enum ReferenceKind { REFERENCE_NONE, REFERENCE_ALL, REFERENCE_SCHEMAS, REFERENCE_TABLES } ReferenceKind;

typedef struct ReferenceRequest { /* one of FOR TABLES (...), or REFERENCE of CREATE TABLE FROM SOURCE */
    const char *schema, *table;   /* schema NULL: not said */
} ReferenceRequest;

typedef struct ColumnReference {         /* of TEXT COLUMNS, EXCLUDE COLUMNS */
    const char *schema, *table, *column; /* schema may be NULL */
    int position;
} ColumnReference;

typedef struct InspectRequest {
    const char *publication;
    ReferenceKind references;
    const char *const *schemas;
    int schema_count;
    const ReferenceRequest *tables;
    int table_count;
    const ColumnReference *text_columns, *exclude_columns;
    int text_column_count, exclude_column_count;
    bool for_table; /* CREATE TABLE FROM SOURCE: no prefix to errors about references */
} InspectRequest;

/* A column that will come in, mapped to a type here. */
typedef struct InspectedColumn {
    const char *name;
    int attnum;
    uint32_t type_oid;
    int32_t typmod;
    bool not_null, as_text, excluded;
    SqlType type; /* what it becomes here */
} InspectedColumn;

typedef struct InspectedKey {
    int *columns; /* indexes into columns */
    int count;
    bool primary;
} InspectedKey;

typedef struct InspectedTable {
    uint32_t oid;
    const char *schema, *name;
    char replica_identity;
    InspectedColumn *columns;
    int column_count;
    InspectedKey *keys;
    int key_count;
} InspectedTable;

typedef struct Inspection {
    const char *database;
    uint64_t timeline_id;
    uint64_t system_identifier;
    InspectedTable
        *tables; /* the ones asked for; with REFERENCE_NONE every published one (columns without type checks) */
    int table_count;
    InspectedTable *available; /* every published table, names and column names only: mz_source_references */
    int available_count;
} Inspection;

/* All of mzsql 2.1, steps 3 to 14, with its messages. `arena` gets the result. Nothing is created upstream. */
MUST_CHECK bool postgres_inspect(const PostgresConfig *config, const InspectRequest *request, Arena *arena,
                                 Inspection *result, Error *err);

/* ---- a running source ---- */

/* What flows into one shard. Strings and arrays are copied by the source. */
typedef struct SourceTableColumn {
    const char *upstream_name;
    int attnum;
    uint32_t type_oid;
    int32_t typmod;
    bool not_null, as_text;
    SqlType type;
} SourceTableColumn;

typedef struct SourceTable {
    uint64_t object_id; /* the table or subsource here, for statuses */
    uint64_t shard_id;
    uint32_t upstream_oid;
    const char *schema, *name;
    SourceTableColumn *columns; /* taken columns, in the order of the shard's columns */
    int column_count;
    InspectedKey *keys; /* over `columns`: keys known at creation */
    int key_count;
    Layout *layout; /* of the shard */
    bool needs_snapshot;
    bool is_broken; /* already in error (durable): changes are ignored */
} SourceTable;

typedef struct PostgresSourceOptions {
    uint64_t source_id;
    PostgresConfig config; /* copied */
    const char *slot, *publication, *database;
    uint64_t timeline_id; /* 0: not checked */
    uint64_t resume_lsn;  /* 0: never streamed; the slot is made when it is missing */
    const SourceTable *tables;
    int table_count;
    Store *store; /* for staging snapshot runs */
    TickQueue *queue;
} PostgresSourceOptions;

typedef struct PostgresSource PostgresSource;

/* Starts threads and returns at once: problems are statuses. */
PostgresSource *postgres_source_start(const PostgresSourceOptions *options);
/* Stops the threads (at most about a second: connections are cut) and frees it. Nothing upstream changes. */
void postgres_source_stop(PostgresSource *source);
void postgres_source_add_table(PostgresSource *source, const SourceTable *table); /* snapshots it */
void postgres_source_remove_table(PostgresSource *source, uint64_t shard_id);
/* Everything up to lsn is durable. Any thread; wakes the sender of feedback when it is due. */
void postgres_source_confirm(PostgresSource *source, uint64_t lsn);
/* New connection options (ALTER CONNECTION, ALTER SECRET): reconnects. */
void postgres_source_reconfigure(PostgresSource *source, const PostgresConfig *config);

/* Drops a slot, ending the walsender that uses it; blocking, for a pool thread. Not being there is success. */
MUST_CHECK bool postgres_drop_slot(const PostgresConfig *config, const char *slot, Error *err);

#endif
