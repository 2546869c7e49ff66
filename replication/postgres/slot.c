#include "replication/postgres/slot.h"

#include <poll.h>
#include <stdlib.h>

#define VERSION_WAL_STATUS  130000
#define RELEASE_ATTEMPTS    100
#define RELEASE_INTERVAL_MS 50

bool
system_identify(PGconn *connection, int stop_fd, SystemIdentity *identity, Error *err)
{
    PGresult *result;
    if (!upstream_query(connection, stop_fd, "IDENTIFY_SYSTEM", &result, err))
        return false;
    bool ok = PQntuples(result) == 1 && PQnfields(result) >= 3 && lsn_parse(PQgetvalue(result, 0, 2), &identity->lsn);
    if (ok) {
        identity->system_identifier = strtoull(PQgetvalue(result, 0, 0), NULL, 10);
        identity->timeline_id = strtoull(PQgetvalue(result, 0, 1), NULL, 10);
    }
    PQclear(result);
    return ok || error_set(err, SQLSTATE_PROTOCOL_VIOLATION, "unexpected answer to IDENTIFY_SYSTEM");
}

bool
slot_find(PGconn *connection, int stop_fd, const char *slot, SlotState *state, Error *err)
{
    Buffer sql = {0};
    PGresult *result;
    buffer_printf(&sql, "SELECT active_pid, confirmed_flush_lsn, %s FROM pg_replication_slots WHERE slot_name = ",
                  PQserverVersion(connection) >= VERSION_WAL_STATUS ? "wal_status" : "NULL");
    sql_append_literal(&sql, slot);
    *state = (SlotState){.exists = false};
    bool ok = upstream_query(connection, stop_fd, buffer_text(&sql), &result, err);
    buffer_deinit(&sql);
    if (!ok)
        return false;
    if (PQntuples(result) > 0) {
        state->exists = true;
        state->active_pid = atoi(PQgetvalue(result, 0, 0));
        state->invalidated = strcmp(PQgetvalue(result, 0, 2), "lost") == 0;
        if (!lsn_parse(PQgetvalue(result, 0, 1), &state->confirmed_lsn))
            state->confirmed_lsn = 0; /* not yet ready, or no logical one */
    }
    PQclear(result);
    return true;
}

static bool
create(PGconn *connection, int stop_fd, const char *slot, const char *options, const char *how, uint64_t *lsn,
       char **snapshot, Error *err)
{
    Buffer sql = {0};
    PGresult *result;
    buffer_append_text(&sql, "CREATE_REPLICATION_SLOT ");
    sql_append_identifier(&sql, slot);
    buffer_printf(&sql, " %sLOGICAL pgoutput %s", options, how);
    bool ok = upstream_query(connection, stop_fd, buffer_text(&sql), &result, err);
    buffer_deinit(&sql);
    if (!ok)
        return false;
    ok = PQntuples(result) == 1 && PQnfields(result) >= 3 && lsn_parse(PQgetvalue(result, 0, 1), lsn);
    if (ok && snapshot != NULL)
        *snapshot = memory_strdup(PQgetvalue(result, 0, 2));
    PQclear(result);
    return ok || error_set(err, SQLSTATE_PROTOCOL_VIOLATION, "unexpected answer to CREATE_REPLICATION_SLOT");
}

bool
slot_create(PGconn *connection, int stop_fd, const char *slot, uint64_t *lsn, Error *err)
{
    return create(connection, stop_fd, slot, "", "NOEXPORT_SNAPSHOT", lsn, NULL, err);
}

bool
slot_create_snapshot(PGconn *connection, int stop_fd, const char *slot, uint64_t *lsn, char **snapshot, Error *err)
{
    return create(connection, stop_fd, slot, "TEMPORARY ", "EXPORT_SNAPSHOT", lsn, snapshot, err);
}

static bool
backend_terminate(PGconn *connection, int stop_fd, int pid, Error *err)
{
    Buffer sql = {0};
    buffer_printf(&sql, "SELECT pg_terminate_backend(%d)", pid);
    bool ok = upstream_execute(connection, stop_fd, buffer_text(&sql), err);
    buffer_deinit(&sql);
    return ok;
}

static bool
nap(int stop_fd, int ms)
{
    struct pollfd polled = {.fd = stop_fd, .events = POLLIN};
    return poll(&polled, 1, ms) == 0 || stop_fd < 0;
}

bool
slot_release(PGconn *connection, int stop_fd, const char *slot, Error *err)
{
    for (int attempt = 0; attempt < RELEASE_ATTEMPTS; attempt++) {
        SlotState state;
        if (!slot_find(connection, stop_fd, slot, &state, err))
            return false;
        if (state.active_pid == 0)
            return true;
        if (attempt == 0 && !backend_terminate(connection, stop_fd, state.active_pid, err))
            return false;
        if (!nap(stop_fd, RELEASE_INTERVAL_MS))
            return error_set(err, SQLSTATE_QUERY_CANCELED, "stopped");
    }
    return error_set(err, SQLSTATE_OBJECT_IN_USE, "replication slot \"%s\" is in use", slot);
}

static bool
drop(PGconn *connection, const char *slot, Error *err)
{
    SlotState state;
    if (!slot_find(connection, -1, slot, &state, err))
        return false;
    if (!state.exists)
        return true;
    if (!slot_release(connection, -1, slot, err))
        return false;
    Buffer sql = {0};
    buffer_append_text(&sql, "SELECT pg_drop_replication_slot(");
    sql_append_literal(&sql, slot);
    buffer_append_text(&sql, ")");
    bool ok = upstream_execute(connection, -1, buffer_text(&sql), err);
    buffer_deinit(&sql);
    if (ok || strcmp(err->sqlstate, SQLSTATE_UNDEFINED_OBJECT) != 0)
        return ok;
    error_clear(err); /* somebody else was faster */
    return true;
}

bool
postgres_drop_slot(const PostgresConfig *config, const char *slot, Error *err)
{
    PGconn *connection;
    if (!upstream_connect(config, false, -1, &connection, err))
        return false;
    bool ok = drop(connection, slot, err);
    PQfinish(connection);
    return ok;
}
