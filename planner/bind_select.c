/*
 * bind_select.c -- one SELECT: FROM, targets, WHERE, GROUP BY, HAVING, DISTINCT, and the ORDER BY that goes with it.
 *
 * Everything is bound over the FROM columns first, aggregates and set-returning functions as references of their own; what is grouped
 * is then rewritten over the grouped relation, as PostgreSQL does it.
 */
#include "planner/bind.h"

typedef struct Targets {
    Scalar **outputs;
    const char **names;
    int *positions;
    int count, capacity;
} Targets;

typedef struct SelectBinding {
    Binder *binder;
    const AstSelect *ast;
    Scope *scope;
    SelectState state;
    BoundFrom from;
    Targets targets; /* visible ones first, then what is only sorted by */
    int visible;
    Scalar *where, *having, *qualify;
    KeySets sets;
    Scalar **keys;
    int key_count, key_capacity;
    BoundOrder *order;
    int order_count;
    int *distinct_on; /* outputs */
    int distinct_on_count;
} SelectBinding;

/* ---- targets ---- */

static int
target_add(SelectBinding *select, Scalar *scalar, const char *name, int position)
{
    Targets *targets = &select->targets;
    Arena *arena = select->binder->arena;
    if (targets->count == targets->capacity) {
        int capacity = targets->capacity * 2 + 8;
        Scalar **outputs = arena_new_array(arena, Scalar *, capacity);
        const char **names = arena_new_array(arena, const char *, capacity);
        int *positions = arena_new_array(arena, int, capacity);
        for (int i = 0; i < targets->count; i++) {
            outputs[i] = targets->outputs[i];
            names[i] = targets->names[i];
            positions[i] = targets->positions[i];
        }
        *targets = (Targets){outputs, names, positions, targets->count, capacity};
    }
    targets->outputs[targets->count] = scalar;
    targets->names[targets->count] = name;
    targets->positions[targets->count] = position;
    return targets->count++;
}

static void
star_column(SelectBinding *select, const ScopeColumn *column, int level, int position)
{
    Scalar *scalar = hir_column(select->binder->arena, level, column->index, column->type, column->nullable);
    scalar->position = position;
    target_add(select, scalar, column->name, position);
}

static bool
bind_star(SelectBinding *select, const AstExpr *expr, Error *err)
{
    const Scope *owner = select->scope;
    if (!bind_is_star(expr)) {
        if (select->ast->from.count == 0)
            return error_at(err, expr->position, SQLSTATE_SYNTAX_ERROR,
                            "SELECT * with no tables specified is not valid");
        for (int i = 0; i < owner->count; i++) {
            if (!owner->columns[i].hidden)
                star_column(select, &owner->columns[i], 0, expr->position);
        }
        return true;
    }
    BoundFields fields = {0};
    if (!bind_star_fields(select->binder, select->scope, expr, &fields, err))
        return false;
    for (int i = 0; i < fields.count; i++)
        target_add(select, fields.items[i], fields.names[i], expr->position);
    return true;
}

static bool
bind_targets(SelectBinding *select, Error *err)
{
    select->scope->clause = select->ast == select->binder->updated ? CLAUSE_UPDATE : CLAUSE_SELECT;
    for (int i = 0; i < select->ast->targets.count; i++) {
        const AstTarget *target = &select->ast->targets.items[i];
        if (target->expr->kind == AST_EXPR_STAR || target->expr->kind == AST_EXPR_FIELD_STAR) {
            if (!bind_star(select, target->expr, err))
                return false;
            continue;
        }
        Scalar *scalar;
        if (!bind_expr(select->binder, select->scope, target->expr, &scalar, err))
            return false;
        target_add(select, scalar, target->alias.text != NULL ? target->alias.text : bind_output_name(target->expr),
                   target->expr->position);
    }
    select->visible = select->targets.count;
    return true;
}

/* ---- names, ordinals and expressions of ORDER BY, GROUP BY, DISTINCT ON ---- */

bool
bind_ordinal(const AstExpr *expr, int count, const char *clause, int *ordinal, Error *err)
{
    *ordinal = 0;
    switch (expr->kind) {
    case AST_EXPR_INTEGER: {
        char *end;
        long value = strtol(expr->text, &end, 10);
        if (*end != '\0' || value < 1 || value > count)
            return error_at(err, expr->position, SQLSTATE_INVALID_COLUMN_REFERENCE,
                            "%s position %s is not in select list", clause, expr->text);
        *ordinal = (int) value;
        return true;
    }
    case AST_EXPR_STRING:
    case AST_EXPR_DECIMAL:
    case AST_EXPR_NULL:
    case AST_EXPR_BOOLEAN:
        return error_at(err, expr->position, SQLSTATE_SYNTAX_ERROR, "non-integer constant in %s", clause);
    default:
        return true;
    }
}

bool
bind_order_flags(const AstOrderItem *item, BoundOrder *order, Error *err)
{
    order->position = item->position;
    order->descending = item->direction == AST_ORDER_DESC;
    if (item->using_op.count > 0) {
        const char *op = item->using_op.parts[item->using_op.count - 1];
        if (strcmp(op, "<") != 0 && strcmp(op, ">") != 0) {
            error_at(err, item->position, SQLSTATE_WRONG_OBJECT_TYPE, "operator %s is not a valid ordering operator",
                     op);
            return error_hint(err, "Ordering operators must be \"<\" or \">\" members of btree operator families.");
        }
        order->descending = op[0] == '>';
    }
    order->nulls_first = item->nulls == AST_NULLS_DEFAULT ? order->descending : item->nulls == AST_NULLS_FIRST;
    return true;
}

/* The visible output called `name`; -1: none. 42702 when several different ones are. */
static bool
output_named(const SelectBinding *select, const char *name, const char *clause, int position, int *output, Error *err)
{
    *output = -1;
    for (int i = 0; i < select->visible; i++) {
        if (strcmp(select->targets.names[i], name) != 0)
            continue;
        if (*output >= 0 && !scalar_equal(select->targets.outputs[*output], select->targets.outputs[i]))
            return error_at(err, position, SQLSTATE_AMBIGUOUS_COLUMN, "%s \"%s\" is ambiguous", clause, name);
        if (*output < 0)
            *output = i;
    }
    return true;
}

static int
output_equal(const SelectBinding *select, const Scalar *scalar)
{
    for (int i = 0; i < select->targets.count; i++) {
        if (scalar_equal(select->targets.outputs[i], scalar))
            return i;
    }
    return -1;
}

/* An expression that is sorted by (or DISTINCT ON): an output, added to the hidden ones when it is none yet. */
static bool
sort_output(SelectBinding *select, const AstExpr *expr, const char *clause, int *output, Error *err)
{
    int ordinal;
    if (!bind_ordinal(expr, select->visible, clause, &ordinal, err))
        return false;
    *output = ordinal - 1;
    if (ordinal > 0)
        return true;
    if (expr->kind == AST_EXPR_COLUMN && expr->name.count == 1) {
        if (!output_named(select, expr->name.parts[0], clause, expr->position, output, err))
            return false;
        if (*output >= 0)
            return true;
    }
    Scalar *scalar;
    if (!bind_expr(select->binder, select->scope, expr, &scalar, err))
        return false;
    if (scalar->type.id == TYPE_UNKNOWN &&
        !bind_cast(select->binder, scalar, SQL_TYPE(TEXT), CAST_IMPLICIT, &scalar, err))
        return false;
    *output = output_equal(select, scalar);
    if (*output < 0)
        *output = target_add(select, scalar, "?column?", expr->position);
    return true;
}

static bool
bind_select_order(SelectBinding *select, const AstOrderList *order_by, Error *err)
{
    if (order_by == NULL)
        return true;
    select->scope->clause = CLAUSE_ORDER_BY;
    select->order = arena_new_array(select->binder->arena, BoundOrder, order_by->count);
    for (int i = 0; i < order_by->count; i++) {
        BoundOrder *order = &select->order[select->order_count++];
        const AstOrderItem *item = &order_by->items[i];
        if (!bind_order_flags(item, order, err) || !sort_output(select, item->expr, "ORDER BY", &order->output, err))
            return false;
        order->position = item->expr->position;
    }
    return true;
}

static bool
distinct_on_mismatch(const SelectBinding *select, int item, Error *err)
{
    return error_at(err, bind_expr_start(select->ast->distinct_on.items[item]), SQLSTATE_INVALID_COLUMN_REFERENCE,
                    "SELECT DISTINCT ON expressions must match initial ORDER BY expressions");
}

/* What is sorted by first must be what rows are distinct on, in any order. */
static bool
check_distinct_on(const SelectBinding *select, Error *err)
{
    bool skipped = false;
    for (int i = 0; i < select->order_count; i++) {
        int item = 0;
        while (item < select->distinct_on_count && select->distinct_on[item] != select->order[i].output)
            item++;
        if (item < select->distinct_on_count && skipped)
            return distinct_on_mismatch(select, item, err);
        skipped |= item == select->distinct_on_count;
    }
    for (int item = 0; item < select->distinct_on_count && skipped; item++) {
        bool sorted = false;
        for (int i = 0; i < select->order_count; i++)
            sorted |= select->order[i].output == select->distinct_on[item];
        if (!sorted)
            return distinct_on_mismatch(select, item, err);
    }
    return true;
}

static bool
bind_distinct_on(SelectBinding *select, Error *err)
{
    const AstExprList *list = &select->ast->distinct_on;
    select->scope->clause = CLAUSE_DISTINCT_ON;
    select->distinct_on = arena_new_array(select->binder->arena, int, list->count);
    for (int i = 0; i < list->count; i++) {
        if (!sort_output(select, list->items[i], "DISTINCT ON", &select->distinct_on[select->distinct_on_count++], err))
            return false;
    }
    return check_distinct_on(select, err);
}

static bool
check_distinct_order(const SelectBinding *select, Error *err)
{
    for (int i = 0; i < select->order_count; i++) {
        if (select->order[i].output >= select->visible)
            return error_at(err, select->order[i].position, SQLSTATE_INVALID_COLUMN_REFERENCE,
                            "for SELECT DISTINCT, ORDER BY expressions must appear in select list");
    }
    return true;
}

/* ---- GROUP BY ---- */

static bool
bind_group_key(SelectBinding *select, const AstExpr *expr, Scalar **key, Error *err)
{
    int ordinal;
    if (!bind_ordinal(expr, select->visible, "GROUP BY", &ordinal, err))
        return false;
    if (ordinal > 0) {
        *key = select->targets.outputs[ordinal - 1];
        return true;
    }
    if (expr->kind == AST_EXPR_COLUMN && expr->name.count == 1) {
        /* A column of FROM goes before an output of that name. */
        ScopeMatch match;
        bool found;
        int output;
        if (!scope_find_column(select->scope, &expr->name, &match, &found, err))
            return false;
        if (!found || match.level > 0) {
            if (!output_named(select, expr->name.parts[0], "GROUP BY", expr->position, &output, err))
                return false;
            if (output >= 0) {
                *key = select->targets.outputs[output];
                return true;
            }
        }
    }
    return bind_expr(select->binder, select->scope, expr, key, err);
}

static bool
has_own_reference(const Scalar *scalar, HirRefKind kind)
{
    if (scalar->kind == SCALAR_COLUMN)
        return hir_ref_kind(scalar->column) == kind && hir_ref_level(scalar->column) == 0;
    for (int i = 0; i < scalar->arg_count; i++) {
        if (has_own_reference(scalar->args[i], kind))
            return true;
    }
    return false;
}

static void
keys_grow(SelectBinding *select)
{
    if (select->key_count < select->key_capacity)
        return;
    select->key_capacity = select->key_capacity * 2 + 8;
    Scalar **grown = arena_new_array(select->binder->arena, Scalar *, select->key_capacity);
    for (int i = 0; i < select->key_count; i++)
        grown[i] = select->keys[i];
    select->keys = grown;
}

static bool
group_key_add(void *context, const AstExpr *expr, int *index, Error *err)
{
    SelectBinding *select = context;
    Scalar *key;
    if (!bind_group_key(select, expr, &key, err))
        return false;
    if (has_own_reference(key, HIR_REF_AGGREGATE))
        return error_at(err, key->position, SQLSTATE_GROUPING_ERROR, "aggregate functions are not allowed in GROUP BY");
    if (has_own_reference(key, HIR_REF_WINDOW))
        return error_at(err, key->position, SQLSTATE_WINDOWING_ERROR, "window functions are not allowed in GROUP BY");
    if (has_own_reference(key, HIR_REF_GROUPING))
        return error_at(err, key->position, SQLSTATE_GROUPING_ERROR, "grouping operations are not allowed in GROUP BY");
    if (key->type.id == TYPE_UNKNOWN) {
        Scalar *text;
        if (!bind_cast(select->binder, key, SQL_TYPE(TEXT), CAST_IMPLICIT, &text, err))
            return false;
        for (int i = 0; i < select->targets.count; i++) {
            if (select->targets.outputs[i] == key)
                select->targets.outputs[i] = text;
        }
        key = text;
    }
    for (*index = 0; *index < select->key_count; ++*index) {
        if (scalar_equal(select->keys[*index], key))
            return true;
    }
    keys_grow(select);
    select->keys[select->key_count++] = key;
    return true;
}

static bool
bind_group_by(SelectBinding *select, Error *err)
{
    select->scope->clause = CLAUSE_GROUP_BY;
    return bind_key_sets(select->binder, select->ast, group_key_add, select, &select->sets, err);
}

static bool
apply_grouping(SelectBinding *select, Hir **hir, Error *err)
{
    Binder *binder = select->binder;
    bool grouped = select->ast->group_by.count > 0 || select->state.aggregate_count > 0 || select->having != NULL ||
                   select->state.grouping_count > 0;
    if (!grouped)
        return true;
    Grouping grouping = {
        .binder = binder,
        .scope = select->scope,
        .keys = select->keys,
        .key_count = select->key_count,
        .aggregates = select->state.aggregates,
        .aggregate_count = select->state.aggregate_count,
        .sets = select->sets.count > 1 || (select->sets.count == 1 && select->sets.items[0].count < select->key_count),
    };
    /* Set-returning functions among the keys run before the grouping; targets are still compared with the keys as they were written. */
    Scalar **keys = arena_new_array(binder->arena, Scalar *, select->key_count);
    for (int i = 0; i < select->key_count; i++)
        keys[i] = select->keys[i];
    *hir = bind_place_set_functions(binder, &select->state, keys, select->key_count, *hir);
    if (select->state.grouping_count == 0 && !grouping.sets)
        *hir = hir_reduce(&binder->set, *hir, keys, select->key_count, select->state.aggregates,
                          select->state.aggregate_count);
    else if (!reduce_by_sets(binder, *hir, keys, select->keys, select->key_count, &select->sets, &select->state, hir,
                             err))
        return false;
    if (!windows_group(&grouping, &select->state, err) ||
        (select->qualify != NULL && !grouping_apply(&grouping, select->qualify, &select->qualify, err)))
        return false;
    for (int i = 0; i < select->targets.count; i++) {
        if (!grouping_apply(&grouping, select->targets.outputs[i], &select->targets.outputs[i], err))
            return false;
    }
    for (int i = 0; i < select->state.set_function_count; i++) {
        struct SetFunction *function = &select->state.set_functions[i];
        for (int j = 0; j < function->call.arg_count; j++) {
            if (!grouping_apply(&grouping, function->args[j], &function->args[j], err))
                return false;
        }
    }
    if (select->having != NULL) {
        if (!grouping_apply(&grouping, select->having, &select->having, err))
            return false;
        *hir = hir_filter(&binder->set, *hir, select->having);
    }
    return true;
}

/* ---- windows ---- */

static void
apply_windows(SelectBinding *select, Hir **hir)
{
    Binder *binder = select->binder;
    *hir = windows_apply(binder, &select->state, *hir);
    for (int i = 0; i < select->targets.count; i++)
        select->targets.outputs[i] = windows_resolve(binder, &select->state, select->targets.outputs[i]);
    for (int i = 0; i < select->state.set_function_count; i++) {
        struct SetFunction *function = &select->state.set_functions[i];
        for (int j = 0; j < function->call.arg_count; j++)
            function->args[j] = windows_resolve(binder, &select->state, function->args[j]);
    }
    if (select->qualify != NULL)
        *hir = hir_filter(&binder->set, *hir, windows_resolve(binder, &select->state, select->qualify));
}

/* ---- DISTINCT ---- */

static void
project_targets(SelectBinding *select, Hir **hir)
{
    Binder *binder = select->binder;
    *hir = hir_project(&binder->set, *hir, select->targets.outputs, select->targets.count);
    Scalar **columns = arena_new_array(binder->arena, Scalar *, select->targets.count);
    for (int i = 0; i < select->targets.count; i++) {
        columns[i] = hir_column_of(&binder->set, *hir, (uint32_t) i);
        columns[i]->position = select->targets.positions[i];
    }
    select->targets.outputs = columns;
}

static bool
settle_targets(SelectBinding *select, Error *err)
{
    for (int i = 0; i < select->targets.count; i++) {
        Scalar **output = &select->targets.outputs[i];
        if ((*output)->type.id == TYPE_UNKNOWN &&
            !bind_cast(select->binder, *output, SQL_TYPE(TEXT), CAST_IMPLICIT, output, err))
            return false;
    }
    return true;
}

static bool
apply_distinct(SelectBinding *select, Hir **hir, Error *err)
{
    Binder *binder = select->binder;
    if (select->ast->distinct == AST_DISTINCT_NONE)
        return true;
    if (!settle_targets(select, err))
        return false;
    project_targets(select, hir);
    if (select->ast->distinct == AST_DISTINCT_ROW) {
        *hir = hir_distinct(&binder->set, *hir);
        return true;
    }
    uint16_t *group = arena_new_array(binder->arena, uint16_t, select->distinct_on_count);
    SortKey *order = arena_new_array(binder->arena, SortKey, select->order_count);
    for (int i = 0; i < select->distinct_on_count; i++)
        group[i] = (uint16_t) select->distinct_on[i];
    for (int i = 0; i < select->order_count; i++)
        order[i] =
            (SortKey){(uint16_t) select->order[i].output, select->order[i].descending, select->order[i].nulls_first};
    Scalar *one = scalar_literal(binder->arena, SQL_TYPE(INT8), datum_int(1));
    *hir = hir_topk(&binder->set, *hir, group, select->distinct_on_count, order, select->order_count, one, NULL);
    return true;
}

/* ---- the whole ---- */

static bool
select_scope(SelectBinding *select, Scope *parent, Error *err)
{
    if (!bind_from(select->binder, &select->ast->from, parent, &select->from, err) ||
        !scope_new(select->binder->arena, parent, SCOPE_QUERY, &select->scope, err))
        return false;
    Scope *scope = select->scope;
    scope->columns = select->from.scope->columns;
    scope->count = select->from.scope->count;
    scope->tables = select->from.scope->tables;
    scope->table_count = select->from.scope->table_count;
    scope->select = &select->state;
    select->state.ast = select->ast;
    return true;
}

/* Keys are null in the rows of sets that they are not in: whatever is made of them is bound as if the columns could be null. */
static void
expect_key_nulls(SelectBinding *select)
{
    bool plain = true;
    for (int i = 0; i < select->ast->group_by.count; i++)
        plain &= select->ast->group_by.items[i]->kind == AST_GROUP_EXPR;
    for (int i = 0; !plain && i < select->scope->count; i++)
        select->scope->columns[i].nullable = true;
}

static bool
bind_clauses(SelectBinding *select, const AstOrderList *order_by, Error *err)
{
    const AstSelect *ast = select->ast;
    expect_key_nulls(select);
    if (!bind_targets(select, err))
        return false;
    select->scope->clause = CLAUSE_WHERE;
    if (ast->where != NULL && !bind_condition(select->binder, select->scope, ast->where, "WHERE", &select->where, err))
        return false;
    select->scope->clause = CLAUSE_HAVING;
    if (ast->having != NULL &&
        !bind_condition(select->binder, select->scope, ast->having, "HAVING", &select->having, err))
        return false;
    if (!bind_select_order(select, order_by, err) || !bind_group_by(select, err))
        return false;
    select->scope->clause = CLAUSE_QUALIFY;
    if (ast->qualify != NULL &&
        !bind_condition(select->binder, select->scope, ast->qualify, "QUALIFY", &select->qualify, err))
        return false;
    select->scope->clause = CLAUSE_SELECT;
    if (!bind_named_windows(select->binder, select->scope, err))
        return false;
    if (ast->distinct == AST_DISTINCT_ROW && !check_distinct_order(select, err))
        return false;
    return ast->distinct != AST_DISTINCT_ON || bind_distinct_on(select, err);
}

bool
bind_select(Binder *binder, const AstSelect *ast, const AstOrderList *order_by, Scope *parent, BoundQuery *bound,
            Error *err)
{
    SelectBinding *select = arena_new_struct(binder->arena, SelectBinding);
    select->binder = binder;
    select->ast = ast;
    if (!select_scope(select, parent, err) || !bind_clauses(select, order_by, err))
        return false;
    Hir *hir = hir_filter(&binder->set, select->from.hir, select->where);
    if (!apply_grouping(select, &hir, err))
        return false;
    apply_windows(select, &hir);
    hir = bind_place_set_functions(binder, &select->state, select->targets.outputs, select->targets.count, hir);
    if (!apply_distinct(select, &hir, err))
        return false;
    bound->body = (BoundBody){
        .input = hir,
        .outputs = select->targets.outputs,
        .output_count = select->targets.count,
        .names = select->targets.names,
        .positions = select->targets.positions,
        .count = select->visible,
    };
    bound->order = select->order;
    bound->order_count = select->order_count;
    return true;
}
