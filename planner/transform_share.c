/*
 * transform_share.c -- what is computed twice becomes a binding.
 *
 * Subtrees are looked up by a hash of their structure, whole plan at once; the largest equal ones are shared. Reading a table is not worth
 * a binding by itself: the engine has one import of it.
 */
#include "planner/transform.h"

typedef struct Entry {
    uint64_t hash;
    Mir *mir;
    int uses;
    int binding; /* -1: none yet */
} Entry;

typedef struct Share {
    MirPlan *plan;
    Entry *entries; /* open addressing */
    uint32_t capacity;
    MirPlan *made;
    int *moved; /* old bindings to new ones */
} Share;

static Entry *
find(const Share *share, uint64_t hash, const Mir *mir)
{
    uint32_t at = (uint32_t) hash & (share->capacity - 1);
    while (share->entries[at].mir != NULL &&
           !(share->entries[at].hash == hash && mir_equal(share->entries[at].mir, mir)))
        at = (at + 1) & (share->capacity - 1);
    return &share->entries[at];
}

static bool
worth_sharing(const Mir *mir)
{
    return mir->kind != MIR_GET && mir->kind != MIR_FEEDBACK && mir->kind != MIR_LET && mir->kind != MIR_CONSTANT &&
           mir->kind != MIR_PROJECT && mir->kind != MIR_NEGATE;
}

static void
count_nodes(void *context, Mir *mir)
{
    (void) mir;
    ++*(uint32_t *) context;
}

/* What is inside something seen before is not counted again: it will be shared as part of it. */
static void
count_uses(Share *share, Mir *mir)
{
    if (worth_sharing(mir)) {
        uint64_t hash = mir_hash(mir);
        Entry *entry = find(share, hash, mir);
        if (entry->mir != NULL) {
            entry->uses++;
            return;
        }
        *entry = (Entry){hash, mir, 1, -1};
    }
    for (int i = 0; i < mir->input_count; i++)
        count_uses(share, mir->inputs[i]);
}

static Mir *
rebuild(Share *share, Mir *mir)
{
    Entry *entry = worth_sharing(mir) ? find(share, mir_hash(mir), mir) : NULL;
    if (entry != NULL && entry->binding >= 0)
        return mir_let(share->made, entry->binding);
    Mir *built = mir;
    if (mir->kind == MIR_LET) {
        built = mir_let(share->made, share->moved[mir->binding]);
    } else if (mir->input_count > 0) {
        Mir **inputs = arena_new_array(share->plan->arena, Mir *, mir->input_count);
        for (int i = 0; i < mir->input_count; i++)
            inputs[i] = rebuild(share, mir->inputs[i]);
        built = mir_with_inputs(share->plan->arena, mir, inputs);
    }
    if (entry == NULL || entry->uses < 2)
        return built;
    entry->binding = mir_bind(share->made, built);
    return mir_let(share->made, entry->binding);
}

void
transform_share(MirPlan *plan, const OptimizeContext *context)
{
    (void) context;
    uint32_t nodes = 0;
    for (int i = 0; i < plan->count; i++)
        mir_visit(plan->bindings[i], count_nodes, &nodes);
    mir_visit(plan->root, count_nodes, &nodes);
    if (nodes < 4)
        return;
    Share share = {.plan = plan, .capacity = 16, .moved = arena_new_array(plan->arena, int, plan->count)};
    while (share.capacity < nodes * 2)
        share.capacity *= 2;
    share.entries = arena_new_array(plan->arena, Entry, share.capacity);
    share.made = arena_new_struct(plan->arena, MirPlan);
    share.made->arena = plan->arena;
    for (int i = 0; i < plan->count; i++)
        count_uses(&share, plan->bindings[i]);
    count_uses(&share, plan->root);
    for (int i = 0; i < plan->count; i++) {
        Mir *built = rebuild(&share, plan->bindings[i]);
        share.moved[i] = built->kind == MIR_LET ? built->binding : mir_bind(share.made, built);
    }
    plan->root = rebuild(&share, plan->root);
    plan->bindings = share.made->bindings;
    plan->count = share.made->count;
    plan->capacity = share.made->capacity;
}
