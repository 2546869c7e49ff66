/*
 * session_internal.h -- what the files of this folder share.
 *
 * One statement runs at a time: `running` is its portal. Running ends in statement_succeeded or statement_failed, which call `after`, once.
 *
 *     session_query: parse -> [statement_run -> ... -> after = simple_next]* -> done
 *     session_execute: statement_run or portal_pump -> ... -> after = extended_after -> done
 */
#ifndef FRESHET_SERVER_SESSION_SESSION_INTERNAL_H
#define FRESHET_SERVER_SESSION_SESSION_INTERNAL_H

#include <stdlib.h>

#include "grammar/parse.h"
#include "server/session/session.h"
#include "server/session/variables.h"

/* A parsed and, where it can be, planned statement. Counted by references: portals and caches share it. */
/* A call of set_config that a query makes. */
typedef struct SetConfig {
    const char *name, *value;
    bool is_local;
} SetConfig;

typedef struct Prepared {
    int references;
    Arena *arena; /* tree, plan, and this */
    char *sql;
    AstStatement *ast; /* NULL: an empty query */
    bool planned;
    StatementPlan plan;
    uint64_t catalog_version;
    unsigned settings;
    SqlType *parameter_types;
    int parameter_count;
    bool no_more_parameters; /* a simple query: it can be given none */
    bool from_sql;           /* made by PREPARE */
    int64_t made_at;         /* timestamptz */
    SetConfig *set_configs;  /* done before the statement runs */
    int set_config_count;
} Prepared;

typedef enum PortalState { PORTAL_NEW, PORTAL_ACTIVE, PORTAL_DONE } PortalState;

/* A statement with its parameters, and the rows that it gives: a queue that a read fills at once and a subscription bit by bit. */
typedef struct Portal {
    char *name; /* NULL: of a simple query */
    Prepared *prepared;
    Arena *arena; /* parameters and what else lives as long as the portal */
    Datum *parameters;
    int16_t *formats;
    int format_count;
    PortalState state;
    const RelationDesc *desc;
    bool is_cursor;
    bool described; /* the row description was sent */

    ChunkVector queue; /* rows to be sent, each as often as its diff says; from (queue_chunk, queue_row) on */
    size_t queue_chunk;
    uint32_t queue_row;
    int64_t queue_repeats; /* how often that row was sent already */
    bool queue_repeating;  /* some row of that chunk stands for several */
    bool ended;            /* nothing comes to the queue any more */
    Error end_error;
    Operation *operation; /* what fills the queue, or what the statement waits for */
    bool source_paused;
    const CopyOptions *copy; /* rows go out as CopyData */
    uint64_t written;        /* rows, by INSERT, UPDATE, DELETE and COPY: for the tag */
    struct Subscription *subscription;
    Arena *answer_arena; /* what upstream said, until the statement is planned with it */
    const UpstreamAnswer *answer;
    struct Session *session;
} Portal;

typedef struct TransactionWrite {
    ObjectId table;
    ChunkVector rows;
} TransactionWrite;

typedef enum TransactionKind {
    TRANSACTION_NONE,
    TRANSACTION_READ,
    TRANSACTION_WRITE,
    TRANSACTION_SUBSCRIBE
} TransactionKind;

typedef struct Transaction {
    bool open; /* BEGIN was said */
    bool failed;
    TransactionKind kind;
    bool read_only;
    Timestamp timestamp; /* of reads; 0: none yet */
    ReadHold *hold;      /* keeps `timestamp` readable */
    int64_t now;         /* timestamptz: its start */
    VECTOR(TransactionWrite) writes;
} Transaction;

/* What pg_stat_activity says of a session. Times are timestamptz. */
typedef struct Activity {
    char address[64];
    int port;
    int64_t started_at, query_at, changed_at; /* query_at 0: none yet */
    char query[1024];                         /* the newest statement, cut */
    Buffer live;                              /* what activity_setting answered last */
} Activity;

struct Session {
    Session *next, *previous; /* of all there are */
    Activity activity;
    Coordinator *coordinator;
    const SinkVtable *sink;
    void *sink_context;
    uint32_t connection_id;
    char *user;
    Variables *variables;
    Transaction transaction;
    Map *prepared; /* name -> Prepared */
    Map *portals;  /* name -> Portal: extended protocol */
    Map *cursors;  /* name -> Portal: DECLARE */
    Map *cache;    /* text of simple queries -> Prepared */
    bool extended_failed;
    bool closing;

    /* the statement that runs */
    Portal *running;
    Portal *delivering; /* whose rows go out: `running`, or the cursor of a FETCH */
    int64_t row_limit;  /* 0: none */
    uint64_t rows_sent;
    const char *fetch_tag; /* "FETCH" while one runs */
    bool fetch_waits;      /* the FETCH has a timeout: it waits for it, or for its count */
    bool pumping;          /* inside portal_pump: callbacks only queue */
    void (*after)(Session *session, bool ok);
    Operation *lock; /* waiting for the DDL lock, or the write lock */
    bool lock_held;
    bool write_lock_held; /* until the rows are handed over */
    Operation *writing;
    ContextBinding binding;
    struct CopyIn *copy_in;
    ChunkVector write_rows; /* of an INSERT */
    uv_timer_t *timer;      /* statement_timeout, FETCH's timeout */
    void (*timer_over)(Session *session);

    /* the simple query that runs */
    Arena *query_arena;
    AstStatementList statements;
    int next_statement;
    bool one_statement;
};

/* session.c */
void session_notice(Session *session, const char *severity, const char *sqlstate, const char *message);
void session_report_changes(Session *session); /* ParameterStatus of what changed */
void session_start_timer(Session *session, int64_t ms, void (*over)(Session *session));
void session_stop_timer(Session *session);
void session_fill_binding(Session *session, const Portal *portal, ContextBinding *binding, Arena *arena);
void session_planner(Session *session, Arena *arena, EvalContext *eval, PlannerContext *context);
TextStyle session_style(const Session *session);

/* prepared.c */
Prepared *prepared_new(Arena *arena, const char *sql, AstStatement *ast); /* takes the arena over; one reference */
Prepared *prepared_retain(Prepared *prepared);
void prepared_release(Prepared *prepared);
/* The text of a statement inside another (DECLARE, PREPARE): the parser keeps texts of whole statements only. */
char *inner_statement_sql(const AstStatement *statement, Arena *arena);
/* Plans what is planned ahead (not DDL), again when the catalog or settings changed. 0A000 `cached plan must not change result type`. */
MUST_CHECK bool prepared_plan(Session *session, Prepared *prepared, Error *err);
bool prepared_same_result(const StatementPlan *a, const StatementPlan *b); /* names and types of columns */
bool statement_is_ddl(AstStatementKind kind);
/* Whether its plan was made with the catalog and the settings as they are. */
bool prepared_is_current(const Session *session, const Prepared *prepared);
/* What rows it gives; NULL: none. After prepared_plan. */
const RelationDesc *prepared_desc(const Session *session, const Prepared *prepared);

/* activity.c */
void activity_register(Session *session, const SessionOptions *options);
void activity_forget(Session *session);
void activity_begin(Session *session, const char *sql); /* a statement begins; NULL: an empty one */
void activity_end(Session *session);
/* JSON: "sessions" (all), "prepared_statements", "cursors" (of this one), "row_counts". NULL: no such name. Lives until the next call. */
const char *activity_setting(Session *session, const char *name);

/* portal.c */
Portal *portal_new(Session *session, const char *name, Prepared *prepared); /* retains */
void portal_free(Portal *portal);
void portal_push(Portal *portal, ChunkVector *rows); /* takes the chunks over; rows repeat by their diffs */
/* Sends rows of session->delivering until the limit, the end, a full sink or an empty queue; goes on by itself later. */
void portal_pump(Session *session);
void portal_fetch_over(Session *session); /* a FETCH's time is up: it ends with what was sent */

/* statement.c */
void statement_describe(Session *session, Portal *portal); /* its rows, in a simple query */
void statement_run(Session *session, Portal *portal, int64_t row_limit, void (*after)(Session *session, bool ok));
void statement_succeeded(Session *session, const char *tag);
void statement_failed(Session *session, Error *err); /* clears it */
MUST_CHECK bool statement_timestamp(Session *session, Portal *portal, const Scalar *scalar, Timestamp *timestamp,
                                    Error *err);
void statement_start_timeout(Session *session); /* from now on, until the statement ends: statement_timeout */
MUST_CHECK bool statement_read_options(Session *session, Portal *portal, ReadOptions *options, Error *err);

/* subscribe.c */
void subscribe_run(Session *session, const SubscribePlan *plan); /* of session->running */
MUST_CHECK bool subscribe_begin(Session *session, Portal *portal, const SubscribePlan *plan, Error *err);
void subscription_free(struct Subscription *subscription);
void subscribe_room(Portal *portal); /* its queue was emptied */

/* transaction.c */
MUST_CHECK bool transaction_allow(Session *session, TransactionKind kind, ObjectId table, Error *err);
/* The first read of a transaction says when all its reads are. */
void transaction_fix_time(Session *session, Timestamp timestamp);
void transaction_run(Session *session, const AstStatement *ast);
void transaction_abandon(Session *session); /* as ROLLBACK, silently */
int64_t session_now(const Session *session);

/* cursor.c */
void cursor_declare(Session *session, const AstDeclare *declare);
void cursor_fetch(Session *session, const AstFetch *fetch);
void cursor_close(Session *session, const AstClose *close);
void cursors_close_all(Session *session);

/* set.c */
void set_run(Session *session, const AstStatement *ast);

/* set_config.c: takes the calls of set_config out of a query, and does them. */
void set_config_take(Prepared *prepared);
MUST_CHECK bool set_config_apply(Session *session, const Prepared *prepared, Error *err);

/* write.c */
void insert_rows_ready(Session *session, ObjectId table,
                       ChunkVector *rows);                     /* checks, writes or keeps them, and finishes */
void mutation_rows_ready(Session *session, ChunkVector *rows); /* what the query of an UPDATE or DELETE gave */
void write_lock_release(Session *session);                     /* if it is held */
MUST_CHECK bool rows_check_not_null(const RelationDesc *desc, const char *table, const ChunkVector *rows, Error *err);

/* returning.c */
MUST_CHECK bool returning_evaluate(Session *session, Portal *portal, const ChunkVector *rows, Error *err);

/* copy_in.c, copy_out.c */
void copy_in_run(Session *session, const StatementPlan *plan);
void copy_in_free(struct CopyIn *copy);
void copy_out_begin(Session *session, const Portal *portal);
void copy_out_rows(Session *session, const Portal *portal, const Chunk *chunk, uint32_t first, uint32_t count);
void copy_out_end(Session *session, const Portal *portal);

#endif
