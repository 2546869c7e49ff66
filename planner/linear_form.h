/*
 * linear_form.h -- a chain of maps, filters and projections as one step over the row below it.
 *
 * Columns [0, input_count) are the row's; map i is column input_count + i. `project` gives the chain's columns.
 */
#ifndef FRESHET_PLANNER_LINEAR_FORM_H
#define FRESHET_PLANNER_LINEAR_FORM_H

#include "planner/mir.h"

typedef struct LinearForm {
    Arena *arena;
    int input_count;
    Scalar **maps;
    int map_count, map_capacity;
    Scalar **filters;
    int filter_count, filter_capacity;
    uint16_t *project;
    int project_count;
} LinearForm;

/* The node under the chain that ends in `mir`: what is no map, filter or projection. */
const Mir *linear_base(const Mir *mir);
/* Nothing done yet to a row of `input_count` columns, of which `columns` (NULL: the first `count`) are seen. */
void linear_form_init(LinearForm *form, Arena *arena, int input_count, const uint16_t *columns, int count);
/* Does what the chain from its base up to `mir` does, on what is there. */
void linear_form_add(LinearForm *form, const Mir *mir);
void linear_form_filter(LinearForm *form, const Scalar *predicate); /* over the form's columns */
bool linear_form_is_identity(const LinearForm *form);
/* Sets used[c] for every column of the row that is read. */
void linear_form_mark(const LinearForm *form, bool *used);
LinearPlan linear_form_plan(const LinearForm *form);
/* The same over a row in which column c is at map[c]; `input_count` columns wide. */
LinearForm linear_form_moved(const LinearForm *form, Arena *arena, const uint32_t *map, int input_count);

#endif
