/*
 * linear.h -- a LinearPlan made ready to run over chunks: map, filter and project in one pass.
 *
 * Filters run as soon as what they read is there, maps as late as they can: a map fails only on rows that every filter
 * which does not need it has let through, and one that nothing reads is not evaluated.
 *
 * A program belongs to one thread.
 */
#ifndef FRESHET_DATAFLOW_LINEAR_H
#define FRESHET_DATAFLOW_LINEAR_H

#include "dataflow/plan.h"
#include "expr/evaluate.h"

typedef struct LinearStep {
    const Scalar *scalar;
    bool is_filter;
    uint32_t column; /* of a map: where its values go */
    bool *needed;    /* columns read after this step */
} LinearStep;

typedef struct LinearProgram {
    const LinearPlan *plan;
    uint32_t input_count, column_count; /* columns of the input; with the maps */
    SqlType *map_types;
    LinearStep *steps;
    int step_count;
    bool *needed; /* input columns read at all */
    Arena *arena; /* of the program */
    Arena *scratch;
    EvalContext eval;
    Chunk *work; /* a chunk whose columns grow; never shared */
    uint32_t *selected;
    uint32_t selected_capacity;
} LinearProgram;

/* `plan` must outlive the program. */
void linear_init(LinearProgram *program, const LinearPlan *plan, uint32_t input_count);
void linear_deinit(LinearProgram *program);
bool linear_is_identity(const LinearPlan *plan, uint32_t input_count);
/* The rows that pass, NULL when there are none; rows that fail go to `errors` (one text column). */
Chunk *linear_apply(LinearProgram *program, Chunk *chunk, ChunkBuilder *errors);

#endif
