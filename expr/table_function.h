/*
 * table_function.h -- functions that return rows: generate_series, unnest, jsonb_array_elements, regexp_split_to_table,
 * ...
 */
#ifndef FRESHET_EXPR_TABLE_FUNCTION_H
#define FRESHET_EXPR_TABLE_FUNCTION_H

#include "expr/function.h"

typedef struct TableFunction TableFunction;

#define TABLE_FUNCTION_COLUMNS_MAX 16

typedef struct TableFunctionCall {
    const TableFunction *function;
    SqlType arg_types[FUNCTION_ARGS_MAX];
    int arg_count;
    SqlType column_types[TABLE_FUNCTION_COLUMNS_MAX];
    const char *column_names[TABLE_FUNCTION_COLUMNS_MAX];
    int column_count;
} TableFunctionCall;

bool table_function_exists(const char *schema, const char *name);
/* As function_resolve. */
MUST_CHECK bool table_function_resolve(const char *schema, const char *name, const SqlType *args, int arg_count,
                                       int position, TableFunctionCall *call, Error *err);
/* Appends every row for one row of arguments: `emit` gets column_count values; it returns false to stop. False: failed,
 * with `error`. */
bool table_function_evaluate(const TableFunctionCall *call, EvalContext *context, const Datum *args,
                             bool (*emit)(void *emit_context, const Datum *values), void *emit_context,
                             const EvalError **error);
/* Every one of them, for catalog relations. */
typedef struct TableFunctionShape {
    const char *name, *schema;
    const SqlType *args;
    int arg_count;
    SqlType result; /* of its one column; RECORD when there are several */
} TableFunctionShape;
bool table_function_at(size_t index, TableFunctionShape *shape); /* false past the end */
const char *table_function_name(const TableFunction *function);

#endif
