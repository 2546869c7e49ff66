/*
 * layout_internal.h -- a layout's comparison, spelt out as steps; private to collection/.
 */
#ifndef FRESHET_COLLECTION_LAYOUT_INTERNAL_H
#define FRESHET_COLLECTION_LAYOUT_INTERNAL_H

#include "collection/column_order.h"
#include "collection/run.h"

/* One column of the comparison. Identity steps compare stored forms; SQL steps compare as ORDER BY does. */
typedef struct LayoutStep {
    SqlType type;
    OrderClass order;
    uint16_t column;
    bool identity;
    bool descending;
    bool nulls_first;
} LayoutStep;

/* Rows in the layout's order from step `first` on; times are not compared. */
int layout_compare(const Layout *layout, uint32_t first, const Chunk *a, uint32_t row_a, const Chunk *b,
                   uint32_t row_b);
int layout_compare_keys(const Layout *layout, const Chunk *a, uint32_t row_a, const Chunk *b, uint32_t row_b);
/* A row's key against a key given in other columns. */
int layout_compare_key(const Layout *layout, const Chunk *a, uint32_t row_a, Column *const *key_columns,
                       uint32_t row_b);
int layout_step_compare(const LayoutStep *step, const Column *a, uint32_t row_a, const Column *b, uint32_t row_b);

#endif
