/*
 * From the first byte to a session.
 */
#include "server/pgwire/connection_internal.h"

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
                              .address = connection->address,
                              .port = connection->port};
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
            connection_refuse(connection, SQLSTATE_FEATURE_NOT_SUPPORTED, "replication connections are not supported");
            return;
        } else if (strncmp(name, "_pq_.", 5) != 0 && !startup_remember(connection, name, value)) {
            connection_fail_protocol(connection, "too many startup parameters");
            return;
        }
    }
    if (reader.failed || !read_is_done(&reader)) {
        connection_fail_protocol(connection, "invalid startup packet layout: expected terminator as last byte");
        return;
    }
    if (connection->user == NULL || connection->user[0] == '\0') {
        connection_refuse(connection, SQLSTATE_INVALID_AUTHORIZATION_SPECIFICATION,
                          "no PostgreSQL user name specified in startup packet");
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

bool
startup_step(Connection *connection)
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
                connection_fail_protocol(connection, "received unencrypted data after SSL request");
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
            connection_refuse(connection, SQLSTATE_CONNECTION_REJECTED,
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

void
startup_authenticate_message(Connection *connection, char type, Slice body)
{
    if (type != 'p') {
        connection_refuse(connection, SQLSTATE_INVALID_AUTHORIZATION_SPECIFICATION, "expected Password message");
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
