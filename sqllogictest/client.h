/*
 * client.h -- one named connection of a script, and a statement with a time limit on it.
 *
 * It connects when it is first used and again after the server has gone. Interrupting the program
 * (client_interrupted set) ends every wait.
 */
#ifndef FRESHET_SQLLOGICTEST_CLIENT_H
#define FRESHET_SQLLOGICTEST_CLIENT_H

#include <libpq-fe.h>
#include <signal.h>

#include "base/buffer.h"
#include "sqllogictest/result.h"

extern volatile sig_atomic_t client_interrupted;

typedef struct Client {
    char *name;
    char *conninfo;
    PGconn *connection; /* NULL while closed */
    Buffer notices;     /* of the last statement: severity, SQLSTATE, message, detail, hint */
} Client;

/* What became of a statement. */
typedef struct Outcome {
    bool failed;
    Buffer error; /* "ERROR 22012: division by zero" and lines DETAIL: and HINT: */
    long count;   /* of rows in the command tag, -1 when it has none */
} Outcome;

Client *client_new(const char *name, const char *conninfo);
void client_free(Client *client);
void client_close(Client *client);

/*
 * Runs the text as one simple query (`extended`: one statement through parse, bind, execute). Rows of
 * the last result that has any go to `rows` (may be NULL). Lines for COPY FROM STDIN come from `data`.
 */
void client_run(Client *client, const char *sql, bool extended, const char *types, const Lines *data, int timeout_ms,
                ResultRows *rows, Outcome *outcome);
void outcome_deinit(Outcome *outcome);

#endif
