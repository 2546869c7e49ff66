/*
 * build_expr.c -- names and expressions.
 */
#include <string.h>

#include "grammar/build.h"
#include "grammar/sql.h"

void *
list_grown(Arena *arena, const void *items, int count, int *capacity, size_t item_size)
{
    void *grown;

    *capacity = *capacity == 0 ? 4 : *capacity * 2;
    grown = arena_alloc(arena, (size_t) *capacity * item_size);
    if (count > 0)
        memcpy(grown, items, (size_t) count * item_size);
    return grown;
}

const char *
text_upper(Parser *p, const char *text)
{
    char *upper = arena_strdup(p->arena, text);

    for (char *c = upper; *c != '\0'; c++) {
        if (*c >= 'a' && *c <= 'z')
            *c = (char) (*c & ~0x20);
    }
    return upper;
}

const char *
text_joined(Parser *p, const char *a, const char *between, const char *b)
{
    return arena_printf(p->arena, "%s%s%s", a, between, b);
}

/* ---- Depth: every node knows how many levels are under it ---- */

static int
max_of(int a, int b)
{
    return a > b ? a : b;
}

static int
depth_of(const AstExpr *expr)
{
    return expr == NULL ? 0 : expr->depth;
}

int
depth_of_list(const AstExprList *list)
{
    int depth = 0;

    for (int i = 0; list != NULL && i < list->count; i++)
        depth = max_of(depth, depth_of(list->items[i]));
    return depth;
}

int
depth_of_order(const AstOrderList *list)
{
    int depth = 0;

    for (int i = 0; list != NULL && i < list->count; i++)
        depth = max_of(depth, depth_of(list->items[i].expr));
    return depth;
}

int
depth_of_window(const AstWindow *window)
{
    int depth;

    if (window == NULL)
        return 0;
    depth = max_of(depth_of_list(&window->partition_by), depth_of_order(&window->order_by));
    return max_of(depth, max_of(depth_of(window->start.offset), depth_of(window->end.offset)));
}

uint16_t
depth_checked(Parser *p, int depth, int position)
{
    if (depth > AST_DEPTH_MAX)
        parser_too_deep(p, position);
    return (uint16_t) (depth > AST_DEPTH_MAX ? AST_DEPTH_MAX : depth);
}

static AstExpr *
build_deep(Parser *p, AstExprKind kind, int position, int depth_below)
{
    AstExpr *expr = NEW(AstExpr);

    expr->kind = kind;
    expr->position = position;
    expr->depth = depth_checked(p, depth_below + 1, position);
    return expr;
}

/* ---- Names ---- */

AstName *
build_name(Parser *p, const Token *ident)
{
    AstName *name = NEW(AstName);

    name->parts[0] = ident->text;
    name->count = 1;
    name->position = ident->position;
    return name;
}

AstName *
build_name_of(Parser *p, AstIdent ident)
{
    AstName *name = NEW(AstName);

    name->parts[0] = ident.text;
    name->count = 1;
    name->position = ident.position;
    return name;
}

AstName *
build_name_push(Parser *p, AstName *name, const Token *ident)
{
    if (name->count == AST_NAME_PARTS_MAX) {
        if (!p->failed)
            parser_error_at(p, SQLSTATE_SYNTAX_ERROR, name->position,
                            "improper qualified name (too many dotted names): %s.%s.%s.%s.%s", name->parts[0],
                            name->parts[1], name->parts[2], name->parts[3], ident->text);
        return name;
    }
    name->parts[name->count++] = ident->text;
    return name;
}

AstName *
build_op_named(Parser *p, const Token *at, const char *op)
{
    AstName *name = NEW(AstName);

    name->parts[0] = op;
    name->count = 1;
    name->position = at->position;
    return name;
}

AstName *
build_op_name(Parser *p, const Token *op)
{
    return build_op_named(p, op, op->text);
}

AstName *
build_op_qualify(Parser *p, const Token *schema, AstName *op)
{
    if (op->count == AST_NAME_PARTS_MAX) {
        parser_syntax_error_at(p, schema->position);
        return op;
    }
    for (int i = op->count; i > 0; i--)
        op->parts[i] = op->parts[i - 1];
    op->parts[0] = schema->text;
    op->count++;
    op->position = schema->position;
    return op;
}

AstName *
build_func_name(Parser *p, const Token *ident, const IndirectionList *indirection)
{
    AstName *name = build_name(p, ident);

    for (int i = 0; i < indirection->count; i++) {
        const Indirection *step = &indirection->items[i];
        Token part = {.text = step->name.text, .position = step->name.position};

        if (step->kind == INDIRECTION_FIELD)
            build_name_push(p, name, &part);
        else
            parser_syntax_error_at(p, step->name.position);
    }
    return name;
}

/* ---- Leaves ---- */

AstExpr *
build_expr(Parser *p, AstExprKind kind, int position)
{
    return build_deep(p, kind, position, 0);
}

AstExpr *
build_text(Parser *p, AstExprKind kind, const Token *token)
{
    AstExpr *expr = build_expr(p, kind, token->position);

    expr->text = token->text;
    return expr;
}

AstExpr *
build_number(Parser *p, const Token *token)
{
    return build_text(p, token->kind == TK_ICONST ? AST_EXPR_INTEGER : AST_EXPR_DECIMAL, token);
}

/* The 1 that is meant where nothing is written. */
AstExpr *
build_one(Parser *p, const Token *at)
{
    AstExpr *expr = build_expr(p, AST_EXPR_INTEGER, at->position);

    expr->text = "1";
    return expr;
}

AstExpr *
build_boolean(Parser *p, const Token *token, bool value)
{
    AstExpr *expr = build_expr(p, AST_EXPR_BOOLEAN, token->position);

    expr->boolean = value;
    return expr;
}

AstExpr *
build_parameter(Parser *p, const Token *token)
{
    AstExpr *expr = build_expr(p, AST_EXPR_PARAMETER, token->position);
    long number = 0;

    for (const char *c = token->text; *c != '\0' && number <= 65535; c++)
        number = number * 10 + (*c - '0');
    if (number < 1 || number > 65535) {
        parser_error_at(p, SQLSTATE_UNDEFINED_PARAMETER, token->position, "there is no parameter $%s", token->text);
        return expr;
    }
    expr->parameter = (int) number;
    if (expr->parameter > p->parameters)
        p->parameters = expr->parameter;
    return expr;
}

AstExpr *
build_typed_literal(Parser *p, AstType *type, const Token *text)
{
    AstExpr *expr = build_deep(p, AST_EXPR_TYPED_LITERAL, type->position, depth_of_list(&type->modifiers));

    expr->typed_literal.type = type;
    expr->typed_literal.text = text->text;
    expr->typed_literal.text_position = text->position;
    return expr;
}

/* ---- Columns, fields, subscripts ---- */

static AstExpr *
build_field(Parser *p, AstExpr *base, AstIdent name)
{
    AstExpr *expr = build_deep(p, AST_EXPR_FIELD, name.position, depth_of(base));

    expr->field.arg = base;
    expr->field.name = name;
    return expr;
}

/* Applies the steps from `first` on. */
static AstExpr *
build_steps(Parser *p, AstExpr *base, const IndirectionList *steps, int first)
{
    for (int i = first; i < steps->count; i++) {
        const Indirection *step = &steps->items[i];

        switch (step->kind) {
        case INDIRECTION_FIELD:
            base = build_field(p, base, step->name);
            break;
        case INDIRECTION_STAR:
            base = build_arg(p, AST_EXPR_FIELD_STAR, step->name.position, base);
            if (i + 1 < steps->count)
                parser_syntax_error_at(p, steps->items[i + 1].name.position);
            break;
        case INDIRECTION_INDEX:
        case INDIRECTION_SLICE: {
            AstSubscript subscript = {step->kind == INDIRECTION_SLICE, step->lower, step->upper};
            int depth = max_of(depth_of(step->lower), depth_of(step->upper));

            if (base->kind != AST_EXPR_SUBSCRIPT || i == 0) {
                AstExpr *expr = build_deep(p, AST_EXPR_SUBSCRIPT, step->name.position, depth_of(base));

                expr->subscript.arg = base;
                base = expr;
            }
            PUSH(&base->subscript.subscripts, subscript);
            base->depth = depth_checked(p, max_of(base->depth, depth + 1), base->position);
            break;
        }
        }
    }
    return base;
}

AstExpr *
build_indirection(Parser *p, AstExpr *base, const IndirectionList *indirection)
{
    return build_steps(p, base, indirection, 0);
}

AstExpr *
build_column_ref(Parser *p, const Token *ident, const IndirectionList *indirection)
{
    AstExpr *expr = build_expr(p, AST_EXPR_COLUMN, ident->position);
    int i = 0;

    expr->name.parts[0] = ident->text;
    expr->name.count = 1;
    expr->name.position = ident->position;
    if (indirection == NULL)
        return expr;
    for (; i < indirection->count && expr->name.count < AST_NAME_PARTS_MAX; i++) {
        const Indirection *step = &indirection->items[i];

        if (step->kind == INDIRECTION_STAR) {
            expr->kind = AST_EXPR_STAR;
            if (i + 1 < indirection->count)
                parser_syntax_error_at(p, indirection->items[i + 1].name.position);
            return expr;
        }
        if (step->kind != INDIRECTION_FIELD)
            break;
        expr->name.parts[expr->name.count++] = step->name.text;
    }
    return build_steps(p, expr, indirection, i);
}

/* ---- Operators ---- */

AstExpr *
build_arg(Parser *p, AstExprKind kind, int position, AstExpr *arg)
{
    AstExpr *expr = build_deep(p, kind, position, depth_of(arg));

    expr->arg = arg;
    return expr;
}

AstExpr *
build_parens(Parser *p, AstExpr *expr)
{
    (void) p;
    return expr;
}

static AstExpr *
build_operation(Parser *p, AstName name, AstExpr *left, AstExpr *right)
{
    AstExpr *expr = build_deep(p, AST_EXPR_OPERATOR, name.position, max_of(depth_of(left), depth_of(right)));

    expr->op.name = name;
    expr->op.left = left;
    expr->op.right = right;
    return expr;
}

AstExpr *
build_operator(Parser *p, const AstName *op, AstExpr *left, AstExpr *right)
{
    return build_operation(p, *op, left, right);
}

AstExpr *
build_binary(Parser *p, const Token *op, AstExpr *left, AstExpr *right)
{
    return build_operation(p, (AstName){.parts = {op->text}, .count = 1, .position = op->position}, left, right);
}

/* A minus before a number becomes part of it, so that the least bigint can be written. */
AstExpr *
build_prefix(Parser *p, const Token *op, AstExpr *arg)
{
    if (op->kind == TK_MINUS && (arg->kind == AST_EXPR_INTEGER || arg->kind == AST_EXPR_DECIMAL)) {
        arg->text = arg->text[0] == '-' ? arg->text + 1 : text_joined(p, "-", arg->text, "");
        arg->position = op->position;
        return arg;
    }
    return build_binary(p, op, NULL, arg);
}

AstExpr *
build_and_or(Parser *p, AstExprKind kind, const Token *op, AstExpr *left, AstExpr *right)
{
    AstExpr *expr = left;

    if (left->kind != kind) {
        expr = build_deep(p, kind, op->position, depth_of(left));
        PUSH(&expr->list, left);
    }
    if (right->kind != kind) {
        PUSH(&expr->list, right);
        expr->depth = depth_checked(p, max_of(expr->depth, depth_of(right) + 1), op->position);
    } else {
        for (int i = 0; i < right->list.count; i++)
            PUSH(&expr->list, right->list.items[i]);
        expr->depth = (uint16_t) max_of(expr->depth, right->depth);
    }
    return expr;
}

AstExpr *
build_list(Parser *p, AstExprKind kind, int position, const AstExprList *list)
{
    AstExpr *expr = build_deep(p, kind, position, depth_of_list(list));

    LIST_SET(expr->list, list);
    return expr;
}

static void
settle_brackets(AstExpr *expr, AstExprKind kind)
{
    for (int i = 0; i < expr->list.count; i++) {
        AstExpr *item = expr->list.items[i];

        if (item->kind == EXPR_BRACKETS) {
            item->kind = kind;
            settle_brackets(item, kind);
        }
    }
}

/* ARRAY[...] and LIST[...], whose bare inner brackets are of the same kind. */
AstExpr *
build_collection(Parser *p, AstExprKind kind, int position, const AstExprList *list)
{
    AstExpr *expr = build_list(p, kind, position, list);

    settle_brackets(expr, kind);
    return expr;
}

AstExpr *
build_pair(Parser *p, AstExprKind kind, int position, bool negated, AstExpr *left, AstExpr *right)
{
    AstExpr *expr = build_deep(p, kind, position, max_of(depth_of(left), depth_of(right)));

    expr->pair.left = left;
    expr->pair.right = right;
    expr->pair.negated = negated;
    return expr;
}

AstExpr *
build_like(Parser *p, const Token *op, AstLikeKind kind, bool negated, AstExpr *arg, AstExpr *pattern, AstExpr *escape)
{
    AstExpr *expr =
        build_deep(p, AST_EXPR_LIKE, op->position, max_of(depth_of(arg), max_of(depth_of(pattern), depth_of(escape))));

    expr->like.arg = arg;
    expr->like.pattern = pattern;
    expr->like.escape = escape;
    expr->like.like = kind;
    expr->like.negated = negated;
    return expr;
}

AstExpr *
build_is(Parser *p, const Token *op, AstIsTest test, bool negated, AstExpr *arg)
{
    AstExpr *expr = build_deep(p, AST_EXPR_IS, op->position, depth_of(arg));

    expr->is.arg = arg;
    expr->is.test = test;
    expr->is.negated = negated;
    return expr;
}

AstExpr *
build_between(Parser *p, const Token *op, bool symmetric, bool negated, AstExpr *arg, AstExpr *low, AstExpr *high)
{
    AstExpr *expr =
        build_deep(p, AST_EXPR_BETWEEN, op->position, max_of(depth_of(arg), max_of(depth_of(low), depth_of(high))));

    expr->between.arg = arg;
    expr->between.low = low;
    expr->between.high = high;
    expr->between.symmetric = symmetric;
    expr->between.negated = negated;
    return expr;
}

AstExpr *
build_in(Parser *p, const Token *op, bool negated, AstExpr *arg, const AstExprList *list, AstQuery *query)
{
    int below = query != NULL ? query->depth : depth_of_list(list);
    AstExpr *expr =
        build_deep(p, query != NULL ? AST_EXPR_IN_QUERY : AST_EXPR_IN_LIST, op->position, max_of(depth_of(arg), below));

    expr->in.arg = arg;
    expr->in.query = query;
    LIST_SET(expr->in.list, list);
    expr->in.negated = negated;
    return expr;
}

AstExpr *
build_quantified(Parser *p, const AstName *op, bool all, AstExpr *left, AstExpr *array, AstQuery *query)
{
    int below = query != NULL ? query->depth : depth_of(array);
    AstExpr *expr = build_deep(p, AST_EXPR_QUANTIFIED, op->position, max_of(depth_of(left), below));

    expr->quantified.op = op;
    expr->quantified.left = left;
    expr->quantified.array = array;
    expr->quantified.query = query;
    expr->quantified.all = all;
    return expr;
}

AstExpr *
build_cast(Parser *p, AstExpr *arg, AstType *type)
{
    AstExpr *expr = build_deep(p, AST_EXPR_CAST, arg->position, max_of(depth_of(arg), depth_of_list(&type->modifiers)));

    expr->cast.arg = arg;
    expr->cast.type = type;
    return expr;
}

AstExpr *
build_collate(Parser *p, const Token *op, AstExpr *arg, const AstName *collation)
{
    AstExpr *expr = build_deep(p, AST_EXPR_COLLATE, op->position, depth_of(arg));

    expr->collate.arg = arg;
    expr->collate.collation = *collation;
    return expr;
}

AstExpr *
build_subquery(Parser *p, AstExprKind kind, int position, AstQuery *query)
{
    AstExpr *expr = build_deep(p, kind, position, query->depth);

    expr->query = query;
    return expr;
}

AstExpr *
build_case(Parser *p, const Token *at, AstExpr *operand, const AstWhenList *whens, AstExpr *otherwise)
{
    int below = max_of(depth_of(operand), depth_of(otherwise));
    AstExpr *expr;

    for (int i = 0; i < whens->count; i++)
        below = max_of(below, max_of(depth_of(whens->items[i].condition), depth_of(whens->items[i].result)));
    expr = build_deep(p, AST_EXPR_CASE, at->position, below);
    expr->case_ = NEW(AstCase);
    expr->case_->operand = operand;
    expr->case_->whens = *whens;
    expr->case_->otherwise = otherwise;
    return expr;
}

/* ---- Functions ---- */

AstExpr *
build_call(Parser *p, const AstName *name, const AstExprList *args)
{
    AstExpr *expr = build_deep(p, AST_EXPR_FUNCTION, name->position, depth_of_list(args));

    expr->function = NEW(AstFunction);
    expr->function->name = *name;
    LIST_SET(expr->function->args, args);
    return expr;
}

AstExpr *
build_call_variadic(Parser *p, const AstName *name, AstExprList *args, AstExpr *last)
{
    AstExpr *call;

    if (args == NULL)
        args = NEW(AstExprList);
    PUSH(args, last);
    call = build_call(p, name, args);
    call->function->variadic = true;
    return call;
}

AstExpr *
build_call_suffix(Parser *p, AstExpr *call, const AstOrderList *within_group, AstExpr *filter, AstNullTreatment nulls,
                  AstWindow *over)
{
    AstFunction *function = call->function;
    int below = max_of(depth_of(filter), depth_of_order(within_group));

    below = max_of(below, max_of(depth_of_window(over), depth_of_order(&function->order_by)));
    call->depth = depth_checked(p, max_of(call->depth, below + 1), call->position);
    LIST_SET(function->within_group, within_group);
    function->filter = filter;
    function->nulls = nulls;
    function->over = over;
    return call;
}

AstExpr *
build_form(Parser *p, const Token *at, AstFunctionForm form, const char *name)
{
    AstName full = {.parts = {name}, .count = 1, .position = at->position};
    AstExpr *call = build_call(p, &full, NULL);

    call->function->form = form;
    return call;
}

void
build_form_arg(Parser *p, AstExpr *call, AstExpr *arg)
{
    PUSH(&call->function->args, arg);
    call->depth = depth_checked(p, max_of(call->depth, depth_of(arg) + 1), call->position);
}

AstExpr *
build_keyword_call(Parser *p, const Token *word, const Token *precision)
{
    AstExpr *call = build_form(p, word, AST_FORM_KEYWORD, word->text);

    if (precision != NULL && precision->text != NULL)
        FORM_ARG(call, build_number(p, precision));
    return call;
}

static AstExpr *
build_string(Parser *p, const char *text, int position)
{
    AstExpr *expr = build_expr(p, AST_EXPR_STRING, position);

    expr->text = text;
    return expr;
}

AstExpr *
build_extract(Parser *p, const Token *at, const Token *field, AstExpr *arg)
{
    AstExpr *call = build_form(p, at, AST_FORM_EXTRACT, "extract");

    FORM_ARG(call, build_string(p, field->text, field->position));
    FORM_ARG(call, arg);
    return call;
}

AstExpr *
build_normalize(Parser *p, const Token *at, AstExpr *arg, const Token *form)
{
    AstExpr *call = build_form(p, at, AST_FORM_NORMALIZE, "normalize");

    FORM_ARG(call, arg);
    FORM_ARG(call, build_string(p, text_upper(p, form->text), form->position));
    return call;
}

AstExpr *
build_trim(Parser *p, const Token *at, const char *name, const AstExprList *args)
{
    AstExpr *call = build_form(p, at, AST_FORM_TRIM, name);

    for (int i = 0; i < args->count; i++)
        FORM_ARG(call, args->items[i]);
    return call;
}

AstExpr *
build_at_time_zone(Parser *p, const Token *op, AstExpr *arg, AstExpr *zone)
{
    AstExpr *call = build_form(p, op, AST_FORM_AT_TIME_ZONE, "timezone");

    FORM_ARG(call, zone);
    FORM_ARG(call, arg);
    return call;
}

AstExpr *
build_overlaps(Parser *p, const Token *op, AstExpr *left, AstExpr *right)
{
    AstExpr *call = build_form(p, op, AST_FORM_OVERLAPS, "overlaps");

    if (left->list.count != 2 || right->list.count != 2) {
        parser_error_at(p, SQLSTATE_SYNTAX_ERROR, op->position,
                        "wrong number of parameters on %s side of OVERLAPS expression",
                        left->list.count != 2 ? "left" : "right");
        return call;
    }
    FORM_ARG(call, left->list.items[0]);
    FORM_ARG(call, left->list.items[1]);
    FORM_ARG(call, right->list.items[0]);
    FORM_ARG(call, right->list.items[1]);
    return call;
}

AstExpr *
build_named_argument(Parser *p, const Token *arrow, const AstExpr *name, AstExpr *arg)
{
    AstExpr *expr = build_deep(p, AST_EXPR_NAMED_ARGUMENT, name->position, depth_of(arg));

    if (name->kind != AST_EXPR_COLUMN || name->name.count != 1) {
        parser_syntax_error_at(p, arrow->position);
        return expr;
    }
    expr->named.name = (AstIdent){name->name.parts[0], name->position};
    expr->named.arg = arg;
    return expr;
}
