#include "dataflow/operators.h"

struct OpArrange {
    Operator base;
    Arrangement arrangement;
    VECTOR(Operator *) readers;
};

static void
arrange_push(Operator *op, int port, Chunk *chunk)
{
    (void) port;
    arrangement_add(&((OpArrange *) op)->arrangement, op->circuit, chunk, NULL, 0);
}

static bool
arrange_flush(Operator *op, int64_t *fuel)
{
    OpArrange *arrange = (OpArrange *) op;
    if (arrangement_build(&arrange->arrangement, op->circuit, fuel))
        for (size_t i = 0; i < arrange->readers.count; i++)
            arrange->readers.items[i]->dirty = true;
    return true;
}

static void
arrange_end_step(Operator *op)
{
    arrangement_end_step(&((OpArrange *) op)->arrangement, op->circuit->time);
}

static bool
arrange_work(Operator *op, size_t fuel)
{
    return arrangement_work(&((OpArrange *) op)->arrangement, fuel);
}

static size_t
arrange_memory(const Operator *op)
{
    return arrangement_memory(&((const OpArrange *) op)->arrangement);
}

static void
arrange_deinit(Operator *op)
{
    OpArrange *arrange = (OpArrange *) op;
    arrangement_deinit(&arrange->arrangement);
    vector_deinit(&arrange->readers);
}

static const OperatorKind arrange_kind = {
    .name = "arrange",
    .push = arrange_push,
    .flush = arrange_flush,
    .end_step = arrange_end_step,
    .work = arrange_work,
    .memory = arrange_memory,
    .deinit = arrange_deinit,
};

Operator *
op_arrange_new(Circuit *circuit, uint32_t node, Layout *layout)
{
    OpArrange *arrange = circuit_add(circuit, &arrange_kind, sizeof *arrange, node);
    arrangement_init(&arrange->arrangement, layout);
    return &arrange->base;
}

Operator *
op_arrange_new_borrowed(Circuit *circuit, uint32_t node, Spine *spine)
{
    OpArrange *arrange = circuit_add(circuit, &arrange_kind, sizeof *arrange, node);
    arrangement_init_borrowed(&arrange->arrangement, spine);
    return &arrange->base;
}

Arrangement *
op_arrange_arrangement(Operator *op)
{
    return &((OpArrange *) op)->arrangement;
}

Operator *
op_arrange_reader(const Operator *op, size_t index)
{
    const OpArrange *arrange = (const OpArrange *) op;
    return op->kind == &arrange_kind && index < arrange->readers.count ? arrange->readers.items[index] : NULL;
}

void
op_arrange_add_reader(Operator *op, Operator *reader)
{
    vector_push(&((OpArrange *) op)->readers, reader);
}
