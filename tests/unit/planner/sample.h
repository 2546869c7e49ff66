/*
 * sample.h -- the tables that answers.def and refusals.def are about.
 */
#ifndef FRESHET_TESTS_UNIT_PLANNER_SAMPLE_H
#define FRESHET_TESTS_UNIT_PLANNER_SAMPLE_H

#include "tests/unit/planner/world.h"

void sample_tables(World *world);
void sample_rows(World *world);

#endif
