#include "tests/unit/dataflow/trial.h"

#include <check.h>
#include <stdio.h>

enum { SUBSCRIBED = 100, INDEXED = 101, MATERIALIZED = 102, LATE = 200, PEEK = 300 };

const SqlType trial_types[TRIAL_COLUMNS] = {
    {.id = TYPE_INT8, .typmod = -1},
    {.id = TYPE_INT8, .typmod = -1},
    {.id = TYPE_TEXT, .typmod = -1},
    {.id = TYPE_BOOL, .typmod = -1},
};

typedef struct Moment {
    Timestamp time;
    BagPair expected;
} Moment;

typedef struct Trial {
    Rig *rig;
    TrialPlan make;
    const TrialOptions *options;
    VECTOR(Moment) moments;
    bool is_late;
    Timestamp late_from;
    int peeks;
} Trial;

uint64_t
trial_mix(uint64_t *seed, uint64_t below)
{
    uint64_t x = *seed += 0x9e3779b97f4a7c15u;
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
    x = (x ^ x >> 27) * 0x94d049bb133111ebu;
    return (x ^ x >> 31) % below;
}

uint32_t
trial_get(PlanBuilder *builder, uint64_t collection_id)
{
    return plan_get(builder, collection_id, trial_types, TRIAL_COLUMNS);
}

uint32_t
trial_get_indexed(PlanBuilder *builder, uint64_t collection_id)
{
    bool is_a = collection_id == TRIAL_A;
    return plan_get_index(builder, collection_id, is_a ? TRIAL_A_INDEX : TRIAL_B_INDEX,
                          is_a ? COLUMNS(0) : COLUMNS(0, 2), trial_types, TRIAL_COLUMNS);
}

static void
create_indexes(Rig *rig)
{
    PlanBuilder builder = plan_builder_new(rig->now, false);
    plan_export_index(&builder, trial_get(&builder, TRIAL_A), TRIAL_A_INDEX, COLUMNS(0));
    plan_export_index(&builder, trial_get(&builder, TRIAL_B), TRIAL_B_INDEX, COLUMNS(0, 2));
    rig_create(rig, &builder);
}

void
trial_row(Rig *rig, Datum *values)
{
    static const char *const words[] = {"", "a", "b", "ab", "a longer word"};
    values[0] = datum_int((int64_t) rig_random(rig, 6) - 1);
    values[1] = datum_int((int64_t) rig_random(rig, 9) - 2);
    values[2] = datum_text(words[rig_random(rig, 5)]);
    values[3] = datum_int((int64_t) rig_random(rig, 2));
    for (int i = 0; i < TRIAL_COLUMNS; i++)
        if (rig_random(rig, 8) == 0)
            values[i] = DATUM_NULL;
}

static bool
pick_row(Rig *rig, const Bag *bag, Datum *values)
{
    uint64_t size = bag_size(bag);
    if (size == 0)
        return false;
    uint64_t wanted = rig_random(rig, size);
    const BagRow *row;
    for (size_t i = 0; bag_next(bag, &i, &row);)
        if (wanted-- == 0) {
            memcpy(values, row->values, bag->column_count * sizeof *values);
            return true;
        }
    return false;
}

void
trial_change(Rig *rig, RigShard *shard, int count, bool errors)
{
    Datum values[TRIAL_COLUMNS];
    for (int i = 0; i < count; i++) {
        if (rig_random(rig, 5) < 2 && pick_row(rig, &shard->content.rows, values)) {
            rig_update(shard, values, -1);
            if (rig_random(rig, 2) == 0) { /* an update */
                values[1] = datum_int((int64_t) rig_random(rig, 9) - 2);
                rig_update(shard, values, 1);
            }
            continue;
        }
        trial_row(rig, values);
        rig_update(shard, values, rig_random(rig, 6) == 0 ? 2 : 1);
    }
    if (!errors || rig_random(rig, 4) != 0)
        return;
    Datum error;
    if (rig_random(rig, 2) == 0 && pick_row(rig, &shard->content.errors, &error)) {
        Arena *arena = arena_new();
        EvalError decoded = eval_error_decode(error.bytes, arena);
        rig_update_error(shard, decoded.message, -1);
        arena_free(arena);
    } else {
        rig_update_error(shard, rig_random(rig, 2) == 0 ? "one thing" : "another thing", 1);
    }
}

static void
change_all(Trial *trial, int scale)
{
    Rig *rig = trial->rig;
    for (int i = 0; i < rig->shard_count; i++)
        if (rig_random(rig, 3) > 0)
            trial_change(rig, &rig->shards[i], (int) rig_random(rig, (uint64_t) scale), !trial->options->no_errors);
}

static PlanBuilder
make_plan(Trial *trial, Timestamp as_of, bool one_shot, uint32_t *node)
{
    PlanBuilder builder = plan_builder_new(as_of, one_shot);
    *node = trial->make(&builder, trial->options->seed);
    return builder;
}

static BagPair
expected_now(Trial *trial)
{
    uint32_t node;
    PlanBuilder builder = make_plan(trial, 0, false, &node);
    BagPair contents[BUILDER_IMPORTS_MAX];
    rig_contents(trial->rig, builder.plan, contents);
    BagPair expected = reference_evaluate(builder.plan, contents, node, trial->rig->now);
    /* The types must outlive the plan. */
    expected.rows.types = NULL;
    dataflow_plan_free(builder.plan);
    return expected;
}

/* All collections change, and time passes to `time` for every one of them. */
static void
pass_to(Trial *trial, Timestamp time)
{
    rig_tick(trial->rig, time);
    for (int i = 0; i < trial->rig->shard_count; i++)
        if (!trial->rig->shards[i].lockstep)
            rig_feed(trial->rig, &trial->rig->shards[i], time);
}

static void
compare(BagPair *expected, BagPair found, const SqlType *types, const char *what, const Trial *trial, Timestamp time)
{
    expected->rows.types = types;
    bag_pair_expect(expected, &found, what, trial->options->seed, time);
    bag_pair_deinit(&found);
    expected->rows.types = NULL;
}

static void
peek(Trial *trial, BagPair *expected)
{
    Rig *rig = trial->rig;
    uint32_t node;
    PlanBuilder builder = make_plan(trial, rig->now, true, &node);
    uint64_t id = (uint64_t) (PEEK + trial->peeks++);
    uint16_t column_count = plan_node(&builder, node)->column_count;
    SqlType *types = memory_alloc((column_count + 1u) * sizeof *types);
    memcpy(types, plan_node(&builder, node)->types, column_count * sizeof *types);
    plan_export_peek(&builder, node, id);
    rig_create(rig, &builder);
    rig_wait_peeked(rig, id);
    const RigExport *export = rig_export(rig, id);
    ck_assert_msg(export->failed == (bag_size(&expected->errors) > 0), "a peek fails with errors only: %s (seed %llu)",
                  export->failed ? export->error.message : "it did not", (unsigned long long) trial->options->seed);
    if (!export->failed) {
        BagPair found;
        bag_pair_init(&found, types, column_count);
        for (size_t i = 0; i < export->rows.count; i++)
            bag_add_chunk(&found.rows, export->rows.items[i], TIMESTAMP_MAX);
        compare(expected, found, types, "a peek", trial, rig->now);
    }
    free(types);
}

static void
settle(Trial *trial)
{
    Rig *rig = trial->rig;
    uint32_t node;
    PlanBuilder builder = make_plan(trial, 0, false, &node);
    const SqlType *types = plan_node(&builder, node)->types;
    uint16_t column_count = plan_node(&builder, node)->column_count;
    rig_wait_upper(rig, SUBSCRIBED, rig->now + 1);
    rig_wait_upper(rig, MATERIALIZED, rig->now + 1);
    rig_wait_frontier(rig, INDEXED, rig->now);
    if (trial->is_late)
        rig_wait_upper(rig, LATE, rig->now + 1);
    for (size_t i = 0; i < trial->moments.count; i++) {
        Moment *moment = &trial->moments.items[i];
        Timestamp time = moment->time;
        compare(&moment->expected, rig_updates_at(rig, SUBSCRIBED, types, column_count, time), types, "a subscription",
                trial, time);
        compare(&moment->expected, rig_updates_at(rig, MATERIALIZED, types, column_count, time), types,
                "a materialized view", trial, time);
        compare(&moment->expected, rig_index_at(rig, INDEXED, types, column_count, time), types, "an index", trial,
                time);
        if (trial->is_late && time >= trial->late_from)
            compare(&moment->expected, rig_updates_at(rig, LATE, types, column_count, time), types,
                    "a late subscription", trial, time);
        if (i + 1 == trial->moments.count)
            peek(trial, &moment->expected);
        bag_pair_deinit(&moment->expected);
    }
    trial->moments.count = 0;
    dataflow_plan_free(builder.plan);
}

static void
start(Trial *trial, uint64_t id, bool everything)
{
    uint32_t node;
    PlanBuilder builder = make_plan(trial, trial->rig->now, false, &node);
    plan_export_subscribe(&builder, node, id, true);
    if (everything) {
        plan_export_index(&builder, node, INDEXED,
                          plan_node(&builder, node)->column_count > 0 ? COLUMNS(0) : NO_COLUMNS);
        plan_export_shard(&builder, node, MATERIALIZED);
    }
    rig_create(trial->rig, &builder);
}

void
trial_run(TrialPlan plan, const TrialOptions *options)
{
    Rig *rig = rig_new(options->seed, 0);
    Trial trial = {.rig = rig, .make = plan, .options = options};
    int rounds = options->rounds == 0 ? 12 : options->rounds;
    rig->now = 10;
    rig_shard(rig, TRIAL_A, trial_types, TRIAL_COLUMNS, true);
    rig_shard(rig, TRIAL_B, trial_types, TRIAL_COLUMNS, true);
    rig_shard(rig, TRIAL_FED, trial_types, TRIAL_COLUMNS, false);
    for (int i = 0; i < 3; i++) {
        change_all(&trial, 12);
        pass_to(&trial, rig->now + 1 + rig_random(rig, 3));
    }
    if (options->indexed)
        create_indexes(rig);
    start(&trial, SUBSCRIBED, true);
    vector_push(&trial.moments, ((Moment){rig->now, expected_now(&trial)}));
    for (int round = 0; round < rounds; round++) {
        for (uint64_t ticks = rig_random(rig, 4) + 1; ticks > 0; ticks--) {
            change_all(&trial, rig_random(rig, 4) == 0 ? 20 : 4);
            pass_to(&trial, rig->now + 1 + rig_random(rig, 3));
            vector_push(&trial.moments, ((Moment){rig->now, expected_now(&trial)}));
        }
        if (round == rounds / 2) {
            trial.is_late = true;
            trial.late_from = rig->now;
            start(&trial, LATE, false);
        }
        settle(&trial);
    }
    vector_deinit(&trial.moments);
    rig_free(rig);
}
