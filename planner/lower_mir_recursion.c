/*
 * lower_mir_recursion.c -- recursive blocks: the body becomes a plan of its own, whose imports are what the node reads.
 */
#include "planner/lower_mir_internal.h"

static int
feedback_find(const Emit *emit, int block)
{
    for (size_t i = 0; i < emit->imports.count; i++) {
        if (emit->imports.items[i].item == NULL && emit->imports.items[i].block == block)
            return (int) i;
    }
    return -1;
}

static uint32_t
import_feedback(Emit *emit, int block, const SqlType *types, int column_count)
{
    int at = feedback_find(emit, block);
    if (at >= 0)
        return emit->imports.items[at].node;
    EmitImport import = {.block = block};
    import.shape.column_count = (uint16_t) column_count;
    import.shape.types = emit_types(emit, types, column_count);
    import.used = arena_new_array(emit->arena, bool, column_count);
    import.node = emit_node(emit, (PlanNode){.kind = PLAN_GET, .import = (uint32_t) emit->imports.count}, NULL, 0,
                            types, column_count);
    vector_push(&emit->imports, import);
    return import.node;
}

uint32_t
emit_feedback(Emit *emit, const Mir *mir)
{
    return import_feedback(emit, mir->feedback, mir->types, mir->column_count);
}

static void
body_imports(Emit *inner, DataflowPlan *body)
{
    body->import_count = (int) inner->imports.count;
    body->imports = arena_new_array(inner->arena, PlanImport, body->import_count);
    for (int i = 0; i < body->import_count; i++) {
        const EmitImport *from = &inner->imports.items[i];
        body->imports[i].types = emit_types(inner, from->shape.types, from->shape.column_count);
        body->imports[i].column_count = from->shape.column_count;
    }
}

static bool
check_times(const DataflowPlan *body, Error *err)
{
    for (uint32_t i = 0; i < body->node_count; i++) {
        if (body->nodes[i].kind == PLAN_TEMPORAL)
            return error_set(err, SQLSTATE_FEATURE_NOT_SUPPORTED,
                             "mz_now() inside a recursive block that is maintained is not supported");
    }
    return true;
}

/* What the body reads, read by the plan around it: tables by their columns, feedback of blocks further out. */
static uint32_t *
outer_inputs(Emit *emit, const Emit *inner, int own, int *count)
{
    uint32_t *inputs = arena_new_array(emit->scratch, uint32_t, inner->imports.count);
    *count = 0;
    for (size_t i = 0; i < inner->imports.count; i++) {
        const EmitImport *import = &inner->imports.items[i];
        if ((int) i == own)
            continue;
        inputs[(*count)++] = import->item != NULL ? emit_import(emit, import->item, NULL, import->used)
                                                  : import_feedback(emit, import->block, import->shape.types,
                                                                    import->shape.column_count);
    }
    return inputs;
}

bool
emit_recursion(Emit *emit, const Mir *mir, uint32_t *out, Error *err)
{
    const MirRecursion *recursion = mir->recursion;
    const MirPlan *plan = recursion->body;
    LowerMirOptions options = *emit->options;
    options.indexes = NULL;
    Emit inner = {.mir = plan, .options = &options, .arena = emit->arena, .scratch = emit->scratch};
    inner.bindings = arena_new_array(emit->scratch, uint32_t, plan->count);
    uint32_t root = 0;
    bool worked = true;
    for (int i = 0; i < plan->count && worked; i++)
        worked = emit_mir(&inner, plan->bindings[i], &inner.bindings[i], err);
    worked = worked && emit_mir(&inner, plan->root, &root, err);
    DataflowPlan *body = arena_new_struct(emit->arena, DataflowPlan);
    *body = (DataflowPlan){.arena = emit->arena, .name = "recursive block", .until = TIMESTAMP_MAX};
    body->node_count = (uint32_t) inner.nodes.count;
    body->nodes = arena_new_array(emit->arena, PlanNode, inner.nodes.count);
    if (inner.nodes.count > 0)
        memcpy(body->nodes, inner.nodes.items, inner.nodes.count * sizeof *body->nodes);
    body_imports(&inner, body);
    body->exports = arena_new_array(emit->arena, PlanExport, 1);
    body->exports[0] = (PlanExport){.kind = EXPORT_COLLECT, .node = root};
    body->export_count = 1;
    PlanNode node = {.kind = PLAN_RECURSE,
                     .recurse = {.body = body,
                                 .feedback = feedback_find(&inner, recursion->block),
                                 .limit = recursion->limit,
                                 .returns_at_limit = recursion->returns_at_limit,
                                 .monotone = mir_plan_is_monotone(plan)}};
    int input_count;
    uint32_t *inputs = outer_inputs(emit, &inner, node.recurse.feedback, &input_count);
    *out = emit_node(emit, node, inputs, input_count, mir->types, mir->column_count);
    vector_deinit(&inner.nodes);
    vector_deinit(&inner.imports);
    return worked && check_times(body, err);
}
