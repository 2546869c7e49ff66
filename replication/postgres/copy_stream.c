#include "replication/postgres/copy_stream.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/arena.h"
#include "base/buffer.h"
#include "replication/postgres/connect.h"

#define RECEIVE_BUFFER_BYTES (4 << 20)
#define FRAME_BYTES_MAX      (1u << 30)
#define HEADER_BYTES         5 /* type, length */

void
copy_stream_init(CopyStream *stream, PGconn *connection, int stop_fd, size_t capacity)
{
    int size = RECEIVE_BUFFER_BYTES;
    *stream = (CopyStream){.connection = connection,
                           .tls = PQsslStruct(connection, "OpenSSL"),
                           .fd = PQsocket(connection),
                           .stop_fd = stop_fd,
                           .buffer = memory_alloc(capacity),
                           .capacity = capacity,
                           .low_water = 1};
    setsockopt(stream->fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size); /* a wish */
}

void
copy_stream_deinit(CopyStream *stream)
{
    free(stream->buffer);
    *stream = (CopyStream){.fd = -1};
}

static bool
copy_stream_closed(Error *err)
{
    return error_set(err, SQLSTATE_CONNECTION_FAILURE, "connection closed");
}

/* ---- bytes ---- */

/* At least one byte, 0 when it would wait (for *events), -1 when the connection is gone. */
static ssize_t
tls_transfer(SSL *tls, void *bytes, size_t size, bool writes, short *events)
{
    ERR_clear_error();
    size_t done = 0;
    int ok = writes ? SSL_write_ex(tls, bytes, size, &done) : SSL_read_ex(tls, bytes, size, &done);
    if (ok == 1)
        return (ssize_t) done;
    switch (SSL_get_error(tls, ok)) {
    case SSL_ERROR_WANT_READ:
        *events = POLLIN;
        return 0;
    case SSL_ERROR_WANT_WRITE:
        *events = POLLOUT;
        return 0;
    default:
        return -1;
    }
}

static ssize_t
socket_transfer(int fd, void *bytes, size_t size, bool writes)
{
    for (;;) {
        ssize_t done =
            writes ? send(fd, bytes, size, MSG_NOSIGNAL | MSG_DONTWAIT) : recv(fd, bytes, size, MSG_DONTWAIT);
        if (done > 0)
            return done;
        if (done < 0 && errno == EINTR)
            continue;
        return done < 0 && (errno == EAGAIN || errno == EWOULDBLOCK) ? 0 : -1;
    }
}

static ssize_t
copy_stream_transfer(CopyStream *stream, void *bytes, size_t size, bool writes, short *events)
{
    *events = writes ? POLLOUT : POLLIN;
    if (stream->tls != NULL)
        return tls_transfer(stream->tls, bytes, size, writes, events);
    return socket_transfer(stream->fd, bytes, size, writes);
}

bool
copy_stream_send(CopyStream *stream, const void *bytes, size_t size, Error *err)
{
    const char *at = bytes;
    while (size > 0) {
        short events;
        ssize_t done = copy_stream_transfer(stream, (void *) at, size, true, &events);
        if (done < 0)
            return copy_stream_closed(err);
        if (done == 0 && !upstream_wait(stream->fd, events, stream->stop_fd, CONNECT_TIMEOUT_MS, err))
            return false;
        at += done;
        size -= (size_t) done;
    }
    return true;
}

static bool
send_frame(CopyStream *stream, char type, const void *payload, size_t size, Error *err)
{
    Buffer frame = {0};
    buffer_append_char(&frame, type);
    buffer_append_be32(&frame, (uint32_t) (size + 4));
    buffer_append(&frame, payload, size);
    bool ok = copy_stream_send(stream, frame.bytes, frame.size, err);
    buffer_deinit(&frame);
    return ok;
}

bool
copy_stream_query(CopyStream *stream, const char *sql, Error *err)
{
    return send_frame(stream, 'Q', sql, strlen(sql) + 1, err);
}

bool
copy_stream_send_data(CopyStream *stream, const void *payload, size_t size, Error *err)
{
    return send_frame(stream, 'd', payload, size, err);
}

/* ---- frames ---- */

/* Bytes of the frame at the front with its header; 0 while its header is not whole. */
static size_t
frame_size(const CopyStream *stream)
{
    if (stream->end - stream->begin < HEADER_BYTES)
        return 0;
    return (size_t) be32_read(stream->buffer + stream->begin + 1) + 1;
}

CopyTake
copy_stream_take(CopyStream *stream, char *type, Slice *payload, Error *err)
{
    size_t size = frame_size(stream);
    if (size == 0)
        return TAKE_NOTHING;
    if (size < HEADER_BYTES || size > FRAME_BYTES_MAX) {
        error_set(err, SQLSTATE_PROTOCOL_VIOLATION, "invalid message length from the server");
        return TAKE_BAD;
    }
    if (stream->end - stream->begin < size)
        return TAKE_NOTHING;
    *type = stream->buffer[stream->begin];
    *payload = slice_make(stream->buffer + stream->begin + HEADER_BYTES, size - HEADER_BYTES);
    stream->begin += size;
    return TAKE_FRAME;
}

/* Makes room behind what is there: for the rest of the frame at the front at least. */
static void
copy_stream_make_room(CopyStream *stream)
{
    size_t size = frame_size(stream);
    size = size > FRAME_BYTES_MAX ? 0 : size;
    if (stream->begin > 0) {
        memmove(stream->buffer, stream->buffer + stream->begin, stream->end - stream->begin);
        stream->end -= stream->begin;
        stream->begin = 0;
    }
    if (size > stream->capacity || stream->end == stream->capacity) {
        stream->capacity = size > stream->capacity * 2 ? size : stream->capacity * 2;
        stream->buffer = memory_realloc(stream->buffer, stream->capacity);
    }
}

bool
copy_stream_fill(CopyStream *stream, size_t *bytes, Error *err)
{
    *bytes = 0;
    stream->full = false;
    copy_stream_make_room(stream);
    while (stream->end < stream->capacity) {
        short events;
        ssize_t done =
            copy_stream_transfer(stream, stream->buffer + stream->end, stream->capacity - stream->end, false, &events);
        if (done < 0)
            return *bytes > 0 || copy_stream_closed(err); /* what came is looked at first */
        if (done == 0)
            return true;
        bool emptied = stream->tls == NULL && (size_t) done < stream->capacity - stream->end;
        stream->end += (size_t) done;
        *bytes += (size_t) done;
        if (emptied)
            return true;
    }
    stream->full = true;
    return true;
}

bool
copy_stream_next(CopyStream *stream, char *type, Slice *payload, Error *err)
{
    for (;;) {
        switch (copy_stream_take(stream, type, payload, err)) {
        case TAKE_FRAME:
            return true;
        case TAKE_BAD:
            return false;
        case TAKE_NOTHING:
            break;
        }
        size_t bytes;
        if (!copy_stream_fill(stream, &bytes, err))
            return false;
        if (bytes == 0 && !upstream_wait(stream->fd, POLLIN, stream->stop_fd, -1, err))
            return false;
    }
}

bool
copy_stream_finish_query(CopyStream *stream, Error *err)
{
    char type;
    Slice payload;
    bool ok = true;
    while (copy_stream_next(stream, &type, &payload, err)) {
        if (type == 'E')
            ok = copy_stream_error(payload, err);
        if (type == 'Z')
            return ok;
    }
    return false;
}

void
copy_stream_set_low_water(CopyStream *stream, int bytes)
{
    if (stream->low_water == bytes)
        return;
    stream->low_water = bytes;
    setsockopt(stream->fd, SOL_SOCKET, SO_RCVLOWAT, &bytes, sizeof bytes); /* a wish, too */
}

bool
copy_stream_error(Slice payload, Error *err)
{
    const char *fields[128] = {NULL};
    const char *at = payload.bytes, *end = payload.bytes + payload.size;
    while (at < end && *at != '\0') {
        const char *text = at + 1;
        const char *stop = memchr(text, '\0', (size_t) (end - text));
        if (stop == NULL)
            break;
        fields[(unsigned char) *at & 127] = text;
        at = stop + 1;
    }
    return upstream_error(err, fields['C'], fields['M'], fields['D'], fields['H']);
}
