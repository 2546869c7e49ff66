/*
 * lower_window.c -- window functions: what they read becomes columns, and in a correlated subquery the rows around it are part of the
 * partition.
 */
#include "planner/lower_internal.h"

static WindowCall
lower_call(Columns *columns, const HirWindowCall *call)
{
    WindowCall made = call->call;
    made.filter = -1;
    for (int i = 0; i < made.arg_count; i++)
        made.args[i] = column_for(columns, call->args[i]);
    if (call->filter != NULL)
        made.filter = (int16_t) column_for(columns, call->filter);
    if (call->start_offset != NULL)
        made.frame.start_offset = column_for(columns, call->start_offset);
    if (call->end_offset != NULL)
        made.frame.end_offset = column_for(columns, call->end_offset);
    return made;
}

/* Columns of the window, all plain ones. */
static WindowPlan
lower_columns(Lower *lower, Columns *columns, const HirWindow *window, int outer)
{
    WindowPlan plan = {.partition = arena_new_array(lower->arena, uint16_t, outer + window->partition_count),
                       .partition_count = outer + window->partition_count,
                       .order = arena_new_array(lower->arena, SortKey, window->order_count),
                       .order_count = window->order_count,
                       .calls = arena_new_array(lower->arena, WindowCall, window->call_count),
                       .call_count = window->call_count};
    for (int i = 0; i < outer; i++)
        plan.partition[i] = (uint16_t) i;
    for (int i = 0; i < window->partition_count; i++)
        plan.partition[outer + i] = column_for(columns, window->partition[i]);
    for (int i = 0; i < window->order_count; i++)
        plan.order[i] = (SortKey){column_for(columns, window->order[i].expr), window->order[i].descending,
                                  window->order[i].nulls_first};
    for (int i = 0; i < window->call_count; i++)
        plan.calls[i] = lower_call(columns, &window->calls[i]);
    return plan;
}

Mir *
lower_window(Lower *lower, const Hir *hir, Mir *outer, const Env *env)
{
    Row row = row_of(lower_relation(lower, hir->input, outer, env), outer->column_count, env);
    HirWindow window = hir_window_copy(lower->arena, &hir->window);
    int count, kept = row.outer + hir->input->column_count;
    Scalar ***slots = hir_window_scalars(lower->arena, &window, &count);
    /* Subqueries widen the row, so that all expressions are lowered before the first map is placed. */
    for (int i = 0; i < count; i++)
        *slots[i] = lower_scalar(lower, &row, *slots[i]);
    Columns columns = {.lower = lower, .row = &row, .maps = arena_new_array(lower->arena, Scalar *, count)};
    WindowPlan plan = lower_columns(lower, &columns, &window, row.outer);
    Mir *input = mir_map(lower->arena, row.mir, columns.maps, columns.map_count);
    uint16_t *project = arena_new_array(lower->arena, uint16_t, kept + plan.call_count);
    for (int i = 0; i < kept; i++)
        project[i] = (uint16_t) i;
    for (int i = 0; i < plan.call_count; i++)
        project[kept + i] = (uint16_t) (input->column_count + i);
    return mir_project(lower->arena, mir_window(lower->arena, input, &plan), project, kept + plan.call_count);
}
