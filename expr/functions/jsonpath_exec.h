/*
 * jsonpath_exec.h -- what a SQL/JSON path finds in a jsonb. Private to expr.
 */
#ifndef FRESHET_EXPR_FUNCTIONS_JSONPATH_EXEC_H
#define FRESHET_EXPR_FUNCTIONS_JSONPATH_EXEC_H

#include "base/vector.h"
#include "expr/evaluate.h"
#include "types/jsonpath.h"

/* What a path finds: a jsonb; or, from .datetime(), a value of `type` that is shown in a zone of its own. */
typedef struct PathValue {
    Slice json;
    SqlType type; /* UNKNOWN: a jsonb */
    Datum datum;
    int32_t zone_seconds_east; /* of a timestamptz */
} PathValue;

typedef VECTOR(PathValue) PathValues;

typedef struct PathRun {
    EvalContext *context;
    JsonPath path;
    Slice root, vars;
    bool silent;    /* errors that the data cause are no errors */
    bool uses_zone; /* values with and without a zone may be compared */
} PathRun;

typedef enum PathOutcome { PATH_NONE, PATH_FOUND, PATH_FAILED } PathOutcome;

/* From the arguments of a jsonb_path_... function: jsonb, jsonpath, variables, silent; what was left out has its default. */
MUST_CHECK bool jsonpath_prepare(EvalContext *context, const Datum *args, int arg_count, bool uses_zone, PathRun *run,
                                 Error *err);
/*
 * Everything found goes to `found`; NULL: whether there is anything is all that is asked. PATH_FAILED with `err` unset: an error that `silent`
 * keeps quiet.
 */
PathOutcome jsonpath_run(const PathRun *run, PathValues *found, Error *err);
/* As jsonb. */
Slice path_value_json(const PathValue *value, Arena *arena);

/* The text as one of the forms of ISO 8601 that .datetime() knows; false: it is none. */
bool path_datetime_read(Slice text, const TextStyle *style, Arena *arena, PathValue *value);
const char *path_datetime_type(SqlType type);
void path_datetime_print(const PathValue *value, Buffer *out);
/* -1, 0, 1; *comparable is false when one has a date and the other has none. 0A000 when a zone is needed and not allowed. */
MUST_CHECK bool path_datetime_compare(const PathValue *a, const PathValue *b, bool uses_zone, const TextStyle *style,
                                      bool *comparable, int *order, Error *err);

#endif
