/*
 * bind_type.c -- type names, casts that know parameters, and the names that cast to reg* types.
 */
#include "planner/bind.h"

#include "catalog/builtin.h"
#include "grammar/parse.h"

bool
bind_unsupported(int position, const char *what, Error *err)
{
    return error_at(err, position, SQLSTATE_FEATURE_NOT_SUPPORTED, "%s not yet supported", what);
}

/* ---- type names ---- */

void
bind_dependency(Binder *binder, ObjectId id)
{
    for (size_t i = 0; i < binder->dependencies.count; i++) {
        if (binder->dependencies.items[i] == id)
            return;
    }
    vector_push(&binder->dependencies, id);
}

/* One that CREATE TYPE made. */
static bool
user_type(Binder *binder, const AstType *ast, SqlType *type)
{
    const AstName *name = &ast->name;
    const Item *item = ast->keyword || name->count == 0
                           ? NULL
                           : catalog_resolve_type(binder->catalog, binder->names, name->parts, name->count);
    if (item == NULL || item->kind != ITEM_TYPE)
        return false;
    *type = item->user_type;
    bind_dependency(binder, item->id);
    if (binder->view_depth == 0) {
        NameUse use = {(AstName *) (uintptr_t) name, item};
        vector_push(&binder->name_uses, use);
    }
    return true;
}

static bool
modifier_value(const AstExpr *expr, int64_t *value, Error *err)
{
    bool negative = false;
    if (expr->kind == AST_EXPR_OPERATOR && expr->op.left == NULL &&
        strcmp(expr->op.name.parts[expr->op.name.count - 1], "-") == 0) {
        negative = true;
        expr = expr->op.right;
    }
    if (expr->kind != AST_EXPR_INTEGER)
        return error_at(err, expr->position, SQLSTATE_SYNTAX_ERROR,
                        "type modifiers must be simple constants or identifiers");
    *value = strtoll(expr->text, NULL, 0);
    if (negative)
        *value = -*value;
    return true;
}

static bool
unknown_type(const AstType *ast, Error *err)
{
    const AstName *name = &ast->name;
    Buffer text = {0};
    for (int i = 0; i < name->count; i++)
        buffer_printf(&text, "%s%s", i == 0 ? "" : ".", name->parts[i]);
    error_at(err, ast->position, SQLSTATE_UNDEFINED_OBJECT, "type \"%s\" does not exist", buffer_text(&text));
    buffer_deinit(&text);
    return false;
}

/* Names of what has no type of its own here: their values are the OIDs that they are in PostgreSQL too. */
static bool
is_oid_alias(const char *name)
{
    static const char *const names[] = {"regnamespace", "regrole",      "regoper",       "regoperator",
                                        "regprocedure", "regcollation", "regdictionary", "regconfig"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (strcmp(names[i], name) == 0)
            return true;
    }
    return false;
}

static bool
named_type(Binder *binder, const AstType *ast, SqlType *type, Error *err)
{
    const AstName *name = &ast->name;
    const char *schema = name->count > 1 ? name->parts[name->count - 2] : NULL;
    bool system = schema == NULL || strcmp(schema, "pg_catalog") == 0 || strcmp(schema, "mz_catalog") == 0;
    const char *last = name->count > 0 ? name->parts[name->count - 1] : "";
    /* The word char is character(1); the name "char" is another type, which only quotes or a schema can reach. */
    if (!ast->keyword && strcmp(last, "char") == 0)
        *type = SQL_TYPE(CHAR);
    else if (system && is_oid_alias(last))
        *type = SQL_TYPE(OID);
    else if ((!system || !type_from_name(last, type)) && !user_type(binder, ast, type))
        return unknown_type(ast, err);
    if (ast->modifiers.count == 0)
        return true;
    int64_t modifiers[8];
    if (ast->modifiers.count > 8)
        return error_at(err, ast->position, SQLSTATE_INVALID_PARAMETER_VALUE, "invalid type modifier");
    for (int i = 0; i < ast->modifiers.count; i++) {
        if (!modifier_value(ast->modifiers.items[i], &modifiers[i], err))
            return false;
    }
    if (type_apply_modifiers(type, modifiers, ast->modifiers.count, err))
        return true;
    if (err->position == 0)
        err->position = ast->position;
    return false;
}

bool
bind_type(Binder *binder, const AstType *ast, SqlType *type, Error *err)
{
    switch (ast->kind) {
    case AST_TYPE_NAMED:
        if (ast->setof)
            return bind_unsupported(ast->position, "SETOF types are", err);
        return named_type(binder, ast, type, err);
    case AST_TYPE_ARRAY: {
        SqlType element;
        if (!bind_type(binder, ast->element, &element, err))
            return false;
        *type = element.id == TYPE_ARRAY ? element : type_array_of(element);
        return true;
    }
    case AST_TYPE_LIST:
    case AST_TYPE_MAP: {
        SqlType element, key;
        if (!bind_type(binder, ast->element, &element, err))
            return false;
        if (ast->kind == AST_TYPE_LIST) {
            *type = type_list_of(element);
            return true;
        }
        if (!bind_type(binder, ast->key, &key, err))
            return false;
        if (key.id != TYPE_TEXT)
            return error_at(err, ast->key->position, SQLSTATE_FEATURE_NOT_SUPPORTED,
                            "the keys of a map must be text, not %s", type_format(key, binder->arena));
        *type = type_map_of(element);
        return true;
    }
    }
    bug("unrecognized type kind %d", ast->kind);
}

/* ---- parameters ---- */

static void
parameters_grow(PlannerContext *context, int count)
{
    if (count <= context->parameter_count)
        return;
    SqlType *types = arena_new_array(context->arena, SqlType, count);
    for (int i = 0; i < count; i++)
        types[i] = i < context->parameter_count ? context->parameter_types[i] : SQL_TYPE(UNKNOWN);
    context->parameter_types = types;
    context->parameter_count = count;
}

bool
bind_parameter(Binder *binder, int number, int position, Scalar **scalar, Error *err)
{
    if (number < 1 || number > 65535 ||
        (binder->context->no_more_parameters && number > binder->context->parameter_count))
        return error_at(err, position, SQLSTATE_UNDEFINED_PARAMETER, "there is no parameter $%d", number);
    parameters_grow(binder->context, number);
    *scalar = scalar_parameter(binder->arena, number, binder->context->parameter_types[number - 1]);
    (*scalar)->position = position;
    vector_push(&binder->parameters, *scalar);
    return true;
}

static bool
parameter_decide(Binder *binder, Scalar *scalar, SqlType to, Error *err)
{
    SqlType *known = &binder->context->parameter_types[scalar->parameter - 1];
    if (known->id != TYPE_UNKNOWN && !type_same(*known, to)) {
        error_at(err, scalar->position, SQLSTATE_AMBIGUOUS_PARAMETER, "inconsistent types deduced for parameter $%d",
                 scalar->parameter);
        return error_detail(err, "%s versus %s", type_format(*known, binder->arena), type_format(to, binder->arena));
    }
    *known = to;
    known->typmod = -1;
    for (size_t i = 0; i < binder->parameters.count; i++) {
        if (binder->parameters.items[i]->parameter == scalar->parameter)
            binder->parameters.items[i]->type = *known;
    }
    return true;
}

bool
bind_parameters_known(Binder *binder, Error *err)
{
    for (size_t i = 0; i < binder->parameters.count; i++) {
        const Scalar *parameter = binder->parameters.items[i];
        if (parameter->type.id == TYPE_UNKNOWN)
            return error_at(err, parameter->position, SQLSTATE_INDETERMINATE_DATATYPE,
                            "could not determine data type of parameter $%d", parameter->parameter);
    }
    return true;
}

/* ---- casts ---- */

static bool
is_text_literal(const Scalar *scalar)
{
    return scalar->kind == SCALAR_LITERAL && scalar->literal_error == NULL && !scalar->literal.is_null &&
           (scalar->type.id == TYPE_UNKNOWN || type_is_string(scalar->type));
}

static bool
all_digits(Slice text)
{
    for (size_t i = 0; i < text.size; i++) {
        if (text.bytes[i] < '0' || text.bytes[i] > '9')
            return false;
    }
    return text.size > 0;
}

/* 's.t'::regclass: the catalog knows the answer now. */
static bool
regclass_literal(Binder *binder, const Scalar *scalar, Scalar **result, Error *err)
{
    AstName name;
    if (!parse_name(scalar->literal.bytes, binder->arena, &name, err))
        return false;
    const Item *item = catalog_resolve_item(binder->catalog, binder->names, name.parts, name.count);
    if (item == NULL)
        return error_at(err, scalar->position, SQLSTATE_UNDEFINED_TABLE, "relation \"%.*s\" does not exist",
                        (int) scalar->literal.bytes.size, scalar->literal.bytes.bytes);
    *result = scalar_literal(binder->arena, SQL_TYPE(REGCLASS), datum_int(item->oid));
    return true;
}

/* What the types of a list are, "integer, text": false when one is none. */
static bool
argument_oids(Binder *binder, const char *list, uint32_t *oids, int *count)
{
    *count = 0;
    Error unused = ERROR_INIT;
    while (*list != '\0' && *count < FUNCTION_ARGS_MAX) {
        size_t size = strcspn(list, ",");
        AstType *ast;
        SqlType type;
        uint32_t pseudo = builtin_type_oid(slice_make(list, size));
        if (pseudo == 0 && (!parse_type(slice_make(list, size), binder->arena, &ast, &unused) ||
                            !bind_type(binder, ast, &type, &unused))) {
            error_clear(&unused);
            return false;
        }
        oids[(*count)++] = pseudo != 0 ? pseudo : type_oid(type);
        list += size;
        list += strspn(list, ", ");
    }
    return true;
}

/* abs(integer) of a regprocedure, abs of a regproc. */
static bool
function_literal(Binder *binder, const char *text, bool with_arguments, uint32_t *oid, Error *err)
{
    const char *name = strncmp(text, "pg_catalog.", 11) == 0 ? text + 11 : text;
    const char *open = with_arguments ? strchr(name, '(') : NULL;
    size_t end = strlen(text);
    uint32_t oids[FUNCTION_ARGS_MAX];
    int count = -1, matches = 0;
    if (with_arguments && (open == NULL || text[end - 1] != ')'))
        return error_set(err, SQLSTATE_INVALID_TEXT_REPRESENTATION, "expected a left parenthesis");
    if (open == NULL ||
        argument_oids(binder, arena_strndup(binder->arena, open + 1, strlen(open + 1) - 1), oids, &count))
        *oid = builtin_function_oid(slice_make(name, open == NULL ? strlen(name) : (size_t) (open - name)), oids, count,
                                    &matches);
    if (matches > 1)
        return error_set(err, SQLSTATE_AMBIGUOUS_FUNCTION, "more than one function named \"%s\"", text);
    if (matches == 0)
        return error_set(err, SQLSTATE_UNDEFINED_FUNCTION, "function \"%s\" does not exist", text);
    return true;
}

bool
bind_oid_alias(Binder *binder, const AstType *ast, const char *text, bool *done, uint32_t *oid, Error *err)
{
    const char *alias = ast->kind == AST_TYPE_NAMED && ast->name.count > 0 ? ast->name.parts[ast->name.count - 1] : "";
    *done = strspn(text, "0123456789") != strlen(text) && strcmp(text, "-") != 0;
    if (!*done)
        return true;
    if (strcmp(alias, "regproc") == 0 || strcmp(alias, "regprocedure") == 0)
        return function_literal(binder, text, strcmp(alias, "regprocedure") == 0, oid, err);
    if (strcmp(alias, "regrole") == 0) {
        const Role *role = catalog_role(binder->catalog, text);
        *oid = role == NULL ? 0 : role->oid;
        return role != NULL || error_set(err, SQLSTATE_UNDEFINED_OBJECT, "role \"%s\" does not exist", text);
    }
    if (strcmp(alias, "regnamespace") == 0) {
        const Schema *schema = catalog_schema(binder->catalog, binder->names->database, text);
        *oid = schema == NULL ? 0 : schema->oid;
        return schema != NULL || error_set(err, SQLSTATE_INVALID_SCHEMA_NAME, "schema \"%s\" does not exist", text);
    }
    *done = false;
    return true;
}

static bool
regtype_literal(Binder *binder, const Scalar *scalar, Scalar **result, Error *err)
{
    AstType *ast;
    SqlType type;
    Slice text = scalar->literal.bytes;
    uint32_t oid = builtin_type_oid(text);
    if (oid != 0) {
        *result = scalar_literal(binder->arena, SQL_TYPE(REGTYPE), datum_int(oid));
        return true;
    }
    if (!parse_type(text, binder->arena, &ast, err) || !bind_type(binder, ast, &type, err)) {
        err->position = scalar->position;
        return false;
    }
    *result = scalar_literal(binder->arena, SQL_TYPE(REGTYPE), datum_int(type_oid(type)));
    return true;
}

bool
bind_cast(Binder *binder, Scalar *scalar, SqlType to, CastContext context, Scalar **result, Error *err)
{
    if (scalar->kind == SCALAR_PARAMETER && scalar->type.id == TYPE_UNKNOWN && to.id != TYPE_UNKNOWN) {
        if (!parameter_decide(binder, scalar, to, err))
            return false;
    }
    /* Most need none. */
    if (type_same(scalar->type, to) && (to.typmod == -1 || to.typmod == scalar->type.typmod)) {
        *result = scalar;
        return true;
    }
    if ((to.id == TYPE_REGCLASS || to.id == TYPE_REGTYPE) && is_text_literal(scalar) &&
        !all_digits(scalar->literal.bytes))
        return to.id == TYPE_REGCLASS ? regclass_literal(binder, scalar, result, err)
                                      : regtype_literal(binder, scalar, result, err);
    if (!cast_scalar(binder->arena, scalar, to, context, binder->context->eval, result, err)) {
        if (err->position == 0)
            err->position = scalar->position;
        return false;
    }
    if ((*result)->position == 0 && *result != scalar)
        (*result)->position = scalar->position;
    return true;
}

bool
bind_explicit_cast(Binder *binder, Scalar *scalar, SqlType to, int position, Scalar **result, Error *err)
{
    if (bind_cast(binder, scalar, to, CAST_EXPLICIT, result, err))
        return true;
    /* PostgreSQL points at the cast for a cast that is not there, at the literal for one that cannot be read. */
    if (strcmp(err->sqlstate, SQLSTATE_CANNOT_COERCE) == 0 && position != 0)
        err->position = position;
    return false;
}

bool
plan_type(PlannerContext *context, const AstType *ast, SqlType *type, Error *err)
{
    Binder binder;
    binder_init(&binder, context);
    bool worked = bind_type(&binder, ast, type, err);
    binder_deinit(&binder);
    return worked;
}
