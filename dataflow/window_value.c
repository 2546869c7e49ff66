/* Window functions that are no aggregates: numbers of rows, and values of other rows. */
#include "dataflow/window.h"

/* ---- numbers */

typedef struct Numbers {
    WindowBlock *block;
    const WindowCall *call;
    void *values; /* int64_t, double or int32_t */
    uint8_t *nulls;
} Numbers;

static Partition
partition_at(const WindowBlock *block, uint32_t index)
{
    return (Partition){block->starts[index], block->starts[index + 1]};
}

static void
fill_counts(Numbers *numbers, Partition partition)
{
    const WindowBlock *block = numbers->block;
    int64_t *out = numbers->values;
    switch (numbers->call->function) {
    case WINDOW_ROW_NUMBER:
        for (uint32_t i = partition.first; i < partition.end; i++)
            out[i] = (int64_t) (i - partition.first) + 1;
        return;
    case WINDOW_RANK:
        for (uint32_t i = partition.first; i < partition.end; i++)
            out[i] = (int64_t) (block->group_starts.items[block->group_of[i]] - partition.first) + 1;
        return;
    default:
        for (uint32_t i = partition.first; i < partition.end; i++)
            out[i] = (int64_t) (block->group_of[i] - block->group_of[partition.first]) + 1;
        return;
    }
}

static void
fill_shares(Numbers *numbers, Partition partition)
{
    const WindowBlock *block = numbers->block;
    double *out = numbers->values, rows = partition.end - partition.first;
    bool percent = numbers->call->function == WINDOW_PERCENT_RANK;
    for (uint32_t i = partition.first; i < partition.end; i++) {
        const uint32_t *group = &block->group_starts.items[block->group_of[i]];
        if (percent)
            out[i] = rows <= 1 ? 0 : (double) (group[0] - partition.first) / (rows - 1);
        else
            out[i] = (double) (group[1] - partition.first) / rows;
    }
}

/* The first row that names a number of buckets decides; before it there is no answer. */
static void
fill_buckets(Numbers *numbers, Partition partition)
{
    const Column *buckets = numbers->block->rows->columns[numbers->call->args[0]];
    int32_t *out = numbers->values;
    uint32_t first = partition.first;
    while (first < partition.end && column_is_null(buckets, first)) {
        numbers->nulls[first] = 1;
        out[first++] = 0;
    }
    if (first == partition.end)
        return;
    int64_t count = ((const int32_t *) buckets->values)[first];
    if (count <= 0) {
        EvalError error = {.sqlstate = "22014", .message = "argument of ntile must be greater than zero"};
        window_fail(numbers->block, partition.first, partition.end, &error);
        memset(out + first, 0, (partition.end - first) * sizeof *out);
        return;
    }
    int64_t rows = partition.end - partition.first, size = rows / count, larger = rows % count, at = 0;
    for (uint32_t i = first; i < partition.end; i++, at++) {
        /* The first `larger` buckets have a row more than the others. */
        int64_t in_larger = larger * (size + 1);
        out[i] = (int32_t) (at < in_larger ? at / (size + 1) : larger + (at - in_larger) / size) + 1;
    }
}

Column *
window_numbers(WindowBlock *block, const WindowCall *call)
{
    static const Phys phys[] = {
        [WINDOW_ROW_NUMBER] = PHYS_I64,   [WINDOW_RANK] = PHYS_I64,      [WINDOW_DENSE_RANK] = PHYS_I64,
        [WINDOW_PERCENT_RANK] = PHYS_F64, [WINDOW_CUME_DIST] = PHYS_F64, [WINDOW_NTILE] = PHYS_I32,
    };
    uint32_t count = block->rows->count;
    Phys kind = phys[call->function];
    Numbers numbers = {block, call, memory_alloc(((size_t) count + 1) * (size_t) phys_width(kind)), NULL};
    if (call->function == WINDOW_NTILE)
        numbers.nulls = memory_calloc((size_t) count + 1, 1);
    else if (call->function != WINDOW_ROW_NUMBER)
        window_find_peers(block);
    for (uint32_t i = 0; i < block->partition_count; i++) {
        Partition partition = partition_at(block, i);
        if (kind == PHYS_I64)
            fill_counts(&numbers, partition);
        else if (kind == PHYS_F64)
            fill_shares(&numbers, partition);
        else
            fill_buckets(&numbers, partition);
    }
    return column_from_buffers(kind, count, numbers.nulls, numbers.values, NULL);
}

/* ---- values of other rows */

/* Where the rows are that have a value, when the others do not count. */
typedef struct Valued {
    uint32_t *rows;   /* those that have one */
    uint32_t *before; /* how many of them come before a row of the block; count + 1 entries */
} Valued;

typedef struct Values {
    WindowBlock *block;
    const WindowCall *call;
    const Column *value;
    Valued valued; /* IGNORE NULLS */
    ColumnBuilder out;
} Values;

static void
find_valued(Values *values)
{
    uint32_t count = values->block->rows->count, found = 0;
    values->valued.rows = arena_new_array(values->block->arena, uint32_t, (size_t) count + 1);
    values->valued.before = arena_new_array(values->block->arena, uint32_t, (size_t) count + 1);
    for (uint32_t i = 0; i < count; i++) {
        values->valued.before[i] = found;
        if (!column_is_null(values->value, i))
            values->valued.rows[found++] = i;
    }
    values->valued.before[count] = found;
}

/* The row `offset` rows behind (before, when negative) in the partition; NO_ROW: there is none. */
static uint32_t
row_at_distance(const Values *values, Partition partition, uint32_t row, int64_t offset)
{
    if (!values->call->ignore_nulls) {
        int64_t at = (int64_t) row + offset;
        return at < partition.first || at >= partition.end ? NO_ROW : (uint32_t) at;
    }
    if (offset == 0)
        return row;
    const uint32_t *before = values->valued.before;
    int64_t at = offset > 0 ? (int64_t) before[row + 1] + offset - 1 : (int64_t) before[row] + offset;
    return at < before[partition.first] || at >= before[partition.end] ? NO_ROW : values->valued.rows[at];
}

static void
append_shifted(Values *values, Partition partition)
{
    const WindowCall *call = values->call;
    const Chunk *rows = values->block->rows;
    const Column *offsets = call->arg_count > 1 ? rows->columns[call->args[1]] : NULL;
    const Column *otherwise = call->arg_count > 2 ? rows->columns[call->args[2]] : NULL;
    for (uint32_t i = partition.first; i < partition.end; i++) {
        if (offsets != NULL && column_is_null(offsets, i)) {
            column_builder_append_null(&values->out);
            continue;
        }
        int64_t offset = offsets == NULL ? 1 : ((const int32_t *) offsets->values)[i];
        uint32_t from = row_at_distance(values, partition, i, call->function == WINDOW_LAG ? -offset : offset);
        if (from != NO_ROW)
            column_builder_append_row(&values->out, values->value, from);
        else if (otherwise != NULL)
            column_builder_append_row(&values->out, otherwise, i);
        else
            column_builder_append_null(&values->out);
    }
}

/* ---- values of the frame's rows */

/* The frame as up to three ranges in order. */
typedef struct Ranges {
    uint32_t first[3], end[3];
    int count;
} Ranges;

static void
range_add(Ranges *ranges, const Values *values, uint32_t first, uint32_t end)
{
    if (values->call->ignore_nulls) {
        first = values->valued.before[first];
        end = values->valued.before[end];
    }
    if (first >= end)
        return;
    ranges->first[ranges->count] = first;
    ranges->end[ranges->count++] = end;
}

/* Row number `at` of the ranges, from 0; from the last one backwards, -1, when negative. */
static uint32_t
range_row(const Ranges *ranges, const Values *values, int64_t at)
{
    uint32_t row = NO_ROW;
    if (at < 0) {
        if (ranges->count > 0)
            row = ranges->end[ranges->count - 1] - 1;
    } else {
        for (int i = 0; i < ranges->count && row == NO_ROW; i++) {
            int64_t size = ranges->end[i] - ranges->first[i];
            if (at < size)
                row = ranges->first[i] + (uint32_t) at;
            at -= size;
        }
    }
    return row != NO_ROW && values->call->ignore_nulls ? values->valued.rows[row] : row;
}

/* Which row of the frame is wanted. False: none, as n is null or wrong. */
static bool
wanted_place(const Values *values, uint32_t row, int64_t *place)
{
    *place = values->call->function == WINDOW_LAST_VALUE ? -1 : 0;
    if (values->call->function != WINDOW_NTH_VALUE)
        return true;
    const Column *numbers = values->block->rows->columns[values->call->args[1]];
    if (column_is_null(numbers, row))
        return false;
    *place = (int64_t) ((const int32_t *) numbers->values)[row] - 1;
    if (*place >= 0)
        return true;
    EvalError error = {.sqlstate = "22016", .message = "argument of nth_value must be greater than zero"};
    window_fail(values->block, row, row + 1, &error);
    return false;
}

static void
append_framed(Values *values, const Frames *frames, Partition partition)
{
    for (uint32_t i = partition.first; i < partition.end; i++) {
        FrameRows rows = frames_at(frames, values->block, i);
        Ranges ranges = {.count = 0};
        int64_t place;
        range_add(&ranges, values, rows.a, rows.a_end);
        if (rows.own != NO_ROW)
            range_add(&ranges, values, rows.own, rows.own + 1);
        if (rows.b_end <= partition.end)
            range_add(&ranges, values, rows.b, rows.b_end);
        uint32_t from = wanted_place(values, i, &place) ? range_row(&ranges, values, place) : NO_ROW;
        if (from == NO_ROW)
            column_builder_append_null(&values->out);
        else
            column_builder_append_row(&values->out, values->value, from);
    }
}

Column *
window_values(WindowBlock *block, const WindowCall *call)
{
    Values values = {.block = block, .call = call, .value = block->rows->columns[call->args[0]]};
    bool shifted = call->function == WINDOW_LAG || call->function == WINDOW_LEAD;
    Frames frames;
    column_builder_init(&values.out, type_phys(call->type));
    column_builder_reserve(&values.out, block->rows->count);
    if (call->ignore_nulls)
        find_valued(&values);
    if (!shifted)
        frames_init(&frames, block, call);
    for (uint32_t i = 0; i < block->partition_count; i++) {
        Partition partition = partition_at(block, i);
        if (shifted) {
            append_shifted(&values, partition);
        } else if (frames_fill(&frames, block, partition)) {
            append_framed(&values, &frames, partition);
        } else {
            for (uint32_t row = partition.first; row < partition.end; row++)
                column_builder_append_null(&values.out);
        }
    }
    Column *made = column_builder_finish(&values.out);
    column_builder_deinit(&values.out);
    return made;
}
