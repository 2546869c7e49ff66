#include "server/pgwire/connection.h"

#include <netinet/tcp.h>
#include <openssl/rand.h>
#include <stdio.h>

#include "base/log.h"
#include "server/auth.h"
#include "server/pgwire/message.h"

#define OUTPUT_BYTES_MAX ((size_t) 1 << 20)
#define READ_BYTES       65536

typedef enum ConnectionState { CONN_STARTUP, CONN_AUTH, CONN_IDLE, CONN_BUSY, CONN_CLOSING } ConnectionState;

#define BIT(state) (1u << (state))
static const unsigned allowed_moves[] = {
    [CONN_STARTUP] = BIT(CONN_AUTH) | BIT(CONN_IDLE) | BIT(CONN_CLOSING),
    [CONN_AUTH] = BIT(CONN_IDLE) | BIT(CONN_CLOSING),
    [CONN_IDLE] = BIT(CONN_BUSY) | BIT(CONN_CLOSING),
    [CONN_BUSY] = BIT(CONN_IDLE) | BIT(CONN_CLOSING),
    [CONN_CLOSING] = 0,
};

struct Connection {
    uv_tcp_t socket;
    ConnectionHost *host;
    Connection *next, *previous;
    ConnectionState state;
    uint32_t id, key;
    char address[64];

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

static void connection_process(Connection *connection);
static void connection_close(Connection *connection);

static void
connection_move(Connection *connection, ConnectionState to)
{
    if ((allowed_moves[connection->state] & BIT(to)) == 0)
        bug("connection moves from state %d to %d", connection->state, to);
    connection->state = to;
}

/* ---- output ---- */

static size_t
output_pending(const Connection *connection)
{
    return connection->output.size + connection->wire.size + (connection->write_pending ? connection->writing.size : 0);
}

static void connection_flush(Connection *connection);
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
    if (output_pending(connection) < OUTPUT_BYTES_MAX / 2) {
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

static void
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
static void
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

static void
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

/* ---- sink: what the session says ---- */

static void
sink_row_description(void *sink, const RelationDesc *desc, const ResultFormat *format)
{
    send_row_description(&((Connection *) sink)->output, desc, format->codes, format->count);
}

static void
sink_rows(void *sink, const RelationDesc *desc, const ResultFormat *format, const TextStyle *style, const Chunk *chunk,
          uint32_t first, uint32_t count)
{
    send_rows(&((Connection *) sink)->output, desc, format->codes, format->count, style, chunk, first, count);
}

static void
sink_command_complete(void *sink, const char *tag)
{
    send_command_complete(&((Connection *) sink)->output, tag);
}

static void
sink_empty_query(void *sink)
{
    send_empty(&((Connection *) sink)->output, 'I');
}

static void
sink_portal_suspended(void *sink)
{
    send_empty(&((Connection *) sink)->output, 's');
}

static void
sink_error(void *sink, const Error *err)
{
    ((Connection *) sink)->in_copy = false;
    send_error(&((Connection *) sink)->output, "ERROR", err);
}

static void
sink_notice(void *sink, const Notice *notice)
{
    send_notice(&((Connection *) sink)->output, notice);
}

static void
sink_parameter_status(void *sink, const char *name, const char *value)
{
    send_parameter_status(&((Connection *) sink)->output, name, value);
}

static void
sink_copy_out(void *sink, int column_count, bool binary)
{
    send_copy_response(&((Connection *) sink)->output, 'H', column_count, binary);
}

static void
sink_copy_data(void *sink, const void *bytes, size_t size)
{
    send_copy_data(&((Connection *) sink)->output, bytes, size);
}

static void
sink_copy_done(void *sink)
{
    send_empty(&((Connection *) sink)->output, 'c');
}

static void
sink_copy_in(void *sink, int column_count, bool binary)
{
    Connection *connection = sink;
    send_copy_response(&connection->output, 'G', column_count, binary);
    connection->in_copy = true;
    connection_flush(connection);
}

static void
sink_flush(void *sink)
{
    Connection *connection = sink;
    if (connection->write_pending) /* goes out when the socket took what it has */
        return;
    connection_flush(connection);
}

static bool
sink_is_full(void *sink)
{
    Connection *connection = sink;
    if (connection->state == CONN_CLOSING)
        return true;
    if (output_pending(connection) < OUTPUT_BYTES_MAX)
        return false;
    connection_flush(connection);
    if (output_pending(connection) < OUTPUT_BYTES_MAX)
        return false;
    connection->producers_paused = true;
    return true;
}

static void
sink_parse_complete(void *sink)
{
    send_empty(&((Connection *) sink)->output, '1');
}

static void
sink_bind_complete(void *sink)
{
    send_empty(&((Connection *) sink)->output, '2');
}

static void
sink_close_complete(void *sink)
{
    send_empty(&((Connection *) sink)->output, '3');
}

static void
sink_parameter_description(void *sink, const uint32_t *oids, int count)
{
    send_parameter_description(&((Connection *) sink)->output, oids, count);
}

static void
sink_no_data(void *sink)
{
    send_empty(&((Connection *) sink)->output, 'n');
}

static void
sink_done(void *sink)
{
    Connection *connection = sink;
    connection->in_copy = false;
    if (connection->state == CONN_CLOSING)
        return;
    connection_move(connection, CONN_IDLE);
    if (connection->ready_due)
        send_ready(&connection->output, session_transaction_status(connection->session));
    connection->ready_due = false;
    if (!connection->processing)
        connection_process(connection);
}

static const SinkVtable connection_sink = {
    .row_description = sink_row_description,
    .rows = sink_rows,
    .command_complete = sink_command_complete,
    .empty_query = sink_empty_query,
    .portal_suspended = sink_portal_suspended,
    .error = sink_error,
    .notice = sink_notice,
    .parameter_status = sink_parameter_status,
    .copy_out = sink_copy_out,
    .copy_data = sink_copy_data,
    .copy_done = sink_copy_done,
    .copy_in = sink_copy_in,
    .flush = sink_flush,
    .is_full = sink_is_full,
    .parse_complete = sink_parse_complete,
    .bind_complete = sink_bind_complete,
    .close_complete = sink_close_complete,
    .parameter_description = sink_parameter_description,
    .no_data = sink_no_data,
    .done = sink_done,
};

/* ---- startup ---- */

static void
protocol_error(Connection *connection, const char *what)
{
    Error err = ERROR_INIT;
    error_set(&err, SQLSTATE_PROTOCOL_VIOLATION, "%s", what);
    connection_fail(connection, &err);
    error_clear(&err);
}

static void
startup_finish(Connection *connection)
{
    ConnectionHost *host = connection->host;
    SessionOptions options = {.coordinator = host->coordinator,
                              .sink = &connection_sink,
                              .sink_context = connection,
                              .connection_id = connection->id,
                              .user = connection->user,
                              .database = connection->database,
                              .address = connection->address};
    connection->session = session_new(&options);
    coordinator_session_started(host->coordinator, connection->id, connection->user, connection->address);
    for (int i = 0; i + 1 < connection->startup_count; i += 2)
        session_startup_parameter(connection->session, connection->startup[i], connection->startup[i + 1]);
    send_authentication(&connection->output, 0, (Slice){"", 0});
    send_backend_key(&connection->output, connection->id, connection->key);
    session_report_parameters(connection->session);
    send_ready(&connection->output, 'I');
    connection_move(connection, CONN_IDLE);
}

static void
startup_refuse(Connection *connection, const char *sqlstate, const char *message, const char *argument)
{
    Error err = ERROR_INIT;
    error_set(&err, sqlstate, message, argument);
    connection_fail(connection, &err);
    error_clear(&err);
}

static void
startup_authenticate(Connection *connection)
{
    ConnectionHost *host = connection->host;
    if (host->count > host->config->max_connections) {
        Error err = ERROR_INIT;
        error_set(&err, SQLSTATE_TOO_MANY_CONNECTIONS,
                  "creating connection would violate max_connections limit (desired: %d, limit: %d, current: %d)",
                  host->count, host->config->max_connections, host->count - 1);
        connection_fail(connection, &err);
        error_clear(&err);
        return;
    }
    if (host->config->auth == AUTH_TRUST) {
        startup_finish(connection);
        return;
    }
    connection_move(connection, CONN_AUTH);
    static const char mechanisms[] = "SCRAM-SHA-256\0";
    send_authentication(&connection->output, 10, slice_make(mechanisms, sizeof mechanisms));
}

static bool
startup_remember(Connection *connection, const char *name, const char *value)
{
    if (connection->startup_count >= 2 * 128)
        return false;
    connection->startup =
        memory_realloc(connection->startup, sizeof(char *) * (size_t) (connection->startup_count + 2));
    connection->startup[connection->startup_count++] = memory_strdup(name);
    connection->startup[connection->startup_count++] = memory_strdup(value);
    return true;
}

static void
startup_parameters(Connection *connection, Slice body)
{
    MessageReader reader = {.rest = body};
    for (;;) {
        const char *name = read_text(&reader);
        if (reader.failed || *name == '\0')
            break;
        const char *value = read_text(&reader);
        if (reader.failed)
            break;
        if (strcmp(name, "user") == 0) {
            free(connection->user);
            connection->user = memory_strdup(value);
        } else if (strcmp(name, "database") == 0) {
            free(connection->database);
            connection->database = memory_strdup(value);
        } else if (strcmp(name, "replication") == 0 && strcmp(value, "false") != 0 && strcmp(value, "off") != 0 &&
                   strcmp(value, "0") != 0) {
            startup_refuse(connection, SQLSTATE_FEATURE_NOT_SUPPORTED, "replication connections are %s",
                           "not supported");
            return;
        } else if (strncmp(name, "_pq_.", 5) != 0 && !startup_remember(connection, name, value)) {
            protocol_error(connection, "too many startup parameters");
            return;
        }
    }
    if (reader.failed || !read_is_done(&reader)) {
        protocol_error(connection, "invalid startup packet layout: expected terminator as last byte");
        return;
    }
    if (connection->user == NULL || connection->user[0] == '\0') {
        startup_refuse(connection, SQLSTATE_INVALID_AUTHORIZATION_SPECIFICATION,
                       "no PostgreSQL user name specified in startup %s", "packet");
        return;
    }
    startup_authenticate(connection);
}

static void
cancel_request(Connection *connection, Slice body)
{
    MessageReader reader = {.rest = body};
    uint32_t id = (uint32_t) read_i32(&reader);
    uint32_t key = (uint32_t) read_i32(&reader);
    if (!reader.failed)
        for (Connection *other = connection->host->connections; other != NULL; other = other->next)
            if (other->id == id && other->key == key && other->session != NULL) {
                session_cancel(other->session);
                connection_flush(other);
                break;
            }
    connection_close(connection);
}

/* False: more bytes are needed, or the connection is on its way out. */
static bool
process_startup(Connection *connection)
{
    uint32_t code;
    Slice body;
    size_t size;
    Error err = ERROR_INIT;
    Slice input =
        slice_make(connection->input.bytes + connection->handled, connection->input.size - connection->handled);
    FrameStatus status = frame_startup(input, &code, &body, &size, &err);
    if (status == FRAME_INVALID) {
        connection_fail(connection, &err);
        error_clear(&err);
    }
    if (status != FRAME_COMPLETE)
        return false;
    connection->handled += size;
    switch (code) {
    case STARTUP_SSL:
        if (connection->host->tls != NULL && connection->tls == NULL) {
            if (connection->input.size >
                connection->handled) { /* plain bytes behind the request: somebody stuffs the stream */
                protocol_error(connection, "received unencrypted data after SSL request");
                return false;
            }
            buffer_append_char(&connection->output, 'S');
            connection_flush(connection);
            connection->tls = tls_stream_new(connection->host->tls);
            return true;
        }
        buffer_append_char(&connection->output, 'N');
        return true;
    case STARTUP_GSS:
        buffer_append_char(&connection->output, 'N');
        return true;
    case STARTUP_CANCEL:
        cancel_request(connection, body);
        return false;
    default:
        if (code >> 16 != 3) {
            startup_refuse(connection, SQLSTATE_CONNECTION_REJECTED, "%s",
                           "server does not support the client's requested protocol version");
            return false;
        }
        startup_parameters(connection, body);
        return connection->state != CONN_CLOSING && !connection->shut_after_write;
    }
}

static bool
scram_reply(Connection *connection, Slice body, Buffer *reply, int32_t *code, Error *err)
{
    MessageReader reader = {.rest = body};
    if (connection->scram != NULL) {
        *code = 12;
        return scram_final(connection->scram, body, reply, err);
    }
    const char *mechanism = read_text(&reader);
    int32_t size = read_i32(&reader);
    if (reader.failed || size < 0 || (size_t) size > reader.rest.size)
        return error_set(err, SQLSTATE_PROTOCOL_VIOLATION, "malformed SASL message");
    if (strcmp(mechanism, "SCRAM-SHA-256") != 0)
        return error_set(err, SQLSTATE_PROTOCOL_VIOLATION, "client selected an invalid SASL authentication mechanism");
    const Role *role = catalog_role(coordinator_catalog(connection->host->coordinator), connection->user);
    connection->scram = scram_new(role != NULL && role->login ? role->verifier : NULL);
    *code = 11;
    return scram_first(connection->scram, read_bytes(&reader, (size_t) size), reply, err);
}

static void
process_auth(Connection *connection, char type, Slice body)
{
    if (type != 'p') {
        startup_refuse(connection, SQLSTATE_INVALID_AUTHORIZATION_SPECIFICATION, "expected %s message", "Password");
        return;
    }
    Buffer reply = {0};
    int32_t code = 0;
    Error err = ERROR_INIT;
    if (scram_reply(connection, body, &reply, &code, &err)) {
        send_authentication(&connection->output, code, buffer_slice(&reply));
        if (code == 12)
            startup_finish(connection);
    } else {
        connection_fail(connection, &err);
    }
    error_clear(&err);
    buffer_deinit(&reply);
}

/* ---- messages ---- */

static void
process_bind(Connection *connection, Slice body)
{
    BindMessage bind;
    if (!bind_message_read(body, connection->message_arena, &bind)) {
        connection_move(connection, CONN_IDLE);
        protocol_error(connection, "malformed Bind message");
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
        protocol_error(connection, type == 'D' ? "malformed Describe message" : "malformed Close message");
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
    protocol_error(connection, type == 'P' ? "malformed Parse message" : "malformed Execute message");
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
            protocol_error(connection, "malformed Query message");
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
        startup_refuse(connection, SQLSTATE_FEATURE_NOT_SUPPORTED, "%s",
                       "function calls by the FunctionCall message are not supported");
        return;
    default: {
        char text[64];
        snprintf(text, sizeof text, "invalid frontend message type %d", (unsigned char) type);
        protocol_error(connection, text);
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
        return process_startup(connection);
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
        process_auth(connection, type, body);
    else if (connection->in_copy)
        process_copy(connection, type, body);
    else
        process_message(connection, type, body);
    arena_reset(connection->message_arena);
    return true;
}

static void
connection_process(Connection *connection)
{
    if (connection->processing)
        return;
    connection->processing = true;
    while (connection->state != CONN_CLOSING && !connection->shut_after_write &&
           output_pending(connection) < OUTPUT_BYTES_MAX && process_one(connection))
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
    if (output_pending(connection) >= OUTPUT_BYTES_MAX) {
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
    if (uv_tcp_getpeername(&connection->socket, (struct sockaddr *) &name, &length) == 0)
        uv_ip_name((struct sockaddr *) &name, connection->address, sizeof connection->address);
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
