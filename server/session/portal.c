/*
 * Portals: a statement's rows on their way to the client, at the client's pace.
 */
#include "server/session/session_internal.h"

#include <stdio.h>

#define ROWS_PER_SEND 256u /* between looks at how full the output is */

Portal *
portal_new(Session *session, const char *name, Prepared *prepared)
{
    Arena *arena = arena_new();
    Portal *portal = arena_new_struct(arena, Portal);
    portal->arena = arena;
    portal->name = name == NULL ? NULL : arena_strdup(arena, name);
    portal->prepared = prepared_retain(prepared);
    portal->session = session;
    return portal;
}

void
portal_free(Portal *portal)
{
    if (portal->operation != NULL)
        operation_cancel(portal->operation);
    if (portal->subscription != NULL)
        subscription_free(portal->subscription);
    for (size_t i = portal->queue_chunk; i < portal->queue.count; i++)
        chunk_release(portal->queue.items[i]);
    vector_deinit(&portal->queue);
    error_clear(&portal->end_error);
    arena_free(portal->answer_arena);
    prepared_release(portal->prepared);
    arena_free(portal->arena);
}

/*
 * The next rows of a chunk, at most `limit` of them. Rows that stand for several are written out only here, so that a limit can fall
 * between them and so that a row that stands for a billion takes no memory. The caller releases the chunk.
 */
static Chunk *
take_rows(Portal *portal, const Chunk *chunk, uint32_t limit)
{
    uint32_t rows[ROWS_PER_SEND];
    uint32_t count = 0;
    while (count < limit && portal->queue_row < chunk->count) {
        if (portal->queue_repeats >= chunk_diff(chunk, portal->queue_row)) {
            portal->queue_row++;
            portal->queue_repeats = 0;
            continue;
        }
        rows[count++] = portal->queue_row;
        portal->queue_repeats++;
    }
    /* A chunk is over with the last of its last row: nobody asks again to learn that there is nothing more. */
    while (portal->queue_row < chunk->count && portal->queue_repeats >= chunk_diff(chunk, portal->queue_row)) {
        portal->queue_row++;
        portal->queue_repeats = 0;
    }
    Column **columns = memory_calloc((size_t) chunk->column_count + 1, sizeof *columns);
    for (uint16_t i = 0; i < chunk->column_count; i++)
        columns[i] = column_gather(chunk->columns[i], rows, count);
    Chunk *taken = chunk_new(count, columns, chunk->column_count, chunk->time, NULL, NULL);
    free(columns);
    return taken;
}

static bool
repeats_rows(const Chunk *chunk)
{
    for (uint32_t row = 0; chunk->diffs != NULL && row < chunk->count; row++)
        if (chunk_diff(chunk, row) != 1)
            return true;
    return false;
}

static bool
has_rows(const Chunk *chunk)
{
    for (uint32_t row = 0; row < chunk->count; row++)
        if (chunk_diff(chunk, row) > 0)
            return true;
    return false;
}

void
portal_push(Portal *portal, ChunkVector *rows)
{
    for (size_t i = 0; i < rows->count; i++) {
        Chunk *chunk = rows->items[i];
        if (!has_rows(chunk))
            chunk_release(chunk);
        else
            vector_push(&portal->queue, chunk);
    }
    vector_deinit(rows);
}

static bool
queue_is_empty(const Portal *portal)
{
    return portal->queue_chunk == portal->queue.count;
}

static void
send_rows(Session *session, Portal *portal, const Chunk *chunk, uint32_t first, uint32_t count)
{
    if (portal->copy != NULL) {
        copy_out_rows(session, portal, chunk, first, count);
    } else {
        TextStyle style = session_style(session);
        const Portal *asked = session->running; /* its result formats: a FETCH's, when the rows are a cursor's */
        ResultFormat format = {asked->formats, asked->format_count};
        session->sink->rows(session->sink_context, portal->desc, &format, &style, chunk, first, count);
    }
    session->rows_sent += count;
}

static void
send_some(Session *session, Portal *portal)
{
    Chunk *chunk = portal->queue.items[portal->queue_chunk];
    uint32_t limit = ROWS_PER_SEND;
    if (session->row_limit > 0 && limit > session->row_limit - (int64_t) session->rows_sent)
        limit = (uint32_t) (session->row_limit - (int64_t) session->rows_sent);
    if (portal->queue_row == 0 && portal->queue_repeats == 0)
        portal->queue_repeating = repeats_rows(chunk);
    if (portal->queue_repeating) {
        Chunk *taken = take_rows(portal, chunk, limit);
        send_rows(session, portal, taken, 0, taken->count);
        chunk_release(taken);
    } else {
        uint32_t left = chunk->count - portal->queue_row;
        uint32_t count = left < limit ? left : limit;
        send_rows(session, portal, chunk, portal->queue_row, count);
        portal->queue_row += count;
    }
    if (portal->queue_row == chunk->count) {
        chunk_release(chunk);
        portal->queue_chunk++;
        portal->queue_row = 0;
        if (queue_is_empty(portal))
            portal->queue.count = portal->queue_chunk = 0;
    }
}

static void
pump_complete(Session *session, Portal *portal)
{
    char tag[64];
    unsigned long long count = (unsigned long long) session->rows_sent;
    portal->state = portal->is_cursor ? portal->state : PORTAL_DONE;
    if (portal->copy != NULL)
        copy_out_end(session, portal);
    const char *verb = session->fetch_tag != NULL     ? session->fetch_tag
                       : portal->copy != NULL         ? "COPY"
                       : portal->subscription != NULL ? "SUBSCRIBE"
                                                      : "SELECT";
    if (portal->prepared->plan.kind == PLAN_INSERT) {
        verb = "INSERT 0";
        count = portal->written;
    }
    snprintf(tag, sizeof tag, "%s %llu", verb, count);
    statement_succeeded(session, tag);
}

static void
pump_suspend(Session *session)
{
    if (session->fetch_tag != NULL) {
        pump_complete(session, session->delivering);
        return;
    }
    session->sink->portal_suspended(session->sink_context);
    statement_succeeded(session, NULL);
}

/* Sends what is queued, and lets a paused subscription fill the queue again. False: the sink is full, session_drained comes. */
static bool
drain_queue(Session *session, Portal *portal)
{
    while (!(session->row_limit > 0 && (int64_t) session->rows_sent >= session->row_limit)) {
        if (queue_is_empty(portal) && !portal->ended)
            subscribe_room(portal);
        if (queue_is_empty(portal))
            return true;
        if (session->sink->is_full(session->sink_context))
            return false;
        send_some(session, portal);
    }
    return true;
}

void
portal_fetch_over(Session *session)
{
    pump_complete(session, session->delivering);
}

void
portal_pump(Session *session)
{
    Portal *portal = session->delivering;
    if (session->pumping)
        return;
    session->pumping = true;
    bool drained = drain_queue(session, portal);
    session->pumping = false;
    if (!drained)
        return;
    if (session->row_limit > 0 && (int64_t) session->rows_sent >= session->row_limit) {
        pump_suspend(session);
        return;
    }
    if (!portal->ended) {
        bool fetched = session->fetch_tag != NULL && session->rows_sent > 0 && !session->fetch_waits;
        if (fetched)
            pump_complete(session, portal);
        else
            session->sink->flush(session->sink_context);
        return;
    }
    if (error_is_set(&portal->end_error)) {
        Error err = ERROR_INIT;
        error_copy(&err, &portal->end_error);
        statement_failed(session, &err);
        return;
    }
    pump_complete(session, portal);
}
