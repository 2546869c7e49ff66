#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/hash.h"
#include "storage/consensus.h"
#include "storage/consensus_wal.h"
#include "storage/file.h"

enum {
    APPLICATION_ID = 0x46727368, /* "Frsh" */
    FORMAT_VERSION = 2,
    CHECKSUM_SIZE = 8,
};

typedef struct SqliteConsensus {
    Consensus consensus;
    char *path;
    sqlite3 *database;
    sqlite3_stmt *begin, *commit, *rollback, *insert, *update, *remove, *scan;
    Buffer value;
    bool broken; /* a sync failed: what the disk holds is not known until the database is opened anew */
} SqliteConsensus;

/* ---- errors ---- */

static bool
sqlite_error(SqliteConsensus *sqlite, const char *what, Error *err)
{
    int code = sqlite3_extended_errcode(sqlite->database);
    const char *reason = sqlite3_errmsg(sqlite->database);
    int number = sqlite3_system_errno(sqlite->database);
    const char *state = SQLSTATE_IO_ERROR;
    switch (code & 0xff) {
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_ERROR:    /* our statements are right: the schema is not */
    case SQLITE_READONLY: /* the file could be opened for writing: its header says that it must not be */
        return error_set(err, SQLSTATE_DATA_CORRUPTED, "file \"%s\" is damaged: %s", sqlite->path, reason);
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
        return error_set(err, SQLSTATE_OBJECT_IN_USE, "file \"%s\" is in use by another process", sqlite->path);
    case SQLITE_FULL:
        state = SQLSTATE_DISK_FULL;
        break;
    case SQLITE_IOERR:
        /* SQLite does not always keep errno; what a write is refused for is space, a quota or a limit, or it is EIO. */
        if (number == ENOSPC || number == EDQUOT || number == EFBIG || (code == SQLITE_IOERR_WRITE && number != EIO))
            state = SQLSTATE_DISK_FULL;
        if (code == SQLITE_IOERR_FSYNC)
            sqlite->broken = true;
        break;
    default:
        break;
    }
    return error_set(err, state, "could not %s \"%s\": %s", what, sqlite->path,
                     number != 0 && (code & 0xff) == SQLITE_IOERR ? strerror(number) : reason);
}

static bool
sqlite_run(SqliteConsensus *sqlite, sqlite3_stmt *statement, const char *what, Error *err)
{
    int code = sqlite3_step(statement);
    bool ok = code == SQLITE_DONE || code == SQLITE_ROW || sqlite_error(sqlite, what, err);
    sqlite3_reset(statement);
    return ok;
}

/* ---- writing ---- */

/* checksum of key, sequence and value; then the value */
static void
value_seal(Buffer *out, Slice key, uint64_t sequence, Slice value)
{
    buffer_clear(out);
    buffer_append_le64(out, 0);
    buffer_append_slice(out, value);
    uint64_t sum = hash_combine(checksum_bytes(value.bytes, value.size), sequence);
    sum = hash_combine(sum, checksum_bytes(key.bytes, key.size));
    memcpy(out->bytes, &sum, CHECKSUM_SIZE);
}

static bool
value_open(Slice key, uint64_t sequence, Slice sealed, Slice *value)
{
    if (sealed.size < CHECKSUM_SIZE)
        return false;
    *value = slice_make(sealed.bytes + CHECKSUM_SIZE, sealed.size - CHECKSUM_SIZE);
    uint64_t sum = hash_combine(checksum_bytes(value->bytes, value->size), sequence);
    sum = hash_combine(sum, checksum_bytes(key.bytes, key.size));
    return memcmp(sealed.bytes, &sum, CHECKSUM_SIZE) == 0;
}

static bool
record_write(SqliteConsensus *sqlite, const ConsensusWrite *write, Error *err)
{
    bool removes = write->value.bytes == NULL;
    sqlite3_stmt *statement = removes                         ? sqlite->remove
                              : write->expected_sequence == 0 ? sqlite->insert
                                                              : sqlite->update;
    int at = 1;
    if (!removes) {
        value_seal(&sqlite->value, write->key, write->new_sequence, write->value);
        sqlite3_bind_int64(statement, at++, (sqlite3_int64) write->new_sequence);
        sqlite3_bind_blob64(statement, at++, sqlite->value.bytes, sqlite->value.size, SQLITE_STATIC);
    }
    sqlite3_bind_blob64(statement, at++, write->key.bytes, write->key.size, SQLITE_STATIC);
    if (write->expected_sequence != 0 || removes)
        sqlite3_bind_int64(statement, at, (sqlite3_int64) write->expected_sequence);
    int code = sqlite3_step(statement);
    bool ok = true;
    if (code != SQLITE_DONE && (code & 0xff) != SQLITE_CONSTRAINT)
        ok = sqlite_error(sqlite, "write to", err);
    bool conflict = ok && (code != SQLITE_DONE || sqlite3_changes(sqlite->database) != 1);
    sqlite3_reset(statement);
    sqlite3_clear_bindings(statement);
    if (conflict)
        return error_set(err, SQLSTATE_SERIALIZATION_FAILURE, "record \"%.*s\" of \"%s\" was changed by another writer",
                         (int) write->key.size, write->key.bytes, sqlite->path);
    return ok;
}

static bool
sqlite_commit(Consensus *consensus, const ConsensusWrite *writes, size_t count, Error *err)
{
    SqliteConsensus *sqlite = (SqliteConsensus *) consensus;
    if (sqlite->broken)
        return error_set(err, SQLSTATE_IO_ERROR, "file \"%s\" could not be synced; it is read again at the next start",
                         sqlite->path);
    if (!sqlite_run(sqlite, sqlite->begin, "begin to write to", err))
        return false;
    bool ok = true;
    for (size_t i = 0; ok && i < count; i++)
        ok = record_write(sqlite, &writes[i], err);
    ok = ok && sqlite_run(sqlite, sqlite->commit, "commit to", err);
    if (!ok && !sqlite3_get_autocommit(sqlite->database)) {
        Error ignored = ERROR_INIT;
        if (!sqlite_run(sqlite, sqlite->rollback, "roll back", &ignored))
            sqlite->broken = true;
        error_clear(&ignored);
    }
    return ok;
}

/* ---- reading ---- */

static bool
record_read(SqliteConsensus *sqlite, bool (*each)(void *context, Slice key, uint64_t sequence, Slice value, Error *err),
            void *context, Error *err)
{
    Slice key = slice_make(sqlite3_column_blob(sqlite->scan, 0), (size_t) sqlite3_column_bytes(sqlite->scan, 0));
    uint64_t sequence = (uint64_t) sqlite3_column_int64(sqlite->scan, 1);
    Slice sealed = slice_make(sqlite3_column_blob(sqlite->scan, 2), (size_t) sqlite3_column_bytes(sqlite->scan, 2));
    Slice value;
    if (!value_open(key, sequence, sealed, &value))
        return error_set(err, SQLSTATE_DATA_CORRUPTED, "file \"%s\" is damaged: record \"%.*s\" has a wrong checksum",
                         sqlite->path, (int) key.size, key.bytes);
    return each(context, key, sequence, value, err);
}

static bool
sqlite_scan(Consensus *consensus, Slice prefix,
            bool (*each)(void *context, Slice key, uint64_t sequence, Slice value, Error *err), void *context,
            Error *err)
{
    SqliteConsensus *sqlite = (SqliteConsensus *) consensus;
    sqlite3_bind_blob64(sqlite->scan, 1, prefix.bytes, prefix.size, SQLITE_STATIC);
    bool ok = true;
    int code = SQLITE_DONE;
    while (ok && (code = sqlite3_step(sqlite->scan)) == SQLITE_ROW) {
        Slice key = slice_make(sqlite3_column_blob(sqlite->scan, 0), (size_t) sqlite3_column_bytes(sqlite->scan, 0));
        if (key.size < prefix.size || memcmp(key.bytes, prefix.bytes, prefix.size) != 0)
            break;
        ok = record_read(sqlite, each, context, err);
    }
    if (ok && code != SQLITE_DONE && code != SQLITE_ROW)
        ok = sqlite_error(sqlite, "read", err);
    sqlite3_reset(sqlite->scan);
    sqlite3_clear_bindings(sqlite->scan);
    return ok;
}

/* ---- opening ---- */

static void
sqlite_close(Consensus *consensus)
{
    SqliteConsensus *sqlite = (SqliteConsensus *) consensus;
    sqlite3_finalize(sqlite->begin);
    sqlite3_finalize(sqlite->commit);
    sqlite3_finalize(sqlite->rollback);
    sqlite3_finalize(sqlite->insert);
    sqlite3_finalize(sqlite->update);
    sqlite3_finalize(sqlite->remove);
    sqlite3_finalize(sqlite->scan);
    sqlite3_close(sqlite->database);
    buffer_deinit(&sqlite->value);
    free(sqlite->path);
    free(sqlite);
}

static bool
sqlite_execute(SqliteConsensus *sqlite, const char *sql, Error *err)
{
    return sqlite3_exec(sqlite->database, sql, NULL, NULL, NULL) == SQLITE_OK || sqlite_error(sqlite, "open", err);
}

static bool
sqlite_prepare(SqliteConsensus *sqlite, const char *sql, sqlite3_stmt **statement, Error *err)
{
    return sqlite3_prepare_v3(sqlite->database, sql, -1, SQLITE_PREPARE_PERSISTENT, statement, NULL) == SQLITE_OK ||
           sqlite_error(sqlite, "open", err);
}

static bool
sqlite_pragma(SqliteConsensus *sqlite, const char *sql, int64_t *value, Error *err)
{
    sqlite3_stmt *statement = NULL;
    if (!sqlite_prepare(sqlite, sql, &statement, err))
        return false;
    bool ok = sqlite3_step(statement) == SQLITE_ROW || sqlite_error(sqlite, "read", err);
    if (ok)
        *value = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return ok;
}

/* Pages that are damaged in a way that hides records are found here; damage inside a record by its checksum. */
static bool
sqlite_check(SqliteConsensus *sqlite, Error *err)
{
    sqlite3_stmt *statement = NULL;
    if (!sqlite_prepare(sqlite, "PRAGMA integrity_check(1)", &statement, err))
        return false;
    bool ok = sqlite3_step(statement) == SQLITE_ROW || sqlite_error(sqlite, "check", err);
    const char *said = ok ? (const char *) sqlite3_column_text(statement, 0) : NULL;
    if (ok && (said == NULL || strcmp(said, "ok") != 0))
        ok = error_set(err, SQLSTATE_DATA_CORRUPTED, "file \"%s\" is damaged: %s", sqlite->path,
                       said == NULL ? "it cannot be checked" : said);
    sqlite3_finalize(statement);
    return ok;
}

static bool
sqlite_format(SqliteConsensus *sqlite, Error *err)
{
    int64_t application, version, tables;
    if (!sqlite_pragma(sqlite, "PRAGMA application_id", &application, err) ||
        !sqlite_pragma(sqlite, "PRAGMA user_version", &version, err) ||
        !sqlite_pragma(sqlite, "SELECT count(*) FROM sqlite_schema", &tables, err))
        return false;
    if (application == 0 && version == 0 && tables == 0) {
        char sql[400];
        snprintf(sql, sizeof sql,
                 "BEGIN; CREATE TABLE record (key BLOB PRIMARY KEY, sequence INTEGER NOT NULL, value BLOB NOT NULL)"
                 " WITHOUT ROWID; PRAGMA application_id = %d; PRAGMA user_version = %d; COMMIT",
                 APPLICATION_ID, FORMAT_VERSION);
        return sqlite_execute(sqlite, sql, err);
    }
    if (application != APPLICATION_ID)
        return error_set(err, SQLSTATE_DATA_CORRUPTED, "file \"%s\" is damaged or was not made by Freshet",
                         sqlite->path);
    if (version != FORMAT_VERSION)
        return error_set(err, SQLSTATE_FEATURE_NOT_SUPPORTED, "file \"%s\" has format version %" PRId64 ", not %d",
                         sqlite->path, version, FORMAT_VERSION);
    return sqlite_check(sqlite, err);
}

static bool
sqlite_open(SqliteConsensus *sqlite, Error *err)
{
    /* SQLite would make it readable for everybody; its log takes the same mode. */
    int fd = open(sqlite->path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return file_error(err, errno, "open", sqlite->path);
    close(fd);
    int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
    if (sqlite3_open_v2(sqlite->path, &sqlite->database, flags, NULL) != SQLITE_OK)
        return sqlite_error(sqlite, "open", err);
    sqlite3_extended_result_codes(sqlite->database, 1);
    /* Exclusive locking keeps the log's index in memory: no third file, and nobody reads beside us. */
    return sqlite_execute(sqlite,
                          "PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;"
                          " PRAGMA cache_size = -1024; PRAGMA temp_store = MEMORY",
                          err) &&
           sqlite_format(sqlite, err) && sqlite_prepare(sqlite, "BEGIN IMMEDIATE", &sqlite->begin, err) &&
           sqlite_prepare(sqlite, "COMMIT", &sqlite->commit, err) &&
           sqlite_prepare(sqlite, "ROLLBACK", &sqlite->rollback, err) &&
           sqlite_prepare(sqlite, "INSERT INTO record (sequence, value, key) VALUES (?1, ?2, ?3)", &sqlite->insert,
                          err) &&
           sqlite_prepare(sqlite, "UPDATE record SET sequence = ?1, value = ?2 WHERE key = ?3 AND sequence = ?4",
                          &sqlite->update, err) &&
           sqlite_prepare(sqlite, "DELETE FROM record WHERE key = ?1 AND sequence = ?2", &sqlite->remove, err) &&
           sqlite_prepare(sqlite, "SELECT key, sequence, value FROM record WHERE key >= ?1 ORDER BY key", &sqlite->scan,
                          err);
}

bool
consensus_sqlite_open(const char *path, Consensus **consensus, Error *err)
{
    static const ConsensusVtable vtable = {.commit = sqlite_commit, .scan = sqlite_scan, .close = sqlite_close};
    if (!consensus_wal_verify(path, err))
        return false;
    SqliteConsensus *sqlite = memory_calloc(1, sizeof *sqlite);
    sqlite->consensus.vtable = &vtable;
    sqlite->path = memory_strdup(path);
    if (!sqlite_open(sqlite, err)) {
        sqlite_close(&sqlite->consensus);
        return false;
    }
    *consensus = &sqlite->consensus;
    return true;
}
