#include "dataflow/plan.h"

typedef struct Printer {
    const DataflowPlan *plan;
    const char *(*import_name)(void *context, uint64_t id);
    void *context;
    Buffer *out;
    uint32_t *readers; /* how many read a node */
    uint32_t *shared;  /* nodes printed on their own, by name: number + 1 */
    Arena *arena;
} Printer;

static void print_node(Printer *printer, uint32_t id, int indent);

static void
print_line(Printer *printer, int indent)
{
    for (int i = 0; i < indent; i++)
        buffer_append_text(printer->out, "  ");
}

static void
print_columns(Printer *printer, const uint16_t *columns, int count)
{
    for (int i = 0; i < count; i++)
        buffer_printf(printer->out, "%s#%u", i == 0 ? "" : ", ", columns[i]);
}

static void
print_scalars(Printer *printer, int indent, const char *label, Scalar *const *scalars, int count, const char *between)
{
    if (count == 0)
        return;
    print_line(printer, indent);
    buffer_printf(printer->out, "%s=(", label);
    for (int i = 0; i < count; i++) {
        if (i > 0)
            buffer_append_text(printer->out, between);
        scalar_print(scalars[i], NULL, printer->out);
    }
    buffer_append_text(printer->out, ")\n");
}

static void
print_order(Printer *printer, const SortKey *order, int count)
{
    for (int i = 0; i < count; i++)
        buffer_printf(printer->out, "%s#%u %s nulls_%s", i == 0 ? "" : ", ", order[i].column,
                      order[i].descending ? "desc" : "asc", order[i].nulls_first ? "first" : "last");
}

static bool
keeps_all(const LinearPlan *linear, int column_count)
{
    if (linear->project_count != column_count + linear->map_count)
        return false;
    for (int i = 0; i < linear->project_count; i++)
        if (linear->project[i] != i)
            return false;
    return true;
}

static void
print_linear(Printer *printer, const LinearPlan *linear, int column_count, int indent)
{
    if (!keeps_all(linear, column_count)) {
        print_line(printer, indent);
        buffer_append_text(printer->out, "project=(");
        print_columns(printer, linear->project, linear->project_count);
        buffer_append_text(printer->out, ")\n");
    }
    print_scalars(printer, indent, "filter", linear->filters, linear->filter_count, " AND ");
    print_scalars(printer, indent, "map", linear->maps, linear->map_count, ", ");
}

static void
print_constant(Printer *printer, const PlanNode *node, int indent)
{
    uint64_t rows = 0;
    for (size_t i = 0; i < node->constant.rows.count; i++)
        rows += node->constant.rows.items[i]->count;
    print_line(printer, indent);
    buffer_printf(printer->out, "Constant (%llu row%s)", (unsigned long long) rows, rows == 1 ? "" : "s");
    if (node->constant.errors.count > 0)
        buffer_append_text(printer->out, " with an error");
    buffer_append_text(printer->out, "\n");
}

static void
print_get(Printer *printer, const PlanNode *node, int indent)
{
    const PlanImport *import = &printer->plan->imports[node->import];
    const char *name =
        printer->import_name == NULL ? NULL : printer->import_name(printer->context, import->collection_id);
    print_line(printer, indent);
    if (name != NULL)
        buffer_printf(printer->out, "Get %s", name);
    else
        buffer_printf(printer->out, "Get u%llu", (unsigned long long) import->collection_id);
    if (import->index_id != 0) {
        const char *index =
            printer->import_name == NULL ? NULL : printer->import_name(printer->context, import->index_id);
        if (index != NULL)
            buffer_printf(printer->out, " using index %s", index);
        else
            buffer_printf(printer->out, " using index u%llu", (unsigned long long) import->index_id);
        buffer_append_text(printer->out, " (");
        print_columns(printer, import->index_key, import->index_key_count);
        buffer_append_text(printer->out, ")");
    }
    buffer_append_text(printer->out, "\n");
}

static void
print_join(Printer *printer, const PlanNode *node, int indent)
{
    const JoinPlan *join = &node->join;
    int column_count = 0;
    print_line(printer, indent);
    buffer_append_text(printer->out, "Join::Linear\n");
    for (int i = 0; i < join->stage_count; i++) {
        const JoinStage *stage = &join->stages[i];
        print_line(printer, indent + 1);
        buffer_printf(printer->out, "stage[%d]: input=%%%u", i, stage->input);
        if (stage->key_count == 0) {
            buffer_append_text(printer->out, " cross\n");
            continue;
        }
        buffer_append_text(printer->out, " source_key=[");
        print_columns(printer, stage->left_key, stage->key_count);
        buffer_append_text(printer->out, "] lookup_key=[");
        print_columns(printer, stage->right_key, stage->key_count);
        buffer_append_text(printer->out, "]\n");
    }
    for (int i = 0; i < node->input_count; i++)
        column_count += printer->plan->nodes[node->inputs[i]].column_count;
    print_linear(printer, &join->closure, column_count, indent + 1);
}

static const char *
tactic_name(const PlanAggregate *aggregate)
{
    switch (aggregate->call.function->kind) {
    case AGGREGATE_ACCUMULABLE:
        return aggregate->distinct ? "distinct" : "accumulable";
    case AGGREGATE_ORDERED:
        return "ordered";
    case AGGREGATE_COLLECT:
        return "collect";
    }
    bug("unrecognized aggregate kind %d", aggregate->call.function->kind);
}

static void
print_reduce(Printer *printer, const PlanNode *node, int indent)
{
    const ReducePlan *reduce = &node->reduce;
    print_line(printer, indent);
    buffer_append_text(printer->out, reduce->aggregate_count == 0 ? "Distinct" : "Reduce");
    if (reduce->key_count > 0) {
        buffer_append_text(printer->out, " group_by=[");
        print_columns(printer, reduce->key, reduce->key_count);
        buffer_append_text(printer->out, "]");
    }
    buffer_append_text(printer->out, "\n");
    for (int i = 0; i < reduce->aggregate_count; i++) {
        const PlanAggregate *aggregate = &reduce->aggregates[i];
        print_line(printer, indent + 1);
        buffer_printf(printer->out, "%s: %s(%s", tactic_name(aggregate), aggregate->call.function->name,
                      aggregate->distinct ? "distinct " : "");
        if (aggregate_columns(&aggregate->call) == 0)
            buffer_append_text(printer->out, "*");
        print_columns(printer, aggregate->args, aggregate_columns(&aggregate->call));
        if (aggregate->order_count > 0) {
            buffer_append_text(printer->out, " order by ");
            print_order(printer, aggregate->order, aggregate->order_count);
        }
        buffer_append_text(printer->out, ")");
        if (aggregate->filter >= 0)
            buffer_printf(printer->out, " filter #%d", aggregate->filter);
        buffer_append_text(printer->out, "\n");
    }
}

static void
print_topk(Printer *printer, const PlanNode *node, int indent)
{
    const TopkPlan *topk = &node->topk;
    print_line(printer, indent);
    buffer_append_text(printer->out, "TopK");
    if (topk->group_count > 0) {
        buffer_append_text(printer->out, " group_by=[");
        print_columns(printer, topk->group, topk->group_count);
        buffer_append_text(printer->out, "]");
    }
    if (topk->order_count > 0) {
        buffer_append_text(printer->out, " order_by=[");
        print_order(printer, topk->order, topk->order_count);
        buffer_append_text(printer->out, "]");
    }
    if (topk->limit >= 0)
        buffer_printf(printer->out, " limit=%lld", (long long) topk->limit);
    if (topk->offset > 0)
        buffer_printf(printer->out, " offset=%lld", (long long) topk->offset);
    buffer_append_text(printer->out, "\n");
}

static void
print_bound(Printer *printer, FrameBound bound, uint16_t offset)
{
    static const char *const names[] = {
        [FRAME_UNBOUNDED_PRECEDING] = "unbounded preceding",
        [FRAME_PRECEDING] = "preceding",
        [FRAME_CURRENT_ROW] = "current row",
        [FRAME_FOLLOWING] = "following",
        [FRAME_UNBOUNDED_FOLLOWING] = "unbounded following",
    };
    if (bound == FRAME_PRECEDING || bound == FRAME_FOLLOWING)
        buffer_printf(printer->out, "#%u ", offset);
    buffer_append_text(printer->out, names[bound]);
}

static void
print_window_call(Printer *printer, const WindowCall *call, int indent)
{
    static const char *const units[] = {[FRAME_ROWS] = "rows", [FRAME_RANGE] = "range", [FRAME_GROUPS] = "groups"};
    static const char *const excludes[] = {
        [FRAME_EXCLUDE_NONE] = "",
        [FRAME_EXCLUDE_ROW] = " exclude current row",
        [FRAME_EXCLUDE_GROUP] = " exclude group",
        [FRAME_EXCLUDE_TIES] = " exclude ties",
    };
    bool aggregate = call->function == WINDOW_AGGREGATE;
    print_line(printer, indent);
    buffer_printf(printer->out, "%s(",
                  aggregate ? call->aggregate.function->name : window_function_name(call->function));
    if (aggregate && call->arg_count == 0)
        buffer_append_text(printer->out, "*");
    print_columns(printer, call->args, call->arg_count);
    buffer_append_text(printer->out, call->ignore_nulls ? ") ignore nulls" : ")");
    if (call->filter >= 0)
        buffer_printf(printer->out, " filter #%d", call->filter);
    if (window_call_framed(call)) {
        buffer_printf(printer->out, " %s between ", units[call->frame.units]);
        print_bound(printer, call->frame.start, call->frame.start_offset);
        buffer_append_text(printer->out, " and ");
        print_bound(printer, call->frame.end, call->frame.end_offset);
        buffer_append_text(printer->out, excludes[call->frame.exclude]);
    }
    buffer_append_text(printer->out, "\n");
}

static void
print_window(Printer *printer, const PlanNode *node, int indent)
{
    const WindowPlan *window = &node->window;
    print_line(printer, indent);
    buffer_append_text(printer->out, "Window");
    if (window->partition_count > 0) {
        buffer_append_text(printer->out, " partition_by=[");
        print_columns(printer, window->partition, window->partition_count);
        buffer_append_text(printer->out, "]");
    }
    if (window->order_count > 0) {
        buffer_append_text(printer->out, " order_by=[");
        print_order(printer, window->order, window->order_count);
        buffer_append_text(printer->out, "]");
    }
    buffer_append_text(printer->out, "\n");
    for (int i = 0; i < window->call_count; i++)
        print_window_call(printer, &window->calls[i], indent + 1);
}

static void
print_flat_map(Printer *printer, const PlanNode *node, int indent)
{
    const FlatMapPlan *plan = &node->flat_map;
    print_line(printer, indent);
    buffer_append_text(printer->out, "FlatMap ");
    table_function_call_print(&plan->function, printer->out);
    buffer_append_char(printer->out, '(');
    for (int i = 0; i < plan->arg_count; i++) {
        if (i > 0)
            buffer_append_text(printer->out, ", ");
        scalar_print(plan->args[i], NULL, printer->out);
    }
    buffer_printf(printer->out, ")%s\n", plan->ordinality ? " with ordinality" : "");
}

static void
print_plain(Printer *printer, const PlanNode *node, int indent)
{
    print_line(printer, indent);
    switch (node->kind) {
    case PLAN_NEGATE:
        buffer_append_text(printer->out, "Negate\n");
        return;
    case PLAN_THRESHOLD:
        buffer_append_text(printer->out, node->threshold.distinct ? "Threshold distinct\n" : "Threshold\n");
        return;
    case PLAN_UNION:
        buffer_append_text(printer->out, "Union\n");
        return;
    case PLAN_GUARD:
        buffer_append_text(printer->out, "Guard group_by=[");
        print_columns(printer, node->guard.group, node->guard.group_count);
        buffer_append_text(printer->out, "] at most one row\n");
        return;
    default:
        bug("node kind %d prints by itself", node->kind);
    }
}

static void
print_temporal(Printer *printer, const PlanNode *node, int indent)
{
    print_line(printer, indent);
    buffer_append_text(printer->out, "TemporalFilter\n");
    print_scalars(printer, indent + 1, "from", node->temporal.lower, node->temporal.lower_count, ", ");
    print_scalars(printer, indent + 1, "until", node->temporal.upper, node->temporal.upper_count, ", ");
}

static const char *
body_import_name(void *context, uint64_t id)
{
    (void) context;
    (void) id;
    return "outside";
}

static void
print_recurse(Printer *printer, const PlanNode *node, int indent)
{
    const RecursePlan *recurse = &node->recurse;
    print_line(printer, indent);
    buffer_append_text(printer->out, "Recurse");
    if (recurse->monotone)
        buffer_append_text(printer->out, " monotone");
    if (recurse->limit >= 0)
        buffer_printf(printer->out, " %s_at=%lld", recurse->returns_at_limit ? "return" : "error",
                      (long long) recurse->limit);
    buffer_printf(printer->out, " feedback=%d\n", recurse->feedback);
    Buffer body = {0};
    dataflow_plan_print(recurse->body, body_import_name, NULL, &body);
    Slice rest = buffer_slice(&body);
    while (rest.size > 0) {
        const char *end = memchr(rest.bytes, '\n', rest.size);
        size_t size = end == NULL ? rest.size : (size_t) (end - rest.bytes) + 1;
        print_line(printer, indent + 1);
        buffer_append(printer->out, rest.bytes, size);
        rest = slice_make(rest.bytes + size, rest.size - size);
    }
    buffer_deinit(&body);
}

static void
print_self(Printer *printer, uint32_t id, int indent)
{
    const PlanNode *node = &printer->plan->nodes[id];
    switch (node->kind) {
    case PLAN_CONSTANT:
        print_constant(printer, node, indent);
        return;
    case PLAN_GET:
        print_get(printer, node, indent);
        return;
    case PLAN_LINEAR:
        print_line(printer, indent);
        buffer_append_text(printer->out, "Linear\n");
        print_linear(printer, &node->linear, printer->plan->nodes[node->inputs[0]].column_count, indent + 1);
        break;
    case PLAN_FLAT_MAP:
        print_flat_map(printer, node, indent);
        break;
    case PLAN_JOIN:
        print_join(printer, node, indent);
        break;
    case PLAN_REDUCE:
        print_reduce(printer, node, indent);
        break;
    case PLAN_TOPK:
        print_topk(printer, node, indent);
        break;
    case PLAN_WINDOW:
        print_window(printer, node, indent);
        break;
    case PLAN_TEMPORAL:
        print_temporal(printer, node, indent);
        break;
    case PLAN_RECURSE:
        print_recurse(printer, node, indent);
        break;
    case PLAN_NEGATE:
    case PLAN_THRESHOLD:
    case PLAN_UNION:
    case PLAN_GUARD:
        print_plain(printer, node, indent);
        break;
    }
    for (int i = 0; i < node->input_count; i++)
        print_node(printer, node->inputs[i], indent + 1);
}

static void
print_node(Printer *printer, uint32_t id, int indent)
{
    if (printer->shared[id] == 0) {
        print_self(printer, id, indent);
        return;
    }
    print_line(printer, indent);
    buffer_printf(printer->out, "Get l%u\n", printer->shared[id] - 1);
}

static void
print_export(Printer *printer, const PlanExport *export)
{
    Buffer *out = printer->out;
    const char *name =
        printer->import_name == NULL || export->id == 0 ? NULL : printer->import_name(printer->context, export->id);
    switch (export->kind) {
    case EXPORT_INDEX:
        buffer_printf(out, "Index %s on=[", name == NULL ? "" : name);
        print_columns(printer, export->key, export->key_count);
        buffer_append_text(out, "]\n");
        break;
    case EXPORT_SHARD:
        buffer_printf(out, "Materialize %s\n", name == NULL ? "" : name);
        break;
    case EXPORT_SUBSCRIBE:
        buffer_append_text(out, "Subscribe\n");
        break;
    case EXPORT_COLLECT:
        print_node(printer, export->node, 0);
        return;
    case EXPORT_PEEK: {
        const Finishing *finishing = &export->finishing;
        if (finishing->order_count == 0 && finishing->limit < 0 && finishing->offset <= 0) {
            print_node(printer, export->node, 0);
            return;
        }
        buffer_append_text(out, "Finish");
        if (finishing->order_count > 0) {
            buffer_append_text(out, " order_by=[");
            print_order(printer, finishing->order, finishing->order_count);
            buffer_append_text(out, "]");
        }
        if (finishing->limit >= 0)
            buffer_printf(out, " limit=%lld", (long long) finishing->limit);
        if (finishing->offset > 0)
            buffer_printf(out, " offset=%lld", (long long) finishing->offset);
        buffer_append_text(out, " output=[");
        print_columns(printer, finishing->project, finishing->project_count);
        buffer_append_text(out, "]\n");
        break;
    }
    }
    print_node(printer, export->node, 1);
}

void
dataflow_plan_print(const DataflowPlan *plan, const char *(*import_name)(void *context, uint64_t id), void *context,
                    Buffer *out)
{
    Printer printer = {.plan = plan, .import_name = import_name, .context = context, .out = out, .arena = arena_new()};
    printer.readers = arena_new_array(printer.arena, uint32_t, plan->node_count + 1);
    printer.shared = arena_new_array(printer.arena, uint32_t, plan->node_count + 1);
    for (uint32_t i = 0; i < plan->node_count; i++)
        for (int k = 0; k < plan->nodes[i].input_count; k++)
            printer.readers[plan->nodes[i].inputs[k]]++;
    for (int i = 0; i < plan->export_count; i++)
        printer.readers[plan->exports[i].node]++;
    uint32_t shared = 0;
    for (uint32_t i = 0; i < plan->node_count; i++) {
        if (printer.readers[i] < 2 || plan->nodes[i].kind == PLAN_GET)
            continue;
        buffer_printf(out, "cte l%u =\n", shared);
        print_self(&printer, i, 1);
        printer.shared[i] = ++shared;
    }
    for (int i = 0; i < plan->export_count; i++)
        print_export(&printer, &plan->exports[i]);
    arena_free(printer.arena);
}
