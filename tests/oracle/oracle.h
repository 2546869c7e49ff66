/*
 * oracle.h -- two servers with the same tables, asked the same, and whether they say the same.
 */
#ifndef FRESHET_TESTS_ORACLE_ORACLE_H
#define FRESHET_TESTS_ORACLE_ORACLE_H

#include <libpq-fe.h>

#include "tests/lib/freshet.h"
#include "tests/lib/postgres.h"
#include "tests/lib/process.h"
#include "tests/oracle/generate.h"

typedef struct Oracle {
    Postgres postgres;
    Freshet freshet;
    PGconn *theirs; /* PostgreSQL */
    PGconn *ours;   /* Freshet */
    long asked, same, both_failed;
    long order_of_evaluation; /* one failed on a value (class 22), the other did not look at it: docs/differences.md */
    long other_form;          /* a group shows another of its equal values, 2.00 for 2: docs/differences.md */
    long too_long;            /* PostgreSQL gave up after its statement_timeout: nothing to compare with */
    long different;
    char their_state[6]; /* the last comparison: SQLSTATE of PostgreSQL's error; "": it gave rows */
} Oracle;

MUST_CHECK bool oracle_init(Oracle *oracle, const char *program, Error *err);
void oracle_deinit(Oracle *oracle);

/* Runs on both what must succeed on both; prints and returns false when it does not. */
bool oracle_both(Oracle *oracle, const char *sql);
bool oracle_ours(Oracle *oracle, const char *sql, Buffer *why); /* on Freshet alone */

typedef enum Verdict {
    VERDICT_SAME,
    VERDICT_BOTH_FAILED,
    VERDICT_ORDER,
    VERDICT_FORM,
    VERDICT_TOO_LONG,
    VERDICT_DIFFERENT
} Verdict;

/*
 * The query on PostgreSQL against `ours` on Freshet (the same query, or a view of it). `ordered`: the order of rows counts.
 * What differs goes to `why`. A Freshet that died is started again, without its tables.
 */
Verdict oracle_compare(Oracle *oracle, const char *query, const char *ours, bool ordered, Buffer *why);

bool oracle_load(Oracle *oracle,
                 const Tables *tables); /* makes and fills the tables on both, in place of what was there */

#endif
