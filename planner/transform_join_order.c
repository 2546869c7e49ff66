/*
 * transform_join_order.c -- join keys become columns, and every join gets an order of its inputs.
 *
 * Greedy: begin with the input that is surely smallest, then take what is connected to what is there, best first. Without statistics the
 * marks of a good next input are: its unique key is fully matched (it adds no rows), an index has its key, it is filtered, it is connected at all.
 */
#include "planner/transform.h"

typedef struct JoinOrder {
    MirPlan *plan;
    const OptimizeContext *context;
    Arena *arena;
} JoinOrder;

/* ---- computed keys ---- */

static bool
is_computed(const Scalar *member)
{
    return member->kind != SCALAR_COLUMN;
}

/* The engine's joins never match null. Where null must match null, rows of one field are compared: these are never null. */
static Mir *
nulls_to_rows(JoinOrder *order, Mir *mir)
{
    MirClass *classes = arena_new_array(order->arena, MirClass, mir->join.class_count);
    bool changed = false;
    for (int i = 0; i < mir->join.class_count; i++) {
        classes[i] = mir->join.classes[i];
        bool nullable = classes[i].null_safe;
        for (int m = 0; m < classes[i].count; m++) {
            const Scalar *member = classes[i].members[m];
            nullable &= member->kind == SCALAR_COLUMN ? mir->nullable[member->column] : member->nullable;
        }
        classes[i].null_safe = false;
        changed |= mir->join.classes[i].null_safe;
        if (!nullable)
            continue;
        RecordType *record = arena_alloc(order->arena, sizeof *record + sizeof record->fields[0]);
        record->count = 1;
        record->fields[0] = (RecordField){"f1", classes[i].members[0]->type};
        SqlType type = {.id = TYPE_RECORD, .typmod = -1, .detail = record};
        Scalar **members = arena_new_array(order->arena, Scalar *, classes[i].count);
        for (int m = 0; m < classes[i].count; m++) {
            Scalar **field = arena_new_array(order->arena, Scalar *, 1);
            field[0] = classes[i].members[m];
            members[m] = scalar_make(order->arena, SCALAR_ROW, type, field, 1);
            members[m]->nullable = false;
        }
        classes[i].members = members;
    }
    return changed ? mir_join(order->arena, mir->inputs, mir->input_count, classes, mir->join.class_count) : mir;
}

/* Members that are no columns are mapped below, on the input that they read. The new columns are projected away above. */
static Mir *
keys_to_columns(JoinOrder *order, Mir *mir)
{
    int computed = 0;
    for (int i = 0; i < mir->join.class_count; i++) {
        for (int m = 0; m < mir->join.classes[i].count; m++)
            computed += is_computed(mir->join.classes[i].members[m]);
    }
    if (computed == 0)
        return mir;
    int *starts = mir_join_starts(order->arena, mir);
    Mir **inputs = arena_new_array(order->arena, Mir *, mir->input_count);
    int *added = arena_new_array(order->arena, int, mir->input_count);
    /* First what each input gains, then where all columns are. */
    for (int i = 0; i < mir->input_count; i++) {
        Scalar **exprs = arena_new_array(order->arena, Scalar *, computed);
        uint32_t *local = arena_new_array(order->arena, uint32_t, mir->column_count);
        memset(local, 0xff, (size_t) mir->column_count * sizeof *local);
        for (int c = starts[i]; c < starts[i + 1]; c++)
            local[c] = (uint32_t) (c - starts[i]);
        for (int k = 0; k < mir->join.class_count; k++) {
            for (int m = 0; m < mir->join.classes[k].count; m++) {
                Scalar *member = mir->join.classes[k].members[m];
                if (!is_computed(member) || scalar_join_input(member, starts, mir->input_count) != i)
                    continue;
                exprs[added[i]] = scalar_copy(order->arena, member);
                scalar_remap(exprs[added[i]++], local);
            }
        }
        inputs[i] = mir_map(order->arena, mir->inputs[i], exprs, added[i]);
    }
    int *new_starts = arena_new_array(order->arena, int, mir->input_count + 1);
    for (int i = 0; i < mir->input_count; i++)
        new_starts[i + 1] = new_starts[i] + inputs[i]->column_count;
    uint32_t *map = arena_new_array(order->arena, uint32_t, mir->column_count);
    uint16_t *project = arena_new_array(order->arena, uint16_t, mir->column_count);
    for (int i = 0; i < mir->input_count; i++) {
        for (int c = starts[i]; c < starts[i + 1]; c++)
            project[c] = (uint16_t) (map[c] = (uint32_t) (new_starts[i] + c - starts[i]));
    }
    int *next = arena_new_array(order->arena, int, mir->input_count);
    MirClass *classes = arena_new_array(order->arena, MirClass, mir->join.class_count);
    for (int k = 0; k < mir->join.class_count; k++) {
        classes[k] = mir->join.classes[k];
        classes[k].members = arena_new_array(order->arena, Scalar *, classes[k].count);
        for (int m = 0; m < classes[k].count; m++) {
            Scalar *member = mir->join.classes[k].members[m];
            int i = scalar_join_input(member, starts, mir->input_count);
            uint32_t column = is_computed(member)
                                  ? (uint32_t) (new_starts[i] + mir->inputs[i]->column_count + next[i]++)
                                  : map[member->column];
            classes[k].members[m] = scalar_column(order->arena, column, member->type, member->nullable);
        }
    }
    Mir *joined = mir_join(order->arena, inputs, mir->input_count, classes, mir->join.class_count);
    return mir_project(order->arena, joined, project, mir->column_count);
}

/* ---- the order ---- */

typedef struct InputFacts {
    bool constant, filtered, literal_key, is_get;
    const Item *item; /* under filters and projections */
} InputFacts;

static void
input_facts(const Mir *mir, InputFacts *facts)
{
    *facts = (InputFacts){0};
    while (mir->kind == MIR_FILTER || mir->kind == MIR_PROJECT || mir->kind == MIR_MAP) {
        facts->filtered |= mir->kind == MIR_FILTER;
        for (int i = 0; i < mir->list.count && mir->kind == MIR_FILTER; i++) {
            const Scalar *predicate = mir->list.exprs[i];
            facts->literal_key |= predicate->kind == SCALAR_IN_LIST ||
                                  (scalar_is_plain_equality(predicate) && (scalar_max_column(predicate->args[0]) == 0 ||
                                                                           scalar_max_column(predicate->args[1]) == 0));
        }
        mir = mir->inputs[0];
    }
    facts->constant = mir->kind == MIR_CONSTANT;
    facts->is_get = mir->kind == MIR_GET;
    facts->item = facts->is_get ? mir->item : NULL;
}

/* Columns of input `i`, its own numbering, that are equal to something in the inputs placed. */
static int
matched_columns(const Mir *mir, const int *starts, int i, const bool *placed, uint16_t *columns)
{
    int count = 0;
    for (int k = 0; k < mir->join.class_count; k++) {
        const MirClass *class = &mir->join.classes[k];
        bool from_placed = false;
        const Scalar *own = NULL;
        for (int m = 0; m < class->count; m++) {
            int input = scalar_join_input(class->members[m], starts, mir->input_count);
            if (input == i)
                own = class->members[m];
            else if (input >= 0 && placed[input])
                from_placed = true;
        }
        if (from_placed && own != NULL)
            columns[count++] = (uint16_t) (own->column - (uint32_t) starts[i]);
    }
    return count;
}

typedef struct IndexSeek {
    const OptimizeContext *context;
    const uint16_t *columns;
    int count;
    bool found;
} IndexSeek;

static void
index_seek(void *context, Item *item)
{
    IndexSeek *seek = context;
    if (item->kind != ITEM_INDEX || item->cluster != seek->context->cluster || item->index_key_count != seek->count)
        return;
    for (int k = 0; k < item->index_key_count; k++) {
        bool covered = false;
        for (int i = 0; i < seek->count; i++)
            covered |= item->index_keys[k]->kind == SCALAR_COLUMN && item->index_keys[k]->column == seek->columns[i];
        if (!covered)
            return;
    }
    seek->found = true;
}

/* The columns as the table under filters and projections has them. False: one is computed. */
static bool
table_columns(const Mir *mir, const uint16_t *columns, int count, uint16_t *table)
{
    for (int i = 0; i < count; i++)
        table[i] = columns[i];
    for (; mir->kind != MIR_GET; mir = mir->inputs[0]) {
        for (int i = 0; i < count; i++) {
            if (mir->kind == MIR_PROJECT)
                table[i] = mir->project[table[i]];
            else if (table[i] >= mir->inputs[0]->column_count)
                return false;
        }
    }
    return true;
}

static bool
has_index(JoinOrder *order, const Mir *input, const InputFacts *facts, const uint16_t *columns, int count)
{
    if (!facts->is_get || order->context->cluster == 0 || order->context->catalog == NULL || count == 0)
        return false;
    uint16_t *table = arena_new_array(order->arena, uint16_t, count);
    if (!table_columns(input, columns, count, table))
        return false;
    IndexSeek seek = {order->context, table, count, false};
    catalog_each_dependent(order->context->catalog, facts->item->id, index_seek, &seek);
    return seek.found;
}

static int
first_score(const InputFacts *facts)
{
    return facts->constant * 8 + facts->literal_key * 4 + facts->filtered * 2 + !facts->is_get;
}

static int
next_score(JoinOrder *order, const Mir *mir, const int *starts, int i, const bool *placed, const InputFacts *facts)
{
    uint16_t *columns = arena_new_array(order->arena, uint16_t, mir->join.class_count);
    int count = matched_columns(mir, starts, i, placed, columns);
    if (count == 0)
        return facts->constant ? 1 : 0;
    int score = 16;
    if (mir_columns_unique(order->plan, mir->inputs[i], order->arena, columns, count))
        score += 32;
    score += facts->literal_key * 8 + has_index(order, mir->inputs[i], facts, columns, count) * 4 + facts->filtered * 2;
    return score;
}

static Mir *
choose_order(JoinOrder *order, Mir *mir)
{
    int count = mir->input_count, *starts = mir_join_starts(order->arena, mir);
    InputFacts *facts = arena_new_array(order->arena, InputFacts, count);
    bool *placed = arena_new_array(order->arena, bool, count);
    uint16_t *chosen = arena_new_array(order->arena, uint16_t, count);
    int best = 0;
    for (int i = 0; i < count; i++) {
        input_facts(mir->inputs[i], &facts[i]);
        if (first_score(&facts[i]) > first_score(&facts[best]))
            best = i;
    }
    chosen[0] = (uint16_t) best;
    placed[best] = true;
    for (int n = 1; n < count; n++) {
        int next = -1, next_best = -1;
        for (int i = 0; i < count; i++) {
            int score = placed[i] ? -1 : next_score(order, mir, starts, i, placed, &facts[i]);
            if (score > next_best) {
                next = i;
                next_best = score;
            }
        }
        chosen[n] = (uint16_t) next;
        placed[next] = true;
    }
    Mir *ordered = mir_join(order->arena, mir->inputs, count, mir->join.classes, mir->join.class_count);
    ordered->join.order = chosen;
    return ordered;
}

static Mir *
order_node(void *context, Mir *mir)
{
    JoinOrder *order = context;
    if (mir->kind != MIR_JOIN || mir->join.order != NULL)
        return mir;
    Mir *keyed = keys_to_columns(order, nulls_to_rows(order, mir));
    if (keyed->kind == MIR_JOIN)
        return choose_order(order, keyed);
    return mir_with_input(order->arena, keyed, choose_order(order, keyed->inputs[0]));
}

void
transform_join_order(MirPlan *plan, const OptimizeContext *context)
{
    JoinOrder order = {plan, context, plan->arena};
    mir_plan_rewrite(plan, order_node, &order);
}
