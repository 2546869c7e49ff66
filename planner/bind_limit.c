/*
 * bind_limit.c -- LIMIT, OFFSET, FETCH FIRST.
 *
 * Counts that are known before any row is read are a top-k. Those that come from a subquery or from the rows around, and WITH TIES, are
 * conditions on the row's number, which is a window call: a row that ties with the last one has a rank that is still within the limit.
 */
#include "planner/bind.h"

static bool
has_reference(const Scalar *scalar)
{
    if (scalar == NULL)
        return false;
    if (scalar->kind == SCALAR_COLUMN)
        return true;
    for (int i = 0; i < scalar->arg_count; i++) {
        if (has_reference(scalar->args[i]))
            return true;
    }
    return false;
}

static bool
bind_count(Binder *binder, const AstExpr *expr, Scope *parent, Clause clause, Scalar **count, Error *err)
{
    *count = NULL;
    if (expr == NULL)
        return true;
    Scope *scope;
    if (!scope_new(binder->arena, parent, SCOPE_QUERY, &scope, err))
        return false;
    scope->clause = clause;
    if (!bind_expr(binder, scope, expr, count, err))
        return false;
    SqlType from = (*count)->type;
    if (from.id != TYPE_UNKNOWN && !cast_exists(from, SQL_TYPE(INT8), CAST_ASSIGNMENT) && from.id != TYPE_INT8)
        return error_at(err, expr->position, SQLSTATE_DATATYPE_MISMATCH,
                        "argument of %s must be type bigint, not type %s", clause_name(clause),
                        type_format(from, binder->arena));
    return bind_cast(binder, *count, SQL_TYPE(INT8), CAST_ASSIGNMENT, count, err);
}

/* ---- by number ---- */

static Scalar *
coalesced(Binder *binder, Scalar *value, Scalar *otherwise)
{
    Scalar **args = arena_new_array(binder->arena, Scalar *, 2);
    args[0] = value;
    args[1] = otherwise;
    Scalar *made = scalar_make(binder->arena, SCALAR_COALESCE, value->type, args, 2);
    made->nullable = false;
    return made;
}

/* CASE WHEN count < 0 THEN an error ELSE condition END */
static bool
guarded(Binder *binder, Scalar *count, Scalar *condition, bool is_offset, Scalar **scalar, Error *err)
{
    Scalar *zero = scalar_literal(binder->arena, SQL_TYPE(INT8), datum_int(0));
    Scalar **args = arena_new_array(binder->arena, Scalar *, 3);
    EvalError *error = arena_new_struct(binder->arena, EvalError);
    memcpy(error->sqlstate,
           is_offset ? SQLSTATE_INVALID_ROW_COUNT_IN_RESULT_OFFSET_CLAUSE : SQLSTATE_INVALID_ROW_COUNT_IN_LIMIT_CLAUSE,
           sizeof error->sqlstate);
    error->message = is_offset ? "OFFSET must not be negative" : "LIMIT must not be negative";
    if (!bind_operator(binder, "<", count, zero, count->position, &args[0], err))
        return false;
    args[1] = scalar_literal(binder->arena, SQL_TYPE(BOOL), DATUM_NULL);
    args[1]->literal_error = error;
    args[2] = condition;
    *scalar = scalar_make(binder->arena, SCALAR_CASE, SQL_TYPE(BOOL), args, 3);
    (*scalar)->nullable = true;
    return true;
}

/* number > offset AND rank - offset <= limit; a limit of null is none. */
static bool
number_condition(Binder *binder, const BoundQuery *bound, Scalar *number, Scalar *rank, Scalar **condition, Error *err)
{
    Scalar *offset = scalar_literal(binder->arena, SQL_TYPE(INT8), datum_int(0)), *after = NULL, *within = NULL;
    *condition = NULL;
    if (bound->offset != NULL) {
        offset = coalesced(binder, bound->offset, offset);
        if (!bind_operator(binder, ">", number, offset, 0, &after, err) ||
            !guarded(binder, offset, after, true, &after, err))
            return false;
        *condition = after;
    }
    if (bound->limit == NULL)
        return true;
    if (!bind_operator(binder, "-", rank, offset, 0, &within, err) ||
        !bind_operator(binder, "<=", within, bound->limit, 0, &within, err))
        return false;
    within = coalesced(binder, within, scalar_literal(binder->arena, SQL_TYPE(BOOL), datum_int(1)));
    if (!guarded(binder, bound->limit, within, false, &within, err))
        return false;
    *condition = *condition == NULL ? within : scalar_and(binder->arena, *condition, within);
    return true;
}

static HirWindowCall
number_call(WindowFunction function)
{
    return (HirWindowCall){.call = {.function = function,
                                    .type = SQL_TYPE(INT8),
                                    .frame = {.units = FRAME_RANGE, .end = FRAME_CURRENT_ROW}}};
}

static bool
limit_by_number(Binder *binder, BoundQuery *bound, bool with_ties, Error *err)
{
    Hir *hir;
    Scalar *condition;
    if (!bound_query_project(binder, bound, false, &hir, err))
        return false;
    int width = hir->column_count;
    HirWindow window = {.order = arena_new_array(binder->arena, HirOrder, bound->order_count),
                        .order_count = bound->order_count,
                        .calls = arena_new_array(binder->arena, HirWindowCall, 2),
                        .call_count = with_ties ? 2 : 1};
    for (int i = 0; i < bound->order_count; i++)
        window.order[i] = (HirOrder){hir_column_of(&binder->set, hir, (uint32_t) bound->order[i].output),
                                     bound->order[i].descending, bound->order[i].nulls_first};
    window.calls[0] = number_call(WINDOW_ROW_NUMBER);
    window.calls[1] = number_call(WINDOW_RANK);
    hir = hir_window(&binder->set, hir, &window);
    Scalar *number = hir_column_of(&binder->set, hir, (uint32_t) width);
    Scalar *rank = with_ties ? hir_column_of(&binder->set, hir, (uint32_t) width + 1) : number;
    if (!number_condition(binder, bound, number, rank, &condition, err))
        return false;
    bound->body.input = hir_filter(&binder->set, hir, condition);
    Scalar **outputs = arena_new_array(binder->arena, Scalar *, width);
    for (int i = 0; i < width; i++) {
        outputs[i] = hir_column_of(&binder->set, hir, (uint32_t) i);
        outputs[i]->position = bound->body.outputs[i]->position;
    }
    bound->body.outputs = outputs;
    bound->limit = bound->offset = NULL;
    return true;
}

bool
bind_limits(Binder *binder, const AstQuery *query, Scope *parent, BoundQuery *bound, Error *err)
{
    if (query->with_ties && query->order_by.count == 0)
        return error_set(err, SQLSTATE_SYNTAX_ERROR, "WITH TIES cannot be specified without ORDER BY clause");
    if (query->with_ties && query->limit != NULL && query->limit->kind == AST_EXPR_NULL)
        return error_set(err, SQLSTATE_INVALID_ROW_COUNT_IN_LIMIT_CLAUSE,
                         "row count cannot be null in FETCH FIRST ... WITH TIES clause");
    if (!bind_count(binder, query->limit, parent, CLAUSE_LIMIT, &bound->limit, err) ||
        !bind_count(binder, query->offset, parent, CLAUSE_OFFSET, &bound->offset, err))
        return false;
    if (!query->with_ties && !has_reference(bound->limit) && !has_reference(bound->offset))
        return true;
    return limit_by_number(binder, bound, query->with_ties, err);
}
