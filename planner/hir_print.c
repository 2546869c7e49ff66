/*
 * hir_print.c -- EXPLAIN RAW PLAN.
 */
#include "planner/hir.h"

typedef struct Printer {
    const HirQuerySet *set;
    Arena *arena;
    Buffer *out;
    int blocks; /* recursive blocks written so far are those below */
} Printer;

static void print_node(Printer *printer, const Hir *hir, int depth);

/* References are shown as #2, #^2 (one level out), subquery(3). */
static void
print_scalar(Printer *printer, const Scalar *scalar)
{
    if (scalar->kind == SCALAR_COLUMN) {
        if (hir_ref_kind(scalar->column) == HIR_REF_SUBQUERY) {
            const HirSubquery *subquery = hir_subquery_of(printer->set, scalar);
            buffer_printf(printer->out, "%s(s%u)", subquery->kind == HIR_SUBQUERY_EXISTS ? "exists" : "select",
                          hir_ref_index(scalar->column));
            return;
        }
        buffer_append_char(printer->out, '#');
        for (int i = 0; i < hir_ref_level(scalar->column); i++)
            buffer_append_char(printer->out, '^');
        buffer_printf(printer->out, "%u", hir_ref_index(scalar->column));
        return;
    }
    if (scalar->arg_count == 0) {
        scalar_print(scalar, NULL, printer->out);
        return;
    }
    const char *name = scalar->function != NULL ? scalar->function->name : NULL;
    static const char *const kinds[] = {
        [SCALAR_AND] = "and",           [SCALAR_OR] = "or",       [SCALAR_NOT] = "not",
        [SCALAR_IS_NULL] = "isnull",    [SCALAR_CASE] = "case",   [SCALAR_COALESCE] = "coalesce",
        [SCALAR_GREATEST] = "greatest", [SCALAR_LEAST] = "least", [SCALAR_ARRAY] = "array",
        [SCALAR_ROW] = "row",           [SCALAR_ANY] = "any",     [SCALAR_ALL] = "all",
        [SCALAR_IN_LIST] = "in",
    };
    if (scalar->kind == SCALAR_CALL && scalar->function->kind == FUNCTION_OPERATOR && scalar->arg_count == 2) {
        buffer_append_char(printer->out, '(');
        print_scalar(printer, scalar->args[0]);
        buffer_printf(printer->out, " %s ", name);
        print_scalar(printer, scalar->args[1]);
        buffer_append_char(printer->out, ')');
        return;
    }
    if (scalar->kind == SCALAR_CALL && scalar->function->kind == FUNCTION_CAST)
        name = type_format(scalar->type, printer->arena);
    else if (scalar->kind != SCALAR_CALL && scalar->kind < (ScalarKind) (sizeof kinds / sizeof kinds[0]) &&
             kinds[scalar->kind] != NULL)
        name = kinds[scalar->kind];
    buffer_printf(printer->out, "%s(", name == NULL ? "?" : name);
    for (int i = 0; i < scalar->arg_count; i++) {
        if (i > 0)
            buffer_append_text(printer->out, ", ");
        print_scalar(printer, scalar->args[i]);
    }
    buffer_append_char(printer->out, ')');
}

static void
print_list(Printer *printer, Scalar *const *list, int count)
{
    buffer_append_text(printer->out, " (");
    for (int i = 0; i < count; i++) {
        if (i > 0)
            buffer_append_text(printer->out, ", ");
        print_scalar(printer, list[i]);
    }
    buffer_append_char(printer->out, ')');
}

static void
print_subqueries(Printer *printer, const Scalar *scalar, int depth)
{
    if (scalar == NULL)
        return;
    const HirSubquery *subquery = hir_subquery_of(printer->set, scalar);
    if (subquery != NULL) {
        buffer_printf(printer->out, "%*ss%u =\n", depth * 2, "", hir_ref_index(scalar->column));
        print_node(printer, subquery->query, depth + 1);
    }
    for (int i = 0; i < scalar->arg_count; i++)
        print_subqueries(printer, scalar->args[i], depth);
}

static void
print_list_subqueries(Printer *printer, Scalar *const *list, int count, int depth)
{
    for (int i = 0; i < count; i++)
        print_subqueries(printer, list[i], depth);
}

static void
print_reduce(Printer *printer, const Hir *hir)
{
    buffer_append_text(printer->out, "Reduce group_by=");
    print_list(printer, hir->reduce.keys, hir->reduce.key_count);
    buffer_append_text(printer->out, " aggregates=[");
    for (int i = 0; i < hir->reduce.aggregate_count; i++) {
        const HirAggregate *aggregate = &hir->reduce.aggregates[i];
        buffer_printf(printer->out, "%s%s%s", i == 0 ? "" : ", ", aggregate->call.function->name,
                      aggregate->distinct ? " distinct" : "");
        print_list(printer, aggregate->args, aggregate->arg_count);
    }
    buffer_append_char(printer->out, ']');
}

static void
print_window(Printer *printer, const Hir *hir)
{
    const HirWindow *window = &hir->window;
    buffer_append_text(printer->out, "Window partition_by=");
    print_list(printer, window->partition, window->partition_count);
    buffer_append_text(printer->out, " order_by=(");
    for (int i = 0; i < window->order_count; i++) {
        buffer_append_text(printer->out, i == 0 ? "" : ", ");
        print_scalar(printer, window->order[i].expr);
        buffer_append_text(printer->out, window->order[i].descending ? " desc" : "");
    }
    buffer_append_text(printer->out, ") calls=[");
    for (int i = 0; i < window->call_count; i++) {
        const HirWindowCall *call = &window->calls[i];
        bool aggregate = call->call.function == WINDOW_AGGREGATE;
        buffer_printf(printer->out, "%s%s", i == 0 ? "" : ", ",
                      aggregate ? call->call.aggregate.function->name : window_function_name(call->call.function));
        print_list(printer, call->args, call->call.arg_count);
    }
    buffer_append_char(printer->out, ']');
}

static const char *
set_op_name(HirSetOp op)
{
    static const char *const names[] = {[HIR_UNION_ALL] = "Union",
                                        [HIR_EXCEPT] = "Except",
                                        [HIR_EXCEPT_ALL] = "ExceptAll",
                                        [HIR_INTERSECT] = "Intersect",
                                        [HIR_INTERSECT_ALL] = "IntersectAll"};
    return names[op];
}

static void
print_own(Printer *printer, const Hir *hir)
{
    static const char *const joins[] = {"InnerJoin", "LeftJoin", "RightJoin", "FullJoin"};
    switch (hir->kind) {
    case HIR_VALUES:
        buffer_printf(printer->out, "Values rows=%d", hir->values.count);
        for (int i = 0; i < hir->values.count && i < 3 && hir->column_count > 0; i++)
            print_list(printer, hir->values.rows[i], hir->column_count);
        return;
    case HIR_GET:
        buffer_printf(printer->out, "Get %s", item_full_name(hir->item, printer->arena));
        return;
    case HIR_PROJECT:
        buffer_append_text(printer->out, "Project");
        print_list(printer, hir->list.exprs, hir->list.count);
        return;
    case HIR_FILTER:
        buffer_append_text(printer->out, "Filter");
        print_list(printer, hir->list.exprs, hir->list.count);
        return;
    case HIR_FLAT_MAP:
        buffer_append_text(printer->out, "FlatMap ");
        table_function_call_print(&hir->flat_map.call, printer->out);
        print_list(printer, hir->flat_map.args, hir->flat_map.call.arg_count);
        return;
    case HIR_JOIN:
        buffer_append_text(printer->out, joins[hir->join.kind]);
        if (hir->join.on != NULL)
            print_list(printer, &hir->join.on, 1);
        return;
    case HIR_REDUCE:
        print_reduce(printer, hir);
        return;
    case HIR_DISTINCT:
        buffer_append_text(printer->out, "Distinct");
        return;
    case HIR_TOPK:
        buffer_append_text(printer->out, "TopK");
        return;
    case HIR_WINDOW:
        print_window(printer, hir);
        return;
    case HIR_SET_OP:
        buffer_append_text(printer->out, set_op_name(hir->set_op));
        return;
    case HIR_RECURSE:
    case HIR_FEEDBACK:
        buffer_printf(printer->out, "%s r%d.%s", hir->kind == HIR_RECURSE ? "Recurse" : "Feedback",
                      hir->recursion.block->block, hir->recursion.block->names[hir->recursion.binding]);
        return;
    }
}

static void
print_own_subqueries(Printer *printer, const Hir *hir, int depth)
{
    if (hir->kind == HIR_PROJECT || hir->kind == HIR_FILTER)
        print_list_subqueries(printer, hir->list.exprs, hir->list.count, depth);
    else if (hir->kind == HIR_JOIN)
        print_subqueries(printer, hir->join.on, depth);
    else if (hir->kind == HIR_FLAT_MAP)
        print_list_subqueries(printer, hir->flat_map.args, hir->flat_map.call.arg_count, depth);
    else if (hir->kind == HIR_REDUCE)
        print_list_subqueries(printer, hir->reduce.keys, hir->reduce.key_count, depth);
    else if (hir->kind == HIR_WINDOW) {
        int count;
        Scalar ***slots = hir_window_scalars(printer->arena, &hir->window, &count);
        for (int i = 0; i < count; i++)
            print_subqueries(printer, *slots[i], depth);
    }
}

static void
print_node(Printer *printer, const Hir *hir, int depth)
{
    buffer_printf(printer->out, "%*s", depth * 2, "");
    print_own(printer, hir);
    buffer_append_char(printer->out, '\n');
    print_own_subqueries(printer, hir, depth + 1);
    if (hir->kind == HIR_RECURSE && hir->recursion.block->block >= printer->blocks) {
        printer->blocks = hir->recursion.block->block + 1;
        for (int i = 0; i < hir->recursion.block->count; i++)
            print_node(printer, hir->recursion.block->values[i], depth + 1);
    }
    if (hir->input != NULL)
        print_node(printer, hir->input, depth + 1);
    if (hir->right != NULL)
        print_node(printer, hir->right, depth + 1);
}

void
hir_print(const HirQuerySet *set, const Hir *hir, Arena *arena, Buffer *out)
{
    Printer printer = {.set = set, .arena = arena, .out = out};
    print_node(&printer, hir, 0);
}
