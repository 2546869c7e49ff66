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

/* 53400 when the rows, each as often as its count says, have more bytes. 0: no bound. */
MUST_CHECK bool result_too_large(uint64_t bytes_max, Error *err); /* sets that error, returns false */
MUST_CHECK bool result_check_size(const ChunkVector *rows, uint64_t bytes_max, Error *err);

/* Sorts, cuts and projects rows in slices. */
typedef struct Finisher Finisher;
/* Takes the rows over. `finishing` and `types` must outlive it. */
Finisher *finisher_new(const Finishing *finishing, const SqlType *types, uint16_t column_count, ChunkVector *rows);
/* Spends about `fuel` rows; adds to `result`. True: that was all. */
bool finisher_run(Finisher *finisher, int64_t *fuel, ChunkVector *result);
void finisher_free(Finisher *finisher); /* NULL is allowed */
size_t finisher_memory(const Finisher *finisher);

#endif
