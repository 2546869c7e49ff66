/*
 * A recursive block: a circuit inside the circuit, run again and again within a step until its result changes no more.
 *
 * The inner circuit computes one relation from the node's inputs and from what it gave the iteration before. It is an ordinary circuit whose
 * times are iterations, so each costs what the one before changed. Between steps it stays at the fixed point.
 *
 * When the block is monotone and rows only come, the next step goes on from there: a larger input has a larger fixed point, and iterating from
 * below reaches it. Otherwise the step begins anew: a new inner circuit over the whole inputs, and the difference of the two results goes out.
 * For that the inputs and the result are kept, unless there is no other step.
 */
#include "dataflow/operators.h"
#include "dataflow/render.h"

#define FIRST_ITERATION ((Timestamp) 1 << 40) /* hydration has smaller times of its own */
#define BAG_SLACK_ROWS  65536

/* A collection as chunks, consolidated whenever it has doubled. */
typedef struct Bag {
    const SqlType *types;
    uint16_t column_count;
    ChunkVector chunks;
    uint64_t rows, settled;
} Bag;

typedef enum RecursePhase { RECURSE_IDLE, RECURSE_STEPPING } RecursePhase;

typedef struct OpRecurse {
    Operator base;
    const RecursePlan *plan;
    const SqlType *types;
    uint16_t column_count;
    int input_count;
    Bag *inputs;           /* whole; not kept when one_shot */
    ChunkVector *pending;  /* of each input, of this step */
    bool retracts;         /* some pending diff is negative */
    Bag result, errors;    /* what was given out so far; not kept when one_shot */
    Bag made, made_errors; /* what a run that began anew gives */
    Circuit *inner;
    Operator **imports;
    Operator *collect;
    RecursePhase phase;
    bool anew;         /* this run began with nothing */
    bool cut;          /* the last run ended at the limit: the inner circuit is at no fixed point */
    int64_t iteration; /* of this run, from 1 */
} OpRecurse;

/* ---- what the inner circuit gives ---- */

typedef struct OpCollect {
    Operator base;
    ChunkVector rows, errors;
} OpCollect;

static void
collect_push(Operator *op, int port, Chunk *chunk)
{
    (void) port;
    vector_push(&((OpCollect *) op)->rows, chunk_retain(chunk));
}

static void
collect_push_errors(Operator *op, Chunk *chunk)
{
    vector_push(&((OpCollect *) op)->errors, chunk_retain(chunk));
}

static void
collect_deinit(Operator *op)
{
    chunk_vector_release(&((OpCollect *) op)->rows);
    chunk_vector_release(&((OpCollect *) op)->errors);
}

static const OperatorKind collect_kind = {
    .name = "collect", .push = collect_push, .push_errors = collect_push_errors, .deinit = collect_deinit};

Operator *
op_collect_new(Circuit *circuit, const PlanExport *plan)
{
    return circuit_add(circuit, &collect_kind, sizeof(OpCollect), plan->node);
}

/* ---- bags ---- */

/* Chunks of a size that operators expect. */
static void
push_pieces(ChunkVector *to, Chunk *chunk)
{
    if (chunk->count <= CHUNK_ROWS) {
        vector_push(to, chunk_retain(chunk));
        return;
    }
    uint32_t rows[CHUNK_ROWS];
    for (uint32_t at = 0; at < chunk->count;) {
        uint32_t count = 0;
        for (; count < CHUNK_ROWS && at < chunk->count; count++)
            rows[count] = at++;
        vector_push(to, chunk_gather(chunk, rows, count));
    }
}

static void
consolidate(ChunkVector *chunks, const SqlType *types, uint16_t column_count)
{
    if (chunks->count == 0)
        return;
    Chunk *all = chunks_consolidate(chunks->items, chunks->count, types, column_count);
    chunk_vector_release(chunks);
    if (all != NULL && all->count > 0)
        push_pieces(chunks, all);
    chunk_release(all);
}

static uint64_t
count_rows(const ChunkVector *chunks)
{
    uint64_t rows = 0;
    for (size_t i = 0; i < chunks->count; i++)
        rows += chunks->items[i]->count;
    return rows;
}

static void
bag_add(Bag *bag, Chunk *chunk)
{
    Chunk *timeless = chunk->time == 0 && chunk->times == NULL ? chunk_retain(chunk) : chunk_with_time(chunk, 0);
    vector_push(&bag->chunks, timeless);
    bag->rows += chunk->count;
    if (bag->rows <= bag->settled * 2 + BAG_SLACK_ROWS)
        return;
    consolidate(&bag->chunks, bag->types, bag->column_count);
    bag->rows = bag->settled = count_rows(&bag->chunks);
}

static void
bag_empty(Bag *bag)
{
    chunk_vector_release(&bag->chunks);
    bag->rows = bag->settled = 0;
}

static size_t
bag_memory(const Bag *bag)
{
    size_t bytes = 0;
    for (size_t i = 0; i < bag->chunks.count; i++)
        bytes += chunk_memory(bag->chunks.items[i]);
    return bytes;
}

/* ---- a run ---- */

static void
inner_start(OpRecurse *op)
{
    const DataflowPlan *body = op->plan->body;
    circuit_free(op->inner);
    op->inner = circuit_new(op->base.circuit->cancel, false);
    Spine **none = memory_calloc((size_t) body->import_count + 1, sizeof *none);
    render_plan(op->inner, body, none, op->imports, &op->collect);
    free(none);
    op->inner->time = FIRST_ITERATION;
}

static void
import_load(OpRecurse *op, int import, const ChunkVector *chunks)
{
    StepBatch batch = {0};
    for (size_t i = 0; i < chunks->count; i++)
        step_batch_add_chunk(&batch, chunks->items[i], false);
    op_import_load(op->imports[import], &batch);
    step_batch_deinit(&batch);
}

/* Which import of the body is input `i`. */
static int
import_of_input(const OpRecurse *op, int input)
{
    return op->plan->feedback >= 0 && input >= op->plan->feedback ? input + 1 : input;
}

static void
run_begin(OpRecurse *op)
{
    Circuit *circuit = op->base.circuit;
    bool first = op->inner == NULL;
    bool goes_on = !first && op->plan->monotone && op->plan->limit < 0 && !op->retracts && !op->cut;
    for (int i = 0; i < op->input_count && !circuit->one_shot; i++)
        for (size_t c = 0; c < op->pending[i].count; c++)
            bag_add(&op->inputs[i], op->pending[i].items[c]);
    op->anew = !first && !goes_on;
    if (first || op->anew)
        inner_start(op);
    for (int i = 0; i < op->input_count; i++)
        import_load(op, import_of_input(op, i), op->anew ? &op->inputs[i].chunks : &op->pending[i]);
    for (int i = 0; i < op->input_count; i++)
        chunk_vector_release(&op->pending[i]);
    op->retracts = op->cut = false;
    op->iteration = 1;
    op->phase = RECURSE_STEPPING;
    circuit_begin(op->inner, op->inner->time + 1, first || op->anew);
}

static void
give(OpRecurse *op, Chunk *chunk, bool is_error)
{
    Chunk *timed = chunk_with_time(chunk, op->base.circuit->time);
    if (is_error)
        operator_push_errors(&op->base, timed);
    else
        operator_push(&op->base, timed);
    chunk_release(timed);
}

static void
take(OpRecurse *op, ChunkVector *chunks, bool is_error)
{
    for (size_t i = 0; i < chunks->count; i++) {
        Chunk *chunk = chunks->items[i];
        if (op->anew)
            bag_add(is_error ? &op->made_errors : &op->made, chunk);
        else
            give(op, chunk, is_error);
        if (!op->anew && !op->base.circuit->one_shot)
            bag_add(is_error ? &op->errors : &op->result, chunk);
    }
}

static void
fail_at_limit(OpRecurse *op)
{
    Arena *scratch = arena_new();
    SqlType text = SQL_TYPE(TEXT);
    EvalError error = {0};
    memcpy(error.sqlstate, SQLSTATE_STATEMENT_TOO_COMPLEX, 5);
    error.message =
        arena_printf(scratch,
                     "Recursive query exceeded the recursion limit %lld. (Use RETURN AT RECURSION LIMIT to "
                     "not error, but return the current state as the final result when reaching the limit.)",
                     (long long) op->plan->limit);
    ChunkBuilder builder;
    ChunkVector chunks = {0};
    chunk_builder_init(&builder, &text, 1);
    error_row_append(&builder, &error, op->base.circuit->time, 1, scratch);
    vector_push(&chunks, chunk_builder_finish(&builder));
    take(op, &chunks, true);
    chunk_vector_release(&chunks);
    chunk_builder_deinit(&builder);
    arena_free(scratch);
}

/* What a new run gave, less what was given before. */
static void
give_difference(OpRecurse *op, Bag *before, Bag *now, bool is_error)
{
    ChunkVector both = {0};
    for (size_t i = 0; i < before->chunks.count; i++)
        vector_push(&both, chunk_negate(before->chunks.items[i]));
    for (size_t i = 0; i < now->chunks.count; i++)
        vector_push(&both, chunk_retain(now->chunks.items[i]));
    consolidate(&both, now->types, now->column_count);
    for (size_t i = 0; i < both.count; i++)
        give(op, both.items[i], is_error);
    chunk_vector_release(&both);
    bag_empty(before);
    before->chunks = now->chunks;
    before->rows = before->settled = now->rows;
    now->chunks = (ChunkVector){0};
    now->rows = now->settled = 0;
}

/* After an iteration. True: the run is over. */
static bool
iteration_end(OpRecurse *op)
{
    OpCollect *collect = (OpCollect *) op->collect;
    circuit_end(op->inner);
    consolidate(&collect->rows, op->types, op->column_count);
    take(op, &collect->rows, false);
    take(op, &collect->errors, true);
    chunk_vector_release(&collect->errors);
    bool changed = collect->rows.count > 0 && op->plan->feedback >= 0;
    bool at_limit = changed && op->plan->limit >= 0 && op->iteration >= op->plan->limit;
    if (changed && !at_limit)
        import_load(op, op->plan->feedback, &collect->rows);
    chunk_vector_release(&collect->rows);
    if (at_limit) {
        op->cut = true;
        if (!op->plan->returns_at_limit)
            fail_at_limit(op);
    }
    if (changed && !at_limit) {
        op->iteration++;
        circuit_begin(op->inner, op->inner->time + 1, false);
        return false;
    }
    if (op->anew) {
        give_difference(op, &op->result, &op->made, false);
        give_difference(op, &op->errors, &op->made_errors, true);
    }
    return true;
}

/* ---- the operator ---- */

static void
recurse_push(Operator *base, int port, Chunk *chunk)
{
    OpRecurse *op = (OpRecurse *) base;
    vector_push(&op->pending[port], chunk_retain(chunk));
    for (uint32_t i = 0; chunk->diffs != NULL && !op->retracts && i < chunk->count; i++)
        op->retracts = chunk->diffs[i] < 0;
}

static bool
recurse_flush(Operator *base, int64_t *fuel)
{
    OpRecurse *op = (OpRecurse *) base;
    if (op->phase == RECURSE_IDLE) {
        uint64_t rows = 0;
        for (int i = 0; i < op->input_count; i++)
            rows += count_rows(&op->pending[i]);
        if (rows == 0 && op->inner != NULL)
            return true;
        run_begin(op);
    }
    while (true) {
        if (*fuel <= 0)
            return false;
        --*fuel;
        if (!circuit_run(op->inner, fuel)) {
            if (error_is_set(&op->inner->failure))
                circuit_fail(base->circuit, &op->inner->failure);
            base->circuit->interrupted |= op->inner->interrupted;
            return false;
        }
        if (iteration_end(op))
            break;
    }
    op->phase = RECURSE_IDLE;
    return true;
}

static bool
recurse_work(Operator *base, size_t fuel)
{
    OpRecurse *op = (OpRecurse *) base;
    return op->inner != NULL && op->phase == RECURSE_IDLE && circuit_work(op->inner, fuel);
}

static size_t
recurse_memory(const Operator *base)
{
    const OpRecurse *op = (const OpRecurse *) base;
    size_t bytes = op->inner == NULL ? 0 : circuit_memory(op->inner);
    for (int i = 0; i < op->input_count; i++)
        bytes += bag_memory(&op->inputs[i]);
    return bytes + bag_memory(&op->result) + bag_memory(&op->errors) + bag_memory(&op->made);
}

static void
recurse_deinit(Operator *base)
{
    OpRecurse *op = (OpRecurse *) base;
    for (int i = 0; i < op->input_count; i++) {
        bag_empty(&op->inputs[i]);
        chunk_vector_release(&op->pending[i]);
    }
    Bag *bags[] = {&op->result, &op->errors, &op->made, &op->made_errors};
    for (size_t i = 0; i < sizeof bags / sizeof *bags; i++)
        bag_empty(bags[i]);
    circuit_free(op->inner);
    free(op->inputs);
    free(op->pending);
    free(op->imports);
}

static const OperatorKind recurse_kind = {
    .name = "recurse",
    .push = recurse_push,
    .flush = recurse_flush,
    .work = recurse_work,
    .memory = recurse_memory,
    .deinit = recurse_deinit,
};

Operator *
op_recurse_new(Circuit *circuit, uint32_t node, const PlanNode *plan)
{
    static const SqlType error_type = {.id = TYPE_TEXT, .typmod = -1};
    OpRecurse *op = circuit_add(circuit, &recurse_kind, sizeof *op, node);
    const DataflowPlan *body = plan->recurse.body;
    op->plan = &plan->recurse;
    op->types = plan->types;
    op->column_count = plan->column_count;
    op->input_count = plan->input_count;
    op->inputs = memory_calloc((size_t) plan->input_count + 1, sizeof *op->inputs);
    op->pending = memory_calloc((size_t) plan->input_count + 1, sizeof *op->pending);
    op->imports = memory_calloc((size_t) body->import_count + 1, sizeof(Operator *));
    for (int i = 0; i < plan->input_count; i++) {
        const PlanImport *import = &body->imports[import_of_input(op, i)];
        op->inputs[i] = (Bag){.types = import->types, .column_count = import->column_count};
    }
    op->result = op->made = (Bag){.types = op->types, .column_count = op->column_count};
    op->errors = op->made_errors = (Bag){.types = &error_type, .column_count = 1};
    return &op->base;
}
