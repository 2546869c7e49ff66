#include "planner/mir_estimate.h"

#include "expr/scalar_set.h"

#define ROWS_UNKNOWN           1000.0
#define EQUAL_SELECTIVITY      0.005
#define INEQUALITY_SELECTIVITY 0.3333333333333333
#define MATCH_SELECTIVITY      0.01
#define DISTINCT_UNKNOWN       200.0

static double
at_least_one(double rows)
{
    return rows < 1 ? 1 : rows;
}

/* ---- filters ---- */

static bool
is_one_of(const Scalar *scalar, const char *const *names)
{
    for (; *names != NULL; names++) {
        if (strcmp(scalar->function->name, *names) == 0)
            return true;
    }
    return false;
}

static double
call_selectivity(const Scalar *call)
{
    static const char *const ranges[] = {"<", ">", "<=", ">=", NULL};
    static const char *const matches[] = {"~~", "~~*", "~", "~*", "LIKE", "like", "ilike", NULL};
    if (scalar_is_plain_equality(call))
        return EQUAL_SELECTIVITY;
    if (scalar_is_operator(call, "<>"))
        return 1 - EQUAL_SELECTIVITY;
    if (is_one_of(call, ranges))
        return INEQUALITY_SELECTIVITY;
    return is_one_of(call, matches) ? MATCH_SELECTIVITY : 0.5;
}

double
scalar_selectivity(const Scalar *predicate)
{
    double share = 1;
    switch (predicate->kind) {
    case SCALAR_LITERAL:
        return predicate->literal.is_null || predicate->literal.i == 0 ? 0 : 1;
    case SCALAR_AND:
        for (int i = 0; i < predicate->arg_count; i++)
            share *= scalar_selectivity(predicate->args[i]);
        return share;
    case SCALAR_OR:
        for (int i = 0; i < predicate->arg_count; i++)
            share *= 1 - scalar_selectivity(predicate->args[i]);
        return 1 - share;
    case SCALAR_NOT:
        return 1 - scalar_selectivity(predicate->args[0]);
    case SCALAR_IS_NULL:
        return EQUAL_SELECTIVITY;
    case SCALAR_IN_LIST:
        share = predicate->set->count * EQUAL_SELECTIVITY;
        return share > 0.5 ? 0.5 : share;
    case SCALAR_CALL:
        return call_selectivity(predicate);
    default:
        return 0.5;
    }
}

/* An equality to something known leaves one row when the column is a key. */
static bool
fixes_key(const Estimator *estimator, const Mir *filter)
{
    Arena *arena = estimator->plan->arena;
    uint16_t *columns = arena_new_array(arena, uint16_t, filter->list.count);
    int count = 0;
    for (int i = 0; i < filter->list.count; i++) {
        const Scalar *predicate = filter->list.exprs[i];
        for (int side = 0; scalar_is_plain_equality(predicate) && side < 2; side++) {
            if (predicate->args[side]->kind == SCALAR_COLUMN && scalar_max_column(predicate->args[1 - side]) == 0) {
                columns[count++] = (uint16_t) predicate->args[side]->column;
                break;
            }
        }
    }
    return count > 0 && mir_columns_unique(estimator->plan, filter->inputs[0], arena, columns, count);
}

static double
filter_rows(const Estimator *estimator, const Mir *mir)
{
    double rows = mir_estimate_rows(estimator, mir->inputs[0]);
    if (fixes_key(estimator, mir))
        return 1;
    for (int i = 0; i < mir->list.count; i++)
        rows *= scalar_selectivity(mir->list.exprs[i]);
    return at_least_one(rows);
}

/* ---- the other nodes ---- */

double
mir_estimate_distinct(const Estimator *estimator, const Mir *mir, uint32_t column, double rows)
{
    uint16_t own = (uint16_t) column;
    if (mir_columns_unique(estimator->plan, mir, estimator->plan->arena, &own, 1))
        return at_least_one(rows);
    double tenth = rows / 10, usual = rows < DISTINCT_UNKNOWN ? rows : DISTINCT_UNKNOWN;
    return at_least_one(tenth > usual ? tenth : usual);
}

/* Each class keeps one pair in as many as there are values of its column with most of them. */
static double
join_rows(const Estimator *estimator, const Mir *mir)
{
    int *starts = mir_join_starts(estimator->plan->arena, mir);
    double *inputs = arena_new_array(estimator->plan->arena, double, mir->input_count), rows = 1;
    for (int i = 0; i < mir->input_count; i++)
        rows *= inputs[i] = mir_estimate_rows(estimator, mir->inputs[i]);
    for (int k = 0; k < mir->join.class_count; k++) {
        const MirClass *class = &mir->join.classes[k];
        double most = 1;
        for (int m = 0; m < class->count; m++) {
            int input = scalar_join_input(class->members[m], starts, mir->input_count);
            if (input < 0)
                continue;
            double values = DISTINCT_UNKNOWN;
            if (class->members[m]->kind == SCALAR_COLUMN)
                values = mir_estimate_distinct(estimator, mir->inputs[input],
                                               class->members[m]->column - (uint32_t) starts[input], inputs[input]);
            most = values > most ? values : most;
        }
        for (int m = 1; m < class->count; m++)
            rows /= most;
    }
    return at_least_one(rows);
}

static double
reduce_rows(const Estimator *estimator, const Mir *mir)
{
    double rows = mir_estimate_rows(estimator, mir->inputs[0]), groups = 1;
    for (int i = 0; i < mir->reduce.key_count && groups < rows; i++)
        groups *= mir_estimate_distinct(estimator, mir->inputs[0], mir->reduce.key[i], rows);
    return groups < rows ? groups : rows;
}

static double
topk_rows(const Estimator *estimator, const Mir *mir)
{
    double rows = mir_estimate_rows(estimator, mir->inputs[0]), most;
    const Scalar *limit = mir->topk.limit;
    if (limit == NULL || limit->kind != SCALAR_LITERAL || limit->literal.is_null)
        return rows;
    most = (double) limit->literal.i * (mir->topk.group_count > 0 ? at_least_one(rows / 10) : 1);
    return at_least_one(most < rows ? most : rows);
}

static double
get_rows(const Estimator *estimator, const Mir *mir)
{
    int64_t count =
        estimator->counts.count == NULL ? -1 : estimator->counts.count(estimator->counts.context, mir->item);
    /* What is empty now need not stay so, and if it does any plan will do. */
    return count <= 0 ? ROWS_UNKNOWN : (double) count;
}

double
mir_estimate_rows(const Estimator *estimator, const Mir *mir)
{
    double rows = 0;
    switch (mir->kind) {
    case MIR_CONSTANT:
        return at_least_one(mir->constant.count);
    case MIR_GET:
        return get_rows(estimator, mir);
    case MIR_LET:
        return estimator->bindings[mir->binding];
    case MIR_FILTER:
        return filter_rows(estimator, mir);
    case MIR_JOIN:
        return join_rows(estimator, mir);
    case MIR_REDUCE:
        return reduce_rows(estimator, mir);
    case MIR_TOPK:
        return topk_rows(estimator, mir);
    case MIR_FLAT_MAP:
        return 10 * mir_estimate_rows(estimator, mir->inputs[0]);
    case MIR_UNION:
        for (int i = 0; i < mir->input_count; i++)
            rows += mir->inputs[i]->kind == MIR_NEGATE ? 0 : mir_estimate_rows(estimator, mir->inputs[i]);
        return at_least_one(rows);
    default: /* as many as the input */
        return mir->input_count > 0 ? mir_estimate_rows(estimator, mir->inputs[0]) : 1;
    }
}

void
estimator_init(Estimator *estimator, const MirPlan *plan, RowCounts counts)
{
    *estimator = (Estimator){plan, counts, arena_new_array(plan->arena, double, plan->count)};
    for (int i = 0; i < plan->count; i++)
        estimator->bindings[i] = mir_estimate_rows(estimator, plan->bindings[i]);
}
