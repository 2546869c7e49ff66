/*
 * session.h -- one client's session: variables, transaction, prepared statements, portals; from statement text to results.
 *
 * The session knows no sockets and no bytes: it is driven by a connection (pgwire) through the functions below, one request at a time, and answers through
 * a Sink. It is also what HTTP's SQL endpoint will drive. Event loop only.
 *
 * A request (session_query, session_parse, session_execute, ...) may finish later: `done` of the sink is called once per request,
 * after everything else that the request sends.
 */
#ifndef FRESHET_SERVER_SESSION_SESSION_H
#define FRESHET_SERVER_SESSION_SESSION_H

#include "server/coordinator/coordinator.h"

typedef struct Session Session;

/* How many results are sent in which form: format code per column as the protocol has it. */
typedef struct ResultFormat {
    const int16_t *codes; /* 0 text, 1 binary; count 0: all text; 1: for all */
    int count;
} ResultFormat;

/* What a session says. Implemented by the connection. */
typedef struct SinkVtable {
    void (*row_description)(void *sink, const RelationDesc *desc, const ResultFormat *format);
    /* Rows first .. first + count of a chunk, each once whatever its diff. */
    void (*rows)(void *sink, const RelationDesc *desc, const ResultFormat *format, const TextStyle *style,
                 const Chunk *chunk, uint32_t first, uint32_t count);
    void (*command_complete)(void *sink, const char *tag);
    void (*empty_query)(void *sink);
    void (*portal_suspended)(void *sink);
    void (*error)(void *sink, const Error *err);
    void (*notice)(void *sink, const Notice *notice);
    void (*parameter_status)(void *sink, const char *name, const char *value);
    void (*copy_out)(void *sink, int column_count, bool binary);
    void (*copy_data)(void *sink, const void *bytes, size_t size);
    void (*copy_done)(void *sink);
    void (*copy_in)(void *sink, int column_count, bool binary); /* then session_copy_data ... session_copy_end */
    void (*flush)(void *sink);                                  /* send what is buffered: rows of a subscription */
    bool (*is_full)(void *sink); /* the output buffer passed its bound: subscriptions pause until session_drained */
    void (*parse_complete)(void *sink);
    void (*bind_complete)(void *sink);
    void (*close_complete)(void *sink);
    void (*parameter_description)(void *sink, const uint32_t *oids, int count);
    void (*no_data)(void *sink);
    void (*done)(void *sink); /* the request is finished */
} SinkVtable;

typedef struct SessionOptions {
    Coordinator *coordinator;
    const SinkVtable *sink;
    void *sink_context;
    uint32_t connection_id;
    const char *user;
    const char *database; /* NULL: materialize */
    const char *address;  /* of the client */
    int port;             /* of the client; 0: none */
} SessionOptions;

Session *session_new(const SessionOptions *options);
void session_free(Session *session); /* cancels what runs, rolls back */

/* Startup parameters: applied before the first request. A bad one is a NOTICE, `startup setting {name} not set: {reason}`. */
void session_startup_parameter(Session *session, const char *name, const char *value);
/* Sends every reported parameter's status, and startup notices. */
void session_report_parameters(Session *session);
char session_transaction_status(const Session *session); /* 'I', 'T', 'E' */

/* Simple query. */
void session_query(Session *session, Slice sql);
/* Extended query. Each ends with `done`; failures are sent as error and make session_failed true until session_sync. */
void session_parse(Session *session, const char *name, Slice sql, const uint32_t *parameter_oids, int parameter_count);
void session_bind(Session *session, const char *portal, const char *statement, const int16_t *formats, int format_count,
                  const Slice *values /* bytes NULL: null */, int value_count, const int16_t *result_formats,
                  int result_format_count);
void session_describe_statement(Session *session, const char *name);
void session_describe_portal(Session *session, const char *name);
void session_execute(Session *session, const char *portal, int64_t row_limit);
void session_close_statement(Session *session, const char *name);
void session_close_portal(Session *session, const char *name);
void session_sync(Session *session);         /* ends an implicit transaction, clears the failed state */
bool session_failed(const Session *session); /* messages are skipped until sync */

/* COPY FROM STDIN. */
void session_copy_data(Session *session, Slice bytes);
void session_copy_end(Session *session, const char *failure); /* failure NULL: CopyDone */

void session_cancel(Session *session);  /* of the running statement: 57014 */
void session_drained(Session *session); /* output went below its bound again */

#endif
