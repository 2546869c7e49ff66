/*
 * changes.h -- the changes of one table that have come and were not handed on yet, cut at transactions.
 *
 *     done      chunks of complete transactions, oldest first
 *     open      chunks of the transaction that is being received
 *     builder   rows behind all of these: the first `settled` belong to complete transactions, the rest to the open one
 *
 * (1) When `open` has chunks, settled is 0.
 * (2) TRUNCATE empties what came before it, when its transaction completes; `truncated` says that what the table held before
 *     goes too.
 * (3) Rows carry their commit LSN as time where `keep_lsns` says so (a table whose snapshot is being taken), else 0.
 *
 * One thread.
 */
#ifndef FRESHET_REPLICATION_CHANGES_H
#define FRESHET_REPLICATION_CHANGES_H

#include "replication/postgres/table.h"

#define CHANGES_CHUNK_ROWS  RUN_CHUNK_ROWS
#define CHANGES_CHUNK_BYTES (16u << 20)

typedef struct TableChanges {
    RowDecoder decoder;
    ChunkBuilder builder;
    uint32_t settled;
    ChunkVector done, open;
    bool keep_lsns;
    bool truncated, truncated_open;
    uint64_t truncate_lsn; /* commit of the last TRUNCATE that is complete */
    size_t bytes;          /* of done and open */
    bool bad_text;         /* `done` has a string that is no UTF-8 */
} TableChanges;

void changes_init(TableChanges *changes, const TableSpec *spec);
void changes_deinit(TableChanges *changes);

/*
 * Appends one row of a tuple: column i is values[wire[i]]. Unchanged values come from `old` (NULL: there is none).
 * False: the table cannot be followed; err says why.
 */
MUST_CHECK bool changes_append(TableChanges *changes, const PgoutputTuple *tuple, const PgoutputTuple *old,
                               const uint16_t *wire, uint64_t lsn, int64_t diff, Error *err);
void changes_truncate(TableChanges *changes);
/* The open transaction is complete, or never was. */
void changes_commit(TableChanges *changes, uint64_t lsn);
void changes_roll_back(TableChanges *changes);

/* Everything complete is in `done` from here on; what is open stays in the builder. False: some string is no UTF-8 (22021). */
MUST_CHECK bool changes_settle(TableChanges *changes, Error *err);
/* Forgets complete rows committed before `lsn` (keep_lsns). Call changes_settle first. */
void changes_drop_before(TableChanges *changes, uint64_t lsn);
/* From now on rows need no LSN; those of `done` lose theirs. */
void changes_forget_lsns(TableChanges *changes);
void changes_clear(TableChanges *changes);

bool changes_is_empty(const TableChanges *changes); /* nothing complete */
size_t changes_memory(const TableChanges *changes);

#endif
