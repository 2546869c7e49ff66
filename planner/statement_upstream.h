/*
 * statement_upstream.h -- from an upstream table to the columns, keys and SQL of the item that it becomes here.
 *
 * Everything returned is in the arena given, or in the item's.
 */
#ifndef FRESHET_PLANNER_STATEMENT_UPSTREAM_H
#define FRESHET_PLANNER_STATEMENT_UPSTREAM_H

#include "planner/plan_statement.h"

UpstreamTable *upstream_copy(Arena *arena, const UpstreamTable *from);
/* Without the excluded columns; keys are those whose columns are all there, none when they are to be ignored. */
RelationDesc *upstream_desc(Arena *arena, const struct UpstreamAnswerTable *answer, bool ignore_keys);
AstName upstream_name(const UpstreamTable *table); /* database.schema.table; its strings are the table's */
const char *upstream_text(const UpstreamTable *table, Arena *arena);

/* CREATE SUBSOURCE of a table, of a progress collection; from the item's columns and names. */
const char *subsource_sql(const Item *item, const Item *source);
const char *progress_sql(const Item *item);

#endif
