/*
 * bind_set_function.c -- set-returning functions among the targets of a SELECT: bound as references of their own, then placed under the targets.
 *
 * Functions of one depth run in lockstep for each row (as ROWS FROM runs them), those of the next depth for each row that this gives.
 */
#include "planner/bind.h"

/* ---- binding ---- */

static bool
check_placement(Scope *scope, int position, Error *err)
{
    bool allowed = scope->clause == CLAUSE_SELECT || scope->clause == CLAUSE_ORDER_BY ||
                   scope->clause == CLAUSE_DISTINCT_ON || scope->clause == CLAUSE_GROUP_BY;
    if (scope->in_aggregate) {
        error_at(err, position, SQLSTATE_FEATURE_NOT_SUPPORTED,
                 "aggregate function calls cannot contain set-returning function calls");
        return error_hint(err, "You might be able to move the set-returning function into a LATERAL FROM item.");
    }
    if (scope->select == NULL || !allowed)
        return error_at(err, position, SQLSTATE_FEATURE_NOT_SUPPORTED, "set-returning functions are not allowed in %s",
                        clause_name(scope->clause));
    return true;
}

static bool
same_call(const struct SetFunction *function, const TableFunctionCall *call, Scalar *const *args)
{
    if (!table_function_call_same(&function->call, call))
        return false;
    for (int i = 0; i < call->arg_count; i++) {
        if (!scalar_equal(function->args[i], args[i]))
            return false;
    }
    return true;
}

static const struct SetFunction *
function_add(Binder *binder, SelectState *select, const TableFunctionCall *call, Scalar **args)
{
    for (int i = 0; i < select->set_function_count; i++) {
        if (same_call(&select->set_functions[i], call, args))
            return &select->set_functions[i];
    }
    if (select->set_function_count == select->set_function_capacity) {
        int capacity = select->set_function_capacity * 2 + 2;
        struct SetFunction *grown = arena_new_array(binder->arena, struct SetFunction, capacity);
        if (select->set_function_count > 0)
            memcpy(grown, select->set_functions, (size_t) select->set_function_count * sizeof *grown);
        select->set_functions = grown;
        select->set_function_capacity = capacity;
    }
    struct SetFunction *function = &select->set_functions[select->set_function_count++];
    *function = (struct SetFunction){.call = *call, .args = args, .first = select->set_column_count, .placed = -1};
    select->set_column_count += (uint32_t) call->column_count;
    return function;
}

static Scalar *
function_column(Binder *binder, const struct SetFunction *function, int column)
{
    return scalar_column(binder->arena, hir_ref(HIR_REF_SET, 0, function->first + (uint32_t) column),
                         function->call.column_types[column], true);
}

bool
bind_set_function(Binder *binder, Scope *scope, const AstFunction *ast, int position, Scalar **scalar, Error *err)
{
    TableFunctionCall call;
    Scalar **args;
    if (!check_placement(scope, position, err) || !bind_table_function(binder, scope, ast, position, &call, &args, err))
        return false;
    const struct SetFunction *function = function_add(binder, scope->select, &call, args);
    binder->set_calls++;
    binder->set_call_position = position;
    if (call.column_count == 1) {
        *scalar = function_column(binder, function, 0);
    } else {
        Scalar **fields = arena_new_array(binder->arena, Scalar *, call.column_count);
        for (int i = 0; i < call.column_count; i++)
            fields[i] = function_column(binder, function, i);
        *scalar = bind_record(binder, fields, call.column_names, call.column_count);
    }
    (*scalar)->position = position;
    return true;
}

bool
bind_no_set_function(const Binder *binder, int calls_before, const char *what, Error *err)
{
    if (binder->set_calls == calls_before)
        return true;
    error_at(err, binder->set_call_position, SQLSTATE_FEATURE_NOT_SUPPORTED,
             "set-returning functions are not allowed in %s", what);
    return error_hint(err, "You might be able to move the set-returning function into a LATERAL FROM item.");
}

/* ---- placing ---- */

static struct SetFunction *
function_of_column(SelectState *select, uint32_t column)
{
    for (int i = 0; i < select->set_function_count; i++) {
        struct SetFunction *function = &select->set_functions[i];
        if (column >= function->first && column < function->first + (uint32_t) function->call.column_count)
            return function;
    }
    bug("no set-returning function has column %u", column);
}

static bool
is_set_reference(const Scalar *scalar)
{
    return scalar->kind == SCALAR_COLUMN && hir_ref_kind(scalar->column) == HIR_REF_SET;
}

/* Marks what an expression calls that is not placed, and returns how deep calls lie in one another there. */
static int
mark(SelectState *select, const Scalar *scalar)
{
    int deepest = 0;
    if (is_set_reference(scalar)) {
        struct SetFunction *function = function_of_column(select, hir_ref_index(scalar->column));
        if (function->placed >= 0)
            return 0;
        if (function->depth > 0)
            return function->depth;
        for (int i = 0; i < function->call.arg_count; i++) {
            int depth = mark(select, function->args[i]);
            deepest = depth > deepest ? depth : deepest;
        }
        return function->depth = deepest + 1;
    }
    for (int i = 0; i < scalar->arg_count; i++) {
        int depth = mark(select, scalar->args[i]);
        deepest = depth > deepest ? depth : deepest;
    }
    return deepest;
}

typedef struct Placed {
    Binder *binder;
    SelectState *select;
} Placed;

static Scalar *
placed_reference(void *context, const Scalar *reference, int depth)
{
    const Placed *placed = context;
    if (hir_ref_level(reference->column) != depth || hir_ref_kind(reference->column) != HIR_REF_SET)
        return NULL;
    const struct SetFunction *function = function_of_column(placed->select, hir_ref_index(reference->column));
    if (function->placed < 0)
        return NULL;
    uint32_t column = (uint32_t) function->placed + hir_ref_index(reference->column) - function->first;
    Scalar *made = hir_column(placed->binder->arena, depth, column, reference->type, true);
    made->position = reference->position;
    return made;
}

static void
place_depth(Binder *binder, SelectState *select, int depth, Hir **hir)
{
    TableFunctionCall *parts = arena_new_array(binder->arena, TableFunctionCall, select->set_function_count);
    Placed placed = {binder, select};
    int count = 0, arg_count = 0, column = (*hir)->column_count;
    for (int i = 0; i < select->set_function_count; i++) {
        if (select->set_functions[i].depth != depth)
            continue;
        parts[count++] = select->set_functions[i].call;
        arg_count += select->set_functions[i].call.arg_count;
    }
    Scalar **args = arena_new_array(binder->arena, Scalar *, arg_count);
    arg_count = 0;
    for (int i = 0; i < select->set_function_count; i++) {
        const struct SetFunction *function = &select->set_functions[i];
        for (int a = 0; a < function->call.arg_count && function->depth == depth; a++)
            args[arg_count++] = hir_scalar_replace(&binder->set, function->args[a], 0, placed_reference, &placed);
    }
    TableFunctionCall call;
    table_function_zip(parts, count, binder->arena, &call);
    *hir = hir_flat_map(&binder->set, *hir, &call, args, false);
    for (int i = 0; i < select->set_function_count; i++) {
        struct SetFunction *function = &select->set_functions[i];
        if (function->depth != depth)
            continue;
        function->placed = column;
        column += function->call.column_count;
    }
}

Hir *
bind_place_set_functions(Binder *binder, SelectState *select, Scalar **exprs, int count, Hir *hir)
{
    if (select->set_function_count == 0)
        return hir;
    int deepest = 0;
    for (int i = 0; i < select->set_function_count; i++)
        select->set_functions[i].depth = 0, select->set_functions[i].placed = -1;
    for (int i = 0; i < count; i++) {
        int depth = mark(select, exprs[i]);
        deepest = depth > deepest ? depth : deepest;
    }
    for (int depth = 1; depth <= deepest; depth++)
        place_depth(binder, select, depth, &hir);
    Placed placed = {binder, select};
    for (int i = 0; i < count; i++)
        exprs[i] = hir_scalar_replace(&binder->set, exprs[i], 0, placed_reference, &placed);
    return hir;
}
