/*
 * bind_argument.c -- the arguments of a call as they are written: in their order, by name, or as an array with VARIADIC.
 */
#include "planner/bind.h"

#include "grammar/parse.h"
#include "types/array.h"

/* ---- by name ---- */

/* Arguments of functions of pg_proc that have names worth writing; those with a default come last. */
typedef struct ArgumentNames {
    const char *function;
    const char *names[8];
    const char *defaults[8]; /* of the last ones: as many as there are */
} ArgumentNames;

static const ArgumentNames argument_names[] = {
#define FUNCTION(...) {__VA_ARGS__},
#define NAMES(...)                                                                                                     \
    {                                                                                                                  \
        __VA_ARGS__                                                                                                    \
    }
#define DEFAULTS(...)                                                                                                  \
    {                                                                                                                  \
        __VA_ARGS__                                                                                                    \
    }
#include "planner/argument_names.def"
};

static int
count_of(const char *const *texts)
{
    int count = 0;
    while (count < 8 && texts[count] != NULL)
        count++;
    return count;
}

static bool
unknown_call(Binder *binder, const AstFunction *function, Scalar *const *args, int position, Error *err)
{
    Buffer text = {0};
    for (int i = 0; i < function->name.count; i++)
        buffer_printf(&text, "%s%s", i > 0 ? "." : "", function->name.parts[i]);
    buffer_append_char(&text, '(');
    for (int i = 0; i < function->args.count; i++) {
        const AstExpr *arg = function->args.items[i];
        buffer_append_text(&text, i > 0 ? ", " : "");
        if (arg->kind == AST_EXPR_NAMED_ARGUMENT)
            buffer_printf(&text, "%s => ", arg->named.name.text);
        buffer_append_text(&text, type_format(args[i]->type, binder->arena));
    }
    error_at(err, position, SQLSTATE_UNDEFINED_FUNCTION, "function %s) does not exist", buffer_text(&text));
    buffer_deinit(&text);
    return error_hint(err, "No function matches the given name and argument types. You might need to add explicit type "
                           "casts.");
}

static bool
default_argument(Binder *binder, const char *text, Scalar **arg, Error *err)
{
    AstExpr *expr;
    Scope *scope;
    return parse_expression(slice_of(text), binder->arena, &expr, err) &&
           scope_new(binder->arena, NULL, SCOPE_QUERY, &scope, err) && bind_expr(binder, scope, expr, arg, err);
}

/* Places the arguments that are given; false: there is no such name, or it is given twice. */
static bool
place(const AstFunction *function, const ArgumentNames *names, Scalar *const *args, Scalar **placed)
{
    int count = count_of(names->names);
    for (int i = 0; i < function->args.count; i++) {
        const AstExpr *arg = function->args.items[i];
        int at = i;
        if (arg->kind == AST_EXPR_NAMED_ARGUMENT) {
            for (at = 0; at < count && strcmp(names->names[at], arg->named.name.text) != 0; at++)
                continue;
        }
        if (at >= count || placed[at] != NULL)
            return false;
        placed[at] = args[i];
    }
    return true;
}

static bool
complete(Binder *binder, const ArgumentNames *names, Scalar **placed, bool *whole, Error *err)
{
    int count = count_of(names->names), first_default = count - count_of(names->defaults);
    *whole = true;
    for (int i = 0; i < count && *whole; i++) {
        if (placed[i] != NULL)
            continue;
        *whole = i >= first_default;
        if (*whole && !default_argument(binder, names->defaults[i - first_default], &placed[i], err))
            return false;
    }
    return true;
}

static bool
named_arguments(Binder *binder, const AstFunction *function, int position, Scalar ***args, int *count, Error *err)
{
    const char *name = function->name.parts[function->name.count - 1];
    for (size_t i = 0; i < sizeof argument_names / sizeof *argument_names; i++) {
        const ArgumentNames *names = &argument_names[i];
        Scalar **placed = arena_new_array(binder->arena, Scalar *, 8);
        bool whole;
        if (strcmp(names->function, name) != 0 || !place(function, names, *args, placed))
            continue;
        if (!complete(binder, names, placed, &whole, err))
            return false;
        if (!whole)
            continue;
        *args = placed;
        *count = count_of(names->names);
        return true;
    }
    return unknown_call(binder, function, *args, position, err);
}

/* ---- VARIADIC ---- */

static bool
array_elements(Binder *binder, Scalar *array, Scalar ***elements, int *count)
{
    Scalar *known = array->kind == SCALAR_ARRAY ? array : scalar_fold(binder->arena, array, binder->context->eval);
    if (known->kind == SCALAR_ARRAY) {
        for (int i = 0; i < known->arg_count; i++) {
            if (known->args[i]->type.id == TYPE_ARRAY)
                return false;
        }
        *elements = known->args;
        *count = known->arg_count;
        return true;
    }
    if (known->kind != SCALAR_LITERAL || known->literal_error != NULL || known->literal.is_null)
        return false;
    ArrayReader reader;
    Datum element;
    *count = 0;
    array_read(&reader, known->type, known->literal.bytes);
    while (array_next(&reader, binder->arena, &element))
        ++*count;
    *elements = arena_new_array(binder->arena, Scalar *, *count);
    array_read(&reader, known->type, known->literal.bytes);
    for (int i = 0; array_next(&reader, binder->arena, &element); i++)
        (*elements)[i] = scalar_literal(binder->arena, type_element_of(known->type), element);
    return true;
}

static bool
takes_variadic(const char *name)
{
    static const char *const names[] = {"concat",
                                        "concat_ws",
                                        "format",
                                        "json_build_array",
                                        "json_build_object",
                                        "json_extract_path",
                                        "json_extract_path_text",
                                        "jsonb_build_array",
                                        "jsonb_build_object",
                                        "jsonb_extract_path",
                                        "jsonb_extract_path_text",
                                        "num_nulls",
                                        "num_nonnulls",
                                        "jsonb_delete",
                                        "int4multirange",
                                        "int8multirange",
                                        "nummultirange",
                                        "tsmultirange",
                                        "tstzmultirange",
                                        "datemultirange"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(names[i], name) == 0)
            return true;
    }
    return false;
}

static bool
variadic_arguments(Binder *binder, const AstFunction *function, int position, Scalar ***args, int *count, Error *err)
{
    Scalar *last = (*args)[*count - 1], **elements;
    int element_count;
    if (!takes_variadic(function->name.parts[function->name.count - 1]))
        return true; /* an array like any other, and so no function that there is */
    if (last->type.id == TYPE_UNKNOWN && !bind_cast(binder, last, SQL_ARRAY(TEXT), CAST_IMPLICIT, &last, err))
        return false;
    if (last->type.id != TYPE_ARRAY)
        return error_at(err, last->position, SQLSTATE_DATATYPE_MISMATCH, "VARIADIC argument must be an array");
    if (!array_elements(binder, last, &elements, &element_count))
        return bind_unsupported(position, "VARIADIC arguments that differ by row are", err);
    Scalar **all = arena_new_array(binder->arena, Scalar *, *count + element_count);
    for (int i = 0; i < *count - 1; i++)
        all[i] = (*args)[i];
    for (int i = 0; i < element_count; i++)
        all[*count - 1 + i] = elements[i];
    *args = all;
    *count += element_count - 1;
    return true;
}

bool
bind_arguments(Binder *binder, Scope *scope, const AstFunction *function, int position, Scalar ***args, int *count,
               Error *err)
{
    bool named = false;
    *count = function->args.count;
    *args = arena_new_array(binder->arena, Scalar *, *count);
    for (int i = 0; i < *count; i++) {
        const AstExpr *arg = function->args.items[i];
        bool is_named = arg->kind == AST_EXPR_NAMED_ARGUMENT;
        if (named && !is_named)
            return error_at(err, arg->position, SQLSTATE_SYNTAX_ERROR,
                            "positional argument cannot follow named argument");
        named |= is_named;
        for (int j = 0; j < i && is_named; j++) {
            const AstExpr *other = function->args.items[j];
            if (other->kind == AST_EXPR_NAMED_ARGUMENT && strcmp(other->named.name.text, arg->named.name.text) == 0)
                return error_at(err, arg->position, SQLSTATE_SYNTAX_ERROR, "argument name \"%s\" used more than once",
                                arg->named.name.text);
        }
        if (!bind_expr(binder, scope, is_named ? arg->named.arg : arg, &(*args)[i], err))
            return false;
    }
    if (named)
        return named_arguments(binder, function, position, args, count, err);
    return !function->variadic || *count == 0 || variadic_arguments(binder, function, position, args, count, err);
}
