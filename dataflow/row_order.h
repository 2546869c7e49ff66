/*
 * row_order.h -- the order of rows inside a key of an arrangement, for walks over two versions of it side by side.
 */
#ifndef FRESHET_DATAFLOW_ROW_ORDER_H
#define FRESHET_DATAFLOW_ROW_ORDER_H

#include "collection/run.h"

/* By the sort keys alone: 0 for peers. */
int rows_compare_keys(const SqlType *types, const SortKey *order, int order_count, const Chunk *a, uint32_t row_a,
                      const Chunk *b, uint32_t row_b);
/* Then by the stored form of the first `column_count` columns: 0 for the same row. */
int rows_compare_whole(const SqlType *types, const SortKey *order, int order_count, uint16_t column_count,
                       const Chunk *a, uint32_t row_a, const Chunk *b, uint32_t row_b);

#endif
