/*
 * fixture.h -- a store in a temporary directory, and commits that wait.
 */
#ifndef FRESHET_TESTS_UNIT_STORAGE_FIXTURE_H
#define FRESHET_TESTS_UNIT_STORAGE_FIXTURE_H

#include "storage/store.h"
#include "tests/unit/collection/model.h"

char *directory_temporary(void);         /* heap */
void directory_delete(const char *path); /* with all that is in it */
/* Whole contents; fails the test when it cannot be read. Heap. */
char *bytes_read(const char *path, size_t *size);
void bytes_write(const char *path, const char *bytes, size_t size);

Layout *model_layout(void); /* of model.h's rows, by all columns */

/* Fails the test when the store cannot be opened. */
Store *store_open_at(const char *directory, size_t inline_bytes_max, size_t checkpoint_ticks);
/* Commits and waits. NULL when it failed: the error is moved to `err`. */
Tick *store_commit_wait(Store *store, TickCommit *commit, Error *err);
/* Commits and fails the test unless that works. */
void store_commit_expect(Store *store, TickCommit *commit);

TickCommit *commit_at(Timestamp timestamp);
void commit_create(TickCommit *commit, uint64_t shard_id, bool ephemeral);
void commit_rows(TickCommit *commit, uint64_t shard_id, Chunk *chunk); /* takes the chunk over; NULL is allowed */

/* Fails the test unless the shard holds what the model says, at every time in [from, to). */
void shard_expect(Store *store, uint64_t shard_id, const Model *model, Timestamp from, Timestamp to);

#endif
