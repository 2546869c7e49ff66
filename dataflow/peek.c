#include "dataflow/peek.h"

#include "collection/cursor.h"
#include "collection/scan.h"
#include "dataflow/finishing.h"
#include "dataflow/linear.h"

#define SCAN_SLICE_ROWS 65536

/* One peek on its way. */
typedef struct Peek {
    const PeekPlan *plan;
    SpineSnapshot *rows;
    Timestamp as_of;
    size_t budget; /* 0: none */
    size_t looked_at;
    LinearProgram program;
    bool is_identity;
    bool picks;        /* a lookup whose plan is columns only: these alone are copied out of the index */
    ChunkVector found; /* rows of the index */
    ChunkBuilder errors;
} Peek;

/* A snapshot whose collection has been idle for a while has nothing at the times after its upper. */
static Timestamp
within(const SpineSnapshot *snapshot, Timestamp as_of)
{
    return snapshot->upper <= as_of ? (snapshot->upper == 0 ? 0 : snapshot->upper - 1) : as_of;
}

static bool
check_errors(SpineSnapshot *errors, Timestamp as_of, Error *err)
{
    if (errors == NULL || spine_snapshot_is_empty(errors))
        return true;
    Cursor *cursor = cursor_new(errors, within(errors, as_of));
    CursorRow row;
    bool found = false;
    while (!found && cursor_next_key(cursor))
        while (!found && cursor_row(cursor, &row))
            if (row.diff > 0) {
                error_from_row(column_bytes(row.chunk->columns[0], row.row), err);
                found = true;
            }
    if (!found && cursor_failed(cursor) != NULL) {
        error_copy(err, cursor_failed(cursor));
        found = true;
    }
    cursor_free(cursor);
    return !found;
}

/* The rows that the plan lets through go to `found`. Takes the chunk over. */
static void
take_chunk(Peek *peek, Chunk *chunk)
{
    if (chunk == NULL)
        return;
    if (peek->is_identity || peek->picks) {
        vector_push(&peek->found, chunk);
        return;
    }
    Chunk *passed = linear_apply(&peek->program, chunk, &peek->errors);
    if (passed != NULL)
        vector_push(&peek->found, passed);
    chunk_release(chunk);
}

static bool
scan_all(Peek *peek, bool *exhausted, Error *err)
{
    SpineScan *scan = spine_scan_new(peek->rows, peek->as_of);
    bool done = false, ok = true;
    while (!done && ok && !*exhausted) {
        Chunk *chunk = NULL;
        ok = spine_scan_next(scan, SCAN_SLICE_ROWS, &chunk, &done, err);
        if (!ok || chunk == NULL)
            continue;
        peek->looked_at += chunk->count;
        *exhausted = peek->budget > 0 && peek->looked_at > peek->budget;
        take_chunk(peek, chunk);
    }
    spine_scan_free(scan);
    return ok;
}

typedef struct Lookup {
    uint64_t hash;
    uint32_t row; /* of the literals */
} Lookup;

static int
lookup_compare(const void *a, const void *b)
{
    const Lookup *x = a, *y = b;
    if (x->hash != y->hash)
        return x->hash < y->hash ? -1 : 1;
    return (x->row > y->row) - (x->row < y->row);
}

static bool
same_literals(const PeekPlan *plan, uint32_t a, uint32_t b)
{
    for (int i = 0; i < plan->key_count; i++)
        if (!datum_equal(plan->types[plan->key[i]], plan->literals[a * (uint32_t) plan->key_count + (uint32_t) i],
                         plan->literals[b * (uint32_t) plan->key_count + (uint32_t) i]))
            return false;
    return true;
}

/* The literals as columns, in the order of the layout's key. */
static void
literal_columns(const PeekPlan *plan, const Layout *layout, Column **columns)
{
    for (int i = 0; i < layout->key_count; i++) {
        int from = 0;
        while (from < plan->key_count && plan->key[from] != layout->key[i])
            from++;
        if (from == plan->key_count)
            bug("a peek's key is not its index's");
        ColumnBuilder builder;
        column_builder_init(&builder, type_phys(layout->types[layout->key[i]]));
        for (int row = 0; row < plan->literal_rows; row++)
            column_builder_append(&builder, plan->literals[row * plan->key_count + from]);
        columns[i] = column_builder_finish(&builder);
    }
}

static void
take_row(const Peek *peek, ChunkBuilder *builder, const CursorRow *row)
{
    if (!peek->picks) {
        chunk_builder_append_row(builder, row->chunk, row->row, 0, row->diff);
        return;
    }
    const LinearPlan *linear = &peek->plan->linear;
    for (int i = 0; i < linear->project_count; i++)
        column_builder_append_row(&builder->columns[i], row->chunk->columns[linear->project[i]], row->row);
    chunk_builder_end_row(builder, 0, row->diff);
}

static void
look_up(Peek *peek, bool *exhausted, Error *err)
{
    const PeekPlan *plan = peek->plan;
    const Layout *layout = peek->rows->layout;
    uint32_t count = (uint32_t) plan->literal_rows;
    Column **columns = memory_alloc((layout->key_count + 1u) * sizeof(Column *));
    uint64_t *hashes = memory_alloc(count * sizeof *hashes);
    Lookup *lookups = memory_alloc(count * sizeof *lookups);
    literal_columns(plan, layout, columns);
    layout_hash_key(layout, columns, count, hashes);
    for (uint32_t i = 0; i < count; i++)
        lookups[i] = (Lookup){hashes[i], i};
    if (count > 1)
        qsort(lookups, count, sizeof *lookups, lookup_compare);

    Cursor *cursor = cursor_new(peek->rows, peek->as_of);
    ChunkBuilder builder;
    if (peek->picks)
        chunk_builder_init(&builder, plan->result_types, (uint16_t) plan->linear.project_count);
    else
        chunk_builder_init(&builder, plan->types, plan->column_count);
    for (uint32_t i = 0; i < count && !*exhausted; i++) {
        bool repeated = false;
        for (uint32_t j = i; j-- > 0 && lookups[j].hash == lookups[i].hash && !repeated;)
            repeated = same_literals(plan, lookups[i].row, lookups[j].row);
        CursorRow row;
        if (repeated || !cursor_seek(cursor, lookups[i].hash, columns, lookups[i].row))
            continue;
        while (!*exhausted && cursor_row(cursor, &row)) {
            take_row(peek, &builder, &row);
            *exhausted = peek->budget > 0 && ++peek->looked_at > peek->budget;
            if (builder.count == CHUNK_ROWS)
                take_chunk(peek, chunk_builder_finish(&builder));
        }
    }
    take_chunk(peek, chunk_builder_finish(&builder));
    chunk_builder_deinit(&builder);
    if (cursor_failed(cursor) != NULL)
        error_copy(err, cursor_failed(cursor));
    cursor_free(cursor);
    for (int i = 0; i < layout->key_count; i++)
        column_release(columns[i]);
    free(columns);
    free(hashes);
    free(lookups);
}

static bool
peek_finish(Peek *peek, ChunkVector *result, Error *err)
{
    const PeekPlan *plan = peek->plan;
    if (peek->errors.count > 0) {
        ChunkVector errors = {0};
        vector_push(&errors, chunk_builder_finish(&peek->errors));
        bool failed = errors_find(&errors, err);
        chunk_vector_release(&errors);
        if (failed)
            return false;
    }
    if (!rows_check_positive(&peek->found, err))
        return false;
    uint16_t column_count = peek->is_identity ? plan->column_count : (uint16_t) plan->linear.project_count;
    finishing_apply(&plan->finishing, peek->is_identity ? plan->types : plan->result_types, column_count, &peek->found,
                    result);
    return true;
}

bool
peek_index(const PeekPlan *plan, const IndexSnapshot *snapshot, Timestamp as_of, size_t row_budget, bool *exhausted,
           ChunkVector *result, Error *err)
{
    *exhausted = false;
    if (as_of < snapshot->rows->since)
        return error_set(err, SQLSTATE_DATA_EXCEPTION,
                         "Timestamp (%llu) is not valid for all inputs: it is before %llu", (unsigned long long) as_of,
                         (unsigned long long) snapshot->rows->since);
    if (!check_errors(snapshot->errors, as_of, err))
        return false;
    Peek peek = {.plan = plan, .rows = snapshot->rows, .as_of = within(snapshot->rows, as_of), .budget = row_budget};
    peek.is_identity = linear_is_identity(&plan->linear, plan->column_count);
    peek.picks = plan->literal_rows > 0 && plan->linear.map_count == 0 && plan->linear.filter_count == 0;
    bool has_program = !peek.is_identity && !peek.picks;
    if (has_program) {
        SqlType text = SQL_TYPE(TEXT);
        linear_init(&peek.program, &plan->linear, plan->column_count);
        if (plan->style != NULL)
            peek.program.eval.style = *plan->style;
        chunk_builder_init(&peek.errors, &text, 1);
    }
    bool ok = true;
    if (plan->literal_rows == 0) {
        ok = scan_all(&peek, exhausted, err);
    } else {
        look_up(&peek, exhausted, err);
        ok = !error_is_set(err);
    }
    if (ok && !*exhausted)
        ok = peek_finish(&peek, result, err);
    chunk_vector_release(&peek.found);
    if (has_program) {
        chunk_builder_deinit(&peek.errors);
        linear_deinit(&peek.program);
    }
    return ok;
}
