/*
 * SUBSCRIBE: updates with times and diffs become rows, in one of four shapes.
 */
#include "server/session/session_internal.h"

#include <stdio.h>

#include "base/clock.h"
#include "types/numeric.h"

#define QUEUED_ROWS_MAX 50000  /* of one portal; then the subscription pauses */
#define PROGRESS_US_MIN 500000 /* between progress rows while nothing happens */

typedef struct Subscription {
    Portal *portal;
    const SubscribePlan *plan;
    uint64_t queued_rows;
    bool paused;
    int64_t progress_sent_us;
    Timestamp upper;
} Subscription;

typedef struct UpdateRow {
    const Chunk *chunk;
    uint32_t row;
    Timestamp time;
    int64_t diff;
} UpdateRow;

typedef VECTOR(UpdateRow) UpdateRowVector;

void
subscription_free(Subscription *subscription)
{
    free(subscription);
}

/* ---- sorting ---- */

static int
compare_column(const SubscribePlan *plan, uint16_t column, const UpdateRow *a, const UpdateRow *b)
{
    SqlType type = planned_query_desc(plan->query)->columns[column].type;
    return column_compare(type, a->chunk->columns[column], a->row, b->chunk->columns[column], b->row);
}

static int
compare_time(const UpdateRow *a, const UpdateRow *b)
{
    return (a->time > b->time) - (a->time < b->time);
}

static int
compare_key(const SubscribePlan *plan, const UpdateRow *a, const UpdateRow *b)
{
    for (int i = 0; i < plan->key_count; i++) {
        int order = compare_column(plan, plan->key[i], a, b);
        if (order != 0)
            return order;
    }
    return 0;
}

/* Sort keys over (mz_diff, columns ...). */
static int
compare_within(const SubscribePlan *plan, const UpdateRow *a, const UpdateRow *b)
{
    for (int i = 0; i < plan->order_count; i++) {
        const SortKey *key = &plan->order[i];
        int order;
        if (key->column == 0) {
            order = (a->diff > b->diff) - (a->diff < b->diff);
        } else {
            uint16_t column = (uint16_t) (key->column - 1);
            bool a_null = column_is_null(a->chunk->columns[column], a->row);
            bool b_null = column_is_null(b->chunk->columns[column], b->row);
            if (a_null != b_null)
                return (a_null ? 1 : -1) * (key->nulls_first ? -1 : 1);
            order = a_null ? 0 : compare_column(plan, column, a, b);
        }
        if (order != 0)
            return key->descending ? -order : order;
    }
    return 0;
}

static int
compare_updates(const void *left, const void *right, void *context)
{
    const SubscribePlan *plan = context;
    const UpdateRow *a = left, *b = right;
    int order = compare_time(a, b);
    if (order == 0 && plan->envelope == ENVELOPE_WITHIN_TIMESTAMP_ORDER)
        order = compare_within(plan, a, b);
    else if (order == 0 && plan->envelope != ENVELOPE_NONE)
        order = compare_key(plan, a, b);
    if (order == 0)
        order = (a->diff > b->diff) - (a->diff < b->diff); /* retractions before insertions */
    return order;
}

/* ---- shapes ---- */

typedef struct RowShaper {
    const SubscribePlan *plan;
    ChunkBuilder builder;
    Arena *arena;
    int columns; /* of the relation */
} RowShaper;

static ColumnBuilder *
shape_begin(RowShaper *shaper, Timestamp time, bool progressed, int *next)
{
    ColumnBuilder *columns = shaper->builder.columns;
    Numeric number = numeric_from_int64((int64_t) time, shaper->arena);
    column_builder_append(&columns[0], datum_bytes(number));
    *next = 1;
    if (shaper->plan->progress)
        column_builder_append(&columns[(*next)++], datum_int(progressed));
    return columns;
}

static void
shape_end(RowShaper *shaper)
{
    chunk_builder_end_row(&shaper->builder, 0, 1);
}

static void
shape_progress(RowShaper *shaper, Timestamp time)
{
    int next;
    ColumnBuilder *columns = shape_begin(shaper, time, true, &next);
    for (; next < shaper->builder.column_count; next++)
        column_builder_append_null(&columns[next]);
    shape_end(shaper);
}

static void
shape_plain(RowShaper *shaper, const UpdateRow *update)
{
    int next;
    ColumnBuilder *columns = shape_begin(shaper, update->time, false, &next);
    column_builder_append(&columns[next++], datum_int(update->diff));
    for (int i = 0; i < shaper->columns; i++)
        column_builder_append_row(&columns[next++], update->chunk->columns[i], update->row);
    shape_end(shaper);
}

static bool
is_key(const SubscribePlan *plan, int column)
{
    for (int i = 0; i < plan->key_count; i++)
        if (plan->key[i] == column)
            return true;
    return false;
}

static void
append_values(RowShaper *shaper, ColumnBuilder *columns, int *next, const UpdateRow *update)
{
    for (int i = 0; i < shaper->columns; i++) {
        if (is_key(shaper->plan, i))
            continue;
        if (update == NULL)
            column_builder_append_null(&columns[(*next)++]);
        else
            column_builder_append_row(&columns[(*next)++], update->chunk->columns[i], update->row);
    }
}

/* All updates of one key at one time. */
static void
shape_keyed(RowShaper *shaper, const UpdateRow *updates, size_t count)
{
    const UpdateRow *before = NULL, *after = NULL;
    int64_t inserted = 0, deleted = 0;
    for (size_t i = 0; i < count; i++) {
        if (updates[i].diff > 0) {
            inserted += updates[i].diff;
            after = &updates[i];
        } else {
            deleted -= updates[i].diff;
            before = &updates[i];
        }
    }
    bool violated = inserted > 1 || deleted > 1;
    bool debezium = shaper->plan->envelope == ENVELOPE_DEBEZIUM;
    const char *state = violated                   ? "key_violation"
                        : inserted == 0            ? "delete"
                        : debezium && deleted == 0 ? "insert"
                                                   : "upsert";
    int next;
    ColumnBuilder *columns = shape_begin(shaper, updates[0].time, false, &next);
    column_builder_append(&columns[next++], datum_text(state));
    for (int i = 0; i < shaper->plan->key_count; i++)
        column_builder_append_row(&columns[next++], updates[0].chunk->columns[shaper->plan->key[i]], updates[0].row);
    if (debezium)
        append_values(shaper, columns, &next, violated ? NULL : before);
    append_values(shaper, columns, &next, violated ? NULL : after);
    shape_end(shaper);
}

static void
shape_updates(RowShaper *shaper, const UpdateRowVector *updates)
{
    bool keyed = shaper->plan->envelope == ENVELOPE_UPSERT || shaper->plan->envelope == ENVELOPE_DEBEZIUM;
    for (size_t i = 0; i < updates->count;) {
        size_t end = i + 1;
        while (keyed && end < updates->count && compare_time(&updates->items[i], &updates->items[end]) == 0 &&
               compare_key(shaper->plan, &updates->items[i], &updates->items[end]) == 0)
            end++;
        if (keyed)
            shape_keyed(shaper, &updates->items[i], end - i);
        else
            shape_plain(shaper, &updates->items[i]);
        i = end;
    }
}

static void
collect_updates(const ChunkVector *chunks, UpdateRowVector *updates)
{
    for (size_t i = 0; i < chunks->count; i++) {
        const Chunk *chunk = chunks->items[i];
        for (uint32_t row = 0; row < chunk->count; row++) {
            UpdateRow update = {chunk, row, chunk_time(chunk, row), chunk_diff(chunk, row)};
            vector_push(updates, update);
        }
    }
}

static Chunk *
shape_chunk(Subscription *subscription, const ChunkVector *chunks, bool progress, Timestamp upper)
{
    const RelationDesc *desc = subscription->plan->desc;
    SqlType *types = memory_calloc((size_t) desc->column_count, sizeof *types);
    for (int i = 0; i < desc->column_count; i++)
        types[i] = desc->columns[i].type;
    RowShaper shaper = {.plan = subscription->plan,
                        .arena = arena_new(),
                        .columns = planned_query_desc(subscription->plan->query)->column_count};
    chunk_builder_init(&shaper.builder, types, (uint16_t) desc->column_count);
    UpdateRowVector updates = {0};
    collect_updates(chunks, &updates);
    if (updates.count > 1)
        qsort_r(updates.items, updates.count, sizeof *updates.items, compare_updates, (void *) subscription->plan);
    shape_updates(&shaper, &updates);
    if (progress)
        shape_progress(&shaper, upper);
    Chunk *chunk = chunk_builder_finish(&shaper.builder);
    vector_deinit(&updates);
    chunk_builder_deinit(&shaper.builder);
    arena_free(shaper.arena);
    free(types);
    return chunk;
}

/* ---- callbacks ---- */

static void
queue_chunk(Subscription *subscription, Chunk *chunk)
{
    if (chunk == NULL)
        return;
    subscription->queued_rows += chunk->count;
    ChunkVector rows = {0};
    vector_push(&rows, chunk);
    portal_push(subscription->portal, &rows);
    if (subscription->queued_rows > QUEUED_ROWS_MAX && !subscription->paused &&
        subscription->portal->operation != NULL) {
        subscription->paused = true;
        subscription_pause(subscription->portal->operation);
    }
}

static void
on_updates(void *context, ChunkVector *updates, Timestamp upper)
{
    Subscription *subscription = context;
    Portal *portal = subscription->portal;
    Session *session = portal->session;
    int64_t now = clock_steady_us();
    bool progress = subscription->plan->progress && upper > subscription->upper &&
                    (updates->count > 0 || now - subscription->progress_sent_us >= PROGRESS_US_MIN);
    if (progress) {
        subscription->progress_sent_us = now;
        subscription->upper = upper;
    }
    queue_chunk(subscription, shape_chunk(subscription, updates, progress, upper));
    chunk_vector_release(updates);
    if (session->delivering == portal)
        portal_pump(session);
}

static void
on_ended(void *context, Error *error)
{
    Subscription *subscription = context;
    Portal *portal = subscription->portal;
    portal->operation = NULL;
    portal->ended = true;
    error_move(&portal->end_error, error);
    if (portal->session->delivering == portal)
        portal_pump(portal->session);
}

void
subscribe_room(Portal *portal)
{
    Subscription *subscription = portal->subscription;
    if (subscription == NULL)
        return;
    subscription->queued_rows = 0;
    if (!subscription->paused || portal->operation == NULL)
        return;
    subscription->paused = false;
    subscription_resume(portal->operation);
}

/* ---- beginning ---- */

static bool
bounds(Session *session, Portal *portal, const SubscribePlan *plan, SubscribeOptions *options, Error *err)
{
    *options = (SubscribeOptions){.cluster = variable_get(session->variables, "cluster"),
                                  .snapshot = plan->snapshot,
                                  .progress = plan->progress,
                                  .has_as_of = plan->as_of != NULL,
                                  .as_of_at_least = plan->as_of_at_least,
                                  .up_to = TIMESTAMP_MAX};
    return (plan->as_of == NULL || statement_timestamp(session, portal, plan->as_of, &options->as_of, err)) &&
           (plan->up_to == NULL || statement_timestamp(session, portal, plan->up_to, &options->up_to, err));
}

bool
subscribe_begin(Session *session, Portal *portal, const SubscribePlan *plan, Error *err)
{
    SubscribeOptions options;
    if (!transaction_allow(session, TRANSACTION_SUBSCRIBE, 0, err) || !bounds(session, portal, plan, &options, err))
        return false;
    Subscription *subscription = memory_calloc(1, sizeof *subscription);
    subscription->portal = portal;
    subscription->plan = plan;
    portal->subscription = subscription;
    portal->desc = plan->desc;
    SubscribeCallbacks callbacks = {.updates = on_updates, .ended = on_ended, .context = subscription};
    Timestamp as_of;
    portal->operation =
        coordinator_subscribe(session->coordinator, plan, &session->binding, &options, &callbacks, &as_of, err);
    if (portal->operation == NULL)
        return false;
    if (options.up_to == as_of) {
        char text[160];
        snprintf(text, sizeof text,
                 "subscribe as of %llu (inclusive) up to the same bound %llu (exclusive) is guaranteed to be empty",
                 (unsigned long long) as_of, (unsigned long long) options.up_to);
        session_notice(session, "NOTICE", SQLSTATE_SUCCESSFUL_COMPLETION, text);
    }
    if (plan->progress) {
        ChunkVector none = {0};
        queue_chunk(subscription, shape_chunk(subscription, &none, true, as_of));
        subscription->upper = as_of;
    }
    return true;
}

void
subscribe_run(Session *session, const SubscribePlan *plan)
{
    Portal *portal = session->running;
    Error err = ERROR_INIT;
    if (!subscribe_begin(session, portal, plan, &err)) {
        statement_failed(session, &err);
        return;
    }
    if (portal->copy != NULL) {
        copy_out_begin(session, portal);
    } else if (portal->name == NULL) {
        ResultFormat format = {portal->formats, portal->format_count};
        session->sink->row_description(session->sink_context, portal->desc, &format);
    }
    portal_pump(session);
}
