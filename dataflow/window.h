/*
 * window.h -- the parts of the window operator; private to op_window.c, window_*.c.
 *
 * What is evaluated is a block: whole partitions, one after another, rows in order, each row once. Everything that is
 * known of its rows is an array by row; partitions and peer groups are ranges of rows.
 *
 *     rows       | a a a a | b b | c c c |        starts = 0 4 6 9
 *     peers      | 1 1 2 3 | 1 1 | 1 2 2 |        group_starts = 0 2 3 4 6 7 9
 *
 * Worker thread only.
 */
#ifndef FRESHET_DATAFLOW_WINDOW_H
#define FRESHET_DATAFLOW_WINDOW_H

#include "dataflow/operators.h"

typedef VECTOR(uint32_t) RowStarts;

typedef struct WindowBlock {
    const WindowPlan *plan;
    const SqlType *types; /* of the input's columns */
    const Circuit *circuit;
    Arena *arena; /* scratch and errors of this block */
    const Chunk *rows;
    const uint32_t *starts; /* partition_count + 1 */
    uint32_t partition_count;

    uint32_t *group_of; /* by row; NULL until window_find_peers */
    RowStarts group_starts;
    uint32_t *identity;       /* 0, 1, 2, ...; NULL until window_identity */
    const EvalError **errors; /* by row, NULL where none; NULL: no row failed */
} WindowBlock;

/* Rows [first, end) of the block, which are a partition. */
typedef struct Partition {
    uint32_t first, end;
} Partition;

/*
 * The rows that a row's call sees: [a, a_end), then `own` if it is set, then [b, b_end). All four bounds never move back in
 * a partition. What EXCLUDE leaves of a frame has two parts; without it there is only the first.
 */
typedef struct FrameRows {
    uint32_t a, a_end, own, b, b_end;
} FrameRows;
#define NO_ROW UINT32_MAX

/* ---- window_block.c */
void window_block_deinit(WindowBlock *block);
void window_find_peers(WindowBlock *block);
const uint32_t *window_identity(WindowBlock *block);
void window_fail(WindowBlock *block, uint32_t first, uint32_t end, const EvalError *error);
/* changed[i]: row i differs from row i - 1 in the column (SQL equality); changed[0] is left alone. */
void column_mark_changes(SqlType type, const Column *column, uint8_t *changed);
/* Every call's column, in the order of the plan; the caller releases them. False: the circuit was stopped, there are none. */
bool window_evaluate(WindowBlock *block, Column **results);

/* ---- window_frame.c */
typedef struct Frames {
    const WindowCall *call;
    uint32_t *start, *end; /* by row of the block: start <= end */
} Frames;
void frames_init(Frames *frames, WindowBlock *block, const WindowCall *call);
/* False: the rows of the partition failed. */
bool frames_fill(Frames *frames, WindowBlock *block, Partition partition);
FrameRows frames_at(const Frames *frames, const WindowBlock *block, uint32_t row);

/* ---- window_value.c, window_aggregate.c */
Column *window_numbers(WindowBlock *block, const WindowCall *call); /* row_number to ntile */
Column *window_values(WindowBlock *block, const WindowCall *call);  /* lag to nth_value */
Column *window_aggregate(WindowBlock *block, const WindowCall *call);

#endif
