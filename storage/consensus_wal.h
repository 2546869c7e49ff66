/*
 * consensus_wal.h -- tells a write-ahead log of SQLite that is damaged from one that merely ends early.
 *
 * SQLite reads its log up to the first frame whose checksum is wrong and takes the rest for a write that was cut off
 * by a crash.
 * Since a commit is synced before the next one begins, frames that follow a commit which follows (or is) the wrong
 * one show that it
 * had been whole: acknowledged commits would silently be lost.
 */
#ifndef FRESHET_STORAGE_CONSENSUS_WAL_H
#define FRESHET_STORAGE_CONSENSUS_WAL_H

#include "base/error.h"

/* Before the database at `path` is opened. No log is fine. XX001 when it is damaged. */
MUST_CHECK bool consensus_wal_verify(const char *database_path, Error *err);

#endif
