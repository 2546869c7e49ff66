/*
 * lower_recursion.c -- recursive blocks. A body gives one relation: of a block of several bindings it has a first column that says whose row it
 * is, and after it the columns of all of them, null but for those of the row's binding.
 */
#include "planner/lower_internal.h"

#include "expr/function.h"

/* The types of what a block gives. */
static SqlType *
block_types(Lower *lower, const HirRecursion *block, int *count)
{
    *count = block->count > 1;
    for (int i = 0; i < block->count; i++)
        *count += block->values[i]->column_count;
    SqlType *types = arena_new_array(lower->arena, SqlType, *count);
    types[0] = SQL_TYPE(INT4);
    int at = block->count > 1;
    for (int i = 0; i < block->count; i++) {
        for (int c = 0; c < block->values[i]->column_count; c++)
            types[at++] = block->values[i]->types[c];
    }
    return types;
}

static int
first_column(const HirRecursion *block, int binding)
{
    int at = block->count > 1;
    for (int i = 0; i < binding; i++)
        at += block->values[i]->column_count;
    return at;
}

/* The rows of one binding, of what a block gives. */
static Mir *
binding_rows(Lower *lower, const HirRecursion *block, int binding, Mir *all)
{
    if (block->count == 1)
        return all;
    Scalar **own = arena_new_array(lower->arena, Scalar *, 1);
    own[0] = scalar_equals(lower->arena, mir_column(lower->arena, all, 0),
                           scalar_literal(lower->arena, SQL_TYPE(INT4), datum_int(binding)));
    return project_range(lower, mir_filter(lower->arena, all, own, 1), first_column(block, binding),
                         block->values[binding]->column_count);
}

/* A binding's rows as the block gives them. */
static Mir *
tagged_rows(Lower *lower, const HirRecursion *block, int binding, Mir *rows, const SqlType *types, int count)
{
    if (block->count == 1)
        return rows;
    int own = rows->column_count, first = first_column(block, binding);
    Scalar **added = arena_new_array(lower->arena, Scalar *, count - own);
    uint16_t *columns = arena_new_array(lower->arena, uint16_t, count);
    int at = 0;
    for (int i = 0; i < count; i++) {
        if (i >= first && i < first + own) {
            columns[i] = (uint16_t) (i - first);
            continue;
        }
        columns[i] = (uint16_t) (own + at);
        added[at++] = i == 0 ? scalar_literal(lower->arena, SQL_TYPE(INT4), datum_int(binding))
                             : scalar_null(lower->arena, types[i]);
    }
    return mir_project(lower->arena, mir_map(lower->arena, rows, added, at), columns, count);
}

Mir *
lower_feedback(Lower *lower, const Hir *hir)
{
    int count;
    const HirRecursion *block = hir->recursion.block;
    SqlType *types = block_types(lower, block, &count);
    return binding_rows(lower, block, hir->recursion.binding, mir_feedback(lower->arena, block->block, types, count));
}

static Mir *
lower_block(Lower *lower, const HirRecursion *block)
{
    int count;
    SqlType *types = block_types(lower, block, &count);
    MirPlan *body = arena_new_struct(lower->arena, MirPlan);
    body->arena = lower->arena;
    Lower inner = {.set = lower->set, .plan = body, .arena = lower->arena, .eval = lower->eval};
    Mir **values = arena_new_array(lower->arena, Mir *, block->count);
    for (int i = 0; i < block->count; i++)
        values[i] = tagged_rows(&inner, block, i, lower_closed(&inner, block->values[i]), types, count);
    body->root = mir_union(lower->arena, values, block->count);
    vector_deinit(&inner.blocks);
    MirRecursion *recursion = arena_new_struct(lower->arena, MirRecursion);
    *recursion = (MirRecursion){block->block, body, block->limit, block->returns_at_limit};
    return mir_recurse(lower->arena, recursion);
}

Mir *
lower_recursion(Lower *lower, const Hir *hir)
{
    const HirRecursion *block = hir->recursion.block;
    int binding = -1;
    for (size_t i = 0; i < lower->blocks.count && binding < 0; i++) {
        if (lower->blocks.items[i].block == block)
            binding = lower->blocks.items[i].binding;
    }
    if (binding < 0) {
        binding = mir_bind(lower->plan, lower_block(lower, block));
        LoweredBlock lowered = {block, binding};
        vector_push(&lower->blocks, lowered);
    }
    return binding_rows(lower, block, hir->recursion.binding, mir_let(lower->plan, binding));
}
