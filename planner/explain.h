/*
 * explain.h -- what explain.c, mir_print.c and explain_json.c share.
 */
#ifndef FRESHET_PLANNER_EXPLAIN_H
#define FRESHET_PLANNER_EXPLAIN_H

#include "planner/mir.h"
#include "planner/plan_query.h"

/* The algebra with what the options ask for behind each node. */
void mir_plan_explain(const MirPlan *plan, const ExplainOptions *options, RowCounts counts, Arena *arena, Buffer *out);

/*
 * A tree of indented lines, two blanks a level, as JSON: each line is an object with the line's first word as "operator", the rest as "detail"
 * (left out when there is none) and the lines below it as "inputs". Annotations behind " // " go to "attributes".
 */
void explain_json_tree(const char *text, const char *stage, Buffer *out);
/* The same with the keys that readers of PostgreSQL's EXPLAIN (FORMAT JSON) know: "Node Type", "Detail", "Plans". */
void explain_json_postgres(const char *text, double planning_ms, Buffer *out);

#endif
