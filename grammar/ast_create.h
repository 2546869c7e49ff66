/*
 * ast_create.h -- the statements that change data or make objects. See ast.h.
 */
#ifndef FRESHET_GRAMMAR_AST_CREATE_H
#define FRESHET_GRAMMAR_AST_CREATE_H

#include "grammar/ast_query.h"

/* ---- Data ---- */

typedef struct AstInsert {
    AstName table;
    AstIdent alias;
    AstIdentList columns;
    AstQuery *query; /* NULL: DEFAULT VALUES */
    AstTargetList returning;
    AstWith *with; /* WITH before INSERT, or NULL */
} AstInsert;

typedef struct AstAssignment {
    AstIdent column;
    AstExpr *value; /* may be AST_EXPR_DEFAULT */
} AstAssignment;
typedef AST_LIST(AstAssignment) AstAssignmentList;

typedef struct AstUpdate {
    AstName table;
    AstIdent alias;
    AstAssignmentList assignments;
    AstFromList from;
    AstExpr *where;
    AstTargetList returning;
    AstWith *with;
} AstUpdate;

typedef struct AstDelete {
    AstName table;
    AstIdent alias;
    AstFromList using_;
    AstExpr *where;
    AstTargetList returning;
    AstWith *with;
} AstDelete;

typedef struct AstSubscribe AstSubscribe;

typedef enum AstCopyTarget { AST_COPY_STDIN, AST_COPY_STDOUT, AST_COPY_EXPR } AstCopyTarget;

typedef struct AstCopy {
    bool to;         /* TO; else FROM */
    AstName table;   /* or */
    AstQuery *query; /* or */
    AstSubscribe *subscribe;
    AstIdentList columns;
    AstCopyTarget target;
    AstExpr *url;          /* AST_COPY_EXPR */
    AstOptionList options; /* FORMAT, DELIMITER, NULL, QUOTE, ESCAPE, HEADER, AWS CONNECTION, ... */
} AstCopy;

typedef enum AstEnvelopeKind {
    AST_ENVELOPE_NONE, /* ENVELOPE NONE, or nothing said: see AstSource.envelope being NULL */
    AST_ENVELOPE_UPSERT,
    AST_ENVELOPE_DEBEZIUM,
    AST_ENVELOPE_MATERIALIZE,
} AstEnvelopeKind;

typedef struct AstEnvelope {
    AstEnvelopeKind kind;
    AstIdentList keys;    /* SUBSCRIBE ... ENVELOPE UPSERT (KEY (a, b)) */
    bool decoding_inline; /* UPSERT (VALUE DECODING ERRORS = INLINE [AS n]) */
    AstIdent decoding_alias;
    int position;
} AstEnvelope;

struct AstSubscribe {
    AstName name; /* or */
    AstQuery *query;
    AstEnvelope *envelope; /* or NULL */
    bool within_timestamp; /* WITHIN TIMESTAMP ORDER BY */
    AstOrderList order_by;
    AstOptionList options; /* SNAPSHOT, PROGRESS */
    AstAsOf *as_of;
    AstExpr *up_to;
};

/* ---- CREATE ---- */

typedef enum AstConstraintKind {
    AST_CONSTRAINT_PRIMARY_KEY,
    AST_CONSTRAINT_UNIQUE,
    AST_CONSTRAINT_CHECK,
    AST_CONSTRAINT_FOREIGN_KEY,
} AstConstraintKind;

typedef struct AstConstraint {
    AstConstraintKind kind;
    AstIdent name;        /* CONSTRAINT name */
    AstIdentList columns; /* of a table constraint; empty on a column */
    bool nulls_not_distinct;
    AstExpr *check;
    AstName foreign_table;
    AstIdentList foreign_columns;
    int position;
} AstConstraint;
typedef AST_LIST(AstConstraint *) AstConstraintList;

typedef enum AstNullability { AST_NULLABLE_UNSAID, AST_NULLABLE, AST_NOT_NULL } AstNullability;

struct AstColumnDef {
    AstIdent name;
    AstType *type; /* NULL where a source's column list only names columns */
    AstName collation;
    AstNullability nullability;
    AstExpr *default_;
    AstConstraintList constraints;
    int position;
};

typedef struct AstCreateConnection {
    AstName name;
    bool if_not_exists;
    const char *type; /* "POSTGRES", "KAFKA", "CONFLUENT SCHEMA REGISTRY", "SSH TUNNEL", "AWS PRIVATELINK", "AWS",
                         "MYSQL", "SQL SERVER", "ICEBERG CATALOG" */
    int type_position;
    AstOptionList options;
    AstOptionList with; /* VALIDATE */
} AstCreateConnection;

typedef struct AstCreateSecret {
    AstName name;
    bool if_not_exists;
    AstExpr *value;
} AstCreateSecret;

typedef struct AstCreateDatabase {
    AstIdent name;
    bool if_not_exists;
} AstCreateDatabase;

typedef struct AstCreateSchema {
    AstName name;
    bool if_not_exists;
} AstCreateSchema;

typedef enum AstFormatKind {
    AST_FORMAT_AVRO_REGISTRY, /* connection, options of the registry, key_strategy, value_strategy */
    AST_FORMAT_AVRO_SCHEMA,   /* text */
    AST_FORMAT_PROTOBUF_REGISTRY,
    AST_FORMAT_PROTOBUF_SCHEMA, /* message, text */
    AST_FORMAT_JSON,            /* array: JSON ARRAY */
    AST_FORMAT_TEXT,
    AST_FORMAT_BYTES,
    AST_FORMAT_CSV,   /* columns or header */
    AST_FORMAT_REGEX, /* text */
} AstFormatKind;

typedef enum AstStrategyKind {
    AST_STRATEGY_NONE,
    AST_STRATEGY_LATEST,
    AST_STRATEGY_ID,
    AST_STRATEGY_INLINE
} AstStrategyKind;

typedef struct AstStrategy {
    AstStrategyKind kind;
    const char *text; /* the id's digits, or the schema */
} AstStrategy;

typedef struct AstFormat {
    AstFormatKind kind;
    int position;
    AstName connection;
    AstOptionList options; /* AVRO KEY FULLNAME, NULL DEFAULTS, DOC ON ..., CONFLUENT WIRE FORMAT, ... */
    AstStrategy key_strategy;
    AstStrategy value_strategy;
    const char *seed_key;   /* SEED KEY SCHEMA '...' */
    const char *seed_value; /* SEED VALUE SCHEMA '...' */
    const char *message;
    const char *text;
    bool array;
    int columns; /* CSV WITH n COLUMNS */
    bool header; /* CSV WITH HEADER */
    AstIdentList header_columns;
    const char *delimiter; /* DELIMITED BY 'x', or NULL */
} AstFormat;

typedef enum AstIncludeKind {
    AST_INCLUDE_KEY,
    AST_INCLUDE_PARTITION,
    AST_INCLUDE_OFFSET,
    AST_INCLUDE_TIMESTAMP,
    AST_INCLUDE_HEADERS, /* webhook: with allowed/blocked names */
    AST_INCLUDE_HEADER,  /* header, alias, bytes */
} AstIncludeKind;

typedef struct AstHeaderFilter {
    bool blocked; /* NOT 'x' */
    const char *header;
} AstHeaderFilter;
typedef AST_LIST(AstHeaderFilter) AstHeaderFilterList;

typedef struct AstInclude {
    AstIncludeKind kind;
    AstIdent alias;
    const char *header;
    bool bytes;
    AstHeaderFilterList filters;
    int position;
} AstInclude;
typedef AST_LIST(AstInclude *) AstIncludeList;

typedef enum AstSourceKind {
    AST_SOURCE_POSTGRES,
    AST_SOURCE_KAFKA,
    AST_SOURCE_MYSQL,
    AST_SOURCE_SQL_SERVER,
    AST_SOURCE_LOAD_GENERATOR,
    AST_SOURCE_WEBHOOK,
} AstSourceKind;

typedef enum AstReferencesKind {
    AST_REFERENCES_NONE, /* no FOR clause: tables are created by CREATE TABLE ... FROM SOURCE */
    AST_REFERENCES_ALL_TABLES,
    AST_REFERENCES_SCHEMAS, /* schemas */
    AST_REFERENCES_TABLES,  /* tables */
} AstReferencesKind;

/* An upstream table and what it is to be called here; `alias` has count 0 when nothing was said. */
typedef struct AstReference {
    AstName name;
    AstName alias;
} AstReference;
typedef AST_LIST(AstReference) AstReferenceList;

/* CREATE SOURCE ... FROM WEBHOOK ... CHECK ([WITH (HEADERS, BODY, SECRET s [AS n] [BYTES])] expr) */
typedef enum AstCheckInputKind { AST_CHECK_HEADERS, AST_CHECK_BODY, AST_CHECK_SECRET } AstCheckInputKind;
typedef struct AstCheckInput {
    AstCheckInputKind kind;
    AstName secret;
    AstIdent alias;
    bool bytes;
} AstCheckInput;
typedef AST_LIST(AstCheckInput) AstCheckInputList;

typedef struct AstCreateSource {
    AstName name;
    bool if_not_exists;
    AstIdentList columns;          /* CREATE SOURCE s (a, b) */
    AstConstraintList constraints; /* PRIMARY KEY (a) NOT ENFORCED in that list */
    AstIdent cluster;              /* IN CLUSTER c */
    AstSourceKind kind;
    AstName connection;
    const char *generator;            /* "AUCTION", "KEY VALUE", ... */
    AstOptionList connection_options; /* PUBLICATION, TEXT COLUMNS, TOPIC, TICK INTERVAL, ... */
    AstFormat *format;                /* FORMAT, or VALUE FORMAT when key_format is set */
    AstFormat *key_format;
    AstIncludeList include;
    AstEnvelope *envelope; /* NULL when nothing was said */
    AstReferencesKind references;
    AstIdentList schemas;
    AstReferenceList tables;
    AstName progress;   /* EXPOSE PROGRESS AS p */
    AstOptionList with; /* RETAIN HISTORY, TIMESTAMP INTERVAL, IGNORE KEYS, TIMELINE */
    /* webhooks */
    bool is_table; /* CREATE TABLE ... FROM WEBHOOK */
    AstExpr *check;
    AstCheckInputList check_with;
} AstCreateSource;

/* Internal form that SHOW CREATE and the catalog write: CREATE SUBSOURCE n (cols) OF SOURCE s WITH (...) */
typedef struct AstCreateSubsource {
    AstName name;
    bool if_not_exists;
    AstColumnDefList columns;
    AstConstraintList constraints;
    AstName of_source;
    AstOptionList with; /* PROGRESS, EXTERNAL REFERENCE, TEXT COLUMNS, EXCLUDE COLUMNS, RETAIN HISTORY, DETAILS */
} AstCreateSubsource;

typedef struct AstCreateSink {
    AstName name; /* absent in EXPLAIN KEY SCHEMA FOR CREATE SINK */
    bool if_not_exists;
    AstIdent cluster;
    AstName from;
    const char *kind; /* "KAFKA", "ICEBERG CATALOG" */
    AstName connection;
    AstName aws_connection; /* ICEBERG ... USING AWS CONNECTION c */
    AstOptionList connection_options;
    AstIdentList key;
    bool has_key;
    bool key_not_enforced;
    AstIdent headers;
    AstFormat *format;
    AstFormat *key_format;
    AstEnvelope *envelope;
    AstOptionList with;
} AstCreateSink;

typedef struct AstCreateView {
    AstName name;
    bool or_replace;
    bool temporary;
    bool if_not_exists;
    AstIdentList columns;
    AstQuery *query;
} AstCreateView;

typedef struct AstCreateMaterializedView {
    AstName name;
    bool or_replace;
    bool if_not_exists;
    bool replacement; /* CREATE REPLACEMENT MATERIALIZED VIEW r FOR target */
    AstName target;
    AstIdentList columns;
    AstIdent cluster;
    AstOptionList with; /* ASSERT NOT NULL (repeatable), PARTITION BY, RETAIN HISTORY, REFRESH (repeatable) */
    AstQuery *query;
    AstExpr *as_of; /* AS OF n after the query, as the catalog writes it */
} AstCreateMaterializedView;

typedef struct AstCreateTable {
    AstName name;
    bool temporary;
    bool if_not_exists;
    AstColumnDefList columns;
    AstConstraintList constraints;
    AstOptionList with; /* RETAIN HISTORY, PARTITION BY */
} AstCreateTable;

typedef struct AstCreateTableFromSource {
    AstName name;
    bool if_not_exists;
    AstColumnDefList columns; /* types may be NULL */
    AstConstraintList constraints;
    AstName source;
    AstName reference; /* (REFERENCE s.t); absent for single-output sources */
    AstFormat *format;
    AstFormat *key_format;
    AstIncludeList include;
    AstEnvelope *envelope;
    AstOptionList with; /* TEXT COLUMNS, EXCLUDE COLUMNS, PARTITION BY, RETAIN HISTORY, DETAILS */
} AstCreateTableFromSource;

typedef struct AstCreateIndex {
    AstIdent name; /* absent: default name */
    bool if_not_exists;
    bool default_; /* CREATE DEFAULT INDEX */
    bool unique;   /* CREATE UNIQUE INDEX, PostgreSQL's */
    AstIdent cluster;
    AstName on;
    AstIdent method;  /* USING arrangement */
    AstExprList keys; /* empty: default key */
    bool has_keys;
    AstOptionList with;
} AstCreateIndex;

typedef enum AstCreateTypeKind {
    AST_CREATE_TYPE_LIST,
    AST_CREATE_TYPE_MAP,
    AST_CREATE_TYPE_RECORD,
    AST_CREATE_TYPE_ENUM,
} AstCreateTypeKind;

typedef struct AstTypeOption {
    const char *name; /* "ELEMENT TYPE", "KEY TYPE", "VALUE TYPE" */
    AstType *type;
    int position;
} AstTypeOption;
typedef AST_LIST(AstTypeOption) AstTypeOptionList;

typedef struct AstCreateType {
    AstName name;
    AstCreateTypeKind kind;
    AstTypeOptionList options;
    AstColumnDefList fields;
    AstIdentList labels; /* of an enum: texts */
} AstCreateType;

/* Role attributes as options: "SUPERUSER", "NOSUPERUSER", "LOGIN", "NOLOGIN", "INHERIT", "NOINHERIT", "CREATEDB", "CREATEROLE",
   "CREATECLUSTER", ... with AST_VALUE_NONE; "PASSWORD" with text or NULL. */
typedef struct AstCreateRole {
    AstIdent name;
    bool user; /* CREATE USER */
    AstOptionList options;
} AstCreateRole;

typedef struct AstReplicaDef {
    AstIdent name;
    AstOptionList options;
} AstReplicaDef;
typedef AST_LIST(AstReplicaDef) AstReplicaDefList;

typedef struct AstCreateCluster {
    AstIdent name;
    bool if_not_exists;
    AstOptionList options; /* SIZE, REPLICATION FACTOR, MANAGED, SCHEDULE, AVAILABILITY ZONES, ... */
    bool has_replicas;     /* REPLICAS (...) */
    AstReplicaDefList replicas;
    AstOptionList features; /* FEATURES (...) */
} AstCreateCluster;

typedef struct AstCreateClusterReplica {
    AstIdent cluster;
    AstIdent name;
    AstOptionList options;
} AstCreateClusterReplica;

typedef struct AstNetworkPolicy { /* CREATE and ALTER NETWORK POLICY p (RULES (...)) */
    AstIdent name;
    AstOptionList options;
} AstNetworkPolicy;

#endif
