#include "server/session/literal.h"
#include "server/session/session_internal.h"

#include <ctype.h>
#include <stdio.h>

#include "base/clock.h"
#include "expr/functions/quote.h"
#include "types/datetime.h"

#define CACHED_STATEMENTS_MAX 256

Session *
session_new(const SessionOptions *options)
{
    Session *session = memory_calloc(1, sizeof *session);
    session->coordinator = options->coordinator;
    session->sink = options->sink;
    session->sink_context = options->sink_context;
    session->connection_id = options->connection_id;
    session->user = memory_strdup(options->user);
    session->variables = variables_new();
    session->prepared = map_new();
    session->portals = map_new();
    session->cursors = map_new();
    session->cache = map_new();
    session->query_arena = arena_new();
    activity_register(session, options);
    variable_force(session->variables, "session_authorization", options->user);
    const Role *role = catalog_role(coordinator_catalog(session->coordinator), options->user);
    if (role != NULL) {
        variable_force(session->variables, "is_superuser", role->superuser ? "on" : "off");
        size_t iterator = 0;
        Slice name;
        void *value;
        while (role->settings != NULL && map_next(role->settings, &iterator, &name, &value)) {
            Error ignored = ERROR_INIT;
            char *copy = memory_calloc(1, name.size + 1);
            memcpy(copy, name.bytes, name.size);
            if (!variable_set(session->variables, copy, value, false, &ignored))
                error_clear(&ignored);
            free(copy);
        }
    }
    if (options->database != NULL && options->database[0] != '\0')
        variable_force(session->variables, "database", options->database);
    return session;
}

static void
free_portals(Map *portals)
{
    size_t iterator = 0;
    Slice key;
    void *value;
    while (map_next(portals, &iterator, &key, &value))
        portal_free(value);
    map_free(portals);
}

static void
free_prepared(Map *prepared)
{
    size_t iterator = 0;
    Slice key;
    void *value;
    while (map_next(prepared, &iterator, &key, &value))
        prepared_release(value);
    map_free(prepared);
}

/* What runs is given up, silently. */
static void
session_abandon_statement(Session *session)
{
    session_stop_timer(session);
    if (session->lock != NULL)
        operation_cancel(session->lock);
    if (session->writing != NULL)
        operation_cancel(session->writing);
    session->lock = session->writing = NULL;
    if (session->running != NULL && session->running->operation != NULL) {
        operation_cancel(session->running->operation);
        session->running->operation = NULL;
    }
    if (session->lock_held)
        coordinator_ddl_unlock(session->coordinator);
    session->lock_held = false;
    write_lock_release(session);
    chunk_vector_release(&session->write_rows);
    if (session->copy_in != NULL)
        copy_in_free(session->copy_in);
    session->copy_in = NULL;
}

static void
timer_closed(uv_handle_t *handle)
{
    free(handle);
}

void
session_free(Session *session)
{
    session->closing = true;
    activity_forget(session);
    session_abandon_statement(session);
    transaction_abandon(session);
    if (session->running != NULL && session->running->name == NULL)
        portal_free(session->running);
    free_portals(session->cursors);
    free_portals(session->portals);
    free_prepared(session->prepared);
    free_prepared(session->cache);
    variables_free(session->variables);
    arena_free(session->query_arena);
    if (session->timer != NULL)
        uv_close((uv_handle_t *) session->timer, timer_closed);
    free(session->user);
    free(session);
}

/* ---- settings and context ---- */

static void
set_option(Session *session, const char *name, const char *value)
{
    Error err = ERROR_INIT;
    if (!variable_set(session->variables, name, value, false, &err)) {
        Buffer text = {0};
        buffer_printf(&text, "startup setting %s not set: %s", name, err.message);
        session_notice(session, "NOTICE", SQLSTATE_SUCCESSFUL_COMPLETION, buffer_text(&text));
        buffer_deinit(&text);
        error_clear(&err);
    }
}

/* -c name=value --name=value, blanks escaped by a backslash. */
static void
startup_options(Session *session, const char *value)
{
    Buffer word = {0};
    bool expects_setting = false;
    for (const char *at = value;; at++) {
        if (*at == '\\' && at[1] != '\0') {
            buffer_append_char(&word, *++at);
            continue;
        }
        if (*at != '\0' && !isspace((unsigned char) *at)) {
            buffer_append_char(&word, *at);
            continue;
        }
        const char *text = buffer_text(&word);
        if (strcmp(text, "-c") == 0) {
            expects_setting = true;
        } else if (word.size > 0) {
            const char *setting = expects_setting                                              ? text
                                  : strncmp(text, "--", 2) == 0 || strncmp(text, "-c", 2) == 0 ? text + 2
                                                                                               : text;
            char *equals = strchr(setting, '=');
            if (equals != NULL) {
                *equals = '\0';
                for (char *c = (char *) setting; *c != '\0'; c++)
                    if (*c == '-')
                        *c = '_';
                set_option(session, setting, equals + 1);
            }
            expects_setting = false;
        }
        buffer_clear(&word);
        if (*at == '\0')
            break;
    }
    buffer_deinit(&word);
}

void
session_startup_parameter(Session *session, const char *name, const char *value)
{
    if (strcmp(name, "options") == 0)
        startup_options(session, value);
    else
        set_option(session, name, value);
}

void
session_report_parameters(Session *session)
{
    variables_mark_start(session->variables);
    for (int i = 0; variable_reported_at(i) != NULL; i++) {
        const char *name = variable_reported_at(i);
        (void) variable_take_changed(session->variables, name);
        session->sink->parameter_status(session->sink_context, name, variable_get(session->variables, name));
    }
    Catalog *catalog = coordinator_catalog(session->coordinator);
    const char *database = variable_get(session->variables, "database");
    const char *cluster = variable_get(session->variables, "cluster");
    char text[600];
    if (catalog_database(catalog, database) == NULL) {
        snprintf(text, sizeof text, "session database \"%.255s\" does not exist", database);
        session_notice(session, "NOTICE", SQLSTATE_NOTICE_UNKNOWN_SESSION_DATABASE, text);
    }
    if (catalog_cluster(catalog, cluster) == NULL) {
        snprintf(text, sizeof text, "default cluster \"%.255s\" does not exist", cluster);
        session_notice(session, "NOTICE", SQLSTATE_NOTICE_DEFAULT_CLUSTER_MISSING, text);
    }
}

void
session_report_changes(Session *session)
{
    if (!variables_take_any_changed(session->variables))
        return;
    for (int i = 0; variable_reported_at(i) != NULL; i++) {
        const char *name = variable_reported_at(i);
        if (variable_take_changed(session->variables, name))
            session->sink->parameter_status(session->sink_context, name, variable_get(session->variables, name));
    }
}

void
session_notice(Session *session, const char *severity, const char *sqlstate, const char *message)
{
    Notice notice = {.severity = severity, .message = message};
    memcpy(notice.sqlstate, sqlstate, sizeof notice.sqlstate);
    session->sink->notice(session->sink_context, &notice);
}

/* The search path as names: split at commas, unquoted names folded. NULL-terminated, in the arena. */
static const char **
search_path(const Session *session, Arena *arena)
{
    const char *at = variable_get(session->variables, "search_path");
    VECTOR(const char *) names = {0};
    while (*at != '\0') {
        while (isspace((unsigned char) *at) || *at == ',')
            at++;
        if (*at == '\0')
            break;
        Buffer name = {0};
        if (*at == '"') {
            for (at++; *at != '\0' && (*at != '"' || at[1] == '"'); at++) {
                at += *at == '"';
                buffer_append_char(&name, *at);
            }
            at += *at == '"';
        } else {
            for (; *at != '\0' && *at != ','; at++)
                buffer_append_char(&name, (char) tolower((unsigned char) *at));
            while (name.size > 0 && isspace((unsigned char) name.bytes[name.size - 1]))
                name.size--;
        }
        const char *copy = buffer_to_arena(&name, arena);
        vector_push(&names, strcmp(copy, "$user") == 0 ? arena_strdup(arena, session->user) : copy);
    }
    const char **path = arena_new_array(arena, const char *, names.count + 1);
    if (names.count > 0)
        memcpy(path, names.items, names.count * sizeof *path);
    vector_deinit(&names);
    return path;
}

/* With its schema where the search path does not find it. */
static bool
relation_name(void *context, uint32_t oid, Buffer *out)
{
    const Session *session = context;
    const Catalog *catalog = coordinator_catalog(session->coordinator);
    const Item *item = catalog_item_by_oid(catalog, oid);
    if (item == NULL)
        return false;
    Arena *arena = arena_new();
    NameScope scope = {.database = variable_get(session->variables, "database"),
                       .search_path = search_path(session, arena),
                       .session = session->connection_id};
    if (catalog_resolve_item(catalog, &scope, &item->name, 1) != item) {
        quote_ident(out, slice_of(item->schema->name));
        buffer_append_char(out, '.');
    }
    quote_ident(out, slice_of(item->name));
    arena_free(arena);
    return true;
}

TextStyle
session_style(const Session *session)
{
    const char *zone = variable_get(session->variables, "TimeZone");
    return (TextStyle){.extra_float_digits =
                           float_digits_of(atoi(variable_get(session->variables, "extra_float_digits"))),
                       .time_zone = strcmp(zone, "UTC") == 0 ? NULL : zone,
                       .now_us = session_now(session),
                       .relation_name = relation_name,
                       .relation_context = (void *) (uintptr_t) session};
}

void
session_planner(Session *session, Arena *arena, EvalContext *eval, PlannerContext *context)
{
    eval_context_init(eval, arena);
    eval->style = session_style(session);
    const Role *role = catalog_role(coordinator_catalog(session->coordinator), session->user);
    *context = (PlannerContext){.catalog = coordinator_catalog(session->coordinator),
                                .scope = {.database = arena_strdup(arena, variable_get(session->variables, "database")),
                                          .search_path = search_path(session, arena),
                                          .session = session->connection_id},
                                .cluster = arena_strdup(arena, variable_get(session->variables, "cluster")),
                                .role = role == NULL ? 0 : role->id,
                                .eval = eval,
                                .arena = arena,
                                .row_counts = coordinator_row_counts(session->coordinator),
                                .disabled_passes =
                                    arena_strdup(arena, variable_get(session->variables, "disabled_optimizer_passes"))};
}

static const char *
setting_of(void *context, const char *name)
{
    static const char live[] = "mz_internal.";
    if (strncmp(name, live, sizeof live - 1) == 0)
        return activity_setting(context, name + sizeof live - 1);
    return variable_get(((Session *) context)->variables, name);
}

static const char *const *
existing_schemas(Session *session, Arena *arena)
{
    const char **path = search_path(session, arena);
    Catalog *catalog = coordinator_catalog(session->coordinator);
    const char *database = variable_get(session->variables, "database");
    int kept = 0;
    for (int i = 0; path[i] != NULL; i++)
        if (catalog_schema(catalog, database, path[i]) != NULL)
            path[kept++] = path[i];
    path[kept] = NULL;
    return path;
}

void
session_fill_binding(Session *session, const Portal *portal, ContextBinding *binding, Arena *arena)
{
    const char *const *schemas = existing_schemas(session, arena);
    *binding = (ContextBinding){.now = session_now(session),
                                .user = session->user,
                                .session_user = session->user,
                                .database = arena_strdup(arena, variable_get(session->variables, "database")),
                                .schema = schemas[0],
                                .schemas = schemas,
                                .backend_pid = (int32_t) session->connection_id,
                                .start_time = coordinator_start_time(session->coordinator),
                                .is_superuser = strcmp(variable_get(session->variables, "is_superuser"), "on") == 0,
                                .setting = setting_of,
                                .setting_context = session,
                                .parameters = portal->parameters,
                                .parameter_types = portal->prepared->parameter_types,
                                .parameter_count = portal->prepared->parameter_count};
}

/* ---- timer ---- */

static void
on_timer(uv_timer_t *timer)
{
    Session *session = timer->data;
    void (*over)(Session *) = session->timer_over;
    session->timer_over = NULL;
    if (over != NULL)
        over(session);
}

void
session_start_timer(Session *session, int64_t ms, void (*over)(Session *session))
{
    if (session->timer == NULL) {
        session->timer = memory_calloc(1, sizeof *session->timer);
        session->timer->data = session;
        uv_timer_init(coordinator_loop(session->coordinator), session->timer);
    }
    session->timer_over = over;
    uv_timer_start(session->timer, on_timer, (uint64_t) ms, 0);
}

void
session_stop_timer(Session *session)
{
    if (session->timer_over == NULL)
        return;
    session->timer_over = NULL;
    uv_timer_stop(session->timer);
}

/* ---- simple queries ---- */

char
session_transaction_status(const Session *session)
{
    return !session->transaction.open ? 'I' : session->transaction.failed ? 'E' : 'T';
}

static void
query_done(Session *session)
{
    session_report_changes(session);
    session->statements.count = 0;
    session->sink->done(session->sink_context);
}

static void
query_failed(Session *session, Error *err)
{
    if (session->transaction.open)
        session->transaction.failed = true;
    session->sink->error(session->sink_context, err);
    error_clear(err);
    query_done(session);
}

static void simple_next(Session *session, bool ok);

static void
simple_run(Session *session, Prepared *prepared)
{
    Portal *portal = portal_new(session, NULL, prepared);
    prepared_release(prepared);
    statement_run(session, portal, 0, simple_next);
}

/* Each statement of a script is parsed again into an arena of its own, which its portal may keep longer than the script lasts (DECLARE). */
static Prepared *
simple_prepare(const AstStatement *statement, Error *err)
{
    Arena *arena = arena_new();
    char *sql = arena_strndup(arena, statement->text.bytes, statement->text.size);
    AstStatement *ast;
    if (!parse_statement(slice_of(sql), arena, &ast, err)) {
        arena_free(arena);
        return NULL;
    }
    Prepared *prepared = prepared_new(arena, sql, ast);
    prepared->no_more_parameters = true;
    set_config_take(prepared);
    return prepared;
}

static void
simple_next(Session *session, bool ok)
{
    if (!ok || session->next_statement == session->statements.count) {
        query_done(session);
        return;
    }
    Error err = ERROR_INIT;
    Prepared *prepared = simple_prepare(session->statements.items[session->next_statement++], &err);
    if (prepared == NULL) {
        session->sink->error(session->sink_context, &err);
        error_clear(&err);
        query_done(session);
        return;
    }
    simple_run(session, prepared);
}

static bool
cacheable(const Prepared *prepared)
{
    return prepared->ast != NULL && prepared->planned && prepared->plan.kind == PLAN_QUERY &&
           prepared->parameter_count == 0 && strlen(prepared->sql) < 4096;
}

static void
cache_put(Session *session, Slice key, Prepared *prepared)
{
    if (map_count(session->cache) >= CACHED_STATEMENTS_MAX) {
        free_prepared(session->cache);
        session->cache = map_new();
    }
    Prepared *old = map_put(session->cache, key, prepared_retain(prepared));
    if (old != NULL)
        prepared_release(old);
}

/* Under its text without the integers, and their types behind a byte that no text has. */
static Slice
lifted_key(LiftedQuery *lifted)
{
    buffer_append_char(&lifted->text, '\0');
    for (int i = 0; i < lifted->count; i++)
        buffer_append_char(&lifted->text, lifted->values[i] > INT32_MAX ? '8' : '4');
    return slice_make(lifted->text.bytes, lifted->text.size);
}

/* Runs the plan that queries with other integers have left. False: there is none, or it may not hold any more. */
static bool
lifted_run(Session *session, const LiftedQuery *lifted, Slice key)
{
    Prepared *prepared = map_get(session->cache, key);
    if (prepared == NULL)
        return false;
    if (!prepared_is_current(session, prepared)) {
        map_remove(session->cache, key);
        prepared_release(prepared);
        return false;
    }
    Portal *portal = portal_new(session, NULL, prepared);
    portal->parameters = arena_new_array(portal->arena, Datum, lifted->count);
    for (int i = 0; i < lifted->count; i++)
        portal->parameters[i] = datum_int(lifted->values[i]);
    statement_run(session, portal, 0, simple_next);
    return true;
}

/*
 * Plans the query that `prepared` is again, with parameters in place of its integers, for others that differ only in
 * these. That is for lookups, where planning is most of the work; whatever fails here is left to the text as it is.
 */
static bool
lifted_put(Session *session, const Prepared *prepared, const LiftedQuery *lifted, Slice key)
{
    if (!planned_query_has_lookup(prepared->plan.query) || prepared->plan.as_of != NULL)
        return false;
    Error err = ERROR_INIT;
    Arena *arena = arena_new();
    char *sql = arena_strndup(arena, key.bytes, key.size);
    AstStatement *ast;
    if (!parse_statement(slice_of(sql), arena, &ast, &err)) {
        error_clear(&err);
        arena_free(arena);
        return false;
    }
    Prepared *shared = prepared_new(arena, sql, ast);
    shared->no_more_parameters = true;
    shared->parameter_count = lifted->count;
    shared->parameter_types = arena_new_array(arena, SqlType, lifted->count);
    for (int i = 0; i < lifted->count; i++)
        shared->parameter_types[i] = lifted->values[i] > INT32_MAX ? SQL_TYPE(INT8) : SQL_TYPE(INT4);
    bool put = prepared_plan(session, shared, &err) && shared->plan.kind == PLAN_QUERY &&
               planned_query_has_lookup(shared->plan.query) && prepared_same_result(&shared->plan, &prepared->plan);
    if (put)
        cache_put(session, key, shared);
    error_clear(&err);
    prepared_release(shared);
    return put;
}

/* A query text with one statement: the common case, and the one that is worth remembering. */
static void
simple_run_one(Session *session, Arena *arena, char *sql, AstStatement *ast, const LiftedQuery *lifted, Slice key)
{
    Prepared *prepared = prepared_new(arena, sql, ast);
    prepared->no_more_parameters = true;
    set_config_take(prepared);
    Error err = ERROR_INIT;
    if (!session->transaction.failed && !statement_is_ddl(ast->kind) && statement_is_planned(ast->kind)) {
        if (!prepared_plan(session, prepared, &err)) {
            prepared_release(prepared);
            query_failed(session, &err);
            return;
        }
        if (cacheable(prepared) && (key.size == 0 || !lifted_put(session, prepared, lifted, key)))
            cache_put(session, slice_of(prepared->sql), prepared);
    }
    Portal *portal = portal_new(session, NULL, prepared);
    prepared_release(prepared);
    statement_run(session, portal, 0, simple_next);
}

/* `key` is empty where nothing was lifted. */
static void
query_parse(Session *session, Slice sql, const LiftedQuery *lifted, Slice key)
{
    Arena *arena = arena_new();
    char *copy = arena_strndup(arena, sql.bytes, sql.size);
    AstStatementList statements;
    Error err = ERROR_INIT;
    if (!parse_statements(slice_make(copy, sql.size), arena, &statements, &err)) {
        arena_free(arena);
        query_failed(session, &err);
        return;
    }
    if (statements.count == 0) {
        arena_free(arena);
        session->sink->empty_query(session->sink_context);
        query_done(session);
        return;
    }
    if (statements.count == 1) {
        simple_run_one(session, arena, copy, statements.items[0], lifted, key);
        return;
    }
    arena_free(session->query_arena);
    session->query_arena = arena;
    session->statements = statements;
    simple_next(session, true);
}

void
session_query(Session *session, Slice sql)
{
    session->extended_failed = false;
    session->next_statement = session->statements.count = 0;
    Prepared *cached = map_get(session->cache, sql);
    if (cached != NULL && prepared_is_current(session, cached)) {
        simple_run(session, prepared_retain(cached));
        return;
    }
    LiftedQuery lifted;
    Slice key = literals_lift(sql, &lifted) ? lifted_key(&lifted) : slice_make(NULL, 0);
    if (key.size == 0 || !lifted_run(session, &lifted, key))
        query_parse(session, sql, &lifted, key);
    buffer_deinit(&lifted.text);
}

/* ---- cancel, drain ---- */

void
session_cancel(Session *session)
{
    if (session->running == NULL)
        return;
    Error err = ERROR_INIT;
    error_set(&err, SQLSTATE_QUERY_CANCELED, "canceling statement due to user request");
    statement_failed(session, &err);
}

void
session_drained(Session *session)
{
    if (session->delivering != NULL && session->running != NULL)
        portal_pump(session);
}
