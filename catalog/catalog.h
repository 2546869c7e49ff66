/*
 * catalog.h -- what exists: databases, schemas, roles, clusters and items (tables, sources, views, indexes, connections, secrets, types).
 *
 * The catalog is an in-memory tree over rows of one durable shard (durable.h). It knows no SQL: an item carries its normalised CREATE
 * statement as text, and what the planner made of it (columns, dependencies, details).
 *
 * (1) It is read and changed on the event loop only. A change is prepared as a CatalogChange, made durable as part of a tick, and only then applied.
 * (2) Ids are never reused. User ids print as u12, system ids as s12. OIDs are one space; user objects start at 20000.
 * (3) Pointers to entries stay valid until that entry is dropped or changed; nobody keeps them across a return to the event loop: keep ids.
 * (4) Every name within a namespace is unique: items of a schema share one namespace (types have their own).
 */
#ifndef FRESHET_CATALOG_CATALOG_H
#define FRESHET_CATALOG_CATALOG_H

#include "base/buffer.h"
#include "base/map.h"
#include "base/vector.h"
#include "collection/run.h"
#include "expr/scalar.h"

/* The number of an id; system ids have the top bit but one set. 0 is no id. */
typedef uint64_t ObjectId;
#define OBJECT_ID_SYSTEM (UINT64_C(1) << 62)
typedef struct ObjectIdText {
    char text[24];
} ObjectIdText;
ObjectIdText object_id_text(ObjectId id); /* "u5", "s402" */
bool object_id_parse(Slice text, ObjectId *id);

typedef enum ItemKind {
    ITEM_TABLE,
    ITEM_SOURCE,
    ITEM_VIEW,
    ITEM_MATERIALIZED_VIEW,
    ITEM_SINK,
    ITEM_INDEX,
    ITEM_CONNECTION,
    ITEM_SECRET,
    ITEM_TYPE,
    ITEM_FUNCTION,
} ItemKind;

typedef struct RelationColumn {
    const char *name;
    SqlType type;
    bool nullable;
    const char *default_sql; /* NULL: none */
} RelationColumn;

typedef struct RelationKey {
    uint16_t *columns;
    int count;
    bool primary; /* a primary key rather than a unique constraint */
} RelationKey;

/* The shape of a relation. In the arena of its owner. */
typedef struct RelationDesc {
    RelationColumn *columns;
    int column_count;
    RelationKey *keys; /* known unique keys */
    int key_count;
    RelationKey *declared; /* PRIMARY KEY and UNIQUE of the statement: remarks, nothing may rely on them */
    int declared_count;
} RelationDesc;

typedef struct Database {
    ObjectId id;
    uint32_t oid;
    const char *name;
    ObjectId owner;
    const char *acl;     /* what others than the owner were granted, "u5=rw/u1 =r/u1"; NULL: nothing */
    const char *comment; /* NULL */
    Map *schemas;        /* name -> Schema */
} Database;

typedef struct Schema {
    ObjectId id;
    uint32_t oid;
    const char *name;
    ObjectId owner;
    const char *acl;     /* as of a database */
    const char *comment; /* NULL */
    Database *database;  /* NULL: a system schema, visible in every database */
    Map *items;          /* name -> Item */
    Map *types;
} Schema;

typedef struct Role {
    ObjectId id;
    uint32_t oid;
    const char *name;
    bool inherit, login, superuser;
    const char *verifier; /* SCRAM-SHA-256$..., NULL: no password */
    const char *comment;  /* NULL */
    Map *settings;        /* name -> heap text */
    VECTOR(ObjectId) members_of;
} Role;

typedef struct ClusterReplica {
    ObjectId id;
    const char *name;
    const char *size;
    const char *comment; /* NULL */
} ClusterReplica;

typedef struct CatalogCluster {
    ObjectId id;
    const char *name;
    ObjectId owner;
    const char *acl;     /* as of a database */
    const char *comment; /* NULL */
    bool managed;
    const char *size; /* NULL when not managed */
    int replication_factor;
    ClusterReplica *replicas;
    int replica_count;
    const char *options_sql; /* the other options as they were given, printable; "" */
} CatalogCluster;

/* sources and tables from sources: which kind of collection */
typedef enum SourceKind {
    SOURCE_NONE,
    SOURCE_POSTGRES,
    SOURCE_SUBSOURCE, /* a table of a source, legacy syntax */
    SOURCE_PROGRESS,  /* lsn uint8 */
    SOURCE_LOAD_GENERATOR,
    SOURCE_KAFKA,
    SOURCE_OTHER,
} SourceKind;

/* One column taken from upstream; where it is in the upstream table and how it comes in. */
typedef struct UpstreamColumn {
    const char *name;
    int attnum;
    uint32_t type_oid;
    int32_t typmod;
    bool not_null;
    bool as_text;  /* TEXT COLUMNS */
    bool excluded; /* EXCLUDE COLUMNS: no column here */
} UpstreamColumn;

/* What a table of a PostgreSQL source was made from; written into the item at creation, checked against upstream for ever after. */
typedef struct UpstreamTable {
    uint32_t oid;
    const char *database, *schema, *name;
    UpstreamColumn *columns; /* every upstream column at creation, in attnum order */
    int column_count;
    char replica_identity; /* 'f', 'd', 'n', 'i' */
    RelationKey *keys;     /* over `columns` */
    int key_count;
} UpstreamTable;

typedef struct PostgresSourceDetails {
    const char *publication;
    const char *slot;
    uint64_t timeline_id;
    const char *database; /* upstream's */
} PostgresSourceDetails;

/* A connection's options as given: canonical upper-case name, and text, or the secret that holds the value, or another connection. */
typedef struct ConnectionOption {
    const char *name;   /* "SSL MODE" */
    const char *text;   /* NULL when it is a reference */
    ObjectId reference; /* secret or connection */
} ConnectionOption;

typedef struct Item {
    ObjectId id;
    uint32_t oid;
    ItemKind kind;
    Schema *schema;
    const char *name;
    ObjectId owner;
    const char *create_sql; /* normalised: fully qualified, positions gone, no secrets */
    const char *comment;    /* NULL */
    const char *acl;        /* as of a database */
    Map *column_comments;   /* column name -> text, or NULL */
    ObjectId *depends_on;
    int depends_on_count;
    ObjectId cluster;       /* of sources, materialized views, indexes, sinks; 0 */
    RelationDesc *desc;     /* of relations; NULL */
    uint64_t shard;         /* of tables, sources' tables, materialized views, system tables; 0 for views */
    const void *definition; /* the planner's parsed statement (views, materialized views, indexes); opaque here */

    /* sources and tables from sources */
    SourceKind source_kind;
    ObjectId source; /* of subsources, progress collections, tables from sources */
    ObjectId connection;
    PostgresSourceDetails *postgres;
    UpstreamTable *upstream;

    /* indexes */
    ObjectId index_on;
    Scalar **index_keys; /* over the relation's columns */
    int index_key_count;

    /* connections */
    const char *connection_type; /* "postgres", "kafka", ... as in mz_connections.type */
    ConnectionOption *options;
    int option_count;

    SqlType user_type; /* of types: as columns of it have it */
    bool is_temporary;
    uint32_t temporary_session; /* backend id */
    int64_t created_at_ms;
    Arena *arena; /* everything above lives here */
} Item;

typedef struct Catalog Catalog;

Catalog *catalog_new(void); /* with the system objects of builtin/ and nothing else */
void catalog_free(Catalog *catalog);
uint64_t catalog_version(const Catalog *catalog); /* grows with every applied change: plans are cached by it */

/* ---- look-up. NULL: none ---- */
Database *catalog_database(const Catalog *catalog, const char *name);
Schema *catalog_schema(const Catalog *catalog, const char *database,
                       const char *name); /* system schemas are in every database */
Item *catalog_item(const Catalog *catalog, ObjectId id);
Item *catalog_item_by_oid(const Catalog *catalog, uint32_t oid);
Item *catalog_item_in(const Schema *schema, const char *name); /* types are not among these */
Item *catalog_type_in(const Schema *schema, const char *name);
CatalogCluster *catalog_cluster(const Catalog *catalog, const char *name);
CatalogCluster *catalog_cluster_by_id(const Catalog *catalog, ObjectId id);
Role *catalog_role(const Catalog *catalog, const char *name);
Role *catalog_role_by_id(const Catalog *catalog, ObjectId id);
Database *catalog_database_by_id(const Catalog *catalog, ObjectId id);
Schema *catalog_schema_by_id(const Catalog *catalog, ObjectId id);

/* How a name is looked up for a session. */
typedef struct NameScope {
    const char *database;
    const char *const *search_path; /* NULL-terminated; mz_catalog and pg_catalog come first by themselves */
    uint32_t session;               /* whose temporary items are seen */
} NameScope;
/* parts: [item], [schema, item] or [database, schema, item]. NULL: none */
Item *catalog_resolve_item(const Catalog *catalog, const NameScope *scope, const char *const *parts, int part_count);
Item *catalog_resolve_type(const Catalog *catalog, const NameScope *scope, const char *const *parts, int part_count);
Schema *catalog_resolve_schema(const Catalog *catalog, const NameScope *scope, const char *const *parts,
                               int part_count);
/* The schema a new item without qualification goes to: the first that exists of the search path. */
Schema *catalog_default_schema(const Catalog *catalog, const NameScope *scope);

/* Items are visited in id order, the others in the order in which they came or were last replaced. */
void catalog_each_item(const Catalog *catalog, void (*each)(void *context, Item *item), void *context);
void catalog_each_database(const Catalog *catalog, void (*each)(void *context, Database *database), void *context);
void catalog_each_schema(const Catalog *catalog, void (*each)(void *context, Schema *schema), void *context);
void catalog_each_cluster(const Catalog *catalog, void (*each)(void *context, CatalogCluster *cluster), void *context);
void catalog_each_role(const Catalog *catalog, void (*each)(void *context, Role *role), void *context);
/* Items that depend on this one, directly. */
void catalog_each_dependent(const Catalog *catalog, ObjectId id, void (*each)(void *context, Item *item),
                            void *context);

bool item_is_relation(const Item *item);
const char *item_kind_name(ItemKind kind);                    /* "materialized view" */
const char *item_kind_column(ItemKind kind);                  /* "materialized-view", as in mz_objects.type */
const char *item_full_name(const Item *item, Arena *arena);   /* materialize.public.t; unquoted */
const char *item_quoted_name(const Item *item, Arena *arena); /* quoted where SQL needs it */
const char *source_type_name(const Item *item);               /* mz_sources.type: postgres, subsource, progress, ... */

/* ---- sizes of clusters (mzsql 1.6) ---- */
typedef struct ClusterSize {
    const char *name;
    int workers;
    uint64_t memory_bytes, disk_bytes;
    const char *credits_per_hour;
} ClusterSize;
const ClusterSize *cluster_size(const char *name); /* NULL: unknown */
const ClusterSize *cluster_size_at(size_t index);  /* NULL past the end */

/* ---- change ---- */
ObjectId catalog_allocate_id(
    Catalog *catalog); /* items, databases, schemas, clusters, replicas, roles: one counter each is not needed */
uint32_t catalog_allocate_oid(Catalog *catalog);

typedef enum ChangeKind {
    CHANGE_PUT_DATABASE,
    CHANGE_PUT_SCHEMA,
    CHANGE_PUT_ROLE,
    CHANGE_PUT_CLUSTER,
    CHANGE_PUT_ITEM, /* new, or replacing the item of the same id (rename, owner, comment, new definition) */
    CHANGE_DROP_DATABASE,
    CHANGE_DROP_SCHEMA,
    CHANGE_DROP_ROLE,
    CHANGE_DROP_CLUSTER,
    CHANGE_DROP_ITEM,
    CHANGE_SET_SYSTEM, /* ALTER SYSTEM SET */
} ChangeKind;

typedef struct ChangeStep {
    ChangeKind kind;
    ObjectId id; /* of the dropped */
    Database *database;
    Schema *schema;
    Role *role;
    CatalogCluster *cluster;
    Item *item;
    const char *name, *value; /* system setting */
} ChangeStep;

/* A list of steps that become visible together. Entries in PUT steps are heap/arena objects that the catalog takes over when applied. */
typedef struct CatalogChange {
    VECTOR(ChangeStep) steps;
} CatalogChange;

CatalogChange *catalog_change_new(void);
void catalog_change_free(CatalogChange *change); /* what was not applied is freed */

Item *item_new(ItemKind kind);     /* with an arena of its own */
Item *item_copy(const Item *item); /* deep, for changing and putting back; `definition` is not copied */
void item_free(Item *item);
CatalogCluster *cluster_copy(const CatalogCluster *cluster);
Schema *schema_copy(const Schema *schema); /* without its items */
Database *database_copy(const Database *database);
Role *role_copy(const Role *role);

/*
 * Row updates of the durable shard and of the system relations for a change that is about to be applied:
 * `emit(context, shard id, rows)` is called once a relation touched; rows have diffs; times are set by the commit.
 */
void catalog_change_rows(const Catalog *catalog, const CatalogChange *change,
                         void (*emit)(void *context, uint64_t shard_id, Chunk *rows), void *context);
/* After the commit. Cannot fail. The change is empty afterwards. */
void catalog_apply(Catalog *catalog, CatalogChange *change);

const char *catalog_system_setting(const Catalog *catalog, const char *name); /* NULL: default */
/* Those that were set; `name` is not NUL-terminated. */
void catalog_each_system_setting(const Catalog *catalog, void (*each)(void *context, Slice name, const char *value),
                                 void *context);

#endif
