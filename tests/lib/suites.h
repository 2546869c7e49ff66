/*
 * suites.h -- the list of test suites that a test program runs, made by collect_suites.sh.
 */
#ifndef FRESHET_TESTS_LIB_SUITES_H
#define FRESHET_TESTS_LIB_SUITES_H

#include <check.h>
#include <stddef.h>

typedef Suite *(*SuiteMaker)(void);

extern const SuiteMaker suite_makers[]; /* ends with NULL */

#endif
