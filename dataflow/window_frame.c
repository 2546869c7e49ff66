/*
 * Which rows a frame has. In a partition both ends only move forward, so that finding them takes one walk, however the frame
 * is given.
 */
#include "dataflow/window.h"

#include "expr/in_range.h"

void
frames_init(Frames *frames, WindowBlock *block, const WindowCall *call)
{
    uint32_t count = block->rows->count;
    frames->call = call;
    frames->start = arena_new_array(block->arena, uint32_t, (size_t) count + 1);
    frames->end = arena_new_array(block->arena, uint32_t, (size_t) count + 1);
    if (call->frame.units != FRAME_ROWS || call->frame.exclude > FRAME_EXCLUDE_ROW)
        window_find_peers(block);
}

static bool
fail_partition(WindowBlock *block, Partition partition, const char *sqlstate, const char *message)
{
    EvalError error = {.message = message};
    memcpy(error.sqlstate, sqlstate, 5);
    window_fail(block, partition.first, partition.end, &error);
    return false;
}

static bool
fail_with(WindowBlock *block, Partition partition, Error *err)
{
    fail_partition(block, partition, err->sqlstate, err->message);
    error_clear(err);
    return false;
}

/* ---- counted in rows or in groups of peers */

static bool
counted_offset(WindowBlock *block, Partition partition, uint16_t column, bool is_start, int64_t *offset)
{
    const Column *offsets = block->rows->columns[column];
    if (column_is_null(offsets, partition.first))
        return fail_partition(block, partition, SQLSTATE_NULL_VALUE_NOT_ALLOWED,
                              is_start ? "frame starting offset must not be null"
                                       : "frame ending offset must not be null");
    *offset = ((const int64_t *) offsets->values)[partition.first];
    if (*offset < 0)
        return fail_partition(block, partition, SQLSTATE_INVALID_PRECEDING_OR_FOLLOWING_SIZE,
                              is_start ? "frame starting offset must not be negative"
                                       : "frame ending offset must not be negative");
    return true;
}

/* `at` moved by an offset, kept in [first, end). */
static int64_t
moved(int64_t at, int64_t offset, bool back, int64_t first, int64_t end)
{
    if (back)
        return offset > at - first ? first - 1 : at - offset;
    return offset >= end - at ? end : at + offset;
}

static bool
fill_rows(WindowBlock *block, Partition partition, FrameBound bound, uint16_t column, bool is_start, uint32_t *out)
{
    int64_t offset = 0;
    if (bound != FRAME_CURRENT_ROW && !counted_offset(block, partition, column, is_start, &offset))
        return false;
    int64_t first = partition.first, end = partition.end;
    for (uint32_t i = partition.first; i < partition.end; i++) {
        int64_t at = moved(i, offset, bound == FRAME_PRECEDING, first, end);
        if (!is_start)
            at = at < end ? at + 1 : end;
        out[i] = (uint32_t) (at < first ? first : at);
    }
    return true;
}

static bool
fill_groups(WindowBlock *block, Partition partition, FrameBound bound, uint16_t column, bool is_start, uint32_t *out)
{
    int64_t offset = 0;
    if (bound != FRAME_CURRENT_ROW && !counted_offset(block, partition, column, is_start, &offset))
        return false;
    int64_t first = block->group_of[partition.first], end = (int64_t) block->group_of[partition.end - 1] + 1;
    for (uint32_t i = partition.first; i < partition.end; i++) {
        int64_t at = moved(block->group_of[i], offset, bound == FRAME_PRECEDING, first, end);
        if (!is_start)
            at = at < end ? at + 1 : end;
        out[i] = block->group_starts.items[at < first ? first : at];
    }
    return true;
}

/* ---- counted in the order column's values */

typedef struct RangeWalk {
    WindowBlock *block;
    Partition partition;
    const Column *column;
    SqlType type;
    bool nulls_first, is_start;
    InRange range;
} RangeWalk;

/* Whether the row at `at` lies before the bound of row `row`: it is walked past. */
static bool
range_is_before(const RangeWalk *walk, uint32_t at, uint32_t row, bool *before, Error *err)
{
    bool null_at = column_is_null(walk->column, at), null_row = column_is_null(walk->column, row);
    if (null_at || null_row) {
        /* Nulls are together at one end, and a null's frame is measured in nulls. */
        bool at_first = null_at == walk->nulls_first, row_first = null_row == walk->nulls_first;
        *before = walk->is_start ? at_first && !row_first : at_first || !row_first;
        if (null_at == null_row)
            *before = !walk->is_start;
        return true;
    }
    bool within;
    if (!in_range(&walk->range, column_datum(walk->column, walk->type, at), column_datum(walk->column, walk->type, row),
                  &within, err))
        return false;
    *before = walk->is_start ? !within : within;
    return true;
}

static bool
range_walk(RangeWalk *walk, uint32_t *out, Error *err)
{
    uint32_t at = walk->partition.first;
    for (uint32_t i = walk->partition.first; i < walk->partition.end; i++) {
        bool before = true;
        if (i > walk->partition.first && walk->block->group_of[i] == walk->block->group_of[i - 1]) {
            out[i] = at;
            continue;
        }
        while (at < walk->partition.end) {
            if (!range_is_before(walk, at, i, &before, err))
                return false;
            if (!before)
                break;
            at++;
        }
        out[i] = at;
    }
    return true;
}

static bool
fill_range(WindowBlock *block, Partition partition, FrameBound bound, uint16_t offset, bool is_start, uint32_t *out)
{
    SortKey key = block->plan->order[0];
    const Column *offsets = block->rows->columns[offset];
    Error err = ERROR_INIT;
    if (column_is_null(offsets, partition.first))
        return fail_partition(block, partition, SQLSTATE_NULL_VALUE_NOT_ALLOWED,
                              is_start ? "frame starting offset must not be null"
                                       : "frame ending offset must not be null");
    RangeWalk walk = {.block = block,
                      .partition = partition,
                      .column = block->rows->columns[key.column],
                      .type = block->types[key.column],
                      .nulls_first = key.nulls_first,
                      .is_start = is_start};
    walk.range = (InRange){.type = walk.type,
                           .offset_type = block->types[offset],
                           .offset = column_datum(offsets, block->types[offset], partition.first),
                           .subtract = (bound == FRAME_PRECEDING) != key.descending,
                           .less = is_start == key.descending,
                           .zone = block->circuit->style == NULL ? NULL : block->circuit->style->time_zone,
                           .arena = block->arena};
    return (in_range_check_offset(&walk.range, &err) && range_walk(&walk, out, &err)) ||
           fail_with(block, partition, &err);
}

/* ---- both */

static bool
fill_bound(WindowBlock *block, Partition partition, const WindowFrame *frame, bool is_start, uint32_t *out)
{
    FrameBound bound = is_start ? frame->start : frame->end;
    uint16_t offset = is_start ? frame->start_offset : frame->end_offset;
    if (bound == FRAME_UNBOUNDED_PRECEDING || bound == FRAME_UNBOUNDED_FOLLOWING) {
        for (uint32_t i = partition.first; i < partition.end; i++)
            out[i] = bound == FRAME_UNBOUNDED_PRECEDING ? partition.first : partition.end;
        return true;
    }
    switch (frame->units) {
    case FRAME_ROWS:
        return fill_rows(block, partition, bound, offset, is_start, out);
    case FRAME_GROUPS:
        return fill_groups(block, partition, bound, offset, is_start, out);
    case FRAME_RANGE:
        if (bound != FRAME_CURRENT_ROW)
            return fill_range(block, partition, bound, offset, is_start, out);
        for (uint32_t i = partition.first; i < partition.end; i++)
            out[i] = block->group_starts.items[block->group_of[i] + (is_start ? 0 : 1)];
        return true;
    }
    bug("unrecognized frame units %d", frame->units);
}

bool
frames_fill(Frames *frames, WindowBlock *block, Partition partition)
{
    if (!fill_bound(block, partition, &frames->call->frame, true, frames->start) ||
        !fill_bound(block, partition, &frames->call->frame, false, frames->end))
        return false;
    for (uint32_t i = partition.first; i < partition.end; i++)
        if (frames->end[i] < frames->start[i])
            frames->end[i] = frames->start[i];
    return true;
}

static uint32_t
larger(uint32_t a, uint32_t b)
{
    return a > b ? a : b;
}

FrameRows
frames_at(const Frames *frames, const WindowBlock *block, uint32_t row)
{
    uint32_t start = frames->start[row], end = frames->end[row], cut = row, cut_end = row + 1;
    FrameExclude exclude = frames->call->frame.exclude;
    if (exclude == FRAME_EXCLUDE_NONE)
        return (FrameRows){start, end, NO_ROW, end, end};
    if (exclude != FRAME_EXCLUDE_ROW) {
        cut = block->group_starts.items[block->group_of[row]];
        cut_end = block->group_starts.items[block->group_of[row] + 1];
    }
    FrameRows rows = {.a = start, .own = NO_ROW, .b = larger(cut_end, start)};
    rows.a_end = larger(start, cut < end ? cut : end);
    rows.b_end = larger(rows.b, end);
    if (exclude == FRAME_EXCLUDE_TIES && row >= start && row < end)
        rows.own = row;
    return rows;
}
