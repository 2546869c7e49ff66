/*
 * expression.h -- SQL expressions for tests of expr/, without the grammar and the planner: literals, casts, calls,
 * operators, CASE, IN, ANY, ARRAY, ROW, COALESCE and their kind. Names a, b, c, ... are columns 0, 1, 2 when types are
 * given for them.
 */
#ifndef FRESHET_TESTS_UNIT_EXPR_EXPRESSION_H
#define FRESHET_TESTS_UNIT_EXPR_EXPRESSION_H

#include "expr/function.h"

typedef struct ExpressionColumns {
    const SqlType *types;
    int count;
} ExpressionColumns;

/* A bound expression, not folded. */
bool expression_bind(const char *text, const ExpressionColumns *columns, EvalContext *eval, Scalar **scalar,
                     Error *err);

/* The value as text, or "null", or "ERROR 22012 division by zero". With `with_type`: "type: value". In the context's
 * arena. */
const char *expression_value(const char *text, bool with_type, EvalContext *eval);

#endif
