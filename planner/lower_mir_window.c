/*
 * lower_mir_window.c -- windows to nodes of a DataflowPlan.
 *
 * Where only the first rows of each partition are wanted, by their numbers, a maintained window reads a top-k: a change then costs those few
 * rows and not its partition. What is computed once reads all rows in one pass, which is cheaper than a top-k is.
 */
#include "planner/lower_mir_internal.h"

static WindowPlan
own_window(Emit *emit, const Mir *mir)
{
    uint32_t *same = arena_new_array(emit->scratch, uint32_t, mir->inputs[0]->column_count);
    for (int i = 0; i < mir->inputs[0]->column_count; i++)
        same[i] = (uint32_t) i;
    WindowPlan own = mir_window_moved(emit->arena, &mir->window, same, NULL);
    for (int i = 0; i < own.call_count; i++) {
        WindowCall *call = &own.calls[i];
        call->type = emit_type(emit, call->type);
        if (call->function != WINDOW_AGGREGATE)
            continue;
        call->aggregate.arg_type = emit_type(emit, call->aggregate.arg_type);
        call->aggregate.second_type = emit_type(emit, call->aggregate.second_type);
        call->aggregate.result_type = emit_type(emit, call->aggregate.result_type);
    }
    return own;
}

/* ---- the first rows by number ---- */

/* column = n, column <= n, column < n: the greatest number that passes; -1: the predicate is none of these. */
static int64_t
number_limit(const Scalar *predicate, uint32_t column)
{
    static const struct {
        const char *name;
        int64_t less;
    } operators[] = {{"=", 0}, {"<=", 0}, {"<", 1}};
    for (int i = 0; i < 3; i++) {
        if (!scalar_is_operator(predicate, operators[i].name))
            continue;
        const Scalar *number = predicate->args[0], *bound = predicate->args[1];
        if (number->kind != SCALAR_COLUMN || number->column != column || bound->kind != SCALAR_LITERAL ||
            bound->literal_error != NULL || bound->literal.is_null || bound->literal.i < operators[i].less)
            continue;
        return bound->literal.i - operators[i].less;
    }
    return -1;
}

/* How many rows of each partition can pass the filters above a window that only numbers rows; -1: any. */
static int64_t
rows_wanted(const Mir *window, const LinearForm *form)
{
    int64_t wanted = -1;
    for (int i = 0; i < window->window.call_count; i++) {
        if (window->window.calls[i].function != WINDOW_ROW_NUMBER)
            return -1;
    }
    for (int i = 0; i < form->filter_count; i++) {
        int64_t limit = number_limit(form->filters[i], (uint32_t) window->inputs[0]->column_count);
        if (limit >= 0 && (wanted < 0 || limit < wanted))
            wanted = limit;
    }
    return wanted;
}

static uint32_t
emit_first_rows(Emit *emit, const Mir *window, int64_t limit, uint32_t input)
{
    const Mir *rows = window->inputs[0];
    TopkPlan topk = {.group = emit_columns(emit, window->window.partition, window->window.partition_count),
                     .group_count = window->window.partition_count,
                     .order = emit_order(emit, window->window.order, window->window.order_count),
                     .order_count = window->window.order_count,
                     .limit = limit};
    return emit_node(emit, (PlanNode){.kind = PLAN_TOPK, .topk = topk}, &input, 1, rows->types, rows->column_count);
}

bool
emit_window(Emit *emit, const Mir *window, const Mir *chain, uint32_t *out, Error *err)
{
    uint32_t input;
    LinearForm form;
    if (!emit_mir(emit, window->inputs[0], &input, err))
        return false;
    linear_form_init(&form, emit->scratch, window->column_count, NULL, window->column_count);
    linear_form_add(&form, chain);
    int64_t wanted = emit->options->one_shot ? -1 : rows_wanted(window, &form);
    if (wanted >= 0)
        input = emit_first_rows(emit, window, wanted, input);
    uint32_t node = emit_node(emit, (PlanNode){.kind = PLAN_WINDOW, .window = own_window(emit, window)}, &input, 1,
                              window->types, window->column_count);
    return emit_form(emit, node, window->types, &form, out, err);
}
