#include "server/pgwire/connection_internal.h"

#include <netinet/tcp.h>
#include <openssl/rand.h>
#include <stdio.h>

#include "base/log.h"

#define READ_BYTES 65536

#define BIT(state) (1u << (state))
static const unsigned allowed_moves[] = {
    [CONN_STARTUP] = BIT(CONN_AUTH) | BIT(CONN_IDLE) | BIT(CONN_CLOSING),
    [CONN_AUTH] = BIT(CONN_IDLE) | BIT(CONN_CLOSING),
    [CONN_IDLE] = BIT(CONN_BUSY) | BIT(CONN_CLOSING),
    [CONN_BUSY] = BIT(CONN_IDLE) | BIT(CONN_CLOSING),
    [CONN_CLOSING] = 0,
};

void
connection_move(Connection *connection, ConnectionState to)
{
    if ((allowed_moves[connection->state] & BIT(to)) == 0)
        bug("connection moves from state %d to %d", connection->state, to);
    connection->state = to;
}

/* ---- output ---- */

size_t
connection_output_pending(const Connection *connection)
{
    return connection->output.size + connection->wire.size + (connection->write_pending ? connection->writing.size : 0);
}

static void start_reading(Connection *connection);

static void
write_done(uv_write_t *write, int status)
{
    Connection *connection = write->data;
    connection->write_pending = false;
    buffer_clear(&connection->writing);
    if (connection->writing.capacity > OUTPUT_BYTES_MAX)
        buffer_deinit(&connection->writing);
    if (connection->state == CONN_CLOSING)
        return;
    if (status < 0) {
        connection_close(connection);
        return;
    }
    connection_flush(connection);
    if (connection->state == CONN_CLOSING)
        return;
    if (connection->shut_after_write && !connection->write_pending) {
        connection_close(connection);
        return;
    }
    if (connection_output_pending(connection) < OUTPUT_BYTES_MAX / 2) {
        if (connection->producers_paused && connection->session != NULL) {
            connection->producers_paused = false;
            session_drained(connection->session);
        }
        if (connection->state != CONN_CLOSING) {
            start_reading(connection);
            connection_process(connection);
        }
    }
}

static bool
encrypt_output(Connection *connection)
{
    if (connection->tls == NULL) {
        if (connection->wire.size == 0) {
            Buffer swap = connection->wire;
            connection->wire = connection->output;
            connection->output = swap;
        } else {
            buffer_append_slice(&connection->wire, buffer_slice(&connection->output));
            buffer_clear(&connection->output);
        }
        return true;
    }
    Error err = ERROR_INIT;
    bool ok = connection->output.size == 0 ||
              tls_send(connection->tls, buffer_slice(&connection->output), &connection->wire, &err);
    error_clear(&err);
    buffer_clear(&connection->output);
    return ok;
}

void
connection_flush(Connection *connection)
{
    if (connection->state == CONN_CLOSING || connection->write_pending)
        return;
    if (!encrypt_output(connection)) {
        connection_close(connection);
        return;
    }
    if (connection->wire.size == 0)
        return;
    uv_buf_t buf = uv_buf_init(connection->wire.bytes, (unsigned) connection->wire.size);
    int written = uv_try_write((uv_stream_t *) &connection->socket, &buf, 1);
    if (written < 0 && written != UV_EAGAIN) {
        connection_close(connection);
        return;
    }
    if (written > 0 && (size_t) written == connection->wire.size) {
        buffer_clear(&connection->wire);
        if (connection->wire.capacity > OUTPUT_BYTES_MAX)
            buffer_deinit(&connection->wire);
        return;
    }
    size_t offset = written > 0 ? (size_t) written : 0;
    Buffer swap = connection->writing;
    connection->writing = connection->wire;
    connection->wire = swap;
    buffer_clear(&connection->wire);
    connection->write.data = connection;
    buf = uv_buf_init(connection->writing.bytes + offset, (unsigned) (connection->writing.size - offset));
    if (uv_write(&connection->write, (uv_stream_t *) &connection->socket, &buf, 1, write_done) != 0) {
        connection_close(connection);
        return;
    }
    connection->write_pending = true;
}

/* A last word, then the end. */
void
connection_fail(Connection *connection, const Error *err)
{
    if (connection->state == CONN_CLOSING)
        return;
    send_error(&connection->output, "FATAL", err);
    connection_flush(connection);
    if (connection->state == CONN_CLOSING)
        return;
    if (connection->write_pending) {
        connection->shut_after_write = true;
        uv_read_stop((uv_stream_t *) &connection->socket);
        connection->reading = false;
    } else {
        connection_close(connection);
    }
}

void
connection_refuse(Connection *connection, const char *sqlstate, const char *message)
{
    Error err = ERROR_INIT;
    error_set(&err, sqlstate, "%s", message);
    connection_fail(connection, &err);
    error_clear(&err);
}

void
connection_fail_protocol(Connection *connection, const char *what)
{
    connection_refuse(connection, SQLSTATE_PROTOCOL_VIOLATION, what);
}

/* ---- closing ---- */

static void
connection_closed(uv_handle_t *handle)
{
    Connection *connection = handle->data;
    ConnectionHost *host = connection->host;
    if (connection->session != NULL) {
        session_free(connection->session);
        coordinator_session_ended(host->coordinator, connection->id);
    }
    if (connection->previous != NULL)
        connection->previous->next = connection->next;
    else
        host->connections = connection->next;
    if (connection->next != NULL)
        connection->next->previous = connection->previous;
    host->count--;
    buffer_deinit(&connection->input);
    buffer_deinit(&connection->output);
    buffer_deinit(&connection->wire);
    buffer_deinit(&connection->writing);
    tls_stream_free(connection->tls);
    scram_free(connection->scram);
    for (int i = 0; i < connection->startup_count; i++)
        free(connection->startup[i]);
    free(connection->startup);
    free(connection->user);
    free(connection->database);
    arena_free(connection->message_arena);
    free(connection->chunk);
    free(connection);
}

void
connection_close(Connection *connection)
{
    if (connection->state == CONN_CLOSING)
        return;
    connection_move(connection, CONN_CLOSING);
    /* The session may be what called: it goes in the callback. */
    uv_close((uv_handle_t *) &connection->socket, connection_closed);
}

void
connections_close_all(ConnectionHost *host)
{
    Error err = ERROR_INIT;
    error_set(&err, SQLSTATE_ADMIN_SHUTDOWN, "terminating connection due to administrator command");
    Connection *next;
    for (Connection *connection = host->connections; connection != NULL; connection = next) {
        next = connection->next;
        if (connection->state == CONN_IDLE || connection->state == CONN_BUSY) {
            send_error(&connection->output, "FATAL", &err);
            connection_flush(connection);
        }
        connection_close(connection);
    }
    error_clear(&err);
}

/* ---- messages ---- */

static void
process_bind(Connection *connection, Slice body)
{
    BindMessage bind;
    if (!bind_message_read(body, connection->message_arena, &bind)) {
        connection_move(connection, CONN_IDLE);
        connection_fail_protocol(connection, "malformed Bind message");
        return;
    }
    session_bind(connection->session, bind.portal, bind.statement, bind.formats, bind.format_count, bind.values,
                 bind.value_count, bind.result_formats, bind.result_format_count);
}

static bool
is_extended(char type)
{
    return type == 'P' || type == 'B' || type == 'D' || type == 'E' || type == 'C';
}

static void
process_describe_or_close(Connection *connection, char type, Slice body)
{
    MessageReader reader = {.rest = body};
    char what = (char) read_u8(&reader);
    const char *name = read_text(&reader);
    if (!read_is_done(&reader) || (what != 'S' && what != 'P')) {
        connection_move(connection, CONN_IDLE);
        connection_fail_protocol(connection, type == 'D' ? "malformed Describe message" : "malformed Close message");
    } else if (type == 'D') {
        (what == 'S' ? session_describe_statement : session_describe_portal)(connection->session, name);
    } else {
        (what == 'S' ? session_close_statement : session_close_portal)(connection->session, name);
    }
}

static void
process_extended(Connection *connection, char type, Slice body)
{
    MessageReader reader = {.rest = body};
    connection_move(connection, CONN_BUSY);
    switch (type) {
    case 'P': {
        ParseMessage parse;
        if (parse_message_read(body, connection->message_arena, &parse)) {
            session_parse(connection->session, parse.name, parse.sql, parse.oids, parse.oid_count);
            return;
        }
        break;
    }
    case 'B':
        process_bind(connection, body);
        return;
    case 'E': {
        const char *portal = read_text(&reader);
        int32_t limit = read_i32(&reader);
        if (read_is_done(&reader)) {
            session_execute(connection->session, portal, limit);
            return;
        }
        break;
    }
    default:
        process_describe_or_close(connection, type, body);
        return;
    }
    connection_move(connection, CONN_IDLE);
    connection_fail_protocol(connection, type == 'P' ? "malformed Parse message" : "malformed Execute message");
}

static void
process_message(Connection *connection, char type, Slice body)
{
    MessageReader reader = {.rest = body};
    if (is_extended(type)) {
        if (!session_failed(connection->session))
            process_extended(connection, type, body);
        return;
    }
    switch (type) {
    case 'Q': {
        const char *sql = read_text(&reader);
        if (!read_is_done(&reader)) {
            connection_fail_protocol(connection, "malformed Query message");
            return;
        }
        connection_move(connection, CONN_BUSY);
        connection->ready_due = true;
        session_query(connection->session, slice_of(sql));
        return;
    }
    case 'S':
        connection_move(connection, CONN_BUSY);
        connection->ready_due = true;
        session_sync(connection->session);
        return;
    case 'H':
        connection_flush(connection);
        return;
    case 'X':
        connection_close(connection);
        return;
    case 'd':
    case 'c':
    case 'f':
        return; /* left over from a COPY that failed */
    case 'F':
        connection_refuse(connection, SQLSTATE_FEATURE_NOT_SUPPORTED,
                          "function calls by the FunctionCall message are not supported");
        return;
    default: {
        char text[64];
        snprintf(text, sizeof text, "invalid frontend message type %d", (unsigned char) type);
        connection_fail_protocol(connection, text);
    }
    }
}

static void
process_copy(Connection *connection, char type, Slice body)
{
    switch (type) {
    case 'd':
        session_copy_data(connection->session, body);
        return;
    case 'c':
        connection->in_copy = false;
        session_copy_end(connection->session, NULL);
        return;
    case 'f': {
        MessageReader reader = {.rest = body};
        const char *reason = read_text(&reader);
        connection->in_copy = false;
        session_copy_end(connection->session, reader.failed ? "" : reason);
        return;
    }
    case 'H':
    case 'S':
        return; /* allowed inside COPY, and ignored there */
    default:
        connection->in_copy = false;
        session_copy_end(connection->session, "unexpected message type during COPY from stdin");
    }
}

/* True: one message was handled and another may follow. */
static bool
process_one(Connection *connection)
{
    if (connection->state == CONN_STARTUP)
        return startup_step(connection);
    if (connection->state == CONN_BUSY && !connection->in_copy)
        return false;
    Slice input =
        slice_make(connection->input.bytes + connection->handled, connection->input.size - connection->handled);
    char type;
    Slice body;
    size_t size;
    Error err = ERROR_INIT;
    size_t bytes_max = connection->state == CONN_AUTH ? STARTUP_BYTES_MAX : MESSAGE_BYTES_MAX;
    FrameStatus status = frame_next(input, bytes_max, &type, &body, &size, &err);
    if (status == FRAME_INVALID) {
        connection_fail(connection, &err);
        error_clear(&err);
    }
    if (status != FRAME_COMPLETE)
        return false;
    connection->handled += size;
    if (connection->state == CONN_AUTH)
        startup_authenticate_message(connection, type, body);
    else if (connection->in_copy)
        process_copy(connection, type, body);
    else
        process_message(connection, type, body);
    arena_reset(connection->message_arena);
    return true;
}

void
connection_process(Connection *connection)
{
    if (connection->processing)
        return;
    connection->processing = true;
    while (connection->state != CONN_CLOSING && !connection->shut_after_write &&
           connection_output_pending(connection) < OUTPUT_BYTES_MAX && process_one(connection))
        ;
    connection->processing = false;
    if (connection->state == CONN_CLOSING)
        return;
    if (connection->handled == connection->input.size) {
        buffer_clear(&connection->input);
        if (connection->input.capacity > 4 * READ_BYTES)
            buffer_deinit(&connection->input);
    } else if (connection->handled > 0) {
        size_t rest = connection->input.size - connection->handled;
        memmove(connection->input.bytes, connection->input.bytes + connection->handled, rest);
        connection->input.size = rest;
    }
    connection->handled = 0;
    connection_flush(connection);
    if (connection->state == CONN_CLOSING)
        return;
    if (connection_output_pending(connection) >= OUTPUT_BYTES_MAX) {
        if (connection->reading)
            uv_read_stop((uv_stream_t *) &connection->socket);
        connection->reading = false;
    } else if (connection->state != CONN_BUSY || connection->in_copy) {
        start_reading(connection);
    }
}

/* ---- reading ---- */

static void
lend_buffer(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
    Connection *connection = handle->data;
    (void) suggested;
    if (connection->chunk == NULL)
        connection->chunk = memory_alloc(READ_BYTES);
    *buf = uv_buf_init(connection->chunk, READ_BYTES);
}

/* A client that sends on while its request runs fills the input buffer only so far; then TCP holds it back. */
static void
throttle_reading(Connection *connection)
{
    if (connection->state == CONN_BUSY && !connection->in_copy && connection->input.size > OUTPUT_BYTES_MAX &&
        connection->reading) {
        uv_read_stop((uv_stream_t *) &connection->socket);
        connection->reading = false;
    }
}

static void
on_read(uv_stream_t *stream, ssize_t size, const uv_buf_t *buf)
{
    Connection *connection = stream->data;
    if (size < 0) {
        connection_close(connection);
        return;
    }
    if (size == 0)
        return;
    if (connection->tls == NULL) {
        buffer_append(&connection->input, buf->base, (size_t) size);
    } else {
        Error err = ERROR_INIT;
        bool closed;
        bool ok = tls_receive(connection->tls, slice_make(buf->base, (size_t) size), &connection->input,
                              &connection->wire, &closed, &err);
        connection_flush(connection);
        if (!ok || closed) {
            if (!ok)
                log_debug("pgwire", "TLS failed address=%s error=\"%s\"", connection->address, err.message);
            error_clear(&err);
            connection_close(connection);
            return;
        }
        if (connection->state == CONN_CLOSING)
            return;
    }
    if (!connection->processing)
        connection_process(connection);
    if (connection->state != CONN_CLOSING)
        throttle_reading(connection);
}

static void
start_reading(Connection *connection)
{
    if (connection->reading || connection->state == CONN_CLOSING || connection->shut_after_write)
        return;
    if (uv_read_start((uv_stream_t *) &connection->socket, lend_buffer, on_read) == 0)
        connection->reading = true;
}

static void
remember_address(Connection *connection)
{
    struct sockaddr_storage name;
    int length = sizeof name;
    if (uv_tcp_getpeername(&connection->socket, (struct sockaddr *) &name, &length) != 0)
        return;
    uv_ip_name((struct sockaddr *) &name, connection->address, sizeof connection->address);
    connection->port = ntohs(name.ss_family == AF_INET6 ? ((struct sockaddr_in6 *) &name)->sin6_port
                                                        : ((struct sockaddr_in *) &name)->sin_port);
}

void
connection_accept(ConnectionHost *host, uv_stream_t *server)
{
    Connection *connection = memory_calloc(1, sizeof *connection);
    connection->host = host;
    connection->message_arena = arena_new();
    uv_tcp_init(host->loop, &connection->socket);
    connection->socket.data = connection;
    connection->next = host->connections;
    if (connection->next != NULL)
        connection->next->previous = connection;
    host->connections = connection;
    host->count++;
    connection->id = ++host->next_id;
    if (RAND_bytes((unsigned char *) &connection->key, sizeof connection->key) != 1)
        bug("no random bytes");
    if (uv_accept(server, (uv_stream_t *) &connection->socket) != 0) {
        connection_close(connection);
        return;
    }
    uv_tcp_nodelay(&connection->socket, 1);
    uv_tcp_keepalive(&connection->socket, 1, 60);
    remember_address(connection);
    start_reading(connection);
}
