/*
 * cast_internal.h -- the casts' functions, as cast.c finds them. Private to expr.
 */
#ifndef FRESHET_EXPR_CAST_INTERNAL_H
#define FRESHET_EXPR_CAST_INTERNAL_H

#include "expr/function.h"

typedef struct Cast {
    TypeId from, to;
    CastContext context;
    Function function;
} Cast;

extern const Cast casts[];
extern const size_t casts_count;

extern const Function cast_print_function;   /* any type to a string type, through its text form */
extern const Function cast_parse_function;   /* a string type to any type, likewise */
extern const Function cast_array_function;   /* element by element, with the cast of the elements */
extern const Function cast_list_function;    /* a list or one-dimensional array to a list */
extern const Function cast_relabel_function; /* the same bytes under another type */
extern const Function cast_record_function;  /* field by field */
/* The typmod of the result type, applied: explicit casts cut texts off, assignments refuse what is too long. */
extern const Function cast_length_function, cast_length_assign_function;

/* One value's cast by `function`, for arrays' elements and records' fields. */
bool cast_datum(FunctionCall *call, const Function *function, SqlType from, SqlType to, Datum value, Datum *result,
                Error *err);
bool cast_length_datum(FunctionCall *call, SqlType type, bool is_explicit, Datum value, Datum *result, Error *err);

#endif
