/*
 * plan_statement.h -- statements other than plain queries, from tree to what the coordinator does.
 *
 * Planning looks only at tree, catalog and settings. A statement that must ask upstream (CREATE SOURCE, CREATE TABLE FROM SOURCE, ALTER SOURCE ADD SUBSOURCE) is
 * planned in two steps: the first says what to ask (PLAN_INSPECT), the second takes the answer and gives the change.
 *
 * Messages and notices: mzsql 1.x. All memory is the statement's arena, but for CatalogChange, which owns its entries.
 */
#ifndef FRESHET_PLANNER_PLAN_STATEMENT_H
#define FRESHET_PLANNER_PLAN_STATEMENT_H

#include "planner/plan_query.h"

typedef enum StatementPlanKind {
    PLAN_QUERY, /* rows: SELECT, SHOW, EXPLAIN, VALUES */
    PLAN_SUBSCRIBE,
    PLAN_INSERT,
    PLAN_UPDATE, /* the query gives the rows that go, each followed by the row that comes instead */
    PLAN_DELETE, /* the query gives the rows that go */
    PLAN_COPY_FROM,
    PLAN_COPY_TO,   /* query or subscribe, formatted */
    PLAN_CHANGE,    /* DDL: a catalog change */
    PLAN_INSPECT,   /* ask upstream first */
    PLAN_VALIDATE,  /* VALIDATE CONNECTION */
    PLAN_TEXT_ROWS, /* one text column of lines: EXPLAIN, SHOW CREATE */
    PLAN_NOTHING,   /* IF EXISTS, IF NOT EXISTS with nothing to do; statements accepted without effect */
} StatementPlanKind;

typedef enum CopyFormat { COPY_TEXT, COPY_CSV, COPY_BINARY } CopyFormat;

typedef struct CopyOptions {
    CopyFormat format;
    char delimiter, quote, escape;
    const char *null_text;
    bool header;
} CopyOptions;

typedef enum SubscribeEnvelope {
    ENVELOPE_NONE,
    ENVELOPE_UPSERT,
    ENVELOPE_DEBEZIUM,
    ENVELOPE_WITHIN_TIMESTAMP_ORDER
} SubscribeEnvelope;

typedef struct SubscribePlan {
    PlannedQuery *query;
    ObjectId item; /* subscribed to by name; 0: a query */
    bool snapshot, progress;
    Scalar *as_of; /* NULL: now; typed as written; the coordinator evaluates and converts to mz_timestamp */
    bool as_of_at_least;
    Scalar *up_to; /* NULL: none */
    SubscribeEnvelope envelope;
    const uint16_t *key; /* of the envelopes: columns */
    int key_count;
    const SortKey *order; /* WITHIN TIMESTAMP ORDER BY over (mz_diff, columns...): column 0 is mz_diff */
    int order_count;
    RelationDesc *desc; /* what is sent: mz_timestamp, [mz_progressed,] mz_diff or mz_state, columns */
} SubscribePlan;

/* Contents of a secret to be stored before the change commits. */
typedef struct SecretWrite {
    ObjectId id;
    Scalar *value; /* bytea, evaluated by the coordinator */
} SecretWrite;

typedef struct InspectPlan {
    ObjectId connection; /* a POSTGRES connection */
    const char *publication;
    ObjectId source; /* CREATE TABLE FROM SOURCE, ALTER SOURCE: the source; 0 for CREATE SOURCE */
    int references;  /* replication's ReferenceKind */
    const char **schemas;
    int schema_count;
    struct PlannedReference {
        const char *schema, *table; /* upstream; schema NULL: not said */
        AstName alias;              /* count 0: none */
    } * tables;
    int table_count;
    struct PlannedColumnReference {
        const char *schema, *table, *column;
        int position;
    } * text_columns, *exclude_columns;
    int text_column_count, exclude_column_count;
} InspectPlan;

/* What upstream answered, as the planner takes it. Mirrors replication's Inspection without depending on it. */
typedef struct UpstreamAnswer {
    const char *database;
    uint64_t timeline_id;
    struct UpstreamAnswerTable {
        UpstreamTable table;
        SqlType *types; /* of table.columns, what they become here */
    } * tables;
    int table_count;
    const char *slot_name; /* made by the coordinator for a new source: materialize_ + 32 hex digits */
} UpstreamAnswer;

typedef struct StatementPlan {
    StatementPlanKind kind;
    const char *tag;     /* command tag without counts: "CREATE SOURCE", "SELECT", "SHOW" is "SELECT" */
    PlannedQuery *query; /* QUERY, INSERT, UPDATE, DELETE, COPY_TO */
    bool reads_first; /* INSERT, UPDATE, DELETE: what is written depends on what is read; not in a transaction block */
    Scalar *as_of;    /* QUERY: AS OF; NULL: none */
    bool as_of_at_least;
    SubscribePlan *subscribe; /* SUBSCRIBE, COPY_TO of one */
    CopyOptions copy;
    ObjectId target; /* INSERT, UPDATE, DELETE, COPY_FROM: the table; VALIDATE: the connection */
    int *
        target_columns; /* COPY_FROM: table columns in the order of the input; INSERT's query gives all columns already */
    int target_column_count;
    Scalar **target_defaults; /* COPY_FROM: of every table column; NULL entries: null */
    Scalar **returning; /* INSERT ... RETURNING, of desc->column_count, over the inserted rows' columns; NULL: none */
    CatalogChange *change; /* CHANGE */
    SecretWrite *secrets;
    int secret_count;
    ObjectId *validate; /* CHANGE: connections to validate (their new form is in `change`) before it commits */
    int validate_count;
    InspectPlan *inspect;
    const char **lines; /* TEXT_ROWS */
    int line_count;
    const char *column_name;  /* TEXT_ROWS */
    const RelationDesc *desc; /* of what is sent; NULL: nothing is */
} StatementPlan;

/* Whether plan_statement takes this kind; the session handles the others (SET, BEGIN, DECLARE, ...). */
bool statement_is_planned(AstStatementKind kind);
MUST_CHECK bool plan_statement(PlannerContext *context, const AstStatement *statement, const IndexOracle *indexes,
                               StatementPlan *plan, Error *err);
/* Second step after PLAN_INSPECT. `plan` becomes PLAN_CHANGE or PLAN_NOTHING. The catalog may have changed in between: everything is resolved again. */
MUST_CHECK bool plan_statement_inspected(PlannerContext *context, const AstStatement *statement,
                                         const UpstreamAnswer *answer, StatementPlan *plan, Error *err);

/* At start: fills in what is not stored (desc of views, definition, index keys) by planning create_sql again. Items come in dependency order. */
MUST_CHECK bool plan_loaded_item(PlannerContext *context, Item *item, Error *err);
/* At start: a system view from its SQL. */
MUST_CHECK bool plan_builtin_view(PlannerContext *context, const char *schema, const char *name, const char *sql,
                                  Item **item, Error *err);

#endif
