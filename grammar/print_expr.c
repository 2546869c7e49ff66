/*
 * print_expr.c -- expressions, with the parentheses that precedence asks for and no others.
 */
#include <string.h>

#include "grammar/print.h"

/* ---- How tightly things hold ---- */

static bool
is_one_of(const char *op, const char *const *ops)
{
    for (; *ops != NULL; ops++) {
        if (strcmp(op, *ops) == 0)
            return true;
    }
    return false;
}

static Level
binary_level(const AstName *op)
{
    static const char *const comparisons[] = {"<", ">", "=", "<=", ">=", "<>", NULL};
    static const char *const sums[] = {"+", "-", NULL};
    static const char *const products[] = {"*", "/", "%", NULL};

    if (op->count > 1)
        return LEVEL_OPERATOR;
    if (is_one_of(op->parts[0], comparisons))
        return LEVEL_COMPARISON;
    if (is_one_of(op->parts[0], sums))
        return LEVEL_SUM;
    if (is_one_of(op->parts[0], products))
        return LEVEL_PRODUCT;
    return strcmp(op->parts[0], "^") == 0 ? LEVEL_POWER : LEVEL_OPERATOR;
}

static bool
is_number(const AstExpr *expr)
{
    return expr->kind == AST_EXPR_INTEGER || expr->kind == AST_EXPR_DECIMAL;
}

/* + and - before anything but a number, of which a minus would become a part. */
static bool
is_sign(const AstExpr *expr)
{
    const AstName *op = &expr->op.name;

    return op->count == 1 && (strcmp(op->parts[0], "+") == 0 || strcmp(op->parts[0], "-") == 0) &&
           !is_number(expr->op.right);
}

static Level
expr_level(const AstExpr *expr)
{
    switch (expr->kind) {
    case AST_EXPR_OR:
        return LEVEL_OR;
    case AST_EXPR_AND:
        return LEVEL_AND;
    case AST_EXPR_NOT:
        return LEVEL_NOT;
    case AST_EXPR_IS:
    case AST_EXPR_DISTINCT_FROM:
    case AST_EXPR_QUANTIFIED:
        return LEVEL_IS;
    case AST_EXPR_BETWEEN:
    case AST_EXPR_IN_LIST:
    case AST_EXPR_IN_QUERY:
    case AST_EXPR_LIKE:
        return LEVEL_IN;
    case AST_EXPR_OPERATOR:
        if (expr->op.left != NULL)
            return binary_level(&expr->op.name);
        return is_sign(expr) ? LEVEL_SIGN : LEVEL_OPERATOR;
    case AST_EXPR_FUNCTION:
        if (expr->function->form == AST_FORM_AT_TIME_ZONE)
            return LEVEL_AT;
        return expr->function->form == AST_FORM_OVERLAPS ? LEVEL_OR : LEVEL_PRIMARY;
    case AST_EXPR_COLLATE:
        return LEVEL_COLLATE;
    case AST_EXPR_INTEGER:
    case AST_EXPR_DECIMAL:
        return expr->text[0] == '-' ? LEVEL_SIGN : LEVEL_PRIMARY;
    case AST_EXPR_CAST:
        return LEVEL_CAST;
    case AST_EXPR_NAMED_ARGUMENT:
        return LEVEL_ANY;
    default:
        return LEVEL_PRIMARY;
    }
}

void
print_operand(Printer *to, const AstExpr *expr, Level level)
{
    Level own = expr_level(expr);
    bool parentheses = own < level || (own < LEVEL_SIGN && (to->style & AST_PRINT_PARENTHESES) != 0);

    if (parentheses)
        print_text(to, "(");
    print_expr(to, expr);
    if (parentheses)
        print_text(to, ")");
}

void
print_expr_list(Printer *to, const AstExprList *list)
{
    for (int i = 0; i < list->count; i++) {
        if (i > 0)
            print_text(to, ", ");
        print_expr(to, list->items[i]);
    }
}

static void
print_in_parentheses(Printer *to, const AstExprList *list)
{
    print_text(to, "(");
    print_expr_list(to, list);
    print_text(to, ")");
}

/* ---- Operators ---- */

static void
print_operator_name(Printer *to, const AstName *op, bool spelled)
{
    if (op->count == 1 && !spelled) {
        print_text(to, op->parts[0]);
        return;
    }
    print_text(to, "OPERATOR(");
    for (int i = 0; i < op->count - 1; i++) {
        print_ident(to, op->parts[i]);
        print_text(to, ".");
    }
    print_text(to, op->parts[op->count - 1]);
    print_text(to, ")");
}

/* Symbols that the grammar takes before an operand only in OPERATOR(). */
static bool
prefix_needs_spelling(const AstExpr *expr)
{
    static const char *const infix[] = {"*", "/", "%", "^", "<", ">", "=", "<=", ">=", "<>", "+", "-", NULL};

    return expr->op.name.count > 1 || (is_one_of(expr->op.name.parts[0], infix) && !is_sign(expr));
}

static void
print_prefix(Printer *to, const AstExpr *expr)
{
    const AstExpr *arg = expr->op.right;

    print_operator_name(to, &expr->op.name, prefix_needs_spelling(expr));
    /* Two signs in a row would be a comment, and other symbols would grow together. */
    if (!is_sign(expr) || (arg->kind == AST_EXPR_OPERATOR && arg->op.left == NULL) || is_number(arg))
        print_text(to, " ");
    print_operand(to, arg, is_sign(expr) ? LEVEL_SIGN : LEVEL_SUM);
}

static void
print_binary(Printer *to, const AstExpr *expr)
{
    Level level = binary_level(&expr->op.name);

    print_operand(to, expr->op.left, level == LEVEL_COMPARISON ? level + 1 : level);
    print_text(to, " ");
    print_operator_name(to, &expr->op.name, false);
    print_text(to, " ");
    print_operand(to, expr->op.right, level + 1);
}

static void
print_chain(Printer *to, const AstExprList *list, const char *word, Level level)
{
    for (int i = 0; i < list->count; i++) {
        if (i > 0)
            print_text(to, word);
        print_operand(to, list->items[i], level + 1);
    }
}

static void
print_is(Printer *to, const AstExpr *expr)
{
    static const char *const tests[] = {"NULL", "TRUE", "FALSE", "UNKNOWN"};

    print_operand(to, expr->is.arg, LEVEL_COMPARISON);
    print_text(to, expr->is.negated ? " IS NOT " : " IS ");
    print_text(to, tests[expr->is.test]);
}

static void
print_between(Printer *to, const AstExpr *expr)
{
    print_operand(to, expr->between.arg, LEVEL_OPERATOR);
    print_text(to, expr->between.negated ? " NOT BETWEEN " : " BETWEEN ");
    if (expr->between.symmetric)
        print_text(to, "SYMMETRIC ");
    /* The lower bound is a b_expr, which has no AND: anything that is not simple goes into parentheses. */
    print_operand(to, expr->between.low, is_number(expr->between.low) ? LEVEL_ANY : LEVEL_CAST);
    print_text(to, " AND ");
    print_operand(to, expr->between.high, LEVEL_OPERATOR);
}

static void
print_in(Printer *to, const AstExpr *expr)
{
    print_operand(to, expr->in.arg, LEVEL_OPERATOR);
    print_text(to, expr->in.negated ? " NOT IN " : " IN ");
    if (expr->kind == AST_EXPR_IN_QUERY)
        print_subquery(to, expr->in.query);
    else
        print_in_parentheses(to, &expr->in.list);
}

static void
print_like(Printer *to, const AstExpr *expr)
{
    static const char *const words[] = {"LIKE ", "ILIKE ", "SIMILAR TO "};

    print_operand(to, expr->like.arg, LEVEL_OPERATOR);
    print_text(to, expr->like.negated ? " NOT " : " ");
    print_text(to, words[expr->like.like]);
    print_operand(to, expr->like.pattern, LEVEL_OPERATOR);
    if (expr->like.escape != NULL) {
        print_text(to, " ESCAPE ");
        print_operand(to, expr->like.escape, LEVEL_OPERATOR);
    }
}

static void
print_quantified(Printer *to, const AstExpr *expr)
{
    static const char *const like[][2] = {{"~~", "LIKE"}, {"!~~", "NOT LIKE"}, {"~~*", "ILIKE"}, {"!~~*", "NOT ILIKE"}};
    const AstName *op = expr->quantified.op;
    const char *words = NULL;

    for (size_t i = 0; i < 4 && op->count == 1; i++) {
        if (strcmp(like[i][0], op->parts[0]) == 0)
            words = like[i][1];
    }
    print_operand(to, expr->quantified.left, LEVEL_SUM);
    print_text(to, " ");
    if (words != NULL)
        print_text(to, words);
    else
        print_operator_name(to, op, false);
    print_text(to, expr->quantified.all ? " ALL " : " ANY ");
    if (expr->quantified.query != NULL) {
        print_subquery(to, expr->quantified.query);
        return;
    }
    print_text(to, "(");
    print_expr(to, expr->quantified.array);
    print_text(to, ")");
}

/* ---- Functions ---- */

void
print_order_list(Printer *to, const AstOrderList *list)
{
    static const char *const directions[] = {"", " ASC", " DESC"};
    static const char *const nulls[] = {"", " NULLS FIRST", " NULLS LAST"};

    for (int i = 0; i < list->count; i++) {
        const AstOrderItem *item = &list->items[i];

        if (i > 0)
            print_text(to, ", ");
        print_expr(to, item->expr);
        if (item->using_op.count > 0) {
            print_text(to, " USING ");
            for (int k = 0; k < item->using_op.count; k++) {
                if (k + 1 < item->using_op.count)
                    print_ident(to, item->using_op.parts[k]);
                else
                    print_text(to, item->using_op.parts[k]);
                if (k + 1 < item->using_op.count)
                    print_text(to, ".");
            }
        }
        print_text(to, directions[item->direction]);
        print_text(to, nulls[item->nulls]);
    }
}

static void
print_bound(Printer *to, const AstFrameBound *bound)
{
    static const char *const words[] = {"UNBOUNDED PRECEDING", " PRECEDING", "CURRENT ROW", " FOLLOWING",
                                        "UNBOUNDED FOLLOWING"};

    if (bound->kind == AST_BOUND_PRECEDING || bound->kind == AST_BOUND_FOLLOWING)
        print_operand(to, bound->offset, LEVEL_PRIMARY);
    print_text(to, words[bound->kind]);
}

static void
print_frame(Printer *to, const AstWindow *window)
{
    static const char *const units[] = {"", "ROWS ", "RANGE ", "GROUPS "};
    static const char *const exclude[] = {"", " EXCLUDE CURRENT ROW", " EXCLUDE GROUP", " EXCLUDE TIES",
                                          " EXCLUDE NO OTHERS"};

    print_text(to, units[window->units]);
    if (window->has_end)
        print_text(to, "BETWEEN ");
    print_bound(to, &window->start);
    if (window->has_end) {
        print_text(to, " AND ");
        print_bound(to, &window->end);
    }
    print_text(to, exclude[window->exclude]);
}

/* Without its name: base, or (base PARTITION BY ... ORDER BY ... frame) */
void
print_window(Printer *to, const AstWindow *window)
{
    const char *blank = "";

    if (!window->inline_) {
        print_ident(to, window->base.text);
        return;
    }
    print_text(to, "(");
    if (window->base.text != NULL) {
        print_ident(to, window->base.text);
        blank = " ";
    }
    if (window->partition_by.count > 0) {
        print_text(to, blank);
        print_text(to, "PARTITION BY ");
        print_expr_list(to, &window->partition_by);
        blank = " ";
    }
    if (window->order_by.count > 0) {
        print_text(to, blank);
        print_text(to, "ORDER BY ");
        print_order_list(to, &window->order_by);
        blank = " ";
    }
    if (window->units != AST_FRAME_NONE) {
        print_text(to, blank);
        print_frame(to, window);
    }
    print_text(to, ")");
}

static void
print_call(Printer *to, const AstFunction *function)
{
    print_function_name(to, &function->name);
    print_text(to, "(");
    if (function->distinct)
        print_text(to, "DISTINCT ");
    if (function->star)
        print_text(to, "*");
    for (int i = 0; i < function->args.count; i++) {
        if (i > 0)
            print_text(to, ", ");
        if (function->variadic && i + 1 == function->args.count)
            print_text(to, "VARIADIC ");
        print_expr(to, function->args.items[i]);
    }
    if (function->order_by.count > 0) {
        print_text(to, " ORDER BY ");
        print_order_list(to, &function->order_by);
    }
    print_text(to, ")");
    if (function->within_group.count > 0) {
        print_text(to, " WITHIN GROUP (ORDER BY ");
        print_order_list(to, &function->within_group);
        print_text(to, ")");
    }
    if (function->filter != NULL) {
        print_text(to, " FILTER (WHERE ");
        print_expr(to, function->filter);
        print_text(to, ")");
    }
    if (function->nulls != AST_NULL_TREATMENT_NONE)
        print_text(to, function->nulls == AST_IGNORE_NULLS ? " IGNORE NULLS" : " RESPECT NULLS");
    if (function->over != NULL) {
        print_text(to, " OVER ");
        print_window(to, function->over);
    }
}

static void
print_upper(Printer *to, const char *text)
{
    for (; *text != '\0'; text++)
        buffer_append_char(to->out, *text >= 'a' && *text <= 'z' ? (char) (*text & ~0x20) : *text);
}

static bool
is_field_word(const char *text)
{
    for (const char *c = text; *c != '\0'; c++) {
        if (*c < 'a' || *c > 'z')
            return false;
    }
    return text[0] != '\0';
}

static void
print_keyword_call(Printer *to, const AstFunction *function)
{
    print_upper(to, function->name.parts[0]);
    if (function->args.count > 0)
        print_in_parentheses(to, &function->args);
}

static void
print_extract(Printer *to, const AstFunction *function)
{
    static const char *const words[] = {"year",       "month",        "day",          "hour",   "minute",
                                        "second",     "epoch",        "dow",          "doy",    "week",
                                        "isodow",     "isoyear",      "quarter",      "decade", "century",
                                        "millennium", "milliseconds", "microseconds", NULL};
    const char *field = function->args.items[0]->text;

    print_text(to, "EXTRACT(");
    if (is_field_word(field) && is_one_of(field, words))
        print_upper(to, field);
    else
        print_string(to, field);
    print_text(to, " FROM ");
    print_expr(to, function->args.items[1]);
    print_text(to, ")");
}

/* WORD(arg FROM arg FOR arg): the words between the arguments, in order. */
static void
print_worded(Printer *to, const AstFunction *function, const char *word, const char *const *between)
{
    print_text(to, word);
    print_text(to, "(");
    for (int i = 0; i < function->args.count; i++) {
        if (i > 0)
            print_text(to, between[i - 1]);
        print_expr(to, function->args.items[i]);
    }
    print_text(to, ")");
}

static void
print_trim(Printer *to, const AstFunction *function)
{
    const char *name = function->name.parts[0];

    print_text(to, name[0] == 'l' ? "TRIM(LEADING " : name[0] == 'r' ? "TRIM(TRAILING " : "TRIM(BOTH ");
    if (function->args.count == 2) {
        print_expr(to, function->args.items[1]);
        print_text(to, " ");
    }
    print_text(to, "FROM ");
    if (function->args.count == 2)
        print_expr(to, function->args.items[0]);
    else
        print_expr_list(to, &function->args);
    print_text(to, ")");
}

static void
print_function(Printer *to, const AstFunction *function)
{
    static const char *const from_for[] = {" FROM ", " FOR "};
    static const char *const placing[] = {" PLACING ", " FROM ", " FOR "};
    static const char *const similar[] = {" SIMILAR ", " ESCAPE "};
    static const char *const pairs[] = {", ", ") OVERLAPS (", ", "};
    AstExpr *const *args = function->args.items;

    switch (function->form) {
    case AST_FORM_CALL:
        print_call(to, function);
        break;
    case AST_FORM_KEYWORD:
        print_keyword_call(to, function);
        break;
    case AST_FORM_EXTRACT:
        print_extract(to, function);
        break;
    case AST_FORM_POSITION: /* two b_exprs */
        print_text(to, "POSITION(");
        print_operand(to, args[1], LEVEL_CAST);
        print_text(to, " IN ");
        print_operand(to, args[0], LEVEL_CAST);
        print_text(to, ")");
        break;
    case AST_FORM_SUBSTRING:
        print_worded(to, function, "SUBSTRING", from_for);
        break;
    case AST_FORM_SUBSTRING_SIMILAR:
        print_text(to, "SUBSTRING(");
        for (int i = 0; i < 3; i++) {
            if (i > 0)
                print_text(to, similar[i - 1]);
            print_operand(to, args[i], LEVEL_OPERATOR);
        }
        print_text(to, ")");
        break;
    case AST_FORM_TRIM:
        print_trim(to, function);
        break;
    case AST_FORM_OVERLAY:
        print_worded(to, function, "OVERLAY", placing);
        break;
    case AST_FORM_AT_TIME_ZONE:
        print_operand(to, args[1], LEVEL_AT);
        print_text(to, " AT TIME ZONE ");
        print_operand(to, args[0], LEVEL_AT + 1);
        break;
    case AST_FORM_NORMALIZE:
        print_text(to, "NORMALIZE(");
        print_expr(to, args[0]);
        if (function->args.count > 1) {
            print_text(to, ", ");
            print_text(to, args[1]->text);
        }
        print_text(to, ")");
        break;
    case AST_FORM_OVERLAPS:
        print_worded(to, function, "", pairs);
        break;
    }
}

/* ---- The rest ---- */

static void
print_case(Printer *to, const AstCase *node)
{
    print_text(to, "CASE");
    if (node->operand != NULL) {
        print_text(to, " ");
        print_expr(to, node->operand);
    }
    for (int i = 0; i < node->whens.count; i++) {
        print_text(to, " WHEN ");
        print_expr(to, node->whens.items[i].condition);
        print_text(to, " THEN ");
        print_expr(to, node->whens.items[i].result);
    }
    if (node->otherwise != NULL) {
        print_text(to, " ELSE ");
        print_expr(to, node->otherwise);
    }
    print_text(to, " END");
}

static void
print_typed_literal(Printer *to, const AstExpr *expr)
{
    const AstType *type = expr->typed_literal.type;
    AstType bare = *type;

    /* The fields of an interval follow its text. */
    if (type->interval_from != NULL) {
        bare.interval_from = NULL;
        bare.interval_to = NULL;
        bare.modifiers = (AstExprList){0};
    }
    print_type(to, &bare);
    print_text(to, " ");
    print_string(to, expr->typed_literal.text);
    if (type->interval_from != NULL) {
        /* "interval" + fields, of which only the fields are wanted. */
        size_t start = to->out->size;

        print_type(to, type);
        memmove(to->out->bytes + start, to->out->bytes + start + 8, to->out->size - start - 8);
        to->out->size -= 8;
    }
}

static void
print_bracketed(Printer *to, const char *word, const AstExprList *list)
{
    print_text(to, word);
    print_text(to, "[");
    print_expr_list(to, list);
    print_text(to, "]");
}

static void
print_map(Printer *to, const AstExprList *list)
{
    print_text(to, "MAP[");
    for (int i = 0; i < list->count; i++) {
        if (i > 0)
            print_text(to, i % 2 == 0 ? ", " : " => ");
        print_expr(to, list->items[i]);
    }
    print_text(to, "]");
}

static void
print_subscript(Printer *to, const AstExpr *expr)
{
    const AstExpr *arg = expr->subscript.arg;
    bool plain = arg->kind == AST_EXPR_COLUMN || arg->kind == AST_EXPR_PARAMETER || arg->kind == AST_EXPR_ARRAY ||
                 arg->kind == AST_EXPR_LIST || arg->kind == AST_EXPR_MAP;

    print_text(to, plain ? "" : "(");
    print_expr(to, arg);
    print_text(to, plain ? "" : ")");
    for (int i = 0; i < expr->subscript.subscripts.count; i++) {
        const AstSubscript *subscript = &expr->subscript.subscripts.items[i];

        print_text(to, "[");
        if (subscript->lower != NULL)
            print_expr(to, subscript->lower);
        if (subscript->slice)
            print_text(to, subscript->lower != NULL ? " : " : ": "); /* never "::" */
        if (subscript->upper != NULL)
            print_expr(to, subscript->upper);
        print_text(to, "]");
    }
}

static void
print_star(Printer *to, const AstName *name)
{
    if (name->count > 0) {
        print_name(to, name);
        print_text(to, ".");
    }
    print_text(to, "*");
}

static void
print_bit_string(Printer *to, const char *text)
{
    buffer_append_char(to->out, text[0]);
    print_string(to, text + 1);
}

static void
print_worded_list(Printer *to, const char *word, const AstExprList *list)
{
    print_text(to, word);
    print_in_parentheses(to, list);
}

static void
print_worded_query(Printer *to, const char *word, const AstQuery *query)
{
    print_text(to, word);
    print_subquery(to, query);
}

void
print_expr(Printer *to, const AstExpr *expr)
{
    switch (expr->kind) {
    case AST_EXPR_NULL:
        print_text(to, "NULL");
        break;
    case AST_EXPR_BOOLEAN:
        print_text(to, expr->boolean ? "true" : "false");
        break;
    case AST_EXPR_INTEGER:
    case AST_EXPR_DECIMAL:
        print_text(to, expr->text);
        break;
    case AST_EXPR_STRING:
        print_string(to, expr->text);
        break;
    case AST_EXPR_BIT_STRING:
        print_bit_string(to, expr->text);
        break;
    case AST_EXPR_TYPED_LITERAL:
        print_typed_literal(to, expr);
        break;
    case AST_EXPR_PARAMETER:
        buffer_printf(to->out, "$%d", expr->parameter);
        break;
    case AST_EXPR_COLUMN:
        print_name(to, &expr->name);
        break;
    case AST_EXPR_STAR:
        print_star(to, &expr->name);
        break;
    case AST_EXPR_DEFAULT:
        print_text(to, "DEFAULT");
        break;
    case AST_EXPR_FUNCTION:
        print_function(to, expr->function);
        break;
    case AST_EXPR_NAMED_ARGUMENT:
        print_ident(to, expr->named.name.text);
        print_text(to, " => ");
        print_operand(to, expr->named.arg, LEVEL_OR);
        break;
    case AST_EXPR_OPERATOR:
        if (expr->op.left != NULL)
            print_binary(to, expr);
        else
            print_prefix(to, expr);
        break;
    case AST_EXPR_AND:
        print_chain(to, &expr->list, " AND ", LEVEL_AND);
        break;
    case AST_EXPR_OR:
        print_chain(to, &expr->list, " OR ", LEVEL_OR);
        break;
    case AST_EXPR_NOT:
        print_text(to, "NOT ");
        print_operand(to, expr->arg, LEVEL_NOT);
        break;
    case AST_EXPR_IS:
        print_is(to, expr);
        break;
    case AST_EXPR_DISTINCT_FROM:
        print_operand(to, expr->pair.left, LEVEL_COMPARISON);
        print_text(to, expr->pair.negated ? " IS NOT DISTINCT FROM " : " IS DISTINCT FROM ");
        print_operand(to, expr->pair.right, LEVEL_COMPARISON);
        break;
    case AST_EXPR_BETWEEN:
        print_between(to, expr);
        break;
    case AST_EXPR_IN_LIST:
    case AST_EXPR_IN_QUERY:
        print_in(to, expr);
        break;
    case AST_EXPR_LIKE:
        print_like(to, expr);
        break;
    case AST_EXPR_QUANTIFIED:
        print_quantified(to, expr);
        break;
    case AST_EXPR_CAST:
        print_operand(to, expr->cast.arg, LEVEL_CAST);
        print_text(to, "::");
        print_type(to, expr->cast.type);
        break;
    case AST_EXPR_COLLATE:
        print_operand(to, expr->collate.arg, LEVEL_COLLATE);
        print_text(to, " COLLATE ");
        print_name(to, &expr->collate.collation);
        break;
    case AST_EXPR_CASE:
        print_case(to, expr->case_);
        break;
    case AST_EXPR_COALESCE:
        print_worded_list(to, "COALESCE", &expr->list);
        break;
    case AST_EXPR_GREATEST:
        print_worded_list(to, "GREATEST", &expr->list);
        break;
    case AST_EXPR_LEAST:
        print_worded_list(to, "LEAST", &expr->list);
        break;
    case AST_EXPR_NULLIF:
        print_text(to, "NULLIF(");
        print_expr(to, expr->pair.left);
        print_text(to, ", ");
        print_expr(to, expr->pair.right);
        print_text(to, ")");
        break;
    case AST_EXPR_EXISTS:
        print_worded_query(to, "EXISTS ", expr->query);
        break;
    case AST_EXPR_SUBQUERY:
        print_subquery(to, expr->query);
        break;
    case AST_EXPR_ARRAY:
        print_bracketed(to, "ARRAY", &expr->list);
        break;
    case AST_EXPR_ARRAY_QUERY:
        print_worded_query(to, "ARRAY", expr->query);
        break;
    case AST_EXPR_LIST:
        print_bracketed(to, "LIST", &expr->list);
        break;
    case AST_EXPR_LIST_QUERY:
        print_worded_query(to, "LIST", expr->query);
        break;
    case AST_EXPR_MAP:
        print_map(to, &expr->list);
        break;
    case AST_EXPR_MAP_QUERY:
        print_worded_query(to, "MAP", expr->query);
        break;
    case AST_EXPR_ROW:
        print_worded_list(to, "ROW", &expr->list);
        break;
    case AST_EXPR_SUBSCRIPT:
        print_subscript(to, expr);
        break;
    case AST_EXPR_FIELD:
        print_text(to, "(");
        print_expr(to, expr->field.arg);
        print_text(to, ").");
        print_ident(to, expr->field.name.text);
        break;
    case AST_EXPR_FIELD_STAR:
        print_text(to, "(");
        print_expr(to, expr->arg);
        print_text(to, ").*");
        break;
    }
}
