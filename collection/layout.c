#include <stdlib.h>

#include "collection/layout_internal.h"

static LayoutStep
step_sql(const Layout *layout, uint16_t column)
{
    return (LayoutStep){
        .type = layout->types[column], .order = type_order_class(layout->types[column]), .column = column};
}

static void
steps_make(Layout *layout)
{
    bool *exact = memory_calloc(layout->column_count, sizeof *exact);
    layout->steps =
        memory_calloc((size_t) layout->key_count + layout->order_count + layout->column_count, sizeof *layout->steps);
    uint16_t count = 0;
    for (uint16_t i = 0; i < layout->key_count; i++) {
        layout->steps[count] = step_sql(layout, layout->key[i]);
        exact[layout->key[i]] |= order_class_is_exact(layout->steps[count++].order);
    }
    layout->key_steps = count;
    for (uint16_t i = 0; i < layout->order_count; i++) {
        const SortKey *sort = &layout->order[i];
        LayoutStep step = step_sql(layout, sort->column);
        step.descending = sort->descending;
        step.nulls_first = sort->nulls_first;
        layout->steps[count++] = step;
        exact[sort->column] |= order_class_is_exact(step.order);
    }
    /* Where equal values are the same bytes anyway, their stored form need not be asked for. */
    for (uint16_t i = 0; i < layout->column_count; i++)
        if (!exact[i])
            layout->steps[count++] = (LayoutStep){.type = layout->types[i], .column = i, .identity = true};
    layout->step_count = count;
    free(exact);
}

static void *
copy_of(const void *items, size_t size)
{
    void *copy = memory_alloc(size);
    if (size != 0)
        memcpy(copy, items, size);
    return copy;
}

Layout *
layout_new(const SqlType *types, uint16_t column_count, const uint16_t *key, uint16_t key_count, const SortKey *order,
           uint16_t order_count)
{
    Layout *layout = memory_alloc(sizeof *layout);
    *layout = (Layout){
        .column_count = column_count,
        .key_count = key_count,
        .order_count = order_count,
        .types = copy_of(types, column_count * sizeof *types),
        .key = copy_of(key, key_count * sizeof *key),
        .order = copy_of(order, order_count * sizeof *order),
    };
    atomic_init(&layout->references, 1);
    steps_make(layout);
    return layout;
}

Layout *
layout_retain(Layout *layout)
{
    atomic_fetch_add_explicit(&layout->references, 1, memory_order_relaxed);
    return layout;
}

void
layout_release(Layout *layout)
{
    if (layout == NULL || atomic_fetch_sub_explicit(&layout->references, 1, memory_order_acq_rel) != 1)
        return;
    free(layout->types);
    free(layout->key);
    free(layout->order);
    free(layout->steps);
    free(layout);
}

void
layout_hash(const Layout *layout, const Chunk *chunk, uint64_t *hashes)
{
    memset(hashes, 0, chunk->count * sizeof *hashes);
    for (uint16_t i = 0; i < layout->key_count; i++)
        column_hash(layout->types[layout->key[i]], chunk->columns[layout->key[i]], hashes);
}

void
layout_hash_key(const Layout *layout, Column *const *key_columns, uint32_t count, uint64_t *hashes)
{
    memset(hashes, 0, count * sizeof *hashes);
    for (uint16_t i = 0; i < layout->key_count; i++)
        column_hash_rows(layout->types[layout->key[i]], key_columns[i], NULL, count, hashes);
}

int
layout_step_compare(const LayoutStep *step, const Column *a, uint32_t row_a, const Column *b, uint32_t row_b)
{
    if (step->identity)
        return column_compare_identity(a, row_a, b, row_b);
    if (step->nulls_first || step->descending) {
        bool null_a = column_is_null(a, row_a), null_b = column_is_null(b, row_b);
        if (null_a || null_b)
            return step->nulls_first ? null_b - null_a : null_a - null_b;
    }
    int order = column_compare_class(step->order, step->type, a, row_a, b, row_b);
    return step->descending ? -order : order;
}

static int
steps_compare(const Layout *layout, uint32_t first, uint32_t end, const Chunk *a, uint32_t row_a, const Chunk *b,
              uint32_t row_b)
{
    for (uint32_t i = first; i < end; i++) {
        const LayoutStep *step = &layout->steps[i];
        int order = layout_step_compare(step, a->columns[step->column], row_a, b->columns[step->column], row_b);
        if (order != 0)
            return order;
    }
    return 0;
}

int
layout_compare(const Layout *layout, uint32_t first, const Chunk *a, uint32_t row_a, const Chunk *b, uint32_t row_b)
{
    return steps_compare(layout, first, layout->step_count, a, row_a, b, row_b);
}

int
layout_compare_keys(const Layout *layout, const Chunk *a, uint32_t row_a, const Chunk *b, uint32_t row_b)
{
    return steps_compare(layout, 0, layout->key_steps, a, row_a, b, row_b);
}

int
layout_compare_key(const Layout *layout, const Chunk *a, uint32_t row_a, Column *const *key_columns, uint32_t row_b)
{
    for (uint16_t i = 0; i < layout->key_count; i++) {
        const LayoutStep *step = &layout->steps[i];
        int order = layout_step_compare(step, a->columns[step->column], row_a, key_columns[i], row_b);
        if (order != 0)
            return order;
    }
    return 0;
}
