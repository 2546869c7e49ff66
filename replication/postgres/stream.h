/*
 * stream.h -- the thread that follows a source, as source.c starts and ends it.
 */
#ifndef FRESHET_REPLICATION_STREAM_H
#define FRESHET_REPLICATION_STREAM_H

#include "replication/postgres/table.h"

void *stream_run(void *source);
void stream_add_table(PostgresSource *source, TableSpec *spec); /* takes the reference; the thread, or before it runs */
void stream_deinit(PostgresSource *source);                     /* after it has ended */

#endif
