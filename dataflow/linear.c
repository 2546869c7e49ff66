#include "dataflow/linear.h"

#include "dataflow/operator.h"

/* The state of one chunk on its way through the steps. */
typedef struct LinearPass {
    LinearProgram *program;
    Chunk *input;
    ChunkBuilder *errors;
    uint32_t count;
    uint32_t *origin; /* rows of the input that are left; NULL: all of them */
} LinearPass;

bool
linear_is_identity(const LinearPlan *plan, uint32_t input_count)
{
    if (plan->map_count != 0 || plan->filter_count != 0 || plan->project_count != (int) input_count)
        return false;
    for (int i = 0; i < plan->project_count; i++)
        if (plan->project[i] != i)
            return false;
    return true;
}

/* Adds the steps of the maps that `scalar` reads, and of those that they read. */
static void
add_maps(LinearProgram *program, const Scalar *scalar, bool *done)
{
    for (int i = 0; i < program->plan->map_count; i++) {
        uint32_t column = program->input_count + (uint32_t) i;
        if (done[i] || !scalar_uses_column(scalar, column))
            continue;
        const Scalar *map = program->plan->maps[i];
        add_maps(program, map, done);
        program->steps[program->step_count++] = (LinearStep){.scalar = map, .column = column};
        done[i] = true;
    }
}

static void
mark_needed(const LinearProgram *program, const Scalar *scalar, bool *needed)
{
    for (uint32_t column = 0; column < program->column_count; column++)
        if (!needed[column] && scalar_uses_column(scalar, column))
            needed[column] = true;
}

static void
order_steps(LinearProgram *program)
{
    const LinearPlan *plan = program->plan;
    bool *map_done = arena_new_array(program->arena, bool, plan->map_count + 1);
    program->steps = arena_new_array(program->arena, LinearStep, plan->map_count + plan->filter_count + 1);
    for (int early = 1; early >= 0; early--)
        for (int i = 0; i < plan->filter_count; i++) {
            const Scalar *filter = plan->filters[i];
            if ((scalar_max_column(filter) <= program->input_count) != (early == 1))
                continue;
            add_maps(program, filter, map_done);
            program->steps[program->step_count++] = (LinearStep){.scalar = filter, .is_filter = true};
        }
    for (int i = 0; i < plan->project_count; i++) {
        if (plan->project[i] < program->input_count || map_done[plan->project[i] - program->input_count])
            continue;
        int map = (int) (plan->project[i] - program->input_count);
        add_maps(program, plan->maps[map], map_done);
        program->steps[program->step_count++] = (LinearStep){.scalar = plan->maps[map], .column = plan->project[i]};
        map_done[map] = true;
    }
}

void
linear_init(LinearProgram *program, const LinearPlan *plan, uint32_t input_count)
{
    *program = (LinearProgram){.plan = plan, .input_count = input_count};
    program->arena = arena_new();
    program->scratch = arena_new();
    eval_context_init(&program->eval, program->scratch);
    program->column_count = input_count + (uint32_t) plan->map_count;
    program->map_types = arena_new_array(program->arena, SqlType, plan->map_count + 1);
    for (int i = 0; i < plan->map_count; i++)
        program->map_types[i] = plan->maps[i]->type;
    order_steps(program);

    bool *needed = arena_new_array(program->arena, bool, program->column_count + 1);
    for (int i = 0; i < plan->project_count; i++)
        needed[plan->project[i]] = true;
    for (int i = program->step_count - 1; i >= 0; i--) {
        LinearStep *step = &program->steps[i];
        step->needed = arena_new_array(program->arena, bool, program->column_count + 1);
        memcpy(step->needed, needed, program->column_count);
        mark_needed(program, step->scalar, needed);
    }
    program->needed = needed;
    program->work = memory_calloc(1, sizeof *program->work + program->column_count * sizeof(Column *));
}

void
linear_deinit(LinearProgram *program)
{
    eval_context_deinit(&program->eval);
    arena_free(program->scratch);
    arena_free(program->arena);
    free(program->work);
    free(program->selected);
    *program = (LinearProgram){0};
}

static void
pass_fail(LinearPass *pass, uint32_t row, const EvalError *error)
{
    uint32_t origin = pass->origin == NULL ? row : pass->origin[row];
    error_row_append(pass->errors, error, pass->input->time, chunk_diff(pass->input, origin), pass->program->scratch);
}

/* Leaves only the rows selected, in the columns that are still read. */
static void
pass_select(LinearPass *pass, const uint32_t *selected, uint32_t count, const bool *needed)
{
    LinearProgram *program = pass->program;
    Chunk *work = program->work;
    for (uint32_t i = 0; i < program->column_count; i++) {
        Column *column = work->columns[i];
        if (column == NULL)
            continue;
        work->columns[i] = needed[i] && count > 0 ? column_gather(column, selected, count) : NULL;
        column_release(column);
    }
    if (pass->origin == NULL) {
        pass->origin = memory_alloc((count + 1) * sizeof *pass->origin);
        memcpy(pass->origin, selected, count * sizeof *selected);
    } else {
        for (uint32_t i = 0; i < count; i++)
            pass->origin[i] = pass->origin[selected[i]];
    }
    pass->count = work->count = count;
}

static void
pass_filter(LinearPass *pass, const LinearStep *step)
{
    LinearProgram *program = pass->program;
    const EvalError **errors = NULL;
    uint32_t count = evaluate_filter(step->scalar, &program->eval, program->work, program->selected, &errors);
    if (errors != NULL)
        for (uint32_t i = 0; i < pass->count; i++)
            if (errors[i] != NULL)
                pass_fail(pass, i, errors[i]);
    if (count < pass->count)
        pass_select(pass, program->selected, count, step->needed);
}

static void
pass_map(LinearPass *pass, const LinearStep *step)
{
    LinearProgram *program = pass->program;
    Evaluated value = {0};
    evaluate(step->scalar, &program->eval, program->work, &value);
    program->work->columns[step->column] =
        value.is_constant ? evaluated_spread(&value, step->scalar->type, pass->count) : column_retain(value.column);
    if (value.errors != NULL) {
        uint32_t count = 0;
        for (uint32_t i = 0; i < pass->count; i++) {
            const EvalError *error = value.errors[value.is_constant ? 0 : i];
            if (error != NULL)
                pass_fail(pass, i, error);
            else
                program->selected[count++] = i;
        }
        if (count < pass->count)
            pass_select(pass, program->selected, count, step->needed);
    }
    evaluated_release(&value);
}

static Chunk *
pass_finish(LinearPass *pass)
{
    LinearProgram *program = pass->program;
    const LinearPlan *plan = program->plan;
    int64_t *diffs = NULL;
    if (pass->input->diffs != NULL) {
        diffs = memory_alloc((pass->count + 1) * sizeof *diffs);
        for (uint32_t i = 0; i < pass->count; i++)
            diffs[i] = pass->input->diffs[pass->origin == NULL ? i : pass->origin[i]];
    }
    Column **columns = memory_alloc(((size_t) plan->project_count + 1) * sizeof(Column *));
    for (int i = 0; i < plan->project_count; i++)
        columns[i] = column_retain(program->work->columns[plan->project[i]]);
    Chunk *result = chunk_new(pass->count, columns, (uint16_t) plan->project_count, pass->input->time, diffs, NULL);
    free(columns);
    return result;
}

Chunk *
linear_apply(LinearProgram *program, Chunk *chunk, ChunkBuilder *errors)
{
    if (chunk->count == 0)
        return NULL;
    if (program->step_count == 0)
        return chunk_project(chunk, program->plan->project, (uint16_t) program->plan->project_count);
    if (program->selected_capacity < chunk->count) {
        program->selected = memory_realloc(program->selected, chunk->count * sizeof *program->selected);
        program->selected_capacity = chunk->count;
    }
    Chunk *work = program->work;
    work->count = chunk->count;
    work->time = chunk->time;
    work->column_count = (uint16_t) program->column_count;
    for (uint32_t i = 0; i < program->column_count; i++)
        work->columns[i] = i < program->input_count && program->needed[i] ? column_retain(chunk->columns[i]) : NULL;

    LinearPass pass = {.program = program, .input = chunk, .errors = errors, .count = chunk->count};
    for (int i = 0; i < program->step_count && pass.count > 0; i++) {
        const LinearStep *step = &program->steps[i];
        if (step->is_filter)
            pass_filter(&pass, step);
        else
            pass_map(&pass, step);
    }
    Chunk *result = pass.count == 0 ? NULL : pass_finish(&pass);
    for (uint32_t i = 0; i < program->column_count; i++) {
        column_release(work->columns[i]);
        work->columns[i] = NULL;
    }
    free(pass.origin);
    arena_reset(program->scratch);
    return result;
}
