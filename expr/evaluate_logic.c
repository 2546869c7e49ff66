#include "expr/evaluate_internal.h"

/*
 * AND, OR, CASE and COALESCE. All operands may be evaluated on all rows: an error in an operand that does not decide
 * the row is dropped. Operands that cost something run on the rows that still need them alone.
 */

/* What has been seen of a row's operands, for AND and OR alike. */
enum { SEEN_NULL = 1, SEEN_ERROR = 2, DECIDED = 4 };

static uint32_t
note_operand(const Evaluated *operand, uint8_t deciding, uint8_t *seen, const uint32_t *rows, uint32_t count,
             const EvalError **errors)
{
    const uint8_t *values = operand->column->values;
    uint32_t undecided = 0;
    for (uint32_t i = 0; i < count; i++) {
        uint32_t row = rows == NULL ? i : rows[i], at = evaluated_row(operand, i);
        const EvalError *error = evaluated_error(operand, i);
        if (error != NULL) {
            seen[row] |= SEEN_ERROR;
            if (errors[row] == NULL)
                errors[row] = error;
        } else if (column_is_null(operand->column, at)) {
            seen[row] |= SEEN_NULL;
        } else if (values[at] == deciding) {
            seen[row] |= DECIDED;
        }
        undecided += (seen[row] & DECIDED) == 0;
    }
    return undecided;
}

/* The common case: a column without nulls and errors, on all rows. */
static uint32_t
note_plain_operand(const uint8_t *values, uint8_t deciding, uint8_t *seen, uint32_t count)
{
    uint32_t decided = 0;
    for (uint32_t row = 0; row < count; row++) {
        seen[row] |= (uint8_t) (values[row] == deciding) * DECIDED;
        decided += seen[row] >> 2;
    }
    return count - decided;
}

static uint32_t
undecided_rows(const uint8_t *seen, uint32_t count, uint32_t *rows)
{
    uint32_t found = 0;
    for (uint32_t row = 0; row < count; row++) {
        rows[found] = row;
        found += (seen[row] & DECIDED) == 0;
    }
    return found;
}

/* No operand was null or failed. */
static void
plain_result(const uint8_t *seen, uint8_t deciding, uint32_t count, Evaluated *result)
{
    uint8_t *values = memory_alloc((size_t) count + 1);
    for (uint32_t row = 0; row < count; row++)
        values[row] = (uint8_t) ((seen[row] >> 2) ^ !deciding);
    *result = (Evaluated){.column = column_from_buffers(PHYS_U8, count, NULL, values, NULL)};
}

/* What decides wins over errors, and errors over nulls. */
static void
mixed_result(const uint8_t *seen, uint8_t deciding, uint32_t count, const EvalError **errors, Evaluated *result)
{
    uint8_t *values = memory_alloc((size_t) count + 1), *nulls = NULL;
    bool failed = false;
    for (uint32_t row = 0; row < count; row++) {
        values[row] = seen[row] == 0 ? !deciding : seen[row] & DECIDED ? deciding : 0;
        if (seen[row] == SEEN_NULL) {
            nulls = nulls != NULL ? nulls : memory_calloc((size_t) count + 1, 1);
            nulls[row] = 1;
        } else if ((seen[row] & (SEEN_ERROR | DECIDED)) == SEEN_ERROR) {
            failed = true;
        } else if (errors != NULL) {
            errors[row] = NULL;
        }
    }
    *result = (Evaluated){.column = column_from_buffers(PHYS_U8, count, nulls, values, NULL),
                          .errors = failed ? errors : NULL};
}

void
evaluate_and_or(const Scalar *scalar, const Frame *frame, Evaluated *result)
{
    Arena *arena = frame->context->arena;
    uint32_t count = frame->count, undecided = count;
    uint8_t deciding = scalar->kind == SCALAR_OR;
    uint8_t *seen = arena_alloc(arena, (size_t) count + 1);
    uint32_t *rows = NULL;
    const EvalError **errors = NULL;
    for (int a = 0; a < scalar->arg_count && (undecided > 0 || a == 0); a++) {
        const Scalar *arg = scalar->args[a];
        Evaluated operand;
        bool partial = undecided < count - count / 4 && scalar_is_heavy(arg);
        if (partial) {
            rows = rows != NULL ? rows : arena_new_array(arena, uint32_t, count + 1);
            undecided = undecided_rows(seen, count, rows);
            evaluate_subset(arg, frame, rows, undecided, &operand);
        } else {
            evaluate_node(arg, frame, &operand);
        }
        if (errors == NULL && operand.errors != NULL)
            errors = arena_new_array(arena, const EvalError *, count + 1);
        if (!partial && !operand.is_constant && operand.column->nulls == NULL && operand.errors == NULL)
            undecided = note_plain_operand(operand.column->values, deciding, seen, count);
        else
            undecided =
                note_operand(&operand, deciding, seen, partial ? rows : NULL, partial ? undecided : count, errors);
        evaluated_release(&operand);
    }
    bool plain = true;
    for (uint32_t row = 0; row < count; row++)
        plain &= (seen[row] & (SEEN_NULL | SEEN_ERROR)) == 0;
    if (plain)
        plain_result(seen, deciding, count, result);
    else
        mixed_result(seen, deciding, count, errors, result);
}

static uint8_t *
nulls_copy(const Column *column)
{
    if (column->nulls == NULL)
        return NULL;
    uint8_t *nulls = memory_alloc((size_t) column->count + 1);
    memcpy(nulls, column->nulls, column->count);
    return nulls;
}

void
evaluate_not(const Scalar *scalar, const Frame *frame, Evaluated *result)
{
    Evaluated operand;
    evaluate_node(scalar->args[0], frame, &operand);
    const Column *column = operand.column;
    const uint8_t *values = column->values;
    uint8_t *out = memory_alloc((size_t) column->count + 1), *nulls = nulls_copy(column);
    for (uint32_t row = 0; row < column->count; row++)
        out[row] = !values[row] && (nulls == NULL || !nulls[row]);
    *result = operand;
    result->column = column_from_buffers(PHYS_U8, column->count, nulls, out, NULL);
    column_release(operand.column);
}

void
evaluate_is_null(const Scalar *scalar, const Frame *frame, Evaluated *result)
{
    Evaluated operand;
    evaluate_node(scalar->args[0], frame, &operand);
    uint8_t *out = nulls_copy(operand.column);
    if (out == NULL)
        out = memory_calloc((size_t) operand.column->count + 1, 1);
    *result = operand;
    result->column = column_from_buffers(PHYS_U8, operand.column->count, NULL, out, NULL);
    column_release(operand.column);
}

/* ---- putting rows of several results together */

/* Rows whose value is that of `value`. */
typedef struct Part {
    Evaluated value;
    const uint32_t *rows;    /* of the frame; NULL: all */
    const uint32_t *indexes; /* of value, one for each of rows; NULL: the same as the row */
    uint32_t count;
} Part;

static inline uint32_t
part_row(const Part *part, uint32_t i)
{
    return part->rows == NULL ? i : part->rows[i];
}

static inline uint32_t
part_index(const Part *part, uint32_t i)
{
    return part->value.is_constant ? 0 : part->indexes == NULL ? part_row(part, i) : part->indexes[i];
}

#define COPY_PART(type)                                                                                                \
    do {                                                                                                               \
        const type *from = part->value.column->values;                                                                 \
        type *to = values;                                                                                             \
        for (uint32_t i = 0; i < part->count; i++)                                                                     \
            to[part_row(part, i)] = from[part_index(part, i)];                                                         \
    } while (0)

typedef struct Pair {
    uint64_t words[2];
} Pair;

static void
copy_part(const Part *part, Phys phys, void *values)
{
    switch (phys_width(phys)) {
    case 1:
        COPY_PART(uint8_t);
        break;
    case 2:
        COPY_PART(uint16_t);
        break;
    case 4:
        COPY_PART(uint32_t);
        break;
    case 8:
        COPY_PART(uint64_t);
        break;
    default:
        COPY_PART(Pair);
    }
}

static Column *
assemble_fixed(const Part *parts, int part_count, Phys phys, uint32_t count)
{
    void *values = memory_calloc((size_t) count + 1, (size_t) phys_width(phys));
    uint8_t *nulls = NULL;
    for (int p = 0; p < part_count; p++) {
        const Part *part = &parts[p];
        copy_part(part, phys, values);
        const uint8_t *from = part->value.column->nulls;
        if (from == NULL)
            continue;
        nulls = nulls != NULL ? nulls : memory_calloc((size_t) count + 1, 1);
        for (uint32_t i = 0; i < part->count; i++)
            nulls[part_row(part, i)] = from[part_index(part, i)];
    }
    return column_from_buffers(phys, count, nulls, values, NULL);
}

static Column *
assemble_bytes(const Part *parts, int part_count, uint32_t count, Arena *arena)
{
    uint16_t *part_of = arena_new_array(arena, uint16_t, count + 1);
    uint32_t *index_of = arena_new_array(arena, uint32_t, count + 1);
    for (int p = 0; p < part_count; p++) {
        for (uint32_t i = 0; i < parts[p].count; i++) {
            part_of[part_row(&parts[p], i)] = (uint16_t) (p + 1);
            index_of[part_row(&parts[p], i)] = part_index(&parts[p], i);
        }
    }
    ColumnBuilder out;
    column_builder_init(&out, PHYS_BYTES);
    column_builder_reserve(&out, count);
    for (uint32_t row = 0; row < count; row++) {
        if (part_of[row] == 0)
            column_builder_append_null(&out);
        else
            column_builder_append_row(&out, parts[part_of[row] - 1].value.column, index_of[row]);
    }
    Column *column = column_builder_finish(&out);
    column_builder_deinit(&out);
    return column;
}

/* Every row of `count` is in one part, or in `errors`. Releases the parts. */
static void
assemble(SqlType type, Part *parts, int part_count, const EvalError **errors, const Frame *frame, Evaluated *result)
{
    Arena *arena = frame->context->arena;
    for (int p = 0; p < part_count; p++) {
        for (uint32_t i = 0; parts[p].value.errors != NULL && i < parts[p].count; i++) {
            const EvalError *error = parts[p].value.errors[part_index(&parts[p], i)];
            if (error != NULL)
                error_note(&errors, arena, frame->count, part_row(&parts[p], i), error);
        }
    }
    Phys phys = type_phys(type);
    *result = (Evaluated){.errors = errors};
    if (phys == PHYS_BYTES)
        result->column = assemble_bytes(parts, part_count, frame->count, arena);
    else
        result->column = assemble_fixed(parts, part_count, phys, frame->count);
    for (int p = 0; p < part_count; p++)
        evaluated_release(&parts[p].value);
}

/* The rows that no branch took yet. */
typedef struct Remaining {
    uint32_t *rows;
    uint32_t count;
} Remaining;

static Remaining
remaining_all(const Frame *frame)
{
    Remaining remaining = {arena_new_array(frame->context->arena, uint32_t, frame->count + 1), frame->count};
    for (uint32_t row = 0; row < frame->count; row++)
        remaining.rows[row] = row;
    return remaining;
}

/* Evaluates on some rows: on those alone where that pays. Sets value, and indexes when the value has just those rows.
 */
static void
part_evaluate(Part *part, const Scalar *scalar, const Frame *frame, const uint32_t *rows, uint32_t count)
{
    part->rows = rows;
    part->count = count;
    if (count == frame->count || !scalar_is_heavy(scalar)) {
        evaluate_node(scalar, frame, &part->value);
        return;
    }
    evaluate_subset(scalar, frame, rows, count, &part->value);
    uint32_t *indexes = arena_new_array(frame->context->arena, uint32_t, count + 1);
    for (uint32_t i = 0; i < count; i++)
        indexes[i] = i;
    part->indexes = indexes;
}

/* Splits the remaining rows by a condition: those where it is true go to `taken`, those where it failed to `errors`. */
static uint32_t
split_rows(const Part *condition, const Frame *frame, Remaining *remaining, uint32_t *taken, const EvalError ***errors)
{
    uint32_t taken_count = 0, kept = 0;
    const uint8_t *values = condition->value.column->values;
    for (uint32_t i = 0; i < condition->count; i++) {
        uint32_t row = part_row(condition, i), index = part_index(condition, i);
        const EvalError *error = condition->value.errors == NULL ? NULL : condition->value.errors[index];
        if (error != NULL)
            error_note(errors, frame->context->arena, frame->count, row, error);
        else if (values[index] != 0 && !column_is_null(condition->value.column, index))
            taken[taken_count++] = row;
        else
            remaining->rows[kept++] = row;
    }
    remaining->count = kept;
    return taken_count;
}

void
evaluate_case(const Scalar *scalar, const Frame *frame, Evaluated *result)
{
    Arena *arena = frame->context->arena;
    Part *parts = arena_new_array(arena, Part, scalar->arg_count / 2 + 1);
    const EvalError **errors = NULL;
    Remaining remaining = remaining_all(frame);
    int part_count = 0, i = 0;
    for (; i + 1 < scalar->arg_count && remaining.count > 0; i += 2) {
        Part condition = {0};
        uint32_t *rows = arena_new_array(arena, uint32_t, remaining.count + 1);
        uint32_t *taken = arena_new_array(arena, uint32_t, remaining.count + 1);
        memcpy(rows, remaining.rows, sizeof *rows * remaining.count);
        part_evaluate(&condition, scalar->args[i], frame, rows, remaining.count);
        uint32_t taken_count = split_rows(&condition, frame, &remaining, taken, &errors);
        evaluated_release(&condition.value);
        if (taken_count > 0)
            part_evaluate(&parts[part_count++], scalar->args[i + 1], frame, taken, taken_count);
    }
    if (remaining.count > 0)
        part_evaluate(&parts[part_count++], scalar->args[scalar->arg_count - 1], frame, remaining.rows,
                      remaining.count);
    assemble(scalar->type, parts, part_count, errors, frame, result);
}

/* Keeps the rows of a part whose value is not null, or failed; the others remain. */
static void
keep_not_null(Part *part, bool last, Remaining *remaining, Arena *arena)
{
    uint32_t *rows = arena_new_array(arena, uint32_t, part->count + 1);
    uint32_t *indexes = arena_new_array(arena, uint32_t, part->count + 1);
    uint32_t kept = 0, left = 0;
    for (uint32_t i = 0; i < part->count; i++) {
        uint32_t row = part_row(part, i), index = part_index(part, i);
        bool failed = part->value.errors != NULL && part->value.errors[index] != NULL;
        if (last || failed || !column_is_null(part->value.column, index)) {
            rows[kept] = row;
            indexes[kept++] = index;
        } else {
            remaining->rows[left++] = row;
        }
    }
    remaining->count = left;
    part->rows = rows;
    part->indexes = indexes;
    part->count = kept;
}

void
evaluate_coalesce(const Scalar *scalar, const Frame *frame, Evaluated *result)
{
    Arena *arena = frame->context->arena;
    Part *parts = arena_new_array(arena, Part, scalar->arg_count);
    evaluate_node(scalar->args[0], frame, result);
    if (!result->is_constant && result->column->nulls == NULL)
        return;
    evaluated_release(result);
    Remaining remaining = remaining_all(frame);
    int part_count = 0;
    for (int i = 0; i < scalar->arg_count && remaining.count > 0; i++) {
        Part *part = &parts[part_count++];
        uint32_t *rows = arena_new_array(arena, uint32_t, remaining.count + 1);
        memcpy(rows, remaining.rows, sizeof *rows * remaining.count);
        part_evaluate(part, scalar->args[i], frame, rows, remaining.count);
        keep_not_null(part, i == scalar->arg_count - 1, &remaining, arena);
    }
    assemble(scalar->type, parts, part_count, NULL, frame, result);
}
