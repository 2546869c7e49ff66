#include "replication/postgres/wire.h"

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
wire_init(Wire *wire, PGconn *connection, int stop_fd, size_t capacity)
{
    int size = RECEIVE_BUFFER_BYTES;
    *wire = (Wire){.connection = connection,
                   .tls = PQsslStruct(connection, "OpenSSL"),
                   .fd = PQsocket(connection),
                   .stop_fd = stop_fd,
                   .buffer = memory_alloc(capacity),
                   .capacity = capacity,
                   .low_water = 1};
    setsockopt(wire->fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size); /* a wish */
}

void
wire_deinit(Wire *wire)
{
    free(wire->buffer);
    *wire = (Wire){.fd = -1};
}

static bool
wire_closed(Error *err)
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
wire_transfer(Wire *wire, void *bytes, size_t size, bool writes, short *events)
{
    *events = writes ? POLLOUT : POLLIN;
    if (wire->tls != NULL)
        return tls_transfer(wire->tls, bytes, size, writes, events);
    return socket_transfer(wire->fd, bytes, size, writes);
}

bool
wire_send(Wire *wire, const void *bytes, size_t size, Error *err)
{
    const char *at = bytes;
    while (size > 0) {
        short events;
        ssize_t done = wire_transfer(wire, (void *) at, size, true, &events);
        if (done < 0)
            return wire_closed(err);
        if (done == 0 && !upstream_wait(wire->fd, events, wire->stop_fd, CONNECT_TIMEOUT_MS, err))
            return false;
        at += done;
        size -= (size_t) done;
    }
    return true;
}

static bool
send_frame(Wire *wire, char type, const void *payload, size_t size, Error *err)
{
    Buffer frame = {0};
    buffer_append_char(&frame, type);
    buffer_append_be32(&frame, (uint32_t) (size + 4));
    buffer_append(&frame, payload, size);
    bool ok = wire_send(wire, frame.bytes, frame.size, err);
    buffer_deinit(&frame);
    return ok;
}

bool
wire_query(Wire *wire, const char *sql, Error *err)
{
    return send_frame(wire, 'Q', sql, strlen(sql) + 1, err);
}

bool
wire_copy_data(Wire *wire, const void *payload, size_t size, Error *err)
{
    return send_frame(wire, 'd', payload, size, err);
}

/* ---- frames ---- */

/* Bytes of the frame at the front with its header; 0 while its header is not whole. */
static size_t
frame_size(const Wire *wire)
{
    if (wire->end - wire->begin < HEADER_BYTES)
        return 0;
    return (size_t) be32_read(wire->buffer + wire->begin + 1) + 1;
}

WireTake
wire_take(Wire *wire, char *type, Slice *payload, Error *err)
{
    size_t size = frame_size(wire);
    if (size == 0)
        return WIRE_NOTHING;
    if (size < HEADER_BYTES || size > FRAME_BYTES_MAX) {
        error_set(err, SQLSTATE_PROTOCOL_VIOLATION, "invalid message length from the server");
        return WIRE_BAD;
    }
    if (wire->end - wire->begin < size)
        return WIRE_NOTHING;
    *type = wire->buffer[wire->begin];
    *payload = slice_make(wire->buffer + wire->begin + HEADER_BYTES, size - HEADER_BYTES);
    wire->begin += size;
    return WIRE_FRAME;
}

/* Makes room behind what is there: for the rest of the frame at the front at least. */
static void
wire_make_room(Wire *wire)
{
    size_t size = frame_size(wire);
    size = size > FRAME_BYTES_MAX ? 0 : size;
    if (wire->begin > 0) {
        memmove(wire->buffer, wire->buffer + wire->begin, wire->end - wire->begin);
        wire->end -= wire->begin;
        wire->begin = 0;
    }
    if (size > wire->capacity || wire->end == wire->capacity) {
        wire->capacity = size > wire->capacity * 2 ? size : wire->capacity * 2;
        wire->buffer = memory_realloc(wire->buffer, wire->capacity);
    }
}

bool
wire_fill(Wire *wire, size_t *bytes, Error *err)
{
    *bytes = 0;
    wire->full = false;
    wire_make_room(wire);
    while (wire->end < wire->capacity) {
        short events;
        ssize_t done = wire_transfer(wire, wire->buffer + wire->end, wire->capacity - wire->end, false, &events);
        if (done < 0)
            return *bytes > 0 || wire_closed(err); /* what came is looked at first */
        if (done == 0)
            return true;
        bool emptied = wire->tls == NULL && (size_t) done < wire->capacity - wire->end;
        wire->end += (size_t) done;
        *bytes += (size_t) done;
        if (emptied)
            return true;
    }
    wire->full = true;
    return true;
}

bool
wire_next(Wire *wire, char *type, Slice *payload, Error *err)
{
    for (;;) {
        switch (wire_take(wire, type, payload, err)) {
        case WIRE_FRAME:
            return true;
        case WIRE_BAD:
            return false;
        case WIRE_NOTHING:
            break;
        }
        size_t bytes;
        if (!wire_fill(wire, &bytes, err))
            return false;
        if (bytes == 0 && !upstream_wait(wire->fd, POLLIN, wire->stop_fd, -1, err))
            return false;
    }
}

bool
wire_finish_query(Wire *wire, Error *err)
{
    char type;
    Slice payload;
    bool ok = true;
    while (wire_next(wire, &type, &payload, err)) {
        if (type == 'E')
            ok = wire_error(payload, err);
        if (type == 'Z')
            return ok;
    }
    return false;
}

void
wire_set_low_water(Wire *wire, int bytes)
{
    if (wire->low_water == bytes)
        return;
    wire->low_water = bytes;
    setsockopt(wire->fd, SOL_SOCKET, SO_RCVLOWAT, &bytes, sizeof bytes); /* a wish, too */
}

bool
wire_error(Slice payload, Error *err)
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
