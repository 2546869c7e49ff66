/*
 * mir_print.c -- the algebra as EXPLAIN shows it, and the checker that runs between passes.
 */
#include "planner/mir.h"

typedef struct Printer {
    Arena *arena;
    Buffer *out;
} Printer;

static void print_recursion(Printer *printer, const MirRecursion *recursion, int depth);

static void
print_columns(Buffer *out, const uint16_t *columns, int count)
{
    buffer_append_char(out, '(');
    for (int i = 0; i < count; i++)
        buffer_printf(out, "%s#%u", i == 0 ? "" : ", ", columns[i]);
    buffer_append_char(out, ')');
}

static void
print_scalars(Buffer *out, Scalar *const *scalars, int count, const char *separator)
{
    for (int i = 0; i < count; i++) {
        if (i > 0)
            buffer_append_text(out, separator);
        scalar_print(scalars[i], NULL, out);
    }
}

static void
print_order(Buffer *out, const SortKey *order, int count)
{
    buffer_append_char(out, '[');
    for (int i = 0; i < count; i++)
        buffer_printf(out, "%s#%u%s%s", i == 0 ? "" : ", ", order[i].column, order[i].descending ? " desc" : " asc",
                      order[i].nulls_first ? " nulls_first" : " nulls_last");
    buffer_append_char(out, ']');
}

static void
print_aggregate(Buffer *out, const PlanAggregate *aggregate)
{
    const AggregateFunction *function = aggregate->call.function;
    buffer_printf(out, "%s(%s", function->name, aggregate->distinct ? "distinct " : "");
    if (function->arg_count == 0)
        buffer_append_char(out, '*');
    for (int i = 0; i < function->arg_count; i++)
        buffer_printf(out, "%s#%u", i == 0 ? "" : ", ", aggregate->args[i]);
    if (aggregate->order_count > 0) {
        buffer_append_text(out, " order_by=");
        print_order(out, aggregate->order, aggregate->order_count);
    }
    buffer_append_char(out, ')');
    if (aggregate->filter >= 0)
        buffer_printf(out, " filter (#%d)", aggregate->filter);
}

static void
print_join(Buffer *out, const Mir *mir)
{
    if (mir->join.class_count == 0)
        buffer_append_text(out, " cross");
    else
        buffer_append_text(out, " on=(");
    for (int i = 0; i < mir->join.class_count; i++) {
        const MirClass *class = &mir->join.classes[i];
        if (i > 0)
            buffer_append_text(out, " AND ");
        print_scalars(out, class->members, class->count, class->null_safe ? " <=> " : " = ");
    }
    if (mir->join.class_count > 0)
        buffer_append_char(out, ')');
    for (int i = 0; mir->join.order != NULL && i < mir->input_count; i++)
        buffer_printf(out, "%s%%%u", i == 0 ? " order=" : " » ", mir->join.order[i]);
}

static void
print_constant(Printer *printer, const Mir *mir, int depth)
{
    Buffer *out = printer->out;
    if (mir->constant.count == 0)
        buffer_append_text(out, " <empty>");
    for (int r = 0; r < mir->constant.count && r < 20; r++) {
        buffer_printf(out, "\n%*s- (", depth * 2 + 2, "");
        for (int c = 0; c < mir->column_count; c++) {
            if (c > 0)
                buffer_append_text(out, ", ");
            Scalar *value = scalar_literal(printer->arena, mir->types[c], mir->constant.rows[r][c]);
            scalar_print(value, NULL, out);
        }
        buffer_append_char(out, ')');
        if (mir->constant.diffs != NULL && mir->constant.diffs[r] != 1)
            buffer_printf(out, " x %lld", (long long) mir->constant.diffs[r]);
    }
    if (mir->constant.count > 20)
        buffer_printf(out, "\n%*s... and %d more", depth * 2 + 2, "", mir->constant.count - 20);
}

static void
print_topk(Buffer *out, const Mir *mir)
{
    if (mir->topk.group_count > 0) {
        buffer_append_text(out, " group_by=");
        print_columns(out, mir->topk.group, mir->topk.group_count);
    }
    if (mir->topk.order_count > 0) {
        buffer_append_text(out, " order_by=");
        print_order(out, mir->topk.order, mir->topk.order_count);
    }
    if (mir->topk.limit != NULL) {
        buffer_append_text(out, " limit=");
        scalar_print(mir->topk.limit, NULL, out);
    }
    if (mir->topk.offset != NULL) {
        buffer_append_text(out, " offset=");
        scalar_print(mir->topk.offset, NULL, out);
    }
}

static void
print_reduce(Buffer *out, const Mir *mir)
{
    if (mir->reduce.key_count > 0 || mir->reduce.aggregate_count == 0) {
        buffer_append_text(out, " group_by=");
        print_columns(out, mir->reduce.key, mir->reduce.key_count);
    }
    for (int i = 0; i < mir->reduce.aggregate_count; i++) {
        buffer_append_text(out, i == 0 ? " aggregates=[" : ", ");
        print_aggregate(out, &mir->reduce.aggregates[i]);
    }
    if (mir->reduce.aggregate_count > 0)
        buffer_append_char(out, ']');
}

static void
print_own(Printer *printer, const Mir *mir, int depth)
{
    Buffer *out = printer->out;
    switch (mir->kind) {
    case MIR_CONSTANT:
        print_constant(printer, mir, depth);
        return;
    case MIR_GET:
        buffer_printf(out, " %s", item_full_name(mir->item, printer->arena));
        return;
    case MIR_LET:
        buffer_printf(out, " l%d", mir->binding);
        return;
    case MIR_FEEDBACK:
        buffer_printf(out, " r%d", mir->feedback);
        return;
    case MIR_RECURSE:
        print_recursion(printer, mir->recursion, depth);
        return;
    case MIR_MAP:
        buffer_append_text(out, " (");
        print_scalars(out, mir->list.exprs, mir->list.count, ", ");
        buffer_append_char(out, ')');
        return;
    case MIR_FILTER:
        buffer_append_char(out, ' ');
        for (int i = 0; i < mir->list.count; i++) {
            buffer_append_text(out, i == 0 ? "(" : " AND (");
            scalar_print(mir->list.exprs[i], NULL, out);
            buffer_append_char(out, ')');
        }
        return;
    case MIR_PROJECT:
        buffer_append_char(out, ' ');
        print_columns(out, mir->project, mir->column_count);
        return;
    case MIR_FLAT_MAP:
        buffer_append_char(out, ' ');
        table_function_call_print(&mir->flat_map.function, out);
        buffer_append_char(out, '(');
        print_scalars(out, mir->flat_map.args, mir->flat_map.arg_count, ", ");
        buffer_append_text(out, mir->flat_map.ordinality ? ") with ordinality" : ")");
        return;
    case MIR_JOIN:
        print_join(out, mir);
        return;
    case MIR_REDUCE:
        print_reduce(out, mir);
        return;
    case MIR_TOPK:
        print_topk(out, mir);
        return;
    case MIR_WINDOW:
        mir_window_print(&mir->window, out);
        return;
    case MIR_THRESHOLD:
        buffer_append_text(out, mir->threshold.distinct ? " distinct" : "");
        return;
    case MIR_GUARD:
        buffer_append_text(out, " group_by=");
        print_columns(out, mir->guard.group, mir->guard.group_count);
        return;
    case MIR_NEGATE:
    case MIR_UNION:
        return;
    }
}

static void
print_node(Printer *printer, const Mir *mir, int depth)
{
    const char *name = mir_kind_name(mir->kind);
    if (mir->kind == MIR_REDUCE && mir->reduce.aggregate_count == 0)
        name = "Distinct";
    buffer_printf(printer->out, "%*s%s", depth * 2, "", name);
    print_own(printer, mir, depth);
    buffer_append_char(printer->out, '\n');
    for (int i = 0; i < mir->input_count; i++)
        print_node(printer, mir->inputs[i], depth + 1);
}

static void
print_plan(const MirPlan *plan, Arena *arena, Buffer *out)
{
    Printer printer = {arena, out};
    for (int i = 0; i < plan->count; i++) {
        buffer_printf(out, "%sl%d =\n", i == 0 ? "With\n  " : "  ", i);
        print_node(&printer, plan->bindings[i], 2);
    }
    if (plan->count > 0)
        buffer_append_text(out, "Return\n");
    print_node(&printer, plan->root, plan->count > 0);
}

void
mir_plan_print(const MirPlan *plan, Arena *arena, Buffer *out)
{
    print_plan(plan, arena, out);
}

/* The body's plan, moved in under its node. */
static void
print_recursion(Printer *printer, const MirRecursion *recursion, int depth)
{
    Buffer body = {0};
    buffer_printf(printer->out, " r%d", recursion->block);
    if (recursion->limit >= 0)
        buffer_printf(printer->out, " %s_at=%lld", recursion->returns_at_limit ? "return" : "error",
                      (long long) recursion->limit);
    print_plan(recursion->body, printer->arena, &body);
    Slice rest = buffer_slice(&body);
    while (rest.size > 0) {
        const char *end = memchr(rest.bytes, '\n', rest.size);
        size_t size = end == NULL ? rest.size : (size_t) (end - rest.bytes);
        buffer_printf(printer->out, "\n%*s%.*s", (depth + 1) * 2, "", (int) size, rest.bytes);
        size += end != NULL;
        rest = slice_make(rest.bytes + size, rest.size - size);
    }
    buffer_deinit(&body);
}

/* ---- the checker ---- */

typedef struct Check {
    const char *pass;
    const MirPlan *plan;
    int binding; /* being checked: LETs point before it */
} Check;

static _Noreturn void
broken(const Check *check, const Mir *mir, const char *what)
{
    bug("after %s: a %s node %s", check->pass, mir_kind_name(mir->kind), what);
}

static void
check_scalar(const Check *check, const Mir *mir, const Scalar *scalar, const SqlType *types, int columns)
{
    if (scalar->kind == SCALAR_COLUMN) {
        if (scalar->column >= (uint32_t) columns)
            broken(check, mir, "reads a column that its input does not have");
        if (!type_same(scalar->type, types[scalar->column]))
            broken(check, mir, "reads a column as another type");
    }
    for (int i = 0; i < scalar->arg_count; i++)
        check_scalar(check, mir, scalar->args[i], types, columns);
}

static void
check_columns(const Check *check, const Mir *mir, const uint16_t *columns, int count)
{
    for (int i = 0; i < count; i++) {
        if (columns[i] >= mir->inputs[0]->column_count)
            broken(check, mir, "names a column that its input does not have");
    }
}

static void
check_join(const Check *check, const Mir *mir)
{
    int columns = 0;
    for (int i = 0; i < mir->input_count; i++)
        columns += mir->inputs[i]->column_count;
    if (columns != mir->column_count)
        broken(check, mir, "has another number of columns than its inputs together");
    for (int i = 0; i < mir->join.class_count; i++) {
        const MirClass *class = &mir->join.classes[i];
        if (class->count < 2)
            broken(check, mir, "has a class of fewer than two expressions");
        for (int j = 0; j < class->count; j++) {
            check_scalar(check, mir, class->members[j], mir->types, columns);
            if (!type_same(class->members[j]->type, class->members[0]->type))
                broken(check, mir, "compares expressions of different types");
        }
    }
}

static void
check_window(const Check *check, const Mir *mir)
{
    const Mir *input = mir->inputs[0];
    /* Marked with room to spare: a column past the input's is seen there. */
    bool *used = memory_calloc(UINT16_MAX + 1, sizeof *used);
    mir_window_mark(&mir->window, used);
    for (int i = 0; i < mir->window.call_count; i++)
        mir_window_mark_call(&mir->window.calls[i], used);
    for (int i = input->column_count; i <= UINT16_MAX; i++) {
        if (used[i])
            broken(check, mir, "names a column that its input does not have");
    }
    free(used);
    if (mir->column_count != input->column_count + mir->window.call_count)
        broken(check, mir, "has a wrong number of columns");
}

static void
check_own(const Check *check, const Mir *mir)
{
    const Mir *input = mir->input_count > 0 ? mir->inputs[0] : NULL;
    switch (mir->kind) {
    case MIR_CONSTANT:
    case MIR_GET:
    case MIR_FEEDBACK:
        return;
    case MIR_RECURSE:
        mir_plan_check(mir->recursion->body, check->pass);
        if (mir->column_count != mir->recursion->body->root->column_count)
            broken(check, mir, "has another number of columns than its body");
        return;
    case MIR_LET:
        if (mir->binding >= check->binding)
            broken(check, mir, "refers to a binding that does not come before it");
        if (mir->column_count != check->plan->bindings[mir->binding]->column_count)
            broken(check, mir, "has another number of columns than its binding");
        return;
    case MIR_MAP:
        for (int i = 0; i < mir->list.count; i++)
            check_scalar(check, mir, mir->list.exprs[i], mir->types, input->column_count + i);
        if (mir->column_count != input->column_count + mir->list.count)
            broken(check, mir, "has a wrong number of columns");
        return;
    case MIR_FILTER:
        for (int i = 0; i < mir->list.count; i++)
            check_scalar(check, mir, mir->list.exprs[i], input->types, input->column_count);
        return;
    case MIR_PROJECT:
        check_columns(check, mir, mir->project, mir->column_count);
        return;
    case MIR_FLAT_MAP:
        for (int i = 0; i < mir->flat_map.arg_count; i++)
            check_scalar(check, mir, mir->flat_map.args[i], input->types, input->column_count);
        return;
    case MIR_JOIN:
        check_join(check, mir);
        return;
    case MIR_REDUCE:
        check_columns(check, mir, mir->reduce.key, mir->reduce.key_count);
        for (int i = 0; i < mir->reduce.aggregate_count; i++)
            check_columns(check, mir, mir->reduce.aggregates[i].args,
                          aggregate_columns(&mir->reduce.aggregates[i].call));
        return;
    case MIR_TOPK:
        check_columns(check, mir, mir->topk.group, mir->topk.group_count);
        return;
    case MIR_WINDOW:
        check_window(check, mir);
        return;
    case MIR_GUARD:
        check_columns(check, mir, mir->guard.group, mir->guard.group_count);
        return;
    case MIR_UNION:
        for (int i = 0; i < mir->input_count; i++) {
            if (mir->inputs[i]->column_count != mir->column_count)
                broken(check, mir, "has inputs of different numbers of columns");
            for (int c = 0; c < mir->column_count; c++) {
                if (!type_same(mir->types[c], mir->inputs[i]->types[c]))
                    broken(check, mir, "has inputs of different types");
            }
        }
        return;
    case MIR_NEGATE:
    case MIR_THRESHOLD:
        return;
    }
}

static void
check_node(const Check *check, const Mir *mir)
{
    for (int i = 0; i < mir->input_count; i++)
        check_node(check, mir->inputs[i]);
    check_own(check, mir);
}

void
mir_plan_check(const MirPlan *plan, const char *pass)
{
    Check check = {.pass = pass, .plan = plan};
    for (check.binding = 0; check.binding < plan->count; check.binding++)
        check_node(&check, plan->bindings[check.binding]);
    check_node(&check, plan->root);
}
