/*
 * connection.h -- one client's socket: protocol states, buffers and their bounds.
 *
 *     STARTUP -> AUTH -> IDLE <-> BUSY; any -> CLOSING
 *
 * (1) Messages are handled in the order they came; while a request runs (BUSY) the next ones wait in the input buffer.
 * (2) When more than OUTPUT_BYTES_MAX of answers wait for the client, nothing more is read from it and producers are told to pause.
 * (3) A connection is freed only after libuv has closed its handle.
 * Event loop only.
 */
#ifndef FRESHET_SERVER_PGWIRE_CONNECTION_H
#define FRESHET_SERVER_PGWIRE_CONNECTION_H

#include "server/session/session.h"
#include "server/tls.h"

typedef struct Connection Connection;

/* What connections of one listener share; it keeps them in a list, for cancel requests and shutdown. */
typedef struct ConnectionHost {
    uv_loop_t *loop;
    Coordinator *coordinator;
    const Config *config;
    TlsContext *tls; /* NULL: no TLS */
    Connection *connections;
    uint32_t next_id;
    int count;
} ConnectionHost;

/* Takes a client that the server socket announced. */
void connection_accept(ConnectionHost *host, uv_stream_t *server);
/* Says 57P01 and closes every one. */
void connections_close_all(ConnectionHost *host);

#endif
