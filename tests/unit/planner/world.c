#include "tests/unit/planner/world.h"

#include <check.h>
#include <stdio.h>

#include "grammar/parse.h"
#include "types/text_format.h"

static const SqlType text_type = {.id = TYPE_TEXT, .typmod = -1};
static const char *const search_path[] = {"public", NULL};

static void
wake(void *context)
{
    World *world = context;
    pthread_mutex_lock(&world->lock);
    world->wake = true;
    pthread_cond_signal(&world->woken);
    pthread_mutex_unlock(&world->lock);
}

World *
world_new(void)
{
    World *world = memory_calloc(1, sizeof *world);
    pthread_mutex_init(&world->lock, NULL);
    pthread_cond_init(&world->woken, NULL);
    world->catalog = catalog_new();
    CatalogChange *change = catalog_bootstrap(world->catalog, NULL);
    catalog_apply(world->catalog, change);
    catalog_change_free(change);
    world->cluster = cluster_new(&(ClusterOptions){.name = "test", .wake = wake, .wake_context = world});
    world->next_id = 1000000;
    world->now = 1;
    return world;
}

void
world_free(World *world)
{
    cluster_free(world->cluster);
    for (size_t i = 0; i < world->shards.count; i++) {
        spine_free(world->shards.items[i].rows);
        spine_free(world->shards.items[i].errors);
    }
    for (size_t i = 0; i < world->views.count; i++) {
        WorldView *view = world->views.items[i];
        chunk_vector_release(&view->updates);
        chunk_vector_release(&view->errors);
        free(view->name);
        free(view);
    }
    vector_deinit(&world->shards);
    vector_deinit(&world->views);
    catalog_free(world->catalog);
    pthread_mutex_destroy(&world->lock);
    pthread_cond_destroy(&world->woken);
    free(world);
}

PlannerContext
world_context(World *world, Arena *arena, EvalContext *eval)
{
    return (PlannerContext){
        .catalog = world->catalog,
        .scope = {.database = "materialize", .search_path = search_path},
        .cluster = "quickstart",
        .eval = eval,
        .arena = arena,
    };
}

ContextBinding
world_binding(const World *world)
{
    return (ContextBinding){
        .now = 0,
        .mz_now = world->now,
        .has_mz_now = true,
        .user = "materialize",
        .session_user = "materialize",
        .database = "materialize",
        .schema = "public",
        .schemas = search_path,
        .parameters = world->parameters,
        .parameter_types = world->parameter_types,
        .parameter_count = world->parameter_count,
    };
}

static bool
index_hydrated(void *context, ObjectId index)
{
    const World *world = context;
    IndexSnapshot snapshot;
    if (!cluster_index_snapshot(world->cluster, index, &snapshot))
        return false;
    index_snapshot_release(&snapshot);
    return true;
}

IndexOracle
world_indexes(World *world)
{
    return (IndexOracle){
        .cluster = catalog_cluster(world->catalog, "quickstart")->id, .usable = index_hydrated, .context = world};
}

/* ---- shards and the cluster ---- */

static WorldShard *
shard_find(World *world, uint64_t id)
{
    for (size_t i = 0; i < world->shards.count; i++)
        if (world->shards.items[i].id == id)
            return &world->shards.items[i];
    return NULL;
}

static Spine *
spine_of(const SqlType *types, uint16_t count, Timestamp upper)
{
    Layout *layout = layout_new(types, count, NULL, 0, NULL, 0);
    Spine *spine = spine_new(layout);
    layout_release(layout);
    spine_advance(spine, upper);
    return spine;
}

static WorldShard *
shard_add(World *world, uint64_t id, const SqlType *types, int count)
{
    WorldShard shard = {id, spine_of(types, (uint16_t) count, world->now + 1), spine_of(&text_type, 1, world->now + 1)};
    vector_push(&world->shards, shard);
    return &world->shards.items[world->shards.count - 1];
}

static SqlType *
item_types(const Item *item, Arena *arena)
{
    SqlType *types = arena_new_array(arena, SqlType, item->desc->column_count);
    for (int i = 0; i < item->desc->column_count; i++)
        types[i] = item->desc->columns[i].type;
    return types;
}

static WorldShard *
shard_of(World *world, uint64_t collection_id, const PlanImport *import)
{
    WorldShard *shard = shard_find(world, collection_id);
    return shard != NULL ? shard : shard_add(world, collection_id, import->types, import->column_count);
}

static void
take_result(World *world, ClusterResult *result)
{
    for (size_t i = 0; i < world->views.count; i++) {
        WorldView *view = world->views.items[i];
        if (view->export_id != result->export_id)
            continue;
        for (size_t r = 0; r < result->rows.count; r++)
            vector_push(&view->updates, chunk_retain(result->rows.items[r]));
        for (size_t r = 0; r < result->errors.count; r++)
            vector_push(&view->errors, chunk_retain(result->errors.items[r]));
        if (result->upper > view->upper)
            view->upper = result->upper;
        view->failed |= result->kind == CLUSTER_FAILED;
    }
    bool answers = result->kind == CLUSTER_PEEK_ROWS || result->kind == CLUSTER_FAILED;
    if (world->peeked != NULL && answers && result->export_id == world->peeked->export_id) {
        *world->peeked = *result;
        *result = (ClusterResult){.kind = CLUSTER_ENDED};
        return;
    }
    cluster_result_deinit(result);
}

static void
poll_all(World *world)
{
    ClusterResult result;
    while (cluster_poll(world->cluster, &result))
        take_result(world, &result);
}

static void
wait_for_wake(World *world)
{
    pthread_mutex_lock(&world->lock);
    while (!world->wake)
        pthread_cond_wait(&world->woken, &world->lock);
    world->wake = false;
    pthread_mutex_unlock(&world->lock);
    poll_all(world);
}

static void
install(World *world, uint64_t id, DataflowPlan *plan)
{
    Error err = ERROR_INIT;
    ck_assert_msg(dataflow_plan_check(plan, &err), "%s", err.message);
    ImportState *states = memory_calloc((size_t) plan->import_count + 1, sizeof *states);
    for (int i = 0; i < plan->import_count; i++) {
        if (plan->imports[i].index_id != 0)
            continue;
        WorldShard *shard = shard_of(world, plan->imports[i].collection_id, &plan->imports[i]);
        states[i] = (ImportState){.snapshot = {spine_snapshot(shard->rows), spine_snapshot(shard->errors)},
                                  .upper = world->now + 1,
                                  .lockstep = true};
    }
    plan->as_of = world->now;
    cluster_create_dataflow(world->cluster, id, plan, states);
    free(states);
}

/* Takes `rows` over: all of one tick. */
static void
commit(World *world, uint64_t shard_id, ChunkVector *rows)
{
    world->now++;
    Tick *tick = tick_new(world->now);
    TickDelta delta = {.shard_id = shard_id};
    for (size_t i = 0; i < rows->count; i++) {
        vector_push(&delta.rows, chunk_with_time(rows->items[i], world->now));
        chunk_release(rows->items[i]);
    }
    vector_deinit(rows);
    for (size_t i = 0; i < world->shards.count; i++) {
        WorldShard *shard = &world->shards.items[i];
        if (shard->id == shard_id)
            spine_insert(shard->rows, run_build(spine_layout(shard->rows), delta.rows.items, delta.rows.count,
                                                spine_upper(shard->rows), world->now + 1));
        spine_advance(shard->rows, world->now + 1);
        spine_advance(shard->errors, world->now + 1);
    }
    vector_push(&tick->deltas, delta);
    cluster_tick(world->cluster, tick);
    tick_release(tick);
}

/* ---- queries ---- */

typedef struct Statement {
    World *world;
    Arena *arena;
    EvalContext eval;
    PlannerContext context;
} Statement;

static bool
run_dataflow(World *world, QueryExecution *execution, ChunkVector *rows, Error *err)
{
    ClusterResult result = {.export_id = ++world->next_id};
    uint64_t dataflow = ++world->next_id;
    execution->plan->exports[0].id = result.export_id;
    world->peeked = &result;
    install(world, dataflow, execution->plan);
    result.kind = CLUSTER_HYDRATED;
    while (result.kind != CLUSTER_PEEK_ROWS && result.kind != CLUSTER_FAILED)
        wait_for_wake(world);
    world->peeked = NULL;
    bool worked = result.kind == CLUSTER_PEEK_ROWS && result.errors.count == 0;
    if (result.kind == CLUSTER_FAILED) {
        error_move(err, &result.error);
    } else if (!worked) {
        Arena *arena = arena_new();
        EvalError error = eval_error_decode(column_bytes(result.errors.items[0]->columns[0], 0), arena);
        error_from_eval(err, &error);
        arena_free(arena);
    } else {
        *rows = result.rows;
        result.rows = (ChunkVector){0};
    }
    cluster_result_deinit(&result);
    return worked;
}

static bool
run_peek(World *world, QueryExecution *execution, ChunkVector *rows, Error *err)
{
    IndexSnapshot snapshot;
    bool exhausted;
    while (cluster_export_frontier(world->cluster, execution->peek.index_id) <= world->now)
        wait_for_wake(world);
    ck_assert(cluster_index_snapshot(world->cluster, execution->peek.index_id, &snapshot));
    bool worked = peek_index(&execution->peek, &snapshot, world->now, 0, &exhausted, rows, err);
    index_snapshot_release(&snapshot);
    return worked;
}

static bool
execute(Statement *statement, const PlannedQuery *planned, ChunkVector *rows, Error *err)
{
    World *world = statement->world;
    QueryExecution execution;
    ContextBinding binding = world_binding(world);
    IndexOracle indexes = world_indexes(world);
    if (!query_instantiate(planned, world->catalog, &binding, &indexes, &statement->eval, statement->arena, &execution,
                           err))
        return false;
    world->last_execution = execution.kind;
    switch (execution.kind) {
    case EXECUTION_CONSTANT:
        *rows = execution.rows;
        return true;
    case EXECUTION_PEEK:
        return run_peek(world, &execution, rows, err);
    case EXECUTION_DATAFLOW:
        return run_dataflow(world, &execution, rows, err);
    }
    return false;
}

static char *
cell_text(SqlType type, Datum value, Arena *arena)
{
    Buffer text = {0};
    if (value.is_null)
        return NULL;
    datum_print(type, value, NULL, &text);
    return buffer_to_arena(&text, arena);
}

static void
rows_add(WorldRows *out, const Chunk *chunk)
{
    for (uint32_t r = 0; r < chunk->count; r++) {
        char **cells = arena_new_array(out->arena, char *, out->column_count);
        for (int c = 0; c < out->column_count; c++)
            cells[c] = cell_text(out->types[c], column_datum(chunk->columns[c], out->types[c], r), out->arena);
        for (int64_t n = 0; n < chunk_diff(chunk, r); n++)
            vector_push(&out->rows, cells);
    }
}

static void
rows_describe(WorldRows *out, const RelationDesc *desc)
{
    out->column_count = desc->column_count;
    out->types = arena_new_array(out->arena, SqlType, desc->column_count);
    out->names = arena_new_array(out->arena, const char *, desc->column_count);
    for (int i = 0; i < desc->column_count; i++) {
        out->types[i] = desc->columns[i].type;
        out->names[i] = arena_strdup(out->arena, desc->columns[i].name);
    }
}

static bool
run_select(Statement *statement, const AstQuery *query, WorldRows *out, Error *err)
{
    PlannedQuery *planned;
    ChunkVector rows = {0};
    if (!plan_query(&statement->context, query, &planned, err) || !execute(statement, planned, &rows, err))
        return false;
    rows_describe(out, planned_query_desc(planned));
    for (size_t i = 0; i < rows.count; i++)
        rows_add(out, rows.items[i]);
    chunk_vector_release(&rows);
    return true;
}

/* ---- definitions ---- */

static void
put_item(World *world, Item *item, const char *name)
{
    item->id = catalog_allocate_id(world->catalog);
    item->oid = catalog_allocate_oid(world->catalog);
    item->schema = catalog_schema(world->catalog, "materialize", "public");
    item->name = arena_strdup(item->arena, name);
    item->create_sql = "";
    CatalogChange *change = catalog_change_new();
    ChangeStep step = {.kind = CHANGE_PUT_ITEM, .item = item};
    vector_push(&change->steps, step);
    catalog_apply(world->catalog, change);
    catalog_change_free(change);
}

static void
add_key(RelationDesc *desc, const AstIdentList *names, Arena *arena)
{
    RelationKey *key = &desc->keys[desc->key_count++];
    key->columns = arena_new_array(arena, uint16_t, names->count);
    for (int i = 0; i < names->count; i++)
        for (int c = 0; c < desc->column_count; c++)
            if (strcmp(desc->columns[c].name, names->items[i].text) == 0) {
                key->columns[key->count++] = (uint16_t) c;
                desc->columns[c].nullable = false;
            }
}

static bool
create_table(Statement *statement, const AstCreateTable *ast, Error *err)
{
    Item *item = item_new(ITEM_TABLE);
    RelationDesc *desc = item->desc = arena_new_struct(item->arena, RelationDesc);
    desc->column_count = ast->columns.count;
    desc->columns = arena_new_array(item->arena, RelationColumn, ast->columns.count);
    desc->keys = arena_new_array(item->arena, RelationKey, ast->constraints.count + ast->columns.count);
    for (int i = 0; i < ast->columns.count; i++) {
        const AstColumnDef *column = ast->columns.items[i];
        desc->columns[i] = (RelationColumn){.name = arena_strdup(item->arena, column->name.text), .nullable = true};
        if (!plan_type(&statement->context, column->type, &desc->columns[i].type, err)) {
            item_free(item);
            return false;
        }
    }
    for (int i = 0; i < ast->columns.count; i++) {
        const AstColumnDef *column = ast->columns.items[i];
        AstIdentList self = {(AstIdent *) (uintptr_t) &column->name, 1, 1};
        desc->columns[i].nullable &= column->nullability != AST_NOT_NULL;
        for (int c = 0; c < column->constraints.count; c++)
            if (column->constraints.items[c]->kind == AST_CONSTRAINT_PRIMARY_KEY)
                add_key(desc, &self, item->arena);
    }
    for (int i = 0; i < ast->constraints.count; i++)
        if (ast->constraints.items[i]->kind == AST_CONSTRAINT_PRIMARY_KEY)
            add_key(desc, &ast->constraints.items[i]->columns, item->arena);
    put_item(statement->world, item, ast->name.parts[ast->name.count - 1]);
    item->shard = item->id;
    shard_add(statement->world, item->shard, item_types(item, statement->arena), desc->column_count);
    return true;
}

static bool
create_view(Statement *statement, const AstName *name, const AstQuery *query, const AstIdentList *columns,
            ItemKind kind, Error *err)
{
    World *world = statement->world;
    Item *item = item_new(kind);
    item->schema = catalog_schema(world->catalog, "materialize", "public");
    item->name = arena_strdup(item->arena, name->parts[name->count - 1]);
    if (!plan_view_item(&statement->context, query, columns, item, err)) {
        item_free(item);
        return false;
    }
    put_item(world, item, name->parts[name->count - 1]);
    if (kind == ITEM_VIEW)
        return true;
    item->shard = item->id;
    item->cluster = catalog_cluster(world->catalog, "quickstart")->id;
    IndexOracle indexes = world_indexes(world);
    DataflowPlan *plan;
    if (!plan_view_dataflow(&statement->context, item, &indexes, &plan, err))
        return false;
    WorldView *view = memory_calloc(1, sizeof *view);
    view->export_id = item->shard;
    view->name = memory_strdup(item->name);
    vector_push(&world->views, view);
    plan->exports[0].id = item->shard;
    install(world, item->id, plan);
    return true;
}

static bool
create_index(Statement *statement, const AstCreateIndex *ast, Error *err)
{
    World *world = statement->world;
    const Item *on = catalog_resolve_item(world->catalog, &statement->context.scope, ast->on.parts, ast->on.count);
    ck_assert_ptr_nonnull(on);
    Item *item = item_new(ITEM_INDEX);
    item->index_on = on->id;
    item->index_keys = arena_new_array(item->arena, Scalar *, ast->keys.count);
    item->depends_on = arena_new_array(item->arena, ObjectId, 1);
    item->depends_on[0] = on->id;
    item->depends_on_count = 1;
    item->cluster = catalog_cluster(world->catalog, "quickstart")->id;
    for (int i = 0; i < ast->keys.count; i++) {
        Scalar *key;
        if (!plan_expression(&statement->context, ast->keys.items[i], on->desc, on->name, &key, err)) {
            item_free(item);
            return false;
        }
        item->index_keys[item->index_key_count++] = scalar_copy(item->arena, key);
    }
    IndexOracle indexes = world_indexes(world);
    DataflowPlan *plan;
    if (!plan_index_dataflow(&statement->context, on, item->index_keys, item->index_key_count, &indexes, &plan, err)) {
        item_free(item);
        return false;
    }
    put_item(world, item, ast->name.text);
    plan->exports[0].id = item->id;
    install(world, item->id, plan);
    while (cluster_export_frontier(world->cluster, item->id) <= world->now)
        wait_for_wake(world);
    return true;
}

/* ---- changes ---- */

static const Item *
target_table(Statement *statement, const AstName *name, Error *err)
{
    const Item *item =
        catalog_resolve_item(statement->world->catalog, &statement->context.scope, name->parts, name->count);
    if (item == NULL)
        error_at(err, name->position, SQLSTATE_UNDEFINED_TABLE, "unknown catalog item '%s'",
                 name->parts[name->count - 1]);
    return item;
}

static bool
insert(Statement *statement, const AstInsert *ast, Error *err)
{
    const Item *item = target_table(statement, &ast->table, err);
    if (item == NULL)
        return false;
    int count = ast->columns.count > 0 ? ast->columns.count : item->desc->column_count;
    RelationColumn *columns = arena_new_array(statement->arena, RelationColumn, count);
    int *place = arena_new_array(statement->arena, int, item->desc->column_count);
    memset(place, 0xff, sizeof *place * (size_t) item->desc->column_count);
    for (int i = 0; i < count; i++) {
        int c = i;
        for (int k = 0; k < item->desc->column_count && ast->columns.count > 0; k++)
            if (strcmp(item->desc->columns[k].name, ast->columns.items[i].text) == 0)
                c = k;
        columns[i] = item->desc->columns[c];
        place[c] = i;
    }
    PlannedQuery *planned;
    ChunkVector rows = {0}, whole = {0};
    if (!plan_query_for_target(&statement->context, ast->query, columns, count, &planned, err) ||
        !execute(statement, planned, &rows, err))
        return false;
    for (size_t i = 0; i < rows.count; i++) {
        ChunkBuilder builder;
        Datum *values = arena_new_array(statement->arena, Datum, item->desc->column_count);
        chunk_builder_init(&builder, item_types(item, statement->arena), (uint16_t) item->desc->column_count);
        for (uint32_t r = 0; r < rows.items[i]->count; r++) {
            for (int c = 0; c < item->desc->column_count; c++)
                values[c] = place[c] < 0
                                ? DATUM_NULL
                                : column_datum(rows.items[i]->columns[place[c]], item->desc->columns[c].type, r);
            chunk_builder_append_datums(&builder, values, 0, chunk_diff(rows.items[i], r));
        }
        vector_push(&whole, chunk_builder_finish(&builder));
        chunk_builder_deinit(&builder);
    }
    chunk_vector_release(&rows);
    commit(statement->world, item->shard, &whole);
    return true;
}

static bool
delete_rows(Statement *statement, const AstDelete *ast, Error *err)
{
    const Item *item = target_table(statement, &ast->table, err);
    if (item == NULL)
        return false;
    AstExpr star = {.kind = AST_EXPR_STAR};
    AstTarget target = {.expr = &star};
    AstFromItem from = {.kind = AST_FROM_TABLE, .table = ast->table};
    AstFromItem *froms[1] = {&from};
    AstSelect select = {.targets = {&target, 1, 1}, .from = {froms, 1, 1}, .where = ast->where};
    AstBody body = {.kind = AST_BODY_SELECT, .select = &select};
    AstQuery query = {.body = &body};
    PlannedQuery *planned;
    ChunkVector rows = {0}, negated = {0};
    if (!plan_query(&statement->context, &query, &planned, err) || !execute(statement, planned, &rows, err))
        return false;
    for (size_t i = 0; i < rows.count; i++)
        vector_push(&negated, chunk_negate(rows.items[i]));
    chunk_vector_release(&rows);
    commit(statement->world, item->shard, &negated);
    return true;
}

static bool
run_statement(Statement *statement, const AstStatement *ast, WorldRows *rows, Error *err)
{
    switch (ast->kind) {
    case AST_SELECT:
        return run_select(statement, ast->select, rows, err);
    case AST_INSERT:
        return insert(statement, ast->insert, err);
    case AST_DELETE:
        return delete_rows(statement, ast->delete_, err);
    case AST_CREATE_TABLE:
        return create_table(statement, ast->create_table, err);
    case AST_CREATE_VIEW:
        return create_view(statement, &ast->create_view->name, ast->create_view->query, &ast->create_view->columns,
                           ITEM_VIEW, err);
    case AST_CREATE_MATERIALIZED_VIEW:
        return create_view(statement, &ast->create_materialized_view->name, ast->create_materialized_view->query,
                           &ast->create_materialized_view->columns, ITEM_MATERIALIZED_VIEW, err);
    case AST_CREATE_INDEX:
        return create_index(statement, ast->create_index, err);
    default:
        return error_set(err, SQLSTATE_FEATURE_NOT_SUPPORTED, "%s is not supported here",
                         ast_statement_kind_name(ast->kind));
    }
}

bool
world_run(World *world, const char *sql, WorldRows *rows, Error *err)
{
    Arena *arena = arena_new();
    Statement statement = {.world = world, .arena = arena};
    AstStatement *ast;
    *rows = (WorldRows){.arena = arena_new()};
    eval_context_init(&statement.eval, arena);
    statement.context = world_context(world, arena, &statement.eval);
    bool worked = parse_statement(slice_of(sql), arena, &ast, err) && run_statement(&statement, ast, rows, err);
    eval_context_deinit(&statement.eval);
    arena_free(arena);
    return worked;
}

void
world_rows_deinit(WorldRows *rows)
{
    vector_deinit(&rows->rows);
    arena_free(rows->arena);
}

void
world_do(World *world, const char *sql)
{
    WorldRows rows;
    Error err = ERROR_INIT;
    bool worked = world_run(world, sql, &rows, &err);
    ck_assert_msg(worked, "%s: %s", sql, err.message);
    world_rows_deinit(&rows);
}

/* ---- text ---- */

static int
line_compare(const void *a, const void *b)
{
    return strcmp(*(char *const *) a, *(char *const *) b);
}

static char *
rows_text(WorldRows *rows, bool ordered)
{
    VECTOR(char *) lines = {0};
    for (size_t r = 0; r < rows->rows.count; r++) {
        Buffer line = {0};
        for (int c = 0; c < rows->column_count; c++) {
            const char *cell = rows->rows.items[r][c];
            buffer_printf(&line, "%s%s", c == 0 ? "" : "|", cell == NULL ? "-" : cell);
        }
        vector_push(&lines, buffer_to_arena(&line, rows->arena));
    }
    if (!ordered && lines.count > 1)
        qsort(lines.items, lines.count, sizeof *lines.items, line_compare);
    Buffer text = {0};
    for (size_t i = 0; i < lines.count; i++)
        buffer_printf(&text, "%s\n", lines.items[i]);
    vector_deinit(&lines);
    return buffer_take(&text);
}

static char *
error_text(Error *err)
{
    Buffer text = {0};
    buffer_printf(&text, "ERROR %s %d: %s", err->sqlstate, err->position, err->message);
    if (err->detail != NULL)
        buffer_printf(&text, " DETAIL %s", err->detail);
    if (err->hint != NULL)
        buffer_printf(&text, " HINT %s", err->hint);
    buffer_append_char(&text, '\n');
    error_clear(err);
    return buffer_take(&text);
}

char *
world_text(World *world, const char *sql, bool ordered)
{
    WorldRows rows;
    Error err = ERROR_INIT;
    char *text = world_run(world, sql, &rows, &err) ? rows_text(&rows, ordered) : error_text(&err);
    world_rows_deinit(&rows);
    return text;
}

char *
world_explain(World *world, const char *sql, ExplainStage stage)
{
    Arena *arena = arena_new();
    EvalContext eval;
    Error err = ERROR_INIT;
    Buffer out = {0};
    AstStatement *ast;
    eval_context_init(&eval, arena);
    PlannerContext context = world_context(world, arena, &eval);
    IndexOracle indexes = world_indexes(world);
    bool worked = parse_statement(slice_of(sql), arena, &ast, &err) &&
                  explain_query(&context, ast->select, stage, &indexes, &out, &err);
    eval_context_deinit(&eval);
    arena_free(arena);
    if (worked)
        return buffer_take(&out);
    buffer_deinit(&out);
    return error_text(&err);
}

/* What all updates come to, whatever their times. */
static Chunk *
summed(const ChunkVector *updates, const SqlType *types, int column_count)
{
    ChunkVector timeless = {0};
    for (size_t i = 0; i < updates->count; i++)
        vector_push(&timeless, chunk_with_time(updates->items[i], 0));
    Chunk *sum = chunks_consolidate(timeless.items, timeless.count, types, (uint16_t) column_count);
    chunk_vector_release(&timeless);
    return sum;
}

static bool
has_negative(const Chunk *chunk)
{
    for (uint32_t r = 0; chunk != NULL && r < chunk->count; r++)
        if (chunk_diff(chunk, r) < 0)
            return true;
    return false;
}

char *
world_view_text(World *world, const char *name)
{
    WorldView *view = NULL;
    for (size_t i = 0; i < world->views.count; i++)
        if (strcmp(world->views.items[i]->name, name) == 0)
            view = world->views.items[i];
    ck_assert_ptr_nonnull(view);
    poll_all(world);
    while (view->upper <= world->now && !view->failed)
        wait_for_wake(world);
    const char *const parts[] = {name};
    const NameScope scope = {.database = "materialize", .search_path = search_path};
    const Item *item = catalog_resolve_item(world->catalog, &scope, parts, 1);
    WorldRows rows = {.arena = arena_new()};
    rows_describe(&rows, item->desc);
    Chunk *whole = summed(&view->updates, rows.types, rows.column_count);
    Chunk *errors = summed(&view->errors, &text_type, 1);
    char *text;
    if (errors != NULL && errors->count > 0) {
        Error err = ERROR_INIT;
        EvalError error = eval_error_decode(column_bytes(errors->columns[0], 0), rows.arena);
        error_from_eval(&err, &error);
        text = error_text(&err);
    } else if (has_negative(whole)) {
        text = memory_strdup("a row has a negative count\n");
    } else {
        if (whole != NULL)
            rows_add(&rows, whole);
        text = rows_text(&rows, false);
    }
    chunk_release(whole);
    chunk_release(errors);
    world_rows_deinit(&rows);
    return text;
}
