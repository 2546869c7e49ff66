/*
 * watch.h -- looks at the upstream catalogs every second or so, for what the stream does not tell: PostgreSQL says that a
 * table has changed only with that table's next change, and that it left the publication never.
 *
 * A thread of its own with a connection of its own. What it cannot reach it tries again: reporting is the stream's business.
 * `found` is called once for a table, on that thread: since the LSN given, or before, the table no longer fits.
 */
#ifndef FRESHET_REPLICATION_WATCH_H
#define FRESHET_REPLICATION_WATCH_H

#include "replication/postgres/table.h"

typedef struct Watch Watch;

typedef struct WatchOptions {
    const PostgresConfig *config; /* copied */
    const char *publication;
    void (*found)(void *context, uint64_t shard_id, const char *text, uint64_t lsn);
    void (*position)(void *context, uint64_t lsn); /* of upstream, at every look */
    void *context;
} WatchOptions;

Watch *watch_start(const WatchOptions *options);
void watch_free(Watch *watch); /* stops it */
/* Any thread. */
void watch_add(Watch *watch, TableSpec *spec); /* retained */
void watch_remove(Watch *watch, uint64_t shard_id);
void watch_reconfigure(Watch *watch, const PostgresConfig *config);
void watch_hurry(Watch *watch); /* looks now */

#endif
