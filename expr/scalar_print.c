#include "expr/function.h"
#include "expr/scalar_set.h"
#include "types/text_format.h"

static const char *const context_names[] = {
    [CONTEXT_NOW] = "now",
    [CONTEXT_MZ_NOW] = "mz_now",
    [CONTEXT_USER] = "current_user",
    [CONTEXT_SESSION_USER] = "session_user",
    [CONTEXT_DATABASE] = "current_database",
    [CONTEXT_SCHEMA] = "current_schema",
    [CONTEXT_SCHEMAS] = "current_schemas",
    [CONTEXT_BACKEND_PID] = "pg_backend_pid",
    [CONTEXT_VERSION] = "version",
    [CONTEXT_MZ_VERSION] = "mz_version",
    [CONTEXT_MZ_ENVIRONMENT_ID] = "mz_environment_id",
    [CONTEXT_START_TIME] = "pg_postmaster_start_time",
    [CONTEXT_SETTING] = "current_setting",
    [CONTEXT_IS_SUPERUSER] = "mz_is_superuser",
    [CONTEXT_UPTIME] = "mz_uptime",
};

static void
print_literal(SqlType type, Datum value, Buffer *out)
{
    if (value.is_null) {
        buffer_append_text(out, "null");
        return;
    }
    if (type.id == TYPE_BOOL) {
        buffer_append_text(out, value.i != 0 ? "true" : "false");
        return;
    }
    if (type_is_number(type) || type.id == TYPE_MZ_TIMESTAMP) {
        datum_print(type, value, NULL, out);
        return;
    }
    Buffer text = {0};
    datum_print(type, value, NULL, &text);
    buffer_append_char(out, '\'');
    for (size_t i = 0; i < text.size; i++) {
        if (text.bytes[i] == '\'')
            buffer_append_char(out, '\'');
        buffer_append_char(out, text.bytes[i]);
    }
    buffer_append_char(out, '\'');
    buffer_deinit(&text);
}

static void
print_list(Scalar *const *args, int from, int to, const char *const *names, const char *separator, Buffer *out)
{
    for (int i = from; i < to; i++) {
        if (i > from)
            buffer_append_text(out, separator);
        scalar_print(args[i], names, out);
    }
}

/* Whether an operand needs parentheses around it. */
static bool
is_compound(const Scalar *scalar)
{
    switch (scalar->kind) {
    case SCALAR_CALL:
        return scalar->function->kind == FUNCTION_OPERATOR || strcmp(scalar->function->name, "is_distinct_from") == 0;
    case SCALAR_AND:
    case SCALAR_OR:
    case SCALAR_NOT:
    case SCALAR_IS_NULL:
    case SCALAR_ANY:
    case SCALAR_ALL:
    case SCALAR_IN_LIST:
        return true;
    default:
        return false;
    }
}

static void
print_operand(const Scalar *scalar, const char *const *names, Buffer *out)
{
    bool parentheses = is_compound(scalar);
    if (parentheses)
        buffer_append_char(out, '(');
    scalar_print(scalar, names, out);
    if (parentheses)
        buffer_append_char(out, ')');
}

static void
print_operands(const Scalar *scalar, const char *operator_name, const char *const *names, Buffer *out)
{
    for (int i = 0; i < scalar->arg_count; i++) {
        if (i > 0)
            buffer_printf(out, " %s ", operator_name);
        print_operand(scalar->args[i], names, out);
    }
}

static void
print_function(const Scalar *scalar, const char *name, const char *const *names, Buffer *out)
{
    buffer_printf(out, "%s(", name);
    print_list(scalar->args, 0, scalar->arg_count, names, ", ", out);
    buffer_append_char(out, ')');
}

static void
print_call(const Scalar *scalar, const char *const *names, Buffer *out)
{
    const Function *function = scalar->function;
    if (function->kind == FUNCTION_CAST) {
        print_operand(scalar->args[0], names, out);
        Arena *arena = arena_new();
        buffer_printf(out, "::%s", type_format(scalar->type, arena));
        arena_free(arena);
    } else if (function->kind == FUNCTION_OPERATOR && scalar->arg_count == 2) {
        print_operands(scalar, function->name, names, out);
    } else if (function->kind == FUNCTION_OPERATOR) {
        buffer_append_text(out, function->name);
        print_operand(scalar->args[0], names, out);
    } else if (strcmp(function->name, "is_distinct_from") == 0) {
        print_operands(scalar, "IS DISTINCT FROM", names, out);
    } else {
        print_function(scalar, function->name, names, out);
    }
}

static void
print_case(const Scalar *scalar, const char *const *names, Buffer *out)
{
    buffer_append_text(out, "case");
    for (int i = 0; i + 1 < scalar->arg_count; i += 2) {
        buffer_append_text(out, " when ");
        scalar_print(scalar->args[i], names, out);
        buffer_append_text(out, " then ");
        scalar_print(scalar->args[i + 1], names, out);
    }
    buffer_append_text(out, " else ");
    scalar_print(scalar->args[scalar->arg_count - 1], names, out);
    buffer_append_text(out, " end");
}

static void
print_in_list(const Scalar *scalar, const char *const *names, Buffer *out)
{
    const ScalarSet *set = scalar->set;
    print_operand(scalar->args[0], names, out);
    buffer_append_text(out, " IN (");
    for (int i = 0; i < set->count; i++) {
        if (i > 0)
            buffer_append_text(out, ", ");
        print_literal(set->type, set->values[i], out);
    }
    if (set->has_null)
        buffer_append_text(out, set->count > 0 ? ", null" : "null");
    buffer_append_char(out, ')');
}

static void
print_is_null(const Scalar *scalar, bool negated, const char *const *names, Buffer *out)
{
    print_operand(scalar->args[0], names, out);
    buffer_append_text(out, negated ? " IS NOT NULL" : " IS NULL");
}

void
scalar_print(const Scalar *scalar, const char *const *names, Buffer *out)
{
    switch (scalar->kind) {
    case SCALAR_COLUMN:
        if (names != NULL && names[scalar->column] != NULL)
            buffer_printf(out, "#%u{%s}", (unsigned) scalar->column, names[scalar->column]);
        else
            buffer_printf(out, "#%u", (unsigned) scalar->column);
        return;
    case SCALAR_LITERAL:
        if (scalar->literal_error != NULL)
            buffer_printf(out, "error(\"%s\")", scalar->literal_error->message);
        else
            print_literal(scalar->type, scalar->literal, out);
        return;
    case SCALAR_PARAMETER:
        buffer_printf(out, "$%d", scalar->parameter);
        return;
    case SCALAR_CONTEXT:
        print_function(scalar, context_names[scalar->context], names, out);
        return;
    case SCALAR_CALL:
        print_call(scalar, names, out);
        return;
    case SCALAR_AND:
        print_operands(scalar, "AND", names, out);
        return;
    case SCALAR_OR:
        print_operands(scalar, "OR", names, out);
        return;
    case SCALAR_NOT:
        if (scalar->args[0]->kind == SCALAR_IS_NULL) {
            print_is_null(scalar->args[0], true, names, out);
            return;
        }
        buffer_append_text(out, "NOT ");
        print_operand(scalar->args[0], names, out);
        return;
    case SCALAR_IS_NULL:
        print_is_null(scalar, false, names, out);
        return;
    case SCALAR_CASE:
        print_case(scalar, names, out);
        return;
    case SCALAR_COALESCE:
        print_function(scalar, "coalesce", names, out);
        return;
    case SCALAR_GREATEST:
        print_function(scalar, "greatest", names, out);
        return;
    case SCALAR_LEAST:
        print_function(scalar, "least", names, out);
        return;
    case SCALAR_ARRAY:
        buffer_append_text(out, "array[");
        print_list(scalar->args, 0, scalar->arg_count, names, ", ", out);
        buffer_append_char(out, ']');
        return;
    case SCALAR_ROW:
        print_function(scalar, "row", names, out);
        return;
    case SCALAR_ANY:
    case SCALAR_ALL:
        print_operand(scalar->args[0], names, out);
        buffer_printf(out, " %s %s (", scalar->function->name, scalar->kind == SCALAR_ANY ? "ANY" : "ALL");
        scalar_print(scalar->args[1], names, out);
        buffer_append_char(out, ')');
        return;
    case SCALAR_IN_LIST:
        print_in_list(scalar, names, out);
        return;
    }
    bug("unrecognized scalar kind %d", (int) scalar->kind);
}
