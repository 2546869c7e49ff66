/*
 * transform_join_order.c -- join keys become columns, and every join gets an order of its inputs.
 *
 * The order that costs least by estimate: of all orders for up to ten inputs, by dynamic programming over their sets; for more, the best of
 * those that begin with each input and take what keeps the rows fewest. A join costs the rows it gives, and those of an input that has to be
 * read and arranged because no index has its key.
 */
#include "planner/mir_estimate.h"
#include "planner/transform.h"

#define EXHAUSTIVE_INPUTS_MAX 10
#define INDEXES_MAX           16

typedef struct JoinOrder {
    MirPlan *plan;
    const OptimizeContext *context;
    Arena *arena;
    Estimator estimator;
    uint16_t *columns; /* room for two lists of a column a class */
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
        TypeDetail *record = type_detail_new(order->arena, 1);
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
    double rows;
    double *values; /* how many different ones each class's column of this input has; 0: the class has none */
    int *columns;   /* its own number of it; -1: none */
    MirKeys keys;
    ObjectId cluster;
    const Item *indexes[INDEXES_MAX]; /* of the cluster, of the table under filters and projections */
    int index_count;
} InputFacts;

/* What is known of a join's inputs before any is placed. */
typedef struct OrderFacts {
    const Mir *mir;
    InputFacts *inputs;
} OrderFacts;

static void
collect_index(void *context, Item *item)
{
    InputFacts *facts = context;
    if (item->kind == ITEM_INDEX && item->cluster == facts->cluster && item->index_keys != NULL &&
        facts->index_count < INDEXES_MAX)
        facts->indexes[facts->index_count++] = item;
}

static void
input_facts(JoinOrder *order, const Mir *join, const int *starts, int at, InputFacts *facts)
{
    const Mir *mir = join->inputs[at];
    *facts = (InputFacts){.rows = mir_estimate_rows(&order->estimator, mir), .cluster = order->context->cluster};
    facts->values = arena_new_array(order->arena, double, join->join.class_count);
    facts->columns = arena_new_array(order->arena, int, join->join.class_count);
    for (int k = 0; k < join->join.class_count; k++) {
        const MirClass *class = &join->join.classes[k];
        facts->columns[k] = -1;
        for (int m = 0; m < class->count; m++) {
            int column = (int) class->members[m]->column - starts[at];
            if (column < 0 || column >= mir->column_count)
                continue;
            facts->columns[k] = column;
            facts->values[k] = mir_estimate_distinct(&order->estimator, mir, (uint32_t) column, facts->rows);
        }
    }
    mir_keys(order->plan, mir, order->arena, &facts->keys);
    while (mir->kind == MIR_FILTER || mir->kind == MIR_PROJECT || mir->kind == MIR_MAP)
        mir = mir->inputs[0];
    if (mir->kind == MIR_GET && facts->cluster != 0 && order->context->catalog != NULL)
        catalog_each_dependent(order->context->catalog, mir->item->id, collect_index, facts);
}

/* Columns of input `i`, its own numbering, that are equal to something in the inputs placed. */
static int
matched_columns(const OrderFacts *facts, int i, uint64_t placed, uint16_t *columns)
{
    int count = 0;
    for (int k = 0; k < facts->mir->join.class_count; k++) {
        bool from_placed = false;
        for (int j = 0; j < facts->mir->input_count && facts->inputs[i].columns[k] >= 0 && !from_placed; j++)
            from_placed = (placed >> j & 1) != 0 && facts->inputs[j].columns[k] >= 0;
        if (from_placed)
            columns[count++] = (uint16_t) facts->inputs[i].columns[k];
    }
    return count;
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
is_among(uint16_t column, const uint16_t *columns, int count)
{
    for (int i = 0; i < count; i++) {
        if (columns[i] == column)
            return true;
    }
    return false;
}

/* An index whose keys are just these columns. */
static bool
has_index(const Mir *input, const InputFacts *facts, const uint16_t *columns, int count, uint16_t *table)
{
    if (facts->index_count == 0 || !table_columns(input, columns, count, table))
        return false;
    for (int i = 0; i < facts->index_count; i++) {
        const Item *index = facts->indexes[i];
        bool fits = index->index_key_count == count;
        for (int k = 0; k < index->index_key_count && fits; k++)
            fits = index->index_keys[k]->kind == SCALAR_COLUMN &&
                   is_among((uint16_t) index->index_keys[k]->column, table, count);
        if (fits)
            return true;
    }
    return false;
}

/* A unique key is among these columns. */
static bool
has_key(const InputFacts *facts, const uint16_t *columns, int count)
{
    for (int i = 0; i < facts->keys.count; i++) {
        bool covered = true;
        for (int k = 0; k < facts->keys.items[i].count && covered; k++)
            covered = is_among(facts->keys.items[i].columns[k], columns, count);
        if (covered)
            return true;
    }
    return false;
}

/* A way to join some of the inputs. */
typedef struct Way {
    double cost, rows;
    int last, connected; /* the input placed last; how many were placed by a key */
} Way;

/* What it comes to when input `i` is joined to what is there. */
static Way
way_with(JoinOrder *order, const OrderFacts *facts, const Way *way, uint64_t placed, int i)
{
    const InputFacts *input = &facts->inputs[i];
    uint16_t *columns = order->columns, *table = columns + facts->mir->join.class_count;
    int count = matched_columns(facts, i, placed, columns);
    double rows = way->rows * input->rows;
    for (int k = 0; k < facts->mir->join.class_count; k++) {
        double most = 0;
        for (int j = 0; j < facts->mir->input_count && input->columns[k] >= 0; j++) {
            if ((placed >> j & 1) != 0 && facts->inputs[j].values[k] > most)
                most = facts->inputs[j].values[k];
        }
        if (most > 0)
            rows /= most > input->values[k] ? most : input->values[k];
    }
    if (rows > way->rows && has_key(input, columns, count))
        rows = way->rows; /* it adds no rows */
    rows = rows < 1 ? 1 : rows;
    bool indexed = count > 0 && has_index(facts->mir->inputs[i], input, columns, count, table);
    return (Way){way->cost + rows + (indexed ? 0 : input->rows), rows, i, way->connected + (count > 0)};
}

/* Fewer cross joins first, then what costs less. */
static bool
is_better(const Way *a, const Way *b)
{
    return a->connected != b->connected ? a->connected > b->connected : a->cost < b->cost;
}

static Way
way_of_one(const OrderFacts *facts, int i)
{
    return (Way){.cost = facts->inputs[i].rows, .rows = facts->inputs[i].rows, .last = i};
}

static void
order_exhaustively(JoinOrder *order, const OrderFacts *facts, uint16_t *chosen)
{
    int count = facts->mir->input_count;
    uint64_t all = (UINT64_C(1) << count) - 1;
    Way *ways = arena_new_array(order->arena, Way, all + 1);
    for (uint64_t set = 1; set <= all; set++) {
        bool found = false;
        for (int i = count - 1; i >= 0; i--) { /* of equals, as they were written */
            uint64_t rest = set & ~(UINT64_C(1) << i);
            if (rest == set)
                continue;
            Way way = rest == 0 ? way_of_one(facts, i) : way_with(order, facts, &ways[rest], rest, i);
            if (!found || is_better(&way, &ways[set]))
                ways[set] = way;
            found = true;
        }
    }
    for (int n = count - 1; n >= 0; n--) {
        chosen[n] = (uint16_t) ways[all].last;
        all &= ~(UINT64_C(1) << ways[all].last);
    }
}

/* From one first input on, always what is connected and keeps the rows fewest. */
static Way
order_from(JoinOrder *order, const OrderFacts *facts, int first, uint16_t *chosen)
{
    Way way = way_of_one(facts, first);
    uint64_t placed = UINT64_C(1) << first;
    chosen[0] = (uint16_t) first;
    for (int n = 1; n < facts->mir->input_count; n++) {
        Way best = {.last = -1};
        for (int i = 0; i < facts->mir->input_count; i++) {
            if ((placed >> i & 1) != 0)
                continue;
            Way next = way_with(order, facts, &way, placed, i);
            if (best.last < 0 || is_better(&next, &best))
                best = next;
        }
        way = best;
        chosen[n] = (uint16_t) best.last;
        placed |= UINT64_C(1) << best.last;
    }
    return way;
}

static void
order_greedily(JoinOrder *order, const OrderFacts *facts, uint16_t *chosen)
{
    int count = facts->mir->input_count;
    uint16_t *tried = arena_new_array(order->arena, uint16_t, count);
    Way best = {.last = -1};
    for (int first = 0; first < count; first++) {
        Way way = order_from(order, facts, first, tried);
        if (best.last < 0 || is_better(&way, &best)) {
            best = way;
            memcpy(chosen, tried, (size_t) count * sizeof *tried);
        }
    }
}

static const MirJoinSizes *
sizes_of(JoinOrder *order, const OrderFacts *facts, const uint16_t *chosen)
{
    int count = facts->mir->input_count;
    MirJoinSizes *sizes = arena_new_struct(order->arena, MirJoinSizes);
    sizes->inputs = arena_new_array(order->arena, double, count);
    sizes->joined = arena_new_array(order->arena, double, count + 1);
    for (int i = 0; i < count; i++)
        sizes->inputs[i] = facts->inputs[i].rows;
    Way way = way_of_one(facts, chosen[0]);
    uint64_t placed = UINT64_C(1) << chosen[0];
    sizes->joined[1] = way.rows;
    for (int n = 1; n < count; n++) {
        way = way_with(order, facts, &way, placed, chosen[n]);
        placed |= UINT64_C(1) << chosen[n];
        sizes->joined[n + 1] = way.rows;
    }
    return sizes;
}

static Mir *
choose_order(JoinOrder *order, Mir *mir)
{
    int count = mir->input_count, *starts = mir_join_starts(order->arena, mir);
    OrderFacts facts = {mir, arena_new_array(order->arena, InputFacts, count)};
    uint16_t *chosen = arena_new_array(order->arena, uint16_t, count);
    order->columns = arena_new_array(order->arena, uint16_t, 2 * mir->join.class_count);
    for (int i = 0; i < count; i++) {
        input_facts(order, mir, starts, i, &facts.inputs[i]);
        chosen[i] = (uint16_t) i;
    }
    if (transform_is_disabled(order->context, "join_order"))
        ; /* as they were written */
    else if (count <= EXHAUSTIVE_INPUTS_MAX)
        order_exhaustively(order, &facts, chosen);
    else if (count <= 64)
        order_greedily(order, &facts, chosen);
    Mir *ordered = mir_join(order->arena, mir->inputs, count, mir->join.classes, mir->join.class_count);
    ordered->join.order = chosen;
    if (count <= 64)
        ordered->join.sizes = sizes_of(order, &facts, chosen);
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
    JoinOrder order = {.plan = plan, .context = context, .arena = plan->arena};
    estimator_init(&order.estimator, plan, context->row_counts);
    mir_plan_rewrite(plan, order_node, &order);
}
