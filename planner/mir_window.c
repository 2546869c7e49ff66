/*
 * mir_window.c -- windows of the algebra: made, compared, moved to other columns, printed.
 */
#include "planner/mir.h"

typedef enum OffsetOf { OFFSET_START, OFFSET_END } OffsetOf;

static bool
has_offset(const WindowFrame *frame, OffsetOf which)
{
    FrameBound bound = which == OFFSET_START ? frame->start : frame->end;
    return bound == FRAME_PRECEDING || bound == FRAME_FOLLOWING;
}

static bool
frame_equal(const WindowFrame *a, const WindowFrame *b)
{
    return a->units == b->units && a->start == b->start && a->end == b->end && a->exclude == b->exclude &&
           (!has_offset(a, OFFSET_START) || a->start_offset == b->start_offset) &&
           (!has_offset(a, OFFSET_END) || a->end_offset == b->end_offset);
}

static bool
call_equal(const WindowCall *a, const WindowCall *b)
{
    if (a->function != b->function || a->arg_count != b->arg_count || a->ignore_nulls != b->ignore_nulls ||
        a->filter != b->filter || !type_same(a->type, b->type) ||
        (a->function == WINDOW_AGGREGATE && a->aggregate.function != b->aggregate.function))
        return false;
    for (int i = 0; i < a->arg_count; i++) {
        if (a->args[i] != b->args[i])
            return false;
    }
    return !window_call_framed(a) || frame_equal(&a->frame, &b->frame);
}

bool
mir_window_equal(const WindowPlan *a, const WindowPlan *b)
{
    if (a->partition_count != b->partition_count || a->order_count != b->order_count || a->call_count != b->call_count)
        return false;
    for (int i = 0; i < a->partition_count; i++) {
        if (a->partition[i] != b->partition[i])
            return false;
    }
    for (int i = 0; i < a->order_count; i++) {
        const SortKey *x = &a->order[i], *y = &b->order[i];
        if (x->column != y->column || x->descending != y->descending || x->nulls_first != y->nulls_first)
            return false;
    }
    for (int i = 0; i < a->call_count; i++) {
        if (!call_equal(&a->calls[i], &b->calls[i]))
            return false;
    }
    return true;
}

void
mir_window_mark_call(const WindowCall *call, bool *used)
{
    for (int i = 0; i < call->arg_count; i++)
        used[call->args[i]] = true;
    if (call->filter >= 0)
        used[call->filter] = true;
    if (!window_call_framed(call))
        return;
    if (has_offset(&call->frame, OFFSET_START))
        used[call->frame.start_offset] = true;
    if (has_offset(&call->frame, OFFSET_END))
        used[call->frame.end_offset] = true;
}

void
mir_window_mark(const WindowPlan *window, bool *used)
{
    for (int i = 0; i < window->partition_count; i++)
        used[window->partition[i]] = true;
    for (int i = 0; i < window->order_count; i++)
        used[window->order[i].column] = true;
}

static WindowCall
call_moved(const WindowCall *call, const uint32_t *map)
{
    WindowCall moved = *call;
    for (int i = 0; i < call->arg_count; i++)
        moved.args[i] = (uint16_t) map[call->args[i]];
    if (call->filter >= 0)
        moved.filter = (int16_t) map[call->filter];
    if (window_call_framed(call) && has_offset(&call->frame, OFFSET_START))
        moved.frame.start_offset = (uint16_t) map[call->frame.start_offset];
    if (window_call_framed(call) && has_offset(&call->frame, OFFSET_END))
        moved.frame.end_offset = (uint16_t) map[call->frame.end_offset];
    return moved;
}

WindowPlan
mir_window_moved(Arena *arena, const WindowPlan *window, const uint32_t *map, const bool *kept)
{
    WindowPlan moved = *window;
    moved.partition = arena_new_array(arena, uint16_t, window->partition_count);
    moved.order = arena_new_array(arena, SortKey, window->order_count);
    moved.calls = arena_new_array(arena, WindowCall, window->call_count);
    moved.call_count = 0;
    for (int i = 0; i < window->partition_count; i++)
        moved.partition[i] = (uint16_t) map[window->partition[i]];
    for (int i = 0; i < window->order_count; i++) {
        moved.order[i] = window->order[i];
        moved.order[i].column = (uint16_t) map[window->order[i].column];
    }
    for (int i = 0; i < window->call_count; i++) {
        if (kept == NULL || kept[i])
            moved.calls[moved.call_count++] = call_moved(&window->calls[i], map);
    }
    return moved;
}

Mir *
mir_window(Arena *arena, Mir *input, const WindowPlan *window)
{
    Mir *mir = arena_new_struct(arena, Mir);
    mir->kind = MIR_WINDOW;
    mir->column_count = input->column_count + window->call_count;
    mir->inputs = arena_new_array(arena, Mir *, 1);
    mir->inputs[0] = input;
    mir->input_count = 1;
    mir->types = arena_new_array(arena, SqlType, mir->column_count);
    mir->nullable = arena_new_array(arena, bool, mir->column_count);
    for (int i = 0; i < input->column_count; i++) {
        mir->types[i] = input->types[i];
        mir->nullable[i] = input->nullable[i];
    }
    for (int i = 0; i < window->call_count; i++) {
        mir->types[input->column_count + i] = window->calls[i].type;
        mir->nullable[input->column_count + i] = window_call_nullable(&window->calls[i]);
    }
    mir->window = *window;
    return mir;
}

/* ---- printing ---- */

static void
print_columns(const uint16_t *columns, int count, Buffer *out)
{
    for (int i = 0; i < count; i++)
        buffer_printf(out, "%s#%u", i == 0 ? "" : ", ", columns[i]);
}

static void
print_bound(FrameBound bound, uint16_t offset, Buffer *out)
{
    static const char *const names[] = {
        [FRAME_UNBOUNDED_PRECEDING] = "unbounded preceding",
        [FRAME_PRECEDING] = "preceding",
        [FRAME_CURRENT_ROW] = "current row",
        [FRAME_FOLLOWING] = "following",
        [FRAME_UNBOUNDED_FOLLOWING] = "unbounded following",
    };
    if (bound == FRAME_PRECEDING || bound == FRAME_FOLLOWING)
        buffer_printf(out, "#%u ", offset);
    buffer_append_text(out, names[bound]);
}

static void
print_call(const WindowCall *call, Buffer *out)
{
    static const char *const units[] = {[FRAME_ROWS] = "rows", [FRAME_RANGE] = "range", [FRAME_GROUPS] = "groups"};
    static const char *const excludes[] = {"", " exclude current row", " exclude group", " exclude ties"};
    bool aggregate = call->function == WINDOW_AGGREGATE;
    buffer_printf(out, "%s(", aggregate ? call->aggregate.function->name : window_function_name(call->function));
    if (aggregate && call->arg_count == 0)
        buffer_append_char(out, '*');
    print_columns(call->args, call->arg_count, out);
    buffer_append_text(out, call->ignore_nulls ? ") ignore nulls" : ")");
    if (call->filter >= 0)
        buffer_printf(out, " filter #%d", call->filter);
    if (!window_call_framed(call))
        return;
    buffer_printf(out, " %s between ", units[call->frame.units]);
    print_bound(call->frame.start, call->frame.start_offset, out);
    buffer_append_text(out, " and ");
    print_bound(call->frame.end, call->frame.end_offset, out);
    buffer_append_text(out, excludes[call->frame.exclude]);
}

void
mir_window_print(const WindowPlan *window, Buffer *out)
{
    if (window->partition_count > 0) {
        buffer_append_text(out, " partition_by=[");
        print_columns(window->partition, window->partition_count, out);
        buffer_append_char(out, ']');
    }
    for (int i = 0; i < window->order_count; i++) {
        const SortKey *key = &window->order[i];
        buffer_printf(out, "%s#%u %s %s", i == 0 ? " order_by=[" : ", ", key->column, key->descending ? "desc" : "asc",
                      key->nulls_first ? "nulls_first" : "nulls_last");
    }
    if (window->order_count > 0)
        buffer_append_char(out, ']');
    for (int i = 0; i < window->call_count; i++) {
        buffer_append_text(out, i == 0 ? " calls=[" : ", ");
        print_call(&window->calls[i], out);
    }
    buffer_append_text(out, window->call_count > 0 ? "]" : "");
}
