/*
 * bind_aggregate.c -- aggregate calls, and the rule that a grouped SELECT uses only its keys and aggregates.
 */
#include "planner/bind.h"

/* ---- whose aggregate it is ---- */

typedef struct Nearest {
    int level; /* the least level of a reference; -1: none seen */
} Nearest;

static void
nearest_visit(void *context, int level, const Scalar *reference)
{
    (void) reference;
    Nearest *nearest = context;
    if (nearest->level < 0 || level < nearest->level)
        nearest->level = level;
}

/* An aggregate belongs to the innermost query whose columns its arguments use; to the one it stands in when they use none. */
static int
owner_level(const Binder *binder, const HirAggregate *aggregate)
{
    Nearest nearest = {-1};
    for (int i = 0; i < aggregate->arg_count; i++)
        hir_scalar_references(&binder->set, aggregate->args[i], nearest_visit, &nearest);
    if (aggregate->filter != NULL)
        hir_scalar_references(&binder->set, aggregate->filter, nearest_visit, &nearest);
    return nearest.level < 0 ? 0 : nearest.level;
}

static bool
clause_allows_aggregates(Clause clause)
{
    return clause == CLAUSE_SELECT || clause == CLAUSE_HAVING || clause == CLAUSE_ORDER_BY ||
           clause == CLAUSE_DISTINCT_ON || clause == CLAUSE_QUALIFY;
}

static bool
owner_find(Scope *scope, int level, int position, Scope **owner, Error *err)
{
    *owner = scope;
    for (int i = 0; i < level; i++)
        *owner = (*owner)->parent;
    if ((*owner)->kind == SCOPE_SIBLINGS || (*owner)->select == NULL)
        return error_at(err, position, SQLSTATE_GROUPING_ERROR, "aggregate functions are not allowed in %s",
                        (*owner)->kind == SCOPE_SIBLINGS ? "FROM clause of their own query level"
                                                         : clause_name((*owner)->clause));
    if ((*owner)->in_aggregate)
        return error_at(err, position, SQLSTATE_GROUPING_ERROR, "aggregate function calls cannot be nested");
    if (!clause_allows_aggregates((*owner)->clause))
        return error_at(err, position, SQLSTATE_GROUPING_ERROR, "aggregate functions are not allowed in %s",
                        clause_name((*owner)->clause));
    return true;
}

static void
aggregate_shift(Binder *binder, HirAggregate *aggregate, int by)
{
    if (by == 0)
        return;
    for (int i = 0; i < aggregate->arg_count; i++)
        aggregate->args[i] = hir_scalar_shift(&binder->set, aggregate->args[i], by);
    aggregate->filter = hir_scalar_shift(&binder->set, aggregate->filter, by);
    for (int i = 0; i < aggregate->order_count; i++)
        aggregate->order[i].expr = hir_scalar_shift(&binder->set, aggregate->order[i].expr, by);
}

/* ---- the list of a SELECT's aggregates ---- */

static bool
same_or_null(const Scalar *a, const Scalar *b)
{
    return a == b || (a != NULL && b != NULL && scalar_equal(a, b));
}

static bool
aggregate_same(const HirAggregate *a, const HirAggregate *b)
{
    if (a->call.function != b->call.function || a->arg_count != b->arg_count || a->distinct != b->distinct ||
        a->order_count != b->order_count || !type_same(a->call.result_type, b->call.result_type) ||
        !same_or_null(a->filter, b->filter))
        return false;
    for (int i = 0; i < a->arg_count; i++) {
        if (!scalar_equal(a->args[i], b->args[i]))
            return false;
    }
    for (int i = 0; i < a->order_count; i++) {
        if (!scalar_equal(a->order[i].expr, b->order[i].expr) || a->order[i].descending != b->order[i].descending ||
            a->order[i].nulls_first != b->order[i].nulls_first)
            return false;
    }
    return true;
}

static uint32_t
aggregate_add(Binder *binder, SelectState *select, const HirAggregate *aggregate)
{
    for (int i = 0; i < select->aggregate_count; i++) {
        if (aggregate_same(&select->aggregates[i], aggregate))
            return (uint32_t) i;
    }
    if (select->aggregate_count == select->aggregate_capacity) {
        int capacity = select->aggregate_capacity * 2 + 4;
        HirAggregate *grown = arena_new_array(binder->arena, HirAggregate, capacity);
        if (select->aggregate_count > 0)
            memcpy(grown, select->aggregates, (size_t) select->aggregate_count * sizeof *grown);
        select->aggregates = grown;
        select->aggregate_capacity = capacity;
    }
    select->aggregates[select->aggregate_count] = *aggregate;
    return (uint32_t) select->aggregate_count++;
}

/* ---- binding a call ---- */

static bool
bind_aggregate_order(Binder *binder, Scope *scope, const AstOrderList *list, HirAggregate *aggregate, Error *err)
{
    aggregate->order = arena_new_array(binder->arena, HirOrder, list->count);
    aggregate->order_count = list->count;
    for (int i = 0; i < list->count; i++) {
        const AstOrderItem *item = &list->items[i];
        BoundOrder flags;
        HirOrder *order = &aggregate->order[i];
        if (!bind_expr(binder, scope, item->expr, &order->expr, err) || !bind_order_flags(item, &flags, err))
            return false;
        if (order->expr->type.id == TYPE_UNKNOWN &&
            !bind_cast(binder, order->expr, SQL_TYPE(TEXT), CAST_IMPLICIT, &order->expr, err))
            return false;
        order->descending = flags.descending;
        order->nulls_first = flags.nulls_first;
    }
    return true;
}

/* Whether the two are the same but for a cast that nobody wrote; the key then is the argument itself. */
static bool
order_is_argument(Binder *binder, HirOrder *order, Scalar *argument)
{
    Error none = ERROR_INIT;
    Scalar *cast;
    bool same = scalar_equal(order->expr, argument);
    if (!same && bind_cast(binder, order->expr, argument->type, CAST_IMPLICIT, &cast, &none))
        same = scalar_equal(cast, argument);
    error_clear(&none);
    if (same)
        order->expr = argument;
    return same;
}

static bool
check_distinct_order(Binder *binder, HirAggregate *aggregate, int position, Error *err)
{
    for (int i = 0; i < aggregate->order_count && aggregate->distinct; i++) {
        bool is_argument = false;
        for (int j = 0; j < aggregate->arg_count && !is_argument; j++)
            is_argument = order_is_argument(binder, &aggregate->order[i], aggregate->args[j]);
        if (!is_argument)
            return error_at(err,
                            aggregate->order[i].expr->position != 0 ? aggregate->order[i].expr->position : position,
                            SQLSTATE_INVALID_COLUMN_REFERENCE,
                            "in an aggregate with DISTINCT, ORDER BY expressions must appear in argument list");
    }
    return true;
}

static bool
bind_aggregate_filter(Binder *binder, Scope *scope, const AstFunction *function, HirAggregate *aggregate, Error *err)
{
    if (function->filter == NULL)
        return true;
    Clause before = scope->clause;
    scope->clause = CLAUSE_FILTER;
    bool worked = bind_condition(binder, scope, function->filter, "FILTER", &aggregate->filter, err);
    scope->clause = before;
    return worked;
}

static bool
too_many_arguments(const AstFunction *function, int position, Error *err)
{
    return error_at(err, position, SQLSTATE_UNDEFINED_FUNCTION, "function %s with %d arguments does not exist",
                    function->name.parts[function->name.count - 1],
                    function->args.count + function->within_group.count);
}

/* Resolves the call for `args`, which are cast. */
static bool
bind_resolved(Binder *binder, const AstFunction *function, Scalar *const *args, int count, int position,
              HirAggregate *aggregate, Error *err)
{
    SqlType types[AGGREGATE_COLUMNS_MAX], arg_types[AGGREGATE_COLUMNS_MAX];
    for (int i = 0; i < count; i++)
        types[i] = args[i]->type;
    if (!aggregate_resolve(bind_function_schema(&function->name), function->name.parts[function->name.count - 1], types,
                           count, position, &aggregate->call.function, arg_types, &aggregate->call.result_type, err))
        return false;
    aggregate->arg_count = count;
    for (int i = 0; i < count; i++) {
        if (!bind_cast(binder, args[i], arg_types[i], CAST_IMPLICIT, &aggregate->args[i], err))
            return false;
        if (aggregate->args[i]->type.id == TYPE_UNKNOWN &&
            !bind_cast(binder, aggregate->args[i], SQL_TYPE(TEXT), CAST_IMPLICIT, &aggregate->args[i], err))
            return false;
    }
    aggregate->call.arg_type = count > 0 ? aggregate->args[0]->type : SQL_TYPE(UNKNOWN);
    aggregate->call.second_type = count > 1 ? aggregate->args[1]->type : SQL_TYPE(UNKNOWN);
    return true;
}

/* f(y, x) accumulates one column that has both. */
static void
pair_arguments(Binder *binder, HirAggregate *aggregate)
{
    Scalar **elements = arena_new_array(binder->arena, Scalar *, 2);
    elements[0] = aggregate->args[0];
    elements[1] = aggregate->args[1];
    Scalar *pair = arena_new_struct(binder->arena, Scalar);
    *pair = (Scalar){.kind = SCALAR_ARRAY, .type = SQL_ARRAY(FLOAT8), .args = elements, .arg_count = 2};
    aggregate->args[0] = pair;
    aggregate->arg_count = 1;
    aggregate->call.arg_type = pair->type;
    aggregate->call.second_type = SQL_TYPE(UNKNOWN);
}

/* ---- WITHIN GROUP ---- */

/* As many direct arguments as ordered ones, and of one type pair by pair. */
static bool
bind_hypothetical(Binder *binder, const AstFunction *function, const AggregateFunction *resolved, Scalar **args,
                  int position, HirAggregate *aggregate, Error *err)
{
    int direct = function->args.count, ordered = aggregate->order_count;
    if (direct != ordered) {
        SqlType types[AGGREGATE_COLUMNS_MAX];
        for (int i = 0; i < direct + ordered; i++)
            types[i] = args[i]->type;
        const AggregateFunction *ignored;
        SqlType result, arg_types[AGGREGATE_COLUMNS_MAX];
        if (aggregate_resolve(NULL, resolved->name, types, direct + ordered, position, &ignored, arg_types, &result,
                              err))
            return false;
        return error_hint(err,
                          "To use the hypothetical-set aggregate %s, the number of hypothetical direct arguments (here "
                          "%d) must match the number of ordering columns (here %d).",
                          resolved->name, direct, ordered);
    }
    aggregate->call.function = resolved;
    aggregate->call.result_type = resolved->result;
    aggregate->call.key_count = (uint8_t) ordered;
    aggregate->arg_count = 2 * ordered;
    for (int i = 0; i < ordered; i++) {
        SqlType types[2] = {args[ordered + i]->type, args[i]->type}, common;
        if (!type_unify(types, 2, "WITHIN GROUP", position, &common, err) ||
            !bind_cast(binder, args[i], common, CAST_IMPLICIT, &aggregate->args[i], err) ||
            !bind_cast(binder, args[ordered + i], common, CAST_IMPLICIT, &aggregate->args[ordered + i], err))
            return false;
        aggregate->order[i].expr = aggregate->args[ordered + i];
        aggregate->call.keys[i] =
            (AggregateKey){common, aggregate->order[i].descending, aggregate->order[i].nulls_first};
    }
    return true;
}

static bool
bind_within_group(Binder *binder, Scope *scope, const AstFunction *function, int position, HirAggregate *aggregate,
                  Error *err)
{
    const char *schema = bind_function_schema(&function->name), *name = function->name.parts[function->name.count - 1];
    const AggregateFunction *hypothetical = aggregate_hypothetical(schema, name);
    int direct = function->args.count, ordered = function->within_group.count;
    Scalar **bound, *args[AGGREGATE_COLUMNS_MAX];
    if (function->distinct)
        return error_at(err, position, SQLSTATE_SYNTAX_ERROR, "cannot use DISTINCT with WITHIN GROUP");
    if (function->order_by.count > 0)
        return error_at(err, position, SQLSTATE_SYNTAX_ERROR, "cannot use multiple ORDER BY clauses with WITHIN GROUP");
    if (direct + ordered > AGGREGATE_COLUMNS_MAX)
        return too_many_arguments(function, position, err);
    if (!bind_expr_list(binder, scope, &function->args, &bound, err) ||
        !bind_aggregate_order(binder, scope, &function->within_group, aggregate, err))
        return false;
    for (int i = 0; i < direct; i++)
        args[i] = bound[i];
    for (int i = 0; i < ordered; i++)
        args[direct + i] = aggregate->order[i].expr;
    if (hypothetical != NULL)
        return bind_hypothetical(binder, function, hypothetical, args, position, aggregate, err);
    if (!bind_resolved(binder, function, args, direct + ordered, position, aggregate, err))
        return false;
    if (aggregate->call.function->form != AGGREGATE_ORDERED_SET)
        return error_at(err, position, SQLSTATE_WRONG_OBJECT_TYPE,
                        "%s is not an ordered-set aggregate, so it cannot have WITHIN GROUP", name);
    for (int i = 0; i < ordered; i++)
        aggregate->order[i].expr = aggregate->args[direct + i];
    return true;
}

bool
bind_aggregate_call(Binder *binder, Scope *scope, const AstFunction *function, int position, HirAggregate *aggregate,
                    Error *err)
{
    const char *name = function->name.parts[function->name.count - 1];
    Scalar **args;
    int count = function->args.count;
    if (function->within_group.count > 0)
        return bind_within_group(binder, scope, function, position, aggregate, err) &&
               bind_aggregate_filter(binder, scope, function, aggregate, err);
    if (!bind_expr_list(binder, scope, &function->args, &args, err))
        return false;
    if (count > AGGREGATE_COLUMNS_MAX)
        return too_many_arguments(function, position, err);
    if (!bind_resolved(binder, function, args, count, position, aggregate, err))
        return false;
    if (count == 0 && !function->star)
        return error_at(err, position, SQLSTATE_WRONG_OBJECT_TYPE,
                        "%s(*) must be used to call a parameterless aggregate function", name);
    if (aggregate->call.function->form == AGGREGATE_ORDERED_SET)
        return error_at(err, position, SQLSTATE_WRONG_OBJECT_TYPE,
                        "WITHIN GROUP is required for ordered-set aggregate %s", name);
    aggregate->distinct = function->distinct;
    if (!bind_aggregate_order(binder, scope, &function->order_by, aggregate, err) ||
        !check_distinct_order(binder, aggregate, position, err))
        return false;
    if (aggregate->call.function->form == AGGREGATE_PAIRED)
        pair_arguments(binder, aggregate);
    return bind_aggregate_filter(binder, scope, function, aggregate, err);
}

bool
bind_aggregate(Binder *binder, Scope *scope, const AstFunction *function, int position, Scalar **scalar, Error *err)
{
    if (function->variadic)
        return bind_unsupported(position, "VARIADIC arguments are", err);
    if (scope->clause == CLAUSE_RETURNING)
        return error_at(err, position, SQLSTATE_GROUPING_ERROR,
                        "aggregate functions are not allowed in RETURNING clause (function pg_catalog.%s)",
                        function->name.parts[function->name.count - 1]);
    if (scope->in_aggregate && scope->clause == CLAUSE_FILTER)
        return error_at(err, position, SQLSTATE_GROUPING_ERROR, "aggregate functions are not allowed in FILTER");
    if (scope->in_aggregate)
        return error_at(err, position, SQLSTATE_GROUPING_ERROR, "aggregate function calls cannot be nested");
    HirAggregate aggregate = {0};
    scope->in_aggregate = true;
    bool worked = bind_aggregate_call(binder, scope, function, position, &aggregate, err);
    scope->in_aggregate = false;
    if (!worked)
        return false;
    int level = owner_level(binder, &aggregate);
    Scope *owner;
    if (!owner_find(scope, level, position, &owner, err))
        return false;
    aggregate_shift(binder, &aggregate, -level);
    uint32_t index = aggregate_add(binder, owner->select, &aggregate);
    *scalar = scalar_column(binder->arena, hir_ref(HIR_REF_AGGREGATE, level, index), aggregate.call.result_type,
                            aggregate_empty(&aggregate.call).is_null);
    (*scalar)->position = position;
    return true;
}

/* ---- grouping ---- */

typedef struct GroupReplace {
    const Grouping *grouping;
    Error *err;
    bool failed;
} GroupReplace;

static Scalar *
grouped_column(const Grouping *grouping, int level, uint32_t column, const Scalar *like)
{
    bool key = column < (uint32_t) grouping->key_count;
    Scalar *made =
        hir_column(grouping->binder->arena, level, column, like->type, like->nullable || (key && grouping->sets));
    made->position = like->position;
    return made;
}

static Scalar *
ungrouped(GroupReplace *replace, const Scalar *reference, bool in_subquery)
{
    const Grouping *grouping = replace->grouping;
    const ScopeColumn *column = scope_column_at(grouping->scope, hir_ref_index(reference->column));
    const char *label = column == NULL ? "?column?" : scope_column_label(column, grouping->binder->arena);
    replace->failed = true;
    if (in_subquery)
        error_at(replace->err, reference->position, SQLSTATE_GROUPING_ERROR,
                 "subquery uses ungrouped column \"%s\" from outer query", label);
    else
        error_at(replace->err, reference->position, SQLSTATE_GROUPING_ERROR,
                 "column \"%s\" must appear in the GROUP BY clause or be used in an aggregate function", label);
    return NULL;
}

/* A reference to the FROM columns or to an aggregate of the SELECT at hand, here or in a subquery `depth` levels in. */
static Scalar *
group_reference(void *context, const Scalar *reference, int depth)
{
    GroupReplace *replace = context;
    const Grouping *grouping = replace->grouping;
    if (hir_ref_level(reference->column) != depth || replace->failed)
        return NULL;
    uint32_t index = hir_ref_index(reference->column);
    switch (hir_ref_kind(reference->column)) {
    case HIR_REF_AGGREGATE:
        return grouped_column(grouping, depth, (uint32_t) grouping->key_count + index, reference);
    case HIR_REF_ROW:
        for (int i = 0; i < grouping->key_count; i++) {
            const Scalar *key = grouping->keys[i];
            if (key->kind == SCALAR_COLUMN && key->column == hir_ref(HIR_REF_ROW, 0, index))
                return grouped_column(grouping, depth, (uint32_t) i, reference);
        }
        return ungrouped(replace, reference, depth > 0);
    case HIR_REF_GROUPING:
        return grouped_column(grouping, depth, (uint32_t) (grouping->key_count + grouping->aggregate_count) + index,
                              reference);
    case HIR_REF_SET:
    case HIR_REF_WINDOW:
    case HIR_REF_SUBQUERY:
        return NULL;
    }
    return NULL;
}

/* Whole expressions that are keys are found from the top, before their columns are looked at. */
static Scalar *
group_expression(GroupReplace *replace, Scalar *scalar)
{
    const Grouping *grouping = replace->grouping;
    for (int i = 0; i < grouping->key_count; i++) {
        if (scalar_equal(scalar, grouping->keys[i]))
            return grouped_column(grouping, 0, (uint32_t) i, scalar);
    }
    if (scalar->kind == SCALAR_COLUMN)
        return hir_scalar_replace(&grouping->binder->set, scalar, 0, group_reference, replace);
    Scalar *copy = arena_new_struct(grouping->binder->arena, Scalar);
    *copy = *scalar;
    copy->args = arena_new_array(grouping->binder->arena, Scalar *, scalar->arg_count);
    for (int i = 0; i < scalar->arg_count && !replace->failed; i++)
        copy->args[i] = group_expression(replace, scalar->args[i]);
    return copy;
}

bool
grouping_apply(const Grouping *grouping, Scalar *scalar, Scalar **grouped, Error *err)
{
    GroupReplace replace = {.grouping = grouping, .err = err};
    *grouped = group_expression(&replace, scalar);
    return !replace.failed;
}
