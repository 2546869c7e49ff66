/*
 * wire.h -- the frames of PostgreSQL's protocol, read in large pieces, once COPY has begun on a connection.
 *
 * libpq makes the connection and then hands each frame of a COPY out in memory of its own. What carries millions of rows is
 * read here instead, straight from the connection's socket (or its TLS session), many frames at a time.
 *
 * (1) From wire_init on the connection is used through the wire only, until PQfinish. libpq must be idle before.
 * (2) A frame's payload lies in the wire's buffer and is good until the next wire_fill.
 */
#ifndef FRESHET_REPLICATION_WIRE_H
#define FRESHET_REPLICATION_WIRE_H

#include <libpq-fe.h>
#include <sys/types.h>

#include "base/error.h"
#include "base/slice.h"

typedef struct Wire {
    PGconn *connection;
    void *tls; /* SSL *, or NULL */
    int fd, stop_fd;
    char *buffer;
    size_t begin, end, capacity;
    int low_water; /* bytes that must be there before the socket counts as readable */
    bool full;     /* the last wire_fill ended for want of room: there may be more, and the socket need not say so */
} Wire;

void wire_init(Wire *wire, PGconn *connection, int stop_fd, size_t capacity);
void wire_deinit(Wire *wire);

/* Waits until all is written. */
MUST_CHECK bool wire_send(Wire *wire, const void *bytes, size_t size, Error *err);
MUST_CHECK bool wire_query(Wire *wire, const char *sql, Error *err);
MUST_CHECK bool wire_copy_data(Wire *wire, const void *payload, size_t size, Error *err);

typedef enum WireTake { WIRE_FRAME, WIRE_NOTHING, WIRE_BAD } WireTake;
/* The next whole frame, when there is one. WIRE_BAD: what came is not the protocol (err set). */
WireTake wire_take(Wire *wire, char *type, Slice *payload, Error *err);

/* Reads what is there without waiting, as far as the buffer goes. `bytes`: how many came. False: closed or failed (08006). */
MUST_CHECK bool wire_fill(Wire *wire, size_t *bytes, Error *err);

/* Waits for the next frame. False: closed, failed, stopped. */
MUST_CHECK bool wire_next(Wire *wire, char *type, Slice *payload, Error *err);

/* Waits for the end of a simple query whose frames do not matter; an ErrorResponse becomes the error. */
MUST_CHECK bool wire_finish_query(Wire *wire, Error *err);

/* The socket counts as readable only with so many bytes; 1 is the normal way. Bytes that came less than that can be read. */
void wire_set_low_water(Wire *wire, int bytes);

/* An ErrorResponse as an error. Returns false. */
bool wire_error(Slice payload, Error *err);

#endif
