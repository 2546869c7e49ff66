/*
 * linear_form.c -- composing maps, filters and projections.
 */
#include "planner/linear_form.h"

const Mir *
linear_base(const Mir *mir)
{
    while (mir->kind == MIR_MAP || mir->kind == MIR_FILTER || mir->kind == MIR_PROJECT)
        mir = mir->inputs[0];
    return mir;
}

void
linear_form_init(LinearForm *form, Arena *arena, int input_count, const uint16_t *columns, int count)
{
    *form = (LinearForm){.arena = arena, .input_count = input_count, .project_count = count};
    form->project = arena_new_array(arena, uint16_t, count);
    for (int i = 0; i < count; i++)
        form->project[i] = columns == NULL ? (uint16_t) i : columns[i];
}

static Scalar **
list_grown(Arena *arena, Scalar **list, int count, int *capacity)
{
    if (count < *capacity)
        return list;
    *capacity = *capacity * 2 + 4;
    Scalar **grown = arena_new_array(arena, Scalar *, *capacity);
    for (int i = 0; i < count; i++)
        grown[i] = list[i];
    return grown;
}

static Scalar *
placed(LinearForm *form, const Scalar *scalar)
{
    Scalar *copy = scalar_copy(form->arena, scalar);
    uint32_t *map = arena_new_array(form->arena, uint32_t, form->project_count);
    for (int i = 0; i < form->project_count; i++)
        map[i] = form->project[i];
    scalar_remap(copy, map);
    return copy;
}

void
linear_form_filter(LinearForm *form, const Scalar *predicate)
{
    form->filters = list_grown(form->arena, form->filters, form->filter_count, &form->filter_capacity);
    form->filters[form->filter_count++] = placed(form, predicate);
}

/* The column of the value: one that is there already, or a new map. */
static uint16_t
map_column(LinearForm *form, Scalar *scalar)
{
    if (scalar->kind == SCALAR_COLUMN)
        return (uint16_t) scalar->column;
    for (int i = 0; i < form->map_count; i++) {
        if (scalar_equal(form->maps[i], scalar))
            return (uint16_t) (form->input_count + i);
    }
    form->maps = list_grown(form->arena, form->maps, form->map_count, &form->map_capacity);
    form->maps[form->map_count] = scalar;
    return (uint16_t) (form->input_count + form->map_count++);
}

static void
add_map(LinearForm *form, const Scalar *expr)
{
    uint16_t *project = arena_new_array(form->arena, uint16_t, form->project_count + 1);
    for (int i = 0; i < form->project_count; i++)
        project[i] = form->project[i];
    project[form->project_count] = map_column(form, placed(form, expr));
    form->project = project;
    form->project_count++;
}

void
linear_form_add(LinearForm *form, const Mir *mir)
{
    if (mir->kind != MIR_MAP && mir->kind != MIR_FILTER && mir->kind != MIR_PROJECT)
        return;
    linear_form_add(form, mir->inputs[0]);
    if (mir->kind == MIR_PROJECT) {
        uint16_t *project = arena_new_array(form->arena, uint16_t, mir->column_count);
        for (int i = 0; i < mir->column_count; i++)
            project[i] = form->project[mir->project[i]];
        form->project = project;
        form->project_count = mir->column_count;
        return;
    }
    for (int i = 0; i < mir->list.count; i++) {
        if (mir->kind == MIR_MAP)
            add_map(form, mir->list.exprs[i]);
        else
            linear_form_filter(form, mir->list.exprs[i]);
    }
}

bool
linear_form_is_identity(const LinearForm *form)
{
    if (form->filter_count > 0 || form->project_count != form->input_count)
        return false;
    for (int i = 0; i < form->project_count; i++) {
        if (form->project[i] != i)
            return false;
    }
    return true;
}

void
linear_form_mark(const LinearForm *form, bool *used)
{
    bool *all = arena_new_array(form->arena, bool, form->input_count + form->map_count);
    for (int i = 0; i < form->project_count; i++)
        all[form->project[i]] = true;
    for (int i = 0; i < form->filter_count; i++)
        scalar_mark_columns(form->filters[i], all);
    for (int i = form->map_count - 1; i >= 0; i--) {
        if (all[form->input_count + i])
            scalar_mark_columns(form->maps[i], all);
    }
    for (int i = 0; i < form->input_count; i++)
        used[i] |= all[i];
}

LinearPlan
linear_form_plan(const LinearForm *form)
{
    return (LinearPlan){
        .maps = form->maps,
        .map_count = form->map_count,
        .filters = form->filters,
        .filter_count = form->filter_count,
        .project = form->project,
        .project_count = form->project_count,
    };
}

static Scalar **
moved_list(Arena *arena, Scalar *const *list, int count, const uint32_t *map)
{
    Scalar **moved = arena_new_array(arena, Scalar *, count);
    for (int i = 0; i < count; i++) {
        moved[i] = scalar_copy(arena, list[i]);
        scalar_remap(moved[i], map);
    }
    return moved;
}

LinearForm
linear_form_moved(const LinearForm *form, Arena *arena, const uint32_t *map, int input_count)
{
    uint32_t *all = arena_new_array(arena, uint32_t, form->input_count + form->map_count);
    for (int i = 0; i < form->input_count; i++)
        all[i] = map[i];
    for (int i = 0; i < form->map_count; i++)
        all[form->input_count + i] = (uint32_t) (input_count + i);
    LinearForm moved = {.arena = arena, .input_count = input_count, .project_count = form->project_count};
    moved.maps = moved_list(arena, form->maps, form->map_count, all);
    moved.map_count = moved.map_capacity = form->map_count;
    moved.filters = moved_list(arena, form->filters, form->filter_count, all);
    moved.filter_count = moved.filter_capacity = form->filter_count;
    moved.project = arena_new_array(arena, uint16_t, form->project_count);
    for (int i = 0; i < form->project_count; i++)
        moved.project[i] = (uint16_t) all[form->project[i]];
    return moved;
}
