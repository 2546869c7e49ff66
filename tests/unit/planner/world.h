/*
 * world.h -- planner, catalog and engine together, without a server: tables in memory, statements as text, results as text.
 *
 * Statements: CREATE TABLE, CREATE VIEW, CREATE MATERIALIZED VIEW, CREATE INDEX, INSERT, DELETE, and queries. Queries run as the server
 * would run them: rows known at planning, a peek at an index, or a one-shot dataflow.
 */
#ifndef FRESHET_TESTS_UNIT_PLANNER_WORLD_H
#define FRESHET_TESTS_UNIT_PLANNER_WORLD_H

#include <pthread.h>

#include "catalog/durable.h"
#include "planner/plan_query.h"

typedef struct WorldRows {
    Arena *arena;
    VECTOR(char **) rows; /* cells as text, NULL for null */
    int column_count;
    const char **names;
    SqlType *types;
} WorldRows;

typedef struct WorldShard {
    uint64_t id;
    Spine *rows, *errors;
} WorldShard;

/* A view kept up to date by the engine, with what came out of it so far. */
typedef struct WorldView {
    uint64_t export_id;
    char *name;
    ChunkVector updates, errors;
    Timestamp upper;
    bool failed;
} WorldView;

typedef struct World {
    Catalog *catalog;
    Cluster *cluster;
    pthread_mutex_t lock;
    pthread_cond_t woken;
    bool wake;
    VECTOR(WorldShard) shards;
    VECTOR(WorldView *) views;
    Timestamp now;
    uint64_t next_id;
    ExecutionKind last_execution; /* of the last query */
    const SqlType *parameter_types;
    const Datum *parameters;
    int parameter_count;
    ClusterResult *peeked; /* the last answer of a peek */
} World;

World *world_new(void);
void world_free(World *world);
/* False: `err`. Rows are filled for queries. */
bool world_run(World *world, const char *sql, WorldRows *rows, Error *err);
void world_rows_deinit(WorldRows *rows);
/* Fails the test when the statement fails. */
void world_do(World *world, const char *sql);
/* Rows as lines "a|b", nulls as "-", sorted unless `ordered`; or "ERROR 42703 8: message". Heap. */
char *world_text(World *world, const char *sql, bool ordered);
/* EXPLAIN of a query, or the error as above. Heap. */
char *world_explain(World *world, const char *sql, ExplainStage stage);
/* What a materialized view holds by its maintained dataflow, as world_text gives it. Heap. */
char *world_view_text(World *world, const char *name);

/* For measuring: a statement context on an arena. */
PlannerContext world_context(World *world, Arena *arena, EvalContext *eval);
ContextBinding world_binding(const World *world);
IndexOracle world_indexes(World *world);

#endif
