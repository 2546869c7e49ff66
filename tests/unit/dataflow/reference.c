#include "tests/unit/dataflow/reference.h"

#include "expr/evaluate.h"

typedef struct Reference {
    const DataflowPlan *plan;
    const BagPair *contents;
    BagPair *nodes;
    Timestamp time;
    Arena *arena;
    EvalContext eval;
} Reference;

static void
add_error(Reference *reference, BagPair *out, const EvalError *error, int64_t count)
{
    Datum encoded = datum_bytes(eval_error_encode(error, reference->arena));
    bag_add(&out->errors, &encoded, count);
}

static void
add_bag(Bag *to, const Bag *from, int64_t times)
{
    const BagRow *row;
    for (size_t i = 0; bag_next(from, &i, &row);)
        bag_add(to, row->values, row->count * times);
}

/* ---- linear: early filters, then the others with what they need, then what is kept */

typedef struct LinearRow {
    Reference *reference;
    const LinearPlan *plan;
    uint32_t input_count;
    SqlType *types;
    Datum *values;
    bool *known;
    const EvalError *error;
} LinearRow;

static bool
know_columns(LinearRow *row, const Scalar *scalar)
{
    for (int i = 0; i < row->plan->map_count; i++) {
        uint32_t column = row->input_count + (uint32_t) i;
        if (row->known[i] || !scalar_uses_column(scalar, column))
            continue;
        if (!know_columns(row, row->plan->maps[i]))
            return false;
        if (!evaluate_row(row->plan->maps[i], &row->reference->eval, row->types, row->values,
                          (int) (row->input_count + (uint32_t) row->plan->map_count), &row->values[column],
                          &row->error))
            return false;
        row->known[i] = true;
    }
    return true;
}

static bool
linear_row(LinearRow *row, Datum *out)
{
    const LinearPlan *plan = row->plan;
    int total = (int) row->input_count + plan->map_count;
    for (int early = 1; early >= 0; early--)
        for (int i = 0; i < plan->filter_count; i++) {
            if ((scalar_max_column(plan->filters[i]) <= row->input_count) != (early == 1))
                continue;
            Datum pass;
            if (!know_columns(row, plan->filters[i]) ||
                !evaluate_row(plan->filters[i], &row->reference->eval, row->types, row->values, total, &pass,
                              &row->error))
                return false;
            if (pass.is_null || !pass.i)
                return false;
        }
    for (int i = 0; i < plan->project_count; i++) {
        SqlType type = row->types[plan->project[i]];
        const Scalar *column = scalar_column(row->reference->arena, plan->project[i], type, true);
        if (!know_columns(row, column))
            return false;
        out[i] = row->values[plan->project[i]];
    }
    return true;
}

static void
apply_linear(Reference *reference, const LinearPlan *plan, const SqlType *types, uint32_t input_count,
             const Datum *values, int64_t count, BagPair *out)
{
    Arena *arena = reference->arena;
    uint32_t total = input_count + (uint32_t) plan->map_count;
    LinearRow row = {.reference = reference, .plan = plan, .input_count = input_count};
    row.types = arena_new_array(arena, SqlType, total + 1);
    row.values = arena_new_array(arena, Datum, total + 1);
    row.known = arena_new_array(arena, bool, plan->map_count + 1);
    for (uint32_t i = 0; i < input_count; i++) {
        row.types[i] = types[i];
        row.values[i] = values[i];
    }
    for (int i = 0; i < plan->map_count; i++)
        row.types[input_count + (uint32_t) i] = plan->maps[i]->type;
    Datum *kept = arena_new_array(arena, Datum, plan->project_count + 1);
    if (linear_row(&row, kept))
        bag_add(&out->rows, kept, count);
    else if (row.error != NULL)
        add_error(reference, out, row.error, count);
}

/* ---- joins: nested loops over all inputs */

static void
join_inputs(Reference *reference, const PlanNode *node, int stage, Datum *joined, uint32_t joined_count, int64_t count,
            SqlType *types, BagPair *out)
{
    const JoinPlan *join = &node->join;
    if (stage == join->stage_count) {
        apply_linear(reference, &join->closure, types, joined_count, joined, count, out);
        return;
    }
    uint16_t input = stage < 0 ? join->first : join->stages[stage].input;
    const Bag *rows = &reference->nodes[node->inputs[input]].rows;
    const BagRow *row;
    for (size_t i = 0; bag_next(rows, &i, &row);) {
        bool matches = true;
        for (int k = 0; stage >= 0 && k < join->stages[stage].key_count && matches; k++) {
            const Datum *left = &joined[join->stages[stage].left_key[k]];
            uint16_t right = join->stages[stage].right_key[k];
            matches = !left->is_null && !row->values[right].is_null &&
                      datum_equal(rows->types[right], *left, row->values[right]);
        }
        if (!matches)
            continue;
        for (uint16_t k = 0; k < rows->column_count; k++) {
            joined[joined_count + k] = row->values[k];
            types[joined_count + k] = rows->types[k];
        }
        join_inputs(reference, node, stage + 1, joined, joined_count + rows->column_count, count * row->count, types,
                    out);
    }
}

/* ---- groups */

typedef struct GroupRow {
    const Datum *values;
    int64_t count;
} GroupRow;

typedef struct GroupRows {
    const Datum *key;
    VECTOR(GroupRow) rows;
    int64_t count;
} GroupRows;

typedef VECTOR(GroupRows) Groups;

static void
add_to_group(Groups *groups, const Bag *bag, const uint16_t *key, int key_count, const BagRow *row)
{
    GroupRows *group = NULL;
    for (size_t i = 0; i < groups->count && group == NULL; i++) {
        bool same = true;
        for (int k = 0; k < key_count && same; k++)
            same = datum_equal(bag->types[key[k]], groups->items[i].key[key[k]], row->values[key[k]]);
        if (same)
            group = &groups->items[i];
    }
    if (group == NULL) {
        vector_push(groups, ((GroupRows){.key = row->values}));
        group = &groups->items[groups->count - 1];
    }
    vector_push(&group->rows, ((GroupRow){row->values, row->count}));
    group->count += row->count;
}

static Groups
group_rows(const Bag *bag, const uint16_t *key, int key_count)
{
    Groups groups = {0};
    const BagRow *row;
    for (size_t i = 0; bag_next(bag, &i, &row);)
        add_to_group(&groups, bag, key, key_count, row);
    return groups;
}

static void
groups_deinit(Groups *groups)
{
    for (size_t i = 0; i < groups->count; i++)
        vector_deinit(&groups->items[i].rows);
    vector_deinit(groups);
}

typedef struct RowOrder {
    const Bag *bag;
    const SortKey *order;
    int order_count;
    const uint16_t *columns; /* of the last comparison, by stored form; NULL: all */
    int column_count;
} RowOrder;

static int
identity_compare(const Bag *bag, uint16_t column, Datum a, Datum b)
{
    SqlType type = bag->types[column];
    Column *left = column_constant(type, a, 1), *right = column_constant(type, b, 1);
    int order = column_compare_identity(left, 0, right, 0);
    column_release(left);
    column_release(right);
    return order;
}

static int
group_row_compare(const void *left, const void *right, void *context)
{
    const GroupRow *a = left, *b = right;
    const RowOrder *by = context;
    for (int i = 0; i < by->order_count; i++) {
        SortKey key = by->order[i];
        Datum x = a->values[key.column], y = b->values[key.column];
        int order = 0;
        if (x.is_null || y.is_null)
            order = x.is_null == y.is_null ? 0 : x.is_null == key.nulls_first ? -1 : 1;
        else
            order = datum_compare(by->bag->types[key.column], x, y) * (key.descending ? -1 : 1);
        if (order != 0)
            return order;
    }
    int count = by->columns == NULL ? by->bag->column_count : by->column_count;
    for (int i = 0; i < count; i++) {
        uint16_t column = by->columns == NULL ? (uint16_t) i : by->columns[i];
        int order = identity_compare(by->bag, column, a->values[column], b->values[column]);
        if (order != 0)
            return order;
    }
    return 0;
}

static bool
row_counts(const PlanAggregate *aggregate, const GroupRow *row)
{
    if (row->count <= 0 && aggregate->call.function->kind != AGGREGATE_ACCUMULABLE)
        return false;
    if (aggregate->filter < 0)
        return true;
    return !row->values[aggregate->filter].is_null && row->values[aggregate->filter].i != 0;
}

static bool
accumulated(Reference *reference, const Bag *bag, const PlanAggregate *aggregate, const GroupRows *group, Datum *result,
            EvalError *error)
{
    void *state = arena_alloc(reference->arena, aggregate_state_size(&aggregate->call) + 1);
    bool has_arg = aggregate_columns(&aggregate->call) > 0;
    Groups values = {0};
    for (size_t i = 0; i < group->rows.count; i++) {
        GroupRow row = group->rows.items[i];
        if (!row_counts(aggregate, &row))
            continue;
        if (aggregate->distinct)
            add_to_group(&values, bag, aggregate->args, 1, &(BagRow){(Datum *) row.values, row.count});
        else
            aggregate_accumulate(&aggregate->call, state, has_arg ? row.values[aggregate->args[0]] : datum_int(1),
                                 row.count);
    }
    for (size_t i = 0; i < values.count; i++)
        if (values.items[i].count > 0)
            aggregate_accumulate(&aggregate->call, state, values.items[i].key[aggregate->args[0]], 1);
    groups_deinit(&values);
    bool ok = aggregate_result(&aggregate->call, state, reference->arena, result, error);
    aggregate_state_free(&aggregate->call, state);
    return ok;
}

static Datum
extreme(const Bag *bag, const PlanAggregate *aggregate, const GroupRows *group)
{
    Datum best = DATUM_NULL;
    SqlType type = bag->types[aggregate->args[0]];
    int sign = aggregate_takes_first(&aggregate->call) ? 1 : -1;
    for (size_t i = 0; i < group->rows.count; i++) {
        const GroupRow *row = &group->rows.items[i];
        Datum value = row->values[aggregate->args[0]];
        if (row_counts(aggregate, row) && !value.is_null &&
            (best.is_null || sign * datum_compare(type, value, best) < 0))
            best = value;
    }
    return best;
}

static bool
collected(Reference *reference, const Bag *bag, const PlanAggregate *aggregate, const GroupRows *group, Datum *result,
          EvalError *error)
{
    int arg_count = aggregate_columns(&aggregate->call), order_count = aggregate->order_count;
    SortKey *order = arena_new_array(reference->arena, SortKey, order_count + arg_count + 1);
    for (int i = 0; i < order_count; i++)
        order[i] = aggregate->order[i];
    for (int i = 0; i < arg_count && aggregate->distinct; i++)
        order[order_count++] = (SortKey){.column = aggregate->args[i]};
    GroupRow *rows = arena_new_array(reference->arena, GroupRow, group->rows.count + 1);
    size_t count = 0;
    for (size_t i = 0; i < group->rows.count; i++)
        if (row_counts(aggregate, &group->rows.items[i]))
            rows[count++] = group->rows.items[i];
    RowOrder by = {bag, order, order_count, aggregate->args, arg_count};
    qsort_r(rows, count, sizeof *rows, group_row_compare, &by);
    const Datum **args = arena_new_array(reference->arena, const Datum *, count + 1);
    int64_t *diffs = arena_new_array(reference->arena, int64_t, count + 1);
    size_t kept = 0;
    for (size_t i = 0; i < count; i++) {
        Datum *values = arena_new_array(reference->arena, Datum, arg_count + 1);
        bool repeated = aggregate->distinct && kept > 0;
        for (int k = 0; k < arg_count; k++) {
            values[k] = rows[i].values[aggregate->args[k]];
            repeated = repeated && datum_equal(bag->types[aggregate->args[k]], values[k], args[kept - 1][k]);
        }
        if (repeated)
            continue;
        args[kept] = values;
        diffs[kept++] = aggregate->distinct ? 1 : rows[i].count;
    }
    *result = aggregate_empty(&aggregate->call);
    return kept == 0 || aggregate_collect(&aggregate->call, args, diffs, kept, reference->arena, result, error);
}

static void
evaluate_reduce(Reference *reference, const PlanNode *node, const Bag *input, BagPair *out)
{
    const ReducePlan *plan = &node->reduce;
    Groups groups = group_rows(input, plan->key, plan->key_count);
    for (size_t i = 0; i < groups.count; i++) {
        const GroupRows *group = &groups.items[i];
        if (group->count <= 0)
            continue;
        Datum *row = arena_new_array(reference->arena, Datum, node->column_count + 1);
        for (int k = 0; k < plan->key_count; k++)
            row[k] = group->key[plan->key[k]];
        /* What is accumulated is looked at first; the first that fails is the group's error. */
        bool ok = true;
        EvalError error = {0};
        for (int arranged = 0; arranged < 2 && ok; arranged++)
            for (int k = 0; k < plan->aggregate_count && ok; k++) {
                const PlanAggregate *aggregate = &plan->aggregates[k];
                Datum *result = &row[plan->key_count + k];
                AggregateKind kind = aggregate->call.function->kind;
                if ((kind != AGGREGATE_ACCUMULABLE) != (arranged == 1))
                    continue;
                if (kind == AGGREGATE_ACCUMULABLE)
                    ok = accumulated(reference, input, aggregate, group, result, &error);
                else if (kind == AGGREGATE_ORDERED)
                    *result = extreme(input, aggregate, group);
                else
                    ok = collected(reference, input, aggregate, group, result, &error);
            }
        if (ok)
            bag_add(&out->rows, row, 1);
        else
            add_error(reference, out, &error, 1);
    }
    groups_deinit(&groups);
}

/* ---- windows: every frame looked at row by row */

typedef struct WindowRows {
    const PlanNode *node;
    const Bag *bag;
    const GroupRow *rows; /* each once, in order */
    int64_t *peers;       /* number of the group of peers */
    int64_t count;
} WindowRows;

static int64_t
frame_offset(const WindowRows *rows, uint16_t column, int64_t row)
{
    return rows->rows[row].values[column].i;
}

/* Whether row `at` is on this side of a bound of `row`. */
static bool
bound_holds(const WindowRows *rows, const WindowFrame *frame, bool start, int64_t row, int64_t at)
{
    FrameBound bound = start ? frame->start : frame->end;
    if (bound == FRAME_UNBOUNDED_PRECEDING || bound == FRAME_UNBOUNDED_FOLLOWING)
        return true;
    int64_t offset =
        bound == FRAME_CURRENT_ROW ? 0 : frame_offset(rows, start ? frame->start_offset : frame->end_offset, row);
    int64_t from = row, to = at, sign = start ? 1 : -1;
    if (frame->units != FRAME_ROWS) {
        from = rows->peers[row];
        to = rows->peers[at];
    }
    if (frame->units == FRAME_RANGE && bound != FRAME_CURRENT_ROW) {
        SortKey key = rows->node->window.order[0];
        Datum x = rows->rows[row].values[key.column], y = rows->rows[at].values[key.column];
        if (x.is_null && y.is_null)
            return true;
        /* Nulls lie at one end: the null is before the value or behind it. */
        if (x.is_null || y.is_null)
            return start != (y.is_null == key.nulls_first);
        from = key.descending ? -x.i : x.i;
        to = key.descending ? -y.i : y.i;
    }
    return sign * (to - (bound == FRAME_PRECEDING ? from - offset : from + offset)) >= 0;
}

static bool
in_frame(const WindowRows *rows, const WindowFrame *frame, int64_t row, int64_t at)
{
    bool peer = rows->peers[row] == rows->peers[at];
    if ((frame->exclude == FRAME_EXCLUDE_ROW && at == row) || (frame->exclude == FRAME_EXCLUDE_GROUP && peer) ||
        (frame->exclude == FRAME_EXCLUDE_TIES && peer && at != row))
        return false;
    return bound_holds(rows, frame, true, row, at) && bound_holds(rows, frame, false, row, at);
}

/* The rows of the frame as a group of their own. */
static bool
framed_aggregate(Reference *reference, const WindowRows *rows, const WindowCall *call, int64_t row, Datum *result,
                 EvalError *error)
{
    PlanAggregate aggregate = {.call = call->aggregate, .filter = call->filter};
    memcpy(aggregate.args, call->args, sizeof aggregate.args);
    GroupRows frame = {0};
    for (int64_t i = 0; i < rows->count; i++)
        if (in_frame(rows, &call->frame, row, i))
            vector_push(&frame.rows, rows->rows[i]);
    bool ok = true;
    if (call->aggregate.function->kind == AGGREGATE_ACCUMULABLE) {
        ok = accumulated(reference, rows->bag, &aggregate, &frame, result, error);
    } else if (call->aggregate.function->kind == AGGREGATE_ORDERED) {
        *result = extreme(rows->bag, &aggregate, &frame);
    } else {
        aggregate.order = rows->node->window.order;
        aggregate.order_count = rows->node->window.order_count;
        ok = collected(reference, rows->bag, &aggregate, &frame, result, error);
    }
    vector_deinit(&frame.rows);
    return ok;
}

static Datum
framed_value(const WindowRows *rows, const WindowCall *call, int64_t row)
{
    Datum found = DATUM_NULL;
    for (int64_t i = 0; i < rows->count; i++) {
        Datum value = rows->rows[i].values[call->args[0]];
        if (!in_frame(rows, &call->frame, row, i) || (call->ignore_nulls && value.is_null))
            continue;
        found = value;
        if (call->function == WINDOW_FIRST_VALUE)
            break;
    }
    return found;
}

static Datum
neighbour(const WindowRows *rows, const WindowCall *call, int64_t row)
{
    int64_t step = call->function == WINDOW_LAG ? -1 : 1;
    for (int64_t i = row + step; i >= 0 && i < rows->count; i += step) {
        Datum value = rows->rows[i].values[call->args[0]];
        if (!call->ignore_nulls || !value.is_null)
            return value;
    }
    return DATUM_NULL;
}

static bool
window_call(Reference *reference, const WindowRows *rows, const WindowCall *call, int64_t row, Datum *result,
            EvalError *error)
{
    int64_t first = row;
    while (first > 0 && rows->peers[first - 1] == rows->peers[row])
        first--;
    switch (call->function) {
    case WINDOW_ROW_NUMBER:
        *result = datum_int(row + 1);
        return true;
    case WINDOW_RANK:
        *result = datum_int(first + 1);
        return true;
    case WINDOW_DENSE_RANK:
        *result = datum_int(rows->peers[row] + 1);
        return true;
    case WINDOW_LAG:
    case WINDOW_LEAD:
        *result = neighbour(rows, call, row);
        return true;
    case WINDOW_FIRST_VALUE:
    case WINDOW_LAST_VALUE:
        *result = framed_value(rows, call, row);
        return true;
    case WINDOW_AGGREGATE:
        return framed_aggregate(reference, rows, call, row, result, error);
    default:
        bug("the reference does not know window function %d", call->function);
    }
}

static void
evaluate_partition(Reference *reference, const WindowRows *rows, BagPair *out)
{
    const WindowPlan *plan = &rows->node->window;
    uint16_t width = rows->bag->column_count;
    for (int64_t row = 0; row < rows->count; row++) {
        Datum *values = arena_new_array(reference->arena, Datum, rows->node->column_count + 1);
        EvalError error = {0};
        bool ok = true;
        for (uint16_t i = 0; i < width; i++)
            values[i] = rows->rows[row].values[i];
        for (int i = 0; i < plan->call_count && ok; i++)
            ok = window_call(reference, rows, &plan->calls[i], row, &values[width + i], &error);
        if (ok)
            bag_add(&out->rows, values, 1);
        else
            add_error(reference, out, &error, 1);
    }
}

static void
evaluate_window(Reference *reference, const PlanNode *node, const Bag *input, BagPair *out)
{
    const WindowPlan *plan = &node->window;
    Groups groups = group_rows(input, plan->partition, plan->partition_count);
    uint16_t none = 0;
    RowOrder by = {.bag = input, .order = plan->order, .order_count = plan->order_count};
    RowOrder peers = {.bag = input, .order = plan->order, .order_count = plan->order_count, .columns = &none};
    for (size_t i = 0; i < groups.count; i++) {
        GroupRows *group = &groups.items[i];
        qsort_r(group->rows.items, group->rows.count, sizeof *group->rows.items, group_row_compare, &by);
        VECTOR(GroupRow) each = {0};
        VECTOR(int64_t) numbers = {0};
        for (size_t k = 0; k < group->rows.count; k++)
            for (int64_t n = 0; n < group->rows.items[k].count; n++) {
                GroupRow row = {group->rows.items[k].values, 1};
                bool peer = each.count > 0 && group_row_compare(&each.items[each.count - 1], &row, &peers) == 0;
                int64_t number = numbers.count == 0 ? 0 : numbers.items[numbers.count - 1] + !peer;
                vector_push(&each, row);
                vector_push(&numbers, number);
            }
        WindowRows rows = {node, input, each.items, numbers.items, (int64_t) each.count};
        evaluate_partition(reference, &rows, out);
        vector_deinit(&each);
        vector_deinit(&numbers);
    }
    groups_deinit(&groups);
}

static void
evaluate_topk(const PlanNode *node, const Bag *input, BagPair *out)
{
    const TopkPlan *plan = &node->topk;
    Groups groups = group_rows(input, plan->group, plan->group_count);
    RowOrder by = {.bag = input, .order = plan->order, .order_count = plan->order_count};
    for (size_t i = 0; i < groups.count; i++) {
        GroupRows *group = &groups.items[i];
        qsort_r(group->rows.items, group->rows.count, sizeof *group->rows.items, group_row_compare, &by);
        int64_t skip = plan->offset, left = plan->limit < 0 ? INT64_MAX : plan->limit;
        for (size_t k = 0; k < group->rows.count; k++)
            for (int64_t n = 0; n < group->rows.items[k].count; n++) {
                if (skip > 0) {
                    skip--;
                } else if (left > 0) {
                    left--;
                    bag_add(&out->rows, group->rows.items[k].values, 1);
                }
            }
    }
    groups_deinit(&groups);
}

static void
evaluate_threshold(Reference *reference, const PlanNode *node, const Bag *input, BagPair *out)
{
    uint16_t *all = arena_new_array(reference->arena, uint16_t, node->column_count + 1);
    for (uint16_t i = 0; i < node->column_count; i++)
        all[i] = i;
    Groups groups = group_rows(input, all, node->column_count);
    for (size_t i = 0; i < groups.count; i++)
        if (groups.items[i].count > 0)
            bag_add(&out->rows, groups.items[i].key, node->threshold.distinct ? 1 : groups.items[i].count);
    groups_deinit(&groups);
}

static void
evaluate_guard(Reference *reference, const PlanNode *node, const Bag *input, BagPair *out)
{
    add_bag(&out->rows, input, 1);
    Groups groups = group_rows(input, node->guard.group, node->guard.group_count);
    EvalError error = {.message = node->guard.message};
    memcpy(error.sqlstate, node->guard.sqlstate, 5);
    for (size_t i = 0; i < groups.count; i++)
        if (groups.items[i].count > 1)
            add_error(reference, out, &error, 1);
    groups_deinit(&groups);
}

static void
evaluate_temporal(Reference *reference, const PlanNode *node, const Bag *input, BagPair *out)
{
    const TemporalPlan *plan = &node->temporal;
    const BagRow *row;
    for (size_t i = 0; bag_next(input, &i, &row);) {
        bool there = true;
        const EvalError *error = NULL;
        for (int k = 0; k < plan->lower_count + plan->upper_count && error == NULL; k++) {
            bool lower = k < plan->lower_count;
            const Scalar *bound = lower ? plan->lower[k] : plan->upper[k - plan->lower_count];
            Datum value;
            if (!evaluate_row(bound, &reference->eval, input->types, row->values, input->column_count, &value, &error))
                continue;
            there = there && !value.is_null &&
                    (lower ? (Timestamp) value.i <= reference->time : reference->time < (Timestamp) value.i);
        }
        if (error != NULL)
            add_error(reference, out, error, row->count);
        else if (there)
            bag_add(&out->rows, row->values, row->count);
    }
}

typedef struct FlatMapRow {
    const PlanNode *node;
    const BagRow *row;
    uint16_t input_count;
    int64_t ordinality;
    BagPair *out;
} FlatMapRow;

static bool
flat_map_emit(void *context, const Datum *values)
{
    FlatMapRow *row = context;
    Datum *out = memory_calloc((size_t) row->node->column_count + 1, sizeof *out);
    int column = 0;
    for (; column < row->input_count; column++)
        out[column] = row->row->values[column];
    for (int i = 0; i < row->node->flat_map.function.column_count; i++)
        out[column++] = values[i];
    row->ordinality++;
    if (row->node->flat_map.ordinality)
        out[column] = datum_int(row->ordinality);
    bag_add(&row->out->rows, out, row->row->count);
    free(out);
    return true;
}

static void
evaluate_flat_map(Reference *reference, const PlanNode *node, const Bag *input, BagPair *out)
{
    const BagRow *row;
    for (size_t i = 0; bag_next(input, &i, &row);) {
        FlatMapRow emitted = {.node = node, .row = row, .input_count = input->column_count, .out = out};
        Datum args[FUNCTION_ARGS_MAX]; /* of one function, no parts */
        const EvalError *error = NULL;
        bool ok = true;
        for (int k = 0; k < node->flat_map.arg_count && ok; k++)
            ok = evaluate_row(node->flat_map.args[k], &reference->eval, input->types, row->values, input->column_count,
                              &args[k], &error);
        ok = ok &&
             table_function_evaluate(&node->flat_map.function, &reference->eval, args, flat_map_emit, &emitted, &error);
        if (!ok)
            add_error(reference, out, error, row->count);
    }
}

static void
evaluate_node(Reference *reference, const PlanNode *node, BagPair *out)
{
    for (int i = 0; i < node->input_count; i++)
        add_bag(&out->errors, &reference->nodes[node->inputs[i]].errors, 1);
    const Bag *input = node->input_count > 0 ? &reference->nodes[node->inputs[0]].rows : NULL;
    const BagRow *row;
    switch (node->kind) {
    case PLAN_CONSTANT:
        for (size_t i = 0; i < node->constant.rows.count; i++)
            bag_add_chunk(&out->rows, node->constant.rows.items[i], TIMESTAMP_MAX);
        return;
    case PLAN_GET:
        add_bag(&out->rows, &reference->contents[node->import].rows, 1);
        add_bag(&out->errors, &reference->contents[node->import].errors, 1);
        return;
    case PLAN_LINEAR:
        for (size_t i = 0; bag_next(input, &i, &row);)
            apply_linear(reference, &node->linear, input->types, input->column_count, row->values, row->count, out);
        return;
    case PLAN_JOIN: {
        uint32_t total = 0;
        for (int i = 0; i < node->input_count; i++)
            total += reference->nodes[node->inputs[i]].rows.column_count;
        Datum *joined = arena_new_array(reference->arena, Datum, total + 1);
        SqlType *types = arena_new_array(reference->arena, SqlType, total + 1);
        join_inputs(reference, node, -1, joined, 0, 1, types, out);
        return;
    }
    case PLAN_REDUCE:
        evaluate_reduce(reference, node, input, out);
        return;
    case PLAN_TOPK:
        evaluate_topk(node, input, out);
        return;
    case PLAN_WINDOW:
        evaluate_window(reference, node, input, out);
        return;
    case PLAN_NEGATE:
        add_bag(&out->rows, input, -1);
        return;
    case PLAN_THRESHOLD:
        evaluate_threshold(reference, node, input, out);
        return;
    case PLAN_UNION:
        for (int i = 0; i < node->input_count; i++)
            add_bag(&out->rows, &reference->nodes[node->inputs[i]].rows, 1);
        return;
    case PLAN_GUARD:
        evaluate_guard(reference, node, input, out);
        return;
    case PLAN_TEMPORAL:
        evaluate_temporal(reference, node, input, out);
        return;
    case PLAN_FLAT_MAP:
        evaluate_flat_map(reference, node, input, out);
        return;
    case PLAN_RECURSE:
        bug("trials have no recursive blocks; the scripts of sqllogictest do");
    }
}

BagPair
reference_evaluate(const DataflowPlan *plan, const BagPair *contents, uint32_t node, Timestamp time)
{
    Reference reference = {.plan = plan, .contents = contents, .time = time, .arena = arena_new()};
    eval_context_init(&reference.eval, reference.arena);
    reference.nodes = arena_new_array(reference.arena, BagPair, plan->node_count);
    for (uint32_t i = 0; i <= node; i++) {
        bag_pair_init(&reference.nodes[i], plan->nodes[i].types, plan->nodes[i].column_count);
        evaluate_node(&reference, &plan->nodes[i], &reference.nodes[i]);
    }
    for (uint32_t i = 0; i < node; i++)
        bag_pair_deinit(&reference.nodes[i]);
    BagPair result = reference.nodes[node];
    eval_context_deinit(&reference.eval);
    arena_free(reference.arena);
    return result;
}
