/*
 * cursor.h -- walks a snapshot of a spine as of a time: keys in hash order, and under each key its rows with
 * their summed diffs, in the layout's order.
 *
 *     if (cursor_seek(cursor, hash, key_columns, row))          an exact key
 *         while (cursor_row(cursor, &ref)) use(ref.chunk, ref.row, ref.diff);
 *
 *     while (cursor_next_key(cursor))                           all keys
 *         while (cursor_row(cursor, &ref)) ...
 *
 * Rows whose diffs sum to 0 are not returned. A CursorRow stays valid while the snapshot is retained.
 * A damaged file makes the walk end with cursor_failed() set; callers ask once, at the end.
 * A cursor belongs to one thread and retains its snapshot.
 */
#ifndef FRESHET_COLLECTION_CURSOR_H
#define FRESHET_COLLECTION_CURSOR_H

#include "collection/spine.h"

typedef struct Cursor Cursor;

typedef struct CursorRow {
    const Chunk *chunk;
    uint32_t row;
    int64_t diff;
} CursorRow;

Cursor *cursor_new(SpineSnapshot *snapshot, Timestamp as_of);
void cursor_free(Cursor *cursor);
void cursor_reset(Cursor *cursor, SpineSnapshot *snapshot, Timestamp as_of); /* reuse without allocation */
const Error *cursor_failed(const Cursor *cursor);                            /* NULL when nothing failed */

/* Positions at the key that equals row `row` of `key_columns` (one column per key column). False: no such key. */
bool cursor_seek(Cursor *cursor, uint64_t hash, Column *const *key_columns, uint32_t row);
/* In a loop that seeks hashes[0], hashes[1], ...: called before seeking hashes[at], has the memory fetched that the
   seeks soon to come will read. It changes nothing else; a large run is twice as fast with it. */
void cursor_prefetch(const Cursor *cursor, const uint64_t *hashes, uint32_t count, uint32_t at);
/* Positions at the first key with hash >= `hash`, for merge joins; then cursor_key_hash tells which. */
bool cursor_seek_hash(Cursor *cursor, uint64_t hash);
bool cursor_next_key(Cursor *cursor);
uint64_t cursor_key_hash(const Cursor *cursor);
/* A row of the current key, whose key columns can be read; valid after seek and next_key returned true. */
CursorRow cursor_key_row(const Cursor *cursor);
bool cursor_row(Cursor *cursor, CursorRow *row); /* the next row of the current key; false at its end */

#endif
