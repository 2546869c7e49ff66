#include "expr/function.h"
#include "types/array.h"
#include "types/datetime.h"

/* Puts literals where an expression depends on its statement: parameters and context values. */

typedef struct Bind {
    Arena *arena;
    const ContextBinding *binding;
} Bind;

static Datum
text_or_null(const char *text, Arena *arena)
{
    return text == NULL ? DATUM_NULL : datum_text(arena_strdup(arena, text));
}

static const char *
setting_or(const ContextBinding *binding, const char *name, const char *otherwise)
{
    const char *value = binding->setting == NULL ? NULL : binding->setting(binding->setting_context, name);
    return value == NULL ? otherwise : value;
}

static Datum
schemas_array(const Bind *bind, bool with_implicit)
{
    static const char *const implicit[] = {"mz_catalog", "pg_catalog"};
    VECTOR(Datum) names = {0};
    for (size_t i = 0; with_implicit && i < sizeof implicit / sizeof *implicit; i++)
        vector_push(&names, datum_text(implicit[i]));
    for (size_t i = 0; bind->binding->schemas != NULL && bind->binding->schemas[i] != NULL; i++)
        vector_push(&names, datum_text(bind->binding->schemas[i]));
    Datum array = datum_bytes(array_make_vector(SQL_TYPE(TEXT), names.items, (int64_t) names.count, bind->arena));
    vector_deinit(&names);
    return array;
}

/* The value of an argument of a context function; it depends on no row. */
static bool
argument_value(const Bind *bind, const Scalar *scalar, int arg, Datum *value, Error *err)
{
    *value = DATUM_NULL;
    if (arg >= scalar->arg_count)
        return true;
    EvalContext context;
    const EvalError *error;
    eval_context_init(&context, bind->arena);
    bool fine = evaluate_constant(scalar->args[arg], &context, value, &error);
    if (!fine)
        error_from_eval(err, error);
    eval_context_deinit(&context);
    return fine;
}

static bool
setting_value(const Bind *bind, const Scalar *scalar, Datum *value, Error *err)
{
    Datum name, missing_ok;
    if (!argument_value(bind, scalar, 0, &name, err) || !argument_value(bind, scalar, 1, &missing_ok, err))
        return false;
    *value = DATUM_NULL;
    if (name.is_null)
        return true;
    const char *text = arena_strndup(bind->arena, name.bytes.bytes, name.bytes.size);
    *value = text_or_null(setting_or(bind->binding, text, NULL), bind->arena);
    if (value->is_null && (missing_ok.is_null || missing_ok.i == 0))
        return error_at(err, scalar->position, SQLSTATE_UNDEFINED_OBJECT, "unrecognized configuration parameter \"%s\"",
                        text);
    return true;
}

static bool
context_value(const Bind *bind, const Scalar *scalar, Datum *value, Error *err)
{
    const ContextBinding *binding = bind->binding;
    switch (scalar->context) {
    case CONTEXT_NOW:
        *value = datum_int(binding->now);
        return true;
    case CONTEXT_MZ_NOW:
        *value = datum_int((int64_t) binding->mz_now);
        return true;
    case CONTEXT_USER:
        *value = text_or_null(binding->user, bind->arena);
        return true;
    case CONTEXT_SESSION_USER:
        *value = text_or_null(binding->session_user, bind->arena);
        return true;
    case CONTEXT_DATABASE:
        *value = text_or_null(binding->database, bind->arena);
        return true;
    case CONTEXT_SCHEMA:
        *value = text_or_null(binding->schema, bind->arena);
        return true;
    case CONTEXT_SCHEMAS: {
        Datum with_implicit;
        if (!argument_value(bind, scalar, 0, &with_implicit, err))
            return false;
        *value = with_implicit.is_null ? DATUM_NULL : schemas_array(bind, with_implicit.i != 0);
        return true;
    }
    case CONTEXT_BACKEND_PID:
        *value = datum_int(binding->backend_pid);
        return true;
    case CONTEXT_VERSION:
        *value = datum_text(arena_printf(bind->arena, "PostgreSQL %s on x86_64-pc-linux-gnu (Freshet %s)",
                                         setting_or(binding, "server_version", "15.0"),
                                         setting_or(binding, "mz_version", "")));
        return true;
    case CONTEXT_MZ_VERSION:
        *value = text_or_null(setting_or(binding, "mz_version", ""), bind->arena);
        return true;
    case CONTEXT_MZ_ENVIRONMENT_ID:
        *value = text_or_null(setting_or(binding, "mz_environment_id", "freshet"), bind->arena);
        return true;
    case CONTEXT_START_TIME:
        *value = datum_int(binding->start_time);
        return true;
    case CONTEXT_SETTING:
        return setting_value(bind, scalar, value, err);
    case CONTEXT_IS_SUPERUSER:
        *value = datum_int(binding->is_superuser);
        return true;
    case CONTEXT_UPTIME: {
        Interval uptime;
        if (!timestamp_subtract(binding->now, binding->start_time, &uptime, err))
            return false;
        *value = (Datum){.interval = uptime};
        return true;
    }
    }
    bug("unrecognized context value %d", (int) scalar->context);
}

static bool
parameter_literal(const Bind *bind, const Scalar *scalar, Scalar **result, Error *err)
{
    int index = scalar->parameter - 1;
    if (index < 0 || index >= bind->binding->parameter_count)
        return error_at(err, scalar->position, SQLSTATE_UNDEFINED_PARAMETER, "there is no parameter $%d",
                        scalar->parameter);
    SqlType type = scalar->type.id == TYPE_UNKNOWN ? bind->binding->parameter_types[index] : scalar->type;
    *result = scalar_literal(bind->arena, type, datum_copy(type, bind->binding->parameters[index], bind->arena));
    return true;
}

/* In place, in a tree that was copied. */
static bool
bind_node(const Bind *bind, Scalar **at, Error *err)
{
    Scalar *scalar = *at;
    for (int i = 0; i < scalar->arg_count; i++) {
        if (!bind_node(bind, &scalar->args[i], err))
            return false;
    }
    if (scalar->kind == SCALAR_PARAMETER) {
        if (!parameter_literal(bind, scalar, at, err))
            return false;
    } else if (scalar->kind == SCALAR_CONTEXT && (scalar->context != CONTEXT_MZ_NOW || bind->binding->has_mz_now)) {
        Datum value;
        if (!context_value(bind, scalar, &value, err))
            return false;
        *at = scalar_literal(bind->arena, scalar->type, value);
    }
    (*at)->position = scalar->position;
    return true;
}

bool
scalar_bind_context(Arena *arena, const Scalar *scalar, const ContextBinding *binding, Scalar **result, Error *err)
{
    Bind bind = {arena, binding};
    *result = scalar_copy(arena, scalar);
    return bind_node(&bind, result, err);
}
