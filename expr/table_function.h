/*
 * table_function.h -- functions that return rows: generate_series, unnest, jsonb_array_elements, regexp_split_to_table,
 * ...
 */
#ifndef FRESHET_EXPR_TABLE_FUNCTION_H
#define FRESHET_EXPR_TABLE_FUNCTION_H

#include "expr/function.h"

typedef struct TableFunction TableFunction;

/*
 * A call whose types are settled. Arrays are in the arena it was resolved in, and are not changed once made.
 * `function` is NULL for a value that stands where a table function may: one row, whose columns are the arguments.
 * With `part_count` it is several calls in lockstep (ROWS FROM): arguments and columns are the parts' one after another, there are as many
 * rows as the longest part has, and the others are null behind their end.
 */
typedef struct TableFunctionCall {
    const TableFunction *function;
    const SqlType *arg_types;
    int arg_count;
    const SqlType *column_types;
    const char *const *column_names; /* NULL: named like the function */
    int column_count;
    const struct TableFunctionCall *parts;
    int part_count;
} TableFunctionCall;

bool table_function_exists(const char *schema, const char *name);
/* As function_resolve. */
MUST_CHECK bool table_function_resolve(const char *schema, const char *name, const SqlType *args, int arg_count,
                                       int position, Arena *arena, TableFunctionCall *call, Error *err);
/*
 * csv_extract and regexp_extract: their columns are what the first argument says, which must be a literal; it may be replaced by another. `args`
 * are the call's, cast to its types. Nothing is done for other functions. Errors: 22023 when it is no literal or no sensible one, 2201B.
 */
MUST_CHECK bool table_function_settle(TableFunctionCall *call, Scalar **args, EvalContext *eval, Arena *arena,
                                      Error *err);
/* Its rows are records even when they have one column: an alias of the function is not that column's name. */
bool table_function_gives_records(const TableFunctionCall *call);
/* One row of these columns. */
void table_function_row(const SqlType *types, int count, const char *const *names, Arena *arena,
                        TableFunctionCall *call);
/* `parts` in lockstep; one part is itself. 54000 at run time when a part that must be kept has more than a million rows. */
void table_function_zip(const TableFunctionCall *parts, int count, Arena *arena, TableFunctionCall *call);
bool table_function_call_same(const TableFunctionCall *a, const TableFunctionCall *b);
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
/* "generate_series", "rows from [generate_series, unnest]". */
void table_function_call_print(const TableFunctionCall *call, Buffer *out);

#endif
