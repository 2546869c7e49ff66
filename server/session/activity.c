/*
 * What sessions are doing, as JSON: what pg_stat_activity and its like are made of.
 *
 * A system relation of live state is a view over current_setting('mz_internal....'), a text that is made when the statement begins.
 */
#include "server/session/session_internal.h"

#include <stdio.h>

#include "base/clock.h"
#include "types/datetime.h"
#include "types/jsonb.h"

/* Every session there is; the event loop's. */
static Session *sessions;

static int64_t
now_us(void)
{
    return clock_wall_us() - EPOCH_SHIFT_US;
}

void
activity_register(Session *session, const SessionOptions *options)
{
    Activity *activity = &session->activity;
    snprintf(activity->address, sizeof activity->address, "%s", options->address == NULL ? "" : options->address);
    activity->port = options->port;
    activity->started_at = activity->changed_at = now_us();
    session->next = sessions;
    if (sessions != NULL)
        sessions->previous = session;
    sessions = session;
}

void
activity_forget(Session *session)
{
    if (session->previous != NULL)
        session->previous->next = session->next;
    else
        sessions = session->next;
    if (session->next != NULL)
        session->next->previous = session->previous;
    buffer_deinit(&session->activity.live);
}

void
activity_begin(Session *session, const char *sql)
{
    Activity *activity = &session->activity;
    size_t size = sql == NULL ? 0 : strnlen(sql, sizeof activity->query);
    if (size == sizeof activity->query) { /* not within a character */
        size--;
        while (size > 0 && ((unsigned char) sql[size] & 0xc0) == 0x80)
            size--;
    }
    if (size > 0)
        memcpy(activity->query, sql, size);
    activity->query[size] = '\0';
    activity->query_at = activity->changed_at = now_us();
}

void
activity_end(Session *session)
{
    session->activity.changed_at = now_us();
}

/* ---- JSON ---- */

static void
put_name(Buffer *out, const char *name)
{
    if (out->bytes[out->size - 1] != '{')
        buffer_append_char(out, ',');
    buffer_printf(out, "\"%s\":", name);
}

static void
put_text(Buffer *out, const char *name, const char *text)
{
    if (text == NULL || text[0] == '\0')
        return;
    put_name(out, name);
    jsonb_append_string(out, slice_of(text));
}

static void
put_number(Buffer *out, const char *name, int64_t number)
{
    put_name(out, name);
    buffer_printf(out, "%lld", (long long) number);
}

static void
begin_object(Buffer *out)
{
    buffer_append_text(out, out->bytes[out->size - 1] == '[' ? "{" : ",{");
}

static const char *
session_state(const Session *session)
{
    if (session->running != NULL)
        return "active";
    if (!session->transaction.open)
        return "idle";
    return session->transaction.failed ? "idle in transaction (aborted)" : "idle in transaction";
}

static void
put_session(Buffer *out, const Session *session)
{
    const Activity *activity = &session->activity;
    begin_object(out);
    put_number(out, "pid", session->connection_id);
    put_text(out, "user", session->user);
    put_text(out, "database", variable_get(session->variables, "database"));
    put_text(out, "application", variable_get(session->variables, "application_name"));
    put_text(out, "address", activity->address);
    if (activity->port > 0)
        put_number(out, "port", activity->port);
    put_number(out, "started_at", activity->started_at);
    if (session->transaction.open)
        put_number(out, "transaction_at", session->transaction.now);
    else if (session->running != NULL)
        put_number(out, "transaction_at", activity->query_at);
    if (activity->query_at != 0)
        put_number(out, "query_at", activity->query_at);
    put_number(out, "changed_at", activity->changed_at);
    put_text(out, "state", session_state(session));
    put_text(out, "query", activity->query);
    buffer_append_char(out, '}');
}

static void
put_prepared(Buffer *out, const char *name, const Prepared *prepared)
{
    begin_object(out);
    put_text(out, "name", name);
    put_text(out, "statement", prepared->sql);
    put_number(out, "prepared_at", prepared->made_at);
    put_number(out, "from_sql", prepared->from_sql);
    put_name(out, "types");
    buffer_append_text(out, "\"{");
    for (int i = 0; i < prepared->parameter_count; i++)
        buffer_printf(out, i == 0 ? "%u" : ",%u", type_oid(prepared->parameter_types[i]));
    buffer_append_text(out, "}\"}");
}

static void
put_named(Buffer *out, const Map *named, bool cursors)
{
    size_t iterator = 0;
    Slice key;
    void *value;
    while (map_next((Map *) named, &iterator, &key, &value)) {
        Buffer name = {0};
        buffer_append_slice(&name, key);
        put_prepared(out, buffer_text(&name), cursors ? ((const Portal *) value)->prepared : value);
        buffer_deinit(&name);
    }
}

typedef struct RowsOut {
    Buffer *out;
    RowCounts counts;
} RowsOut;

static void
put_rows(void *context, Item *item)
{
    RowsOut *rows = context;
    if ((item->id & OBJECT_ID_SYSTEM) != 0 || !item_is_relation(item) || item->shard == 0)
        return;
    int64_t count = rows->counts.count(rows->counts.context, item);
    if (count < 0)
        return;
    begin_object(rows->out);
    put_number(rows->out, "oid", item->oid);
    put_number(rows->out, "rows", count);
    buffer_append_char(rows->out, '}');
}

const char *
activity_setting(Session *session, const char *name)
{
    Buffer *out = &session->activity.live;
    out->size = 0;
    buffer_append_char(out, '[');
    if (strcmp(name, "sessions") == 0) {
        for (const Session *each = sessions; each != NULL; each = each->next)
            put_session(out, each);
    } else if (strcmp(name, "prepared_statements") == 0) {
        put_named(out, session->prepared, false);
    } else if (strcmp(name, "cursors") == 0) {
        put_named(out, session->cursors, true);
    } else if (strcmp(name, "row_counts") == 0) {
        RowsOut rows = {out, coordinator_row_counts(session->coordinator)};
        catalog_each_item(coordinator_catalog(session->coordinator), put_rows, &rows);
    } else {
        return NULL;
    }
    buffer_append_char(out, ']');
    return buffer_text(out);
}
