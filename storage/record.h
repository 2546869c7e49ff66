/*
 * record.h -- what stands in consensus: the forms of layouts, runs, shards and ticks as bytes.
 *
 *     "store"            StoreRecord: up to where shards and meta records are complete without ticks
 *     "shard/<id>"       a shard's layout and its runs, inline or as names of blobs
 *     "meta/<key>"       a meta record as it is
 *     "tick/<timestamp>" all that one tick changed
 *
 * Numbers in keys are 16 hexadecimal digits, so that they sort. Integers in records are little-endian. Types are
 * written as the
 * OIDs of types.def, which never change.
 */
#ifndef FRESHET_STORAGE_RECORD_H
#define FRESHET_STORAGE_RECORD_H

#include "base/buffer.h"
#include "collection/run.h"
#include "storage/blob.h"

void record_append_u8(Buffer *out, uint8_t value);
void record_append_bytes(Buffer *out, Slice bytes); /* with its size */

enum { RECORD_VERSION = 1 }; /* the first byte of the records of ticks, of shards, and of the store */

/* XX001: "<where> is damaged: <what>"; returns false. */
bool record_damaged(const char *where, const char *what, Error *err);
/* False, 0A000, when a record's version is another. */
MUST_CHECK bool record_check_version(uint8_t version, const char *where, Error *err);

/* Reads what was appended, in order. Reading past the end sets `failed` and gives zeros. */
typedef struct RecordReader {
    Slice rest;
    bool failed;
} RecordReader;

uint8_t record_read_u8(RecordReader *reader);
uint32_t record_read_u32(RecordReader *reader);
uint64_t record_read_u64(RecordReader *reader);
Slice record_read_bytes(RecordReader *reader);

void record_append_layout(Buffer *out, const Layout *layout);
/* NULL when the bytes are no layout. Names and fields of record types go to `arena`. */
Layout *record_read_layout(RecordReader *reader, Arena *arena);

/* A run in a blob by its name, one on the heap as it is; heap runs have no more than some hundred kilobytes. */
void record_append_run(Buffer *out, const Run *run);
/* `where` names the record in errors (XX001). */
MUST_CHECK bool record_read_run(RecordReader *reader, Blob *blob, Layout *layout, const char *where, Run **run,
                                Error *err);

#endif
