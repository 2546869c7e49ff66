/*
 * arrangement.h -- a collection kept sorted by a key, and what the step at hand adds to it.
 *
 * An arrangement gathers the chunks of a step, and arrangement_build makes one run of them: the delta, which is also
 * inserted into the spine. In a step at time t the contents before it are those as of t - 1, the contents after it those as of t.
 *
 * While hydrating, long inputs are cut into several runs so that no sort is long. Their times are small numbers below as_of,
 * which nobody may ask for: since is as_of. There is no delta then; what was there before is empty, what is there now is the spine.
 *
 * A borrowed arrangement has the spine of another dataflow's index, and is told each step's delta.
 *
 * Worker thread only.
 */
#ifndef FRESHET_DATAFLOW_ARRANGEMENT_H
#define FRESHET_DATAFLOW_ARRANGEMENT_H

#include "collection/cursor.h"
#include "dataflow/circuit.h"

typedef struct Arrangement {
    Layout *layout;
    Spine *spine;
    bool borrowed;
    bool keeps_history;  /* an index's: since is moved by the index */
    bool whole_input;    /* no cutting into runs while hydrating */
    bool skip_null_keys; /* rows with a null in the key are left out */
    uint16_t *project;   /* columns of what is gathered; NULL: all. Heap */
    ChunkVector input;
    uint64_t input_rows;
    bool input_retracts; /* some diff gathered is negative */
    Run *delta;          /* of this step; NULL: no change, or hydrating */
    uint64_t rows_inserted;
} Arrangement;

void arrangement_init(Arrangement *arrangement, Layout *layout); /* takes the layout over */
void arrangement_init_borrowed(Arrangement *arrangement, Spine *spine);
void arrangement_deinit(Arrangement *arrangement);

/* `rows` of `chunk`, all when NULL. */
void arrangement_add(Arrangement *arrangement, Circuit *circuit, Chunk *chunk, const uint32_t *rows, uint32_t count);
/* Returns whether anything changed. */
bool arrangement_build(Arrangement *arrangement, Circuit *circuit, int64_t *fuel);
void arrangement_end_step(Arrangement *arrangement, Timestamp time);
bool arrangement_work(Arrangement *arrangement, size_t fuel);
size_t arrangement_memory(const Arrangement *arrangement);

/* What is there as of `as_of`, a time of the step at hand or the one before it. The caller releases it. */
SpineSnapshot *arrangement_snapshot(Arrangement *arrangement, Timestamp time);
/* This step's change, as a snapshot: the delta, or everything when hydrating. NULL: no change. */
SpineSnapshot *arrangement_change(Arrangement *arrangement, const Circuit *circuit);
/* A cursor over the contents before (NULL while hydrating: nothing was there) or after the circuit's step. */
Cursor *arrangement_cursor(Arrangement *arrangement, const Circuit *circuit, bool after);

/* Releases the cursor; its failure, if any, fails the circuit. */
void circuit_close_cursor(Circuit *circuit, Cursor *cursor);
uint64_t snapshot_rows(const SpineSnapshot *snapshot);
bool chunk_key_has_null(const Chunk *chunk, uint32_t row, const uint16_t *key, int key_count);

#endif
