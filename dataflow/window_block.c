/* What all window calls need to know of a block: which rows are peers, what failed. */
#include "dataflow/window.h"

#include "collection/column_order.h"

void
window_block_deinit(WindowBlock *block)
{
    free(block->group_of);
    free(block->identity);
    vector_deinit(&block->group_starts);
    block->group_of = block->identity = NULL;
}

#define MARK(type)                                                                                                     \
    do {                                                                                                               \
        const type *values = column->values;                                                                           \
        for (uint32_t i = 1; i < column->count; i++)                                                                   \
            changed[i] |= values[i] != values[i - 1];                                                                  \
    } while (0)

/* What lies under a null is zero: a null beside a zero differs in the nulls alone. */
void
column_mark_changes(SqlType type, const Column *column, uint8_t *changed)
{
    OrderClass order = type_order_class(type);
    bool plain = order == ORDER_SIGNED || order == ORDER_UNSIGNED;
    if (plain && column->phys == PHYS_U8) {
        MARK(uint8_t);
    } else if (plain && column->phys == PHYS_I16) {
        MARK(int16_t);
    } else if (plain && column->phys == PHYS_I32) {
        MARK(int32_t);
    } else if (plain && column->phys == PHYS_I64) {
        MARK(int64_t);
    } else {
        for (uint32_t i = 1; i < column->count; i++)
            changed[i] = changed[i] || column_compare_class(order, type, column, i - 1, column, i) != 0;
        return;
    }
    for (uint32_t i = 1; i < column->count && column->nulls != NULL; i++)
        changed[i] |= column->nulls[i] != column->nulls[i - 1];
}

void
window_find_peers(WindowBlock *block)
{
    if (block->group_of != NULL)
        return;
    uint32_t count = block->rows->count;
    uint8_t *changed = memory_calloc((size_t) count + 1, 1);
    for (int i = 0; i < block->plan->order_count; i++) {
        uint16_t column = block->plan->order[i].column;
        column_mark_changes(block->types[column], block->rows->columns[column], changed);
    }
    for (uint32_t i = 0; i < block->partition_count; i++)
        changed[block->starts[i]] = 1;
    block->group_of = memory_alloc(((size_t) count + 1) * sizeof *block->group_of);
    for (uint32_t i = 0; i < count; i++) {
        if (changed[i])
            vector_push(&block->group_starts, i);
        block->group_of[i] = (uint32_t) block->group_starts.count - 1;
    }
    vector_push(&block->group_starts, count);
    free(changed);
}

const uint32_t *
window_identity(WindowBlock *block)
{
    uint32_t count = block->rows->count;
    if (block->identity != NULL)
        return block->identity;
    block->identity = memory_alloc(((size_t) count + 1) * sizeof *block->identity);
    for (uint32_t i = 0; i < count; i++)
        block->identity[i] = i;
    return block->identity;
}

/* A row's first failure stays. `error` is copied. */
void
window_fail(WindowBlock *block, uint32_t first, uint32_t end, const EvalError *error)
{
    EvalError *own = arena_new_struct(block->arena, EvalError);
    *own = *error;
    own->message = arena_strdup(block->arena, error->message);
    own->detail = error->detail == NULL ? NULL : arena_strdup(block->arena, error->detail);
    own->hint = error->hint == NULL ? NULL : arena_strdup(block->arena, error->hint);
    if (block->errors == NULL)
        block->errors = arena_new_array(block->arena, const EvalError *, block->rows->count);
    for (uint32_t i = first; i < end; i++)
        if (block->errors[i] == NULL)
            block->errors[i] = own;
}

bool
window_evaluate(WindowBlock *block, Column **results)
{
    for (int i = 0; i < block->plan->call_count; i++) {
        const WindowCall *call = &block->plan->calls[i];
        if (call->function <= WINDOW_NTILE)
            results[i] = window_numbers(block, call);
        else if (call->function < WINDOW_AGGREGATE)
            results[i] = window_values(block, call);
        else
            results[i] = window_aggregate(block, call);
        if (results[i] != NULL)
            continue;
        while (i-- > 0)
            column_release(results[i]);
        return false;
    }
    return true;
}
