/*
 * trial.h -- holds a plan maintained over random changes against the naive engine, at every time.
 *
 * The trial keeps the plan in a dataflow that subscribes, indexes and materializes; makes the same plan again later, so that
 * it hydrates over a longer past; and peeks at it once in a while. All must agree with the reference.
 */
#ifndef FRESHET_TESTS_UNIT_DATAFLOW_TRIAL_H
#define FRESHET_TESTS_UNIT_DATAFLOW_TRIAL_H

#include "tests/unit/dataflow/rig.h"

/* Collections 1 and 2 move with ticks, 3 by itself. All are (k int8, v int8, s text, f boolean), each perhaps null. */
#define TRIAL_COLUMNS 4
extern const SqlType trial_types[TRIAL_COLUMNS];
enum { TRIAL_A = 1, TRIAL_B = 2, TRIAL_FED = 3 };
enum { TRIAL_A_INDEX = 901, TRIAL_B_INDEX = 902 };

/* Makes the plan's nodes, the same ones whenever the same seed is given; returns the one to look at. */
typedef uint32_t (*TrialPlan)(PlanBuilder *builder, uint64_t seed);

typedef struct TrialOptions {
    uint64_t seed;
    int rounds;     /* bursts of ticks; 0: 12 */
    bool no_errors; /* collections have no error rows */
    bool indexed;   /* there are indexes TRIAL_A_INDEX on A (k) and TRIAL_B_INDEX on B (k, s) */
} TrialOptions;

void trial_run(TrialPlan plan, const TrialOptions *options);

uint32_t trial_get(PlanBuilder *builder, uint64_t collection_id);
uint32_t trial_get_indexed(PlanBuilder *builder, uint64_t collection_id); /* TRIAL_A or TRIAL_B */
/* A random row, and a random change of a collection. */
void trial_row(Rig *rig, Datum *values);
void trial_change(Rig *rig, RigShard *shard, int count, bool errors);
uint64_t trial_mix(uint64_t *seed, uint64_t below);

#endif
