/*
 * shrink.h -- makes a query on which the two servers differ small, and the tables under it.
 */
#ifndef FRESHET_TESTS_ORACLE_SHRINK_H
#define FRESHET_TESTS_ORACLE_SHRINK_H

#include "tests/oracle/oracle.h"

/* Whether the servers still differ on the tree as it is now. */
typedef bool (*StillDifferent)(void *context, const Node *root);

/* Leaves out what may be left out, and puts parts in the place of wholes, while `still` holds; tries at most `tries` times. */
Node *shrink_query(Arena *arena, Node *root, StillDifferent still, void *context, int tries);

#endif
