/*
 * bind_output.c -- what PostgreSQL calls an output column that has no alias.
 */
#include "planner/bind.h"

typedef enum NameStrength { NAME_NONE, NAME_WEAK, NAME_STRONG } NameStrength; /* a weak name gives way to a cast's */

static NameStrength
strong_name(const char **name, const char *text)
{
    *name = text;
    return NAME_STRONG;
}

static NameStrength
type_output_name(const AstType *type, const char **name)
{
    while (type->kind == AST_TYPE_ARRAY)
        type = type->element;
    *name = type->kind == AST_TYPE_LIST ? "list" : "map";
    if (type->kind != AST_TYPE_NAMED)
        return NAME_WEAK;
    *name = type->name.parts[type->name.count - 1];
    return NAME_WEAK;
}

static NameStrength
subquery_output_name(const AstQuery *query, const char **name)
{
    const AstBody *body = query->body;
    while (body->kind == AST_BODY_SET_OP || body->kind == AST_BODY_QUERY)
        body = body->kind == AST_BODY_SET_OP ? body->set_op.left : body->query->body;
    if (body->kind == AST_BODY_VALUES)
        return strong_name(name, "column1");
    if (body->kind != AST_BODY_SELECT || body->select->targets.count == 0)
        return NAME_NONE;
    const AstTarget *target = &body->select->targets.items[0];
    return strong_name(name, target->alias.text != NULL ? target->alias.text : bind_output_name(target->expr));
}

static NameStrength
output_name(const AstExpr *expr, const char **name)
{
    NameStrength strength;
    switch (expr->kind) {
    case AST_EXPR_STAR:
        return expr->name.count == 0 ? NAME_NONE : strong_name(name, expr->name.parts[expr->name.count - 1]);
    case AST_EXPR_COLUMN:
        return strong_name(name, expr->name.parts[expr->name.count - 1]);
    case AST_EXPR_FUNCTION:
        return strong_name(name, expr->function->name.parts[expr->function->name.count - 1]);
    case AST_EXPR_FIELD:
        return strong_name(name, expr->field.name.text);
    case AST_EXPR_COALESCE:
        return strong_name(name, "coalesce");
    case AST_EXPR_GREATEST:
        return strong_name(name, "greatest");
    case AST_EXPR_LEAST:
        return strong_name(name, "least");
    case AST_EXPR_NULLIF:
        return strong_name(name, "nullif");
    case AST_EXPR_EXISTS:
        return strong_name(name, "exists");
    case AST_EXPR_ARRAY:
    case AST_EXPR_ARRAY_QUERY:
        return strong_name(name, "array");
    case AST_EXPR_LIST:
    case AST_EXPR_LIST_QUERY:
        return strong_name(name, "list");
    case AST_EXPR_MAP:
    case AST_EXPR_MAP_QUERY:
        return strong_name(name, "map");
    case AST_EXPR_ROW:
        return strong_name(name, "row");
    case AST_EXPR_SUBQUERY:
        return subquery_output_name(expr->query, name);
    case AST_EXPR_COLLATE:
        return output_name(expr->collate.arg, name);
    case AST_EXPR_SUBSCRIPT:
        return output_name(expr->subscript.arg, name);
    case AST_EXPR_BOOLEAN:
        *name = "bool";
        return NAME_WEAK;
    case AST_EXPR_TYPED_LITERAL:
        return type_output_name(expr->typed_literal.type, name);
    case AST_EXPR_CAST:
        strength = output_name(expr->cast.arg, name);
        return strength == NAME_STRONG ? strength : type_output_name(expr->cast.type, name);
    case AST_EXPR_CASE:
        strength = expr->case_->otherwise == NULL ? NAME_NONE : output_name(expr->case_->otherwise, name);
        if (strength == NAME_STRONG)
            return strength;
        *name = "case";
        return NAME_WEAK;
    default:
        return NAME_NONE;
    }
}

const char *
bind_output_name(const AstExpr *expr)
{
    const char *name = "?column?";
    return output_name(expr, &name) == NAME_NONE ? "?column?" : name;
}
