/*
 * lower_mir.h -- from the algebra to the engine's language: indexes chosen, join keys placed, temporal filters told apart.
 */
#ifndef FRESHET_PLANNER_LOWER_MIR_H
#define FRESHET_PLANNER_LOWER_MIR_H

#include "planner/index_choice.h"

typedef struct LowerMirOptions {
    const Catalog *catalog;
    const IndexOracle *indexes; /* may be NULL */
    const char *name;
    bool one_shot;
} LowerMirOptions;

/*
 * The plan has an arena of its own and no export yet; *root is the node with the query's rows. Of `mir` nothing is kept but record details
 * and what scalars point to (functions). Errors: 0A000 for mz_now() where no temporal filter can be made of it, 2201W and 2201X for limits.
 */
MUST_CHECK bool lower_mir(const MirPlan *mir, const LowerMirOptions *options, DataflowPlan **plan, uint32_t *root,
                          Error *err);

/* A bigint over no columns; -1 for NULL (no limit). 2201W `LIMIT must not be negative`. */
MUST_CHECK bool limit_value(const Scalar *limit, bool is_offset, Arena *scratch, int64_t *value, Error *err);
/* Rows of literals as chunks. */
void constant_chunks(const Mir *constant, ChunkVector *rows);

/* Bounds that a conjunct with mz_now() puts on a row's time (temporal.c). */
typedef struct TemporalBounds {
    Scalar *lower, *upper; /* mz_timestamp; NULL: none */
} TemporalBounds;
bool scalar_has_mz_now(const Scalar *scalar);
MUST_CHECK bool temporal_bounds(Arena *arena, const Scalar *predicate, TemporalBounds *bounds, Error *err);

#endif
