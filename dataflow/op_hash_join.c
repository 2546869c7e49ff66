/*
 * One stage of a join in a circuit that runs once: the smaller side goes into a table by key, the other side's rows look
 * their partners up as they come, and nothing is sorted or kept.
 *
 * The schedule completes the table's side first. What comes before that, or while an earlier chunk is not through because its
 * rows have very many partners, waits for the flush, which goes on in slices.
 *
 * In lanes each one's operator gathers a part of the table's side; they build the table together, a part each, and share it.
 */
#include "dataflow/join_table.h"
#include "dataflow/lanes.h"
#include "dataflow/linear.h"
#include "dataflow/operators.h"

#define PAIRS         16384
#define PAIRS_AT_ONCE (1 << 20) /* a chunk that gives more waits for the flush */

typedef struct OpHashJoin {
    Operator base;
    uint8_t build; /* the port whose rows go into the table: 0 left, 1 right */
    JoinKey keys[2];
    JoinColumn *columns;
    SqlType *types;
    uint16_t column_count;
    bool has_closure, built;
    LinearProgram closure;
    /* A side of a cross join none of whose columns are read: its rows are one row, this many times. */
    bool counts[2];
    int64_t times[2];
    ChunkVector gathered; /* of the table's side, until it is complete */
    JoinTable own;        /* of the first lane */
    JoinTable *table;
    ChunkVector waiting; /* of the other side */
    size_t waiting_at;

    Chunk *chunk; /* of the other side, at hand */
    uint32_t position, count, capacity;
    uint64_t *keys_read;
    uint32_t *rows;
    JoinRow *found; /* the first partner of each of `rows` that is not through */

    uint32_t pair_count;
    uint32_t *pair_rows;
    JoinRow *pair_partners;
    Column **output;
} OpHashJoin;

static OpHashJoin *
first_lane(OpHashJoin *join)
{
    return (OpHashJoin *) lane_operator(&join->base, 0);
}

/* ---- pairs */

static int64_t *
pair_diffs(const OpHashJoin *join)
{
    if (join->chunk->diffs == NULL && !join->table->has_diffs)
        return NULL;
    int64_t *diffs = memory_alloc(join->pair_count * sizeof *diffs);
    for (uint32_t i = 0; i < join->pair_count; i++) {
        JoinRow partner = join->pair_partners[i];
        diffs[i] = chunk_diff(join->chunk, join->pair_rows[i]) *
                   chunk_diff(join->table->chunks.items[partner.chunk], partner.row);
    }
    return diffs;
}

/* Each row of the chunk once, in order. */
static bool
is_whole_chunk(const OpHashJoin *join)
{
    if (join->pair_count != join->chunk->count)
        return false;
    for (uint32_t i = 0; i < join->pair_count; i++)
        if (join->pair_rows[i] != i)
            return false;
    return true;
}

static void
emit(OpHashJoin *join)
{
    uint32_t count = join->pair_count;
    if (count == 0)
        return;
    bool whole = is_whole_chunk(join);
    Column *blank = NULL;
    for (uint16_t i = 0; i < join->column_count; i++) {
        JoinColumn from = join->columns[i];
        if (from.column == UINT16_MAX) {
            if (blank == NULL || blank->phys != type_phys(join->types[i])) {
                column_release(blank);
                blank = column_constant(join->types[i], DATUM_NULL, count);
            }
            join->output[i] = column_retain(blank);
        } else if (from.right == (join->build == 1)) {
            join->output[i] = join_table_gather(join->table, from.column, join->pair_partners, count);
        } else {
            Column *column = join->chunk->columns[from.column];
            join->output[i] = whole ? column_retain(column) : column_gather(column, join->pair_rows, count);
        }
    }
    column_release(blank);
    Chunk *chunk = chunk_new(count, join->output, join->column_count, join->base.circuit->time, pair_diffs(join), NULL);
    join->pair_count = 0;
    if (join->has_closure) {
        operator_push_owned(&join->base, linear_apply(&join->closure, chunk, operator_errors(&join->base)));
        chunk_release(chunk);
    } else {
        operator_push_owned(&join->base, chunk);
    }
}

/* Makes pairs of what is left of the chunk at hand. True: it is through. */
static bool
run_chunk_at_hand(OpHashJoin *join, int64_t *fuel)
{
    const JoinTable *table = join->table;
    while (join->position < join->count) {
        JoinRow *partner = &join->found[join->position];
        uint32_t row = join->rows[join->position];
        while (partner->chunk != JOIN_NONE && join->pair_count < PAIRS) {
            join->pair_rows[join->pair_count] = row;
            join->pair_partners[join->pair_count++] = *partner;
            *partner = table->has_chains ? join_table_next(table, *partner) : (JoinRow){JOIN_NONE, 0};
        }
        if (partner->chunk == JOIN_NONE)
            join->position++;
        if (join->pair_count < PAIRS)
            continue;
        *fuel -= join->pair_count;
        emit(join);
        if (join->base.circuit->satisfied)
            break;
        if (*fuel <= 0 || circuit_stopped(join->base.circuit))
            return false;
    }
    *fuel -= join->pair_count;
    emit(join);
    chunk_release(join->chunk);
    join->chunk = NULL;
    return true;
}

static void
take_in_hand(OpHashJoin *join, Chunk *chunk)
{
    join->chunk = chunk;
    join->position = 0;
    if (join->capacity < chunk->count) {
        join->capacity = chunk->count;
        join->keys_read = memory_realloc(join->keys_read, join->capacity * sizeof *join->keys_read);
        join->rows = memory_realloc(join->rows, join->capacity * sizeof *join->rows);
        join->found = memory_realloc(join->found, join->capacity * sizeof *join->found);
    }
    const JoinKey *key = &join->keys[1 - join->build];
    join->count = join_key_read(key, chunk, join->keys_read, join->rows);
    join_table_find(join->table, key, chunk, join->keys_read, join->rows, join->count, join->found);
}

/* ---- the operator */

/* The row that stands for a side whose rows were only counted; NULL: there is none. */
static Chunk *
counted_row(OpHashJoin *join, int port)
{
    if (join->times[port] == 0)
        return NULL;
    int64_t *diffs = memory_alloc(sizeof *diffs);
    *diffs = join->times[port];
    join->times[port] = 0;
    return chunk_new(1, NULL, 0, join->base.circuit->time, diffs, NULL);
}

static void
hash_join_push(Operator *op, int port, Chunk *chunk)
{
    OpHashJoin *join = (OpHashJoin *) op;
    if (join->counts[port]) {
        for (uint32_t i = 0; i < chunk->count; i++)
            join->times[port] += chunk_diff(chunk, i);
    } else if (port == join->build) {
        vector_push(&join->gathered, chunk_retain(chunk));
    } else if (!join->built || join->chunk != NULL) {
        vector_push(&join->waiting, chunk_retain(chunk));
    } else if (join->table->row_count > 0) {
        int64_t fuel = PAIRS_AT_ONCE;
        take_in_hand(join, chunk_retain(chunk));
        (void) run_chunk_at_hand(join, &fuel);
    }
}

/* 0: the first lane collects what all have gathered. 1: every lane builds its part. */
static void
hash_join_merge(Operator *op, int phase)
{
    OpHashJoin *join = (OpHashJoin *) op, *first = first_lane(join);
    int lanes = lane_count(op->circuit);
    if (phase == 1) {
        join_table_build(&first->own, (uint32_t) op->circuit->lane, op->circuit);
        if (op->circuit->lane + lanes < (int) first->own.part_count)
            join_table_build(&first->own, (uint32_t) (op->circuit->lane + lanes), op->circuit);
        join->table = &first->own;
        join->built = true;
    }
    if (phase == 1 || op->circuit->lane != 0)
        return;
    for (int lane = 0; lane < lanes; lane++) {
        OpHashJoin *other = (OpHashJoin *) lane_operator(op, lane);
        for (size_t i = 0; i < other->gathered.count; i++)
            join_table_add(&join->own, other->gathered.items[i]);
        chunk_vector_release(&other->gathered);
        Chunk *counted = counted_row(other, join->build);
        if (counted != NULL)
            join_table_add(&join->own, counted);
        chunk_release(counted);
    }
    uint32_t parts = 1;
    while (parts < (uint32_t) lanes)
        parts *= 2;
    join_table_prepare(&join->own, parts);
}

static bool
hash_join_flush(Operator *op, int64_t *fuel)
{
    OpHashJoin *join = (OpHashJoin *) op;
    if (join->table == NULL)
        bug("a join was flushed before its table was built");
    Chunk *counted = counted_row(join, 1 - join->build);
    if (counted != NULL)
        vector_push(&join->waiting, counted);
    for (;;) {
        if (join->chunk != NULL && !run_chunk_at_hand(join, fuel))
            return false;
        if (join->waiting_at == join->waiting.count)
            break;
        if (*fuel <= 0 || circuit_stopped(op->circuit))
            return false;
        Chunk *chunk = join->waiting.items[join->waiting_at++];
        *fuel -= chunk->count;
        if (join->table->row_count > 0)
            take_in_hand(join, chunk);
        else
            chunk_release(chunk);
    }
    vector_deinit(&join->waiting);
    join->waiting_at = 0;
    return true;
}

static size_t
hash_join_memory(const Operator *op)
{
    const OpHashJoin *join = (const OpHashJoin *) op;
    size_t bytes = join_table_memory(&join->own) + (size_t) PAIRS * 12 + (size_t) join->capacity * 20;
    for (size_t i = 0; i < join->gathered.count; i++)
        bytes += chunk_memory(join->gathered.items[i]);
    for (size_t i = join->waiting_at; i < join->waiting.count; i++)
        bytes += chunk_memory(join->waiting.items[i]);
    return bytes;
}

static void
hash_join_deinit(Operator *op)
{
    OpHashJoin *join = (OpHashJoin *) op;
    while (join->waiting_at < join->waiting.count)
        chunk_release(join->waiting.items[join->waiting_at++]);
    vector_deinit(&join->waiting);
    chunk_vector_release(&join->gathered);
    chunk_release(join->chunk);
    join_table_deinit(&join->own);
    if (join->has_closure)
        linear_deinit(&join->closure);
    for (int side = 0; side < 2; side++) {
        free((void *) join->keys[side].types);
        free((void *) join->keys[side].columns);
    }
    free(join->columns);
    free(join->types);
    free(join->keys_read);
    free(join->rows);
    free(join->found);
    free(join->pair_rows);
    free(join->pair_partners);
    free(join->output);
}

static const OperatorKind hash_join_kind = {
    .name = "hash join",
    .push = hash_join_push,
    .flush = hash_join_flush,
    .memory = hash_join_memory,
    .deinit = hash_join_deinit,
    .merge = hash_join_merge,
    .merge_phases = 2,
};

static JoinKey
key_copy(const SqlType *types, const uint16_t *columns, int count)
{
    SqlType *own_types = memory_alloc(((size_t) count + 1) * sizeof *own_types);
    uint16_t *own_columns = memory_alloc(((size_t) count + 1) * sizeof *own_columns);
    for (int i = 0; i < count; i++) {
        own_types[i] = types[columns[i]];
        own_columns[i] = columns[i];
    }
    return (JoinKey){own_types, own_columns, count, join_key_is_integer(own_types, count)};
}

Operator *
op_hash_join_new(Circuit *circuit, uint32_t node, const HashJoinSide *left, const HashJoinSide *right, int key_count,
                 bool build_right, const JoinColumn *columns, const SqlType *types, uint16_t column_count,
                 const LinearPlan *closure)
{
    OpHashJoin *join = circuit_add(circuit, &hash_join_kind, sizeof *join, node);
    join->base.in_lanes = join->base.flushed_in_lanes = join->base.has_first_port = true;
    join->base.first_port = build_right ? 1 : 0;
    join->build = build_right ? 1 : 0;
    join->keys[0] = key_copy(left->types, left->key, key_count);
    join->keys[1] = key_copy(right->types, right->key, key_count);
    if (join->keys[0].integer != join->keys[1].integer)
        join->keys[0].integer = join->keys[1].integer = false;
    join_table_init(&join->own, &join->keys[join->build]);
    join->column_count = column_count;
    join->columns = memory_alloc((column_count + 1u) * sizeof *join->columns);
    memcpy(join->columns, columns, column_count * sizeof *columns);
    join->counts[0] = join->counts[1] = key_count == 0;
    for (uint16_t i = 0; i < column_count; i++)
        if (columns[i].column != UINT16_MAX)
            join->counts[columns[i].right] = false;
    join->types = memory_alloc((column_count + 1u) * sizeof *join->types);
    memcpy(join->types, types, column_count * sizeof *types);
    join->pair_rows = memory_alloc(PAIRS * sizeof *join->pair_rows);
    join->pair_partners = memory_alloc(PAIRS * sizeof *join->pair_partners);
    join->output = memory_alloc((column_count + 1u) * sizeof(Column *));
    join->has_closure = closure != NULL && !linear_is_identity(closure, column_count);
    if (join->has_closure)
        linear_init(&join->closure, closure, column_count);
    if (join->has_closure)
        circuit_style(circuit, &join->closure.eval);
    return &join->base;
}
