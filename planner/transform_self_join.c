/*
 * transform_self_join.c -- a relation joined with itself on a unique key is read once: every row's partner is the row itself.
 *
 * The input that goes is a table or a binding, or some of its columns; the one that stays may be filtered too.
 */
#include "planner/transform.h"

typedef struct SelfJoin {
    MirPlan *plan;
    const Mir *join;
    int *starts;
} SelfJoin;

/* The table or binding under projections, and filters where these are allowed; NULL: it is something else. `columns[c]` is column c in the table. */
static const Mir *
table_of(Arena *arena, const Mir *mir, bool filters, uint16_t **columns)
{
    uint16_t *at = arena_new_array(arena, uint16_t, mir->column_count);
    for (int i = 0; i < mir->column_count; i++)
        at[i] = (uint16_t) i;
    int count = mir->column_count;
    for (; mir->kind == MIR_PROJECT || (filters && mir->kind == MIR_FILTER); mir = mir->inputs[0]) {
        for (int i = 0; i < count && mir->kind == MIR_PROJECT; i++)
            at[i] = mir->project[at[i]];
    }
    *columns = at;
    return mir->kind == MIR_GET || mir->kind == MIR_LET ? mir : NULL;
}

/* Columns of the table that both inputs have and that the join makes equal, of which no null gets lost. */
static int
shared_columns(const SelfJoin *self, int gone, int stays, const uint16_t *gone_columns, const uint16_t *stays_columns,
               uint16_t *shared)
{
    const Mir *join = self->join;
    int count = 0;
    for (int k = 0; k < join->join.class_count; k++) {
        const MirClass *class = &join->join.classes[k];
        int a = -1, b = -1;
        for (int m = 0; m < class->count; m++) {
            if (class->members[m]->kind != SCALAR_COLUMN)
                continue;
            int column = (int) class->members[m]->column;
            if (column >= self->starts[gone] && column < self->starts[gone + 1])
                a = gone_columns[column - self->starts[gone]];
            if (column >= self->starts[stays] && column < self->starts[stays + 1])
                b = stays_columns[column - self->starts[stays]];
        }
        if (a >= 0 && a == b)
            shared[count++] = (uint16_t) a;
    }
    return count;
}

static bool
can_go(const SelfJoin *self, int gone, int stays, const uint16_t **gone_columns)
{
    Arena *arena = self->plan->arena;
    uint16_t *of_gone, *of_stays;
    const Mir *table = table_of(arena, self->join->inputs[gone], false, &of_gone),
              *other = table_of(arena, self->join->inputs[stays], true, &of_stays);
    if (table == NULL || other == NULL || !mir_equal(table, other))
        return false;
    uint16_t *shared = arena_new_array(arena, uint16_t, self->join->join.class_count);
    int count = shared_columns(self, gone, stays, of_gone, of_stays, shared);
    *gone_columns = of_gone;
    return count > 0 && mir_columns_unique(self->plan, table, arena, shared, count) &&
           mir_non_negative(self->plan, table);
}

/* The input with these columns of its table behind its own. */
static Mir *
with_columns(Arena *arena, Mir *mir, const uint16_t *columns, int count)
{
    if (mir->kind == MIR_GET || mir->kind == MIR_LET) {
        uint16_t *project = arena_new_array(arena, uint16_t, mir->column_count + count);
        for (int i = 0; i < mir->column_count; i++)
            project[i] = (uint16_t) i;
        for (int i = 0; i < count; i++)
            project[mir->column_count + i] = columns[i];
        return mir_project(arena, mir, project, mir->column_count + count);
    }
    Mir *below = with_columns(arena, mir->inputs[0], columns, count);
    int width = mir->inputs[0]->column_count;
    if (mir->kind == MIR_FILTER)
        return mir_filter(arena, below, mir->list.exprs, mir->list.count);
    uint16_t *project = arena_new_array(arena, uint16_t, mir->column_count + count);
    for (int i = 0; i < mir->column_count; i++)
        project[i] = mir->project[i];
    for (int i = 0; i < count; i++)
        project[mir->column_count + i] = (uint16_t) (width + i);
    return mir_project(arena, below, project, mir->column_count + count);
}

/* Members in their new places, each once; a class of one that can be null leaves a filter behind. */
static MirClass
moved_class(const SelfJoin *self, const MirClass *class, const uint32_t *map)
{
    Arena *arena = self->plan->arena;
    MirClass moved = {arena_new_array(arena, Scalar *, class->count), 0, class->null_safe};
    for (int m = 0; m < class->count; m++) {
        Scalar *member = scalar_copy(arena, class->members[m]);
        scalar_remap(member, map);
        bool known = false;
        for (int i = 0; i < moved.count && !known; i++)
            known = scalar_equal(moved.members[i], member);
        if (!known)
            moved.members[moved.count++] = member;
    }
    return moved;
}

/* `gone` is left out, what was read of it is read of `stays`. */
static Mir *
join_without(const SelfJoin *self, int gone, int stays, const uint16_t *gone_columns)
{
    Arena *arena = self->plan->arena;
    const Mir *join = self->join;
    int width = join->inputs[gone]->column_count, kept = 0, at = 0, class_count = 0, filter_count = 0;
    Mir **inputs = arena_new_array(arena, Mir *, join->input_count);
    uint32_t *map = arena_new_array(arena, uint32_t, join->column_count);
    uint16_t *project = arena_new_array(arena, uint16_t, join->column_count);
    for (int i = 0; i < join->input_count; i++) {
        Mir *input = join->inputs[i];
        if (i == gone)
            continue;
        for (int c = 0; c < input->column_count; c++)
            map[self->starts[i] + c] = (uint32_t) (at + c);
        if (i == stays) {
            for (int c = 0; c < width; c++)
                map[self->starts[gone] + c] = (uint32_t) (at + input->column_count + c);
            input = with_columns(arena, input, gone_columns, width);
        }
        at += input->column_count;
        inputs[kept++] = input;
    }
    MirClass *classes = arena_new_array(arena, MirClass, join->join.class_count);
    Scalar **filters = arena_new_array(arena, Scalar *, join->column_count + 2 * join->join.class_count);
    for (int k = 0; k < join->join.class_count; k++)
        classes[class_count++] = moved_class(self, &join->join.classes[k], map);
    Mir *joined = NULL;
    /* The key's columns come twice, once of each input: they are equal by themselves, which pushdown and fold see. */
    int plain = 0;
    for (int k = 0; k < class_count; k++) {
        MirClass *class = &classes[k];
        for (int m = 1; m < class->count && !class->null_safe; m++)
            filters[filter_count++] = scalar_equals(arena, class->members[0], class->members[m]);
        if (class->null_safe)
            classes[plain++] = *class;
    }
    joined = mir_filter(arena, mir_join(arena, inputs, kept, classes, plain), filters, filter_count);
    for (int c = 0; c < join->column_count; c++)
        project[c] = (uint16_t) map[c];
    return mir_project(arena, joined, project, join->column_count);
}

static bool
has_null_safe(const Mir *join)
{
    for (int k = 0; k < join->join.class_count; k++) {
        if (join->join.classes[k].null_safe)
            return true;
    }
    return false;
}

static Mir *
simplify(void *context, Mir *mir)
{
    MirPlan *plan = context;
    if (mir->kind != MIR_JOIN || has_null_safe(mir))
        return mir;
    SelfJoin self = {plan, mir, mir_join_starts(plan->arena, mir)};
    for (int i = 0; i < mir->input_count; i++) {
        const uint16_t *columns;
        for (int j = 0; j < mir->input_count; j++) {
            if (i != j && can_go(&self, i, j, &columns))
                return join_without(&self, i, j, columns);
        }
    }
    return mir;
}

void
transform_self_join(MirPlan *plan, const OptimizeContext *context)
{
    (void) context;
    mir_plan_rewrite(plan, simplify, plan);
}
