/*
 * mir_print.c -- the algebra as EXPLAIN shows it, and the checker that runs between passes.
 */
#include "planner/explain.h"
#include "planner/mir_estimate.h"

typedef struct Printer {
    const MirPlan *plan;
    Arena *arena;
    Buffer *out;
    const ExplainOptions *options;
    RowCounts counts;
    const Estimator *estimator; /* where cardinalities are shown */
    const char ***bindings;     /* names of their columns, as far as they have been printed */
    const char *const *names;   /* of the columns that the node's expressions read; NULL: they are not shown */
} Printer;

static void print_recursion(Printer *printer, const MirRecursion *recursion, int depth);

static void
print_column(const Printer *printer, unsigned column)
{
    if (printer->names != NULL && printer->names[column] != NULL)
        buffer_printf(printer->out, "#%u{%s}", column, printer->names[column]);
    else
        buffer_printf(printer->out, "#%u", column);
}

static void
print_columns(const Printer *printer, const uint16_t *columns, int count)
{
    Buffer *out = printer->out;
    buffer_append_char(out, '(');
    for (int i = 0; i < count; i++) {
        buffer_append_text(out, i == 0 ? "" : ", ");
        print_column(printer, columns[i]);
    }
    buffer_append_char(out, ')');
}

static void
print_scalars(const Printer *printer, Scalar *const *scalars, int count, const char *separator)
{
    Buffer *out = printer->out;
    for (int i = 0; i < count; i++) {
        if (i > 0)
            buffer_append_text(out, separator);
        scalar_print(scalars[i], printer->names, out);
    }
}

static void
print_order(const Printer *printer, const SortKey *order, int count)
{
    Buffer *out = printer->out;
    buffer_append_char(out, '[');
    for (int i = 0; i < count; i++) {
        buffer_append_text(out, i == 0 ? "" : ", ");
        print_column(printer, order[i].column);
        buffer_printf(out, "%s%s", order[i].descending ? " desc" : " asc",
                      order[i].nulls_first ? " nulls_first" : " nulls_last");
    }
    buffer_append_char(out, ']');
}

static void
print_aggregate(const Printer *printer, const PlanAggregate *aggregate)
{
    Buffer *out = printer->out;
    const AggregateFunction *function = aggregate->call.function;
    buffer_printf(out, "%s(%s", function->name, aggregate->distinct ? "distinct " : "");
    if (function->arg_count == 0)
        buffer_append_char(out, '*');
    for (int i = 0; i < function->arg_count; i++) {
        buffer_append_text(out, i == 0 ? "" : ", ");
        print_column(printer, aggregate->args[i]);
    }
    if (aggregate->order_count > 0) {
        buffer_append_text(out, " order_by=");
        print_order(printer, aggregate->order, aggregate->order_count);
    }
    buffer_append_char(out, ')');
    if (aggregate->filter >= 0)
        buffer_printf(out, " filter (#%d)", aggregate->filter);
}

static void
print_join(const Printer *printer, const Mir *mir)
{
    Buffer *out = printer->out;
    if (mir->join.class_count == 0)
        buffer_append_text(out, " cross");
    else
        buffer_append_text(out, " on=(");
    for (int i = 0; i < mir->join.class_count; i++) {
        const MirClass *class = &mir->join.classes[i];
        if (i > 0)
            buffer_append_text(out, " AND ");
        print_scalars(printer, class->members, class->count, class->null_safe ? " <=> " : " = ");
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
print_topk(const Printer *printer, const Mir *mir)
{
    Buffer *out = printer->out;
    if (mir->topk.group_count > 0) {
        buffer_append_text(out, " group_by=");
        print_columns(printer, mir->topk.group, mir->topk.group_count);
    }
    if (mir->topk.order_count > 0) {
        buffer_append_text(out, " order_by=");
        print_order(printer, mir->topk.order, mir->topk.order_count);
    }
    if (mir->topk.limit != NULL) {
        buffer_append_text(out, " limit=");
        scalar_print(mir->topk.limit, printer->names, out);
    }
    if (mir->topk.offset != NULL) {
        buffer_append_text(out, " offset=");
        scalar_print(mir->topk.offset, printer->names, out);
    }
}

static void
print_reduce(const Printer *printer, const Mir *mir)
{
    Buffer *out = printer->out;
    if (mir->reduce.key_count > 0 || mir->reduce.aggregate_count == 0) {
        buffer_append_text(out, " group_by=");
        print_columns(printer, mir->reduce.key, mir->reduce.key_count);
    }
    for (int i = 0; i < mir->reduce.aggregate_count; i++) {
        buffer_append_text(out, i == 0 ? " aggregates=[" : ", ");
        print_aggregate(printer, &mir->reduce.aggregates[i]);
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
        print_scalars(printer, mir->list.exprs, mir->list.count, ", ");
        buffer_append_char(out, ')');
        return;
    case MIR_FILTER:
        buffer_append_char(out, ' ');
        for (int i = 0; i < mir->list.count; i++) {
            buffer_append_text(out, i == 0 ? "(" : " AND (");
            scalar_print(mir->list.exprs[i], printer->names, out);
            buffer_append_char(out, ')');
        }
        return;
    case MIR_PROJECT:
        buffer_append_char(out, ' ');
        print_columns(printer, mir->project, mir->column_count);
        return;
    case MIR_FLAT_MAP:
        buffer_append_char(out, ' ');
        table_function_call_print(&mir->flat_map.function, out);
        buffer_append_char(out, '(');
        print_scalars(printer, mir->flat_map.args, mir->flat_map.arg_count, ", ");
        buffer_append_text(out, mir->flat_map.ordinality ? ") with ordinality" : ")");
        return;
    case MIR_JOIN:
        print_join(printer, mir);
        return;
    case MIR_REDUCE:
        print_reduce(printer, mir);
        return;
    case MIR_TOPK:
        print_topk(printer, mir);
        return;
    case MIR_WINDOW:
        mir_window_print(&mir->window, out);
        return;
    case MIR_THRESHOLD:
        buffer_append_text(out, mir->threshold.distinct ? " distinct" : "");
        return;
    case MIR_GUARD:
        buffer_append_text(out, " group_by=");
        print_columns(printer, mir->guard.group, mir->guard.group_count);
        return;
    case MIR_NEGATE:
    case MIR_UNION:
        return;
    }
}

/* ---- names of columns ---- */

static const char **names_of(Printer *printer, const Mir *mir);

static void
names_of_inputs(Printer *printer, const Mir *mir, const char **names)
{
    for (int i = 0, at = 0; i < mir->input_count; at += mir->inputs[i++]->column_count)
        memcpy(names + at, names_of(printer, mir->inputs[i]), (size_t) mir->inputs[i]->column_count * sizeof *names);
}

/* Where they come from a table, or stay what they are on the way; NULL where they are computed. */
static const char **
names_of(Printer *printer, const Mir *mir)
{
    const char **names = arena_new_array(printer->arena, const char *, mir->column_count), **inner;
    switch (mir->kind) {
    case MIR_GET:
        for (int i = 0; i < mir->column_count; i++)
            names[i] = mir->item->desc->columns[i].name;
        return names;
    case MIR_LET:
        return printer->bindings[mir->binding];
    case MIR_PROJECT:
        inner = names_of(printer, mir->inputs[0]);
        for (int i = 0; i < mir->column_count; i++)
            names[i] = inner[mir->project[i]];
        return names;
    case MIR_REDUCE:
        inner = names_of(printer, mir->inputs[0]);
        for (int i = 0; i < mir->reduce.key_count; i++)
            names[i] = inner[mir->reduce.key[i]];
        for (int i = 0; i < mir->reduce.aggregate_count; i++)
            names[mir->reduce.key_count + i] = mir->reduce.aggregates[i].call.function->name;
        return names;
    case MIR_UNION:
        return names_of(printer, mir->inputs[0]);
    case MIR_CONSTANT:
        return names;
    default:
        names_of_inputs(printer, mir, names);
        return names;
    }
}

/* The names that the node's own expressions read. */
static const char **
names_read(Printer *printer, const Mir *mir)
{
    const char **names = arena_new_array(printer->arena, const char *, mir->column_count + 1);
    if (mir->input_count == 0 || mir->kind == MIR_UNION)
        return names;
    if (mir->kind != MIR_MAP && mir->kind != MIR_JOIN && mir->kind != MIR_FLAT_MAP)
        return names_of(printer, mir->inputs[0]);
    names_of_inputs(printer, mir, names);
    return names;
}

/* ---- what else is said of a node ---- */

static void
print_keys(Printer *printer, const Mir *mir)
{
    MirKeys keys;
    mir_keys(printer->plan, mir, printer->arena, &keys);
    buffer_append_text(printer->out, "keys: \"(");
    for (int i = 0; i < keys.count; i++) {
        buffer_append_text(printer->out, i == 0 ? "[" : ", [");
        for (int k = 0; k < keys.items[i].count; k++)
            buffer_printf(printer->out, "%s%u", k == 0 ? "" : ", ", keys.items[i].columns[k]);
        buffer_append_char(printer->out, ']');
    }
    buffer_append_text(printer->out, ")\"");
}

static void
print_types(Printer *printer, const Mir *mir)
{
    buffer_append_text(printer->out, "types: \"(");
    for (int i = 0; i < mir->column_count; i++)
        buffer_printf(printer->out, "%s%s%s", i == 0 ? "" : ", ", type_format(mir->types[i], printer->arena),
                      mir->nullable[i] ? "?" : "");
    buffer_append_text(printer->out, ")\"");
}

static void
print_attributes(Printer *printer, const Mir *mir)
{
    const ExplainOptions *options = printer->options;
    const char *between = " // { ";
    if (options->arity)
        buffer_printf(printer->out, "%sarity: %d", between, mir->column_count);
    between = options->arity ? ", " : between;
    if (options->types) {
        buffer_append_text(printer->out, between);
        print_types(printer, mir);
        between = ", ";
    }
    if (options->keys) {
        buffer_append_text(printer->out, between);
        print_keys(printer, mir);
        between = ", ";
    }
    if (options->non_negative) {
        buffer_printf(printer->out, "%snon_negative: %s", between,
                      mir_non_negative(printer->plan, mir) ? "true" : "false");
        between = ", ";
    }
    if (options->cardinality) {
        buffer_printf(printer->out, "%scardinality: %.0f", between, mir_estimate_rows(printer->estimator, mir));
        between = ", ";
    }
    if (between[1] == ' ' && between[0] == ',')
        buffer_append_text(printer->out, " }");
}

static void
print_node(Printer *printer, const Mir *mir, int depth)
{
    const char *name = mir_kind_name(mir->kind);
    if (mir->kind == MIR_REDUCE && mir->reduce.aggregate_count == 0)
        name = "Distinct";
    buffer_printf(printer->out, "%*s%s", depth * 2, "", name);
    printer->names = printer->options->names ? names_read(printer, mir) : NULL;
    print_own(printer, mir, depth);
    print_attributes(printer, mir);
    buffer_append_char(printer->out, '\n');
    for (int i = 0; i < mir->input_count; i++)
        print_node(printer, mir->inputs[i], depth + 1);
}

void
mir_plan_explain(const MirPlan *plan, const ExplainOptions *options, RowCounts counts, Arena *arena, Buffer *out)
{
    Estimator estimator;
    Printer printer = {
        .plan = plan, .arena = arena, .out = out, .options = options, .counts = counts, .estimator = &estimator};
    if (options->cardinality)
        estimator_init(&estimator, plan, counts);
    printer.bindings = arena_new_array(arena, const char **, plan->count);
    for (int i = 0; i < plan->count; i++) {
        buffer_printf(out, "%sl%d =\n", i == 0 ? "With\n  " : "  ", i);
        if (options->names)
            printer.bindings[i] = names_of(&printer, plan->bindings[i]);
        print_node(&printer, plan->bindings[i], 2);
    }
    if (plan->count > 0)
        buffer_append_text(out, "Return\n");
    print_node(&printer, plan->root, plan->count > 0);
}

void
mir_plan_print(const MirPlan *plan, Arena *arena, Buffer *out)
{
    static const ExplainOptions bare;
    mir_plan_explain(plan, &bare, (RowCounts){0}, arena, out);
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
    mir_plan_explain(recursion->body, printer->options, printer->counts, printer->arena, &body);
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
