/*
 * What the session says, as messages in the output buffer.
 */
#include "base/log.h"
#include "server/pgwire/connection_internal.h"

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

/* An error that is the program's own is for its log too: no client can do anything about it. */
static void
sink_error(void *sink, const Error *err)
{
    ((Connection *) sink)->in_copy = false;
    if (strcmp(err->sqlstate, SQLSTATE_INTERNAL_ERROR) == 0)
        log_error("pgwire", "internal error=\"%s\"", err->message);
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
    if (connection_output_pending(connection) < OUTPUT_BYTES_MAX)
        return false;
    connection_flush(connection);
    if (connection_output_pending(connection) < OUTPUT_BYTES_MAX)
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

const SinkVtable connection_sink = {
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
