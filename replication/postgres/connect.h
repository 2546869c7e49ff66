/*
 * connect.h -- connections to the upstream server, and statements on them that can be given up.
 *
 * Everything here waits, but never longer than its time-out, and at once no longer when `stop_fd` becomes readable (an
 * eventfd that is written once and never read; -1: there is none). Looking a host's name up happens on a thread of its
 * own, since it cannot be interrupted.
 *
 * Errors: 58000 when there is no connection (the message is the cause), 08006 "connection closed" when it was lost, 57014
 * when it was given up, else the server's own SQLSTATE with its message behind "sql client error: db error: ERROR: ".
 */
#ifndef FRESHET_REPLICATION_CONNECT_H
#define FRESHET_REPLICATION_CONNECT_H

#include <libpq-fe.h>
#include <stdint.h>

#include "base/buffer.h"
#include "replication/postgres/postgres_source.h"

#define CONNECT_TIMEOUT_MS 15000

/* `replication`: a walsender that takes SQL too. The caller ends it with PQfinish. */
MUST_CHECK bool upstream_connect(const PostgresConfig *config, bool replication, int stop_fd, PGconn **connection,
                                 Error *err);

/* One statement. The caller frees the result with PQclear. */
MUST_CHECK bool upstream_query(PGconn *connection, int stop_fd, const char *sql, PGresult **result, Error *err);
MUST_CHECK bool upstream_execute(PGconn *connection, int stop_fd, const char *sql, Error *err);

/* Waits for `fd` (events as for poll) or `stop_fd`. False: stopped (57014) or the time is over (08006). */
MUST_CHECK bool upstream_wait(int fd, short events, int stop_fd, int timeout_ms, Error *err);

/* What a server's ErrorResponse or PGresult says, as an error. */
bool upstream_error(Error *err, const char *sqlstate, const char *message, const char *detail, const char *hint);

/* Quoted as SQL wants it. */
void sql_append_identifier(Buffer *sql, const char *name);
void sql_append_literal(Buffer *sql, const char *text);

/* "16/B374D848"; false when it is none. */
bool lsn_parse(const char *text, uint64_t *lsn);
/* Into `text`, of at least 20 bytes; returns it. */
char *lsn_print(uint64_t lsn, char *text);

#endif
