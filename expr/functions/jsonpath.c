#include "expr/functions/family.h"
#include "expr/functions/jsonpath_exec.h"
#include "types/jsonb.h"

/* Functions of a jsonb and a jsonpath: then the path's variables, and whether errors are kept quiet. */

bool
jsonpath_prepare(EvalContext *context, const Datum *args, int arg_count, bool uses_zone, PathRun *run, Error *err)
{
    *run = (PathRun){.context = context, .root = args[0].bytes, .uses_zone = uses_zone};
    run->vars = arg_count > 2 ? args[2].bytes : slice_of("{}");
    run->silent = arg_count > 3 && args[3].i != 0;
    if (jsonb_kind(run->vars) != JSON_OBJECT) {
        (void) error_set(err, SQLSTATE_INVALID_PARAMETER_VALUE, "\"vars\" argument is not an object");
        return error_detail(err, "Jsonpath parameters should be encoded as key-value pairs of \"vars\" object.");
    }
    return jsonpath_parse(args[1].bytes, context->arena, &run->path, err);
}

static bool
prepare(FunctionCall *call, const Datum *args, bool uses_zone, PathRun *run, Error *err)
{
    return jsonpath_prepare(call->context, args, call->arg_count, uses_zone, run, err);
}

/* What an outcome means to the caller: an error that is kept quiet gives null. */
static bool
quiet(const PathRun *run, Datum *result, Error *err)
{
    (void) run;
    return error_is_set(err) ? false : give_null(result);
}

static bool
give_exists(PathRun *run, Datum *result, Error *err)
{
    PathOutcome outcome = jsonpath_run(run, NULL, err);
    return outcome == PATH_FAILED ? quiet(run, result, err) : give_bool(result, outcome == PATH_FOUND);
}

static bool
give_match(PathRun *run, Datum *result, Error *err)
{
    PathValues found = {0};
    PathOutcome outcome = jsonpath_run(run, &found, err);
    bool single = outcome != PATH_FAILED && found.count == 1 && found.items[0].type.id == TYPE_UNKNOWN;
    Slice value = single ? found.items[0].json : (Slice){0};
    vector_deinit(&found);
    if (outcome == PATH_FAILED)
        return quiet(run, result, err);
    if (single && jsonb_kind(value) == JSON_BOOL)
        return give_bool(result, value.bytes[0] == 't');
    if ((single && jsonb_kind(value) == JSON_NULL) || run->silent)
        return give_null(result);
    return error_set(err, "22038", "single boolean result is expected");
}

static bool
give_array(PathRun *run, Datum *result, Error *err)
{
    PathValues found = {0};
    Buffer out = {0};
    PathOutcome outcome = jsonpath_run(run, &found, err);
    bool fine = outcome != PATH_FAILED || !error_is_set(err);
    buffer_append_char(&out, '[');
    for (size_t i = 0; i < found.count && fine; i++) {
        buffer_append_text(&out, i > 0 ? ", " : "");
        buffer_append_slice(&out, path_value_json(&found.items[i], run->context->arena));
    }
    buffer_append_char(&out, ']');
    vector_deinit(&found);
    size_t size = out.size;
    *result = datum_bytes(slice_make(buffer_to_arena(&out, run->context->arena), size));
    return fine;
}

static bool
give_first(PathRun *run, Datum *result, Error *err)
{
    PathValues found = {0};
    PathOutcome outcome = jsonpath_run(run, &found, err);
    bool fine = outcome != PATH_FAILED || !error_is_set(err);
    *result = found.count == 0 ? DATUM_NULL : datum_bytes(path_value_json(&found.items[0], run->context->arena));
    vector_deinit(&found);
    return fine;
}

#define PATH_ROW(name, give, uses_zone, quietly)                                                                       \
    ROW_FUNCTION(name)                                                                                                 \
    {                                                                                                                  \
        PathRun run;                                                                                                   \
        if (!prepare(call, args, uses_zone, &run, err))                                                                \
            return false;                                                                                              \
        run.silent = run.silent || quietly;                                                                            \
        return give(&run, result, err);                                                                                \
    }

PATH_ROW(exists, give_exists, false, false)
PATH_ROW(exists_tz, give_exists, true, false)
PATH_ROW(exists_quietly, give_exists, false, true)
PATH_ROW(matches, give_match, false, false)
PATH_ROW(matches_tz, give_match, true, false)
PATH_ROW(matches_quietly, give_match, false, true)
PATH_ROW(query_array, give_array, false, false)
PATH_ROW(query_array_tz, give_array, true, false)
PATH_ROW(query_first, give_first, false, false)
PATH_ROW(query_first_tz, give_first, true, false)

const Function functions_jsonpath[] = {
#include "expr/functions/jsonpath.def"
};
const size_t functions_jsonpath_count = sizeof functions_jsonpath / sizeof *functions_jsonpath;
