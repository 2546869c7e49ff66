/*
 * lanes.h -- a circuit that runs once runs in lanes: copies of its operators, one a thread, that share the input's chunks between them.
 *
 * A schedule says what happens in which order: an import is read when what its rows are joined to is complete, and an operator is
 * flushed when all that feeds it is through. Each step is done by all lanes at once where it can be:
 *
 *     IMPORT  every lane takes chunks of the snapshot and pushes them through its own operators
 *     MERGE   operators with a `merge` bring together what their lanes have, phase by phase, every lane a share of it
 *     FLUSH   by every lane for itself where the operator is `flushed_in_lanes`, else by the first lane alone
 *
 * (1) Lanes have the same operators with the same numbers. Where rows come to an operator that is not `in_lanes`, the other lanes
 *     put them aside, and after each step they are pushed into the first lane's operator.
 * (2) Between steps, and between the phases of a merge, no lane runs: what one has written the others may read.
 * (3) In a phase an operator writes to nothing that another lane's operator reads.
 */
#ifndef FRESHET_DATAFLOW_LANES_H
#define FRESHET_DATAFLOW_LANES_H

#include "dataflow/circuit.h"
#include "dataflow/crew.h"

static inline int
lane_count(const Circuit *circuit)
{
    return circuit->main->lane_count;
}

/* The same operator in another lane. */
static inline Operator *
lane_operator(const Operator *op, int lane)
{
    return op->circuit->main->lanes[lane]->operators.items[op->number];
}

/* Works out the schedule of a circuit that was rendered. */
void circuit_schedule(Circuit *circuit);
/* Adds a lane: `lane` was rendered from the same plan, and is the circuit's from now on. */
void circuit_add_lane(Circuit *circuit, Circuit *lane);
/* Does what the schedule says, each lane with about `fuel` rows. True: all was done. */
bool circuit_run_schedule(Circuit *circuit, int64_t *fuel);

#endif
