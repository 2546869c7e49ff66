/*
 * connection_internal.h -- what the files of this folder share of a connection.
 *
 *     connection.c  the socket: reading, writing, bounds, messages in their order
 *     startup.c     from the first byte to a session: TLS, cancel requests, parameters, authentication
 *     sink.c        what the session says, as messages
 */
#ifndef FRESHET_SERVER_PGWIRE_CONNECTION_INTERNAL_H
#define FRESHET_SERVER_PGWIRE_CONNECTION_INTERNAL_H

#include "server/auth.h"
#include "server/pgwire/connection.h"
#include "server/pgwire/message.h"

#define OUTPUT_BYTES_MAX ((size_t) 1 << 20)

typedef enum ConnectionState { CONN_STARTUP, CONN_AUTH, CONN_IDLE, CONN_BUSY, CONN_CLOSING } ConnectionState;

struct Connection {
    uv_tcp_t socket;
    ConnectionHost *host;
    Connection *next, *previous;
    ConnectionState state;
    uint32_t id, key;
    char address[64];
    int port; /* of the client */

    Buffer input; /* plain bytes, not handled yet, from `handled` on */
    size_t handled;
    Buffer output; /* plain bytes for the client, not handed to the socket */
    Buffer wire;   /* what the socket is writing, or (TLS) will */
    uv_write_t write;
    Buffer writing;
    bool write_pending, reading, producers_paused, shut_after_write;
    bool processing; /* inside connection_process: done must not call it again */
    bool ready_due;  /* the running request ends with ReadyForQuery */
    bool in_copy;

    TlsStream *tls;
    Scram *scram;
    Session *session;
    char *user, *database;
    char **startup; /* name, value, ... NULL */
    int startup_count;
    Arena *message_arena;
    char *chunk; /* read buffer, lent to libuv */
};

/* The only place that changes the state; a move that the drawing in connection.h has not is a bug. */
void connection_move(Connection *connection, ConnectionState to);
void connection_process(Connection *connection); /* handles what came in, as far as it may */
void connection_flush(Connection *connection);   /* hands the output to the socket; may close the connection */
void connection_fail(Connection *connection, const Error *err); /* FATAL, then the end */
void connection_refuse(Connection *connection, const char *sqlstate, const char *message);
void connection_fail_protocol(Connection *connection, const char *what); /* 08P01 */
void connection_close(Connection *connection);
size_t connection_output_pending(const Connection *connection); /* bytes that the client has not taken */

/* One step of the startup. False: more bytes are needed, or the connection is on its way out. */
bool startup_step(Connection *connection);
void startup_authenticate_message(Connection *connection, char type, Slice body);

extern const SinkVtable connection_sink;

#endif
