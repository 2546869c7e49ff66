#include "dataflow/render.h"

#include "dataflow/lanes.h"
#include "dataflow/linear.h"

typedef struct SharedArrangement {
    Operator *source;
    uint16_t *key; /* in the arena */
    int key_count;
    bool skip_null_keys;
    Operator *arrange;
} SharedArrangement;

/* Where a node's rows come from. */
typedef struct Stream {
    Operator *op;
    const SqlType *types;
    uint16_t column_count;
} Stream;

typedef struct Render {
    Circuit *circuit;
    const DataflowPlan *plan;
    Arena *arena; /* while rendering */
    Operator **imports;
    Operator **borrowed; /* of each import: the index that it may serve as, NULL: none */
    Stream *nodes;
    VECTOR(SharedArrangement) arrangements;
} Render;

static int
import_of(const Render *render, const Operator *op)
{
    for (int i = 0; i < render->plan->import_count; i++)
        if (render->imports[i] == op)
            return i;
    return -1;
}

static bool
same_key(const uint16_t *a, int a_count, const uint16_t *b, int b_count)
{
    return a_count == b_count && (a_count == 0 || memcmp(a, b, (size_t) a_count * sizeof *a) == 0);
}

/* An arrangement of the stream's rows by `key`: one that is there, or a new one. */
static Operator *
arrange(Render *render, const Stream *stream, uint32_t node, const uint16_t *key, int key_count, bool skip_null_keys,
        bool may_borrow)
{
    int import = may_borrow ? import_of(render, stream->op) : -1;
    if (import >= 0 && render->borrowed[import] != NULL) {
        const Layout *layout = op_arrange_arrangement(render->borrowed[import])->layout;
        if (same_key(layout->key, layout->key_count, key, key_count))
            return render->borrowed[import];
    }
    for (size_t i = 0; i < render->arrangements.count; i++) {
        const SharedArrangement *shared = &render->arrangements.items[i];
        if (shared->source == stream->op && same_key(shared->key, shared->key_count, key, key_count) &&
            (!shared->skip_null_keys || skip_null_keys))
            return shared->arrange;
    }
    Layout *layout = layout_new(stream->types, stream->column_count, key, (uint16_t) key_count, NULL, 0);
    Operator *op = op_arrange_new(render->circuit, node, layout);
    op_arrange_arrangement(op)->skip_null_keys = skip_null_keys;
    operator_connect_rows(stream->op, op);
    uint16_t *own_key = arena_new_array(render->arena, uint16_t, key_count + 1);
    if (key_count > 0)
        memcpy(own_key, key, (size_t) key_count * sizeof *key);
    vector_push(&render->arrangements, ((SharedArrangement){stream->op, own_key, key_count, skip_null_keys, op}));
    return op;
}

/* ---- joins */

typedef struct JoinRender {
    Render *render;
    const PlanNode *plan;
    uint32_t node;
    uint32_t total;  /* columns of all inputs */
    SqlType *types;  /* of the joined row */
    uint16_t *place; /* of each column joined so far: its column in `left`; UINT16_MAX: dropped */
    uint32_t joined; /* columns joined so far */
    Stream left;
} JoinRender;

static void
mark_columns(const Scalar *scalar, uint32_t count, bool *needed)
{
    for (uint32_t i = 0; i < count; i++)
        needed[i] = needed[i] || scalar_uses_column(scalar, i);
}

/* Columns of the joined row that anything after stage `stage` reads. */
static bool *
columns_needed_after(const JoinRender *join, int stage)
{
    const JoinPlan *plan = &join->plan->join;
    bool *needed = arena_new_array(join->render->arena, bool, join->total + 1);
    for (int i = 0; i < plan->closure.map_count; i++)
        mark_columns(plan->closure.maps[i], join->total, needed);
    for (int i = 0; i < plan->closure.filter_count; i++)
        mark_columns(plan->closure.filters[i], join->total, needed);
    for (int i = 0; i < plan->closure.project_count; i++)
        if (plan->closure.project[i] < join->total)
            needed[plan->closure.project[i]] = true;
    for (int i = stage + 1; i < plan->stage_count; i++)
        for (int k = 0; k < plan->stages[i].key_count; k++)
            needed[plan->stages[i].left_key[k]] = true;
    return needed;
}

/* Puts the pairs of a key into the order in which an index of the input has it; false when it has no such index. */
static bool
follow_index(const Render *render, const Stream *stream, uint16_t *key, uint16_t *other_key, int key_count)
{
    int import = import_of(render, stream->op);
    if (import < 0 || render->borrowed[import] == NULL)
        return false;
    const Layout *layout = op_arrange_arrangement(render->borrowed[import])->layout;
    if (layout->key_count != key_count)
        return false;
    uint16_t *ordered = arena_new_array(render->arena, uint16_t, key_count + 1);
    uint16_t *other_ordered = arena_new_array(render->arena, uint16_t, key_count + 1);
    for (int i = 0; i < key_count; i++) {
        int at = 0;
        while (at < key_count && key[at] != layout->key[i])
            at++;
        if (at == key_count)
            return false;
        ordered[i] = key[at];
        other_ordered[i] = other_key[at];
    }
    memcpy(key, ordered, (size_t) key_count * sizeof *key);
    memcpy(other_key, other_ordered, (size_t) key_count * sizeof *key);
    return true;
}

static void
render_stage(JoinRender *join, int index)
{
    Render *render = join->render;
    const JoinStage *stage = &join->plan->join.stages[index];
    bool last = index == join->plan->join.stage_count - 1;
    const Stream *right = &render->nodes[join->plan->inputs[stage->input]];
    uint16_t *left_key = arena_new_array(render->arena, uint16_t, stage->key_count + 1);
    uint16_t *right_key = arena_new_array(render->arena, uint16_t, stage->key_count + 1);
    for (int i = 0; i < stage->key_count; i++) {
        left_key[i] = join->place[stage->left_key[i]];
        right_key[i] = stage->right_key[i];
    }
    bool indexed = stage->key_count > 0 && (follow_index(render, right, right_key, left_key, stage->key_count) ||
                                            follow_index(render, &join->left, left_key, right_key, stage->key_count));

    /* The last stage gives every column its place, for the closure; those before it only what is read later. */
    const bool *needed = columns_needed_after(join, index);
    uint32_t joined = join->joined + right->column_count;
    JoinColumn *columns = arena_new_array(render->arena, JoinColumn, joined + 1);
    SqlType *types = arena_new_array(render->arena, SqlType, joined + 1);
    uint16_t count = 0;
    for (uint32_t i = 0; i < joined; i++) {
        bool from_right = i >= join->joined;
        uint16_t column = from_right ? (uint16_t) (i - join->joined) : join->place[i];
        if (!needed[i])
            column = UINT16_MAX;
        join->place[i] = UINT16_MAX;
        if (!needed[i] && !last)
            continue;
        join->place[i] = count;
        types[count] = join->types[i];
        columns[count++] = (JoinColumn){from_right, column};
    }
    const LinearPlan *closure = last ? &join->plan->join.closure : NULL;
    Operator *op = NULL;
    if (render->circuit->one_shot && !indexed) {
        /* Nothing is sorted for a join that is done once; without estimates what has been joined so far is the larger side. */
        bool build_right = stage->left_rows < 0 || stage->right_rows < 0 || stage->right_rows <= stage->left_rows;
        HashJoinSide left_side = {join->left.types, left_key}, right_side = {right->types, right_key};
        op = op_hash_join_new(render->circuit, join->node, &left_side, &right_side, stage->key_count, build_right,
                              columns, types, count, closure);
        operator_connect(join->left.op, op, 0);
        operator_connect(right->op, op, 1);
    } else {
        Operator *left_arrange = arrange(render, &join->left, join->node, left_key, stage->key_count, true, true);
        Operator *right_arrange = arrange(render, right, join->node, right_key, stage->key_count, true, true);
        op = op_join_new(render->circuit, join->node, left_arrange, right_arrange, columns, types, count, closure);
        operator_connect_errors(join->left.op, op);
        operator_connect_errors(right->op, op);
    }
    join->left = (Stream){op, types, count};
    join->joined = joined;
}

static Operator *
render_join(Render *render, uint32_t node)
{
    const PlanNode *plan = &render->plan->nodes[node];
    JoinRender join = {.render = render, .plan = plan, .node = node};
    for (int i = 0; i < plan->input_count; i++)
        join.total += render->nodes[plan->inputs[i]].column_count;
    join.types = arena_new_array(render->arena, SqlType, join.total + 1);
    join.place = arena_new_array(render->arena, uint16_t, join.total + 1);
    uint32_t at = 0;
    for (int i = -1; i < plan->join.stage_count; i++) {
        const Stream *input = &render->nodes[plan->inputs[i < 0 ? plan->join.first : plan->join.stages[i].input]];
        for (uint16_t column = 0; column < input->column_count; column++)
            join.types[at++] = input->types[column];
    }
    join.left = render->nodes[plan->inputs[plan->join.first]];
    join.joined = join.left.column_count;
    for (uint16_t i = 0; i < join.joined; i++)
        join.place[i] = i;
    for (int i = 0; i < plan->join.stage_count; i++)
        render_stage(&join, i);
    return join.left.op;
}

/* ---- the other nodes */

static Operator *
connected(const Render *render, const PlanNode *plan, Operator *op)
{
    for (int i = 0; i < plan->input_count; i++)
        operator_connect(render->nodes[plan->inputs[i]].op, op, i);
    return op;
}

static Operator *
render_node(Render *render, uint32_t node)
{
    Circuit *circuit = render->circuit;
    const PlanNode *plan = &render->plan->nodes[node];
    const Stream *input = plan->input_count > 0 ? &render->nodes[plan->inputs[0]] : NULL;
    switch (plan->kind) {
    case PLAN_CONSTANT:
        return op_constant_new(circuit, node, plan);
    case PLAN_GET:
        return render->imports[plan->import];
    case PLAN_LINEAR:
        if (linear_is_identity(&plan->linear, input->column_count))
            return input->op;
        return connected(render, plan, op_linear_new(circuit, node, &plan->linear, input->column_count));
    case PLAN_FLAT_MAP:
        return connected(render, plan,
                         op_flat_map_new(circuit, node, &plan->flat_map, plan->types, plan->column_count));
    case PLAN_JOIN:
        return render_join(render, node);
    case PLAN_REDUCE:
        return connected(render, plan,
                         op_reduce_new(circuit, node, &plan->reduce, input->types, plan->types, plan->column_count));
    case PLAN_TOPK:
        return connected(render, plan, op_topk_new(circuit, node, &plan->topk, plan->types, plan->column_count));
    case PLAN_WINDOW:
        return connected(render, plan,
                         op_window_new(circuit, node, &plan->window, input->types, input->column_count, plan->types));
    case PLAN_NEGATE:
        return connected(render, plan, op_negate_new(circuit, node));
    case PLAN_THRESHOLD:
        return connected(render, plan,
                         op_threshold_new(circuit, node, plan->threshold.distinct, plan->types, plan->column_count));
    case PLAN_UNION:
        return connected(render, plan, op_union_new(circuit, node));
    case PLAN_GUARD:
        return connected(render, plan, op_guard_new(circuit, node, plan));
    case PLAN_TEMPORAL:
        return connected(render, plan, op_temporal_new(circuit, node, &plan->temporal));
    case PLAN_RECURSE:
        return connected(render, plan, op_recurse_new(circuit, node, plan));
    }
    bug("unrecognized plan kind %d", plan->kind);
}

/* Nothing in the plan takes back a row that it gave. */
static bool
only_grows(const DataflowPlan *plan)
{
    for (uint32_t i = 0; i < plan->node_count; i++) {
        PlanKind kind = plan->nodes[i].kind;
        if (kind != PLAN_CONSTANT && kind != PLAN_LINEAR && kind != PLAN_FLAT_MAP && kind != PLAN_UNION &&
            kind != PLAN_JOIN)
            return false;
    }
    return true;
}

static Operator *
render_export(Render *render, const PlanExport *plan)
{
    const Stream *stream = &render->nodes[plan->node];
    Operator *op = NULL;
    switch (plan->kind) {
    case EXPORT_INDEX:
        op = op_index_new(render->circuit, plan,
                          arrange(render, stream, plan->node, plan->key, plan->key_count, false, false));
        operator_connect_errors(stream->op, op);
        return op;
    case EXPORT_SHARD:
        op = op_shard_new(render->circuit, plan, stream->types, stream->column_count);
        break;
    case EXPORT_SUBSCRIBE:
        op = op_subscribe_new(render->circuit, plan, stream->types, stream->column_count);
        break;
    case EXPORT_PEEK:
        op = op_peek_new(render->circuit, plan, stream->types, stream->column_count, only_grows(render->plan));
        break;
    case EXPORT_COLLECT:
        op = op_collect_new(render->circuit, plan);
        break;
    }
    operator_connect(stream->op, op, 0);
    return op;
}

void
render_plan(Circuit *circuit, const DataflowPlan *plan, Spine *const *index_spines, Operator **imports,
            Operator **exports)
{
    Render render = {.circuit = circuit, .plan = plan, .arena = arena_new(), .imports = imports};
    render.borrowed = arena_new_array(render.arena, Operator *, plan->import_count + 1);
    render.nodes = arena_new_array(render.arena, Stream, plan->node_count + 1);
    for (int i = 0; i < plan->import_count; i++) {
        imports[i] = op_import_new(circuit, 0, &plan->imports[i]);
        if (index_spines[i] == NULL)
            continue;
        render.borrowed[i] = op_arrange_new_borrowed(circuit, 0, index_spines[i]);
        op_import_serve_index(imports[i], render.borrowed[i]);
    }
    for (uint32_t i = 0; i < plan->node_count; i++)
        render.nodes[i] = (Stream){render_node(&render, i), plan->nodes[i].types, plan->nodes[i].column_count};
    for (int i = 0; i < plan->export_count; i++)
        exports[i] = render_export(&render, &plan->exports[i]);
    if (circuit->one_shot)
        circuit_schedule(circuit);
    vector_deinit(&render.arrangements);
    arena_free(render.arena);
}
