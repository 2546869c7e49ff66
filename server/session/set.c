/*
 * SET, RESET, SHOW of session variables.
 */
#include "server/session/session_internal.h"

#include <ctype.h>
#include <stdio.h>

static void
append_setting_value(Buffer *out, const AstValue *value)
{
    switch (value->kind) {
    case AST_VALUE_BOOLEAN:
        buffer_append_text(out, value->boolean ? "on" : "off");
        return;
    case AST_VALUE_TEXT:
    case AST_VALUE_NUMBER:
    case AST_VALUE_INTERVAL:
        buffer_append_text(out, value->text);
        return;
    case AST_VALUE_NAME:
        for (int i = 0; i < value->name.count; i++)
            buffer_printf(out, "%s%s", i == 0 ? "" : ".", value->name.parts[i]);
        return;
    case AST_VALUE_NULL:
        return;
    default:
        return;
    }
}

/* Names in a search path that would not read back as they are, in quotes. */
static void
append_path_element(Buffer *out, const AstValue *value)
{
    Buffer text = {0};
    append_setting_value(&text, value);
    bool plain = text.size > 0;
    for (size_t i = 0; i < text.size && plain; i++)
        plain = islower((unsigned char) text.bytes[i]) || isdigit((unsigned char) text.bytes[i]) ||
                text.bytes[i] == '_' ||
                (value->kind == AST_VALUE_TEXT && (text.bytes[i] == ',' || text.bytes[i] == ' '));
    if (plain) {
        buffer_append_slice(out, buffer_slice(&text));
    } else {
        buffer_append_char(out, '"');
        buffer_append_slice(out, buffer_slice(&text));
        buffer_append_char(out, '"');
    }
    buffer_deinit(&text);
}

static void
setting_text(const AstSetting *setting, Buffer *out)
{
    bool path = strcmp(setting->variable, "search_path") == 0;
    for (int i = 0; i < setting->values.count; i++) {
        if (i > 0)
            buffer_append_text(out, ", ");
        if (path)
            append_path_element(out, setting->values.items[i]);
        else
            append_setting_value(out, setting->values.items[i]);
    }
}

static void
warn_of_missing(Session *session, const char *variable, const char *value)
{
    char text[600];
    Catalog *catalog = coordinator_catalog(session->coordinator);
    if (strcmp(variable, "cluster") == 0 && catalog_cluster(catalog, value) == NULL) {
        snprintf(text, sizeof text, "cluster \"%.255s\" does not exist", value);
        session_notice(session, "NOTICE", SQLSTATE_NOTICE_CLUSTER_DOES_NOT_EXIST, text);
    } else if (strcmp(variable, "database") == 0 && catalog_database(catalog, value) == NULL) {
        snprintf(text, sizeof text, "database \"%.255s\" does not exist", value);
        session_notice(session, "NOTICE", SQLSTATE_NOTICE_DATABASE_DOES_NOT_EXIST, text);
    }
}

static void
run_set(Session *session, const AstSet *set)
{
    const AstSetting *setting = &set->setting;
    Error err = ERROR_INIT;
    Buffer value = {0};
    setting_text(setting, &value);
    bool ok = true;
    if (strcmp(setting->variable, "cluster") == 0 && session->transaction.open)
        ok = error_set(&err, SQLSTATE_ACTIVE_SQL_TRANSACTION, "SET cluster cannot be called in an active transaction");
    else if (setting->is_default)
        ok = variable_reset(session->variables, setting->variable, &err);
    else
        ok =
            variable_set(session->variables, setting->variable, buffer_text(&value), set->scope == AST_SET_LOCAL, &err);
    if (ok && !setting->is_default)
        warn_of_missing(session, setting->variable, buffer_text(&value));
    buffer_deinit(&value);
    if (ok)
        statement_succeeded(session, "SET");
    else
        statement_failed(session, &err);
}

static void
run_reset(Session *session, const AstReset *reset)
{
    Error err = ERROR_INIT;
    if (reset->all)
        variables_reset_all(session->variables);
    else if (!variable_reset(session->variables, reset->variable, &err)) {
        statement_failed(session, &err);
        return;
    }
    statement_succeeded(session, "RESET");
}

static void
send_chunk(Session *session, ChunkBuilder *builder)
{
    Portal *portal = session->running;
    Chunk *chunk = chunk_builder_finish(builder);
    ChunkVector rows = {0};
    if (chunk != NULL)
        vector_push(&rows, chunk);
    portal_push(portal, &rows);
    portal->ended = true;
    if (portal->name == NULL) {
        ResultFormat format = {portal->formats, portal->format_count};
        session->sink->row_description(session->sink_context, portal->desc, &format);
    }
    portal_pump(session);
}

static void
run_show(Session *session, const AstShow *show)
{
    Portal *portal = session->running;
    SqlType types[3] = {SQL_TYPE(TEXT), SQL_TYPE(TEXT), SQL_TYPE(TEXT)};
    ChunkBuilder builder;
    portal->desc = prepared_desc(session, portal->prepared);
    if (show->kind == AST_SHOW_ALL) {
        chunk_builder_init(&builder, types, 3);
        const char *name, *value, *description;
        for (int i = 0; variable_at(session->variables, i, &name, &value, &description); i++) {
            Datum row[3] = {datum_text(name), datum_text(value), datum_text(description)};
            chunk_builder_append_datums(&builder, row, 0, 1);
        }
    } else {
        const char *value = variable_get(session->variables, show->variable);
        Error err = ERROR_INIT;
        if (value == NULL) {
            error_set(&err, SQLSTATE_UNDEFINED_OBJECT, "unrecognized configuration parameter \"%s\"", show->variable);
            statement_failed(session, &err);
            return;
        }
        chunk_builder_init(&builder, types, 1);
        Datum row = datum_text(value);
        chunk_builder_append_datums(&builder, &row, 0, 1);
    }
    send_chunk(session, &builder);
    chunk_builder_deinit(&builder);
}

void
set_run(Session *session, const AstStatement *ast)
{
    switch (ast->kind) {
    case AST_SET:
        run_set(session, ast->set);
        return;
    case AST_RESET:
        run_reset(session, ast->reset);
        return;
    default:
        run_show(session, ast->show);
        return;
    }
}
