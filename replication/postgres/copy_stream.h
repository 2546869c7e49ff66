/*
 * copy_stream.h -- the frames of PostgreSQL's protocol, read in large pieces, once COPY has begun on a connection.
 *
 * libpq makes the connection and then hands each frame of a COPY out in memory of its own. What carries millions of rows is
 * read here instead, straight from the connection's socket (or its TLS session), many frames at a time.
 *
 * (1) From copy_stream_init on the connection is used through the stream only, until PQfinish. libpq must be idle before.
 * (2) A frame's payload lies in the stream's buffer and is good until the next copy_stream_fill.
 */
#ifndef FRESHET_REPLICATION_COPY_STREAM_H
#define FRESHET_REPLICATION_COPY_STREAM_H

#include <libpq-fe.h>
#include <sys/types.h>

#include "base/error.h"
#include "base/slice.h"

typedef struct CopyStream {
    PGconn *connection;
    void *tls; /* SSL *, or NULL */
    int fd, stop_fd;
    char *buffer;
    size_t begin, end, capacity;
    int low_water; /* bytes that must be there before the socket counts as readable */
    bool full; /* the last copy_stream_fill ended for want of room: there may be more, and the socket need not say so */
} CopyStream;

void copy_stream_init(CopyStream *stream, PGconn *connection, int stop_fd, size_t capacity);
void copy_stream_deinit(CopyStream *stream);

/* Waits until all is written. */
MUST_CHECK bool copy_stream_send(CopyStream *stream, const void *bytes, size_t size, Error *err);
MUST_CHECK bool copy_stream_query(CopyStream *stream, const char *sql, Error *err);
MUST_CHECK bool copy_stream_send_data(CopyStream *stream, const void *payload, size_t size, Error *err);

typedef enum CopyTake { TAKE_FRAME, TAKE_NOTHING, TAKE_BAD } CopyTake;
/* The next whole frame, when there is one. TAKE_BAD: what came is not the protocol (err set). */
CopyTake copy_stream_take(CopyStream *stream, char *type, Slice *payload, Error *err);

/* Reads what is there without waiting, as far as the buffer goes. `bytes`: how many came. False: closed or failed (08006). */
MUST_CHECK bool copy_stream_fill(CopyStream *stream, size_t *bytes, Error *err);

/* Waits for the next frame. False: closed, failed, stopped. */
MUST_CHECK bool copy_stream_next(CopyStream *stream, char *type, Slice *payload, Error *err);

/* Waits for the end of a simple query whose frames do not matter; an ErrorResponse becomes the error. */
MUST_CHECK bool copy_stream_finish_query(CopyStream *stream, Error *err);

/* The socket counts as readable only with so many bytes; 1 is the normal way. Bytes that came less than that can be read. */
void copy_stream_set_low_water(CopyStream *stream, int bytes);

/* An ErrorResponse as an error. Returns false. */
bool copy_stream_error(Slice payload, Error *err);

#endif
