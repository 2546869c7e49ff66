/*
 * transform_fold.c -- what is known when planning is not left to the engine: constant expressions, relations of constants, empty inputs.
 */
#include "planner/transform.h"

#include "expr/function.h"
#include "expr/scalar_table.h"

#define FOLD_ROWS_MAX 1000 /* of what is made; rows that the statement itself wrote are not counted */

typedef struct Fold {
    MirPlan *plan;
    Arena *arena;
    EvalContext *eval;
} Fold;

/* ---- expressions ---- */

static bool
is_leaf(const Scalar *scalar)
{
    return scalar->kind == SCALAR_COLUMN || scalar->kind == SCALAR_LITERAL || scalar->kind == SCALAR_PARAMETER ||
           scalar->kind == SCALAR_CONTEXT;
}

/* Columns that cannot be null say so, and tests of them are known. */
static Scalar *
refine(Fold *fold, Scalar *scalar, const Mir *input)
{
    if (scalar->kind == SCALAR_COLUMN) {
        if (!scalar->nullable || input->nullable[scalar->column])
            return scalar;
        return scalar_column(fold->arena, scalar->column, scalar->type, false);
    }
    Scalar *copy = scalar;
    for (int i = 0; i < scalar->arg_count; i++) {
        Scalar *arg = refine(fold, scalar->args[i], input);
        if (arg == scalar->args[i])
            continue;
        if (copy == scalar) {
            copy = arena_new_struct(fold->arena, Scalar);
            *copy = *scalar;
            copy->args = arena_new_array(fold->arena, Scalar *, scalar->arg_count);
            memcpy(copy->args, scalar->args, (size_t) scalar->arg_count * sizeof *copy->args);
        }
        copy->args[i] = arg;
    }
    if (copy->kind == SCALAR_IS_NULL && copy->args[0]->kind == SCALAR_COLUMN && !copy->args[0]->nullable)
        return scalar_bool(fold->arena, false);
    if (scalar_is_plain_equality(copy) && copy->args[0]->kind == SCALAR_COLUMN && !copy->args[0]->nullable &&
        copy->args[1]->kind == SCALAR_COLUMN && copy->args[0]->column == copy->args[1]->column)
        return scalar_bool(fold->arena, true);
    return copy;
}

/* A strict function of null is null, whatever its other arguments would do: PostgreSQL says so when it plans. */
static bool
is_null_for_certain(const Scalar *scalar)
{
    if (scalar->kind == SCALAR_LITERAL)
        return scalar->literal.is_null && scalar->literal_error == NULL;
    if (scalar->kind != SCALAR_CALL || !scalar->function->strict)
        return false;
    for (int i = 0; i < scalar->arg_count; i++) {
        if (is_null_for_certain(scalar->args[i]))
            return true;
    }
    return false;
}

static Scalar *
nulls_through(Fold *fold, Scalar *scalar)
{
    if (scalar->kind == SCALAR_CALL && is_null_for_certain(scalar))
        return scalar_null(fold->arena, scalar->type);
    for (int i = 0; i < scalar->arg_count; i++) {
        Scalar *arg = nulls_through(fold, scalar->args[i]);
        if (arg != scalar->args[i])
            scalar->args[i] = arg;
    }
    return scalar;
}

static bool
has_null(const Scalar *scalar)
{
    if (scalar->kind == SCALAR_CALL && is_null_for_certain(scalar))
        return true;
    for (int i = 0; i < scalar->arg_count; i++) {
        if (has_null(scalar->args[i]))
            return true;
    }
    return false;
}

static Scalar *
fold_scalar(Fold *fold, Scalar *scalar, const Mir *input)
{
    scalar = refine(fold, scalar, input);
    if (is_leaf(scalar))
        return scalar;
    scalar = scalar_fold(fold->arena, scalar, fold->eval);
    if (!has_null(scalar))
        return scalar;
    return scalar_fold(fold->arena, nulls_through(fold, scalar_copy(fold->arena, scalar)), fold->eval);
}

static Scalar **
fold_list(Fold *fold, Scalar **exprs, int count, const Mir *input)
{
    Scalar **folded = arena_new_array(fold->arena, Scalar *, count);
    for (int i = 0; i < count; i++)
        folded[i] = fold_scalar(fold, exprs[i], input);
    return folded;
}

static bool
is_plain_constant(const Mir *mir)
{
    return mir->kind == MIR_CONSTANT;
}

static bool
is_known(const Scalar *scalar)
{
    if (scalar->kind == SCALAR_PARAMETER || scalar->kind == SCALAR_CONTEXT)
        return false;
    if (scalar->kind == SCALAR_LITERAL && scalar->literal_error != NULL)
        return false;
    for (int i = 0; i < scalar->arg_count; i++) {
        if (!is_known(scalar->args[i]))
            return false;
    }
    return true;
}

static bool
all_known(Scalar *const *exprs, int count)
{
    for (int i = 0; i < count; i++) {
        if (!is_known(exprs[i]))
            return false;
    }
    return true;
}

static int64_t
row_diff(const Mir *constant, int row)
{
    return constant->constant.diffs == NULL ? 1 : constant->constant.diffs[row];
}

/* ---- map, filter, project ---- */

static Mir *
fold_map(Fold *fold, Mir *mir)
{
    Mir *input = mir->inputs[0];
    Scalar **exprs = arena_new_array(fold->arena, Scalar *, mir->list.count);
    /* A map may read the maps before it: their columns are the node's own. */
    for (int i = 0; i < mir->list.count; i++)
        exprs[i] = fold_scalar(fold, mir->list.exprs[i], mir);
    mir = mir_map(fold->arena, input, exprs, mir->list.count);
    if (!is_plain_constant(input) || !all_known(exprs, mir->list.count))
        return mir;
    int columns = mir->column_count, count = input->constant.count;
    Datum **rows = arena_new_array(fold->arena, Datum *, count);
    for (int r = 0; r < count; r++) {
        rows[r] = arena_new_array(fold->arena, Datum, columns);
        for (int c = 0; c < input->column_count; c++)
            rows[r][c] = input->constant.rows[r][c];
        for (int i = 0; i < mir->list.count; i++) {
            const EvalError *error;
            int at = input->column_count + i;
            Datum value;
            if (exprs[i]->kind == SCALAR_LITERAL) {
                rows[r][at] = exprs[i]->literal;
                continue;
            }
            if (scalar_is_volatile(exprs[i]) || scalar_is_large(exprs[i]) ||
                !evaluate_row(exprs[i], fold->eval, mir->types, rows[r], at, &value, &error))
                return mir; /* an error is met when the query runs */
            rows[r][at] = datum_copy(mir->types[at], value, fold->arena);
        }
    }
    return mir_constant(fold->arena, rows, input->constant.diffs, count, mir->types, columns);
}

static Mir *
filter_constant(Fold *fold, Mir *mir)
{
    const Mir *input = mir->inputs[0];
    int count = input->constant.count, kept = 0;
    Datum **rows = arena_new_array(fold->arena, Datum *, count);
    int64_t *diffs = arena_new_array(fold->arena, int64_t, count);
    for (int r = 0; r < count; r++) {
        bool passes = true;
        for (int i = 0; i < mir->list.count && passes; i++) {
            const EvalError *error;
            Datum value;
            if (scalar_is_volatile(mir->list.exprs[i]) || scalar_is_large(mir->list.exprs[i]) ||
                !evaluate_row(mir->list.exprs[i], fold->eval, input->types, input->constant.rows[r],
                              input->column_count, &value, &error))
                return mir;
            passes = !value.is_null && value.i != 0;
        }
        if (passes) {
            rows[kept] = input->constant.rows[r];
            diffs[kept++] = row_diff(input, r);
        }
    }
    return mir_constant(fold->arena, rows, input->constant.diffs == NULL ? NULL : diffs, kept, input->types,
                        input->column_count);
}

static void
add_conjuncts(Fold *fold, Scalar *predicate, ScalarTable *seen, Scalar ***list, int *count, int *capacity)
{
    if (predicate->kind == SCALAR_AND) {
        for (int i = 0; i < predicate->arg_count; i++)
            add_conjuncts(fold, predicate->args[i], seen, list, count, capacity);
        return;
    }
    if (scalar_is_literal_bool(predicate, true))
        return;
    if (scalar_table_put(seen, predicate, 1) >= 0)
        return;
    if (*count == *capacity) {
        *capacity = *capacity * 2 + 4;
        Scalar **grown = arena_new_array(fold->arena, Scalar *, *capacity);
        for (int i = 0; i < *count; i++)
            grown[i] = (*list)[i];
        *list = grown;
    }
    (*list)[(*count)++] = predicate;
}

static bool
never_true(const Scalar *predicate)
{
    return predicate->kind == SCALAR_LITERAL && predicate->literal_error == NULL &&
           (predicate->literal.is_null || predicate->literal.i == 0);
}

static Mir *
fold_filter(Fold *fold, Mir *mir)
{
    Mir *input = mir->inputs[0];
    Scalar **predicates = NULL;
    int count = 0, capacity = 0;
    ScalarTable seen = {.arena = fold->arena};
    for (int i = 0; i < mir->list.count; i++)
        add_conjuncts(fold, fold_scalar(fold, mir->list.exprs[i], input), &seen, &predicates, &count, &capacity);
    for (int i = 0; i < count; i++) {
        if (never_true(predicates[i]))
            return mir_empty(fold->arena, mir->types, mir->column_count);
    }
    mir = mir_filter(fold->arena, input, predicates, count);
    if (count > 0 && is_plain_constant(input) && all_known(predicates, count))
        return filter_constant(fold, mir);
    return mir;
}

static Mir *
fold_project(Fold *fold, Mir *mir)
{
    if (mir->kind != MIR_PROJECT || !is_plain_constant(mir->inputs[0]))
        return mir; /* all columns in order are no projection */
    const Mir *input = mir->inputs[0];
    int count = input->constant.count;
    Datum **rows = arena_new_array(fold->arena, Datum *, count);
    for (int r = 0; r < count; r++) {
        rows[r] = arena_new_array(fold->arena, Datum, mir->column_count);
        for (int c = 0; c < mir->column_count; c++)
            rows[r][c] = input->constant.rows[r][mir->project[c]];
    }
    return mir_constant(fold->arena, rows, input->constant.diffs, count, mir->types, mir->column_count);
}

/* ---- table functions ---- */

typedef struct FlatRows {
    Fold *fold;
    const Mir *mir;
    const Datum *input;
    VECTOR(Datum *) rows;
    int64_t ordinal;
} FlatRows;

static bool
flat_emit(void *context, const Datum *values)
{
    FlatRows *flat = context;
    const Mir *mir = flat->mir;
    int kept = mir->inputs[0]->column_count, columns = mir->flat_map.function.column_count;
    if (flat->rows.count >= FOLD_ROWS_MAX)
        return false;
    Datum *row = arena_new_array(flat->fold->arena, Datum, mir->column_count);
    for (int i = 0; i < kept; i++)
        row[i] = flat->input[i];
    for (int i = 0; i < columns; i++)
        row[kept + i] = datum_copy(mir->types[kept + i], values[i], flat->fold->arena);
    if (mir->flat_map.ordinality)
        row[kept + columns] = datum_int(++flat->ordinal);
    vector_push(&flat->rows, row);
    return true;
}

static bool
flat_row(Fold *fold, FlatRows *flat)
{
    const Mir *mir = flat->mir, *input = mir->inputs[0];
    Datum *args = arena_new_array(fold->arena, Datum, mir->flat_map.arg_count);
    const EvalError *error;
    for (int i = 0; i < mir->flat_map.arg_count; i++) {
        if (!evaluate_row(mir->flat_map.args[i], fold->eval, input->types, flat->input, input->column_count, &args[i],
                          &error))
            return false;
    }
    return table_function_evaluate(&mir->flat_map.function, fold->eval, args, flat_emit, flat, &error) &&
           flat->rows.count < FOLD_ROWS_MAX;
}

static Mir *
fold_flat_map(Fold *fold, Mir *mir)
{
    Mir *input = mir->inputs[0];
    Scalar **args = fold_list(fold, mir->flat_map.args, mir->flat_map.arg_count, input);
    TableFunctionCall call = mir->flat_map.function;
    mir = mir_flat_map(fold->arena, input, &call, args, mir->flat_map.ordinality);
    for (int i = 0; i < call.arg_count; i++)
        if (scalar_is_large(args[i]))
            return mir;
    /* Functions beside each other are computed to their ends: not here. */
    if (call.part_count > 1 || !is_plain_constant(input) || input->constant.count != 1 ||
        input->constant.diffs != NULL || !all_known(args, call.arg_count))
        return mir;
    FlatRows flat = {.fold = fold, .mir = mir, .input = input->constant.rows[0]};
    Mir *folded = mir;
    if (flat_row(fold, &flat)) {
        Datum **rows = arena_new_array(fold->arena, Datum *, flat.rows.count);
        for (size_t i = 0; i < flat.rows.count; i++)
            rows[i] = flat.rows.items[i];
        folded = mir_constant(fold->arena, rows, NULL, (int) flat.rows.count, mir->types, mir->column_count);
    }
    vector_deinit(&flat.rows);
    return folded;
}

/* ---- joins ---- */

/* The join without input `at`, one row of constants: its columns become maps, put back where they were. */
static Mir *
join_without(Fold *fold, Mir *mir, int at)
{
    const Mir *constant = mir->inputs[at];
    int *starts = mir_join_starts(fold->arena, mir);
    int width = constant->column_count, rest = mir->column_count - width;
    /* Columns of the join over (rest, constants). */
    uint32_t *map = arena_new_array(fold->arena, uint32_t, mir->column_count);
    uint16_t *project = arena_new_array(fold->arena, uint16_t, mir->column_count);
    for (int c = 0; c < mir->column_count; c++) {
        bool inside = c >= starts[at] && c < starts[at + 1];
        map[c] = (uint32_t) (inside ? rest + c - starts[at] : c < starts[at] ? c : c - width);
        project[c] = (uint16_t) map[c];
    }
    Mir **inputs = arena_new_array(fold->arena, Mir *, mir->input_count);
    int kept = 0;
    for (int i = 0; i < mir->input_count; i++) {
        if (i != at)
            inputs[kept++] = mir->inputs[i];
    }
    /* The classes all become predicates: pushdown makes classes of them again where they are ones. */
    Scalar **predicates = NULL;
    int predicate_count = 0;
    for (int i = 0; i < mir->join.class_count; i++)
        predicate_count += mir->join.classes[i].count - 1;
    predicates = arena_new_array(fold->arena, Scalar *, predicate_count);
    predicate_count = 0;
    for (int i = 0; i < mir->join.class_count; i++) {
        const MirClass *class = &mir->join.classes[i];
        for (int m = 1; m < class->count; m++) {
            Scalar *a = scalar_copy(fold->arena, class->members[0]), *b = scalar_copy(fold->arena, class->members[m]);
            scalar_remap(a, map);
            scalar_remap(b, map);
            predicates[predicate_count++] = scalar_equals(fold->arena, a, b);
        }
    }
    Scalar **literals = arena_new_array(fold->arena, Scalar *, width);
    for (int c = 0; c < width; c++)
        literals[c] = scalar_literal(fold->arena, constant->types[c], constant->constant.rows[0][c]);
    Mir *joined = kept == 0 ? mir_unit(fold->arena) : mir_join(fold->arena, inputs, kept, NULL, 0);
    joined = mir_filter(fold->arena, mir_map(fold->arena, joined, literals, width), predicates, predicate_count);
    return mir_project(fold->arena, joined, project, mir->column_count);
}

static bool
has_null_safe(const Mir *mir)
{
    for (int i = 0; i < mir->join.class_count; i++) {
        if (mir->join.classes[i].null_safe)
            return true;
    }
    return false;
}

static Mir *
fold_join(Fold *fold, Mir *mir)
{
    for (int i = 0; i < mir->input_count; i++) {
        if (mir_is_empty(mir->inputs[i]))
            return mir_empty(fold->arena, mir->types, mir->column_count);
    }
    for (int i = 0; i < mir->input_count && !has_null_safe(mir); i++) {
        const Mir *input = mir->inputs[i];
        if (is_plain_constant(input) && input->constant.count == 1 && input->constant.diffs == NULL)
            return join_without(fold, mir, i);
    }
    return mir;
}

/* ---- sets ---- */

static bool
rows_identical(const Mir *mir, const Datum *a, const Datum *b, bool sql)
{
    for (int c = 0; c < mir->column_count; c++) {
        if (sql ? !datum_equal(mir->types[c], a[c], b[c]) : !datum_identical(mir->types[c], a[c], b[c]))
            return false;
    }
    return true;
}

/* Counts of equal rows added up; what adds up to nothing goes. */
static Mir *
consolidated(Fold *fold, const Mir *mir, bool sql)
{
    int count = 0;
    Datum **rows = arena_new_array(fold->arena, Datum *, mir->constant.count);
    int64_t *diffs = arena_new_array(fold->arena, int64_t, mir->constant.count);
    for (int r = 0; r < mir->constant.count; r++) {
        int at = 0;
        while (at < count && !rows_identical(mir, rows[at], mir->constant.rows[r], sql))
            at++;
        if (at == count)
            rows[count++] = mir->constant.rows[r];
        diffs[at] += row_diff(mir, r);
    }
    int kept = 0;
    bool plain = true;
    for (int r = 0; r < count; r++) {
        if (diffs[r] != 0) {
            rows[kept] = rows[r];
            plain &= diffs[r] == 1;
            diffs[kept++] = diffs[r];
        }
    }
    return mir_constant(fold->arena, rows, plain ? NULL : diffs, kept, mir->types, mir->column_count);
}

static Mir *
fold_union(Fold *fold, Mir *mir)
{
    Mir **inputs = arena_new_array(fold->arena, Mir *, mir->input_count);
    int kept = 0, total = 0, constants = 0;
    bool signs = false;
    for (int i = 0; i < mir->input_count; i++) {
        if (mir_is_empty(mir->inputs[i]))
            continue;
        if (is_plain_constant(mir->inputs[i])) {
            constants++;
            total += mir->inputs[i]->constant.count;
            signs |= mir->inputs[i]->constant.diffs != NULL;
        }
        inputs[kept++] = mir->inputs[i];
    }
    if (kept == 0)
        return mir_empty(fold->arena, mir->types, mir->column_count);
    if (constants < 2)
        return kept == mir->input_count ? mir : mir_union(fold->arena, inputs, kept);
    Datum **rows = arena_new_array(fold->arena, Datum *, total);
    int64_t *diffs = arena_new_array(fold->arena, int64_t, total);
    int row = 0, others = 0;
    for (int i = 0; i < kept; i++) {
        if (!is_plain_constant(inputs[i])) {
            inputs[others++] = inputs[i];
            continue;
        }
        for (int r = 0; r < inputs[i]->constant.count; r++) {
            rows[row] = inputs[i]->constant.rows[r];
            diffs[row++] = row_diff(inputs[i], r);
        }
    }
    Mir *constant = mir_constant(fold->arena, rows, signs ? diffs : NULL, total, mir->types, mir->column_count);
    if (signs && total <= FOLD_ROWS_MAX)
        constant = consolidated(fold, constant, false);
    if (constant->constant.count > 0 || others == 0)
        inputs[others++] = constant;
    return mir_union(fold->arena, inputs, others);
}

static Mir *
fold_negate(Fold *fold, Mir *mir)
{
    const Mir *input = mir->inputs[0];
    if (!is_plain_constant(input))
        return mir;
    int64_t *diffs = arena_new_array(fold->arena, int64_t, input->constant.count);
    for (int r = 0; r < input->constant.count; r++)
        diffs[r] = -row_diff(input, r);
    return mir_constant(fold->arena, input->constant.rows, input->constant.count == 0 ? NULL : diffs,
                        input->constant.count, mir->types, mir->column_count);
}

/* Rows with positive counts; `once`: each with count 1. */
static Mir *
positive_rows(Fold *fold, const Mir *constant, bool once)
{
    int kept = 0, count = constant->constant.count;
    Datum **rows = arena_new_array(fold->arena, Datum *, count);
    int64_t *diffs = arena_new_array(fold->arena, int64_t, count);
    bool plain = true;
    for (int r = 0; r < count; r++) {
        if (row_diff(constant, r) <= 0)
            continue;
        rows[kept] = constant->constant.rows[r];
        diffs[kept] = once ? 1 : row_diff(constant, r);
        plain &= diffs[kept++] == 1;
    }
    return mir_constant(fold->arena, rows, plain ? NULL : diffs, kept, constant->types, constant->column_count);
}

static Mir *
fold_reduce(Fold *fold, Mir *mir)
{
    Mir *input = mir->inputs[0];
    if (!is_plain_constant(input))
        return mir;
    if (input->constant.count == 0)
        return mir_empty(fold->arena, mir->types, mir->column_count);
    if (mir->reduce.aggregate_count > 0 || input->constant.count > FOLD_ROWS_MAX)
        return mir;
    Mir *keys = fold_project(fold, mir_project(fold->arena, input, mir->reduce.key, mir->reduce.key_count));
    if (!is_plain_constant(keys))
        return mir;
    return positive_rows(fold, consolidated(fold, keys, true), true);
}

static bool
is_zero(const Scalar *scalar)
{
    return scalar != NULL && scalar->kind == SCALAR_LITERAL && !scalar->literal.is_null &&
           scalar->literal_error == NULL && scalar->literal.i == 0;
}

static Mir *
fold_topk(Fold *fold, Mir *mir)
{
    Scalar *limit = mir->topk.limit, *offset = mir->topk.offset;
    if (limit != NULL && !is_leaf(limit))
        limit = scalar_fold(fold->arena, limit, fold->eval);
    if (offset != NULL && !is_leaf(offset))
        offset = scalar_fold(fold->arena, offset, fold->eval);
    if (limit != NULL && limit->kind == SCALAR_LITERAL && limit->literal.is_null && limit->literal_error == NULL)
        limit = NULL;
    if (offset != NULL && offset->kind == SCALAR_LITERAL && offset->literal_error == NULL &&
        (offset->literal.is_null || is_zero(offset)))
        offset = NULL;
    if (mir_is_empty(mir->inputs[0]) || is_zero(limit))
        return mir_empty(fold->arena, mir->types, mir->column_count);
    if (limit == NULL && offset == NULL)
        return mir->inputs[0];
    if (limit == mir->topk.limit && offset == mir->topk.offset)
        return mir;
    return mir_topk(fold->arena, mir->inputs[0], mir->topk.group, mir->topk.group_count, mir->topk.order,
                    mir->topk.order_count, limit, offset);
}

static Mir *
fold_node(void *context, Mir *mir)
{
    Fold *fold = context;
    switch (mir->kind) {
    case MIR_CONSTANT:
    case MIR_GET:
    case MIR_RECURSE:
    case MIR_FEEDBACK:
        return mir;
    case MIR_LET:
        return mir_is_empty(fold->plan->bindings[mir->binding]) ? mir_empty(fold->arena, mir->types, mir->column_count)
                                                                : mir;
    case MIR_MAP:
        return fold_map(fold, mir);
    case MIR_FILTER:
        return fold_filter(fold, mir);
    case MIR_PROJECT:
        return fold_project(fold, mir);
    case MIR_FLAT_MAP:
        return fold_flat_map(fold, mir);
    case MIR_JOIN:
        return fold_join(fold, mir);
    case MIR_REDUCE:
        return fold_reduce(fold, mir);
    case MIR_TOPK:
        return fold_topk(fold, mir);
    case MIR_WINDOW:
        return mir_is_empty(mir->inputs[0]) ? mir_empty(fold->arena, mir->types, mir->column_count) : mir;
    case MIR_NEGATE:
        return fold_negate(fold, mir);
    case MIR_THRESHOLD:
        if (is_plain_constant(mir->inputs[0]) && mir->inputs[0]->constant.count <= FOLD_ROWS_MAX)
            return positive_rows(fold, consolidated(fold, mir->inputs[0], false), mir->threshold.distinct);
        return mir;
    case MIR_UNION:
        return fold_union(fold, mir);
    case MIR_GUARD:
        if (is_plain_constant(mir->inputs[0]) && mir->inputs[0]->constant.count <= 1 &&
            mir->inputs[0]->constant.diffs == NULL)
            return mir->inputs[0];
        return mir;
    }
    bug("unrecognized relation kind %d", mir->kind);
}

void
transform_fold(MirPlan *plan, const OptimizeContext *context)
{
    Fold fold = {plan, plan->arena, context->eval};
    mir_plan_rewrite(plan, fold_node, &fold);
}
