#include "replication/postgres/stream.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "replication/postgres/stream_internal.h"

#define READ_BUFFER_BYTES (1u << 20)
#define VERSION_BINARY    140000

/*
 * The server writes message by message. With a backlog, being woken for each is what costs; then bytes are let gather. A
 * lone change is read at once: gathering begins only when bytes come faster than any but a catching-up server sends them.
 */
#define GATHER_BYTES           (512 << 10)
#define GATHER_MS              10
#define GATHER_WINDOW_US       INT64_C(10000)
#define GATHER_WINDOW_BYTES    (160u << 10)
#define GATHER_WINDOW_MESSAGES 600

#define FEEDBACK_INTERVAL_US INT64_C(100000)   /* when the durable position has moved */
#define FEEDBACK_IDLE_US     INT64_C(10000000) /* else; asks for an answer, too */
#define SILENCE_US_MAX       INT64_C(60000000)
#define FOLLOW_INTERVAL_US   INT64_C(100000)
#define BACKOFF_MS_MIN       1000
#define BACKOFF_MS_MAX       30000
#define SETTLED_US           INT64_C(10000000)        /* a connection that lasted was no failure */
#define EPOCH_SHIFT_US       INT64_C(946684800000000) /* from 1970 to 2000 */

/* ---- tables ---- */

StreamTable *
stream_table(PostgresSource *source, uint64_t shard_id)
{
    for (size_t i = 0; i < source->tables.count; i++)
        if (source->tables.items[i]->spec->table.shard_id == shard_id)
            return source->tables.items[i];
    return NULL;
}

void
stream_add_table(PostgresSource *source, TableSpec *spec)
{
    StreamTable *table = memory_calloc(1, sizeof *table);
    table->spec = spec;
    table->state = spec->table.is_broken ? TABLE_BROKEN : spec->table.needs_snapshot ? TABLE_WAITING : TABLE_LIVE;
    table->wire = memory_calloc((size_t) spec->table.column_count, sizeof *table->wire);
    table->statistics.object_id = spec->table.object_id;
    changes_init(&table->changes, spec);
    vector_push(&source->tables, table);
    Relation *relation = stream_relation(source, spec->table.upstream_oid);
    vector_push(&relation->tables, table);
    stream_bind(source, table);
    if (table->state != TABLE_BROKEN)
        watch_add(source->watch, spec);
    if (table->state != TABLE_LIVE || source->connected)
        stream_report(source, spec->table.object_id, stream_table_status(table),
                      table->state == TABLE_BROKEN ? "postgres: table is in error" : NULL, NULL);
}

static void
table_free(StreamTable *table)
{
    changes_deinit(&table->changes);
    table_spec_release(table->spec);
    free(table->wire);
    free(table->misfit);
    free(table->open_error);
    free(table->error);
    free(table->finding);
    free(table->doubt);
    free(table);
}

#define list_remove(list, item)                                                                                        \
    do {                                                                                                               \
        for (size_t at = (list)->count; at-- > 0;)                                                                     \
            if ((list)->items[at] == (item))                                                                           \
                vector_remove(list, at);                                                                               \
    } while (0)

static void
remove_table(PostgresSource *source, uint64_t shard_id)
{
    StreamTable *table = stream_table(source, shard_id);
    if (table == NULL)
        return;
    stream_snapshot_forget(table);
    watch_remove(source->watch, shard_id);
    Relation *relation = stream_relation(source, table->spec->table.upstream_oid);
    list_remove(&source->tables, table);
    list_remove(&source->touched, table);
    list_remove(&source->dirty, table);
    list_remove(&relation->tables, table);
    table_free(table);
}

/* ---- the mailbox ---- */

static void
reconfigure(PostgresSource *source, const PostgresConfig *config)
{
    postgres_config_deinit(&source->config);
    postgres_config_copy(&source->config, config);
    watch_reconfigure(source->watch, config);
    /* What was found where we are no longer pointed at counts for nothing. */
    for (size_t i = 0; i < source->tables.count; i++) {
        StreamTable *table = source->tables.items[i];
        if (table->finding == NULL)
            continue;
        free(table->finding);
        table->finding = NULL;
        watch_add(source->watch, table->spec);
    }
    source->reconfigured = true;
}

static void
note_finding(PostgresSource *source, Command *command)
{
    StreamTable *table = stream_table(source, command->shard_id);
    if (table == NULL || table->finding != NULL)
        return;
    table->finding = command->text;
    table->finding_lsn = command->lsn;
    command->text = NULL;
}

static void
obey(PostgresSource *source, Command *command)
{
    switch (command->kind) {
    case COMMAND_ADD:
        /* Text can be had of all columns or of none. */
        source->reconfigured =
            source->reconfigured || (command->spec->any_text && !source->text_mode && source->connected);
        stream_add_table(source, command->spec);
        break;
    case COMMAND_REMOVE:
        remove_table(source, command->shard_id);
        break;
    case COMMAND_RECONFIGURE:
        reconfigure(source, &command->config);
        break;
    case COMMAND_FINDING:
        note_finding(source, command);
        break;
    }
    postgres_config_deinit(&command->config);
    free(command->text);
}

static void
read_mail(PostgresSource *source)
{
    if (!atomic_exchange(&source->has_mail, false))
        return;
    pthread_mutex_lock(&source->lock);
    size_t count = source->commands.count;
    Command *commands = source->commands.items;
    source->commands.items = NULL;
    source->commands.count = source->commands.capacity = 0;
    pthread_mutex_unlock(&source->lock);
    for (size_t i = 0; i < count; i++)
        obey(source, &commands[i]);
    free(commands);
}

/* A finding counts once everything before it has been applied, and where we follow the server that it was found on. */
static void
act_on_findings(PostgresSource *source)
{
    for (size_t i = 0; i < source->tables.count; i++) {
        StreamTable *table = source->tables.items[i];
        if (table->finding == NULL)
            continue;
        if (table->state == TABLE_LIVE && source->position < table->finding_lsn) {
            source->wants_position = true;
            continue;
        }
        char *text = table->finding;
        table->finding = NULL;
        stream_break_table(source, table, text);
        free(text);
    }
}

static void
keep_house(PostgresSource *source, int64_t now_us)
{
    read_mail(source);
    if (source->mail_taken || now_us - source->follow_us >= FOLLOW_INTERVAL_US) {
        source->mail_taken = false;
        source->follow_us = now_us;
        source->wants_position = false;
        if (source->connected && !source->in_transaction)
            act_on_findings(source);
        stream_snapshots_follow(source, now_us);
        stream_snapshots_begin(source, now_us);
    }
    stream_flush(source, now_us);
}

static bool
should_leave(const PostgresSource *source)
{
    return atomic_load(&source->stopping) || source->refused || source->reconfigured;
}

/* ---- connecting ---- */

static bool
stall(Error *err, const char *text, const char *hint)
{
    error_set(err, SQLSTATE_OBJECT_NOT_IN_PREREQUISITE_STATE, "%s", text);
    return hint == NULL ? false : error_hint(err, "%s", hint);
}

static bool
check_identity(PostgresSource *source, Error *err)
{
    SystemIdentity identity;
    if (!system_identify(source->connection, source->stop_fd, &identity, err))
        return false;
    if (source->timeline_id == 0 || identity.timeline_id == source->timeline_id)
        return true;
    error_set(err, SQLSTATE_OBJECT_NOT_IN_PREREQUISITE_STATE,
              "unsupported action: database restored from point-in-time backup. Expected timeline ID %llu but got %llu",
              (unsigned long long) source->timeline_id, (unsigned long long) identity.timeline_id);
    return error_hint(err, "Drop the source and create it again.");
}

static bool
check_slot(PostgresSource *source, const SlotState *slot, Error *err)
{
    static const char again[] = "Changes are lost: drop the source and create it again.";
    if (!slot->exists)
        return stall(err, "replication slot mysteriously missing", again);
    if (slot->invalidated)
        return stall(err, "replication slot has been invalidated because it exceeded the maximum reserved size", again);
    if (slot->confirmed_lsn <= source->position)
        return true;
    error_set(err, SQLSTATE_OBJECT_NOT_IN_PREREQUISITE_STATE,
              "slot overcompacted. Requested LSN %llu but only LSNs >= %llu are available",
              (unsigned long long) source->position, (unsigned long long) slot->confirmed_lsn);
    return error_hint(err, "%s", again);
}

/* After this the slot exists, nobody else uses it, and it reaches back to the position. */
static bool
prepare_slot(PostgresSource *source, Error *err)
{
    SlotState slot;
    if (!slot_find(source->connection, source->stop_fd, source->slot, &slot, err))
        return false;
    if (!slot.exists && source->position == 0) {
        log_info("postgres", "replication slot is made source=u%llu slot=%s", (unsigned long long) source->id,
                 source->slot);
        return slot_create(source->connection, source->stop_fd, source->slot, &source->position, err);
    }
    if (source->position == 0)
        source->position = slot.confirmed_lsn; /* nothing that came was ever made durable */
    if (!check_slot(source, &slot, err))
        return false;
    return slot.active_pid == 0 || slot_release(source->connection, source->stop_fd, source->slot, err);
}

static bool
any_table_as_text(const PostgresSource *source)
{
    for (size_t i = 0; i < source->tables.count; i++)
        if (source->tables.items[i]->spec->any_text)
            return true;
    return false;
}

static bool
start_replication(PostgresSource *source, Error *err)
{
    char lsn[20], type;
    Slice payload;
    Buffer sql = {0}, publication = {0};
    source->text_mode = PQserverVersion(source->connection) < VERSION_BINARY || any_table_as_text(source);
    sql_append_identifier(&publication, source->publication);
    buffer_append_text(&sql, "START_REPLICATION SLOT ");
    sql_append_identifier(&sql, source->slot);
    buffer_printf(&sql, " LOGICAL %s (proto_version '1', publication_names ", lsn_print(source->position, lsn));
    sql_append_literal(&sql, buffer_text(&publication));
    buffer_printf(&sql, "%s)", source->text_mode ? "" : ", binary 'true'");
    copy_stream_init(&source->stream, source->connection, source->stop_fd, READ_BUFFER_BYTES);
    bool ok = copy_stream_query(&source->stream, buffer_text(&sql), err);
    while (ok && (ok = copy_stream_next(&source->stream, &type, &payload, err)) && type != 'W')
        if (type == 'E')
            ok = copy_stream_error(payload, err);
    buffer_deinit(&sql);
    buffer_deinit(&publication);
    return ok;
}

static bool
connect_stream(PostgresSource *source, Error *err)
{
    if (!upstream_connect(&source->config, true, source->stop_fd, &source->connection, err) ||
        !check_identity(source, err) || !prepare_slot(source, err) || !start_replication(source, err))
        return false;
    source->connected = source->slot_ready = true;
    source->gathering = false;
    source->received_us = source->feedback_us = source->window_us = clock_steady_us();
    source->window_bytes = 0;
    source->window_messages = source->statistics.messages_received;
    source->mail_taken = true;
    stream_forget_relations(source);
    stream_report_all(source, STATUS_RUNNING, NULL, NULL);
    char lsn[20];
    log_info("postgres", "source is running source=u%llu lsn=%s form=%s", (unsigned long long) source->id,
             lsn_print(source->position, lsn), source->text_mode ? "text" : "binary");
    return true;
}

static void
disconnect(PostgresSource *source)
{
    stream_roll_back(source);
    source->connected = false;
    if (source->stream.buffer != NULL)
        copy_stream_deinit(&source->stream);
    if (source->connection != NULL)
        PQfinish(source->connection);
    source->connection = NULL;
}

/* ---- feedback ---- */

static bool
send_feedback(PostgresSource *source, int64_t now_us, bool ask, Error *err)
{
    atomic_store(&source->feedback_wanted, false);
    uint64_t durable = atomic_load(&source->confirmed);
    uint64_t received = source->position > durable ? source->position : durable;
    Buffer payload = {0};
    buffer_append_char(&payload, 'r');
    buffer_append_be64(&payload, received);
    buffer_append_be64(&payload, durable);
    buffer_append_be64(&payload, durable);
    buffer_append_be64(&payload, (uint64_t) (clock_wall_us() - EPOCH_SHIFT_US));
    buffer_append_char(&payload, ask);
    bool ok = copy_stream_send_data(&source->stream, payload.bytes, payload.size, err);
    buffer_deinit(&payload);
    source->feedback_us = now_us;
    return ok;
}

static bool
give_feedback(PostgresSource *source, int64_t now_us, Error *err)
{
    int64_t since_us = now_us - source->feedback_us;
    bool idle = since_us >= FEEDBACK_IDLE_US, wanted = atomic_load(&source->feedback_wanted) || source->wants_position;
    if (!idle && !(wanted && since_us >= FEEDBACK_INTERVAL_US))
        return true;
    bool silent = now_us - source->received_us >= FEEDBACK_IDLE_US;
    return send_feedback(source, now_us, silent || source->wants_position, err);
}

/* ---- reading ---- */

/* 'k': position, time, whether an answer is wanted. Outside of a transaction all before that position has come. */
static bool
keepalive(PostgresSource *source, Slice payload, int64_t now_us, Error *err)
{
    if (payload.size < 18)
        return error_set(err, SQLSTATE_PROTOCOL_VIOLATION, "unexpected replication message");
    uint64_t lsn = be64_read(payload.bytes + 1);
    if (!source->in_transaction && lsn > source->position)
        source->position = lsn;
    return payload.bytes[17] == 0 || send_feedback(source, now_us, false, err);
}

static bool
handle_frame(PostgresSource *source, char type, Slice payload, int64_t now_us, Error *err)
{
    switch (type) {
    case 'd':
        if (payload.size > 25 && payload.bytes[0] == 'w') {
            source->failures = 0;
            source->statistics.messages_received++;
            source->statistics.bytes_received += payload.size - 25;
            return stream_apply(source, slice_make(payload.bytes + 25, payload.size - 25), err);
        }
        if (payload.size > 0 && payload.bytes[0] == 'k')
            return keepalive(source, payload, now_us, err);
        return error_set(err, SQLSTATE_PROTOCOL_VIOLATION, "unexpected replication message");
    case 'E':
        return copy_stream_error(payload, err);
    case 'N':
    case 'S':
        return true;
    default:
        return error_set(err, SQLSTATE_CONNECTION_FAILURE, "stream ended prematurely");
    }
}

static bool
handle_frames(PostgresSource *source, int64_t now_us, Error *err)
{
    char type;
    Slice payload;
    for (;;) {
        switch (copy_stream_take(&source->stream, &type, &payload, err)) {
        case TAKE_NOTHING:
            return true;
        case TAKE_BAD:
            return false;
        case TAKE_FRAME:
            break;
        }
        if (!handle_frame(source, type, payload, now_us, err))
            return false;
    }
}

/* Whether what came since the window began is more than live traffic brings. */
static bool
window_is_crowded(const PostgresSource *source)
{
    uint64_t messages = source->statistics.messages_received - source->window_messages;
    return source->window_bytes >= GATHER_WINDOW_BYTES || messages >= GATHER_WINDOW_MESSAGES;
}

static void
adapt(PostgresSource *source, int64_t now_us)
{
    bool crowded = window_is_crowded(source), over = now_us - source->window_us >= GATHER_WINDOW_US;
    if (!source->gathering && !crowded && !over)
        return;
    source->gathering = crowded && (source->gathering || now_us - source->window_us <= GATHER_WINDOW_US * 2);
    source->window_us = now_us;
    source->window_bytes = 0;
    source->window_messages = source->statistics.messages_received;
    copy_stream_set_low_water(&source->stream, source->gathering ? GATHER_BYTES : 1);
}

static bool
read_stream(PostgresSource *source, int64_t now_us, Error *err)
{
    size_t bytes;
    if (!copy_stream_fill(&source->stream, &bytes, err))
        return false;
    if (bytes > 0)
        source->received_us = now_us;
    source->window_bytes += bytes;
    if (!handle_frames(source, now_us, err))
        return false;
    adapt(source, now_us);
    return true;
}

static void
drain_wake(PostgresSource *source)
{
    uint64_t count;
    ssize_t taken = read(source->wake_fd, &count, sizeof count);
    (void) taken;
    source->mail_taken = true;
}

static void
sooner(int64_t *due_us, int64_t other_us)
{
    if (other_us < *due_us)
        *due_us = other_us;
}

static int
time_to_wait_ms(const PostgresSource *source, int64_t now_us)
{
    int64_t due_us = source->connected ? source->feedback_us + FEEDBACK_IDLE_US : now_us + FEEDBACK_IDLE_US;
    if (source->connected && (atomic_load(&source->feedback_wanted) || source->wants_position))
        sooner(&due_us, source->feedback_us + FEEDBACK_INTERVAL_US);
    if (source->statistics_dirty)
        sooner(&due_us, source->statistics_us + 1000000);
    if (source->position > source->pushed)
        sooner(&due_us, source->push_us + 1000000);
    int64_t follow_us = source->follow_us + FOLLOW_INTERVAL_US, begin_us = stream_snapshots_due(source);
    if (source->snapshots.count > 0 || source->wants_position)
        sooner(&due_us, follow_us);
    sooner(&due_us, begin_us > follow_us ? begin_us : follow_us); /* begun where followed */
    if (due_us <= now_us)
        return 0;
    int64_t wait_ms = (due_us - now_us) / 1000 + 1;
    return wait_ms > 10000 ? 10000 : (int) wait_ms;
}

/* One turn: waits for bytes, commands or the next thing that is due. */
static bool
turn(PostgresSource *source, Error *err)
{
    int64_t now_us = clock_steady_us();
    int wait_ms = time_to_wait_ms(source, now_us);
    bool paused = source->aside_bytes >= ASIDE_BYTES_MAX, more = source->stream.full && !paused;
    if (source->gathering && wait_ms > GATHER_MS && !paused)
        wait_ms = GATHER_MS;
    struct pollfd polled[2] = {{.fd = source->wake_fd, .events = POLLIN},
                               {.fd = paused ? -1 : source->stream.fd, .events = POLLIN}};
    int ready = poll(polled, 2, more ? 0 : wait_ms);
    if (ready < 0 && errno != EINTR)
        return error_set(err, SQLSTATE_SYSTEM_ERROR, "could not wait for the server");
    now_us = clock_steady_us();
    if (polled[0].revents != 0)
        drain_wake(source);
    bool readable = polled[1].revents != 0 || more || (source->gathering && ready == 0);
    if (!paused && readable && !read_stream(source, now_us, err))
        return false;
    keep_house(source, now_us);
    if (paused)
        source->received_us = now_us;
    else if (now_us - source->received_us > SILENCE_US_MAX)
        return error_set(err, SQLSTATE_CONNECTION_FAILURE, "connection timed out");
    return give_feedback(source, now_us, err);
}

/* ---- the thread ---- */

/* Whatever upstream says of the publication is definite: its tables cannot be followed any more. */
static void
lose_publication(PostgresSource *source, const Error *err)
{
    Buffer text = {0};
    buffer_printf(&text, "publication \"%s\" does not exist", source->publication);
    if (strcmp(err->sqlstate, SQLSTATE_UNDEFINED_OBJECT) == 0 && strstr(err->message, buffer_text(&text)) != NULL)
        for (size_t i = 0; i < source->tables.count; i++)
            stream_break_table(source, source->tables.items[i], buffer_text(&text));
    buffer_deinit(&text);
}

static void
report_stall(PostgresSource *source, const Error *err)
{
    Buffer status = {0};
    buffer_printf(&status, "postgres: %s", err->message);
    stream_report_all(source, STATUS_STALLED, buffer_text(&status), err->hint);
    log_warn("postgres", "source is stalled source=u%llu: %s", (unsigned long long) source->id, err->message);
    buffer_deinit(&status);
}

/* Snapshots go on, commands are obeyed. */
static void
wait_out(PostgresSource *source)
{
    int shift = source->failures < 6 ? source->failures : 5;
    int64_t wait_ms = (int64_t) BACKOFF_MS_MIN << shift;
    wait_ms = wait_ms > BACKOFF_MS_MAX ? BACKOFF_MS_MAX : wait_ms;
    wait_ms -= random() % (wait_ms / 4 + 1); /* many sources of one server do not come back at once */
    int64_t until_us = clock_steady_us() + wait_ms * 1000;
    source->failures++;
    for (int64_t now_us; !should_leave(source) && (now_us = clock_steady_us()) < until_us;) {
        struct pollfd polled = {.fd = source->wake_fd, .events = POLLIN};
        int due_ms = time_to_wait_ms(source, now_us), left_ms = (int) ((until_us - now_us) / 1000) + 1;
        if (poll(&polled, 1, due_ms < left_ms ? due_ms : left_ms) > 0)
            drain_wake(source);
        keep_house(source, clock_steady_us());
    }
}

static void
follow(PostgresSource *source)
{
    Error err = ERROR_INIT;
    bool ok = connect_stream(source, &err);
    int64_t connected_us = clock_steady_us();
    while (ok && !should_leave(source)) {
        ok = turn(source, &err);
        if (clock_steady_us() - connected_us >= SETTLED_US)
            source->failures = 0;
    }
    disconnect(source);
    if (!ok && strstr(err.message, "the database system is starting up") != NULL)
        source->failures = 0; /* it will not be long */
    if (!ok && !atomic_load(&source->stopping)) {
        lose_publication(source, &err);
        report_stall(source, &err);
    }
    error_clear(&err);
    stream_flush(source, clock_steady_us());
    if (!ok)
        wait_out(source);
    source->reconfigured = false;
}

void *
stream_run(void *context)
{
    PostgresSource *source = context;
    stream_report(source, source->id, STATUS_STARTING, NULL, NULL);
    keep_house(source, clock_steady_us());
    while (!atomic_load(&source->stopping) && !source->refused)
        follow(source);
    stream_snapshots_end(source);
    return NULL;
}

void
stream_deinit(PostgresSource *source)
{
    for (size_t i = 0; i < source->tables.count; i++)
        table_free(source->tables.items[i]);
    for (size_t i = 0; i < source->statuses.count; i++) {
        free(source->statuses.items[i].error);
        free(source->statuses.items[i].hint);
    }
    size_t iterator = 0;
    Slice key;
    void *value;
    while (map_next(source->relations, &iterator, &key, &value)) {
        Relation *relation = value;
        vector_deinit(&relation->tables);
        arena_free(relation->arena);
        free(relation);
    }
    map_free(source->relations);
    pgoutput_decoder_deinit(&source->decoder);
    vector_deinit(&source->tables);
    vector_deinit(&source->touched);
    vector_deinit(&source->dirty);
    vector_deinit(&source->statuses);
}
