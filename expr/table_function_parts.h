/* table_function_parts.h -- several table functions in lockstep: see table_function.h. Private to expr/. */
#ifndef FRESHET_EXPR_TABLE_FUNCTION_PARTS_H
#define FRESHET_EXPR_TABLE_FUNCTION_PARTS_H

#include "expr/table_function.h"

bool table_function_evaluate_parts(const TableFunctionCall *call, EvalContext *context, const Datum *args,
                                   bool (*emit)(void *emit_context, const Datum *values), void *emit_context,
                                   const EvalError **error);

#endif
