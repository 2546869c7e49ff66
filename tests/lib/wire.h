/*
 * wire.h -- the PostgreSQL wire protocol by hand, for what libpq does not let a client do: portals with row limits,
 * several messages before one answer, and bytes that no client would send.
 *
 * Reads give up after WIRE_TIMEOUT_S.
 */
#ifndef FRESHET_TESTS_LIB_WIRE_H
#define FRESHET_TESTS_LIB_WIRE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buffer.h"

enum { WIRE_TIMEOUT_S = 20 };

typedef struct Wire {
    int fd; /* -1 once closed */
    uint32_t process_id;
    uint32_t secret;
    Buffer out;  /* messages not sent yet */
    size_t open; /* where in `out` the length of the message being built goes */
    Buffer body; /* of the message last read */
} Wire;

/* A TCP connection without a word said; false when nobody listens. */
bool wire_open(Wire *wire, int port);
void wire_close(Wire *wire);

/* Connects and reads up to ReadyForQuery; false when the server says anything else. */
bool wire_start(Wire *wire, int port, const char *user);

/* Collect messages; wire_flush sends them in one piece. */
void wire_message_begin(Wire *wire, char type);
void wire_message_end(Wire *wire);
void wire_query(Wire *wire, const char *sql);
void wire_parse(Wire *wire, const char *name, const char *sql);
void wire_bind(Wire *wire, const char *portal, const char *statement, int parameters, const char *const *values);
void wire_describe_portal(Wire *wire, const char *portal);
void wire_execute(Wire *wire, const char *portal, uint32_t rows);
void wire_sync(Wire *wire);
bool wire_flush(Wire *wire);

/* The next message's type, its body in wire->body; 0 when the connection has ended or the time is over. */
char wire_read(Wire *wire);

/*
 * Reads up to and with ReadyForQuery and appends the types, such as "1TDDCZ" (notices and parameter changes left
 * out). False when the connection ends first.
 */
bool wire_read_types(Wire *wire, Buffer *types);

/* The SQLSTATE field of the ErrorResponse last read, "" when there is none. */
const char *wire_sqlstate(Wire *wire);

#endif
