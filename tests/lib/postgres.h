/*
 * postgres.h -- a throw-away PostgreSQL server for tests: the upstream that Freshet replicates.
 *
 * It listens on 127.0.0.1 (with TLS, a certificate for "localhost" and 127.0.0.1 signed by an authority
 * of its own), logical replication and fsync are on, and three ways in exist:
 *
 *   postgres     superuser, no password, from 127.0.0.1 and by the socket in `directory`
 *   replicator   password, SCRAM-SHA-256, may replicate and read every table
 *   certified    by client certificate over TLS only; may replicate and read every table
 *
 * Any other role needs its SCRAM password. Everything lies in one temporary directory.
 */
#ifndef FRESHET_TESTS_LIB_POSTGRES_H
#define FRESHET_TESTS_LIB_POSTGRES_H

#include <sys/types.h>

#include "base/error.h"

typedef struct Postgres {
    pid_t pid; /* 0 while stopped */
    int port;
    char *directory; /* holds data/, server.log, ca.pem, client.pem, client.key */
    char *password;  /* of replicator */
    char *ca;        /* PEM texts */
    char *client_certificate;
    char *client_key;
} Postgres;

/* `settings`: lines for postgresql.conf, or NULL. On failure nothing is left. */
MUST_CHECK bool postgres_init(Postgres *postgres, const char *settings, Error *err);
void postgres_deinit(Postgres *postgres);

MUST_CHECK bool postgres_start(Postgres *postgres, Error *err); /* after stop or kill; same port */
void postgres_stop(Postgres *postgres);                         /* fast shutdown */
void postgres_kill(Postgres *postgres);                         /* as if the power went */

/* Heap strings for libpq, as the superuser. */
char *postgres_conninfo(const Postgres *postgres, const char *database);

/* Runs statements as the superuser, each text as one simple query. */
MUST_CHECK bool postgres_execute(const Postgres *postgres, const char *database, const char *sql, Error *err);

/* The first value of the first row as a heap string; NULL is an empty result or a null. */
MUST_CHECK bool postgres_value(const Postgres *postgres, const char *database, const char *sql, char **value,
                               Error *err);

/* Takes back ALTER SYSTEM, drops slots, databases and roles that tests made, creates an empty database of that name. */
MUST_CHECK bool postgres_reset(Postgres *postgres, const char *database, Error *err);

/* Heap string: the path of a program of PostgreSQL 15, such as "pgbench". */
char *postgres_program(const char *name);

#endif
