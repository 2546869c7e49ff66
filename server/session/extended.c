/*
 * The extended protocol: parse, bind, describe, execute, close, sync.
 */
#include "server/session/session_internal.h"

#include "types/binary_format.h"
#include "types/text_format.h"

static void
extended_failed(Session *session, Error *err)
{
    session->extended_failed = true;
    if (session->transaction.open)
        session->transaction.failed = true;
    session->sink->error(session->sink_context, err);
    error_clear(err);
    session->sink->done(session->sink_context);
}

bool
session_failed(const Session *session)
{
    return session->extended_failed;
}

/* ---- parse ---- */

static bool
parse_into(Session *session, Slice sql, const uint32_t *oids, int oid_count, Prepared **out, Error *err)
{
    Arena *arena = arena_new();
    char *copy = arena_strndup(arena, sql.bytes, sql.size);
    AstStatementList statements;
    bool ok = parse_statements(slice_make(copy, sql.size), arena, &statements, err);
    if (ok && statements.count > 1)
        ok = error_set(err, SQLSTATE_SYNTAX_ERROR, "cannot insert multiple commands into a prepared statement");
    if (!ok) {
        arena_free(arena);
        return false;
    }
    Prepared *prepared = prepared_new(arena, copy, statements.count == 0 ? NULL : statements.items[0]);
    set_config_take(prepared);
    prepared->parameter_types = arena_new_array(arena, SqlType, oid_count + 1);
    prepared->parameter_count = oid_count;
    for (int i = 0; i < oid_count && ok; i++) {
        prepared->parameter_types[i] = SQL_TYPE(UNKNOWN);
        if (oids[i] != 0 && !type_from_oid(oids[i], -1, &prepared->parameter_types[i]))
            ok = error_set(err, SQLSTATE_UNDEFINED_OBJECT, "type with OID %u does not exist", oids[i]);
    }
    if (ok && session->transaction.failed && prepared->ast != NULL && prepared->ast->kind != AST_COMMIT &&
        prepared->ast->kind != AST_ROLLBACK)
        ok = error_set(err, SQLSTATE_IN_FAILED_SQL_TRANSACTION,
                       "current transaction is aborted, commands ignored until end of transaction block");
    ok = ok && prepared_plan(session, prepared, err);
    if (!ok) {
        prepared_release(prepared);
        return false;
    }
    *out = prepared;
    return true;
}

void
session_parse(Session *session, const char *name, Slice sql, const uint32_t *oids, int oid_count)
{
    Error err = ERROR_INIT;
    Prepared *prepared;
    if (*name != '\0' && map_get_text(session->prepared, name) != NULL) {
        error_set(&err, SQLSTATE_DUPLICATE_PREPARED_STATEMENT, "prepared statement \"%s\" already exists", name);
        extended_failed(session, &err);
        return;
    }
    if (!parse_into(session, sql, oids, oid_count, &prepared, &err)) {
        extended_failed(session, &err);
        return;
    }
    Prepared *old = map_put(session->prepared, slice_of(name), prepared);
    if (old != NULL)
        prepared_release(old);
    session->sink->parse_complete(session->sink_context);
    session->sink->done(session->sink_context);
}

/* ---- bind ---- */

static bool
bind_value(const Session *session, Portal *portal, int i, int16_t format, Slice bytes, Error *err)
{
    SqlType type = portal->prepared->parameter_types[i];
    if (bytes.bytes == NULL) {
        portal->parameters[i] = DATUM_NULL;
        return true;
    }
    Slice kept = slice_make(arena_strndup(portal->arena, bytes.bytes, bytes.size), bytes.size);
    TextStyle style = session_style(session);
    bool ok = format == 1 ? datum_receive(type, kept, portal->arena, &portal->parameters[i], err)
                          : datum_parse(type, kept, &style, portal->arena, &portal->parameters[i], err);
    return ok;
}

static bool
bind_check(const Prepared *prepared, const char *statement, int format_count, int value_count, int result_format_count,
           const RelationDesc *desc, Error *err)
{
    if (value_count != prepared->parameter_count)
        return error_set(err, SQLSTATE_PROTOCOL_VIOLATION,
                         "bind message supplies %d parameters, but prepared statement \"%s\" requires %d", value_count,
                         statement, prepared->parameter_count);
    if (format_count > 1 && format_count != value_count)
        return error_set(err, SQLSTATE_PROTOCOL_VIOLATION, "bind message has %d parameter formats but %d parameters",
                         format_count, value_count);
    if (desc != NULL && result_format_count > 1 && result_format_count != desc->column_count)
        return error_set(err, SQLSTATE_PROTOCOL_VIOLATION,
                         "bind message has %d result formats but query has %d columns", result_format_count,
                         desc->column_count);
    return true;
}

void
session_bind(Session *session, const char *name, const char *statement, const int16_t *formats, int format_count,
             const Slice *values, int value_count, const int16_t *result_formats, int result_format_count)
{
    Error err = ERROR_INIT;
    Prepared *prepared = map_get_text(session->prepared, statement);
    if (prepared == NULL) {
        error_set(&err, SQLSTATE_INVALID_SQL_STATEMENT_NAME, "prepared statement \"%s\" does not exist", statement);
        extended_failed(session, &err);
        return;
    }
    if (*name != '\0' && map_get_text(session->portals, name) != NULL) {
        error_set(&err, SQLSTATE_DUPLICATE_CURSOR, "cursor \"%s\" already exists", name);
        extended_failed(session, &err);
        return;
    }
    bool ok = session->transaction.failed || prepared_plan(session, prepared, &err);
    const RelationDesc *desc = ok ? prepared_desc(session, prepared) : NULL;
    if (!ok || !bind_check(prepared, statement, format_count, value_count, result_format_count, desc, &err)) {
        extended_failed(session, &err);
        return;
    }
    Portal *portal = portal_new(session, name, prepared);
    portal->parameters = arena_new_array(portal->arena, Datum, value_count + 1);
    portal->desc = desc;
    portal->formats = arena_new_array(portal->arena, int16_t, result_format_count + 1);
    portal->format_count = result_format_count;
    if (result_format_count > 0)
        memcpy(portal->formats, result_formats, (size_t) result_format_count * sizeof *result_formats);
    for (int i = 0; i < value_count && ok; i++)
        ok =
            bind_value(session, portal, i, format_count == 0 ? 0 : formats[format_count == 1 ? 0 : i], values[i], &err);
    if (!ok) {
        portal_free(portal);
        extended_failed(session, &err);
        return;
    }
    Portal *old = map_put(session->portals, slice_of(name), portal);
    if (old != NULL)
        portal_free(old);
    session->sink->bind_complete(session->sink_context);
    session->sink->done(session->sink_context);
}

/* ---- describe ---- */

static void
describe_rows(Session *session, const RelationDesc *desc, const ResultFormat *format)
{
    if (desc == NULL)
        session->sink->no_data(session->sink_context);
    else
        session->sink->row_description(session->sink_context, desc, format);
}

void
session_describe_statement(Session *session, const char *name)
{
    Error err = ERROR_INIT;
    Prepared *prepared = map_get_text(session->prepared, name);
    if (prepared == NULL)
        error_set(&err, SQLSTATE_INVALID_SQL_STATEMENT_NAME, "prepared statement \"%s\" does not exist", name);
    if (prepared == NULL || (!session->transaction.failed && !prepared_plan(session, prepared, &err))) {
        extended_failed(session, &err);
        return;
    }
    uint32_t *oids = memory_calloc((size_t) prepared->parameter_count + 1, sizeof *oids);
    for (int i = 0; i < prepared->parameter_count; i++)
        oids[i] = type_oid(prepared->parameter_types[i]);
    session->sink->parameter_description(session->sink_context, oids, prepared->parameter_count);
    free(oids);
    ResultFormat text = {NULL, 0};
    describe_rows(session, prepared_desc(session, prepared), &text);
    session->sink->done(session->sink_context);
}

void
session_describe_portal(Session *session, const char *name)
{
    Portal *portal = map_get_text(session->portals, name);
    if (portal == NULL) {
        Error err = ERROR_INIT;
        error_set(&err, SQLSTATE_INVALID_CURSOR_NAME, "portal \"%s\" does not exist", name);
        extended_failed(session, &err);
        return;
    }
    ResultFormat format = {portal->formats, portal->format_count};
    describe_rows(session, portal->desc, &format);
    session->sink->done(session->sink_context);
}

/* ---- execute ---- */

static void
execute_after(Session *session, bool ok)
{
    if (!ok)
        session->extended_failed = true;
    session_report_changes(session);
    session->sink->done(session->sink_context);
}

void
session_execute(Session *session, const char *name, int64_t row_limit)
{
    Error err = ERROR_INIT;
    Portal *portal = map_get_text(session->portals, name);
    if (portal == NULL) {
        error_set(&err, SQLSTATE_INVALID_CURSOR_NAME, "portal \"%s\" does not exist", name);
        extended_failed(session, &err);
        return;
    }
    switch (portal->state) {
    case PORTAL_NEW:
        statement_run(session, portal, row_limit > 0 ? row_limit : 0, execute_after);
        return;
    case PORTAL_ACTIVE: /* suspended: the rest of the rows */
        session->running = session->delivering = portal;
        session->row_limit = row_limit > 0 ? row_limit : 0;
        session->rows_sent = 0;
        session->after = execute_after;
        portal_pump(session);
        return;
    case PORTAL_DONE:
        if (portal->desc == NULL) {
            error_set(&err, SQLSTATE_OBJECT_NOT_IN_PREREQUISITE_STATE, "portal \"%s\" cannot be run", name);
            extended_failed(session, &err);
            return;
        }
        session->sink->command_complete(session->sink_context, "SELECT 0");
        session->sink->done(session->sink_context);
        return;
    }
}

/* ---- close, sync ---- */

void
session_close_statement(Session *session, const char *name)
{
    Prepared *prepared = map_remove(session->prepared, slice_of(name));
    if (prepared != NULL)
        prepared_release(prepared);
    session->sink->close_complete(session->sink_context);
    session->sink->done(session->sink_context);
}

void
session_close_portal(Session *session, const char *name)
{
    Portal *portal = map_remove(session->portals, slice_of(name));
    if (portal != NULL)
        portal_free(portal);
    session->sink->close_complete(session->sink_context);
    session->sink->done(session->sink_context);
}

void
session_sync(Session *session)
{
    session->extended_failed = false;
    if (!session->transaction.open) { /* portals live as long as their transaction */
        size_t iterator = 0;
        Slice key;
        void *value;
        while (map_next(session->portals, &iterator, &key, &value)) {
            map_remove(session->portals, key);
            portal_free(value);
        }
    }
    session->sink->done(session->sink_context);
}
