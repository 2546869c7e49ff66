#include "dataflow/lanes.h"

#include "dataflow/operators.h"

/* ---- the schedule */

typedef VECTOR(OperatorTarget) Inputs; /* op: where rows or errors come from */

typedef struct Scheduling {
    Circuit *circuit;
    Inputs *inputs; /* of each operator */
    bool *visited;
} Scheduling;

static void
add_step(Scheduling *scheduling, CircuitStepKind kind, Operator *op)
{
    vector_push(&scheduling->circuit->schedule, ((CircuitStep){kind, op}));
}

static void
visit(Scheduling *scheduling, Operator *op)
{
    if (scheduling->visited[op->number])
        return;
    scheduling->visited[op->number] = true;
    const Inputs *inputs = &scheduling->inputs[op->number];
    for (size_t i = 0; i < inputs->count && op->has_first_port; i++)
        if (inputs->items[i].port == op->first_port)
            visit(scheduling, inputs->items[i].op);
    if (op->has_first_port)
        add_step(scheduling, STEP_MERGE, op);
    for (size_t i = 0; i < inputs->count; i++)
        visit(scheduling, inputs->items[i].op);
    if (op->kind->merge != NULL && !op->has_first_port)
        add_step(scheduling, STEP_MERGE, op);
    const Circuit *circuit = scheduling->circuit;
    for (size_t i = 0; i < circuit->imports.count; i++)
        if (circuit->imports.items[i] == op)
            add_step(scheduling, STEP_IMPORT, op);
    for (size_t i = 0; i < circuit->constants.count; i++)
        if (circuit->constants.items[i] == op)
            add_step(scheduling, STEP_CONSTANT, op);
    add_step(scheduling, STEP_FLUSH, op);
}

void
circuit_schedule(Circuit *circuit)
{
    size_t count = circuit->operators.count;
    Scheduling scheduling = {.circuit = circuit,
                             .inputs = memory_calloc(count + 1, sizeof(Inputs)),
                             .visited = memory_calloc(count + 1, sizeof(bool))};
    for (size_t i = 0; i < count; i++) {
        Operator *op = circuit->operators.items[i], *reader;
        for (size_t k = 0; k < op->targets.count; k++)
            vector_push(&scheduling.inputs[op->targets.items[k].op->number],
                        ((OperatorTarget){op, op->targets.items[k].port}));
        for (size_t k = 0; k < op->error_targets.count; k++)
            vector_push(&scheduling.inputs[op->error_targets.items[k].op->number], ((OperatorTarget){op, -1}));
        for (size_t k = 0; (reader = op_arrange_reader(op, k)) != NULL; k++)
            vector_push(&scheduling.inputs[reader->number], ((OperatorTarget){op, -1}));
    }
    /* The exports come last, and lead to all that they need. */
    for (size_t i = count; i > 0; i--)
        visit(&scheduling, circuit->operators.items[i - 1]);
    for (size_t i = 0; i < count; i++)
        vector_deinit(&scheduling.inputs[i]);
    free(scheduling.inputs);
    free(scheduling.visited);
}

/* ---- rows that are put aside for the first lane */

typedef struct OpAside {
    Operator base;
    Operator *target; /* of the first lane */
    int port;
    ChunkVector rows, errors;
} OpAside;

static void
aside_push(Operator *op, int port, Chunk *chunk)
{
    (void) port;
    vector_push(&((OpAside *) op)->rows, chunk_retain(chunk));
}

static void
aside_push_errors(Operator *op, Chunk *chunk)
{
    vector_push(&((OpAside *) op)->errors, chunk_retain(chunk));
}

static size_t
aside_memory(const Operator *op)
{
    const OpAside *aside = (const OpAside *) op;
    size_t bytes = 0;
    for (size_t i = 0; i < aside->rows.count; i++)
        bytes += chunk_memory(aside->rows.items[i]);
    return bytes;
}

static void
aside_deinit(Operator *op)
{
    chunk_vector_release(&((OpAside *) op)->rows);
    chunk_vector_release(&((OpAside *) op)->errors);
}

static const OperatorKind aside_kind = {
    .name = "aside",
    .push = aside_push,
    .push_errors = aside_push_errors,
    .memory = aside_memory,
    .deinit = aside_deinit,
};

static void
take_aside(Circuit *circuit)
{
    for (int lane = 1; lane < circuit->lane_count; lane++) {
        Circuit *other = circuit->lanes[lane];
        for (size_t i = circuit->operators.count; i < other->operators.count; i++) {
            OpAside *aside = (OpAside *) other->operators.items[i];
            Operator *to = aside->target;
            for (size_t k = 0; k < aside->rows.count; k++) {
                to->dirty = true;
                to->kind->push(to, aside->port, aside->rows.items[k]);
                chunk_release(aside->rows.items[k]);
            }
            for (size_t k = 0; k < aside->errors.count; k++) {
                to->dirty = true;
                if (to->kind->push_errors != NULL)
                    to->kind->push_errors(to, aside->errors.items[k]);
                else
                    operator_push_errors(to, aside->errors.items[k]);
                chunk_release(aside->errors.items[k]);
            }
            aside->rows.count = aside->errors.count = 0;
        }
    }
}

static void
divert(Circuit *circuit, Circuit *lane, OperatorTargets *targets, bool in_lanes)
{
    for (size_t i = 0; i < targets->count; i++) {
        OperatorTarget *target = &targets->items[i];
        if (target->op->in_lanes && in_lanes)
            continue;
        OpAside *aside = circuit_add(lane, &aside_kind, sizeof *aside, target->op->node);
        aside->target = circuit->operators.items[target->op->number];
        aside->port = target->port;
        target->op = &aside->base;
    }
}

void
circuit_add_lane(Circuit *circuit, Circuit *lane)
{
    if (lane->operators.count != circuit->operators.count)
        bug("a lane has other operators than its circuit");
    size_t count = lane->operators.count;
    for (size_t i = 0; i < count; i++) {
        Operator *op = lane->operators.items[i];
        divert(circuit, lane, &op->targets, true);
        divert(circuit, lane, &op->error_targets, false); /* errors are few */
    }
    for (size_t i = 0; i < lane->imports.count; i++)
        op_import_share(lane->imports.items[i], circuit->imports.items[i]);
    lane->main = circuit;
    lane->lane = circuit->lane_count;
    circuit->lanes[circuit->lane_count++] = lane;
}

/* ---- running */

typedef struct Section {
    Circuit *circuit;
    CircuitStep step;
    int phase;
    int64_t fuel;
    int64_t left[CREW_MAX];
    bool done[CREW_MAX];
} Section;

static void
section_work(void *context, int lane)
{
    Section *section = context;
    Operator *op = lane_operator(section->step.op, lane);
    int64_t fuel = section->fuel;
    section->done[lane] = true;
    section->left[lane] = fuel;
    /* An operator that was flushed is not asked again while other lanes go on. */
    if (op->circuit->lane_done)
        return;
    if (section->step.kind == STEP_IMPORT)
        section->done[lane] = op_import_push_shared(op, &fuel);
    else if (section->step.kind == STEP_MERGE)
        op->kind->merge(op, section->phase);
    else if (op->kind->flush != NULL) {
        while (!(section->done[lane] = op->kind->flush(op, &fuel)) && fuel > 0 && !circuit_stopped(op->circuit))
            ;
    }
    section->left[lane] = fuel;
    op->circuit->lane_done = section->step.kind == STEP_FLUSH && section->done[lane];
}

/* True: every lane is done. */
static bool
run_section(Circuit *circuit, CircuitStep step, int phase, int64_t *fuel)
{
    Section section = {.circuit = circuit, .step = step, .phase = phase, .fuel = *fuel};
    bool in_lanes = step.op->in_lanes || step.kind == STEP_IMPORT;
    if (step.kind == STEP_FLUSH)
        in_lanes = step.op->flushed_in_lanes;
    int lanes = in_lanes ? circuit->lane_count : 1;
    if (lanes == 1)
        section_work(&section, 0);
    else
        crew_run(circuit->crew, lanes, section_work, &section);
    bool done = true;
    for (int lane = 0; lane < lanes; lane++) {
        done = done && section.done[lane];
        *fuel = section.left[lane] < *fuel ? section.left[lane] : *fuel;
    }
    for (int lane = 0; lane < lanes && done; lane++)
        circuit->lanes[lane]->lane_done = false;
    if (done && step.kind == STEP_FLUSH)
        for (int lane = 0; lane < circuit->lane_count; lane++)
            operator_flush_errors(lane_operator(step.op, lane));
    take_aside(circuit);
    for (int lane = 1; lane < circuit->lane_count; lane++) {
        Operator *op = lane_operator(step.op, lane);
        step.op->rows_out += op->rows_out;
        op->rows_out = 0;
        circuit->interrupted |= circuit->lanes[lane]->interrupted;
        if (error_is_set(&circuit->lanes[lane]->failure))
            circuit_fail(circuit, &circuit->lanes[lane]->failure);
    }
    return done;
}

static bool
run_step(Circuit *circuit, CircuitStep step, int64_t *fuel)
{
    switch (step.kind) {
    case STEP_CONSTANT:
        op_constant_push(step.op);
        return true;
    case STEP_IMPORT:
        return op_import_push_slice(step.op, fuel) && run_section(circuit, step, 0, fuel);
    case STEP_MERGE:
        for (int phase = 0; phase < step.op->kind->merge_phases && !circuit_stopped(circuit); phase++)
            (void) run_section(circuit, step, phase, fuel);
        return true;
    case STEP_FLUSH:
        return run_section(circuit, step, 0, fuel);
    }
    bug("unrecognized step %d", step.kind);
}

bool
circuit_run_schedule(Circuit *circuit, int64_t *fuel)
{
    while (circuit->position < circuit->schedule.count) {
        if (*fuel <= 0)
            return false;
        bool done = run_step(circuit, circuit->schedule.items[circuit->position], fuel);
        if (circuit_stopped(circuit))
            return false;
        if (done)
            circuit->position++;
    }
    return true;
}
