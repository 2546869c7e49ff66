#include "sqllogictest/client.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"

volatile sig_atomic_t client_interrupted;

Client *
client_new(const char *name, const char *conninfo)
{
    Client *client = memory_calloc(1, sizeof *client);
    client->name = memory_strdup(name);
    client->conninfo = memory_strdup(conninfo);
    return client;
}

void
client_close(Client *client)
{
    PQfinish(client->connection);
    client->connection = NULL;
}

void
client_free(Client *client)
{
    client_close(client);
    free(client->name);
    free(client->conninfo);
    buffer_deinit(&client->notices);
    free(client);
}

void
outcome_deinit(Outcome *outcome)
{
    buffer_deinit(&outcome->error);
}

/* The fields of a message, one a line. */
static void
append_message(Buffer *to, const PGresult *result)
{
    const char *severity = PQresultErrorField(result, PG_DIAG_SEVERITY);
    const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
    const char *primary = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);
    const char *detail = PQresultErrorField(result, PG_DIAG_MESSAGE_DETAIL);
    const char *hint = PQresultErrorField(result, PG_DIAG_MESSAGE_HINT);
    if (primary == NULL) {
        buffer_append_text(to, PQresultErrorMessage(result));
        return;
    }
    buffer_printf(to, "%s %s: %s\n", severity != NULL ? severity : "ERROR", state != NULL ? state : "-----", primary);
    if (detail != NULL) {
        buffer_printf(to, "DETAIL: %s\n", detail);
    }
    if (hint != NULL) {
        buffer_printf(to, "HINT: %s\n", hint);
    }
}

static void
receive_notice(void *context, const PGresult *result)
{
    append_message(context, result);
}

static void
fail(Outcome *outcome, const char *message)
{
    outcome->failed = true;
    buffer_append_text(&outcome->error, message);
}

static bool
connect_if_needed(Client *client, Outcome *outcome)
{
    if (client->connection != NULL && PQstatus(client->connection) == CONNECTION_OK) {
        return true;
    }
    client_close(client);
    client->connection = PQconnectdb(client->conninfo);
    if (PQstatus(client->connection) != CONNECTION_OK) {
        fail(outcome, PQerrorMessage(client->connection));
        client_close(client);
        return false;
    }
    PQsetNoticeReceiver(client->connection, receive_notice, &client->notices);
    return true;
}

typedef enum Wait { WAIT_READY, WAIT_LOST, WAIT_LATE } Wait;

/* Until a result or a piece of COPY data can be taken without waiting. */
static Wait
wait_readable(PGconn *connection, int64_t deadline_us)
{
    while (!client_interrupted) {
        struct pollfd waiting = {.fd = PQsocket(connection), .events = POLLIN};
        int64_t left_ms = (deadline_us - clock_steady_us()) / 1000;
        if (left_ms <= 0) {
            return WAIT_LATE;
        }
        if (poll(&waiting, 1, left_ms < 200 ? (int) left_ms + 1 : 200) > 0) {
            return PQconsumeInput(connection) == 1 ? WAIT_READY : WAIT_LOST;
        }
    }
    return WAIT_LATE;
}

static void
cancel(PGconn *connection)
{
    char text[256];
    PGcancel *request = PQgetCancel(connection);
    if (request != NULL) {
        (void) PQcancel(request, text, sizeof text);
        PQfreeCancel(request);
    }
}

static bool
read_copy_out(PGconn *connection, int64_t deadline_us, ResultRows *rows)
{
    for (;;) {
        char *line;
        int size = PQgetCopyData(connection, &line, 1);
        if (size > 0) {
            if (line[size - 1] == '\n') {
                line[size - 1] = '\0';
            }
            if (rows != NULL) {
                result_rows_add_line(rows, line);
            }
            PQfreemem(line);
        } else if (size < 0) {
            return true;
        } else if (wait_readable(connection, deadline_us) != WAIT_READY) {
            return false;
        }
    }
}

static void
send_copy_in(PGconn *connection, const Lines *data)
{
    for (size_t i = 0; data != NULL && i < data->count; i++) {
        PQputCopyData(connection, data->items[i], (int) strlen(data->items[i]));
        PQputCopyData(connection, "\n", 1);
    }
    PQputCopyEnd(connection, NULL);
}

/* Takes in one result; false when the time is over in the middle of COPY data. */
static bool
take_result(PGconn *connection, PGresult *result, const char *types, const Lines *data, int64_t deadline_us,
            ResultRows *rows, Outcome *outcome)
{
    const char *tuples = PQcmdTuples(result);
    switch (PQresultStatus(result)) {
    case PGRES_TUPLES_OK:
    case PGRES_SINGLE_TUPLE:
        if (rows != NULL) {
            result_rows_add(rows, result, types);
        }
        break;
    case PGRES_COPY_IN:
        send_copy_in(connection, data);
        return true;
    case PGRES_COPY_OUT:
        return read_copy_out(connection, deadline_us, rows);
    case PGRES_COMMAND_OK:
    case PGRES_EMPTY_QUERY:
        break;
    default:
        outcome->failed = true;
        append_message(&outcome->error, result);
        break;
    }
    if (tuples[0] != '\0') {
        outcome->count = strtol(tuples, NULL, 10);
    }
    return true;
}

void
client_run(Client *client, const char *sql, bool extended, const char *types, const Lines *data, int timeout_ms,
           ResultRows *rows, Outcome *outcome)
{
    *outcome = (Outcome){.count = -1};
    buffer_clear(&client->notices);
    if (!connect_if_needed(client, outcome)) {
        return;
    }
    PGconn *connection = client->connection;
    int64_t deadline_us = clock_steady_us() + (int64_t) timeout_ms * 1000;
    int sent =
        extended ? PQsendQueryParams(connection, sql, 0, NULL, NULL, NULL, NULL, 0) : PQsendQuery(connection, sql);
    if (sent != 1) {
        fail(outcome, PQerrorMessage(connection));
        client_close(client);
        return;
    }
    bool in_time = true;
    while (in_time) {
        while (in_time && PQisBusy(connection)) {
            Wait wait = wait_readable(connection, deadline_us);
            if (wait == WAIT_LOST) {
                break; /* PQgetResult tells what happened */
            }
            in_time = wait == WAIT_READY;
        }
        if (in_time) {
            PGresult *result = PQgetResult(connection);
            if (result == NULL) {
                break;
            }
            in_time = take_result(connection, result, types, data, deadline_us, rows, outcome);
            PQclear(result);
        }
    }
    if (!in_time) {
        outcome->failed = true;
        buffer_printf(&outcome->error, "no answer within %d ms\n", timeout_ms);
        cancel(connection);
        client_close(client);
    } else if (PQstatus(connection) != CONNECTION_OK) {
        client_close(client);
    }
}
