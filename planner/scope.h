/*
 * scope.h -- the names that an expression can see: columns of the row at hand, and of the rows of the queries around it.
 *
 * Scopes form a chain, innermost first; a scope's distance in the chain is the level of a reference (hir.h). A SIBLINGS scope holds the FROM
 * items to the left of one being bound: only LATERAL items may look into it (for the others it is `blocked`), but it counts as a level for all.
 */
#ifndef FRESHET_PLANNER_SCOPE_H
#define FRESHET_PLANNER_SCOPE_H

#include "grammar/ast.h"
#include "planner/hir.h"

typedef struct ScopeTable {
    const char *database, *schema; /* NULL when the table has an alias, or is no item */
    const char *name;              /* NULL: cannot be named */
    const struct Scope *covers;    /* the tables that a join's alias hides; NULL */
    bool extended;                 /* by an outer join, with nulls where it has no row */
    bool is_value;                 /* a function of one column in FROM: its whole row is that value, no record */
    const char *hidden;            /* the item's name where an alias hides it, or NULL: for hints */
} ScopeTable;

typedef struct ScopeColumn {
    const char *name;
    const ScopeTable *table; /* NULL: a column that USING merged */
    uint32_t index;          /* in the row */
    SqlType type;
    bool nullable;
    bool hidden; /* reached by table.column only: it was merged */
} ScopeColumn;

typedef enum ScopeKind { SCOPE_QUERY, SCOPE_SIBLINGS } ScopeKind;

/* What part of a SELECT is being bound: says what may stand there, and names it in errors. */
typedef enum Clause {
    CLAUSE_OTHER,
    CLAUSE_SELECT,
    CLAUSE_WHERE,
    CLAUSE_JOIN,
    CLAUSE_GROUP_BY,
    CLAUSE_HAVING,
    CLAUSE_ORDER_BY,
    CLAUSE_DISTINCT_ON,
    CLAUSE_FROM_FUNCTION,
    CLAUSE_FILTER,
    CLAUSE_LIMIT,
    CLAUSE_OFFSET,
    CLAUSE_VALUES,
    CLAUSE_INDEX,
    CLAUSE_DEFAULT,
    CLAUSE_RETURNING,
    CLAUSE_UPDATE,
    CLAUSE_QUALIFY,
} Clause;
const char *clause_name(Clause clause); /* "WHERE", "JOIN conditions" */

typedef struct SelectState SelectState; /* bind.h */

/* Which part of a window call is being bound: no window call may stand in one. */
typedef enum WindowPart { WINDOW_NOTHING, WINDOW_ARGUMENT, WINDOW_DEFINITION } WindowPart;

typedef struct Scope {
    struct Scope *parent;
    ScopeKind kind;
    int depth;    /* scopes in the chain */
    bool blocked; /* a level that cannot be looked into */
    ScopeColumn *columns;
    int count, capacity;
    ScopeTable **tables;
    int table_count, table_capacity;
    Clause clause;
    bool in_aggregate;
    WindowPart in_window;
    bool no_lateral_left; /* SIBLINGS of a RIGHT or FULL join */
    SelectState *select;  /* of a SELECT; NULL */
} Scope;

/* The chain from `scope` up to but not including `outer`, blocked. Depths stay. */
Scope *scope_blocked(Arena *arena, Scope *scope, Scope *outer);
/* 54001 when nested too deeply. */
MUST_CHECK bool scope_new(Arena *arena, Scope *parent, ScopeKind kind, Scope **scope, Error *err);
ScopeTable *scope_add_table(Arena *arena, Scope *scope, const char *database, const char *schema, const char *name);
ScopeColumn *scope_add_column(Arena *arena, Scope *scope, const ScopeTable *table, const char *name, uint32_t index,
                              SqlType type, bool nullable);
/* Adds the tables and columns of `from`, whose columns are moved by `shift`. 42712 when a table name is there already. */
MUST_CHECK bool scope_append(Arena *arena, Scope *scope, const Scope *from, uint32_t shift, Error *err);

/*
 * Resolves c, t.c, s.t.c, d.s.t.c. The reference has its level. Errors: 42703, 42702, 42P01 `missing FROM-clause entry for table "t"`.
 * *found is false, and no error set, when a bare name is no column but may be something else (a whole row): scope_find_table tells.
 */
typedef struct ScopeMatch {
    const ScopeColumn *column;
    int level;
} ScopeMatch;
MUST_CHECK bool scope_find_column(const Scope *scope, const AstName *name, ScopeMatch *match, bool *found, Error *err);
/* The error for a name that is nothing. */
bool scope_unknown_column(const Scope *scope, const AstName *name, Error *err);
/* The error for a table that is not there. */
bool scope_unknown_table(const Scope *scope, const char *const *parts, int count, int position, Error *err);
/* The table that `parts` (count of them) name, in this scope or around; NULL: none. *level is its distance. */
MUST_CHECK bool scope_find_table(const Scope *scope, const char *const *parts, int count, int position,
                                 const ScopeTable **table, const Scope **owner, int *level, Error *err);
/* "t.c" or "c", for messages. */
const char *scope_column_label(const ScopeColumn *column, Arena *arena);
/* The column of this scope with that index; NULL. */
const ScopeColumn *scope_column_at(const Scope *scope, uint32_t index);

#endif
