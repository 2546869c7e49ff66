/*
 * bind_window.c -- window calls: functions and aggregates with OVER, named windows, frames.
 *
 * A call is a reference of its own while the SELECT is bound. Calls over the same partition and order are computed together; these
 * windows come after grouping, one after another, and the references become their columns.
 */
#include "planner/bind.h"

#include "expr/in_range.h"

typedef struct WindowSpec {
    HirWindow window; /* no calls */
    WindowFrame frame;
    Scalar *start_offset, *end_offset;
    bool framed; /* a frame is written */
} WindowSpec;

static bool
windowing_error(Error *err, int position, const char *message, const char *what)
{
    return error_at(err, position, SQLSTATE_WINDOWING_ERROR, message, what);
}

/* ---- frames ---- */

static const char *
units_name(AstFrameUnits units)
{
    return units == AST_FRAME_ROWS ? "ROWS" : units == AST_FRAME_RANGE ? "RANGE" : "GROUPS";
}

static void
find_own(void *context, int level, const Scalar *reference)
{
    const Scalar **found = context;
    if (level == 0 && *found == NULL)
        *found = reference;
}

/* An offset is the same for all rows of the query. */
static bool
check_offset_constant(Binder *binder, const Scalar *offset, AstFrameUnits units, Error *err)
{
    const Scalar *own = NULL;
    hir_scalar_references(&binder->set, offset, find_own, &own);
    if (own == NULL)
        return true;
    if (hir_ref_kind(own->column) == HIR_REF_AGGREGATE)
        return error_at(err, own->position, SQLSTATE_GROUPING_ERROR, "aggregate functions are not allowed in window %s",
                        units_name(units));
    return error_at(err, own->position, SQLSTATE_INVALID_COLUMN_REFERENCE, "argument of %s must not contain variables",
                    units_name(units));
}

/* The offset's type that suits the order column, as PostgreSQL chooses among the families' in_range functions. */
static bool
range_offset_type(Binder *binder, SqlType key, const Scalar *offset, int position, SqlType *type, Error *err)
{
    SqlType preferred = offset->type.id == TYPE_UNKNOWN ? key : offset->type, candidate;
    int matches = 0, functions = 0;
    bool exact = false;
    for (; in_range_offset_type(key, functions, &candidate); functions++) {
        if (offset->type.id != TYPE_UNKNOWN && !type_same(candidate, offset->type) &&
            !cast_exists(offset->type, candidate, CAST_IMPLICIT))
            continue;
        matches++;
        if (!exact)
            *type = candidate;
        exact |= type_same(candidate, preferred);
    }
    const char *key_name = type_format(type_of_id(key.id), binder->arena);
    if (functions == 0)
        return error_at(err, position, SQLSTATE_FEATURE_NOT_SUPPORTED,
                        "RANGE with offset PRECEDING/FOLLOWING is not supported for column type %s", key_name);
    const char *offset_name = type_format(offset->type, binder->arena);
    if (matches == 0) {
        error_at(err, position, SQLSTATE_FEATURE_NOT_SUPPORTED,
                 "RANGE with offset PRECEDING/FOLLOWING is not supported for column type %s and offset type %s",
                 key_name, offset_name);
        return error_hint(err, "Cast the offset value to an appropriate type.");
    }
    if (matches == 1 || exact)
        return true;
    error_at(err, position, SQLSTATE_FEATURE_NOT_SUPPORTED,
             "RANGE with offset PRECEDING/FOLLOWING has multiple interpretations for column type %s and offset type %s",
             key_name, offset_name);
    return error_hint(err, "Cast the offset value to the exact intended type.");
}

static bool
bind_offset(Binder *binder, Scope *scope, const WindowSpec *spec, const AstExpr *expr, AstFrameUnits units,
            Scalar **offset, Error *err)
{
    SqlType type = SQL_TYPE(INT8);
    if (!bind_expr(binder, scope, expr, offset, err) || !check_offset_constant(binder, *offset, units, err))
        return false;
    SqlType from = (*offset)->type;
    if (units == AST_FRAME_RANGE) {
        if (!range_offset_type(binder, spec->window.order[0].expr->type, *offset, expr->position, &type, err))
            return false;
    } else if (from.id != TYPE_UNKNOWN && from.id != TYPE_INT8 && !cast_exists(from, type, CAST_ASSIGNMENT)) {
        return error_at(err, expr->position, SQLSTATE_DATATYPE_MISMATCH,
                        "argument of %s must be type bigint, not type %s", units_name(units),
                        type_format(from, binder->arena));
    }
    return bind_cast(binder, *offset, type, CAST_ASSIGNMENT, offset, err);
}

static bool
check_bounds(const AstWindow *ast, AstBoundKind start, AstBoundKind end, Error *err)
{
    const char *wrong = NULL;
    if (start == AST_BOUND_UNBOUNDED_FOLLOWING)
        wrong = "frame start cannot be UNBOUNDED FOLLOWING";
    else if (ast->has_end && end == AST_BOUND_UNBOUNDED_PRECEDING)
        wrong = "frame end cannot be UNBOUNDED PRECEDING";
    else if (start == AST_BOUND_CURRENT_ROW && end == AST_BOUND_PRECEDING)
        wrong = "frame starting from current row cannot have preceding rows";
    else if (start == AST_BOUND_FOLLOWING && end == AST_BOUND_PRECEDING)
        wrong = "frame starting from following row cannot have preceding rows";
    else if (start == AST_BOUND_FOLLOWING && end == AST_BOUND_CURRENT_ROW)
        wrong = ast->has_end ? "frame starting from following row cannot have preceding rows"
                             : "frame starting from following row cannot end with current row";
    return wrong == NULL || windowing_error(err, ast->position, "%s", wrong);
}

static bool
bind_frame(Binder *binder, Scope *scope, const AstWindow *ast, WindowSpec *spec, Error *err)
{
    static const FrameUnits units[] = {FRAME_RANGE, FRAME_ROWS, FRAME_RANGE, FRAME_GROUPS};
    static const FrameBound bounds[] = {FRAME_UNBOUNDED_PRECEDING, FRAME_PRECEDING, FRAME_CURRENT_ROW, FRAME_FOLLOWING,
                                        FRAME_UNBOUNDED_FOLLOWING};
    static const FrameExclude excludes[] = {FRAME_EXCLUDE_NONE, FRAME_EXCLUDE_ROW, FRAME_EXCLUDE_GROUP,
                                            FRAME_EXCLUDE_TIES, FRAME_EXCLUDE_NONE};
    spec->frame = (WindowFrame){.units = FRAME_RANGE, .start = FRAME_UNBOUNDED_PRECEDING, .end = FRAME_CURRENT_ROW};
    if (ast->units == AST_FRAME_NONE)
        return true;
    AstBoundKind start = ast->start.kind, end = ast->has_end ? ast->end.kind : AST_BOUND_CURRENT_ROW;
    bool offset = ast->start.offset != NULL || (ast->has_end && ast->end.offset != NULL);
    if (!check_bounds(ast, start, end, err))
        return false;
    spec->framed = true;
    spec->frame.units = units[ast->units];
    spec->frame.start = bounds[start];
    spec->frame.end = bounds[end];
    spec->frame.exclude = excludes[ast->exclude];
    if (ast->units == AST_FRAME_RANGE && offset && spec->window.order_count != 1)
        return windowing_error(err, ast->position, "%s",
                               "RANGE with offset PRECEDING/FOLLOWING requires exactly one ORDER BY column");
    if (ast->units == AST_FRAME_GROUPS && spec->window.order_count == 0)
        return windowing_error(err, ast->position, "%s", "GROUPS mode requires an ORDER BY clause");
    return (ast->start.offset == NULL ||
            bind_offset(binder, scope, spec, ast->start.offset, ast->units, &spec->start_offset, err)) &&
           (!ast->has_end || ast->end.offset == NULL ||
            bind_offset(binder, scope, spec, ast->end.offset, ast->units, &spec->end_offset, err));
}

/* ---- specifications ---- */

static bool
bind_settled(Binder *binder, Scope *scope, const AstExpr *expr, Scalar **scalar, Error *err)
{
    return bind_expr(binder, scope, expr, scalar, err) &&
           ((*scalar)->type.id != TYPE_UNKNOWN ||
            bind_cast(binder, *scalar, SQL_TYPE(TEXT), CAST_IMPLICIT, scalar, err));
}

static bool
bind_partition(Binder *binder, Scope *scope, const AstExprList *list, HirWindow *window, Error *err)
{
    window->partition = arena_new_array(binder->arena, Scalar *, list->count);
    window->partition_count = list->count;
    for (int i = 0; i < list->count; i++) {
        if (!bind_settled(binder, scope, list->items[i], &window->partition[i], err))
            return false;
    }
    return true;
}

static bool
bind_window_order(Binder *binder, Scope *scope, const AstOrderList *list, HirWindow *window, Error *err)
{
    window->order = arena_new_array(binder->arena, HirOrder, list->count);
    window->order_count = list->count;
    for (int i = 0; i < list->count; i++) {
        BoundOrder flags;
        if (!bind_settled(binder, scope, list->items[i].expr, &window->order[i].expr, err) ||
            !bind_order_flags(&list->items[i], &flags, err))
            return false;
        window->order[i].descending = flags.descending;
        window->order[i].nulls_first = flags.nulls_first;
    }
    return true;
}

/* `named` of these windows may be referred to. */
static bool bind_spec(Binder *binder, Scope *scope, const AstWindow *ast, int named, WindowSpec *spec, Error *err);

static bool
bind_named(Binder *binder, Scope *scope, const AstIdent *name, int named, WindowSpec *spec, Error *err)
{
    const AstWindowList *windows = &scope->select->ast->windows;
    for (int i = 0; i < named; i++) {
        if (strcmp(windows->items[i]->name.text, name->text) == 0)
            return bind_spec(binder, scope, windows->items[i], i, spec, err);
    }
    return error_at(err, name->position, SQLSTATE_UNDEFINED_OBJECT, "window \"%s\" does not exist", name->text);
}

static bool
check_base(const AstWindow *ast, const WindowSpec *base, Error *err)
{
    if (ast->partition_by.count > 0)
        return windowing_error(err, ast->position, "cannot override PARTITION BY clause of window \"%s\"",
                               ast->base.text);
    if (ast->order_by.count > 0 && base->window.order_count > 0)
        return windowing_error(err, ast->position, "cannot override ORDER BY clause of window \"%s\"", ast->base.text);
    if (!base->framed)
        return true;
    windowing_error(err, ast->position, "cannot copy window \"%s\" because it has a frame clause", ast->base.text);
    bool bare = ast->name.text == NULL && ast->order_by.count == 0 && ast->units == AST_FRAME_NONE;
    return bare ? error_hint(err, "Omit the parentheses in this OVER clause.") : false;
}

static bool
bind_spec(Binder *binder, Scope *scope, const AstWindow *ast, int named, WindowSpec *spec, Error *err)
{
    *spec = (WindowSpec){0};
    if (!ast->inline_)
        return bind_named(binder, scope, &ast->base, named, spec, err);
    if (ast->base.text != NULL) {
        WindowSpec base;
        if (!bind_named(binder, scope, &ast->base, named, &base, err) || !check_base(ast, &base, err))
            return false;
        spec->window = base.window;
    } else if (!bind_partition(binder, scope, &ast->partition_by, &spec->window, err)) {
        return false;
    }
    if (ast->order_by.count > 0 && !bind_window_order(binder, scope, &ast->order_by, &spec->window, err))
        return false;
    return bind_frame(binder, scope, ast, spec, err);
}

static bool
bind_definition(Binder *binder, Scope *scope, const AstWindow *ast, int named, WindowSpec *spec, Error *err)
{
    WindowPart before = scope->in_window;
    scope->in_window = WINDOW_DEFINITION;
    bool worked = bind_spec(binder, scope, ast, named, spec, err);
    scope->in_window = before;
    return worked;
}

bool
bind_named_windows(Binder *binder, Scope *scope, Error *err)
{
    const AstWindowList *windows = &scope->select->ast->windows;
    WindowSpec spec;
    for (int i = 0; i < windows->count; i++) {
        for (int k = 0; k < i; k++) {
            if (strcmp(windows->items[k]->name.text, windows->items[i]->name.text) == 0)
                return windowing_error(err, windows->items[i]->name.position, "window \"%s\" is already defined",
                                       windows->items[i]->name.text);
        }
        if (!bind_definition(binder, scope, windows->items[i], i, &spec, err))
            return false;
    }
    return true;
}

/* ---- window functions ---- */

static const struct {
    const char *name;
    WindowFunction function;
    TypeId result; /* UNKNOWN: the first argument's */
    int args_min, args_max;
    bool nulls; /* takes IGNORE NULLS */
} functions[] = {
    {"row_number", WINDOW_ROW_NUMBER, TYPE_INT8, 0, 0, false},
    {"rank", WINDOW_RANK, TYPE_INT8, 0, 0, false},
    {"dense_rank", WINDOW_DENSE_RANK, TYPE_INT8, 0, 0, false},
    {"percent_rank", WINDOW_PERCENT_RANK, TYPE_FLOAT8, 0, 0, false},
    {"cume_dist", WINDOW_CUME_DIST, TYPE_FLOAT8, 0, 0, false},
    {"ntile", WINDOW_NTILE, TYPE_INT4, 1, 1, false},
    {"lag", WINDOW_LAG, TYPE_UNKNOWN, 1, 3, true},
    {"lead", WINDOW_LEAD, TYPE_UNKNOWN, 1, 3, true},
    {"first_value", WINDOW_FIRST_VALUE, TYPE_UNKNOWN, 1, 1, true},
    {"last_value", WINDOW_LAST_VALUE, TYPE_UNKNOWN, 1, 1, true},
    {"nth_value", WINDOW_NTH_VALUE, TYPE_UNKNOWN, 2, 2, true},
};
enum { FUNCTION_COUNT = sizeof functions / sizeof functions[0] };

static int
function_find(const char *schema, const char *name)
{
    if (schema != NULL && strcmp(schema, "pg_catalog") != 0)
        return -1;
    for (int i = 0; i < FUNCTION_COUNT; i++) {
        if (strcmp(functions[i].name, name) == 0)
            return i;
    }
    return -1;
}

bool
window_function_exists(const char *schema, const char *name)
{
    return function_find(schema, name) >= 0;
}

static bool
undefined(Binder *binder, const char *name, Scalar *const *args, int count, int position, Error *err)
{
    Buffer list = {0};
    for (int i = 0; i < count; i++)
        buffer_printf(&list, "%s%s", i == 0 ? "" : ", ", type_format(type_of_id(args[i]->type.id), binder->arena));
    error_at(err, position, SQLSTATE_UNDEFINED_FUNCTION, "function %s(%.*s) does not exist", name, (int) list.size,
             list.size == 0 ? "" : list.bytes);
    buffer_deinit(&list);
    return error_hint(err, "No function matches the given name and argument types. You might need to add explicit type "
                           "casts.");
}

static bool
is_integer_argument(SqlType type)
{
    return type.id == TYPE_UNKNOWN || type.id == TYPE_INT4 || cast_exists(type, SQL_TYPE(INT4), CAST_IMPLICIT);
}

/* The type of a value that is handed through, and of the default beside it. */
static bool
value_type(Scalar *const *args, int count, int position, SqlType *type, Error *err)
{
    *type = args[0]->type;
    if (count == 3) {
        SqlType both[2] = {args[0]->type, args[2]->type};
        Error ignored = ERROR_INIT;
        bool worked = type_unify(both, 2, "CASE", position, type, &ignored);
        error_clear(&ignored);
        if (type->id == TYPE_UNKNOWN)
            *type = SQL_TYPE(TEXT);
        type->typmod = -1;
        return worked && cast_exists(SQL_TYPE(UNKNOWN), *type, CAST_IMPLICIT);
    }
    if (type->id == TYPE_UNKNOWN)
        return error_at(err, position, SQLSTATE_DATATYPE_MISMATCH,
                        "could not determine polymorphic type because input has type unknown");
    type->typmod = -1;
    return true;
}

static bool
bind_function_args(Binder *binder, int at, Scalar **args, int count, int position, HirWindowCall *call, Error *err)
{
    bool valued = functions[at].result == TYPE_UNKNOWN;
    call->call.function = functions[at].function;
    call->call.arg_count = (uint8_t) count;
    call->call.type = type_of_id(functions[at].result);
    if (count < functions[at].args_min || count > functions[at].args_max)
        return undefined(binder, functions[at].name, args, count, position, err);
    if (valued && !value_type(args, count, position, &call->call.type, err))
        return error_is_set(err) ? false : undefined(binder, functions[at].name, args, count, position, err);
    for (int i = 0; i < count; i++) {
        bool value = valued && i != 1;
        if (!value && !is_integer_argument(args[i]->type))
            return undefined(binder, functions[at].name, args, count, position, err);
        if (!bind_cast(binder, args[i], value ? call->call.type : SQL_TYPE(INT4), CAST_IMPLICIT, &call->args[i], err))
            return false;
    }
    return true;
}

static bool
bind_window_function(Binder *binder, Scope *scope, const AstFunction *function, int at, int position,
                     HirWindowCall *call, Error *err)
{
    Scalar **args;
    if (!bind_expr_list(binder, scope, &function->args, &args, err))
        return false;
    if (function->star)
        return undefined(binder, functions[at].name, NULL, 0, position, err);
    if (function->distinct)
        return error_at(err, position, SQLSTATE_FEATURE_NOT_SUPPORTED,
                        "DISTINCT is not implemented for window functions");
    if (function->order_by.count > 0)
        return error_at(err, position, SQLSTATE_FEATURE_NOT_SUPPORTED,
                        "aggregate ORDER BY is not implemented for window functions");
    if (function->filter != NULL)
        return error_at(err, position, SQLSTATE_FEATURE_NOT_SUPPORTED,
                        "FILTER is not implemented for non-aggregate window functions");
    if (function->nulls == AST_IGNORE_NULLS && !functions[at].nulls)
        return error_at(err, position, SQLSTATE_FEATURE_NOT_SUPPORTED, "IGNORE NULLS is not supported for %s",
                        functions[at].name);
    call->call.ignore_nulls = function->nulls == AST_IGNORE_NULLS;
    return bind_function_args(binder, at, args, function->args.count, position, call, err);
}

static bool
bind_window_aggregate(Binder *binder, Scope *scope, const AstFunction *function, int position, HirWindowCall *call,
                      Error *err)
{
    HirAggregate aggregate = {0};
    if (function->within_group.count > 0)
        return error_at(err, position, SQLSTATE_FEATURE_NOT_SUPPORTED,
                        "OVER is not supported for ordered-set aggregate %s",
                        function->name.parts[function->name.count - 1]);
    if (function->variadic)
        return bind_unsupported(position, "VARIADIC arguments are", err);
    if (function->distinct)
        return error_at(err, position, SQLSTATE_FEATURE_NOT_SUPPORTED,
                        "DISTINCT is not implemented for window functions");
    if (function->order_by.count > 0)
        return error_at(err, position, SQLSTATE_FEATURE_NOT_SUPPORTED,
                        "aggregate ORDER BY is not implemented for window functions");
    if (function->nulls == AST_IGNORE_NULLS)
        return error_at(err, position, SQLSTATE_FEATURE_NOT_SUPPORTED, "IGNORE NULLS is not supported for %s",
                        function->name.parts[function->name.count - 1]);
    if (!bind_aggregate_call(binder, scope, function, position, &aggregate, err))
        return false;
    call->call.function = WINDOW_AGGREGATE;
    call->call.aggregate = aggregate.call;
    call->call.arg_count = (uint8_t) aggregate.arg_count;
    call->call.type = aggregate.call.result_type;
    for (int i = 0; i < aggregate.arg_count; i++)
        call->args[i] = aggregate.args[i];
    call->filter = aggregate.filter;
    return true;
}

/* ---- the list of a SELECT's windows ---- */

static bool
same_or_null(const Scalar *a, const Scalar *b)
{
    return a == b || (a != NULL && b != NULL && scalar_equal(a, b));
}

static bool
same_window(const HirWindow *a, const HirWindow *b)
{
    if (a->partition_count != b->partition_count || a->order_count != b->order_count)
        return false;
    for (int i = 0; i < a->partition_count; i++) {
        if (!scalar_equal(a->partition[i], b->partition[i]))
            return false;
    }
    for (int i = 0; i < a->order_count; i++) {
        if (!scalar_equal(a->order[i].expr, b->order[i].expr) || a->order[i].descending != b->order[i].descending ||
            a->order[i].nulls_first != b->order[i].nulls_first)
            return false;
    }
    return true;
}

static bool
same_call(const HirWindowCall *a, const HirWindowCall *b)
{
    const WindowCall *x = &a->call, *y = &b->call;
    if (x->function != y->function || x->arg_count != y->arg_count || x->ignore_nulls != y->ignore_nulls ||
        !type_same(x->type, y->type) || x->frame.units != y->frame.units || x->frame.start != y->frame.start ||
        x->frame.end != y->frame.end || x->frame.exclude != y->frame.exclude ||
        (x->function == WINDOW_AGGREGATE && x->aggregate.function != y->aggregate.function))
        return false;
    for (int i = 0; i < x->arg_count; i++) {
        if (!scalar_equal(a->args[i], b->args[i]))
            return false;
    }
    return same_or_null(a->filter, b->filter) && same_or_null(a->start_offset, b->start_offset) &&
           same_or_null(a->end_offset, b->end_offset);
}

#define GROWN(binder, type, items, count, capacity)                                                                    \
    do {                                                                                                               \
        if ((count) < (capacity))                                                                                      \
            break;                                                                                                     \
        (capacity) = (capacity) *2 + 4;                                                                                \
        type *grown_ = arena_new_array((binder)->arena, type, (capacity));                                             \
        if ((count) > 0)                                                                                               \
            memcpy(grown_, (items), (size_t) (count) * sizeof *grown_);                                                \
        (items) = grown_;                                                                                              \
    } while (0)

static int
window_find(Binder *binder, SelectState *select, const HirWindow *window)
{
    for (int i = 0; i < select->window_count; i++) {
        if (same_window(&select->windows[i].window, window))
            return i;
    }
    GROWN(binder, struct SelectWindow, select->windows, select->window_count, select->window_capacity);
    select->windows[select->window_count] = (struct SelectWindow){.window = *window};
    return select->window_count++;
}

/* The number of the call among all of the SELECT's. */
static uint32_t
call_add(Binder *binder, SelectState *select, const HirWindow *window, const HirWindowCall *call)
{
    int at = window_find(binder, select, window);
    struct SelectWindow *to = &select->windows[at];
    for (int i = 0; i < select->window_call_count; i++) {
        if (select->window_calls[i].window == at && same_call(&to->window.calls[select->window_calls[i].call], call))
            return (uint32_t) i;
    }
    GROWN(binder, HirWindowCall, to->window.calls, to->window.call_count, to->call_capacity);
    GROWN(binder, struct SelectWindowCall, select->window_calls, select->window_call_count,
          select->window_call_capacity);
    to->window.calls[to->window.call_count] = *call;
    select->window_calls[select->window_call_count] = (struct SelectWindowCall){at, to->window.call_count++};
    return (uint32_t) select->window_call_count++;
}

/* ---- calls ---- */

static bool
check_place(const Scope *scope, int position, Error *err)
{
    Clause clause = scope->clause;
    if (scope->in_aggregate && clause != CLAUSE_FILTER)
        return error_at(err, position, SQLSTATE_GROUPING_ERROR,
                        "aggregate function calls cannot contain window function calls");
    if (scope->in_window == WINDOW_ARGUMENT)
        return windowing_error(err, position, "%s", "window function calls cannot be nested");
    if (scope->in_window == WINDOW_DEFINITION)
        return windowing_error(err, position, "window functions are not allowed in %s", "window definitions");
    bool allowed = clause == CLAUSE_SELECT || clause == CLAUSE_ORDER_BY || clause == CLAUSE_DISTINCT_ON ||
                   clause == CLAUSE_QUALIFY;
    if (scope->select == NULL || !allowed)
        return windowing_error(err, position, "window functions are not allowed in %s", clause_name(clause));
    return true;
}

static bool
bind_window_parts(Binder *binder, Scope *scope, const AstFunction *function, int position, HirWindowCall *call,
                  Error *err)
{
    const char *schema = bind_function_schema(&function->name), *name = function->name.parts[function->name.count - 1];
    int at = function_find(schema, name);
    if (at >= 0 && aggregate_hypothetical(schema, name) != NULL) {
        if (function->within_group.count > 0)
            return error_at(err, position, SQLSTATE_FEATURE_NOT_SUPPORTED,
                            "OVER is not supported for ordered-set aggregate %s", name);
        if (function->args.count > 0)
            return error_at(err, position, SQLSTATE_WRONG_OBJECT_TYPE,
                            "WITHIN GROUP is required for ordered-set aggregate %s", name);
    }
    if (at >= 0)
        return bind_window_function(binder, scope, function, at, position, call, err);
    if (aggregate_exists(schema, name))
        return bind_window_aggregate(binder, scope, function, position, call, err);
    Scalar **args, *plain;
    return bind_expr_list(binder, scope, &function->args, &args, err) &&
           bind_call(binder, schema, name, args, function->args.count, position, &plain, err) &&
           error_at(err, position, SQLSTATE_WRONG_OBJECT_TYPE,
                    "OVER specified, but %s is not a window function nor an aggregate function", name);
}

bool
bind_window_call(Binder *binder, Scope *scope, const AstFunction *function, int position, Scalar **scalar, Error *err)
{
    HirWindowCall call = {0};
    WindowSpec spec;
    if (!check_place(scope, position, err))
        return false;
    uint32_t sets = scope->select == NULL ? 0 : (uint32_t) scope->select->set_function_count;
    scope->in_window = WINDOW_ARGUMENT;
    bool worked = bind_window_parts(binder, scope, function, position, &call, err);
    scope->in_window = WINDOW_NOTHING;
    if (!worked)
        return false;
    if ((uint32_t) scope->select->set_function_count != sets) {
        error_at(err, position, SQLSTATE_FEATURE_NOT_SUPPORTED,
                 "window function calls cannot contain set-returning function calls");
        return error_hint(err, "You might be able to move the set-returning function into a LATERAL FROM item.");
    }
    if (!bind_definition(binder, scope, function->over, scope->select->ast->windows.count, &spec, err))
        return false;
    call.call.frame = (WindowFrame){.units = FRAME_RANGE, .start = FRAME_UNBOUNDED_PRECEDING, .end = FRAME_CURRENT_ROW};
    if (window_call_framed(&call.call)) {
        call.call.frame = spec.frame;
        call.start_offset = spec.start_offset;
        call.end_offset = spec.end_offset;
    }
    uint32_t index = call_add(binder, scope->select, &spec.window, &call);
    *scalar = scalar_column(binder->arena, hir_ref(HIR_REF_WINDOW, 0, index), call.call.type,
                            window_call_nullable(&call.call));
    (*scalar)->position = position;
    return true;
}

/* ---- after grouping ---- */

bool
windows_group(const Grouping *grouping, SelectState *select, Error *err)
{
    for (int i = 0; i < select->window_count; i++) {
        int count;
        Scalar ***slots = hir_window_scalars(grouping->binder->arena, &select->windows[i].window, &count);
        for (int k = 0; k < count; k++) {
            if (!grouping_apply(grouping, *slots[k], slots[k], err))
                return false;
        }
    }
    return true;
}

Hir *
windows_apply(Binder *binder, SelectState *select, Hir *hir)
{
    for (int i = 0; i < select->window_count; i++) {
        select->windows[i].first_column = (uint32_t) hir->column_count;
        hir = hir_window(&binder->set, hir, &select->windows[i].window);
    }
    return hir;
}

typedef struct WindowColumns {
    Binder *binder;
    const SelectState *select;
} WindowColumns;

/* The left side of an IN with a query stands inside of that query, `depth` levels in. */
static Scalar *
window_reference(void *context, const Scalar *reference, int depth)
{
    const WindowColumns *columns = context;
    if (hir_ref_level(reference->column) != depth || hir_ref_kind(reference->column) != HIR_REF_WINDOW)
        return NULL;
    const struct SelectWindowCall *call = &columns->select->window_calls[hir_ref_index(reference->column)];
    uint32_t column = columns->select->windows[call->window].first_column + (uint32_t) call->call;
    Scalar *made = hir_column(columns->binder->arena, depth, column, reference->type, reference->nullable);
    made->position = reference->position;
    return made;
}

Scalar *
windows_resolve(Binder *binder, const SelectState *select, Scalar *scalar)
{
    WindowColumns columns = {binder, select};
    return select->window_count == 0 ? scalar : hir_scalar_replace(&binder->set, scalar, 0, window_reference, &columns);
}
