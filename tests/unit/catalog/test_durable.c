#include <check.h>
#include <stdlib.h>

#include "catalog/durable.h"
#include "collection/sort.h"

/* A catalog, and every row its durable shard got so far. */
static Catalog *catalog;
static ChunkVector written;
static Layout *layout;
static Error err;

static void
keep_durable(void *context, uint64_t shard, Chunk *rows)
{
    (void) context;
    if (shard == CATALOG_SHARD_ID)
        vector_push(&written, chunk_retain(rows));
    chunk_release(rows);
}

static void
apply(CatalogChange *change)
{
    catalog_change_rows(catalog, change, keep_durable, NULL);
    catalog_apply(catalog, change);
    catalog_change_free(change);
}

static void
apply_step(ChangeStep step)
{
    CatalogChange *change = catalog_change_new();
    vector_push(&change->steps, step);
    apply(change);
}

static void
setup(void)
{
    err = ERROR_INIT;
    catalog = catalog_new();
    layout = catalog_shard_layout();
    written = (ChunkVector){0};
    apply(catalog_bootstrap(catalog, "SCRAM-SHA-256$1:AA==$AA==:AA=="));
}

static void
teardown(void)
{
    catalog_free(catalog);
    layout_release(layout);
    chunk_vector_release(&written);
    error_clear(&err);
}

/* What a start would read: the sum of all rows. */
static Catalog *
load(void)
{
    Catalog *loaded = catalog_new();
    Chunk *rows = chunks_consolidate(written.items, written.count, layout->types, layout->column_count);
    for (uint32_t i = 0; rows != NULL && i < rows->count; i++)
        ck_assert_int_eq(chunk_diff(rows, i), 1);
    ck_assert_msg(catalog_load(loaded, &rows, rows == NULL ? 0 : 1, &err), "%s", err.message);
    chunk_release(rows);
    return loaded;
}

static Item *
table_make(const char *name)
{
    Item *item = item_new(ITEM_TABLE);
    Arena *arena = item->arena;
    item->id = catalog_allocate_id(catalog);
    item->oid = catalog_allocate_oid(catalog);
    item->schema = catalog_schema(catalog, "materialize", "public");
    item->name = arena_strdup(arena, name);
    item->owner = catalog_role(catalog, "materialize")->id;
    item->create_sql = "CREATE TABLE \"materialize\".\"public\".\"t\" (\"a\" int4 NOT NULL, \"b\" text DEFAULT 'x')";
    item->shard = item->id;
    item->created_at_ms = 1234567890123;
    item->desc = arena_new_struct(arena, RelationDesc);
    item->desc->column_count = 2;
    item->desc->columns = arena_new_array(arena, RelationColumn, 2);
    item->desc->columns[0] = (RelationColumn){.name = "a", .type = SQL_TYPE(INT4)};
    item->desc->columns[1] =
        (RelationColumn){.name = "b \"\n", .type = SQL_TYPE(TEXT), .nullable = true, .default_sql = "'x'"};
    item->desc->key_count = 1;
    item->desc->keys = arena_new_array(arena, RelationKey, 1);
    item->desc->keys[0] = (RelationKey){.columns = arena_new_array(arena, uint16_t, 1), .count = 1};
    return item;
}

static ObjectId
put_table(const char *name)
{
    Item *item = table_make(name);
    ObjectId id = item->id;
    apply_step((ChangeStep){.kind = CHANGE_PUT_ITEM, .item = item});
    return id;
}

static Item *
find(const Catalog *in, const char *name)
{
    const char *parts[] = {"materialize", "public", name};
    NameScope scope = {0};
    return catalog_resolve_item(in, &scope, parts, 3);
}

START_TEST(a_new_catalog_comes_back_with_its_default_objects)
{
    Catalog *loaded = load();
    const Role *role = catalog_role(loaded, "materialize");
    ck_assert(role->superuser && role->login && role->inherit);
    ck_assert_str_eq(role->verifier, "SCRAM-SHA-256$1:AA==$AA==:AA==");
    const Database *database = catalog_database(loaded, "materialize");
    ck_assert_uint_eq(database->owner, role->id);
    const Schema *schema = catalog_schema(loaded, "materialize", "public");
    ck_assert_ptr_eq(schema->database, database);
    const CatalogCluster *cluster = catalog_cluster(loaded, "quickstart");
    ck_assert(cluster->managed);
    ck_assert_str_eq(cluster->size, "25cc");
    ck_assert_int_eq(cluster->replica_count, 1);
    ck_assert_str_eq(cluster->replicas[0].name, "r1");
    catalog_free(loaded);
}
END_TEST

START_TEST(ids_and_oids_are_not_given_out_twice)
{
    ObjectId id = put_table("t");
    uint32_t oid = catalog_item(catalog, id)->oid;
    apply_step((ChangeStep){.kind = CHANGE_DROP_ITEM, .id = id});
    Catalog *loaded = load();
    ck_assert_uint_gt(catalog_allocate_id(loaded), id);
    ck_assert_uint_gt(catalog_allocate_oid(loaded), oid);
    catalog_free(loaded);
}
END_TEST

START_TEST(a_table_comes_back_with_all_it_has)
{
    ObjectId id = put_table("t");
    Catalog *loaded = load();
    const Item *item = find(loaded, "t"), *made = catalog_item(catalog, id);
    ck_assert_ptr_nonnull(item);
    ck_assert_uint_eq(item->id, id);
    ck_assert_uint_eq(item->oid, made->oid);
    ck_assert_int_eq(item->kind, ITEM_TABLE);
    ck_assert_str_eq(item->create_sql, made->create_sql);
    ck_assert_uint_eq(item->shard, made->shard);
    ck_assert_int_eq(item->created_at_ms, 1234567890123);
    ck_assert_ptr_null(item->comment);
    ck_assert_int_eq(item->desc->column_count, 2);
    ck_assert_str_eq(item->desc->columns[0].name, "a");
    ck_assert_int_eq(item->desc->columns[0].type.id, TYPE_INT4);
    ck_assert(!item->desc->columns[0].nullable);
    ck_assert_str_eq(item->desc->columns[1].name, "b \"\n");
    ck_assert(item->desc->columns[1].nullable);
    ck_assert_str_eq(item->desc->columns[1].default_sql, "'x'");
    ck_assert_int_eq(item->desc->key_count, 1);
    ck_assert_int_eq(item->desc->keys[0].count, 1);
    ck_assert_uint_eq(item->desc->keys[0].columns[0], 0);
    ck_assert_ptr_eq(catalog_item_by_oid(loaded, item->oid), item);
    catalog_free(loaded);
}
END_TEST

START_TEST(a_table_of_a_source_keeps_what_upstream_looked_like)
{
    Item *item = table_make("t");
    Arena *arena = item->arena;
    ObjectId dependency = put_table("the_source");
    item->source_kind = SOURCE_SUBSOURCE;
    item->source = dependency;
    item->depends_on_count = 1;
    item->depends_on = arena_new_array(arena, ObjectId, 1);
    item->depends_on[0] = dependency;
    item->upstream = arena_new_struct(arena, UpstreamTable);
    *item->upstream = (UpstreamTable){.oid = 4000000000u,
                                      .database = "postgres",
                                      .schema = "public",
                                      .name = "T t",
                                      .column_count = 2,
                                      .columns = arena_new_array(arena, UpstreamColumn, 2),
                                      .replica_identity = 'f'};
    item->upstream->columns[0] =
        (UpstreamColumn){.name = "a", .attnum = 1, .type_oid = 23, .typmod = -1, .not_null = true};
    item->upstream->columns[1] =
        (UpstreamColumn){.name = "e", .attnum = 3, .type_oid = 1042, .typmod = 14, .as_text = true, .excluded = true};
    apply_step((ChangeStep){.kind = CHANGE_PUT_ITEM, .item = item});
    Catalog *loaded = load();
    const Item *read = find(loaded, "t");
    ck_assert_int_eq(read->source_kind, SOURCE_SUBSOURCE);
    ck_assert_uint_eq(read->source, dependency);
    ck_assert_int_eq(read->depends_on_count, 1);
    ck_assert_uint_eq(read->depends_on[0], dependency);
    const UpstreamTable *upstream = read->upstream;
    ck_assert_uint_eq(upstream->oid, 4000000000u);
    ck_assert_str_eq(upstream->name, "T t");
    ck_assert_int_eq(upstream->replica_identity, 'f');
    ck_assert_int_eq(upstream->column_count, 2);
    ck_assert(upstream->columns[0].not_null && !upstream->columns[0].as_text && !upstream->columns[0].excluded);
    ck_assert_int_eq(upstream->columns[0].typmod, -1);
    ck_assert(!upstream->columns[1].not_null && upstream->columns[1].as_text && upstream->columns[1].excluded);
    ck_assert_int_eq(upstream->columns[1].attnum, 3);
    ck_assert_int_eq(upstream->columns[1].typmod, 14);
    catalog_free(loaded);
}
END_TEST

START_TEST(a_connection_keeps_its_options_and_a_source_its_slot)
{
    Item *item = table_make("c");
    item->kind = ITEM_CONNECTION;
    item->connection_type = "postgres";
    item->desc = NULL;
    item->option_count = 2;
    item->options = arena_new_array(item->arena, ConnectionOption, 2);
    item->options[0] = (ConnectionOption){.name = "HOST", .text = "it's\\here"};
    item->options[1] = (ConnectionOption){.name = "PASSWORD", .reference = 77};
    item->postgres = arena_new_struct(item->arena, PostgresSourceDetails);
    *item->postgres = (PostgresSourceDetails){"p", "slot", UINT64_MAX >> 1, "db"};
    apply_step((ChangeStep){.kind = CHANGE_PUT_ITEM, .item = item});
    Catalog *loaded = load();
    const Item *read = find(loaded, "c");
    ck_assert_str_eq(read->connection_type, "postgres");
    ck_assert_int_eq(read->option_count, 2);
    ck_assert_str_eq(read->options[0].text, "it's\\here");
    ck_assert_ptr_null(read->options[1].text);
    ck_assert_uint_eq(read->options[1].reference, 77);
    ck_assert_str_eq(read->postgres->slot, "slot");
    ck_assert_uint_eq(read->postgres->timeline_id, UINT64_MAX >> 1);
    ck_assert_ptr_null(read->desc);
    catalog_free(loaded);
}
END_TEST

START_TEST(a_renamed_table_is_found_by_its_new_name_only)
{
    ObjectId id = put_table("old");
    Item *copy = item_copy(catalog_item(catalog, id));
    copy->name = arena_strdup(copy->arena, "new");
    copy->comment = arena_strdup(copy->arena, "it's new");
    apply_step((ChangeStep){.kind = CHANGE_PUT_ITEM, .item = copy});
    ck_assert_ptr_null(find(catalog, "old"));
    ck_assert_uint_eq(find(catalog, "new")->id, id);
    Catalog *loaded = load();
    ck_assert_ptr_null(find(loaded, "old"));
    ck_assert_uint_eq(find(loaded, "new")->id, id);
    ck_assert_str_eq(find(loaded, "new")->comment, "it's new");
    catalog_free(loaded);
}
END_TEST

START_TEST(two_tables_swap_their_names_in_one_change)
{
    ObjectId a = put_table("a"), b = put_table("b");
    CatalogChange *change = catalog_change_new();
    const ObjectId ids[] = {a, b};
    const char *const names[] = {"b", "a"};
    for (int i = 0; i < 2; i++) {
        Item *copy = item_copy(catalog_item(catalog, ids[i]));
        copy->name = arena_strdup(copy->arena, names[i]);
        vector_push(&change->steps, ((ChangeStep){.kind = CHANGE_PUT_ITEM, .item = copy}));
    }
    apply(change);
    Catalog *loaded = load();
    ck_assert_uint_eq(find(catalog, "b")->id, a);
    ck_assert_uint_eq(find(catalog, "a")->id, b);
    ck_assert_uint_eq(find(loaded, "b")->id, a);
    ck_assert_uint_eq(find(loaded, "a")->id, b);
    catalog_free(loaded);
}
END_TEST

START_TEST(what_is_dropped_leaves_no_row)
{
    ObjectId id = put_table("t");
    CatalogChange *change = catalog_change_new();
    vector_push(&change->steps, ((ChangeStep){.kind = CHANGE_DROP_ITEM, .id = id}));
    vector_push(&change->steps,
                ((ChangeStep){.kind = CHANGE_DROP_SCHEMA, .id = catalog_schema(catalog, "materialize", "public")->id}));
    vector_push(&change->steps,
                ((ChangeStep){.kind = CHANGE_DROP_DATABASE, .id = catalog_database(catalog, "materialize")->id}));
    vector_push(&change->steps,
                ((ChangeStep){.kind = CHANGE_DROP_CLUSTER, .id = catalog_cluster(catalog, "quickstart")->id}));
    apply(change);
    Catalog *loaded = load();
    ck_assert_ptr_null(catalog_item(loaded, id));
    ck_assert_ptr_null(catalog_database(loaded, "materialize"));
    ck_assert_ptr_null(catalog_schema(loaded, "materialize", "public"));
    ck_assert_ptr_null(catalog_cluster(loaded, "quickstart"));
    ck_assert_ptr_nonnull(catalog_role(loaded, "materialize"));
    catalog_free(loaded);
}
END_TEST

START_TEST(a_role_keeps_its_settings_and_memberships)
{
    Role *role = role_copy(catalog_role(catalog, "materialize"));
    if (role->settings == NULL)
        role->settings = map_new();
    free(map_put(role->settings, slice_of("cluster"), memory_strdup("a \"quoted\" one")));
    vector_push(&role->members_of, 99);
    apply_step((ChangeStep){.kind = CHANGE_PUT_ROLE, .role = role});
    Catalog *loaded = load();
    role = catalog_role(loaded, "materialize");
    ck_assert_str_eq(map_get_text(role->settings, "cluster"), "a \"quoted\" one");
    ck_assert_uint_eq(role->members_of.count, 1);
    ck_assert_uint_eq(role->members_of.items[0], 99);
    catalog_free(loaded);
}
END_TEST

START_TEST(system_settings_are_kept_changed_and_reset)
{
    apply_step((ChangeStep){.kind = CHANGE_SET_SYSTEM, .name = "max_tables", .value = "5"});
    apply_step((ChangeStep){.kind = CHANGE_SET_SYSTEM, .name = "max_tables", .value = "6"});
    Catalog *loaded = load();
    ck_assert_str_eq(catalog_system_setting(loaded, "max_tables"), "6");
    catalog_free(loaded);
    apply_step((ChangeStep){.kind = CHANGE_SET_SYSTEM, .name = "max_tables", .value = NULL});
    loaded = load();
    ck_assert_ptr_null(catalog_system_setting(loaded, "max_tables"));
    catalog_free(loaded);
}
END_TEST

START_TEST(temporary_items_are_not_durable)
{
    Item *item = table_make("passing");
    item->is_temporary = true;
    apply_step((ChangeStep){.kind = CHANGE_PUT_ITEM, .item = item});
    Catalog *loaded = load();
    ck_assert_ptr_null(find(loaded, "passing"));
    catalog_free(loaded);
}
END_TEST

START_TEST(a_change_that_is_not_applied_leaves_nothing)
{
    CatalogChange *change = catalog_change_new();
    vector_push(&change->steps, ((ChangeStep){.kind = CHANGE_PUT_ITEM, .item = table_make("t")}));
    uint64_t version = catalog_version(catalog);
    catalog_change_free(change);
    ck_assert_uint_eq(catalog_version(catalog), version);
    ck_assert_ptr_null(find(catalog, "t"));
}
END_TEST

static const struct {
    const char *kind, *body;
} damaged[] = {
    {"item", ""},
    {"item", "{"},
    {"item", "[]"},
    {"item", "null"},
    {"item", "{}"},
    {"item", "{\"kind\":0,\"schema\":3}"},
    {"item", "{\"kind\":0,\"schema\":9999,\"name\":\"x\"}"},
    {"schema", "{\"name\":\"s\"}"},
    {"schema", "{\"name\":\"s\",\"database\":12345}"},
    {"elephant", "{}"},
    {"", "{}"},
};

START_TEST(a_row_that_cannot_be_read_is_named)
{
    ChunkBuilder builder;
    chunk_builder_init(&builder, layout->types, layout->column_count);
    column_builder_append_bytes(&builder.columns[0], damaged[_i].kind, strlen(damaged[_i].kind));
    column_builder_append(&builder.columns[1], (Datum){.i = 50});
    column_builder_append_bytes(&builder.columns[2], damaged[_i].body, strlen(damaged[_i].body));
    chunk_builder_end_row(&builder, 0, 1);
    vector_push(&written, chunk_builder_finish(&builder));
    chunk_builder_deinit(&builder);
    Catalog *loaded = catalog_new();
    Chunk *rows = chunks_consolidate(written.items, written.count, layout->types, layout->column_count);
    ck_assert(!catalog_load(loaded, &rows, 1, &err));
    ck_assert_ptr_nonnull(strstr(err.message, "catalog: "));
    ck_assert_str_eq(err.sqlstate, SQLSTATE_DATA_CORRUPTED);
    chunk_release(rows);
    catalog_free(loaded);
}
END_TEST

START_TEST(ids_are_printed_and_read)
{
    ObjectId id;
    ck_assert_str_eq(object_id_text(12).text, "u12");
    ck_assert_str_eq(object_id_text(OBJECT_ID_SYSTEM | 3).text, "s3");
    ck_assert(object_id_parse(slice_of("u12"), &id) && id == 12);
    ck_assert(object_id_parse(slice_of("s3"), &id) && id == (OBJECT_ID_SYSTEM | 3));
    static const char *const bad[] = {"", "u", "12", "x12", "u-1", "u1x", "u0", "u99999999999999999999", "u 1"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        ck_assert_msg(!object_id_parse(slice_of(bad[i]), &id), "%s", bad[i]);
}
END_TEST

Suite *suite_catalog_durable(void);

Suite *
suite_catalog_durable(void)
{
    Suite *suite = suite_create("catalog durable");
    TCase *tcase = tcase_create("durable");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, a_new_catalog_comes_back_with_its_default_objects);
    tcase_add_test(tcase, ids_and_oids_are_not_given_out_twice);
    tcase_add_test(tcase, a_table_comes_back_with_all_it_has);
    tcase_add_test(tcase, a_table_of_a_source_keeps_what_upstream_looked_like);
    tcase_add_test(tcase, a_connection_keeps_its_options_and_a_source_its_slot);
    tcase_add_test(tcase, a_renamed_table_is_found_by_its_new_name_only);
    tcase_add_test(tcase, two_tables_swap_their_names_in_one_change);
    tcase_add_test(tcase, what_is_dropped_leaves_no_row);
    tcase_add_test(tcase, a_role_keeps_its_settings_and_memberships);
    tcase_add_test(tcase, system_settings_are_kept_changed_and_reset);
    tcase_add_test(tcase, temporary_items_are_not_durable);
    tcase_add_test(tcase, a_change_that_is_not_applied_leaves_nothing);
    tcase_add_loop_test(tcase, a_row_that_cannot_be_read_is_named, 0, sizeof damaged / sizeof *damaged);
    tcase_add_test(tcase, ids_are_printed_and_read);
    suite_add_tcase(suite, tcase);
    return suite;
}
