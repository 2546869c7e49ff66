/*
 * freshet.h -- a Freshet server for tests, on free ports and a data directory of its own.
 *
 *     Freshet freshet;
 *     freshet_init(&freshet, NULL);
 *     freshet_start(&freshet, &err) ... freshet_kill(&freshet) ... freshet_start(&freshet, &err)
 *     freshet_deinit(&freshet);
 *
 * The ports stay the same over restarts.
 */
#ifndef FRESHET_TESTS_LIB_FRESHET_H
#define FRESHET_TESTS_LIB_FRESHET_H

#include <libpq-fe.h>
#include <sys/types.h>

#include "base/error.h"
#include "base/vector.h"

typedef struct Freshet {
    pid_t pid; /* 0 while stopped */
    int port;
    int http_port;
    char *program;
    char *directory;      /* temporary; holds data/ and freshet.log */
    char *data_directory; /* directory/data */
    char *log_path;
    VECTOR(char *) options; /* further command-line arguments, owned */
    int start_ms;           /* how long the last start took until it was ready */
} Freshet;

/* `program` NULL: FRESHET_PROGRAM of the environment, else build/freshet. Starts nothing. */
void freshet_init(Freshet *freshet, const char *program);
void freshet_add_option(Freshet *freshet, const char *option); /* for the starts to come */
void freshet_deinit(Freshet *freshet);                         /* stops it and removes the directory */

/* Returns when the server is ready. The error carries the end of its log. */
MUST_CHECK bool freshet_start(Freshet *freshet, Error *err);
MUST_CHECK bool freshet_stop(Freshet *freshet, Error *err); /* SIGTERM; an exit other than 0 is an error */
void freshet_kill(Freshet *freshet);                        /* SIGKILL */
void freshet_wipe(Freshet *freshet);                        /* kills it and empties the data directory */

/* Whether it has ended by itself since it was started; the error then says how. */
bool freshet_has_died(Freshet *freshet, Error *err);

char *freshet_conninfo(const Freshet *freshet, const char *database); /* heap; NULL database: materialize */

#endif
