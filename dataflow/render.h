/*
 * render.h -- makes a circuit of a plan.
 *
 * Arrangements are shared: one for each (operator, key) in the circuit, and the index of another dataflow where an import
 * names it and the key agrees.
 */
#ifndef FRESHET_DATAFLOW_RENDER_H
#define FRESHET_DATAFLOW_RENDER_H

#include "dataflow/operators.h"

/* `index_spines[i]` is the spine that imports[i] borrows, NULL when it names no index. `imports` and `exports` get the operators,
   in the plan's order. The plan must have passed dataflow_plan_check and outlive the circuit. */
void render_plan(Circuit *circuit, const DataflowPlan *plan, Spine *const *index_spines, Operator **imports,
                 Operator **exports);

#endif
