/*
 * servers.h -- the servers that scripts run against: started here, or one that runs already.
 *
 * With Freshet and PostgreSQL both, scripts talk to Freshet and PostgreSQL is the upstream; with
 * PostgreSQL alone, scripts talk to it.
 */
#ifndef FRESHET_SQLLOGICTEST_SERVERS_H
#define FRESHET_SQLLOGICTEST_SERVERS_H

#include "tests/lib/freshet.h"
#include "tests/lib/postgres.h"

typedef struct Servers {
    bool has_postgres;
    bool has_freshet;
    const char *url; /* conninfo of a server that runs already; or NULL */
    Postgres postgres;
    Freshet freshet;
} Servers;

/* Gives every script a fresh start: an empty Freshet, an empty upstream database. */
MUST_CHECK bool servers_reset(Servers *servers, Error *err);
void servers_deinit(Servers *servers);

char *servers_conninfo(const Servers *servers);          /* heap: where scripts connect */
char *servers_upstream_conninfo(const Servers *servers); /* heap; NULL when there is no upstream */

/* The value of ${NAME} in a script as a heap string, NULL when there is none. */
char *servers_variable(const Servers *servers, const char *name);

#endif
