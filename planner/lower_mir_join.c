/*
 * lower_mir_join.c -- joins: the order chosen becomes stages, classes become keys of stages.
 *
 * An input that reads a relation with an index on just the columns of its stage's key is the index itself, and what the input
 * filtered or computed is done in the closure, after the join.
 */
#include "planner/lower_mir_internal.h"

typedef struct JoinInput {
    const Mir *mir;
    uint32_t node;
    int width;         /* of the node's rows */
    SqlType *types;    /* of them */
    LinearForm form;   /* lifted into the closure; over the node's rows */
    uint16_t *columns; /* where each column of the input is in the node's rows; UINT16_MAX: only the form computes it */
    int start;         /* of the node's rows in the joined row */
} JoinInput;

typedef struct JoinEmit {
    Emit *emit;
    const Mir *join;
    int *starts; /* of the inputs' columns in the MIR join */
    JoinInput *inputs;
    bool *placed;
} JoinEmit;

/* Columns of input `i` and of what is placed that a stage matches. */
typedef struct StageKey {
    uint16_t *own;    /* columns of the input, its own numbering */
    uint32_t *others; /* columns of the MIR join */
    int count;
} StageKey;

static StageKey
stage_key(JoinEmit *join, int i)
{
    const Mir *mir = join->join;
    StageKey key = {arena_new_array(join->emit->scratch, uint16_t, mir->join.class_count),
                    arena_new_array(join->emit->scratch, uint32_t, mir->join.class_count), 0};
    for (int k = 0; k < mir->join.class_count; k++) {
        const MirClass *class = &mir->join.classes[k];
        const Scalar *own = NULL, *other = NULL;
        for (int m = 0; m < class->count; m++) {
            const Scalar *member = class->members[m];
            if (member->kind != SCALAR_COLUMN)
                bug("a join key is not a column");
            int input = scalar_join_input(member, join->starts, mir->input_count);
            if (input == i)
                own = member;
            else if (join->placed[input] && other == NULL)
                other = member;
        }
        if (own == NULL || other == NULL)
            continue;
        key.own[key.count] = (uint16_t) (own->column - (uint32_t) join->starts[i]);
        key.others[key.count++] = other->column;
    }
    return key;
}

/* Where the columns of a chain over a relation are in the relation. False: one is computed. */
static bool
relation_columns(const LinearForm *form, const uint16_t *columns, int count, uint16_t *relation)
{
    for (int i = 0; i < count; i++) {
        relation[i] = form->project[columns[i]];
        if (relation[i] >= form->input_count)
            return false;
    }
    return true;
}

static const Item *
index_on(JoinEmit *join, const Mir *get, const uint16_t *columns, int count)
{
    IndexList list = emit_indexes(join->emit, get->item);
    for (int i = 0; i < list.count && count > 0; i++) {
        if (index_has_key(list.items[i], columns, count))
            return list.items[i];
    }
    return NULL;
}

static void
input_from_index(JoinEmit *join, JoinInput *input, const Mir *get, const LinearForm *form, const Item *index)
{
    Emit *emit = join->emit;
    IndexShape shape = index_shape(emit->scratch, index, get->item);
    input->node = emit_import(emit, get->item, index, NULL);
    input->width = shape.column_count;
    input->types = shape.types;
    uint32_t *same = arena_new_array(emit->scratch, uint32_t, form->input_count);
    for (int i = 0; i < form->input_count; i++)
        same[i] = (uint32_t) i;
    input->form = linear_form_moved(form, emit->scratch, same, input->width);
    input->columns = arena_new_array(emit->scratch, uint16_t, input->mir->column_count);
    for (int i = 0; i < input->mir->column_count; i++)
        input->columns[i] = input->form.project[i] < input->width ? input->form.project[i] : UINT16_MAX;
}

static bool
input_whole(JoinEmit *join, JoinInput *input, Error *err)
{
    const Mir *mir = input->mir;
    if (!emit_mir(join->emit, mir, &input->node, err))
        return false;
    input->width = mir->column_count;
    input->types = mir->types;
    input->columns = arena_new_array(join->emit->scratch, uint16_t, mir->column_count);
    for (int i = 0; i < mir->column_count; i++)
        input->columns[i] = (uint16_t) i;
    linear_form_init(&input->form, join->emit->scratch, input->width, NULL, input->width);
    return true;
}

/* A column of the input that some stage matches is computed by the chain: then it cannot be left to the closure. */
static bool
some_key_is_computed(JoinEmit *join, int i, const LinearForm *form)
{
    const Mir *mir = join->join;
    for (int k = 0; k < mir->join.class_count; k++) {
        for (int m = 0; m < mir->join.classes[k].count; m++) {
            int column = (int) mir->join.classes[k].members[m]->column;
            if (column >= join->starts[i] && column < join->starts[i + 1] &&
                form->project[column - join->starts[i]] >= form->input_count)
                return true;
        }
    }
    return false;
}

/* `key`: columns of this input that the stage wants; for the first input, those that the second stage finds it by. */
static bool
input_emit(JoinEmit *join, int i, const uint16_t *key, int key_count, bool is_first, Error *err)
{
    JoinInput *input = &join->inputs[i];
    input->mir = join->join->inputs[i];
    const Mir *base = linear_base(input->mir);
    if (base->kind == MIR_GET) {
        LinearForm form;
        uint16_t *relation = arena_new_array(join->emit->scratch, uint16_t, key_count);
        linear_form_init(&form, join->emit->scratch, base->column_count, NULL, base->column_count);
        linear_form_add(&form, input->mir);
        bool temporal = false;
        for (int f = 0; f < form.filter_count; f++)
            temporal |= scalar_has_mz_now(form.filters[f]);
        const Item *index = NULL;
        /* The first input drives the join: its filters must come before. */
        bool stays = temporal || (is_first && form.filter_count > 0) || some_key_is_computed(join, i, &form);
        if (!stays && relation_columns(&form, key, key_count, relation))
            index = index_on(join, base, relation, key_count);
        if (index != NULL) {
            input_from_index(join, input, base, &form, index);
            return true;
        }
    }
    return input_whole(join, input, err);
}

/* The column of the joined row that a column of the MIR join is at. */
static uint16_t
joined_column(const JoinEmit *join, uint32_t column)
{
    int i = 0;
    while (i + 1 < join->join->input_count && (int) column >= join->starts[i + 1])
        i++;
    const JoinInput *input = &join->inputs[i];
    uint16_t own = input->columns[column - (uint32_t) join->starts[i]];
    if (own == UINT16_MAX)
        bug("a join key is computed after the join");
    return (uint16_t) (input->start + own);
}

/* Keys of the first input that the second stage finds it by: an index on these serves it. */
static bool
emit_first(JoinEmit *join, int first, int second, Error *err)
{
    join->placed[first] = true;
    StageKey key = stage_key(join, second);
    uint16_t *columns = arena_new_array(join->emit->scratch, uint16_t, key.count);
    for (int i = 0; i < key.count; i++)
        columns[i] = (uint16_t) (key.others[i] - (uint32_t) join->starts[first]);
    return input_emit(join, first, columns, key.count, true, err);
}

/* What all inputs' forms do, over the joined row, and the columns of the MIR join in its order. */
static LinearForm
joined_form(JoinEmit *join, int total)
{
    Arena *scratch = join->emit->scratch;
    LinearForm all = {.arena = scratch, .input_count = total};
    all.project = arena_new_array(scratch, uint16_t, join->join->column_count);
    for (int i = 0; i < join->join->input_count; i++) {
        const JoinInput *input = &join->inputs[i];
        uint32_t *map = arena_new_array(scratch, uint32_t, input->width + input->form.map_count);
        for (int c = 0; c < input->width; c++)
            map[c] = (uint32_t) (input->start + c);
        /* Maps of this input come behind those of the inputs before it. */
        for (int m = 0; m < input->form.map_count; m++)
            map[input->width + m] = (uint32_t) (total + all.map_count + m);
        Scalar **maps = arena_new_array(scratch, Scalar *, all.map_count + input->form.map_count);
        Scalar **filters = arena_new_array(scratch, Scalar *, all.filter_count + input->form.filter_count);
        for (int m = 0; m < all.map_count; m++)
            maps[m] = all.maps[m];
        for (int f = 0; f < all.filter_count; f++)
            filters[f] = all.filters[f];
        for (int m = 0; m < input->form.map_count; m++) {
            maps[all.map_count + m] = scalar_copy(scratch, input->form.maps[m]);
            scalar_remap(maps[all.map_count + m], map);
        }
        for (int f = 0; f < input->form.filter_count; f++) {
            filters[all.filter_count + f] = scalar_copy(scratch, input->form.filters[f]);
            scalar_remap(filters[all.filter_count + f], map);
        }
        for (int c = 0; c < input->form.project_count; c++)
            all.project[all.project_count++] = (uint16_t) map[input->form.project[c]];
        all.maps = maps;
        all.filters = filters;
        all.map_count = all.map_capacity = all.map_count + input->form.map_count;
        all.filter_count = all.filter_capacity = all.filter_count + input->form.filter_count;
    }
    return all;
}

bool
emit_join_node(Emit *emit, JoinPlan join, const uint32_t *inputs, int input_count, const SqlType *types,
               LinearForm *form, uint32_t *out, Error *err)
{
    bool temporal = false;
    for (int i = 0; i < form->filter_count; i++)
        temporal |= scalar_has_mz_now(form->filters[i]);
    if (!temporal) {
        for (int i = 0; i < form->map_count; i++) {
            if (scalar_has_mz_now(form->maps[i]))
                return error_set(err, SQLSTATE_FEATURE_NOT_SUPPORTED, "cannot materialize call to mz_now()");
        }
        join.closure = emit_linear_plan(emit, form);
        SqlType *result = arena_new_array(emit->scratch, SqlType, form->project_count);
        for (int i = 0; i < form->project_count; i++) {
            uint16_t column = form->project[i];
            result[i] = column < form->input_count ? types[column] : form->maps[column - form->input_count]->type;
        }
        *out = emit_node(emit, (PlanNode){.kind = PLAN_JOIN, .join = join}, inputs, input_count, result,
                         form->project_count);
        return true;
    }
    /* The closure has no time: the join gives all its columns, and the form goes over them. */
    LinearForm identity;
    linear_form_init(&identity, emit->scratch, form->input_count, NULL, form->input_count);
    join.closure = emit_linear_plan(emit, &identity);
    uint32_t node =
        emit_node(emit, (PlanNode){.kind = PLAN_JOIN, .join = join}, inputs, input_count, types, form->input_count);
    return emit_form(emit, node, types, form, out, err);
}

static int64_t
whole_rows(double rows)
{
    return rows < 1e18 ? (int64_t) rows : INT64_C(1000000000000000000);
}

bool
emit_join(Emit *emit, const Mir *mir, const Mir *chain, uint32_t *out, Error *err)
{
    int count = mir->input_count;
    JoinEmit join = {.emit = emit, .join = mir, .starts = mir_join_starts(emit->scratch, mir)};
    join.inputs = arena_new_array(emit->scratch, JoinInput, count);
    join.placed = arena_new_array(emit->scratch, bool, count);
    uint16_t *order = mir->join.order;
    if (order == NULL) {
        order = arena_new_array(emit->scratch, uint16_t, count);
        for (int i = 0; i < count; i++)
            order[i] = (uint16_t) i;
    }
    JoinPlan plan = {
        .first = order[0], .stage_count = count - 1, .stages = arena_new_array(emit->arena, JoinStage, count - 1)};
    if (!emit_first(&join, order[0], order[1], err))
        return false;
    int total = join.inputs[order[0]].width;
    for (int s = 0; s < plan.stage_count; s++) {
        int i = order[s + 1];
        StageKey key = stage_key(&join, i);
        if (!input_emit(&join, i, key.own, key.count, false, err))
            return false;
        JoinInput *input = &join.inputs[i];
        JoinStage *stage = &plan.stages[s];
        *stage = (JoinStage){.input = (uint16_t) i, .key_count = key.count, .left_rows = -1, .right_rows = -1};
        if (mir->join.sizes != NULL) {
            stage->left_rows = whole_rows(mir->join.sizes->joined[s + 1]);
            stage->right_rows = whole_rows(mir->join.sizes->inputs[i]);
        }
        stage->left_key = arena_new_array(emit->arena, uint16_t, key.count);
        stage->right_key = arena_new_array(emit->arena, uint16_t, key.count);
        for (int k = 0; k < key.count; k++) {
            stage->left_key[k] = joined_column(&join, key.others[k]);
            stage->right_key[k] = input->columns[key.own[k]];
        }
        input->start = total;
        total += input->width;
        join.placed[i] = true;
    }
    SqlType *types = arena_new_array(emit->scratch, SqlType, total);
    uint32_t *nodes = arena_new_array(emit->scratch, uint32_t, count);
    for (int i = 0; i < count; i++) {
        nodes[i] = join.inputs[i].node;
        for (int c = 0; c < join.inputs[i].width; c++)
            types[join.inputs[i].start + c] = join.inputs[i].types[c];
    }
    LinearForm form = joined_form(&join, total);
    linear_form_add(&form, chain);
    return emit_join_node(emit, plan, nodes, count, types, &form, out, err);
}
