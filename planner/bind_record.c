/*
 * bind_record.c -- rows and records: ROW(...), whole rows of tables, fields, and the stars that stand for several of them.
 */
#include "planner/bind.h"

Scalar *
bind_record(Binder *binder, Scalar **fields, const char *const *names, int count)
{
    TypeDetail *record = type_detail_new(binder->arena, count);
    record->count = count;
    for (int i = 0; i < count; i++) {
        const char *name = names != NULL ? names[i] : arena_printf(binder->arena, "f%d", i + 1);
        record->fields[i] = (RecordField){name, fields[i]->type};
    }
    SqlType type = {.id = TYPE_RECORD, .typmod = -1, .detail = record};
    Scalar *made = scalar_make(binder->arena, SCALAR_ROW, type, fields, count);
    made->nullable = false;
    return made;
}

Scalar *
bind_whole_row(Binder *binder, const Scope *owner, const ScopeTable *table, int level)
{
    Scalar **fields = arena_new_array(binder->arena, Scalar *, owner->count);
    const char **names = arena_new_array(binder->arena, const char *, owner->count);
    int count = 0;
    for (int i = 0; i < owner->count; i++) {
        const ScopeColumn *column = &owner->columns[i];
        if (column->table != table)
            continue;
        names[count] = column->name;
        fields[count++] = hir_column(binder->arena, level, column->index, column->type, column->nullable);
    }
    /* A function of one column in FROM: its row is that value. */
    if (table->is_value && count > 0)
        return fields[0];
    Scalar *row = bind_record(binder, fields, names, count);
    if (!table->extended || count == 0)
        return row;
    /* Where an outer join found no row there is no record. All fields null is taken for that. */
    Scalar **args = arena_new_array(binder->arena, Scalar *, 3);
    Scalar *none = NULL;
    for (int i = 0; i < count; i++)
        none = scalar_and(binder->arena, none, bind_is_null(binder, fields[i]));
    args[0] = none;
    args[1] = scalar_null(binder->arena, row->type);
    args[2] = row;
    return scalar_make(binder->arena, SCALAR_CASE, row->type, args, 3);
}

bool
bind_table_row(Binder *binder, Scope *scope, const AstExpr *expr, Scalar **scalar, Error *err)
{
    const AstName *name = &expr->name;
    const ScopeTable *table;
    const Scope *owner;
    int level;
    if (!scope_find_table(scope, name->parts, name->count, expr->position, &table, &owner, &level, err))
        return false;
    if (table == NULL)
        return scope_unknown_table(scope, name->parts, name->count, expr->position, err);
    *scalar = bind_whole_row(binder, owner, table, level);
    (*scalar)->position = expr->position;
    return true;
}

/* ---- fields ---- */

static Scalar *
field_of(Binder *binder, Scalar *record, int field)
{
    if (record->kind == SCALAR_CASE && record->arg_count == 3 && record->args[2]->kind == SCALAR_ROW &&
        record->args[1]->kind == SCALAR_LITERAL && record->args[1]->literal.is_null)
        record = record->args[2]; /* a row that may not be there: its fields are null then anyway */
    return record->kind == SCALAR_ROW ? record->args[field] : scalar_field(binder->arena, record, field);
}

static int
field_number(const TypeDetail *record, const char *name)
{
    for (int i = 0; record != NULL && i < record->count; i++) {
        if (strcmp(record->fields[i].name, name) == 0)
            return i;
    }
    return -1;
}

bool
bind_field_of(Binder *binder, Scalar *record, const char *name, Scalar **scalar)
{
    int field = record->type.id == TYPE_RECORD ? field_number(record->type.detail, name) : -1;
    if (field < 0)
        return false;
    *scalar = field_of(binder, record, field);
    return true;
}

bool
bind_field(Binder *binder, Scope *scope, const AstExpr *expr, Scalar **scalar, Error *err)
{
    Scalar *arg;
    if (!bind_expr(binder, scope, expr->field.arg, &arg, err))
        return false;
    const char *name = expr->field.name.text;
    int position = bind_expr_start(expr->field.arg);
    if (arg->type.id != TYPE_RECORD)
        return error_at(err, position, SQLSTATE_WRONG_OBJECT_TYPE,
                        "column notation .%s applied to type %s, which is not a composite type", name,
                        type_format(arg->type, binder->arena));
    if (bind_field_of(binder, arg, name, scalar))
        return true;
    const AstExpr *of = expr->field.arg;
    if (of->kind == AST_EXPR_COLUMN && of->name.count == 1)
        return error_at(err, position, SQLSTATE_UNDEFINED_COLUMN, "column %s.%s does not exist", of->name.parts[0],
                        name);
    return error_at(err, position, SQLSTATE_UNDEFINED_COLUMN, "could not identify column \"%s\" in record data type",
                    name);
}

/* ---- stars ---- */

static void
field_add(Binder *binder, Scalar *field, const char *name, int position, BoundFields *fields)
{
    if (fields->count == fields->capacity) {
        int capacity = fields->capacity * 2 + 8;
        Scalar **items = arena_new_array(binder->arena, Scalar *, capacity);
        const char **names = arena_new_array(binder->arena, const char *, capacity);
        for (int i = 0; i < fields->count; i++) {
            items[i] = fields->items[i];
            names[i] = fields->names[i];
        }
        *fields = (BoundFields){items, names, fields->count, capacity};
    }
    if (position != 0 && field->kind == SCALAR_COLUMN && field->position == 0)
        field->position = position;
    fields->items[fields->count] = field;
    fields->names[fields->count++] = name;
}

static bool
record_star(Binder *binder, Scope *scope, const AstExpr *expr, BoundFields *fields, Error *err)
{
    Scalar *record;
    if (!bind_expr(binder, scope, expr->arg, &record, err))
        return false;
    if (record->type.id != TYPE_RECORD)
        return error_set(err, SQLSTATE_WRONG_OBJECT_TYPE, "type %s is not composite",
                         type_format(record->type, binder->arena));
    const TypeDetail *type = record->type.detail;
    if (type == NULL)
        return error_at(err, bind_expr_start(expr->arg), SQLSTATE_WRONG_OBJECT_TYPE,
                        "record type has not been registered");
    for (int i = 0; i < type->count; i++)
        field_add(binder, field_of(binder, record, i), type->fields[i].name, 0, fields);
    return true;
}

static bool
table_star(Binder *binder, Scope *scope, const AstExpr *expr, BoundFields *fields, Error *err)
{
    const AstName *name = &expr->name;
    const ScopeTable *table;
    const Scope *owner;
    int level;
    if (!scope_find_table(scope, name->parts, name->count, expr->position, &table, &owner, &level, err))
        return false;
    if (table == NULL) {
        /* A column that is a record may be written like a table. */
        ScopeMatch match;
        bool found = false;
        if (name->count <= 2 && !scope_find_column(scope, name, &match, &found, err))
            return false;
        if (found && match.column->type.id == TYPE_RECORD && match.column->type.detail != NULL) {
            Scalar *record =
                hir_column(binder->arena, match.level, match.column->index, match.column->type, match.column->nullable);
            for (int i = 0; i < record->type.detail->count; i++)
                field_add(binder, field_of(binder, record, i), record->type.detail->fields[i].name, 0, fields);
            return true;
        }
        return scope_unknown_table(scope, name->parts, name->count, expr->position, err);
    }
    for (int i = 0; i < owner->count; i++) {
        const ScopeColumn *column = &owner->columns[i];
        if (column->table == table)
            field_add(binder, hir_column(binder->arena, level, column->index, column->type, column->nullable),
                      column->name, expr->position, fields);
    }
    return true;
}

bool
bind_is_star(const AstExpr *expr)
{
    return expr->kind == AST_EXPR_FIELD_STAR || (expr->kind == AST_EXPR_STAR && expr->name.count > 0);
}

bool
bind_star_fields(Binder *binder, Scope *scope, const AstExpr *expr, BoundFields *fields, Error *err)
{
    return expr->kind == AST_EXPR_FIELD_STAR ? record_star(binder, scope, expr, fields, err)
                                             : table_star(binder, scope, expr, fields, err);
}

bool
bind_starred_list(Binder *binder, Scope *scope, const AstExprList *list, Scalar ***scalars, int *count, Error *err)
{
    BoundFields fields = {0};
    for (int i = 0; i < list->count; i++) {
        Scalar *scalar;
        if (bind_is_star(list->items[i])) {
            if (!bind_star_fields(binder, scope, list->items[i], &fields, err))
                return false;
            continue;
        }
        if (!bind_expr(binder, scope, list->items[i], &scalar, err))
            return false;
        field_add(binder, scalar, NULL, 0, &fields);
    }
    *scalars = fields.items;
    *count = fields.count;
    return true;
}

/* ---- rows ---- */

/* Each level may double what a record is as text. */
#define RECORD_LEVELS_MAX 24

static int
record_levels(SqlType type)
{
    int most = 0;
    if (type.id != TYPE_RECORD || type.detail == NULL)
        return 0;
    for (int i = 0; i < type.detail->count; i++) {
        int levels = record_levels(type.detail->fields[i].type);
        most = levels > most ? levels : most;
    }
    return most + 1;
}

bool
bind_row(Binder *binder, Scope *scope, const AstExpr *expr, Scalar **scalar, Error *err)
{
    int count;
    Scalar **args;
    if (!bind_starred_list(binder, scope, &expr->list, &args, &count, err))
        return false;
    for (int i = 0; i < count; i++) {
        if (args[i]->type.id == TYPE_UNKNOWN &&
            !bind_cast(binder, args[i], SQL_TYPE(TEXT), CAST_IMPLICIT, &args[i], err))
            return false;
        if (record_levels(args[i]->type) >= RECORD_LEVELS_MAX)
            return error_at(err, expr->position, SQLSTATE_STATEMENT_TOO_COMPLEX, "rows are nested too deeply");
    }
    *scalar = bind_record(binder, args, NULL, count);
    (*scalar)->position = expr->position;
    return true;
}
