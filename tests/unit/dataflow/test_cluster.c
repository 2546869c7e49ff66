#include <check.h>

#include "tests/unit/dataflow/trial.h"

enum { INDEX = 500, OUT = 600, MORE = 700 };

static Rig *
rig_with_rows(int rows)
{
    Rig *rig = rig_new(7, 0);
    rig->now = 10;
    rig_shard(rig, TRIAL_A, trial_types, TRIAL_COLUMNS, true);
    rig_shard(rig, TRIAL_B, trial_types, TRIAL_COLUMNS, true);
    rig_shard(rig, TRIAL_FED, trial_types, TRIAL_COLUMNS, false);
    Datum values[TRIAL_COLUMNS];
    for (int i = 0; i < rows; i++)
        for (int k = 0; k < 2; k++) {
            trial_row(rig, values);
            rig_update(&rig->shards[k], values, 1);
        }
    rig_tick(rig, 20);
    return rig;
}

static void
insert(RigShard *shard, int64_t k, int64_t v)
{
    rig_update(shard, (Datum[]){datum_int(k), datum_int(v), datum_text("x"), datum_int(1)}, 1);
}

static uint64_t
create_index(Rig *rig, uint64_t collection, uint64_t id, Columns key)
{
    PlanBuilder builder = plan_builder_new(rig->now, false);
    plan_export_index(&builder, trial_get(&builder, collection), id, key);
    return rig_create(rig, &builder);
}

static void
expect_bags(const BagPair *expected, BagPair found, const char *what, Timestamp time)
{
    bag_pair_expect(expected, &found, what, 0, time);
    bag_pair_deinit(&found);
}

START_TEST(an_idle_index_moves_with_every_tick)
{
    Rig *rig = rig_with_rows(10);
    create_index(rig, TRIAL_A, INDEX, COLUMNS(0));
    rig_wait_hydrated(rig, INDEX);
    ck_assert_uint_ge(cluster_export_frontier(rig->cluster, INDEX), 21);
    insert(&rig->shards[1], 1, 1);
    rig_tick(rig, 30);
    rig_tick(rig, 40);
    rig_wait_frontier(rig, INDEX, 40);
    expect_bags(&rig->shards[0].content, rig_index_at(rig, INDEX, trial_types, TRIAL_COLUMNS, 40), "the index", 40);
    ck_assert_uint_eq(rig_export(rig, INDEX)->upper, 0); /* nothing was reported: nothing was done */
    rig_free(rig);
}
END_TEST

START_TEST(an_index_frontier_is_zero_before_it_is_hydrated_and_after_it_is_dropped)
{
    Rig *rig = rig_with_rows(3);
    ck_assert_uint_eq(cluster_export_frontier(rig->cluster, INDEX), 0);
    IndexSnapshot snapshot;
    ck_assert(!cluster_index_snapshot(rig->cluster, INDEX, &snapshot));
    uint64_t dataflow = create_index(rig, TRIAL_A, INDEX, COLUMNS(0));
    rig_wait_hydrated(rig, INDEX);
    ck_assert(cluster_index_snapshot(rig->cluster, INDEX, &snapshot));
    rig_drop(rig, dataflow);
    ck_assert_uint_eq(cluster_export_frontier(rig->cluster, INDEX), 0);
    ck_assert_uint_eq(snapshot.frontier, 21); /* a snapshot in hand stays readable */
    ck_assert(!spine_snapshot_is_empty(snapshot.rows));
    index_snapshot_release(&snapshot);
    rig_free(rig);
}
END_TEST

START_TEST(dropping_what_is_not_there_is_answered)
{
    Rig *rig = rig_with_rows(1);
    rig_drop(rig, 424242);
    rig_free(rig);
}
END_TEST

START_TEST(updates_that_the_snapshot_has_are_not_seen_twice)
{
    Rig *rig = rig_with_rows(5);
    create_index(rig, TRIAL_A, INDEX, COLUMNS(0));
    /* The store is ahead of the cluster: it has tick 30 when the snapshot is taken, and the tick comes after. */
    insert(&rig->shards[0], 4, 44);
    Tick *tick = tick_new(30);
    TickDelta delta = {.shard_id = TRIAL_A};
    Chunk *chunk = NULL;
    {
        ChunkBuilder copy;
        chunk_builder_init(&copy, trial_types, TRIAL_COLUMNS);
        chunk_builder_append_datums(&copy, (Datum[]){datum_int(4), datum_int(44), datum_text("x"), datum_int(1)}, 30,
                                    1);
        chunk = chunk_builder_finish(&copy);
        chunk_builder_deinit(&copy);
    }
    vector_push(&delta.rows, chunk);
    vector_push(&tick->deltas, delta);
    rig_store_only(rig, 30);
    PlanBuilder builder = plan_builder_new(20, false); /* as of before the tick */
    plan_export_subscribe(&builder, trial_get(&builder, TRIAL_A), OUT, true);
    rig_create(rig, &builder);
    builder = plan_builder_new(30, false); /* and at it */
    plan_export_subscribe(&builder, trial_get(&builder, TRIAL_A), MORE, true);
    rig_create(rig, &builder);
    cluster_tick(rig->cluster, tick);
    tick_release(tick);
    rig_tick(rig, 31);
    rig_wait_upper(rig, OUT, 32);
    rig_wait_upper(rig, MORE, 32);
    rig_wait_frontier(rig, INDEX, 31);
    const BagPair *expected = &rig->shards[0].content;
    expect_bags(expected, rig_updates_at(rig, OUT, trial_types, TRIAL_COLUMNS, 31), "from before", 31);
    expect_bags(expected, rig_updates_at(rig, MORE, trial_types, TRIAL_COLUMNS, 31), "from then", 31);
    expect_bags(expected, rig_index_at(rig, INDEX, trial_types, TRIAL_COLUMNS, 31), "the index", 31);
    BagPair before = rig_updates_at(rig, OUT, trial_types, TRIAL_COLUMNS, 29);
    ck_assert_uint_lt(bag_size(&before.rows), bag_size(&expected->rows) + 1);
    bag_pair_deinit(&before);
    rig_free(rig);
}
END_TEST

START_TEST(a_dataflow_waits_until_all_its_imports_have_reached_its_as_of)
{
    Rig *rig = rig_with_rows(5);
    insert(&rig->shards[2], 1, 1);
    PlanBuilder builder = plan_builder_new(20, false);
    uint32_t inputs[] = {trial_get(&builder, TRIAL_A), trial_get(&builder, TRIAL_FED)};
    uint32_t both = plan_union(&builder, inputs, 2);
    plan_export_subscribe(&builder, both, OUT, true);
    rig_create(rig, &builder);
    builder = plan_builder_new(20, false);
    plan_export_subscribe(&builder, trial_get(&builder, TRIAL_A), MORE, true);
    rig_create(rig, &builder);
    rig_tick(rig, 25);
    rig_wait_upper(rig, MORE, 26);
    ck_assert(!rig_export(rig, OUT)->hydrated);
    rig_feed(rig, &rig->shards[2], 18);
    insert(&rig->shards[2], 2, 2);
    rig_feed(rig, &rig->shards[2], 20);
    rig_wait_hydrated(rig, OUT);
    ck_assert_uint_eq(rig_export(rig, OUT)->upper, 21);
    BagPair found = rig_updates_at(rig, OUT, trial_types, TRIAL_COLUMNS, 20);
    ck_assert_uint_ge(bag_size(&found.rows), 2);
    bag_pair_deinit(&found);
    rig_free(rig);
}
END_TEST

START_TEST(a_dataflow_steps_to_the_least_of_its_imports)
{
    Rig *rig = rig_with_rows(5);
    rig_feed(rig, &rig->shards[2], 20);
    PlanBuilder builder = plan_builder_new(20, false);
    uint32_t inputs[] = {trial_get(&builder, TRIAL_A), trial_get(&builder, TRIAL_FED)};
    plan_export_shard(&builder, plan_union(&builder, inputs, 2), OUT);
    rig_create(rig, &builder);
    rig_wait_hydrated(rig, OUT);
    insert(&rig->shards[0], 1, 1);
    rig_tick(rig, 30);
    insert(&rig->shards[0], 2, 2);
    rig_tick(rig, 31);
    rig_feed(rig, &rig->shards[2], 30);
    rig_wait_upper(rig, OUT, 31);
    rig_wait_frontier(rig, OUT, 30);
    ck_assert_uint_eq(cluster_export_frontier(rig->cluster, OUT), 31);
    rig_feed(rig, &rig->shards[2], 40);
    rig_wait_upper(rig, OUT, 32);
    rig_wait_frontier(rig, OUT, 31);
    ck_assert_uint_eq(cluster_export_frontier(rig->cluster, OUT), 32); /* the ticks are behind now */
    rig_free(rig);
}
END_TEST

START_TEST(a_fed_collection_may_have_many_times_in_one_chunk)
{
    Rig *rig = rig_with_rows(0);
    PlanBuilder builder = plan_builder_new(20, false);
    rig_feed(rig, &rig->shards[2], 20);
    plan_export_subscribe(&builder, trial_get(&builder, TRIAL_FED), OUT, true);
    rig_create(rig, &builder);
    ChunkBuilder rows;
    chunk_builder_init(&rows, trial_types, TRIAL_COLUMNS);
    for (Timestamp time = 30; time > 25; time--) {
        Datum values[] = {datum_int((int64_t) time), datum_int(0), datum_text(""), datum_int(0)};
        chunk_builder_append_datums(&rows, values, time, 1);
    }
    ChunkVector chunks = {0};
    vector_push(&chunks, chunk_builder_finish(&rows));
    chunk_builder_deinit(&rows);
    cluster_feed(rig->cluster, TRIAL_FED, &chunks, NULL, 41);
    rig_wait_upper(rig, OUT, 41);
    for (Timestamp time = 24; time <= 31; time++) {
        BagPair found = rig_updates_at(rig, OUT, trial_types, TRIAL_COLUMNS, time);
        ck_assert_uint_eq(bag_size(&found.rows), time < 26 ? 0 : time > 30 ? 5 : time - 25);
        bag_pair_deinit(&found);
    }
    rig_free(rig);
}
END_TEST

/* A join of an index of this cluster with a collection. */
static PlanBuilder
join_over_index(Timestamp as_of, bool one_shot, uint32_t *node)
{
    PlanBuilder builder = plan_builder_new(as_of, one_shot);
    uint32_t inputs[] = {plan_get_index(&builder, TRIAL_A, INDEX, COLUMNS(0), trial_types, TRIAL_COLUMNS),
                         trial_get(&builder, TRIAL_B)};
    *node = plan_join(&builder, inputs, 2, (Columns[]){COLUMNS(0)}, (Columns[]){COLUMNS(1)}, NULL, COLUMNS(0, 1, 4, 5));
    return builder;
}

static BagPair
expected_join(Rig *rig)
{
    uint32_t node;
    PlanBuilder builder = join_over_index(0, false, &node);
    BagPair contents[2] = {rig->shards[0].content, rig->shards[1].content};
    BagPair result = reference_evaluate(builder.plan, contents, node, rig->now);
    result.rows.types = NULL; /* they go with the plan */
    dataflow_plan_free(builder.plan);
    return result;
}

static const SqlType join_types[] = {
    {.id = TYPE_INT8, .typmod = -1},
    {.id = TYPE_INT8, .typmod = -1},
    {.id = TYPE_INT8, .typmod = -1},
    {.id = TYPE_INT8, .typmod = -1},
};

static void
expect_join(Rig *rig, uint64_t export_id)
{
    BagPair expected = expected_join(rig);
    expected.rows.types = join_types;
    expect_bags(&expected, rig_updates_at(rig, export_id, join_types, 4, rig->now), "a join over an index", rig->now);
    bag_pair_deinit(&expected);
}

START_TEST(dataflows_share_an_index_and_follow_it)
{
    Rig *rig = rig_with_rows(20);
    uint32_t node;
    create_index(rig, TRIAL_A, INDEX, COLUMNS(0));
    PlanBuilder builder = join_over_index(20, false, &node); /* before the index is hydrated, perhaps */
    plan_export_subscribe(&builder, node, OUT, true);
    rig_create(rig, &builder);
    for (Timestamp time = 30; time < 60; time++) {
        if (time % 3 > 0)
            trial_change(rig, &rig->shards[0], 3, true);
        if (time % 2 > 0)
            trial_change(rig, &rig->shards[1], 3, true);
        rig_tick(rig, time);
        if (time == 40) {
            rig_wait_frontier(rig, INDEX, 40);
            builder = join_over_index(40, false, &node);
            plan_export_subscribe(&builder, node, MORE, true);
            rig_create(rig, &builder);
        }
        rig_wait_upper(rig, OUT, time + 1);
        expect_join(rig, OUT);
        if (time > 40) {
            rig_wait_upper(rig, MORE, time + 1);
            expect_join(rig, MORE);
        }
    }
    rig_free(rig);
}
END_TEST

START_TEST(an_index_can_be_joined_to_in_the_middle_of_its_step)
{
    Rig *rig = rig_with_rows(20);
    PlanBuilder builder = plan_builder_new(20, false);
    uint32_t get = trial_get(&builder, TRIAL_A), node;
    /* Two, so that one has its rows while the other is being built, in a slice of its own. */
    plan_export_index(&builder, get, INDEX, COLUMNS(0));
    plan_export_index(&builder, get, INDEX + 1, COLUMNS(1));
    rig_create(rig, &builder);
    rig_wait_hydrated(rig, INDEX);
    for (int64_t i = 0; i < 200000; i++)
        insert(&rig->shards[0], i % 50000 + 10, i);
    rig_tick(rig, 30);
    int readers = 0;
    while (readers < 40 && cluster_export_frontier(rig->cluster, INDEX) <= 30) {
        builder = join_over_index(20, false, &node);
        plan_export_subscribe(&builder, node, (uint64_t) (MORE + readers++), true);
        rig_create(rig, &builder);
        for (volatile int spin = 0; spin < 2000000; spin++)
            ;
    }
    trial_change(rig, &rig->shards[1], 10, false);
    rig_tick(rig, 31);
    for (int i = 0; i < readers; i++)
        rig_wait_upper(rig, (uint64_t) (MORE + i), 32);
    for (int i = 0; i < readers; i++)
        expect_join(rig, (uint64_t) (MORE + i));
    rig_free(rig);
}
END_TEST

START_TEST(a_shared_index_takes_no_memory_twice)
{
    Rig *rig = rig_with_rows(0);
    for (int64_t i = 0; i < 20000; i++)
        insert(&rig->shards[0], i, i);
    rig_tick(rig, 21);
    create_index(rig, TRIAL_A, INDEX, COLUMNS(0));
    rig_wait_hydrated(rig, INDEX);
    ClusterStatistics before, after;
    cluster_statistics(rig->cluster, &before);
    uint32_t node;
    PlanBuilder builder = join_over_index(21, false, &node);
    plan_export_subscribe(&builder, node, OUT, true);
    rig_create(rig, &builder);
    rig_wait_hydrated(rig, OUT);
    cluster_statistics(rig->cluster, &after);
    ck_assert_uint_gt(before.memory_bytes, 20000 * 16);
    ck_assert_uint_lt(after.memory_bytes, before.memory_bytes + before.memory_bytes / 2 + 400000);
    rig_free(rig);
}
END_TEST

START_TEST(an_index_that_is_read_lives_on_when_it_is_dropped)
{
    Rig *rig = rig_with_rows(20);
    uint32_t node;
    uint64_t index = create_index(rig, TRIAL_A, INDEX, COLUMNS(0));
    rig_wait_hydrated(rig, INDEX);
    PlanBuilder builder = join_over_index(20, false, &node);
    plan_export_subscribe(&builder, node, OUT, true);
    uint64_t reader = rig_create(rig, &builder);
    rig_wait_hydrated(rig, OUT);
    rig_drop(rig, index);
    ck_assert_uint_eq(cluster_export_frontier(rig->cluster, INDEX), 0);
    trial_change(rig, &rig->shards[0], 5, false);
    rig_tick(rig, 30);
    rig_wait_upper(rig, OUT, 31);
    expect_join(rig, OUT);
    rig_drop(rig, reader);
    create_index(rig, TRIAL_A, INDEX, COLUMNS(0)); /* the name is free again */
    rig_wait_hydrated(rig, INDEX);
    ClusterStatistics statistics;
    rig_tick(rig, 31);
    rig_wait_frontier(rig, INDEX, 31);
    cluster_statistics(rig->cluster, &statistics);
    ck_assert_uint_eq(statistics.dataflows, 1);
    rig_free(rig);
}
END_TEST

START_TEST(a_one_shot_read_uses_an_index)
{
    Rig *rig = rig_with_rows(30);
    uint32_t node;
    create_index(rig, TRIAL_A, INDEX, COLUMNS(0));
    PlanBuilder builder = join_over_index(20, true, &node);
    plan_export_peek(&builder, node, OUT);
    rig_create(rig, &builder);
    rig_wait_peeked(rig, OUT);
    expect_join(rig, OUT);
    rig_free(rig);
}
END_TEST

START_TEST(an_index_that_is_not_there_fails_the_dataflow)
{
    Rig *rig = rig_with_rows(1);
    uint32_t node;
    PlanBuilder builder = join_over_index(20, false, &node);
    plan_export_subscribe(&builder, node, OUT, true);
    rig_create(rig, &builder);
    rig_wait_failed(rig, OUT);
    ck_assert_str_eq(rig_export(rig, OUT)->error.sqlstate, SQLSTATE_UNDEFINED_OBJECT);
    rig_free(rig);
}
END_TEST

START_TEST(a_broken_plan_fails_its_exports)
{
    Rig *rig = rig_with_rows(1);
    PlanBuilder builder = plan_builder_new(20, false);
    uint32_t get = trial_get(&builder, TRIAL_A);
    builder.plan->nodes[plan_distinct(&builder, get)].inputs[0] = 9;
    plan_export_subscribe(&builder, 1, OUT, true);
    rig_create(rig, &builder);
    rig_wait_failed(rig, OUT);
    ck_assert_str_eq(rig_export(rig, OUT)->error.sqlstate, SQLSTATE_INTERNAL_ERROR);
    rig_free(rig);
}
END_TEST

static void
fill(Rig *rig, int64_t rows)
{
    for (int64_t i = 0; i < rows; i++)
        for (int k = 0; k < 2; k++)
            insert(&rig->shards[k], i % 100, i);
    rig_tick(rig, 21);
}

START_TEST(a_dataflow_is_dropped_while_it_hydrates_and_others_go_on)
{
    Rig *rig = rig_with_rows(0);
    fill(rig, 60000);
    create_index(rig, TRIAL_B, INDEX, COLUMNS(0));
    rig_wait_hydrated(rig, INDEX);
    PlanBuilder builder = plan_builder_new(21, false);
    uint32_t inputs[] = {trial_get(&builder, TRIAL_A), trial_get(&builder, TRIAL_B)};
    /* 100 keys with 600 rows on each side: 36 million pairs. */
    uint32_t join =
        plan_join(&builder, inputs, 2, (Columns[]){COLUMNS(0)}, (Columns[]){COLUMNS(0)}, NULL, COLUMNS(1, 5));
    plan_export_subscribe(&builder, plan_reduce(&builder, join, COLUMNS(0, 1), NULL, 0), OUT, true);
    uint64_t heavy = rig_create(rig, &builder);
    for (Timestamp time = 22; time < 32; time++) {
        insert(&rig->shards[1], 1, (int64_t) time);
        rig_tick(rig, time);
        rig_wait_frontier(rig, INDEX, time);
    }
    ck_assert(!rig_export(rig, OUT)->hydrated);
    rig_drop(rig, heavy);
    rig_tick(rig, 40);
    rig_wait_frontier(rig, INDEX, 40);
    ck_assert(!rig_export(rig, OUT)->hydrated);
    ck_assert_uint_eq(rig_export(rig, OUT)->rows.count, 0);
    rig_free(rig);
}
END_TEST

START_TEST(a_cluster_ends_in_the_middle_of_a_hydration)
{
    Rig *rig = rig_with_rows(0);
    fill(rig, 30000);
    PlanBuilder builder = plan_builder_new(21, false);
    uint32_t inputs[] = {trial_get(&builder, TRIAL_A), trial_get(&builder, TRIAL_B)};
    uint32_t join =
        plan_join(&builder, inputs, 2, (Columns[]){COLUMNS(0)}, (Columns[]){COLUMNS(0)}, NULL, COLUMNS(1, 5));
    plan_export_subscribe(&builder, join, OUT, true);
    rig_create(rig, &builder);
    rig_free(rig);
}
END_TEST

START_TEST(hydrating_many_rows_in_slices_equals_the_collection)
{
    Rig *rig = rig_with_rows(0);
    rig->now = 1000000;
    for (int64_t i = 0; i < 700000; i++)
        insert(&rig->shards[0], i * 7919 % 100003, i % 10);
    rig_tick(rig, 1000001);
    create_index(rig, TRIAL_A, INDEX, COLUMNS(0));
    PlanBuilder builder = plan_builder_new(1000001, false);
    uint32_t get = trial_get(&builder, TRIAL_A);
    PlanAggregate aggregates[] = {plan_aggregate(&builder, get, "count", -1), plan_aggregate(&builder, get, "max", 0)};
    plan_export_subscribe(&builder, plan_reduce(&builder, get, COLUMNS(1), aggregates, 2), OUT, true);
    rig_create(rig, &builder);
    rig_wait_hydrated(rig, INDEX);
    rig_wait_hydrated(rig, OUT);
    expect_bags(&rig->shards[0].content, rig_index_at(rig, INDEX, trial_types, TRIAL_COLUMNS, 1000001), "the index", 0);
    SqlType types[] = {SQL_TYPE(INT8), SQL_TYPE(INT8), SQL_TYPE(INT8)};
    BagPair found = rig_updates_at(rig, OUT, types, 3, 1000001);
    ck_assert_uint_eq(bag_size(&found.rows), 10);
    const BagRow *row;
    for (size_t i = 0; bag_next(&found.rows, &i, &row);)
        ck_assert_int_eq(row->values[1].i, 70000);
    bag_pair_deinit(&found);
    rig_free(rig);
}
END_TEST

START_TEST(many_rows_with_retractions_are_consolidated_in_slices)
{
    Rig *rig = rig_with_rows(0);
    rig->now = 1000000;
    for (int64_t i = 0; i < 150000; i++)
        insert(&rig->shards[0], i * 7919 % 150000, i % 10);
    rig_tick(rig, 1000001);
    for (int64_t i = 0; i < 150000; i += 3)
        rig_update(&rig->shards[0],
                   (Datum[]){datum_int(i * 7919 % 150000), datum_int(i % 10), datum_text("x"), datum_int(1)}, -1);
    rig_tick(rig, 1000002);
    PlanBuilder builder = plan_builder_new(1000002, true);
    plan_export_peek(&builder, trial_get(&builder, TRIAL_A), OUT);
    SortKey *order = arena_new_array(builder.arena, SortKey, 1);
    order[0] = (SortKey){.column = 0, .descending = true};
    builder.plan->exports[0].finishing.order = order;
    builder.plan->exports[0].finishing.order_count = 1;
    rig_create(rig, &builder);
    builder = plan_builder_new(1000002, false);
    plan_export_subscribe(&builder, trial_get(&builder, TRIAL_A), MORE, true);
    rig_create(rig, &builder);
    rig_wait_hydrated(rig, MORE);
    rig_wait_peeked(rig, OUT);
    ck_assert(!rig_export(rig, OUT)->failed);
    expect_bags(&rig->shards[0].content, rig_updates_at(rig, OUT, trial_types, TRIAL_COLUMNS, 1000002), "the peek", 0);
    expect_bags(&rig->shards[0].content, rig_updates_at(rig, MORE, trial_types, TRIAL_COLUMNS, 1000002),
                "the subscription", 0);
    int64_t previous = INT64_MAX;
    const RigExport *peeked = rig_export(rig, OUT);
    for (size_t i = 0; i < peeked->rows.count; i++)
        for (uint32_t row = 0; row < peeked->rows.items[i]->count; row++) {
            int64_t value = ((const int64_t *) peeked->rows.items[i]->columns[0]->values)[row];
            ck_assert_int_lt(value, previous);
            previous = value;
        }
    rig_free(rig);
}
END_TEST

START_TEST(a_dataflow_that_outgrows_the_cluster_fails_and_the_others_live)
{
    Rig *rig = rig_new(3, 6 * 1024 * 1024);
    rig->now = 10;
    rig_shard(rig, TRIAL_A, trial_types, TRIAL_COLUMNS, true);
    rig_shard(rig, TRIAL_B, trial_types, TRIAL_COLUMNS, true);
    insert(&rig->shards[1], 1, 1);
    for (int64_t i = 0; i < 300000; i++)
        insert(&rig->shards[0], i, i);
    rig_tick(rig, 20);
    create_index(rig, TRIAL_B, INDEX, COLUMNS(0));
    rig_wait_hydrated(rig, INDEX);
    create_index(rig, TRIAL_A, INDEX + 1, COLUMNS(0));
    rig_wait_failed(rig, INDEX + 1);
    ck_assert_str_eq(rig_export(rig, INDEX + 1)->error.sqlstate, SQLSTATE_OUT_OF_MEMORY);
    ck_assert_uint_eq(cluster_export_frontier(rig->cluster, INDEX + 1), 0);
    rig_tick(rig, 30);
    rig_wait_frontier(rig, INDEX, 30);
    rig_free(rig);
}
END_TEST

START_TEST(a_subscription_ends_where_it_was_told_to)
{
    Rig *rig = rig_with_rows(3);
    PlanBuilder builder = plan_builder_new(20, false);
    builder.plan->until = 35;
    plan_export_subscribe(&builder, trial_get(&builder, TRIAL_A), OUT, false);
    uint64_t dataflow = rig_create(rig, &builder);
    rig_wait_hydrated(rig, OUT);
    insert(&rig->shards[0], 1, 1);
    rig_tick(rig, 34);
    insert(&rig->shards[0], 2, 2);
    rig_tick(rig, 36);
    rig_wait_ended(rig, dataflow);
    ck_assert_uint_eq(rig_export(rig, OUT)->upper, 35);
    BagPair found = rig_updates_at(rig, OUT, trial_types, TRIAL_COLUMNS, 100);
    ck_assert_uint_eq(bag_size(&found.rows), 1);
    bag_pair_deinit(&found);
    rig_free(rig);
}
END_TEST

START_TEST(a_subscription_to_a_constant_is_complete_at_once)
{
    Rig *rig = rig_with_rows(0);
    PlanBuilder builder = plan_builder_new(20, false);
    SqlType type = SQL_TYPE(INT8);
    Datum one = datum_int(1);
    plan_export_subscribe(&builder, plan_constant(&builder, &type, 1, &one, 1), OUT, true);
    uint64_t dataflow = rig_create(rig, &builder);
    rig_wait_ended(rig, dataflow);
    BagPair found = rig_updates_at(rig, OUT, &type, 1, 20);
    ck_assert_uint_eq(bag_size(&found.rows), 1);
    bag_pair_deinit(&found);
    ck_assert_uint_eq(rig_export(rig, OUT)->upper, TIMESTAMP_MAX);
    rig_free(rig);
}
END_TEST

START_TEST(a_temporal_filter_says_when_it_wants_a_tick)
{
    Rig *rig = rig_with_rows(0);
    insert(&rig->shards[0], 50, 0);
    insert(&rig->shards[0], 60, 0);
    rig_tick(rig, 21);
    PlanBuilder builder = plan_builder_new(21, false);
    uint32_t get = trial_get(&builder, TRIAL_A);
    Scalar *until = scalar_column(builder.arena, 0, SQL_TYPE(MZ_TIMESTAMP), true);
    plan_export_shard(&builder, plan_temporal(&builder, get, NULL, until), OUT);
    rig_create(rig, &builder);
    rig_wait_hydrated(rig, OUT);
    rig_tick(rig, 22);
    rig_wait_upper(rig, OUT, 23);
    ck_assert_uint_eq(cluster_next_wakeup(rig->cluster), 50);
    rig_tick(rig, 55); /* empty, and late */
    rig_wait_upper(rig, OUT, 56);
    BagPair before = rig_updates_at(rig, OUT, trial_types, TRIAL_COLUMNS, 49);
    BagPair after = rig_updates_at(rig, OUT, trial_types, TRIAL_COLUMNS, 50);
    ck_assert_uint_eq(bag_size(&before.rows), 2);
    ck_assert_uint_eq(bag_size(&after.rows), 1);
    bag_pair_deinit(&before);
    bag_pair_deinit(&after);
    rig_free(rig);
}
END_TEST

START_TEST(an_as_of_before_what_an_index_remembers_is_refused)
{
    Rig *rig = rig_with_rows(2);
    create_index(rig, TRIAL_A, INDEX, COLUMNS(0));
    rig_wait_hydrated(rig, INDEX);
    for (Timestamp time = 2000; time < 6000; time += 1000) {
        insert(&rig->shards[0], 1, (int64_t) time);
        rig_tick(rig, time);
    }
    rig_wait_frontier(rig, INDEX, 5000);
    uint32_t node;
    PlanBuilder builder = join_over_index(2000, false, &node);
    plan_export_subscribe(&builder, node, OUT, true);
    rig_create(rig, &builder);
    rig_wait_failed(rig, OUT);
    ck_assert_str_eq(rig_export(rig, OUT)->error.sqlstate, SQLSTATE_DATA_EXCEPTION);
    rig_free(rig);
}
END_TEST

START_TEST(an_index_remembers_what_compaction_was_not_allowed_to_forget)
{
    Rig *rig = rig_with_rows(2);
    create_index(rig, TRIAL_A, INDEX, COLUMNS(0));
    rig_wait_hydrated(rig, INDEX);
    cluster_allow_compaction(rig->cluster, INDEX, 100);
    for (Timestamp time = 1000; time < 9000; time += 1000) {
        insert(&rig->shards[0], 1, (int64_t) time);
        rig_tick(rig, time);
    }
    rig_wait_frontier(rig, INDEX, 8000);
    BagPair found = rig_index_at(rig, INDEX, trial_types, TRIAL_COLUMNS, 3500);
    BagPair all = rig_index_at(rig, INDEX, trial_types, TRIAL_COLUMNS, 8000);
    ck_assert_uint_eq(bag_size(&found.rows) + 5, bag_size(&all.rows));
    bag_pair_deinit(&found);
    bag_pair_deinit(&all);
    rig_free(rig);
}
END_TEST

START_TEST(a_peek_of_what_was_never_inserted_fails)
{
    Rig *rig = rig_with_rows(0);
    rig_update(&rig->shards[0], (Datum[]){datum_int(1), datum_int(1), datum_text(""), datum_int(0)}, -2);
    rig_tick(rig, 21);
    PlanBuilder builder = plan_builder_new(21, true);
    plan_export_peek(&builder, trial_get(&builder, TRIAL_A), OUT);
    rig_create(rig, &builder);
    rig_wait_peeked(rig, OUT);
    ck_assert(rig_export(rig, OUT)->failed);
    ck_assert_str_eq(rig_export(rig, OUT)->error.sqlstate, SQLSTATE_INTERNAL_ERROR);
    ck_assert_str_eq(rig_export(rig, OUT)->error.message,
                     "Invalid data in source, saw retractions (2) for row that does not exist");
    rig_free(rig);
}
END_TEST

START_TEST(frontiers_that_are_only_told_take_one_place_in_the_queue)
{
    Rig *rig = rig_with_rows(1);
    PlanBuilder builder = plan_builder_new(20, false);
    plan_export_shard(&builder, trial_get(&builder, TRIAL_A), OUT);
    rig_create(rig, &builder);
    rig_wait_hydrated(rig, OUT);
    create_index(rig, TRIAL_A, INDEX, COLUMNS(0));
    rig_wait_hydrated(rig, INDEX);
    for (Timestamp time = 30; time < 130; time++)
        rig_tick(rig, time);
    /* Nobody polls while the ticks pass; the index says when they have. */
    while (cluster_export_frontier(rig->cluster, OUT) <= 129)
        ;
    rig_tick(rig, 130);
    ClusterResult result;
    int count = 0;
    Timestamp upper = 0;
    while (upper < 131)
        while (cluster_poll(rig->cluster, &result)) {
            ck_assert_int_eq(result.kind, CLUSTER_FRONTIER);
            upper = result.upper;
            count++;
            cluster_result_deinit(&result);
        }
    ck_assert_int_le(count, 4);
    rig_free(rig);
}
END_TEST

static void
count_export(void *context, uint64_t export_id, uint64_t records, uint64_t bytes)
{
    uint64_t *found = context;
    found[0] += export_id == INDEX ? records : 0;
    found[1] += export_id == INDEX ? bytes : 0;
}

START_TEST(exports_tell_their_records_and_bytes)
{
    Rig *rig = rig_with_rows(0);
    for (int64_t i = 0; i < 100; i++)
        insert(&rig->shards[0], i, i);
    rig_tick(rig, 21);
    create_index(rig, TRIAL_A, INDEX, COLUMNS(0));
    rig_wait_hydrated(rig, INDEX);
    uint64_t found[2] = {0};
    cluster_list_exports(rig->cluster, count_export, found);
    ck_assert_uint_eq(found[0], 100);
    ck_assert_uint_gt(found[1], 1600);
    rig_free(rig);
}
END_TEST

Suite *suite_dataflow_cluster(void);

Suite *
suite_dataflow_cluster(void)
{
    Suite *suite = suite_create("dataflow/cluster");
    TCase *tcase = tcase_create("cluster");
    tcase_set_timeout(tcase, 600);
    tcase_add_test(tcase, an_idle_index_moves_with_every_tick);
    tcase_add_test(tcase, an_index_frontier_is_zero_before_it_is_hydrated_and_after_it_is_dropped);
    tcase_add_test(tcase, dropping_what_is_not_there_is_answered);
    tcase_add_test(tcase, updates_that_the_snapshot_has_are_not_seen_twice);
    tcase_add_test(tcase, a_dataflow_waits_until_all_its_imports_have_reached_its_as_of);
    tcase_add_test(tcase, a_dataflow_steps_to_the_least_of_its_imports);
    tcase_add_test(tcase, a_fed_collection_may_have_many_times_in_one_chunk);
    tcase_add_test(tcase, dataflows_share_an_index_and_follow_it);
    tcase_add_test(tcase, an_index_can_be_joined_to_in_the_middle_of_its_step);
    tcase_add_test(tcase, a_shared_index_takes_no_memory_twice);
    tcase_add_test(tcase, an_index_that_is_read_lives_on_when_it_is_dropped);
    tcase_add_test(tcase, a_one_shot_read_uses_an_index);
    tcase_add_test(tcase, an_index_that_is_not_there_fails_the_dataflow);
    tcase_add_test(tcase, a_broken_plan_fails_its_exports);
    tcase_add_test(tcase, a_dataflow_is_dropped_while_it_hydrates_and_others_go_on);
    tcase_add_test(tcase, a_cluster_ends_in_the_middle_of_a_hydration);
    tcase_add_test(tcase, hydrating_many_rows_in_slices_equals_the_collection);
    tcase_add_test(tcase, many_rows_with_retractions_are_consolidated_in_slices);
    tcase_add_test(tcase, a_dataflow_that_outgrows_the_cluster_fails_and_the_others_live);
    tcase_add_test(tcase, a_subscription_ends_where_it_was_told_to);
    tcase_add_test(tcase, a_subscription_to_a_constant_is_complete_at_once);
    tcase_add_test(tcase, a_temporal_filter_says_when_it_wants_a_tick);
    tcase_add_test(tcase, an_as_of_before_what_an_index_remembers_is_refused);
    tcase_add_test(tcase, an_index_remembers_what_compaction_was_not_allowed_to_forget);
    tcase_add_test(tcase, a_peek_of_what_was_never_inserted_fails);
    tcase_add_test(tcase, frontiers_that_are_only_told_take_one_place_in_the_queue);
    tcase_add_test(tcase, exports_tell_their_records_and_bytes);
    suite_add_tcase(suite, tcase);
    return suite;
}
