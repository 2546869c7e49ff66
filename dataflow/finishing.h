/*
 * finishing.h -- what happens to a read's rows last, and what makes a read fail; shared by peeks on the event loop and in circuits.
 */
#ifndef FRESHET_DATAFLOW_FINISHING_H
#define FRESHET_DATAFLOW_FINISHING_H

#include "dataflow/peek.h"

/* An error row that is there (its diffs sum to more than 0): true, with `err` set to it. Of several, the least. */
bool errors_find(const ChunkVector *errors, Error *err);
void error_from_row(Slice encoded, Error *err);
/* XX000 when some row's count is negative. */
MUST_CHECK bool rows_check_positive(const ChunkVector *rows, Error *err);

#endif
