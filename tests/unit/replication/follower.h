/*
 * follower.h -- a stand-in for the coordinator: takes batches from the queue, commits them to a real store, confirms them.
 *
 * What it holds of a table can be compared with what the upstream server says.
 */
#ifndef FRESHET_TESTS_UNIT_REPLICATION_FOLLOWER_H
#define FRESHET_TESTS_UNIT_REPLICATION_FOLLOWER_H

#include <pthread.h>

#include "replication/postgres/postgres_source.h"
#include "tests/lib/postgres.h"

typedef struct FollowedTable {
    SourceTable table; /* strings in the follower's arena */
    bool readable, broken;
    StatusReport status;
    StatisticsReport statistics;
} FollowedTable;

typedef struct Follower {
    const Postgres *upstream;
    const char *database;
    PostgresConfig config;
    Arena *arena;
    char *directory;
    Store *store;
    TickQueue *queue;
    PostgresSource *source;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool woken, ending, paused; /* paused: nothing is committed */
    Timestamp now;
    uint64_t resume, batches, transactions;
    StatusReport status;
    StatisticsReport statistics;
    VECTOR(FollowedTable *) tables;
    bool checks_timeline;
    uint64_t timeline_id;
} Follower;

/* A database with a publication "pub" must exist. Nothing runs yet. */
Follower *follower_new(const Postgres *upstream, const char *database);
void follower_free(Follower *follower); /* stops it, too */

/* What CREATE SOURCE asks. Names are "schema.table", columns "column"; lists end with NULL, or are NULL. */
FollowedTable *follower_add(Follower *follower, const char *name, const char *const *text_columns,
                            const char *const *exclude_columns);
void follower_start(Follower *follower);
void follower_stop(Follower *follower);    /* an orderly end of the source */
void follower_restart(Follower *follower); /* as after a crash: begins at what is durable */
void follower_pause(Follower *follower, bool paused);

/* The rows as text, sorted, one a line; "error: ..." when the table has one. Heap. */
char *follower_contents(Follower *follower, const FollowedTable *table);
/* The same of what upstream has, by a query. */
char *upstream_contents(const Follower *follower, const char *query);

/* Waits until both are equal; fails the test when that takes longer than 30 s. */
void follower_expect_query(Follower *follower, const FollowedTable *table, const char *query);
void follower_expect(Follower *follower, const FollowedTable *table); /* SELECT * */
void follower_expect_error(Follower *follower, const FollowedTable *table, const char *part);
void follower_expect_status(Follower *follower, const StatusReport *status, SourceStatus expected);
void follower_run(const Follower *follower, const char *sql); /* upstream */

#endif
