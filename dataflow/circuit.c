#include "dataflow/circuit.h"

#include "dataflow/lanes.h"
#include "dataflow/operators.h"

CancelFlag *
cancel_flag_new(void)
{
    CancelFlag *flag = memory_calloc(1, sizeof *flag);
    atomic_init(&flag->references, 1);
    return flag;
}

CancelFlag *
cancel_flag_retain(CancelFlag *flag)
{
    atomic_fetch_add_explicit(&flag->references, 1, memory_order_relaxed);
    return flag;
}

void
cancel_flag_release(CancelFlag *flag)
{
    if (flag != NULL && atomic_fetch_sub_explicit(&flag->references, 1, memory_order_acq_rel) == 1)
        free(flag);
}

void
circuit_style(const Circuit *circuit, EvalContext *eval)
{
    if (circuit->style != NULL)
        eval->style = *circuit->style;
}

Circuit *
circuit_new(const CancelFlag *cancel, bool one_shot)
{
    Circuit *circuit = memory_calloc(1, sizeof *circuit);
    circuit->cancel = cancel;
    circuit->one_shot = one_shot;
    circuit->main = circuit->lanes[0] = circuit;
    circuit->lane_count = 1;
    circuit->failure = ERROR_INIT;
    return circuit;
}

void
circuit_free(Circuit *circuit)
{
    if (circuit == NULL)
        return;
    for (int lane = 1; lane < circuit->lane_count; lane++)
        circuit_free(circuit->lanes[lane]);
    for (size_t i = 0; i < circuit->operators.count; i++) {
        Operator *op = circuit->operators.items[i];
        if (op->kind->deinit != NULL)
            op->kind->deinit(op);
        if (op->errors_ready)
            chunk_builder_deinit(&op->errors);
        vector_deinit(&op->targets);
        vector_deinit(&op->error_targets);
        free(op);
    }
    vector_deinit(&circuit->operators);
    vector_deinit(&circuit->imports);
    vector_deinit(&circuit->constants);
    vector_deinit(&circuit->schedule);
    error_clear(&circuit->failure);
    free(circuit);
}

void *
circuit_add(Circuit *circuit, const OperatorKind *kind, size_t size, uint32_t node)
{
    Operator *op = memory_calloc(1, size);
    op->kind = kind;
    op->circuit = circuit;
    op->node = node;
    op->number = (uint32_t) circuit->operators.count;
    vector_push(&circuit->operators, op);
    return op;
}

void
circuit_begin(Circuit *circuit, Timestamp time, bool hydrating)
{
    circuit->time = time;
    circuit->hydrating = hydrating;
    circuit->phase = CIRCUIT_IMPORTING;
    circuit->position = 0;
    /* What changes by itself at this time has to be flushed without being pushed to. */
    for (size_t i = 0; i < circuit->operators.count; i++) {
        Operator *op = circuit->operators.items[i];
        if (hydrating || (op->kind->wakeup != NULL && op->kind->wakeup(op) <= time))
            op->dirty = true;
    }
    for (int lane = 1; lane < circuit->lane_count; lane++)
        circuit_begin(circuit->lanes[lane], time, hydrating);
}

static bool
circuit_import(Circuit *circuit, int64_t *fuel)
{
    for (; circuit->hydrating && circuit->constants_pushed < circuit->constants.count; circuit->constants_pushed++)
        op_constant_push(circuit->constants.items[circuit->constants_pushed]);
    while (circuit->position < circuit->imports.count) {
        if (*fuel <= 0)
            return false;
        if (op_import_push_slice(circuit->imports.items[circuit->position], fuel))
            circuit->position++;
        if (circuit_stopped(circuit))
            return false;
    }
    return true;
}

static bool
circuit_flush(Circuit *circuit, int64_t *fuel)
{
    while (circuit->position < circuit->operators.count) {
        Operator *op = circuit->operators.items[circuit->position];
        if (op->dirty && op->kind->flush != NULL) {
            if (*fuel <= 0)
                return false;
            if (!op->kind->flush(op, fuel)) {
                if (circuit_stopped(circuit))
                    return false;
                continue;
            }
        }
        operator_flush_errors(op);
        circuit->position++;
        if (circuit_stopped(circuit))
            return false;
    }
    return true;
}

bool
circuit_run(Circuit *circuit, int64_t *fuel)
{
    if (circuit_stopped(circuit))
        return false;
    if (circuit->schedule.count > 0 && circuit->phase != CIRCUIT_FLUSHED) {
        if (!circuit_run_schedule(circuit, fuel))
            return false;
        circuit->phase = CIRCUIT_FLUSHED;
    }
    if (circuit->phase == CIRCUIT_IMPORTING) {
        if (!circuit_import(circuit, fuel))
            return false;
        circuit->phase = CIRCUIT_FLUSHING;
        circuit->position = 0;
    }
    if (circuit->phase == CIRCUIT_FLUSHING) {
        if (!circuit_flush(circuit, fuel))
            return false;
        circuit->phase = CIRCUIT_FLUSHED;
    }
    return true;
}

void
circuit_end(Circuit *circuit)
{
    for (size_t i = 0; i < circuit->operators.count; i++) {
        Operator *op = circuit->operators.items[i];
        if (op->dirty && op->kind->end_step != NULL)
            op->kind->end_step(op);
        op->dirty = false;
    }
    circuit->phase = CIRCUIT_IDLE;
    circuit->hydrating = false;
}

void
circuit_fail(Circuit *circuit, Error *err)
{
    if (error_is_set(&circuit->failure))
        error_clear(err);
    else
        error_move(&circuit->failure, err);
}

bool
circuit_stopped(const Circuit *circuit)
{
    return circuit->failure.sqlstate[0] != '\0' ||
           (circuit->cancel != NULL && atomic_load_explicit(&circuit->cancel->cancelled, memory_order_relaxed));
}

bool
circuit_work(Circuit *circuit, size_t fuel)
{
    bool more = false;
    for (size_t i = 0; i < circuit->operators.count; i++) {
        Operator *op = circuit->operators.items[i];
        if (op->kind->work != NULL)
            more |= op->kind->work(op, fuel);
    }
    return more;
}

Timestamp
circuit_wakeup(const Circuit *circuit)
{
    Timestamp least = TIMESTAMP_MAX;
    for (size_t i = 0; i < circuit->operators.count; i++) {
        const Operator *op = circuit->operators.items[i];
        Timestamp at = op->kind->wakeup == NULL ? TIMESTAMP_MAX : op->kind->wakeup(op);
        least = at < least ? at : least;
    }
    return least;
}

size_t
circuit_memory(const Circuit *circuit)
{
    size_t bytes = 0;
    for (size_t i = 0; i < circuit->operators.count; i++) {
        const Operator *op = circuit->operators.items[i];
        if (op->kind->memory != NULL)
            bytes += op->kind->memory(op);
    }
    for (int lane = 1; lane < circuit->lane_count; lane++)
        bytes += circuit_memory(circuit->lanes[lane]);
    return bytes;
}
