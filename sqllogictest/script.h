/*
 * script.h -- a test script, read into records. README.md describes the language.
 *
 * (1) Everything in a Script lives in its arena.
 * (2) Texts are as written: ${NAME} is replaced when a record runs.
 */
#ifndef FRESHET_SQLLOGICTEST_SCRIPT_H
#define FRESHET_SQLLOGICTEST_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/vector.h"

typedef enum RecordKind {
    RECORD_STATEMENT,
    RECORD_QUERY,
    RECORD_UPSTREAM, /* sql runs on the upstream server */
    RECORD_LET,      /* name = first value of sql */
    RECORD_COPY,     /* sql is COPY ... FROM STDIN, data its lines */
    RECORD_KILL,
    RECORD_STOP,
    RECORD_RESTART,
    RECORD_SLEEP,
    RECORD_HALT,
} RecordKind;

typedef enum Expectation { EXPECT_OK, EXPECT_ERROR, EXPECT_COUNT, EXPECT_NOTICE } Expectation;
typedef enum SortMode { SORT_NONE, SORT_ROWS, SORT_VALUES } SortMode;

typedef VECTOR(const char *) Lines; /* the strings live in the arena of the script */

typedef struct Condition {
    bool only; /* onlyif, else skipif */
    const char *system;
} Condition;

typedef struct Record {
    RecordKind kind;
    int line; /* of the record's first word, from 1 */
    VECTOR(Condition) conditions;
    const char *connection; /* NULL: the default one */
    bool of_upstream;       /* kill, stop, restart: the upstream server */
    int retry_ms;           /* try again until it matches or this has passed; 0: one try */
    bool gather;            /* a retried query adds its rows to those of the tries before */
    int timeout_ms;         /* for one try; 0: the runner's */
    int sleep_ms;

    Expectation expectation;
    long count;          /* EXPECT_COUNT */
    const char *pattern; /* regular expression on the error or notice; NULL: any */
    const char *sql;
    const char *name;  /* RECORD_LET */
    const char *types; /* one letter a column, '_' leaves one out; NULL: not said */
    SortMode sort;
    const char *label; /* queries of one label have the same result; or NULL */
    Lines data;        /* RECORD_COPY */
    bool has_expected; /* a ---- line was there */
    Lines expected;    /* result values or rows; for an error, texts that it contains */
} Record;

typedef struct Script {
    Arena *arena;
    const char *path;
    VECTOR(Record) records;
} Script;

/* On failure the error's message starts with path:line. script_deinit in either case. */
MUST_CHECK bool script_read(Script *script, const char *path, Error *err);
void script_deinit(Script *script);

#endif
