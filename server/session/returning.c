/*
 * RETURNING: what a statement answers of the rows that it writes, known before they are written.
 */
#include "server/session/session_internal.h"

static bool
check_errors(const Evaluated *evaluated, uint32_t count, Error *err)
{
    uint32_t given = evaluated->is_constant ? 1 : count;
    for (uint32_t row = 0; evaluated->errors != NULL && row < given; row++)
        if (evaluated->errors[row] != NULL) {
            error_from_eval(err, evaluated->errors[row]);
            return false;
        }
    return true;
}

static bool
evaluate_chunk(Scalar *const *scalars, int count, EvalContext *eval, const Chunk *chunk, Chunk **out, Error *err)
{
    Column **columns = memory_calloc((size_t) count + 1, sizeof *columns);
    bool ok = true;
    int made = 0;
    for (; made < count && ok; made++) {
        Evaluated evaluated;
        evaluate(scalars[made], eval, chunk, &evaluated);
        ok = check_errors(&evaluated, chunk->count, err);
        columns[made] = evaluated_spread(&evaluated, scalars[made]->type, chunk->count);
        evaluated_release(&evaluated);
    }
    if (ok) {
        int64_t *diffs = NULL;
        if (chunk->diffs != NULL) {
            diffs = memory_alloc(chunk->count * sizeof *diffs);
            memcpy(diffs, chunk->diffs, chunk->count * sizeof *diffs);
        }
        *out = chunk_new(chunk->count, columns, (uint16_t) count, 0, diffs, NULL);
    } else {
        for (int i = 0; i < made; i++)
            column_release(columns[i]);
    }
    free(columns);
    return ok;
}

bool
returning_evaluate(Session *session, Portal *portal, const ChunkVector *rows, Error *err)
{
    const StatementPlan *plan = &portal->prepared->plan;
    if (plan->kind != PLAN_INSERT || plan->returning == NULL)
        return true;
    int count = plan->desc->column_count;
    Scalar **bound = arena_new_array(portal->arena, Scalar *, count + 1);
    EvalContext eval;
    eval_context_init(&eval, portal->arena);
    bool ok = true;
    for (int i = 0; i < count && ok; i++)
        ok = scalar_bind_context(portal->arena, plan->returning[i], &session->binding, &bound[i], err);
    ChunkVector results = {0};
    for (size_t i = 0; i < rows->count && ok; i++) {
        Chunk *chunk;
        ok = evaluate_chunk(bound, count, &eval, rows->items[i], &chunk, err);
        if (ok)
            vector_push(&results, chunk);
    }
    eval_context_deinit(&eval);
    if (!ok) {
        chunk_vector_release(&results);
        return false;
    }
    portal->desc = plan->desc;
    portal_push(portal, &results);
    return true;
}
