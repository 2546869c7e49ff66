/*
 * lower_mir.c -- the algebra to nodes of a DataflowPlan. Joins are in lower_mir_join.c.
 */
#include "planner/lower_mir_internal.h"
#include "planner/planned_query.h"

#include "expr/scalar_set.h"

#define DEPTH_MAX 1500 /* a step takes up to 3 KiB of the stack */

/* ---- nodes and imports ---- */

SqlType
emit_type(Emit *emit, SqlType type)
{
    return type_copy(type, emit->arena);
}

SqlType *
emit_types(Emit *emit, const SqlType *types, int count)
{
    SqlType *copy = arena_new_array(emit->arena, SqlType, count);
    for (int i = 0; i < count; i++)
        copy[i] = emit_type(emit, types[i]);
    return copy;
}

uint32_t
emit_node(Emit *emit, PlanNode node, const uint32_t *inputs, int input_count, const SqlType *types, int column_count)
{
    node.inputs = arena_new_array(emit->arena, uint32_t, input_count);
    for (int i = 0; i < input_count; i++)
        node.inputs[i] = inputs[i];
    node.input_count = input_count;
    node.types = emit_types(emit, types, column_count);
    node.column_count = (uint16_t) column_count;
    vector_push(&emit->nodes, node);
    return (uint32_t) emit->nodes.count - 1;
}

/* Looked up once a relation: it goes through the whole catalog. */
IndexList
emit_indexes(Emit *emit, const Item *item)
{
    for (size_t i = 0; i < emit->index_lists.count; i++) {
        if (emit->index_lists.items[i].item == item)
            return emit->index_lists.items[i].list;
    }
    EmitIndexes found = {item, index_list(emit->scratch, emit->options->catalog, emit->options->indexes, item->id)};
    vector_push(&emit->index_lists, found);
    return found.list;
}

static int
import_find(const Emit *emit, const Item *item, const Item *index)
{
    for (size_t i = 0; i < emit->imports.count; i++) {
        if (emit->imports.items[i].item == item && emit->imports.items[i].index == index)
            return (int) i;
    }
    return -1;
}

/* The import of a relation through an index (NULL: its shard), and its node. `used` are the columns read of it. */
uint32_t
emit_import(Emit *emit, const Item *item, const Item *index, const bool *used)
{
    int at = import_find(emit, item, index);
    if (at < 0) {
        EmitImport import = {.item = item, .index = index};
        if (index != NULL) {
            import.shape = index_shape(emit->arena, index, item);
        } else {
            import.shape.column_count = (uint16_t) item->desc->column_count;
            import.shape.types = arena_new_array(emit->arena, SqlType, item->desc->column_count);
            for (int i = 0; i < item->desc->column_count; i++)
                import.shape.types[i] = item->desc->columns[i].type;
        }
        import.used = arena_new_array(emit->arena, bool, import.shape.column_count);
        at = (int) emit->imports.count;
        import.node = emit_node(emit, (PlanNode){.kind = PLAN_GET, .import = (uint32_t) at}, NULL, 0,
                                import.shape.types, import.shape.column_count);
        vector_push(&emit->imports, import);
    }
    EmitImport *import = &emit->imports.items[at];
    for (int i = 0; i < import->shape.column_count; i++)
        import->used[i] |= used == NULL || used[i];
    return import->node;
}

static void
finish_imports(Emit *emit, DataflowPlan *plan)
{
    plan->import_count = (int) emit->imports.count;
    plan->imports = arena_new_array(emit->arena, PlanImport, plan->import_count);
    for (int i = 0; i < plan->import_count; i++) {
        const EmitImport *from = &emit->imports.items[i];
        PlanImport *import = &plan->imports[i];
        import->collection_id = from->item->shard != 0 ? from->item->shard : from->item->id;
        import->types = emit_types(emit, from->shape.types, from->shape.column_count);
        import->column_count = from->shape.column_count;
        if (from->index != NULL) {
            import->index_id = from->index->id;
            import->index_key = from->shape.key;
            import->index_key_count = from->shape.key_count;
        } else if (plan->one_shot) {
            import->needed = from->used;
        }
    }
}

/* ---- linear chains ---- */

LinearPlan
emit_linear_plan(Emit *emit, const LinearForm *form)
{
    uint32_t *same = arena_new_array(emit->arena, uint32_t, form->input_count);
    for (int i = 0; i < form->input_count; i++)
        same[i] = (uint32_t) i;
    LinearForm own = linear_form_moved(form, emit->arena, same, form->input_count);
    return linear_form_plan(&own);
}

/* Takes the conjuncts over mz_now() out of a form that has only filters and reads columns of the row. */
static bool
take_temporal(Emit *emit, LinearForm *form, TemporalPlan *temporal, Error *err)
{
    int kept = 0;
    temporal->lower = arena_new_array(emit->arena, Scalar *, form->filter_count);
    temporal->upper = arena_new_array(emit->arena, Scalar *, form->filter_count);
    for (int i = 0; i < form->map_count; i++) {
        if (scalar_has_mz_now(form->maps[i]))
            return error_set(err, SQLSTATE_FEATURE_NOT_SUPPORTED, "cannot materialize call to mz_now()");
    }
    for (int i = 0; i < form->filter_count; i++) {
        TemporalBounds bounds;
        if (!scalar_has_mz_now(form->filters[i])) {
            form->filters[kept++] = form->filters[i];
            continue;
        }
        if (!temporal_bounds(emit->scratch, form->filters[i], &bounds, err))
            return false;
        if (bounds.lower != NULL)
            temporal->lower[temporal->lower_count++] = bounds.lower;
        if (bounds.upper != NULL)
            temporal->upper[temporal->upper_count++] = bounds.upper;
    }
    form->filter_count = kept;
    return true;
}

static SqlType
form_type(const LinearForm *form, const SqlType *input, uint16_t column)
{
    return column < form->input_count ? input[column] : form->maps[column - form->input_count]->type;
}

/* The bounds are computed as columns behind the row, used there, and projected away. */
static uint32_t
emit_temporal(Emit *emit, uint32_t node, const SqlType *types, LinearForm *form, TemporalPlan *temporal)
{
    int bounds = temporal->lower_count + temporal->upper_count, total = form->project_count + bounds;
    uint16_t *project = arena_new_array(emit->scratch, uint16_t, total), *shown = form->project;
    Scalar **maps = arena_new_array(emit->scratch, Scalar *, form->map_count + bounds);
    for (int i = 0; i < form->map_count; i++)
        maps[i] = form->maps[i];
    for (int i = 0; i < form->project_count; i++)
        project[i] = shown[i];
    for (int i = 0; i < bounds; i++) {
        maps[form->map_count + i] =
            i < temporal->lower_count ? temporal->lower[i] : temporal->upper[i - temporal->lower_count];
        project[form->project_count + i] = (uint16_t) (form->input_count + form->map_count + i);
    }
    LinearForm with = *form;
    with.maps = maps;
    with.map_count += bounds;
    with.project = project;
    with.project_count = total;
    SqlType *wide = arena_new_array(emit->scratch, SqlType, total);
    for (int i = 0; i < total; i++)
        wide[i] = form_type(&with, types, project[i]);
    PlanNode linear = {.kind = PLAN_LINEAR, .linear = emit_linear_plan(emit, &with)};
    node = emit_node(emit, linear, &node, 1, wide, total);
    for (int i = 0; i < bounds; i++) {
        Scalar *column = scalar_column(emit->arena, (uint32_t) (form->project_count + i), SQL_TYPE(MZ_TIMESTAMP), true);
        if (i < temporal->lower_count)
            temporal->lower[i] = column;
        else
            temporal->upper[i - temporal->lower_count] = column;
    }
    node = emit_node(emit, (PlanNode){.kind = PLAN_TEMPORAL, .temporal = *temporal}, &node, 1, wide, total);
    LinearForm narrow;
    linear_form_init(&narrow, emit->scratch, total, NULL, form->project_count);
    linear = (PlanNode){.kind = PLAN_LINEAR, .linear = emit_linear_plan(emit, &narrow)};
    return emit_node(emit, linear, &node, 1, wide, form->project_count);
}

bool
emit_form(Emit *emit, uint32_t node, const SqlType *types, LinearForm *form, uint32_t *out, Error *err)
{
    TemporalPlan temporal = {0};
    *out = node;
    if (linear_form_is_identity(form))
        return true;
    if (!take_temporal(emit, form, &temporal, err))
        return false;
    if (temporal.lower_count + temporal.upper_count > 0) {
        *out = emit_temporal(emit, node, types, form, &temporal);
        return true;
    }
    SqlType *result = arena_new_array(emit->scratch, SqlType, form->project_count);
    for (int i = 0; i < form->project_count; i++)
        result[i] = form_type(form, types, form->project[i]);
    PlanNode linear = {.kind = PLAN_LINEAR, .linear = emit_linear_plan(emit, form)};
    *out = emit_node(emit, linear, &node, 1, result, form->project_count);
    return true;
}

/* ---- reading a relation ---- */

static bool
is_usable_literal(const Scalar *scalar)
{
    return scalar->kind == SCALAR_LITERAL && scalar->literal_error == NULL;
}

static bool
lookup_is_known(const IndexLookup *lookup)
{
    for (int i = 0; i < lookup->index->index_key_count; i++) {
        if (i != lookup->list_key && !is_usable_literal(lookup->values[i]))
            return false;
    }
    return true;
}

static Mir *
lookup_rows(Emit *emit, const IndexLookup *lookup, const IndexShape *shape)
{
    int count = lookup->list == NULL ? 1 : lookup->list->set->count, kept = 0;
    Datum **rows = arena_new_array(emit->scratch, Datum *, count);
    SqlType *types = arena_new_array(emit->scratch, SqlType, shape->key_count);
    for (int k = 0; k < shape->key_count; k++)
        types[k] = shape->types[shape->key[k]];
    for (int r = 0; r < count; r++) {
        rows[kept] = arena_new_array(emit->scratch, Datum, shape->key_count);
        bool null = false;
        for (int k = 0; k < shape->key_count; k++) {
            rows[kept][k] = k == lookup->list_key ? lookup->list->set->values[r] : lookup->values[k]->literal;
            null |= rows[kept][k].is_null;
        }
        kept += !null;
    }
    return mir_constant(emit->scratch, rows, NULL, kept, types, shape->key_count);
}

uint32_t
emit_constant(Emit *emit, const Mir *constant)
{
    PlanNode node = {.kind = PLAN_CONSTANT};
    constant_chunks(constant, &node.constant.rows);
    return emit_node(emit, node, NULL, 0, constant->types, constant->column_count);
}

/* The keys sought, joined with the index that has them. */
static bool
emit_lookup(Emit *emit, const Item *item, const IndexLookup *lookup, LinearForm *form, uint32_t *out, Error *err)
{
    IndexShape shape = index_shape(emit->arena, lookup->index, item);
    Mir *rows = lookup_rows(emit, lookup, &shape);
    uint32_t inputs[2] = {emit_constant(emit, rows), emit_import(emit, item, lookup->index, NULL)};
    int kept = 0;
    for (int i = 0; i < form->filter_count; i++) {
        if (!lookup->used[i])
            form->filters[kept++] = form->filters[i];
    }
    form->filter_count = kept;
    uint32_t *map = arena_new_array(emit->scratch, uint32_t, form->input_count);
    for (int i = 0; i < form->input_count; i++)
        map[i] = (uint32_t) (shape.key_count + i);
    int total = shape.key_count + shape.column_count;
    LinearForm moved = linear_form_moved(form, emit->scratch, map, total);
    SqlType *types = arena_new_array(emit->scratch, SqlType, total);
    JoinStage *stage = arena_new_struct(emit->arena, JoinStage);
    *stage = (JoinStage){.input = 1,
                         .right_key = shape.key,
                         .key_count = shape.key_count,
                         .left_rows = rows->constant.count,
                         .right_rows = -1};
    stage->left_key = arena_new_array(emit->arena, uint16_t, shape.key_count);
    for (int i = 0; i < shape.key_count; i++) {
        stage->left_key[i] = (uint16_t) i;
        types[i] = rows->types[i];
    }
    for (int i = 0; i < shape.column_count; i++)
        types[shape.key_count + i] = shape.types[i];
    JoinPlan join = {.first = 0, .stages = stage, .stage_count = 1};
    return emit_join_node(emit, join, inputs, 2, types, &moved, out, err);
}

/* A relation read through a chain; the best index for it, if any. */
static bool
emit_read(Emit *emit, const Mir *get, const Mir *chain, uint32_t *out, Error *err)
{
    const Item *item = get->item;
    IndexList indexes = emit_indexes(emit, item);
    LinearForm form;
    IndexLookup lookup;
    linear_form_init(&form, emit->scratch, get->column_count, NULL, get->column_count);
    linear_form_add(&form, chain);
    if (index_lookup_best(emit->scratch, &indexes, &form, &lookup) && lookup_is_known(&lookup))
        return emit_lookup(emit, item, &lookup, &form, out, err);
    const Item *index = indexes.count > 0 ? indexes.items[0] : NULL;
    bool *used = arena_new_array(emit->scratch, bool, get->column_count + (index == NULL ? 0 : index->index_key_count));
    linear_form_mark(&form, used);
    uint32_t node = emit_import(emit, item, index, used);
    const EmitImport *import = &emit->imports.items[import_find(emit, item, index)];
    /* An index's rows may be wider than the relation's. */
    uint32_t *same = arena_new_array(emit->scratch, uint32_t, form.input_count);
    for (int i = 0; i < form.input_count; i++)
        same[i] = (uint32_t) i;
    LinearForm wide = linear_form_moved(&form, emit->scratch, same, import->shape.column_count);
    SqlType *types = import->shape.types;
    return emit_form(emit, node, types, &wide, out, err);
}

/* ---- the other nodes ---- */

void
constant_chunks(const Mir *constant, ChunkVector *rows)
{
    int columns = constant->column_count, count = constant->constant.count;
    if (count == 0)
        return;
    if (columns == 0) {
        int64_t *diffs = NULL;
        if (constant->constant.diffs != NULL) {
            diffs = memory_alloc((size_t) count * sizeof *diffs);
            memcpy(diffs, constant->constant.diffs, (size_t) count * sizeof *diffs);
        }
        vector_push(rows, chunk_new((uint32_t) count, NULL, 0, 0, diffs, NULL));
        return;
    }
    ChunkBuilder builder;
    chunk_builder_init(&builder, constant->types, (uint16_t) columns);
    for (int i = 0; i < count; i++) {
        chunk_builder_append_datums(&builder, constant->constant.rows[i], 0,
                                    constant->constant.diffs == NULL ? 1 : constant->constant.diffs[i]);
        if (builder.count == CHUNK_ROWS)
            vector_push(rows, chunk_builder_finish(&builder));
    }
    Chunk *last = chunk_builder_finish(&builder);
    if (last != NULL)
        vector_push(rows, last);
    chunk_builder_deinit(&builder);
}

bool
limit_value(const Scalar *limit, bool is_offset, Arena *scratch, int64_t *value, Error *err)
{
    *value = is_offset ? 0 : -1;
    if (limit == NULL)
        return true;
    Datum datum = limit->literal;
    if (limit->kind != SCALAR_LITERAL || limit->literal_error != NULL) {
        EvalContext eval;
        const EvalError *error;
        eval_context_init(&eval, scratch);
        bool worked = evaluate_constant(limit, &eval, &datum, &error);
        if (!worked)
            error_from_eval(err, error);
        eval_context_deinit(&eval);
        if (!worked)
            return false;
    }
    if (datum.is_null)
        return true;
    if (datum.i < 0)
        return error_at(err, limit->position,
                        is_offset ? SQLSTATE_INVALID_ROW_COUNT_IN_RESULT_OFFSET_CLAUSE
                                  : SQLSTATE_INVALID_ROW_COUNT_IN_LIMIT_CLAUSE,
                        "%s must not be negative", is_offset ? "OFFSET" : "LIMIT");
    *value = datum.i;
    return true;
}

uint16_t *
emit_columns(Emit *emit, const uint16_t *columns, int count)
{
    uint16_t *own = arena_new_array(emit->arena, uint16_t, count);
    for (int i = 0; i < count; i++)
        own[i] = columns[i];
    return own;
}

SortKey *
emit_order(Emit *emit, const SortKey *order, int count)
{
    SortKey *own = arena_new_array(emit->arena, SortKey, count);
    for (int i = 0; i < count; i++)
        own[i] = order[i];
    return own;
}

static ReducePlan
own_reduce(Emit *emit, const ReducePlan *reduce)
{
    ReducePlan own = *reduce;
    own.key = emit_columns(emit, reduce->key, reduce->key_count);
    own.aggregates = arena_new_array(emit->arena, PlanAggregate, reduce->aggregate_count);
    for (int i = 0; i < reduce->aggregate_count; i++) {
        PlanAggregate *aggregate = &own.aggregates[i];
        *aggregate = reduce->aggregates[i];
        aggregate->order = emit_order(emit, aggregate->order, aggregate->order_count);
        aggregate->call.arg_type = emit_type(emit, aggregate->call.arg_type);
        aggregate->call.second_type = emit_type(emit, aggregate->call.second_type);
        for (int k = 0; k < aggregate->call.key_count; k++)
            aggregate->call.keys[k].type = emit_type(emit, aggregate->call.keys[k].type);
        aggregate->call.result_type = emit_type(emit, aggregate->call.result_type);
    }
    return own;
}

static bool
emit_topk(Emit *emit, const Mir *mir, uint32_t input, uint32_t *out, Error *err)
{
    TopkPlan topk = {
        .group = emit_columns(emit, mir->topk.group, mir->topk.group_count),
        .group_count = mir->topk.group_count,
        .order = emit_order(emit, mir->topk.order, mir->topk.order_count),
        .order_count = mir->topk.order_count,
    };
    if (!limit_value(mir->topk.limit, false, emit->scratch, &topk.limit, err) ||
        !limit_value(mir->topk.offset, true, emit->scratch, &topk.offset, err))
        return false;
    *out = emit_node(emit, (PlanNode){.kind = PLAN_TOPK, .topk = topk}, &input, 1, mir->types, mir->column_count);
    return true;
}

static bool
no_mz_now(Scalar *const *scalars, int count, Error *err)
{
    for (int i = 0; i < count; i++) {
        if (scalar_has_mz_now(scalars[i]))
            return error_set(err, SQLSTATE_FEATURE_NOT_SUPPORTED, "cannot materialize call to mz_now()");
    }
    return true;
}

/* What a record is made of is found by the columns' names. */
static const char *const *
own_names(Emit *emit, const char *const *names, int count)
{
    if (names == NULL)
        return NULL;
    const char **own = arena_new_array(emit->arena, const char *, count);
    for (int i = 0; i < count; i++)
        own[i] = names[i] == NULL ? NULL : arena_strdup(emit->arena, names[i]);
    return own;
}

static TableFunctionCall
own_call(Emit *emit, const TableFunctionCall *call)
{
    TableFunctionCall own = *call;
    own.arg_types = emit_types(emit, call->arg_types, call->arg_count);
    own.column_types = emit_types(emit, call->column_types, call->column_count);
    own.column_names = own_names(emit, call->column_names, call->column_count);
    TableFunctionCall *parts = arena_new_array(emit->arena, TableFunctionCall, call->part_count);
    for (int i = 0; i < call->part_count; i++)
        parts[i] = own_call(emit, &call->parts[i]);
    own.parts = parts;
    return own;
}

static bool
emit_flat_map(Emit *emit, const Mir *mir, uint32_t input, uint32_t *out, Error *err)
{
    FlatMapPlan flat = mir->flat_map;
    if (!no_mz_now(flat.args, flat.arg_count, err))
        return false;
    flat.args = arena_new_array(emit->arena, Scalar *, flat.arg_count);
    for (int i = 0; i < flat.arg_count; i++)
        flat.args[i] = scalar_copy(emit->arena, mir->flat_map.args[i]);
    flat.function = own_call(emit, &flat.function);
    *out =
        emit_node(emit, (PlanNode){.kind = PLAN_FLAT_MAP, .flat_map = flat}, &input, 1, mir->types, mir->column_count);
    return true;
}

static bool
emit_union(Emit *emit, const Mir *mir, uint32_t *out, Error *err)
{
    uint32_t *inputs = arena_new_array(emit->scratch, uint32_t, mir->input_count);
    for (int i = 0; i < mir->input_count; i++) {
        if (!emit_mir(emit, mir->inputs[i], &inputs[i], err))
            return false;
    }
    *out = emit_node(emit, (PlanNode){.kind = PLAN_UNION}, inputs, mir->input_count, mir->types, mir->column_count);
    return true;
}

static bool
emit_single(Emit *emit, const Mir *mir, uint32_t *out, Error *err)
{
    uint32_t input;
    PlanNode node = {0};
    if (!emit_mir(emit, mir->inputs[0], &input, err))
        return false;
    switch (mir->kind) {
    case MIR_FLAT_MAP:
        return emit_flat_map(emit, mir, input, out, err);
    case MIR_TOPK:
        return emit_topk(emit, mir, input, out, err);
    case MIR_REDUCE:
        node = (PlanNode){.kind = PLAN_REDUCE, .reduce = own_reduce(emit, &mir->reduce)};
        break;
    case MIR_NEGATE:
        node.kind = PLAN_NEGATE;
        break;
    case MIR_THRESHOLD:
        node.kind = PLAN_THRESHOLD;
        node.threshold.distinct = mir->threshold.distinct;
        break;
    case MIR_GUARD:
        node.kind = PLAN_GUARD;
        node.guard.group = emit_columns(emit, mir->guard.group, mir->guard.group_count);
        node.guard.group_count = mir->guard.group_count;
        node.guard.sqlstate = arena_strdup(emit->arena, mir->guard.sqlstate);
        node.guard.message = arena_strdup(emit->arena, mir->guard.message);
        break;
    default:
        bug("unrecognized relation kind %d", mir->kind);
    }
    *out = emit_node(emit, node, &input, 1, mir->types, mir->column_count);
    return true;
}

/* A node that is no chain. */
static bool
emit_base(Emit *emit, const Mir *mir, uint32_t *out, Error *err)
{
    switch (mir->kind) {
    case MIR_CONSTANT:
        *out = emit_constant(emit, mir);
        return true;
    case MIR_LET:
        *out = emit->bindings[mir->binding];
        return true;
    case MIR_UNION:
        return emit_union(emit, mir, out, err);
    case MIR_FEEDBACK:
        *out = emit_feedback(emit, mir);
        return true;
    case MIR_RECURSE:
        return emit_recursion(emit, mir, out, err);
    default:
        return emit_single(emit, mir, out, err);
    }
}

static bool
emit_node_of(Emit *emit, const Mir *mir, uint32_t *out, Error *err)
{
    const Mir *base = linear_base(mir);
    if (base->kind == MIR_GET)
        return emit_read(emit, base, mir, out, err);
    if (base->kind == MIR_JOIN && base->input_count > 1)
        return emit_join(emit, base, mir, out, err);
    if (base->kind == MIR_WINDOW)
        return emit_window(emit, base, mir, out, err);
    uint32_t node;
    LinearForm form;
    if (!(base->kind == MIR_JOIN ? emit_mir(emit, base->inputs[0], &node, err) : emit_base(emit, base, &node, err)))
        return false;
    linear_form_init(&form, emit->scratch, base->column_count, NULL, base->column_count);
    linear_form_add(&form, mir);
    return emit_form(emit, node, base->types, &form, out, err);
}

bool
emit_mir(Emit *emit, const Mir *mir, uint32_t *out, Error *err)
{
    if (emit->depth >= DEPTH_MAX) {
        error_set(err, SQLSTATE_STATEMENT_TOO_COMPLEX, "stack depth limit exceeded");
        return error_hint(err, "The query has more than %d steps one in another.", DEPTH_MAX);
    }
    emit->depth++;
    bool worked = emit_node_of(emit, mir, out, err);
    emit->depth--;
    return worked;
}

bool
lower_mir(const MirPlan *mir, const LowerMirOptions *options, DataflowPlan **plan, uint32_t *root, Error *err)
{
    Arena *arena = arena_new(), *scratch = arena_new();
    Emit emit = {.mir = mir, .options = options, .arena = arena, .scratch = scratch};
    emit.bindings = arena_new_array(scratch, uint32_t, mir->count);
    DataflowPlan *made = arena_new_struct(arena, DataflowPlan);
    *made = (DataflowPlan){.arena = arena,
                           .name = arena_strdup(arena, options->name),
                           .until = TIMESTAMP_MAX,
                           .one_shot = options->one_shot};
    bool worked = true;
    for (int i = 0; i < mir->count && worked; i++)
        worked = emit_mir(&emit, mir->bindings[i], &emit.bindings[i], err);
    worked = worked && emit_mir(&emit, mir->root, root, err);
    finish_imports(&emit, made);
    made->node_count = (uint32_t) emit.nodes.count;
    made->nodes = arena_new_array(arena, PlanNode, emit.nodes.count);
    if (emit.nodes.count > 0)
        memcpy(made->nodes, emit.nodes.items, emit.nodes.count * sizeof *made->nodes);
    vector_deinit(&emit.nodes);
    vector_deinit(&emit.imports);
    vector_deinit(&emit.index_lists);
    arena_free(scratch);
    if (!worked) {
        dataflow_plan_free(made);
        return false;
    }
    *plan = made;
    return true;
}
