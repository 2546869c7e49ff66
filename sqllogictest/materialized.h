/*
 * materialized.h -- every query of a script as a view that is kept up to date while the script runs.
 *
 * Before the first INSERT each distinct query becomes a materialized view; whenever the query then
 * runs, the view must hold the same rows. This is what turns a script of inserts, deletes and queries
 * into a test of incremental maintenance. On PostgreSQL, whose materialized views stand still, plain
 * views are made: that tests the runner.
 */
#ifndef FRESHET_SQLLOGICTEST_MATERIALIZED_H
#define FRESHET_SQLLOGICTEST_MATERIALIZED_H

#include "sqllogictest/runner.h"

/* Called before each record: makes the views when this is the first INSERT. */
void materialized_before(Runner *runner, size_t index);

/* Called with the rows of a query that gave what was expected. */
void materialized_check(Runner *runner, const Record *record, ResultRows *rows);

#endif
