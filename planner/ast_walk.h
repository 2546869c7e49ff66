/*
 * ast_walk.h -- visits the relation names of a tree: what FROM and TABLE name, but for names of common table expressions.
 *
 * The visitor may change a name in place: how stored definitions get full names, and follow renames.
 */
#ifndef FRESHET_PLANNER_AST_WALK_H
#define FRESHET_PLANNER_AST_WALK_H

#include "base/error.h"
#include "grammar/ast.h"

/* False stops the walk with `err` set. */
typedef bool (*RelationVisitor)(void *context, AstName *name, Error *err);

MUST_CHECK bool ast_walk_query(AstQuery *query, RelationVisitor visit, void *context, Error *err);
/* A relation's whole statement: its query, or the relation that an index is on. Names of what is created are not visited. */
MUST_CHECK bool ast_walk_statement(AstStatement *statement, RelationVisitor visit, void *context, Error *err);

/* Visits the names of columns, c, t.c, s.t.c, and of what is before a star, t.*; `is_star` tells them apart. */
typedef void (*ColumnVisitor)(void *context, AstName *name, bool is_star);
void ast_walk_columns(AstQuery *query, ColumnVisitor visit, void *context);

#endif
