#include "dataflow/row_order.h"

int
rows_compare_keys(const SqlType *types, const SortKey *order, int order_count, const Chunk *a, uint32_t row_a,
                  const Chunk *b, uint32_t row_b)
{
    for (int i = 0; i < order_count; i++) {
        SortKey key = order[i];
        const Column *column_a = a->columns[key.column], *column_b = b->columns[key.column];
        bool null_a = column_is_null(column_a, row_a), null_b = column_is_null(column_b, row_b);
        if (null_a != null_b)
            return null_a == key.nulls_first ? -1 : 1;
        int compared = null_a ? 0 : column_compare(types[key.column], column_a, row_a, column_b, row_b);
        if (compared != 0)
            return key.descending ? -compared : compared;
    }
    return 0;
}

int
rows_compare_whole(const SqlType *types, const SortKey *order, int order_count, uint16_t column_count, const Chunk *a,
                   uint32_t row_a, const Chunk *b, uint32_t row_b)
{
    int compared = rows_compare_keys(types, order, order_count, a, row_a, b, row_b);
    for (uint16_t i = 0; i < column_count && compared == 0; i++)
        compared = column_compare_identity(a->columns[i], row_a, b->columns[i], row_b);
    return compared;
}
