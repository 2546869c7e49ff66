#include "dataflow/plan.h"

static void
release_constants(DataflowPlan *plan)
{
    for (uint32_t i = 0; i < plan->node_count; i++) {
        if (plan->nodes[i].kind == PLAN_CONSTANT) {
            chunk_vector_release(&plan->nodes[i].constant.rows);
            chunk_vector_release(&plan->nodes[i].constant.errors);
        } else if (plan->nodes[i].kind == PLAN_RECURSE && plan->nodes[i].recurse.body != NULL) {
            release_constants(plan->nodes[i].recurse.body);
        }
    }
}

void
dataflow_plan_free(DataflowPlan *plan)
{
    if (plan == NULL)
        return;
    release_constants(plan);
    arena_free(plan->arena);
}

/* ---- checking */

typedef struct PlanCheck {
    const DataflowPlan *plan;
    uint32_t node;
    Error *err;
    bool allows_mz_now;
    bool scalar_ok;
    uint32_t column_count; /* of the row that a scalar is over */
    const SqlType *types;  /* of it; NULL: not known */
} PlanCheck;

static MUST_CHECK bool
broken(PlanCheck *check, const char *what)
{
    return error_set(check->err, SQLSTATE_INTERNAL_ERROR, "plan node %u is broken: %s", check->node, what);
}

static const PlanNode *
input_of(const PlanCheck *check, int index)
{
    return &check->plan->nodes[check->plan->nodes[check->node].inputs[index]];
}

static void
visit_scalar(Scalar *scalar, void *context)
{
    PlanCheck *check = context;
    switch (scalar->kind) {
    case SCALAR_COLUMN:
        if (scalar->column >= check->column_count)
            check->scalar_ok = false;
        else if (check->types != NULL && type_phys(check->types[scalar->column]) != type_phys(scalar->type))
            check->scalar_ok = false;
        break;
    case SCALAR_PARAMETER:
        check->scalar_ok = false;
        break;
    case SCALAR_CONTEXT:
        check->scalar_ok = check->scalar_ok && check->allows_mz_now && scalar->context == CONTEXT_MZ_NOW;
        break;
    default:
        break;
    }
}

static bool
scalar_is_fit(PlanCheck *check, Scalar *scalar, uint32_t column_count, const SqlType *types)
{
    check->scalar_ok = scalar != NULL;
    check->column_count = column_count;
    check->types = types;
    if (scalar != NULL)
        scalar_visit(scalar, visit_scalar, check);
    return check->scalar_ok;
}

static bool
columns_are_fit(const uint16_t *columns, int count, uint32_t column_count)
{
    for (int i = 0; i < count; i++)
        if (columns[i] >= column_count)
            return false;
    return count >= 0;
}

static bool
orders_are_fit(const SortKey *order, int count, uint32_t column_count)
{
    for (int i = 0; i < count; i++)
        if (order[i].column >= column_count)
            return false;
    return count >= 0;
}

static bool
types_agree(SqlType a, SqlType b)
{
    return type_phys(a) == type_phys(b);
}

/* A linear plan over columns of `types` that gives the node's columns. */
static MUST_CHECK bool
check_linear(PlanCheck *check, const LinearPlan *linear, const SqlType *types, uint32_t column_count)
{
    const PlanNode *node = &check->plan->nodes[check->node];
    for (int i = 0; i < linear->map_count; i++)
        if (!scalar_is_fit(check, linear->maps[i], column_count + (uint32_t) i, NULL))
            return broken(check, "a map reads what it may not");
    uint32_t total = column_count + (uint32_t) linear->map_count;
    for (int i = 0; i < linear->filter_count; i++)
        if (!scalar_is_fit(check, linear->filters[i], total, NULL) || linear->filters[i]->type.id != TYPE_BOOL)
            return broken(check, "a filter reads what it may not, or is not boolean");
    if (!columns_are_fit(linear->project, linear->project_count, total))
        return broken(check, "a column kept does not exist");
    if (linear->project_count != node->column_count)
        return broken(check, "the columns kept are not the node's columns");
    for (int i = 0; i < linear->project_count; i++) {
        uint32_t from = linear->project[i];
        SqlType type = from < column_count ? types[from] : linear->maps[from - column_count]->type;
        if (!types_agree(type, node->types[i]))
            return broken(check, "a column kept has another type");
    }
    return true;
}

static MUST_CHECK bool
check_same_columns(PlanCheck *check, const PlanNode *node)
{
    for (int i = 0; i < node->input_count; i++) {
        const PlanNode *input = input_of(check, i);
        if (input->column_count != node->column_count)
            return broken(check, "its input has another number of columns");
        for (uint16_t column = 0; column < node->column_count; column++)
            if (!types_agree(input->types[column], node->types[column]))
                return broken(check, "its input has other types");
    }
    return true;
}

static MUST_CHECK bool
check_join(PlanCheck *check, const PlanNode *node)
{
    const JoinPlan *join = &node->join;
    if (node->input_count < 2 || join->stage_count != node->input_count - 1 || join->first >= node->input_count)
        return broken(check, "a join needs a stage for every input but the first");
    uint32_t total = 0;
    for (int i = 0; i < node->input_count; i++)
        total += input_of(check, i)->column_count;
    if (total > UINT16_MAX - 1)
        return broken(check, "too many columns are joined");
    SqlType *types = memory_alloc((total + 1) * sizeof *types);
    bool *seen = memory_calloc((size_t) node->input_count, sizeof *seen);
    uint32_t joined = 0;
    bool ok = true;
    for (int i = -1; i < join->stage_count && ok; i++) {
        uint16_t index = i < 0 ? join->first : join->stages[i].input;
        ok = index < node->input_count && !seen[index];
        if (!ok)
            break;
        seen[index] = true;
        const PlanNode *input = input_of(check, index);
        for (int k = 0; i >= 0 && k < join->stages[i].key_count && ok; k++)
            ok = join->stages[i].left_key[k] < joined && join->stages[i].right_key[k] < input->column_count &&
                 types_agree(types[join->stages[i].left_key[k]], input->types[join->stages[i].right_key[k]]);
        for (uint16_t column = 0; column < input->column_count; column++)
            types[joined++] = input->types[column];
    }
    ok =
        ok ? check_linear(check, &join->closure, types, joined) : broken(check, "a join stage's input or key is wrong");
    free(types);
    free(seen);
    return ok;
}

static MUST_CHECK bool
check_reduce(PlanCheck *check, const PlanNode *node)
{
    const ReducePlan *reduce = &node->reduce;
    const PlanNode *input = input_of(check, 0);
    if (!columns_are_fit(reduce->key, reduce->key_count, input->column_count))
        return broken(check, "a group key does not exist");
    if (node->column_count != reduce->key_count + reduce->aggregate_count)
        return broken(check, "its columns are not key and aggregates");
    for (int i = 0; i < reduce->key_count; i++)
        if (!types_agree(input->types[reduce->key[i]], node->types[i]))
            return broken(check, "a group key has another type");
    for (int i = 0; i < reduce->aggregate_count; i++) {
        const PlanAggregate *aggregate = &reduce->aggregates[i];
        if (aggregate->call.function == NULL || aggregate_columns(&aggregate->call) > AGGREGATE_COLUMNS_MAX)
            return broken(check, "an aggregate has no function");
        if (!columns_are_fit(aggregate->args, aggregate_columns(&aggregate->call), input->column_count))
            return broken(check, "an aggregate's argument does not exist");
        if (aggregate->filter >= input->column_count ||
            (aggregate->filter >= 0 && input->types[aggregate->filter].id != TYPE_BOOL))
            return broken(check, "an aggregate's filter is not a boolean column");
        if (!orders_are_fit(aggregate->order, aggregate->order_count, input->column_count))
            return broken(check, "an aggregate's order does not exist");
        if (!types_agree(aggregate->call.result_type, node->types[reduce->key_count + i]))
            return broken(check, "an aggregate has another type");
    }
    return true;
}

static bool
frame_is_fit(const WindowFrame *frame, const PlanNode *input)
{
    uint16_t offsets[2];
    int count = 0;
    if (frame->start == FRAME_PRECEDING || frame->start == FRAME_FOLLOWING)
        offsets[count++] = frame->start_offset;
    if (frame->end == FRAME_PRECEDING || frame->end == FRAME_FOLLOWING)
        offsets[count++] = frame->end_offset;
    for (int i = 0; i < count; i++)
        if (offsets[i] >= input->column_count ||
            (frame->units != FRAME_RANGE && input->types[offsets[i]].id != TYPE_INT8))
            return false;
    return true;
}

static MUST_CHECK bool
check_window(PlanCheck *check, const PlanNode *node)
{
    const WindowPlan *window = &node->window;
    const PlanNode *input = input_of(check, 0);
    if (!columns_are_fit(window->partition, window->partition_count, input->column_count) ||
        !orders_are_fit(window->order, window->order_count, input->column_count))
        return broken(check, "its partition or order does not exist");
    if (node->column_count != input->column_count + window->call_count)
        return broken(check, "its columns are not its input's and its calls'");
    for (int i = 0; i < window->call_count; i++) {
        const WindowCall *call = &window->calls[i];
        if (!columns_are_fit(call->args, call->arg_count, input->column_count) || call->filter >= input->column_count)
            return broken(check, "a window call's argument does not exist");
        if (call->function == WINDOW_AGGREGATE &&
            (call->aggregate.function == NULL || aggregate_columns(&call->aggregate) != call->arg_count))
            return broken(check, "a window call has no aggregate");
        if (!frame_is_fit(&call->frame, input))
            return broken(check, "a frame's offset does not exist, or is no bigint");
        if (!types_agree(call->type, node->types[input->column_count + i]))
            return broken(check, "a window call has another type");
    }
    return true;
}

const char *
window_function_name(WindowFunction function)
{
    static const char *const names[] = {
        [WINDOW_ROW_NUMBER] = "row_number",
        [WINDOW_RANK] = "rank",
        [WINDOW_DENSE_RANK] = "dense_rank",
        [WINDOW_PERCENT_RANK] = "percent_rank",
        [WINDOW_CUME_DIST] = "cume_dist",
        [WINDOW_NTILE] = "ntile",
        [WINDOW_LAG] = "lag",
        [WINDOW_LEAD] = "lead",
        [WINDOW_FIRST_VALUE] = "first_value",
        [WINDOW_LAST_VALUE] = "last_value",
        [WINDOW_NTH_VALUE] = "nth_value",
        [WINDOW_AGGREGATE] = NULL,
    };
    return names[function];
}

bool
window_call_nullable(const WindowCall *call)
{
    if (call->function == WINDOW_AGGREGATE)
        return aggregate_empty(&call->aggregate).is_null;
    return call->function >= WINDOW_NTILE;
}

bool
window_call_framed(const WindowCall *call)
{
    return call->function >= WINDOW_FIRST_VALUE;
}

static MUST_CHECK bool
check_flat_map(PlanCheck *check, const PlanNode *node)
{
    const FlatMapPlan *plan = &node->flat_map;
    const PlanNode *input = input_of(check, 0);
    if (plan->arg_count != plan->function.arg_count)
        return broken(check, "a table function's arguments are wrong");
    for (int i = 0; i < plan->arg_count; i++)
        if (!scalar_is_fit(check, plan->args[i], input->column_count, NULL))
            return broken(check, "a table function's argument reads what it may not");
    if (node->column_count != input->column_count + plan->function.column_count + (plan->ordinality ? 1 : 0))
        return broken(check, "its columns are not its input's and its function's");
    return true;
}

static MUST_CHECK bool
check_temporal(PlanCheck *check, const PlanNode *node)
{
    const TemporalPlan *temporal = &node->temporal;
    for (int i = 0; i < temporal->lower_count + temporal->upper_count; i++) {
        Scalar *bound = i < temporal->lower_count ? temporal->lower[i] : temporal->upper[i - temporal->lower_count];
        if (!scalar_is_fit(check, bound, node->column_count, NULL) || bound->type.id != TYPE_MZ_TIMESTAMP)
            return broken(check, "a bound reads what it may not, or is not an mz_timestamp");
    }
    return check_same_columns(check, node);
}

static MUST_CHECK bool
check_recurse(PlanCheck *check, const PlanNode *node)
{
    const RecursePlan *recurse = &node->recurse;
    const DataflowPlan *body = recurse->body;
    if (!dataflow_plan_check(body, check->err))
        return false;
    if (recurse->feedback >= body->import_count || body->export_count != 1 || body->exports[0].kind != EXPORT_COLLECT ||
        body->nodes[body->exports[0].node].column_count != node->column_count)
        return broken(check, "its body gives something else than it does, or does not read it");
    for (int i = 0, input = 0; i < body->import_count; i++) {
        bool fits = i == recurse->feedback ? body->imports[i].column_count == node->column_count
                                           : input < node->input_count && input_of(check, input++)->column_count ==
                                                                              body->imports[i].column_count;
        if (!fits || body->imports[i].index_id != 0)
            return broken(check, "its body's imports are not its inputs");
    }
    for (uint32_t i = 0; i < body->node_count; i++)
        if (body->nodes[i].kind == PLAN_TEMPORAL)
            return broken(check, "time passes in its body");
    return true;
}

static MUST_CHECK bool
check_inputs(PlanCheck *check, const PlanNode *node)
{
    static const int wanted[] = {
        [PLAN_CONSTANT] = 0, [PLAN_GET] = 0,      [PLAN_LINEAR] = 1, [PLAN_FLAT_MAP] = 1,  [PLAN_JOIN] = -1,
        [PLAN_REDUCE] = 1,   [PLAN_TOPK] = 1,     [PLAN_NEGATE] = 1, [PLAN_THRESHOLD] = 1, [PLAN_UNION] = -1,
        [PLAN_GUARD] = 1,    [PLAN_TEMPORAL] = 1, [PLAN_WINDOW] = 1, [PLAN_RECURSE] = -1,
    };
    if (node->kind < PLAN_CONSTANT || node->kind > PLAN_RECURSE)
        return broken(check, "its kind is unknown");
    if (wanted[node->kind] >= 0 && node->input_count != wanted[node->kind])
        return broken(check, "it has the wrong number of inputs");
    for (int i = 0; i < node->input_count; i++)
        if (node->inputs[i] >= check->node)
            return broken(check, "it reads a node that is not before it");
    return true;
}

static MUST_CHECK bool
check_node(PlanCheck *check, const PlanNode *node)
{
    if (!check_inputs(check, node))
        return false;
    switch (node->kind) {
    case PLAN_CONSTANT:
        for (size_t i = 0; i < node->constant.rows.count; i++)
            if (node->constant.rows.items[i]->column_count != node->column_count)
                return broken(check, "a constant row has another number of columns");
        return true;
    case PLAN_GET:
        if (node->import >= (uint32_t) check->plan->import_count ||
            check->plan->imports[node->import].column_count != node->column_count)
            return broken(check, "its import does not exist, or has other columns");
        return true;
    case PLAN_LINEAR:
        return check_linear(check, &node->linear, input_of(check, 0)->types, input_of(check, 0)->column_count);
    case PLAN_FLAT_MAP:
        return check_flat_map(check, node);
    case PLAN_JOIN:
        return check_join(check, node);
    case PLAN_REDUCE:
        return check_reduce(check, node);
    case PLAN_TOPK:
        if (!columns_are_fit(node->topk.group, node->topk.group_count, node->column_count) ||
            !orders_are_fit(node->topk.order, node->topk.order_count, node->column_count) || node->topk.offset < 0)
            return broken(check, "its group, order or offset is wrong");
        return check_same_columns(check, node);
    case PLAN_WINDOW:
        return check_window(check, node);
    case PLAN_NEGATE:
    case PLAN_THRESHOLD:
    case PLAN_UNION:
        return check_same_columns(check, node);
    case PLAN_GUARD:
        if (!columns_are_fit(node->guard.group, node->guard.group_count, node->column_count) ||
            node->guard.sqlstate == NULL || strlen(node->guard.sqlstate) != 5 || node->guard.message == NULL)
            return broken(check, "its group or message is wrong");
        return check_same_columns(check, node);
    case PLAN_TEMPORAL:
        return check_temporal(check, node);
    case PLAN_RECURSE:
        return check_recurse(check, node);
    }
    return broken(check, "its kind is unknown");
}

static MUST_CHECK bool
check_export(PlanCheck *check, const PlanExport *export, bool one_shot)
{
    if (export->node >= check->plan->node_count)
        return error_set(check->err, SQLSTATE_INTERNAL_ERROR, "plan is broken: an export's node does not exist");
    check->node = export->node;
    const PlanNode *node = &check->plan->nodes[export->node];
    if (export->kind == EXPORT_PEEK && !one_shot)
        return broken(check, "its export is a peek, but its plan goes on after as_of");
    if (export->kind == EXPORT_INDEX && !columns_are_fit(export->key, export->key_count, node->column_count))
        return broken(check, "its index's key does not exist");
    if (export->kind == EXPORT_PEEK &&
        (!columns_are_fit(export->finishing.project, export->finishing.project_count, node->column_count) ||
         !orders_are_fit(export->finishing.order, export->finishing.order_count, node->column_count)))
        return broken(check, "its finishing reads columns that do not exist");
    return true;
}

bool
dataflow_plan_check(const DataflowPlan *plan, Error *err)
{
    PlanCheck check = {.plan = plan, .err = err};
    for (uint32_t i = 0; i < plan->node_count; i++) {
        check.node = i;
        check.allows_mz_now = plan->nodes[i].kind == PLAN_TEMPORAL;
        if (!check_node(&check, &plan->nodes[i]))
            return false;
    }
    for (int i = 0; i < plan->import_count; i++)
        if (plan->imports[i].index_id != 0 &&
            !columns_are_fit(plan->imports[i].index_key, plan->imports[i].index_key_count,
                             plan->imports[i].column_count))
            return error_set(err, SQLSTATE_INTERNAL_ERROR,
                             "plan is broken: the key of an import's index does not exist");
    if (plan->export_count == 0)
        return error_set(err, SQLSTATE_INTERNAL_ERROR, "plan is broken: it has no export");
    for (int i = 0; i < plan->export_count; i++)
        if (!check_export(&check, &plan->exports[i], plan->one_shot))
            return false;
    return true;
}
