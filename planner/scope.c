/*
 * scope.c -- looking names up by PostgreSQL's rules, with its messages.
 */
#include "planner/scope.h"

const char *
clause_name(Clause clause)
{
    switch (clause) {
    case CLAUSE_OTHER:
        return "this expression";
    case CLAUSE_SELECT:
        return "SELECT";
    case CLAUSE_WHERE:
        return "WHERE";
    case CLAUSE_JOIN:
        return "JOIN conditions";
    case CLAUSE_GROUP_BY:
        return "GROUP BY";
    case CLAUSE_HAVING:
        return "HAVING";
    case CLAUSE_ORDER_BY:
        return "ORDER BY";
    case CLAUSE_DISTINCT_ON:
        return "DISTINCT ON";
    case CLAUSE_FROM_FUNCTION:
        return "functions in FROM";
    case CLAUSE_FILTER:
        return "FILTER";
    case CLAUSE_LIMIT:
        return "LIMIT";
    case CLAUSE_OFFSET:
        return "OFFSET";
    case CLAUSE_VALUES:
        return "VALUES";
    case CLAUSE_UPDATE:
        return "UPDATE";
    case CLAUSE_RETURNING:
        return "RETURNING";
    case CLAUSE_INDEX:
        return "index expressions";
    case CLAUSE_QUALIFY:
        return "QUALIFY";
    case CLAUSE_DEFAULT:
        return "DEFAULT expressions";
    }
    bug("unrecognized clause %d", clause);
}

bool
scope_new(Arena *arena, Scope *parent, ScopeKind kind, Scope **scope, Error *err)
{
    Scope *made = arena_new_struct(arena, Scope);
    made->parent = parent;
    made->kind = kind;
    made->depth = parent == NULL ? 1 : parent->depth + 1;
    *scope = made;
    if (made->depth > HIR_LEVEL_MAX)
        return error_set(err, SQLSTATE_STATEMENT_TOO_COMPLEX, "queries are nested too deeply");
    return true;
}

Scope *
scope_blocked(Arena *arena, Scope *scope, Scope *outer)
{
    if (scope == outer)
        return outer;
    Scope *copy = arena_new_struct(arena, Scope);
    *copy = *scope;
    copy->blocked = true;
    copy->parent = scope_blocked(arena, scope->parent, outer);
    return copy;
}

static void *
grown(Arena *arena, void *items, int count, int *capacity, size_t size)
{
    if (count < *capacity)
        return items;
    *capacity = *capacity == 0 ? 8 : *capacity * 2;
    void *more = arena_alloc(arena, (size_t) *capacity * size);
    if (count > 0)
        memcpy(more, items, (size_t) count * size);
    return more;
}

ScopeTable *
scope_add_table(Arena *arena, Scope *scope, const char *database, const char *schema, const char *name)
{
    ScopeTable *table = arena_new_struct(arena, ScopeTable);
    *table = (ScopeTable){.database = database, .schema = schema, .name = name};
    scope->tables = grown(arena, scope->tables, scope->table_count, &scope->table_capacity, sizeof *scope->tables);
    scope->tables[scope->table_count++] = table;
    return table;
}

ScopeColumn *
scope_add_column(Arena *arena, Scope *scope, const ScopeTable *table, const char *name, uint32_t index, SqlType type,
                 bool nullable)
{
    scope->columns = grown(arena, scope->columns, scope->count, &scope->capacity, sizeof *scope->columns);
    ScopeColumn *column = &scope->columns[scope->count++];
    *column = (ScopeColumn){.name = name, .table = table, .index = index, .type = type, .nullable = nullable};
    return column;
}

static bool
same_text(const char *a, const char *b)
{
    return a != NULL && b != NULL && strcmp(a, b) == 0;
}

/* Two items of one name in different schemas can stand side by side; anything else of one name cannot. */
static bool
tables_clash(const ScopeTable *a, const ScopeTable *b)
{
    if (!same_text(a->name, b->name))
        return false;
    if (a->schema == NULL || b->schema == NULL)
        return a->schema == b->schema;
    return strcmp(a->schema, b->schema) == 0 && (a->database == b->database || same_text(a->database, b->database));
}

bool
scope_append(Arena *arena, Scope *scope, const Scope *from, uint32_t shift, Error *err)
{
    for (int i = 0; i < from->table_count; i++) {
        for (int j = 0; j < scope->table_count; j++) {
            if (tables_clash(from->tables[i], scope->tables[j]))
                return error_set(err, SQLSTATE_DUPLICATE_ALIAS, "table name \"%s\" specified more than once",
                                 from->tables[i]->name);
        }
    }
    for (int i = 0; i < from->table_count; i++) {
        scope->tables = grown(arena, scope->tables, scope->table_count, &scope->table_capacity, sizeof *scope->tables);
        scope->tables[scope->table_count++] = from->tables[i];
    }
    for (int i = 0; i < from->count; i++) {
        const ScopeColumn *column = &from->columns[i];
        scope_add_column(arena, scope, column->table, column->name, column->index + shift, column->type,
                         column->nullable)
            ->hidden = column->hidden;
    }
    return true;
}

/* ---- look-up ---- */

/* `parts` name the table: [table], [schema, table] or [database, schema, table]. */
static bool
table_matches(const ScopeTable *table, const char *const *parts, int count)
{
    if (table == NULL || !same_text(table->name, parts[count - 1]))
        return false;
    if (count >= 2 && !same_text(table->schema, parts[count - 2]))
        return false;
    return count < 3 || same_text(table->database, parts[count - 3]);
}

typedef struct ScopeWalk {
    const Scope *scope;
    int level;
} ScopeWalk;

static ScopeWalk
walk_start(const Scope *scope)
{
    return (ScopeWalk){scope, 0};
}

static void
walk_up(ScopeWalk *walk)
{
    walk->scope = walk->scope->parent;
    walk->level++;
}

static bool
walk_sees(const ScopeWalk *walk)
{
    return !walk->scope->blocked;
}

static const ScopeColumn *
find_unqualified(const Scope *scope, const char *name, int *matches)
{
    const ScopeColumn *found = NULL;
    *matches = 0;
    for (int i = 0; i < scope->count; i++) {
        if (!scope->columns[i].hidden && strcmp(scope->columns[i].name, name) == 0) {
            found = &scope->columns[i];
            ++*matches;
        }
    }
    return found;
}

static const ScopeColumn *
find_in_table(const Scope *scope, const ScopeTable *table, const char *name, int *matches)
{
    const ScopeColumn *found = NULL;
    *matches = 0;
    for (int i = 0; i < scope->count; i++) {
        if (scope->columns[i].table == table && strcmp(scope->columns[i].name, name) == 0) {
            found = &scope->columns[i];
            ++*matches;
        }
    }
    return found;
}

static bool
ambiguous(const AstName *name, Error *err)
{
    return error_at(err, name->position, SQLSTATE_AMBIGUOUS_COLUMN, "column reference \"%s\" is ambiguous",
                    name->parts[name->count - 1]);
}

static bool
not_lateral(const Scope *scope, const ScopeTable *table, int position, Error *err)
{
    if (!scope->no_lateral_left)
        return true;
    error_at(err, position, SQLSTATE_INVALID_COLUMN_REFERENCE,
             "invalid reference to FROM-clause entry for table \"%s\"",
             table == NULL || table->name == NULL ? "" : table->name);
    return error_detail(err, "The combining JOIN type must be INNER or LEFT for a LATERAL reference.");
}

static bool
find_bare(const Scope *start, const AstName *name, ScopeMatch *match, bool *found, Error *err)
{
    for (ScopeWalk walk = walk_start(start); walk.scope != NULL; walk_up(&walk)) {
        if (!walk_sees(&walk))
            continue;
        int matches;
        const ScopeColumn *column = find_unqualified(walk.scope, name->parts[0], &matches);
        if (matches > 1)
            return ambiguous(name, err);
        if (matches == 1) {
            *match = (ScopeMatch){column, walk.level};
            *found = true;
            return not_lateral(walk.scope, column->table, name->position, err);
        }
    }
    *found = false;
    return true;
}

bool
scope_find_table(const Scope *scope, const char *const *parts, int count, int position, const ScopeTable **table,
                 const Scope **owner, int *level, Error *err)
{
    *table = NULL;
    for (ScopeWalk walk = walk_start(scope); walk.scope != NULL; walk_up(&walk)) {
        if (!walk_sees(&walk))
            continue;
        int matches = 0;
        for (int i = 0; i < walk.scope->table_count; i++) {
            if (table_matches(walk.scope->tables[i], parts, count)) {
                *table = walk.scope->tables[i];
                matches++;
            }
        }
        if (matches > 1)
            return error_at(err, position, SQLSTATE_AMBIGUOUS_ALIAS, "table reference \"%s\" is ambiguous",
                            parts[count - 1]);
        if (matches == 1) {
            *owner = walk.scope;
            *level = walk.level;
            return not_lateral(walk.scope, *table, position, err);
        }
    }
    return true;
}

bool
scope_find_column(const Scope *scope, const AstName *name, ScopeMatch *match, bool *found, Error *err)
{
    if (name->count == 1)
        return find_bare(scope, name, match, found, err);
    const ScopeTable *table;
    const Scope *owner;
    int level;
    *found = false;
    if (!scope_find_table(scope, name->parts, name->count - 1, name->position, &table, &owner, &level, err))
        return false;
    if (table == NULL)
        return true;
    int matches;
    const ScopeColumn *column = find_in_table(owner, table, name->parts[name->count - 1], &matches);
    if (matches > 1)
        return ambiguous(name, err);
    *found = matches == 1;
    *match = (ScopeMatch){column, level};
    return true;
}

/* ---- errors ---- */

static int
smaller(int a, int b)
{
    return a < b ? a : b;
}

/* Edit distance, -1 when it is more than `limit`. Names longer than the table are never near. */
static int
edit_distance(const char *a, const char *b, int limit)
{
    size_t size_a = strlen(a), size_b = strlen(b);
    int row[64];
    if (size_a >= 64 || size_b >= 64)
        return -1;
    for (size_t j = 0; j <= size_b; j++)
        row[j] = (int) j;
    for (size_t i = 1; i <= size_a; i++) {
        int diagonal = row[0];
        row[0] = (int) i;
        for (size_t j = 1; j <= size_b; j++) {
            int above = row[j];
            int changed = diagonal + (a[i - 1] != b[j - 1]);
            row[j] = smaller(changed, smaller(above, row[j - 1]) + 1);
            diagonal = above;
        }
    }
    return row[size_b] <= limit ? row[size_b] : -1;
}

static void
hint_column(const ScopeColumn *column, Error *err)
{
    if (column->table != NULL && column->table->name != NULL)
        (void) error_hint(err, "Perhaps you meant to reference the column \"%s.%s\".", column->table->name,
                          column->name);
    else
        (void) error_hint(err, "Perhaps you meant to reference the column \"%s\".", column->name);
}

/* The nearest column, when it is near enough to be a slip and there is only one. */
static void
hint_similar(const Scope *scope, const char *table, const char *name, Error *err)
{
    int limit = (int) strlen(name) / 2;
    limit = limit > 3 ? 3 : limit;
    limit += table != NULL && limit == 0; /* the same name in another table */
    const ScopeColumn *nearest = NULL;
    int ties = 0;
    for (ScopeWalk walk = walk_start(scope); walk.scope != NULL; walk_up(&walk)) {
        for (int i = 0; i < walk.scope->count && walk_sees(&walk); i++) {
            const ScopeColumn *column = &walk.scope->columns[i];
            bool other_table = table != NULL && (column->table == NULL || !same_text(column->table->name, table));
            int distance = edit_distance(name, column->name, limit - other_table);
            if (distance < 0 || column->hidden)
                continue;
            if (distance + other_table < limit || nearest == NULL)
                ties = 0;
            limit = distance + other_table;
            nearest = column;
            ties++;
        }
    }
    if (ties == 1)
        hint_column(nearest, err);
}

static const char *
hidden_table(const Scope *scope, const char *name)
{
    for (const Scope *at = scope; at != NULL; at = at->parent) {
        for (int i = 0; i < at->table_count; i++) {
            if (same_text(at->tables[i]->name, name))
                return at->tables[i]->name;
            if (at->tables[i]->covers != NULL && hidden_table(at->tables[i]->covers, name) != NULL)
                return name;
        }
    }
    return NULL;
}

/* The alias of the item that was named by its own name. */
static const char *
alias_of(const Scope *scope, const char *name)
{
    for (ScopeWalk walk = walk_start(scope); walk.scope != NULL; walk_up(&walk)) {
        for (int i = 0; i < walk.scope->table_count && walk_sees(&walk); i++) {
            if (same_text(walk.scope->tables[i]->hidden, name))
                return walk.scope->tables[i]->name;
        }
    }
    return NULL;
}

bool
scope_unknown_table(const Scope *scope, const char *const *parts, int count, int position, Error *err)
{
    const char *table = parts[count - 1];
    if (hidden_table(scope, table) != NULL) {
        error_at(err, position, SQLSTATE_UNDEFINED_TABLE, "invalid reference to FROM-clause entry for table \"%s\"",
                 table);
        return error_hint(
            err, "There is an entry for table \"%s\", but it cannot be referenced from this part of the query.", table);
    }
    const char *alias = count == 1 ? alias_of(scope, table) : NULL;
    if (alias != NULL) {
        error_at(err, position, SQLSTATE_UNDEFINED_TABLE, "invalid reference to FROM-clause entry for table \"%s\"",
                 table);
        return error_hint(err, "Perhaps you meant to reference the table alias \"%s\".", alias);
    }
    return error_at(err, position, SQLSTATE_UNDEFINED_TABLE, "missing FROM-clause entry for table \"%s\"", table);
}

bool
scope_unknown_column(const Scope *scope, const AstName *name, Error *err)
{
    const char *column = name->parts[name->count - 1];
    if (name->count == 1) {
        error_at(err, name->position, SQLSTATE_UNDEFINED_COLUMN, "column \"%s\" does not exist", column);
        hint_similar(scope, NULL, column, err);
        return false;
    }
    const ScopeTable *table;
    const Scope *owner;
    int level;
    if (!scope_find_table(scope, name->parts, name->count - 1, name->position, &table, &owner, &level, err))
        return false;
    if (table == NULL)
        return scope_unknown_table(scope, name->parts, name->count - 1, name->position, err);
    error_at(err, name->position, SQLSTATE_UNDEFINED_COLUMN, "column %s.%s does not exist", table->name, column);
    hint_similar(scope, table->name, column, err);
    return false;
}

const char *
scope_column_label(const ScopeColumn *column, Arena *arena)
{
    if (column->table == NULL || column->table->name == NULL)
        return column->name;
    return arena_printf(arena, "%s.%s", column->table->name, column->name);
}

const ScopeColumn *
scope_column_at(const Scope *scope, uint32_t index)
{
    for (int i = 0; i < scope->count; i++) {
        if (scope->columns[i].index == index)
            return &scope->columns[i];
    }
    return NULL;
}
