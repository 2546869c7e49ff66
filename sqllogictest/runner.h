/*
 * runner.h -- runs the records of a script one after the other and says which did not hold.
 */
#ifndef FRESHET_SQLLOGICTEST_RUNNER_H
#define FRESHET_SQLLOGICTEST_RUNNER_H

#include "base/map.h"
#include "sqllogictest/client.h"
#include "sqllogictest/script.h"
#include "sqllogictest/servers.h"

typedef VECTOR(const char *) Names;

typedef struct RunnerOptions {
    Names systems;     /* what onlyif and skipif are compared with */
    bool extended;     /* queries through the extended protocol */
    bool verbose;      /* every record as it runs */
    bool materialized; /* every query also as a materialized view made before the first insert */
    int views_max;     /* of those, per script */
    int timeout_ms;    /* of a statement */
    int failures_max;  /* printed in full, per script */
} RunnerOptions;

typedef struct Runner {
    const RunnerOptions *options;
    Servers *servers;
    const Script *script;
    Map *clients;   /* by name, Client */
    Map *variables; /* by name, heap strings: what let captured */
    Map *labels;    /* by label, heap strings: hash and print of the result */
    Map *views;     /* by query, heap strings: name of its materialized view; NULL while there are none */
    long passed;
    long failed;
    bool halted;
    bool *failures;      /* by record: filled in when it is not NULL */
    const bool *excused; /* by record: those not to be run, or NULL */
    bool oracle;         /* the default connection is the upstream server; nothing is printed */
    size_t index;        /* of the record that runs */
} Runner;

void runner_init(Runner *runner, const RunnerOptions *options, Servers *servers);
void runner_deinit(Runner *runner);

/* Adds to passed and failed. */
void runner_run(Runner *runner, const Script *script);

/* The connection of that name, "" for the default one; NULL when there is no such server. */
Client *runner_client(Runner *runner, const char *name);

/* Prints one failure, with the statement if there is one, and counts it. */
void runner_fail(Runner *runner, const Record *record, const char *sql, const char *what, const char *more);

bool runner_skips(const Runner *runner, const Record *record);

/* Heap string: ${NAME} replaced. Fails on a name that nothing defines. */
MUST_CHECK bool runner_expand(const Runner *runner, const char *text, char **expanded, Error *err);

#endif
