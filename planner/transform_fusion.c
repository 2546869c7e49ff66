/*
 * transform_fusion.c -- neighbours of one kind become one node.
 *
 * Joins of joins become one join: what stands between them (filters, maps, projections) is lifted above the outer one.
 */
#include "planner/transform.h"

#include "expr/scalar_table.h"

typedef struct Fusion {
    MirPlan *plan;
    Arena *arena;
} Fusion;

static Scalar **
lists_joined(Arena *arena, Scalar *const *a, int a_count, Scalar *const *b, int b_count)
{
    Scalar **list = arena_new_array(arena, Scalar *, a_count + b_count);
    for (int i = 0; i < a_count; i++)
        list[i] = a[i];
    for (int i = 0; i < b_count; i++)
        list[a_count + i] = b[i];
    return list;
}

static Scalar *
remapped(Arena *arena, const Scalar *scalar, const uint32_t *map)
{
    Scalar *copy = scalar_copy(arena, scalar);
    scalar_remap(copy, map);
    return copy;
}

/* ---- filter, map ---- */

static Mir *
fuse_filter(Fusion *fusion, Mir *mir)
{
    Mir *input = mir->inputs[0];
    if (input->kind != MIR_FILTER)
        return mir;
    Scalar **list = lists_joined(fusion->arena, input->list.exprs, input->list.count, mir->list.exprs, mir->list.count);
    return mir_filter(fusion->arena, input->inputs[0], list, input->list.count + mir->list.count);
}

/* Map(Project(x)) is Project(Map(x)): projections gather at the top of a chain. */
static Mir *
map_over_project(Fusion *fusion, Mir *mir)
{
    const Mir *project = mir->inputs[0];
    Mir *below = project->inputs[0];
    int count = mir->list.count;
    uint32_t *map = arena_new_array(fusion->arena, uint32_t, mir->column_count);
    uint16_t *columns = arena_new_array(fusion->arena, uint16_t, mir->column_count);
    for (int i = 0; i < mir->column_count; i++) {
        map[i] = i < project->column_count ? project->project[i]
                                           : (uint32_t) (below->column_count + i - project->column_count);
        columns[i] = (uint16_t) map[i];
    }
    Scalar **exprs = arena_new_array(fusion->arena, Scalar *, count);
    for (int i = 0; i < count; i++)
        exprs[i] = remapped(fusion->arena, mir->list.exprs[i], map);
    Mir *mapped = mir_map(fusion->arena, below, exprs, count);
    if (below->kind == MIR_MAP)
        mapped = mir_map(fusion->arena, below->inputs[0],
                         lists_joined(fusion->arena, below->list.exprs, below->list.count, exprs, count),
                         below->list.count + count);
    return mir_project(fusion->arena, mapped, columns, mir->column_count);
}

/* A map of a plain column is a projection. */
static Mir *
map_without_columns(Fusion *fusion, Mir *mir)
{
    int width = mir->inputs[0]->column_count, kept = 0;
    uint32_t *map = arena_new_array(fusion->arena, uint32_t, mir->column_count);
    uint16_t *columns = arena_new_array(fusion->arena, uint16_t, mir->column_count);
    Scalar **exprs = arena_new_array(fusion->arena, Scalar *, mir->list.count);
    for (int i = 0; i < width; i++)
        map[i] = (uint32_t) i;
    for (int i = 0; i < mir->list.count; i++) {
        Scalar *expr = mir->list.exprs[i];
        if (expr->kind == SCALAR_COLUMN) {
            map[width + i] = map[expr->column];
            continue;
        }
        map[width + i] = (uint32_t) (width + kept);
        exprs[kept++] = remapped(fusion->arena, expr, map);
    }
    for (int i = 0; i < mir->column_count; i++)
        columns[i] = (uint16_t) map[i];
    return mir_project(fusion->arena, mir_map(fusion->arena, mir->inputs[0], exprs, kept), columns, mir->column_count);
}

static bool
maps_a_column(const Mir *mir)
{
    for (int i = 0; i < mir->list.count; i++) {
        if (mir->list.exprs[i]->kind == SCALAR_COLUMN)
            return true;
    }
    return false;
}

static Mir *
fuse_map(Fusion *fusion, Mir *mir)
{
    Mir *input = mir->inputs[0];
    if (maps_a_column(mir))
        return map_without_columns(fusion, mir);
    if (input->kind == MIR_PROJECT)
        return map_over_project(fusion, mir);
    if (input->kind != MIR_MAP)
        return mir;
    Scalar **list = lists_joined(fusion->arena, input->list.exprs, input->list.count, mir->list.exprs, mir->list.count);
    return mir_map(fusion->arena, input->inputs[0], list, input->list.count + mir->list.count);
}

/* ---- joins ---- */

/* The join under a chain of filters, maps and projections; NULL: there is none. */
static const Mir *
join_below(const Mir *mir)
{
    while (mir->kind == MIR_FILTER || mir->kind == MIR_MAP || mir->kind == MIR_PROJECT)
        mir = mir->inputs[0];
    return mir->kind == MIR_JOIN ? mir : NULL;
}

static MirClass
class_remapped(Arena *arena, const MirClass *class, const uint32_t *map)
{
    MirClass copy = *class;
    copy.members = arena_new_array(arena, Scalar *, class->count);
    for (int i = 0; i < class->count; i++)
        copy.members[i] = remapped(arena, class->members[i], map);
    return copy;
}

/* Rebuilds the chain between the old input and the join in it, over `base`, in which the inner join's columns start at `start`. */
static Mir *
chain_lift(Fusion *fusion, const Mir *chain, Mir *base, int start, uint32_t *columns)
{
    if (chain->kind == MIR_JOIN) {
        for (int i = 0; i < chain->column_count; i++)
            columns[i] = (uint32_t) (start + i);
        return base;
    }
    uint32_t *inner = arena_new_array(fusion->arena, uint32_t, chain->inputs[0]->column_count + chain->column_count);
    Mir *below = chain_lift(fusion, chain->inputs[0], base, start, inner);
    int count = chain->list.count;
    if (chain->kind == MIR_PROJECT) {
        for (int i = 0; i < chain->column_count; i++)
            columns[i] = inner[chain->project[i]];
        return below;
    }
    Scalar **exprs = arena_new_array(fusion->arena, Scalar *, count);
    if (chain->kind == MIR_FILTER) {
        for (int i = 0; i < count; i++)
            exprs[i] = remapped(fusion->arena, chain->list.exprs[i], inner);
        memcpy(columns, inner, (size_t) chain->column_count * sizeof *columns);
        return mir_filter(fusion->arena, below, exprs, count);
    }
    int width = chain->inputs[0]->column_count;
    for (int i = 0; i < count; i++)
        inner[width + i] = (uint32_t) (below->column_count + i);
    for (int i = 0; i < count; i++)
        exprs[i] = remapped(fusion->arena, chain->list.exprs[i], inner);
    memcpy(columns, inner, (size_t) chain->column_count * sizeof *columns);
    return mir_map(fusion->arena, below, exprs, count);
}

/* A join on its way to having the inputs of the join under one of its own. */
typedef struct Flatten {
    const Mir *mir, *inner;
    int at;      /* the input that goes */
    int *starts; /* of mir's inputs */
    Mir **inputs;
    int input_count;
    int *new_starts;
    int width;        /* columns of the new join */
    uint32_t *map;    /* of mir's columns over the new join and the chain lifted above it */
    uint32_t *lifted; /* of the columns of the input that goes */
    MirClass *classes;
    int class_count;
    Scalar **above; /* equalities that read what was lifted */
    int above_count;
} Flatten;

static void
flatten_inputs(Fusion *fusion, Flatten *flat)
{
    const Mir *mir = flat->mir, *inner = flat->inner;
    flat->starts = mir_join_starts(fusion->arena, mir);
    flat->inputs = arena_new_array(fusion->arena, Mir *, mir->input_count + inner->input_count - 1);
    for (int i = 0; i < mir->input_count; i++) {
        if (i != flat->at) {
            flat->inputs[flat->input_count++] = mir->inputs[i];
            continue;
        }
        for (int j = 0; j < inner->input_count; j++)
            flat->inputs[flat->input_count++] = inner->inputs[j];
    }
    flat->new_starts = arena_new_array(fusion->arena, int, flat->input_count + 1);
    for (int i = 0; i < flat->input_count; i++)
        flat->new_starts[i + 1] = flat->new_starts[i] + flat->inputs[i]->column_count;
    flat->width = flat->new_starts[flat->input_count];
}

/* Where the lifted columns are is known only with the chain in place, which the join's width decides. */
static void
flatten_columns(Fusion *fusion, Flatten *flat)
{
    const Mir *mir = flat->mir;
    int from = flat->starts[flat->at], to = flat->starts[flat->at + 1];
    Mir *placeholder = arena_new_struct(fusion->arena, Mir);
    placeholder->kind = MIR_CONSTANT;
    placeholder->column_count = flat->width;
    placeholder->types = arena_new_array(fusion->arena, SqlType, flat->width);
    placeholder->nullable = arena_new_array(fusion->arena, bool, flat->width);
    flat->lifted = arena_new_array(fusion->arena, uint32_t, to - from);
    chain_lift(fusion, mir->inputs[flat->at], placeholder, from, flat->lifted);
    flat->map = arena_new_array(fusion->arena, uint32_t, mir->column_count);
    int grown = flat->inner->column_count - (to - from);
    for (int c = 0; c < mir->column_count; c++)
        flat->map[c] = c < from ? (uint32_t) c : c < to ? flat->lifted[c - from] : (uint32_t) (c + grown);
}

/* Classes that do not read what was lifted stay classes; the others become predicates. False: that cannot be done. */
static bool
flatten_class(Fusion *fusion, Flatten *flat, const MirClass *class)
{
    MirClass moved = class_remapped(fusion->arena, class, flat->map);
    bool in_join = true;
    for (int m = 0; m < moved.count; m++) {
        in_join &= scalar_max_column(moved.members[m]) <= (uint32_t) flat->width;
        /* A key computed from several inputs is there once these are joined: they have to be joined first. */
        if (in_join && scalar_join_input(moved.members[m], flat->new_starts, flat->input_count) == -2)
            return false;
    }
    if (in_join) {
        flat->classes[flat->class_count++] = moved;
        return true;
    }
    if (class->null_safe)
        return false;
    for (int m = 1; m < moved.count; m++)
        flat->above[flat->above_count++] = scalar_equals(fusion->arena, moved.members[0], moved.members[m]);
    return true;
}

static bool
flatten_classes(Fusion *fusion, Flatten *flat)
{
    const Mir *mir = flat->mir, *inner = flat->inner;
    int members = 0;
    uint32_t *inner_map = arena_new_array(fusion->arena, uint32_t, inner->column_count);
    for (int c = 0; c < inner->column_count; c++)
        inner_map[c] = (uint32_t) (flat->starts[flat->at] + c);
    flat->classes = arena_new_array(fusion->arena, MirClass, mir->join.class_count + inner->join.class_count);
    for (int i = 0; i < inner->join.class_count; i++)
        flat->classes[flat->class_count++] = class_remapped(fusion->arena, &inner->join.classes[i], inner_map);
    for (int i = 0; i < mir->join.class_count; i++)
        members += mir->join.classes[i].count;
    flat->above = arena_new_array(fusion->arena, Scalar *, members);
    for (int i = 0; i < mir->join.class_count; i++) {
        if (!flatten_class(fusion, flat, &mir->join.classes[i]))
            return false;
    }
    return true;
}

/* NULL: the join has to stay as it is. */
static Mir *
flatten_input(Fusion *fusion, const Mir *mir, int at, const Mir *inner)
{
    Flatten flat = {.mir = mir, .inner = inner, .at = at};
    flatten_inputs(fusion, &flat);
    flatten_columns(fusion, &flat);
    if (!flatten_classes(fusion, &flat))
        return NULL;
    Mir *joined = mir_join(fusion->arena, flat.inputs, flat.input_count, flat.classes, flat.class_count);
    Mir *lifting = chain_lift(fusion, mir->inputs[at], joined, flat.starts[at], flat.lifted);
    lifting = mir_filter(fusion->arena, lifting, flat.above, flat.above_count);
    uint16_t *project = arena_new_array(fusion->arena, uint16_t, mir->column_count);
    for (int c = 0; c < mir->column_count; c++)
        project[c] = (uint16_t) flat.map[c];
    return mir_project(fusion->arena, lifting, project, mir->column_count);
}

static int
class_of(int *into, int class)
{
    while (into[class] != class)
        class = into[class] = into[into[class]];
    return class;
}

/* Two classes that share a member are one. */
static Mir *
merge_classes(Fusion *fusion, Mir *mir)
{
    int count = mir->join.class_count, merged = 0, kept = 0;
    int *into = arena_new_array(fusion->arena, int, count), *members = arena_new_array(fusion->arena, int, count);
    ScalarTable known[2] = {{.arena = fusion->arena}, {.arena = fusion->arena}}; /* of plain and of null-safe ones */
    for (int i = 0; i < count; i++) {
        const MirClass *class = &mir->join.classes[i];
        into[i] = i;
        for (int m = 0; m < class->count; m++) {
            int other = scalar_table_put(&known[class->null_safe], class->members[m], i);
            int a = other < 0 ? i : class_of(into, other), b = class_of(into, i);
            merged += a != b;
            into[a > b ? a : b] = a > b ? b : a;
        }
    }
    if (merged == 0)
        return mir;
    MirClass *classes = arena_new_array(fusion->arena, MirClass, count);
    for (int i = 0; i < count; i++)
        members[class_of(into, i)] += mir->join.classes[i].count;
    for (int i = 0; i < count; i++) {
        if (into[i] == i)
            classes[i].members = arena_new_array(fusion->arena, Scalar *, members[i]);
    }
    ScalarTable taken[2] = {{.arena = fusion->arena}, {.arena = fusion->arena}};
    for (int i = 0; i < count; i++) {
        const MirClass *class = &mir->join.classes[i];
        MirClass *to = &classes[class_of(into, i)];
        to->null_safe = class->null_safe;
        for (int m = 0; m < class->count; m++) {
            if (scalar_table_put(&taken[class->null_safe], class->members[m], 1) < 0)
                to->members[to->count++] = class->members[m];
        }
    }
    for (int i = 0; i < count; i++) {
        if (into[i] == i)
            classes[kept++] = classes[i];
    }
    return mir_join(fusion->arena, mir->inputs, mir->input_count, classes, kept);
}

static Mir *
fuse_join(Fusion *fusion, Mir *mir)
{
    for (int i = 0; i < mir->input_count; i++) {
        const Mir *inner = join_below(mir->inputs[i]);
        if (inner == NULL)
            continue;
        Mir *flat = flatten_input(fusion, mir, i, inner);
        if (flat == NULL)
            continue;
        /* There may be more: look at the join again, under what was lifted. */
        Mir *chain = flat;
        if (chain->kind == MIR_JOIN)
            return fuse_join(fusion, chain);
        Mir **slot = NULL;
        while (chain->kind != MIR_JOIN) {
            slot = &chain->inputs[0];
            chain = chain->inputs[0];
        }
        Mir *fused = fuse_join(fusion, chain);
        *slot = fused;
        return flat;
    }
    return merge_classes(fusion, mir);
}

static Mir *
fuse_node(void *context, Mir *mir)
{
    Fusion *fusion = context;
    switch (mir->kind) {
    case MIR_FILTER:
        return fuse_filter(fusion, mir);
    case MIR_MAP:
        return fuse_map(fusion, mir);
    case MIR_JOIN:
        return fuse_join(fusion, mir);
    default:
        return mir;
    }
}

void
transform_fusion(MirPlan *plan, const OptimizeContext *context)
{
    (void) context;
    Fusion fusion = {plan, plan->arena};
    mir_plan_rewrite(plan, fuse_node, &fusion);
}
