/* Rows pass as they are; a group with more than one row is an error beside them, for as long as it has. */
#include "dataflow/group_table.h"
#include "dataflow/operators.h"

enum { GROUP_TOUCHED = 1, GROUP_FAILED = 2 };

typedef struct OpGuard {
    Operator base;
    const PlanNode *plan;
    GroupTable groups;
    VECTOR(uint32_t) touched;
    uint32_t *entries;
    uint32_t capacity;
    Arena *scratch;
} OpGuard;

static void
guard_push(Operator *base, int port, Chunk *chunk)
{
    (void) port;
    OpGuard *op = (OpGuard *) base;
    if (op->capacity < chunk->count) {
        op->capacity = chunk->count;
        op->entries = memory_realloc(op->entries, op->capacity * sizeof *op->entries);
    }
    Column **keys = memory_alloc(((size_t) op->plan->guard.group_count + 1) * sizeof *keys);
    for (int i = 0; i < op->plan->guard.group_count; i++)
        keys[i] = chunk->columns[op->plan->guard.group[i]];
    group_table_find(&op->groups, keys, chunk->count, op->entries);
    free(keys);
    for (uint32_t i = 0; i < chunk->count; i++) {
        GroupHead *head = group_head(&op->groups, op->entries[i]);
        if ((head->flags & GROUP_TOUCHED) == 0) {
            head->flags |= GROUP_TOUCHED;
            vector_push(&op->touched, op->entries[i]);
        }
        head->count += chunk_diff(chunk, i);
    }
    operator_push(base, chunk);
}

static bool
guard_flush(Operator *base, int64_t *fuel)
{
    OpGuard *op = (OpGuard *) base;
    EvalError error = {.message = op->plan->guard.message};
    memcpy(error.sqlstate, op->plan->guard.sqlstate, 5);
    *fuel -= (int64_t) op->touched.count;
    for (size_t i = 0; i < op->touched.count; i++) {
        uint32_t entry = op->touched.items[i];
        GroupHead *head = group_head(&op->groups, entry);
        bool failed = (head->flags & GROUP_FAILED) != 0, fails = head->count > 1;
        head->flags &= ~(uint32_t) (GROUP_TOUCHED | GROUP_FAILED);
        if (fails)
            head->flags |= GROUP_FAILED;
        if (failed != fails)
            error_row_append(operator_errors(base), &error, base->circuit->time, fails ? 1 : -1, op->scratch);
        if (head->count == 0)
            group_table_remove(&op->groups, entry);
    }
    op->touched.count = 0;
    arena_reset(op->scratch);
    return true;
}

static size_t
guard_memory(const Operator *base)
{
    return group_table_memory(&((const OpGuard *) base)->groups);
}

static void
guard_deinit(Operator *base)
{
    OpGuard *op = (OpGuard *) base;
    group_table_deinit(&op->groups);
    vector_deinit(&op->touched);
    free(op->entries);
    arena_free(op->scratch);
}

static const OperatorKind guard_kind = {
    .name = "guard", .push = guard_push, .flush = guard_flush, .memory = guard_memory, .deinit = guard_deinit};

Operator *
op_guard_new(Circuit *circuit, uint32_t node, const PlanNode *plan)
{
    OpGuard *op = circuit_add(circuit, &guard_kind, sizeof *op, node);
    op->plan = plan;
    op->scratch = arena_new();
    SqlType *types = memory_alloc(((size_t) plan->guard.group_count + 1) * sizeof *types);
    for (int i = 0; i < plan->guard.group_count; i++)
        types[i] = plan->types[plan->guard.group[i]];
    group_table_init(&op->groups, types, (uint16_t) plan->guard.group_count, 0);
    free(types);
    return &op->base;
}
