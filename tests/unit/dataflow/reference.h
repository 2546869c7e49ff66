/*
 * reference.h -- the naive engine: every node's rows and errors worked out from scratch, a row at a time.
 */
#ifndef FRESHET_TESTS_UNIT_DATAFLOW_REFERENCE_H
#define FRESHET_TESTS_UNIT_DATAFLOW_REFERENCE_H

#include "tests/unit/dataflow/bag.h"
#include "tests/unit/dataflow/plan_builder.h"

/* What `node` holds at `time`, when imports[i] holds contents[i]. The caller deinits the result. */
BagPair reference_evaluate(const DataflowPlan *plan, const BagPair *contents, uint32_t node, Timestamp time);

#endif
