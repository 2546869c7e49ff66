/*
 * bind_from.c -- what a SELECT reads: tables, views, subqueries, functions, and how they are joined.
 *
 * The right side of every join is one level further in than the left (hir.h): LATERAL items look out at the left side's row.
 * `outer` is the scope around the whole FROM; what lies between it and an item's `parent` are the items to its left.
 */
#include "grammar/ast.h"
#include "planner/bind.h"

static bool bind_from_item(Binder *binder, const AstFromItem *item, Scope *parent, Scope *outer, BoundFrom *bound,
                           Error *err);

/* ---- items of the catalog ---- */

static BoundRelation
item_relation(Binder *binder, const Item *item, Hir *hir)
{
    const char **names = arena_new_array(binder->arena, const char *, item->desc->column_count);
    for (int i = 0; i < item->desc->column_count; i++)
        names[i] = item->desc->columns[i].name;
    return (BoundRelation){hir, names};
}

typedef struct IndexSearch {
    ObjectId cluster;
    bool found;
} IndexSearch;

static void
index_search(void *context, Item *item)
{
    IndexSearch *search = context;
    search->found |= item->kind == ITEM_INDEX && item->cluster == search->cluster;
}

static bool
view_is_indexed(const Binder *binder, const Item *item)
{
    IndexSearch search = {.cluster = binder->indexed_views_of};
    if (search.cluster != 0)
        catalog_each_dependent(binder->catalog, item->id, index_search, &search);
    return search.found;
}

bool
bind_view(Binder *binder, const Item *item, BoundRelation *relation, Error *err)
{
    for (size_t i = 0; i < binder->views.count; i++) {
        if (binder->views.items[i].id == item->id) {
            binder->views.items[i].hir->uses++;
            *relation = item_relation(binder, item, binder->views.items[i].hir);
            return true;
        }
    }
    if (binder->view_depth >= 100)
        return error_set(err, SQLSTATE_STATEMENT_TOO_COMPLEX, "views are nested too deeply");
    if (item->definition == NULL)
        return error_set(err, SQLSTATE_INTERNAL_ERROR, "the definition of view \"%s\" is not loaded", item->name);
    /* The definition names everything in full and sees nothing of the statement around it. */
    static const char *const no_path[] = {NULL};
    const NameScope nothing = {.database = NULL, .search_path = no_path};
    const NameScope *names = binder->names;
    CteBinding *ctes = binder->ctes;
    const RelationColumn *targets = binder->targets;
    const SqlBody body = binder->body;
    binder->body = (SqlBody){0};
    binder->names = &nothing;
    binder->ctes = NULL;
    binder->targets = NULL;
    binder->view_depth++;
    BoundRelation bound;
    bool worked = bind_query_relation(binder, item->definition, NULL, &bound, err);
    binder->view_depth--;
    binder->body = body;
    binder->targets = targets;
    binder->ctes = ctes;
    binder->names = names;
    if (!worked) {
        err->position = 0; /* it is in the view's text, not in the statement's */
        return error_prefix(err, "in view \"%s\": ", item->name);
    }
    bound.hir->uses++;
    ViewBinding view = {item->id, bound.hir};
    vector_push(&binder->views, view);
    *relation = item_relation(binder, item, bound.hir);
    return true;
}

static bool
item_is_system(const Item *item)
{
    return (item->id & OBJECT_ID_SYSTEM) != 0;
}

bool
bind_item(Binder *binder, const Item *item, int position, BoundRelation *relation, Error *err)
{
    if (!item_is_relation(item) || item->desc == NULL) {
        const char *kind = item_kind_name(item->kind);
        return error_at(err, position, SQLSTATE_WRONG_OBJECT_TYPE,
                        "catalog item '%s' is %s %s and so cannot be depended upon",
                        item_full_name(item, binder->arena), strchr("aeiou", kind[0]) != NULL ? "an" : "a", kind);
    }
    if (binder->view_depth == 0)
        bind_dependency(binder, item->id);
    if (item->kind == ITEM_VIEW) {
        if (!view_is_indexed(binder, item))
            return bind_view(binder, item, relation, err);
        binder->read_indexed_view = true;
    }
    binder->reads_relation = true;
    binder->reads_user_relation |= !item_is_system(item);
    *relation = item_relation(binder, item, hir_get(&binder->set, item));
    return true;
}

static bool
unknown_item(Binder *binder, const AstName *name, Error *err)
{
    if (name->id != NULL)
        return error_at(err, name->position, SQLSTATE_UNDEFINED_TABLE, "unknown catalog item '%s'", name->id);
    if (name->count > 2 && catalog_database(binder->catalog, name->parts[name->count - 3]) == NULL)
        return error_at(err, name->position, SQLSTATE_INVALID_CATALOG_NAME, "unknown database '%s'",
                        name->parts[name->count - 3]);
    if (name->count > 1 && catalog_resolve_schema(binder->catalog, binder->names, name->parts, name->count - 1) == NULL)
        return error_at(err, name->position, SQLSTATE_INVALID_SCHEMA_NAME, "unknown schema '%s'",
                        name->parts[name->count - 2]);
    Buffer text = {0};
    for (int i = 0; i < name->count; i++)
        buffer_printf(&text, "%s%s", i == 0 ? "" : ".", name->parts[i]);
    error_at(err, name->position, SQLSTATE_UNDEFINED_TABLE, "unknown catalog item '%s'", buffer_text(&text));
    buffer_deinit(&text);
    return false;
}

static const Item *
name_item(const Binder *binder, const AstName *name)
{
    ObjectId id;
    if (name->id == NULL)
        return catalog_resolve_item(binder->catalog, binder->names, name->parts, name->count);
    return object_id_parse(slice_of(name->id), &id) ? catalog_item(binder->catalog, id) : NULL;
}

static CteBinding *
name_cte(const Binder *binder, const AstName *name)
{
    for (CteBinding *cte = binder->ctes; cte != NULL && name->count == 1 && name->id == NULL; cte = cte->next) {
        if (strcmp(cte->name, name->parts[0]) == 0)
            return cte;
    }
    return NULL;
}

/* ---- aliases ---- */

/* One table of the given columns under the item's alias. */
static bool
named_relation(Binder *binder, const AstFromItem *item, ScopeTable like, const BoundRelation *relation,
               BoundFrom *bound, Error *err)
{
    bool has_alias = item->alias.text != NULL;
    int count = relation->hir->column_count;
    if (item->column_aliases.count > count)
        return error_set(
            err, SQLSTATE_INVALID_COLUMN_REFERENCE, "table \"%s\" has %d columns available but %d columns specified",
            has_alias ? item->alias.text : (like.name == NULL ? "" : like.name), count, item->column_aliases.count);
    bound->hir = relation->hir;
    bound->scope = arena_new_struct(binder->arena, Scope);
    ScopeTable *table = has_alias ? scope_add_table(binder->arena, bound->scope, NULL, NULL, item->alias.text)
                                  : scope_add_table(binder->arena, bound->scope, like.database, like.schema, like.name);
    table->hidden = has_alias ? like.name : NULL;
    table->is_value = like.is_value;
    for (int i = 0; i < count; i++) {
        const char *name = i < item->column_aliases.count ? item->column_aliases.items[i].text : relation->names[i];
        scope_add_column(binder->arena, bound->scope, table, name, (uint32_t) i, relation->hir->types[i],
                         relation->hir->nullable[i]);
    }
    return true;
}

static bool
bind_table(Binder *binder, const AstFromItem *item, Scope *parent, BoundFrom *bound, Error *err)
{
    CteBinding *cte = name_cte(binder, &item->table);
    if (cte != NULL) {
        BoundRelation relation = cte->relation;
        cte->uses++;
        cte->last_use = item->table.position;
        if (relation.hir == NULL)
            return error_at(err, cte->refused_position != 0 ? cte->refused_position : item->table.position,
                            cte->refused_state, cte->refused, cte->name);
        relation.hir->uses++;
        relation.hir = hir_shift(&binder->set, relation.hir, scope_depth(parent) - cte->depth);
        return named_relation(binder, item, (ScopeTable){.name = cte->name}, &relation, bound, err);
    }
    const Item *found = name_item(binder, &item->table);
    if (found == NULL)
        return unknown_item(binder, &item->table, err);
    if (binder->view_depth == 0) {
        NameUse use = {(AstName *) (uintptr_t) &item->table, found};
        vector_push(&binder->name_uses, use);
    }
    BoundRelation relation;
    if (!bind_item(binder, found, item->table.position, &relation, err))
        return false;
    const Schema *schema = found->schema;
    ScopeTable like = {.database = schema->database == NULL ? NULL : schema->database->name,
                       .schema = schema->name,
                       .name = found->name};
    return named_relation(binder, item, like, &relation, bound, err);
}

static bool
bind_derived(Binder *binder, const AstFromItem *item, Scope *parent, Scope *outer, BoundFrom *bound, Error *err)
{
    BoundRelation relation;
    Scope *visible = item->lateral ? parent : scope_blocked(binder->arena, parent, outer);
    return bind_query_relation(binder, item->query, visible, &relation, err) &&
           named_relation(binder, item, (ScopeTable){0}, &relation, bound, err);
}

/* ---- functions ---- */

/* What one item of ROWS FROM is made of. unnest(a, b) is unnest(a), unnest(b). */
typedef struct FunctionParts {
    TableFunctionCall *calls;
    const char **names; /* of the function that each comes from */
    Scalar **args;
    int count, arg_count;
    bool is_value; /* the only part is an ordinary expression */
} FunctionParts;

static void
part_add(Binder *binder, FunctionParts *parts, const TableFunctionCall *call, Scalar *const *args, const char *name)
{
    TableFunctionCall *calls = arena_new_array(binder->arena, TableFunctionCall, parts->count + 1);
    const char **names = arena_new_array(binder->arena, const char *, parts->count + 1);
    Scalar **all = arena_new_array(binder->arena, Scalar *, parts->arg_count + call->arg_count);
    for (int i = 0; i < parts->count; i++) {
        calls[i] = parts->calls[i];
        names[i] = parts->names[i];
    }
    for (int i = 0; i < parts->arg_count; i++)
        all[i] = parts->args[i];
    for (int i = 0; i < call->arg_count; i++)
        all[parts->arg_count + i] = args[i];
    calls[parts->count] = *call;
    names[parts->count++] = name;
    parts->arg_count += call->arg_count;
    parts->calls = calls;
    parts->names = names;
    parts->args = all;
}

static bool
is_record_function(const TableFunctionCall *call)
{
    return call->column_count == 1 && call->column_types[0].id == TYPE_RECORD && call->column_types[0].detail == NULL;
}

/* AS t (a int, b text): what a function that returns any record is to return. */
static bool
define_columns(Binder *binder, const AstFromItem *item, int position, TableFunctionCall *call, Error *err)
{
    const AstColumnDefList *defs = &item->column_defs;
    if (!is_record_function(call)) {
        if (defs->count == 0)
            return true;
        if (call->column_count > 1)
            return error_at(err, defs->items[0]->position, SQLSTATE_SYNTAX_ERROR,
                            "a column definition list is redundant for a function with OUT parameters");
        return error_at(err, defs->items[0]->position, SQLSTATE_SYNTAX_ERROR,
                        "a column definition list is only allowed for functions returning \"record\"");
    }
    if (defs->count == 0)
        return error_at(err, position, SQLSTATE_SYNTAX_ERROR,
                        "a column definition list is required for functions returning \"record\"");
    SqlType *types = arena_new_array(binder->arena, SqlType, defs->count);
    const char **names = arena_new_array(binder->arena, const char *, defs->count);
    for (int i = 0; i < defs->count; i++) {
        names[i] = defs->items[i]->name.text;
        if (!bind_type(binder, defs->items[i]->type, &types[i], err))
            return false;
        for (int j = 0; j < i; j++) {
            if (strcmp(names[i], names[j]) == 0)
                return error_at(err, defs->items[i]->position, SQLSTATE_DUPLICATE_COLUMN,
                                "column name \"%s\" specified more than once", names[i]);
        }
    }
    call->column_types = types;
    call->column_names = names;
    call->column_count = defs->count;
    return true;
}

static bool
part_of_function(Binder *binder, Scope *scope, const AstFromItem *item, const AstExpr *expr, FunctionParts *parts,
                 Error *err)
{
    TableFunctionCall call;
    Scalar **args;
    if (!bind_table_function(binder, scope, expr->function, expr->position, &call, &args, err) ||
        !define_columns(binder, item, expr->position, &call, err))
        return false;
    part_add(binder, parts, &call, args, bind_output_name(expr));
    return true;
}

static bool
parts_of_unnest(Binder *binder, Scope *scope, const AstFromItem *item, const AstExpr *expr, FunctionParts *parts,
                Error *err)
{
    for (int i = 0; i < expr->function->args.count; i++) {
        AstFunction *one = arena_new_struct(binder->arena, AstFunction);
        AstExpr *call = arena_new_struct(binder->arena, AstExpr);
        *one = *expr->function;
        one->args = (AstExprList){.items = &expr->function->args.items[i], .count = 1, .capacity = 1};
        *call = *expr;
        call->function = one;
        if (!part_of_function(binder, scope, item, call, parts, err))
            return false;
    }
    return true;
}

static bool
part_of_value(Binder *binder, Scope *scope, const AstFromItem *item, const AstExpr *expr, FunctionParts *parts,
              Error *err)
{
    Scalar *value;
    TableFunctionCall call;
    if (!bind_expr(binder, scope, expr, &value, err))
        return false;
    if (value->type.id == TYPE_UNKNOWN && !bind_cast(binder, value, SQL_TYPE(TEXT), CAST_IMPLICIT, &value, err))
        return false;
    if (item->column_defs.count > 0)
        return error_at(err, item->column_defs.items[0]->position, SQLSTATE_SYNTAX_ERROR,
                        "a column definition list is only allowed for functions returning \"record\"");
    table_function_row(&value->type, 1, NULL, binder->arena, &call);
    part_add(binder, parts, &call, &value, bind_output_name(expr));
    return true;
}

static bool
bind_parts(Binder *binder, Scope *scope, const AstFromItem *item, AstExpr *const *exprs, int count,
           FunctionParts *parts, Error *err)
{
    for (int i = 0; i < count; i++) {
        const AstExpr *expr = exprs[i];
        bool is_table_function = expr->kind == AST_EXPR_FUNCTION &&
                                 table_function_exists(bind_function_schema(&expr->function->name),
                                                       expr->function->name.parts[expr->function->name.count - 1]);
        bool several = is_table_function && expr->function->args.count > 1 && !expr->function->variadic &&
                       strcmp(bind_output_name(expr), "unnest") == 0;
        parts->is_value = count == 1 && !is_table_function;
        if (several             ? !parts_of_unnest(binder, scope, item, expr, parts, err)
            : is_table_function ? !part_of_function(binder, scope, item, expr, parts, err)
                                : !part_of_value(binder, scope, item, expr, parts, err))
            return false;
    }
    return true;
}

static BoundRelation
parts_relation(Binder *binder, const AstFromItem *item, const FunctionParts *parts)
{
    BoundRelation relation;
    TableFunctionCall call;
    table_function_zip(parts->calls, parts->count, binder->arena, &call);
    if (parts->is_value && !item->ordinality)
        relation.hir = hir_project(&binder->set, hir_unit(&binder->set), parts->args, 1);
    else
        relation.hir = hir_flat_map(&binder->set, hir_unit(&binder->set), &call, parts->args, item->ordinality);
    relation.names = arena_new_array(binder->arena, const char *, relation.hir->column_count);
    int column = 0;
    for (int p = 0; p < parts->count; p++) {
        const TableFunctionCall *part = &parts->calls[p];
        for (int i = 0; i < part->column_count; i++) {
            const char *name = part->column_names == NULL ? NULL : part->column_names[i];
            relation.names[column++] = name == NULL ? parts->names[p] : name;
        }
    }
    /* A function of one column gives its alias to the column too. */
    if (call.column_count == 1 && !table_function_gives_records(&call) && item->column_defs.count == 0 &&
        item->alias.text != NULL)
        relation.names[0] = item->alias.text;
    if (item->ordinality)
        relation.names[column] = "ordinality";
    return relation;
}

static bool
bind_functions(Binder *binder, const AstFromItem *item, AstExpr *const *exprs, int count, Scope *parent,
               BoundFrom *bound, Error *err)
{
    Scope *scope;
    FunctionParts parts = {0};
    if (!scope_new(binder->arena, parent, SCOPE_QUERY, &scope, err))
        return false;
    scope->clause = CLAUSE_FROM_FUNCTION;
    if (!bind_parts(binder, scope, item, exprs, count, &parts, err))
        return false;
    BoundRelation relation = parts_relation(binder, item, &parts);
    ScopeTable like = {.name = parts.names[0],
                       .is_value = relation.hir->column_count == 1 && !table_function_gives_records(&parts.calls[0])};
    return named_relation(binder, item, like, &relation, bound, err);
}

/* ---- joins ---- */

/* What LATERAL items to the right may look into. */
static bool
siblings_scope(Binder *binder, const BoundFrom *left, Scope *parent, bool no_lateral, Scope **siblings, Error *err)
{
    if (!scope_new(binder->arena, parent, SCOPE_SIBLINGS, siblings, err))
        return false;
    (*siblings)->columns = left->scope->columns;
    (*siblings)->count = left->scope->count;
    (*siblings)->tables = left->scope->tables;
    (*siblings)->table_count = left->scope->table_count;
    (*siblings)->no_lateral_left = no_lateral;
    return true;
}

static HirJoinKind
join_kind(AstJoinKind kind)
{
    switch (kind) {
    case AST_JOIN_INNER:
    case AST_JOIN_CROSS:
        return HIR_JOIN_INNER;
    case AST_JOIN_LEFT:
        return HIR_JOIN_LEFT;
    case AST_JOIN_RIGHT:
        return HIR_JOIN_RIGHT;
    case AST_JOIN_FULL:
        return HIR_JOIN_FULL;
    }
    bug("unrecognized join kind %d", kind);
}

/* An inner join with a function of the left row is that function applied to each left row. */
static Hir *
join_relations(Binder *binder, HirJoinKind kind, Hir *left, Hir *right, Scalar *on)
{
    bool is_unit_function = right->kind == HIR_FLAT_MAP && right->levels > 0 && right->input->kind == HIR_VALUES &&
                            right->input->column_count == 0;
    if (kind != HIR_JOIN_INNER || !is_unit_function)
        return hir_join(&binder->set, kind, left, right, on);
    int count = right->flat_map.call.arg_count;
    Scalar **args = arena_new_array(binder->arena, Scalar *, count);
    for (int i = 0; i < count; i++)
        args[i] = hir_scalar_shift(&binder->set, right->flat_map.args[i], -1);
    return hir_filter(&binder->set,
                      hir_flat_map(&binder->set, left, &right->flat_map.call, args, right->flat_map.ordinality), on);
}

typedef struct UsingColumn {
    const char *name;
    int position;
    const ScopeColumn *left, *right;
    Scalar *merged;
    uint32_t index; /* of the merged column in the join's row */
} UsingColumn;

static bool
using_column(const Scope *scope, const AstIdent *ident, const char *side, const ScopeColumn **column, Error *err)
{
    *column = NULL;
    for (int i = 0; i < scope->count; i++) {
        if (scope->columns[i].hidden || strcmp(scope->columns[i].name, ident->text) != 0)
            continue;
        if (*column != NULL)
            return error_set(err, SQLSTATE_AMBIGUOUS_COLUMN,
                             "common column name \"%s\" appears more than once in %s table", ident->text, side);
        *column = &scope->columns[i];
    }
    if (*column == NULL)
        return error_set(err, SQLSTATE_UNDEFINED_COLUMN,
                         "column \"%s\" specified in USING clause does not exist in %s table", ident->text, side);
    return true;
}

static void
natural_columns(Binder *binder, const BoundFrom *left, const BoundFrom *right, int position, AstIdentList *using_)
{
    *using_ = (AstIdentList){.items = arena_new_array(binder->arena, AstIdent, left->scope->count)};
    for (int i = 0; i < left->scope->count; i++) {
        const ScopeColumn *column = &left->scope->columns[i];
        bool common = false;
        for (int j = 0; j < right->scope->count && !column->hidden; j++)
            common |= !right->scope->columns[j].hidden && strcmp(right->scope->columns[j].name, column->name) == 0;
        if (common)
            using_->items[using_->count++] = (AstIdent){column->name, position};
    }
}

/* The column that stands for both: the one that is there when the other may be missing. */
static bool
using_merge(Binder *binder, HirJoinKind kind, UsingColumn *column, Scalar *left, Scalar *right, Error *err)
{
    Scalar **sides = arena_new_array(binder->arena, Scalar *, 2);
    SqlType type;
    sides[0] = left;
    sides[1] = right;
    if (!bind_unified(binder, sides, 2, "JOIN/USING", column->position, &type, err))
        return false;
    if (kind == HIR_JOIN_FULL)
        column->merged = scalar_make(binder->arena, SCALAR_COALESCE, type, sides, 2);
    else
        column->merged = sides[kind == HIR_JOIN_RIGHT];
    return true;
}

static bool
bind_using(Binder *binder, HirJoinKind kind, const AstIdentList *list, const BoundFrom *left, const BoundFrom *right,
           int position, UsingColumn *columns, Scalar **on, Error *err)
{
    *on = NULL;
    uint32_t shift = (uint32_t) left->hir->column_count;
    for (int i = 0; i < list->count; i++) {
        UsingColumn *column = &columns[i];
        column->name = list->items[i].text;
        column->position = list->items[i].position;
        for (int j = 0; j < i; j++) {
            if (strcmp(columns[j].name, column->name) == 0)
                return error_set(err, SQLSTATE_DUPLICATE_COLUMN,
                                 "column name \"%s\" appears more than once in USING clause", column->name);
        }
        if (!using_column(left->scope, &list->items[i], "left", &column->left, err) ||
            !using_column(right->scope, &list->items[i], "right", &column->right, err))
            return false;
        Scalar *l = hir_column(binder->arena, 0, column->left->index, column->left->type, column->left->nullable);
        Scalar *r =
            hir_column(binder->arena, 0, column->right->index + shift, column->right->type, column->right->nullable);
        Scalar *equal;
        if (!bind_operator(binder, "=", l, r, position, &equal, err) || !using_merge(binder, kind, column, l, r, err))
            return false;
        *on = scalar_and(binder->arena, *on, equal);
    }
    return true;
}

/* Merged columns that are no plain column of the join become columns behind it. */
static Hir *
using_extend(Binder *binder, Hir *join, UsingColumn *columns, int count)
{
    int extra = 0;
    for (int i = 0; i < count; i++) {
        bool plain = columns[i].merged->kind == SCALAR_COLUMN;
        columns[i].index = plain ? hir_ref_index(columns[i].merged->column) : (uint32_t) (join->column_count + extra++);
    }
    if (extra == 0)
        return join;
    Scalar **exprs = arena_new_array(binder->arena, Scalar *, join->column_count + extra);
    for (int i = 0; i < join->column_count; i++)
        exprs[i] = hir_column_of(&binder->set, join, (uint32_t) i);
    for (int i = 0; i < count; i++) {
        if (columns[i].merged->kind != SCALAR_COLUMN)
            exprs[columns[i].index] = columns[i].merged;
    }
    return hir_project(&binder->set, join, exprs, join->column_count + extra);
}

static bool
using_scope(Binder *binder, const AstFromItem *item, const BoundFrom *left, const BoundFrom *right,
            const UsingColumn *columns, int count, BoundFrom *bound, Error *err)
{
    Scope *scope = bound->scope;
    const ScopeTable *alias = NULL;
    if (item->join.using_alias.text != NULL)
        alias = scope_add_table(binder->arena, scope, NULL, NULL, item->join.using_alias.text);
    for (int i = 0; i < count; i++) {
        const Hir *hir = bound->hir;
        scope_add_column(binder->arena, scope, alias, columns[i].name, columns[i].index, hir->types[columns[i].index],
                         hir->nullable[columns[i].index]);
    }
    int left_at = scope->count;
    if (!scope_append(binder->arena, scope, left->scope, 0, err))
        return false;
    int right_at = scope->count;
    if (!scope_append(binder->arena, scope, right->scope, (uint32_t) left->hir->column_count, err))
        return false;
    for (int i = 0; i < count; i++) {
        scope->columns[left_at + (columns[i].left - left->scope->columns)].hidden = true;
        scope->columns[right_at + (columns[i].right - right->scope->columns)].hidden = true;
    }
    return true;
}

/* Outer joins make columns nullable that were not. */
static void
scope_follow(Scope *scope, const Hir *hir)
{
    for (int i = 0; i < scope->count; i++)
        scope->columns[i].nullable = hir->nullable[scope->columns[i].index];
}

static bool
bind_on(Binder *binder, const AstExpr *on, const Scope *columns, Scope *parent, Scalar **scalar, Error *err)
{
    Scope *scope;
    if (!scope_new(binder->arena, parent, SCOPE_QUERY, &scope, err))
        return false;
    scope->columns = columns->columns;
    scope->count = columns->count;
    scope->tables = columns->tables;
    scope->table_count = columns->table_count;
    scope->clause = CLAUSE_JOIN;
    return bind_condition(binder, scope, on, "JOIN/ON", scalar, err);
}

static bool
join_alias(Binder *binder, const AstFromItem *item, BoundFrom *bound, Error *err)
{
    if (item->alias.text == NULL)
        return true;
    const Scope *inner = bound->scope;
    Scope *scope = arena_new_struct(binder->arena, Scope);
    ScopeTable *table = scope_add_table(binder->arena, scope, NULL, NULL, item->alias.text);
    table->covers = inner;
    for (int i = 0; i < inner->count; i++) {
        const ScopeColumn *column = &inner->columns[i];
        const char *name = column->name;
        if (column->hidden)
            continue;
        if (scope->count < item->column_aliases.count)
            name = item->column_aliases.items[scope->count].text;
        scope_add_column(binder->arena, scope, table, name, column->index, column->type, column->nullable);
    }
    if (item->column_aliases.count > scope->count)
        return error_set(err, SQLSTATE_INVALID_COLUMN_REFERENCE,
                         "table \"%s\" has %d columns available but %d columns specified", item->alias.text,
                         scope->count, item->column_aliases.count);
    bound->scope = scope;
    return true;
}

static void
tables_extend(const Scope *scope)
{
    for (int i = 0; i < scope->table_count; i++)
        scope->tables[i]->extended = true;
}

static bool
bind_join(Binder *binder, const AstFromItem *item, Scope *parent, Scope *outer, BoundFrom *bound, Error *err)
{
    HirJoinKind kind = join_kind(item->join.kind);
    BoundFrom left, right;
    Scope *siblings;
    if (!bind_from_item(binder, item->join.left, parent, outer, &left, err) ||
        !siblings_scope(binder, &left, parent, kind == HIR_JOIN_RIGHT || kind == HIR_JOIN_FULL, &siblings, err) ||
        !bind_from_item(binder, item->join.right, siblings, outer, &right, err))
        return false;
    AstIdentList using_ = item->join.using_;
    if (item->join.natural)
        natural_columns(binder, &left, &right, item->position, &using_);
    UsingColumn *columns = arena_new_array(binder->arena, UsingColumn, using_.count);
    Scalar *on = NULL;
    bound->scope = arena_new_struct(binder->arena, Scope);
    if (using_.count > 0) {
        if (!bind_using(binder, kind, &using_, &left, &right, item->position, columns, &on, err))
            return false;
        bound->hir = using_extend(binder, join_relations(binder, kind, left.hir, right.hir, on), columns, using_.count);
        if (!using_scope(binder, item, &left, &right, columns, using_.count, bound, err))
            return false;
    } else {
        if (!scope_append(binder->arena, bound->scope, left.scope, 0, err) ||
            !scope_append(binder->arena, bound->scope, right.scope, (uint32_t) left.hir->column_count, err))
            return false;
        if (item->join.on != NULL &&
            !bind_on(binder, item->join.on, bound->scope, scope_blocked(binder->arena, parent, outer), &on, err))
            return false;
        bound->hir = join_relations(binder, kind, left.hir, right.hir, on);
    }
    scope_follow(bound->scope, bound->hir);
    if (kind == HIR_JOIN_LEFT || kind == HIR_JOIN_FULL)
        tables_extend(right.scope);
    if (kind == HIR_JOIN_RIGHT || kind == HIR_JOIN_FULL)
        tables_extend(left.scope);
    return join_alias(binder, item, bound, err);
}

/* Functions without arguments that give what a relation of pg_catalog has. */
static const struct {
    const char *function, *relation;
} relation_functions[] = {{"pg_timezone_names", "pg_timezone_names"},
                          {"pg_timezone_abbrevs", "pg_timezone_abbrevs"},
                          {"pg_show_all_settings", "pg_settings"},
                          {"pg_prepared_statement", "pg_prepared_statements"},
                          {"pg_cursor", "pg_cursors"},
                          {"pg_lock_status", "pg_locks"},
                          {"pg_prepared_xact", "pg_prepared_xacts"},
                          {"pg_available_extensions", "pg_available_extensions"},
                          {"pg_available_extension_versions", "pg_available_extension_versions"},
                          {"pg_config", "pg_config"},
                          {"pg_get_replication_slots", "pg_replication_slots"}};

static const char *
relation_of_function(const AstExpr *expr)
{
    const AstName *name = &expr->function->name;
    bool system = name->count == 1 || (name->count == 2 && strcmp(name->parts[0], "pg_catalog") == 0);
    for (size_t i = 0; system && i < sizeof relation_functions / sizeof *relation_functions; i++) {
        if (strcmp(relation_functions[i].function, name->parts[name->count - 1]) == 0)
            return relation_functions[i].relation;
    }
    return NULL;
}

static bool
is_relation_function(const AstExpr *expr)
{
    return expr->kind == AST_EXPR_FUNCTION && expr->function->args.count == 0 && relation_of_function(expr) != NULL;
}

static bool
bind_relation_function(Binder *binder, const AstFromItem *item, Scope *parent, BoundFrom *bound, Error *err)
{
    const AstExpr *expr = item->function;
    AstFromItem *table = arena_new_struct(binder->arena, AstFromItem);
    *table = *item;
    table->kind = AST_FROM_TABLE;
    table->table = (AstName){
        .parts = {"pg_catalog", relation_of_function(expr)}, .count = 2, .position = expr->function->name.position};
    if (table->alias.text == NULL)
        table->alias.text = expr->function->name.parts[expr->function->name.count - 1];
    return bind_table(binder, table, parent, bound, err);
}

static bool
bind_from_item(Binder *binder, const AstFromItem *item, Scope *parent, Scope *outer, BoundFrom *bound, Error *err)
{
    switch (item->kind) {
    case AST_FROM_TABLE:
        return bind_table(binder, item, parent, bound, err);
    case AST_FROM_SUBQUERY:
        return bind_derived(binder, item, parent, outer, bound, err);
    case AST_FROM_FUNCTION:
        if (is_relation_function(item->function))
            return bind_relation_function(binder, item, parent, bound, err);
        return bind_functions(binder, item, &item->function, 1, parent, bound, err);
    case AST_FROM_ROWS_FROM:
        return bind_functions(binder, item, item->rows_from.items, item->rows_from.count, parent, bound, err);
    case AST_FROM_JOIN:
        return bind_join(binder, item, parent, outer, bound, err);
    }
    bug("unrecognized FROM item kind %d", item->kind);
}

bool
bind_from(Binder *binder, const AstFromList *from, Scope *parent, BoundFrom *bound, Error *err)
{
    if (from->count == 0) {
        bound->hir = hir_unit(&binder->set);
        bound->scope = arena_new_struct(binder->arena, Scope);
        return true;
    }
    if (!bind_from_item(binder, from->items[0], parent, parent, bound, err))
        return false;
    for (int i = 1; i < from->count; i++) {
        BoundFrom right, joined = {.scope = arena_new_struct(binder->arena, Scope)};
        Scope *siblings;
        if (!siblings_scope(binder, bound, parent, false, &siblings, err) ||
            !bind_from_item(binder, from->items[i], siblings, parent, &right, err) ||
            !scope_append(binder->arena, joined.scope, bound->scope, 0, err) ||
            !scope_append(binder->arena, joined.scope, right.scope, (uint32_t) bound->hir->column_count, err))
            return false;
        joined.hir = join_relations(binder, HIR_JOIN_INNER, bound->hir, right.hir, NULL);
        *bound = joined;
    }
    return true;
}
