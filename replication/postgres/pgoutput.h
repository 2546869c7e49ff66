/*
 * pgoutput.h -- the messages of PostgreSQL's output plugin pgoutput, protocol version 1: bytes -> structs.
 *
 * Pure: no connection, no catalog. Every length that the bytes claim is checked against what is there; strings and values
 * point into the message. Nothing is copied, so what was decoded is good as long as the message is.
 */
#ifndef FRESHET_REPLICATION_PGOUTPUT_H
#define FRESHET_REPLICATION_PGOUTPUT_H

#include <stdint.h>

#include "base/error.h"
#include "base/slice.h"

typedef enum PgoutputKind {
    PGOUTPUT_BEGIN = 'B',
    PGOUTPUT_COMMIT = 'C',
    PGOUTPUT_ORIGIN = 'O',
    PGOUTPUT_RELATION = 'R',
    PGOUTPUT_TYPE = 'Y',
    PGOUTPUT_INSERT = 'I',
    PGOUTPUT_UPDATE = 'U',
    PGOUTPUT_DELETE = 'D',
    PGOUTPUT_TRUNCATE = 'T',
    PGOUTPUT_MESSAGE = 'M',
} PgoutputKind;

typedef enum ValueKind { VALUE_NULL = 'n', VALUE_UNCHANGED = 'u', VALUE_TEXT = 't', VALUE_BINARY = 'b' } ValueKind;

typedef struct PgoutputValue {
    const char *bytes;
    uint32_t size;
    ValueKind kind;
} PgoutputValue;

typedef struct PgoutputTuple {
    PgoutputValue *values;
    uint16_t count;
} PgoutputTuple;

typedef struct PgoutputColumn {
    const char *name;
    uint32_t type_oid;
    int32_t typmod;
    bool in_key;
} PgoutputColumn;

/* What is set depends on the kind; the rest is zero. */
typedef struct PgoutputMessage {
    PgoutputKind kind;
    uint64_t commit_lsn;       /* BEGIN, COMMIT: where the commit record starts */
    uint64_t end_lsn;          /* COMMIT: behind it */
    int64_t commit_us;         /* BEGIN, COMMIT: microseconds since 2000 */
    uint32_t relation;         /* RELATION, INSERT, UPDATE, DELETE */
    const char *schema, *name; /* RELATION */
    char replica_identity;
    const PgoutputColumn *columns;
    uint16_t column_count;
    bool has_old, old_is_key; /* UPDATE, DELETE */
    PgoutputTuple old_row, new_row;
    const uint32_t *truncated; /* TRUNCATE: relations */
    uint32_t truncated_count;
} PgoutputMessage;

/* Scratch for what a message holds many of. Zeroed is empty. */
typedef struct PgoutputDecoder {
    PgoutputValue *values[2];
    size_t value_capacity[2];
    PgoutputColumn *columns;
    size_t column_capacity;
    uint32_t *relations;
    size_t relation_capacity;
} PgoutputDecoder;

void pgoutput_decoder_deinit(PgoutputDecoder *decoder);
/* 08P01 when the bytes are no message, or one of a kind that was not asked for. */
MUST_CHECK bool pgoutput_decode(PgoutputDecoder *decoder, Slice bytes, PgoutputMessage *message, Error *err);

#endif
