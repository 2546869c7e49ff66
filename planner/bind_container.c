/*
 * bind_container.c -- lists and maps of the dialect: their constructors, and what stands in brackets after a list.
 */
#include "planner/bind.h"

enum { LAYERS_MAX = 3 }; /* bounds of a slice are arguments of one call */

Scalar *
bind_container(Binder *binder, const char *function, Scalar **args, int count, SqlType type, int position)
{
    Scalar *call = scalar_known_call(binder->arena, function, args, count, type);
    call->nullable = false;
    call->position = position;
    return call;
}

/* ---- lists ---- */

bool
bind_list_value(Binder *binder, Scope *scope, const AstExpr *expr, SqlType target, Scalar **scalar, Error *err)
{
    int count = expr->list.count;
    Scalar **args = arena_new_array(binder->arena, Scalar *, count + 1);
    bool has_target = target.id == TYPE_LIST && target.element != TYPE_UNKNOWN;
    SqlType element = has_target ? type_element_of(target) : SQL_TYPE(UNKNOWN);
    if (count == 0 && !has_target) {
        error_at(err, expr->position, SQLSTATE_INDETERMINATE_DATATYPE, "unable to infer type for empty list");
        return error_hint(err, "Explicitly cast to the desired type, for example LIST[]::integer list.");
    }
    for (int i = 0; i < count; i++) {
        const AstExpr *item = expr->list.items[i];
        bool nested = item->kind == AST_EXPR_LIST;
        if (!(nested ? bind_list_value(binder, scope, item, element, &args[i], err)
                     : bind_expr(binder, scope, item, &args[i], err)))
            return false;
        if (has_target && !bind_explicit_cast(binder, args[i], element, item->position, &args[i], err))
            return false;
    }
    if (!has_target && !bind_unified(binder, args, count, "LIST", expr->position, &element, err))
        return false;
    for (int i = 0; i < count && element.id == TYPE_UNKNOWN; i++) {
        if (!bind_cast(binder, args[i], SQL_TYPE(TEXT), CAST_IMPLICIT, &args[i], err))
            return false;
    }
    if (element.id == TYPE_UNKNOWN)
        element = SQL_TYPE(TEXT);
    SqlType type = has_target ? target : type_list_of(element);
    *scalar = bind_container(binder, "list_make", args, count, type, expr->position);
    return true;
}

/* ---- maps ---- */

bool
bind_map_value(Binder *binder, Scope *scope, const AstExpr *expr, SqlType target, Scalar **scalar, Error *err)
{
    int count = expr->list.count / 2;
    bool has_target = target.id == TYPE_MAP && target.element != TYPE_UNKNOWN;
    SqlType value_type = has_target ? type_element_of(target) : SQL_TYPE(UNKNOWN);
    Scalar **values = arena_new_array(binder->arena, Scalar *, count + 1);
    Scalar **args = arena_new_array(binder->arena, Scalar *, 2 * count + 1);
    if (count == 0 && !has_target) {
        error_at(err, expr->position, SQLSTATE_INDETERMINATE_DATATYPE, "unable to infer type for empty map");
        return error_hint(err, "Explicitly cast to the desired type, for example MAP[]::map[text=>integer].");
    }
    for (int i = 0; i < count; i++) {
        const AstExpr *value = expr->list.items[2 * i + 1];
        bool nested = value->kind == AST_EXPR_MAP;
        if (!bind_expr(binder, scope, expr->list.items[2 * i], &args[2 * i], err) ||
            !bind_cast(binder, args[2 * i], SQL_TYPE(TEXT), CAST_IMPLICIT, &args[2 * i], err) ||
            !(nested ? bind_map_value(binder, scope, value, value_type, &values[i], err)
                     : bind_expr(binder, scope, value, &values[i], err)))
            return false;
        if (has_target && !bind_explicit_cast(binder, values[i], value_type, value->position, &values[i], err))
            return false;
    }
    if (!has_target && !bind_unified(binder, values, count, "MAP", expr->position, &value_type, err))
        return false;
    for (int i = 0; i < count; i++) {
        if (value_type.id == TYPE_UNKNOWN &&
            !bind_cast(binder, values[i], SQL_TYPE(TEXT), CAST_IMPLICIT, &values[i], err))
            return false;
        args[2 * i + 1] = values[i];
    }
    if (value_type.id == TYPE_UNKNOWN)
        value_type = SQL_TYPE(TEXT);
    SqlType type = has_target ? target : type_map_of(value_type);
    *scalar = bind_container(binder, "map_make", args, 2 * count, type, expr->position);
    return true;
}

/* ---- brackets ---- */

static bool
bound_of(Binder *binder, Scope *scope, const AstExpr *expr, Scalar **bound, Error *err)
{
    if (expr == NULL) {
        *bound = scalar_null(binder->arena, SQL_TYPE(INT8));
        return true;
    }
    return bind_expr(binder, scope, expr, bound, err) &&
           bind_cast(binder, *bound, SQL_TYPE(INT8), CAST_ASSIGNMENT, bound, err);
}

static bool
too_deep(Binder *binder, SqlType list, int count, int position, Error *err)
{
    int layers = 0;
    for (SqlType type = list; type.id == TYPE_LIST; type = type_element_of(type))
        layers++;
    if (count <= layers)
        return false;
    error_at(err, position, SQLSTATE_DATATYPE_MISMATCH, "cannot subscript type %s with %d subscripts; it has %d layers",
             type_format(list, binder->arena), count, layers);
    return true;
}

bool
bind_list_subscript(Binder *binder, Scope *scope, Scalar *list, const AstSubscriptList *subscripts, int position,
                    Scalar **scalar, Error *err)
{
    int count = subscripts->count;
    if (too_deep(binder, list->type, count, position, err))
        return false;
    Scalar **args = arena_new_array(binder->arena, Scalar *, 2 * count + 1);
    args[0] = list;
    bool slice = subscripts->items[0].slice;
    if (slice && count > LAYERS_MAX)
        return bind_unsupported(position, "slices of more than three layers are", err);
    SqlType type = list->type;
    for (int i = 0; i < count; i++) {
        const AstSubscript *subscript = &subscripts->items[i];
        if (subscript->slice != slice)
            return bind_unsupported(position, "brackets that mix slices and single elements of lists are", err);
        Scalar **at = &args[slice ? 1 + 2 * i : 1 + i];
        if (!bound_of(binder, scope, subscript->lower, at, err) ||
            (slice && !bound_of(binder, scope, subscript->upper, at + 1, err)))
            return false;
        type = slice ? type : type_element_of(type);
    }
    *scalar = scalar_known_call(binder->arena, slice ? "list_slice" : "list_subscript", args,
                                slice ? 2 * count + 1 : count + 1, type);
    (*scalar)->position = position;
    return true;
}
