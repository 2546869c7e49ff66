#include "storage/store.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/file.h>
#include <sys/random.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/hash.h"
#include "storage/file.h"
#include "storage/store_internal.h"

#define FORMAT_FILE    "format"
#define FORMAT_TEXT    "freshet data directory, format 1\n"
#define CONSENSUS_FILE "consensus.sqlite"

void
shard_key(char key[KEY_SIZE_MAX], uint64_t shard_id)
{
    snprintf(key, KEY_SIZE_MAX, "shard/%016" PRIx64, shard_id);
}

void
tick_key(char key[KEY_SIZE_MAX], Timestamp timestamp)
{
    snprintf(key, KEY_SIZE_MAX, "tick/%016" PRIx64, timestamp);
}

/* ---- opening ---- */

static bool
directory_lock(Store *store, Error *err)
{
    char *path = file_path(store->directory, "lock");
    store->lock_fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    bool ok = store->lock_fd >= 0 || file_error(err, errno, "open", path);
    if (ok && flock(store->lock_fd, LOCK_EX | LOCK_NB) != 0) {
        ok = errno == EWOULDBLOCK ? error_set(err, SQLSTATE_OBJECT_IN_USE,
                                              "data directory \"%s\" is in use by another process", store->directory)
                                  : file_error(err, errno, "lock", path);
    }
    free(path);
    return ok;
}

static bool
format_check(const Store *store, int fd, const char *path, Error *err)
{
    char text[sizeof FORMAT_TEXT + 32];
    ssize_t size = read(fd, text, sizeof text - 1);
    if (size < 0)
        return file_error(err, errno, "read", path);
    text[size] = '\0';
    if (strcmp(text, FORMAT_TEXT) == 0)
        return true;
    const char *prefix = "freshet data directory, format ";
    if (strncmp(text, prefix, strlen(prefix)) != 0)
        return error_set(err, SQLSTATE_DATA_CORRUPTED, "file \"%s\" is damaged", path);
    text[strcspn(text, "\n")] = '\0';
    error_set(err, SQLSTATE_FEATURE_NOT_SUPPORTED, "data directory \"%s\" has format version %s, not 1",
              store->directory, text + strlen(prefix));
    return error_hint(err, "It was made by another version of Freshet.");
}

/* The file that says what this directory is; written into a directory that holds nothing yet. */
static bool
directory_format(Store *store, Error *err)
{
    char *path = file_path(store->directory, FORMAT_FILE);
    char *consensus = file_path(store->directory, CONSENSUS_FILE);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool ok;
    if (fd >= 0)
        ok = format_check(store, fd, path, err);
    else if (errno != ENOENT)
        ok = file_error(err, errno, "open", path);
    else if (access(consensus, F_OK) == 0)
        ok = error_set(err, SQLSTATE_DATA_CORRUPTED, "file \"%s\" is missing", path);
    else
        ok = file_write_durably(store->directory, FORMAT_FILE, FORMAT_TEXT, strlen(FORMAT_TEXT), err);
    if (fd >= 0)
        close(fd);
    free(path);
    free(consensus);
    return ok;
}

static bool
directory_open(Store *store, Error *err)
{
    if (!directory_make(store->directory, err) || !directory_lock(store, err) || !directory_format(store, err))
        return false;
    char *blobs = file_path(store->directory, "blobs");
    char *consensus = file_path(store->directory, CONSENSUS_FILE);
    bool ok = blob_file_open(blobs, &store->blob, err) && consensus_sqlite_open(consensus, &store->consensus, err) &&
              directory_sync(store->directory, err);
    free(blobs);
    free(consensus);
    return ok;
}

static uint64_t
random_u64(void)
{
    uint64_t value = 0;
    if (getrandom(&value, sizeof value, 0) != (ssize_t) sizeof value)
        value = hash_combine((uint64_t) clock_wall_us(), (uint64_t) getpid());
    return value;
}

static Store *
store_new(const StoreOptions *options)
{
    Store *store = memory_calloc(1, sizeof *store);
    store->directory = memory_strdup(options->directory);
    store->lock_fd = -1;
    store->inline_bytes_max = options->inline_bytes_max == 0 ? TICK_INLINE_BYTES_DEFAULT : options->inline_bytes_max;
    store->checkpoint_ticks = options->checkpoint_ticks == 0 ? CHECKPOINT_TICKS_DEFAULT : options->checkpoint_ticks;
    store->name_prefix = random_u64();
    SqlType text = SQL_TYPE(TEXT);
    uint16_t key = 0;
    store->error_layout = layout_new(&text, 1, &key, 1, NULL, 0);
    store->arena = arena_new();
    store->shards = map_new();
    store->meta = map_new();
    store->queue_end = &store->queue_head;
    store->queue_lowest = TIMESTAMP_MAX;
    pthread_mutex_init(&store->lock, NULL);
    pthread_cond_init(&store->queue_changed, NULL);
    pthread_cond_init(&store->publication_finished, NULL);
    pthread_cond_init(&store->background_wake, NULL);
    return store;
}

static void
store_free(Store *store)
{
    void *value;
    for (size_t i = 0; map_next(store->shards, &i, NULL, &value);)
        shard_release(value);
    for (size_t i = 0; i < store->dropped.count; i++)
        shard_release(store->dropped.items[i].shard);
    for (size_t i = 0; map_next(store->meta, &i, NULL, &value);) {
        free(((MetaRecord *) value)->bytes);
        free(value);
    }
    map_free(store->shards);
    map_free(store->meta);
    vector_deinit(&store->ticks);
    vector_deinit(&store->stale);
    vector_deinit(&store->dropped);
    if (store->consensus != NULL)
        store->consensus->vtable->close(store->consensus);
    if (store->blob != NULL)
        store->blob->vtable->close(store->blob);
    if (store->lock_fd >= 0)
        close(store->lock_fd);
    layout_release(store->error_layout);
    arena_free(store->arena);
    pthread_mutex_destroy(&store->lock);
    pthread_cond_destroy(&store->queue_changed);
    pthread_cond_destroy(&store->publication_finished);
    pthread_cond_destroy(&store->background_wake);
    free(store->directory);
    free(store);
}

bool
store_open(const StoreOptions *options, Store **out, Error *err)
{
    Store *store = store_new(options);
    if (!directory_open(store, err) || !store_recover(store, err)) {
        store_free(store);
        return false;
    }
    if (pthread_create(&store->thread, NULL, store_thread_main, store) != 0)
        bug("the store's thread cannot be made");
    if (pthread_create(&store->background, NULL, store_background_main, store) != 0)
        bug("the store's background thread cannot be made");
    *out = store;
    return true;
}

void
store_close(Store *store)
{
    pthread_mutex_lock(&store->lock);
    store->closing = true;
    pthread_cond_broadcast(&store->background_wake);
    pthread_mutex_unlock(&store->lock);
    pthread_join(store->background, NULL);
    pthread_mutex_lock(&store->lock);
    store->closed = true;
    pthread_cond_broadcast(&store->queue_changed);
    pthread_mutex_unlock(&store->lock);
    pthread_join(store->thread, NULL);
    store_free(store);
}

/* ---- commits ---- */

void
store_commit(Store *store, TickCommit *commit, StoreCommitDone done, void *context)
{
    StoreTask *task = memory_alloc(sizeof *task);
    *task = (StoreTask){.commit = commit, .done = done, .context = context};
    pthread_mutex_lock(&store->lock);
    *store->queue_end = task;
    store->queue_end = &task->next;
    if (commit->timestamp < store->queue_lowest)
        store->queue_lowest = commit->timestamp;
    pthread_cond_signal(&store->queue_changed);
    pthread_mutex_unlock(&store->lock);
}

Timestamp
store_timestamp(Store *store)
{
    pthread_mutex_lock(&store->lock);
    Timestamp timestamp = store->timestamp;
    pthread_mutex_unlock(&store->lock);
    return timestamp;
}

void
store_advance(Store *store, Timestamp timestamp)
{
    pthread_mutex_lock(&store->lock);
    /* A commit that is on its way has yet to happen at its time. */
    Timestamp upper = timestamp == TIMESTAMP_MAX ? timestamp : timestamp + 1;
    if (upper > store->queue_lowest)
        upper = store->queue_lowest;
    if (upper > store->upper)
        store->upper = upper;
    pthread_mutex_unlock(&store->lock);
}

/* ---- ephemeral shards ---- */

void
store_create_ephemeral(Store *store, const ShardSpec *spec, Timestamp upper)
{
    pthread_mutex_lock(&store->lock);
    if (store_shard(store, spec->shard_id) != NULL)
        bug("shard %" PRIu64 " already exists", spec->shard_id);
    Shard *shard = shard_new(store, spec->shard_id, spec->layout, true, spec->lockstep, upper);
    map_put_u64(store->shards, shard->id, shard);
    pthread_mutex_unlock(&store->lock);
}

void
store_drop_ephemeral(Store *store, uint64_t shard_id)
{
    pthread_mutex_lock(&store->lock);
    Shard *shard = store_shard(store, shard_id);
    if (shard != NULL && !shard->ephemeral)
        bug("shard %" PRIu64 " is dropped by a commit only", shard_id);
    if (shard != NULL) {
        map_remove_u64(store->shards, shard_id);
        shard->dropped = true;
        shard_release(shard);
    }
    pthread_mutex_unlock(&store->lock);
}

static uint64_t
part_append(Store *store, Shard *shard, int part, ChunkVector *chunks, Timestamp upper)
{
    if (chunks == NULL || chunks->count == 0)
        return 0;
    Run *run = run_build(shard_part_layout(store, shard, part), chunks->items, chunks->count,
                         spine_upper(shard->parts[part]), upper);
    chunk_vector_release(chunks);
    uint64_t rows = run->row_count;
    spine_push(shard->parts[part], run);
    return rows;
}

void
store_append(Store *store, uint64_t shard_id, ChunkVector *rows, ChunkVector *errors, Timestamp new_upper)
{
    pthread_mutex_lock(&store->lock);
    Shard *shard = store_shard(store, shard_id);
    if (shard != NULL && (!shard->ephemeral || shard->lockstep))
        bug("shard %" PRIu64 " is written by commits only", shard_id);
    if (shard != NULL)
        shard_retain(shard);
    pthread_mutex_unlock(&store->lock);
    if (shard == NULL) { /* dropped meanwhile */
        if (rows != NULL)
            chunk_vector_release(rows);
        if (errors != NULL)
            chunk_vector_release(errors);
        return;
    }
    pthread_mutex_lock(&shard->writer);
    uint64_t counts[SHARD_PARTS];
    counts[SHARD_ERRORS] = part_append(store, shard, SHARD_ERRORS, errors, new_upper);
    counts[SHARD_ROWS] = part_append(store, shard, SHARD_ROWS, rows, new_upper);
    /* Rows last: what a reader sees of the upper of rows holds for errors too. */
    spine_advance(shard->parts[SHARD_ERRORS], new_upper);
    spine_advance(shard->parts[SHARD_ROWS], new_upper);
    for (int part = 0; part < SHARD_PARTS; part++)
        if (counts[part] != 0)
            spine_settle(shard->parts[part], counts[part]);
    pthread_mutex_unlock(&shard->writer);
    pthread_mutex_lock(&store->lock);
    shard_follow(store, shard);
    shard_release(shard);
    pthread_mutex_unlock(&store->lock);
}

/* ---- reading ---- */

bool
store_snapshot(Store *store, uint64_t shard_id, ShardSnapshot *snapshot)
{
    pthread_mutex_lock(&store->lock);
    Shard *shard = store_shard(store, shard_id);
    if (shard != NULL) {
        shard_follow(store, shard);
        snapshot->rows = spine_snapshot(shard->parts[SHARD_ROWS]);
        snapshot->errors = spine_snapshot(shard->parts[SHARD_ERRORS]);
    }
    pthread_mutex_unlock(&store->lock);
    return shard != NULL;
}

bool
store_shard_exists(Store *store, uint64_t shard_id)
{
    pthread_mutex_lock(&store->lock);
    bool exists = store_shard(store, shard_id) != NULL;
    pthread_mutex_unlock(&store->lock);
    return exists;
}

uint64_t
store_shard_bytes(Store *store, uint64_t shard_id)
{
    pthread_mutex_lock(&store->lock);
    const Shard *shard = store_shard(store, shard_id);
    uint64_t bytes = 0;
    for (int part = 0; shard != NULL && part < SHARD_PARTS; part++)
        bytes += spine_memory(shard->parts[part]);
    pthread_mutex_unlock(&store->lock);
    return bytes;
}

uint64_t
store_shard_rows(Store *store, uint64_t shard_id)
{
    pthread_mutex_lock(&store->lock);
    const Shard *shard = store_shard(store, shard_id);
    uint64_t rows = shard == NULL ? 0 : spine_row_count(shard->parts[SHARD_ROWS]);
    pthread_mutex_unlock(&store->lock);
    return rows;
}

Timestamp
store_shard_since(Store *store, uint64_t shard_id)
{
    pthread_mutex_lock(&store->lock);
    Shard *shard = store_shard(store, shard_id);
    Timestamp since = shard == NULL ? 0 : shard_follow(store, shard);
    pthread_mutex_unlock(&store->lock);
    return since;
}

void
store_list_shards(Store *store, void (*each)(void *context, uint64_t shard_id), void *context)
{
    VECTOR(uint64_t) ids = {0};
    pthread_mutex_lock(&store->lock);
    void *value;
    for (size_t i = 0; map_next(store->shards, &i, NULL, &value);)
        if (!((const Shard *) value)->ephemeral)
            vector_push(&ids, ((const Shard *) value)->id);
    pthread_mutex_unlock(&store->lock);
    for (size_t i = 0; i < ids.count; i++)
        each(context, ids.items[i]);
    vector_deinit(&ids);
}

void
store_statistics(Store *store, StoreStatistics *statistics)
{
    pthread_mutex_lock(&store->lock);
    *statistics = store->statistics;
    statistics->shards = map_count(store->shards);
    pthread_mutex_unlock(&store->lock);
}

/* ---- holds ---- */

ShardHold *
store_hold(Store *store, uint64_t shard_id, Timestamp since)
{
    ShardHold *hold = memory_alloc(sizeof *hold);
    pthread_mutex_lock(&store->lock);
    Shard *shard = store_shard(store, shard_id);
    *hold = (ShardHold){.store = store, .since = since};
    if (shard != NULL) {
        hold->shard = shard_retain(shard);
        hold->since = since < shard->since ? shard->since : since;
        vector_push(&shard->holds, hold);
    }
    pthread_mutex_unlock(&store->lock);
    return hold;
}

void
store_hold_move(ShardHold *hold, Timestamp since)
{
    pthread_mutex_lock(&hold->store->lock);
    hold->since = since > hold->since ? since : hold->since;
    pthread_mutex_unlock(&hold->store->lock);
}

void
store_hold_release(ShardHold *hold)
{
    if (hold == NULL)
        return;
    Store *store = hold->store;
    pthread_mutex_lock(&store->lock);
    Shard *shard = hold->shard;
    for (size_t i = 0; shard != NULL && i < shard->holds.count; i++)
        if (shard->holds.items[i] == hold) {
            vector_remove(&shard->holds, i);
            break;
        }
    if (shard != NULL)
        shard_release(shard);
    pthread_mutex_unlock(&store->lock);
    free(hold);
}

/* ---- meta records ---- */

void
store_set_meta(Store *store, Slice key, char *bytes, size_t size, uint64_t sequence)
{
    MetaRecord *record = map_get(store->meta, key);
    if (record == NULL) {
        record = memory_calloc(1, sizeof *record);
        map_put(store->meta, key, record);
    }
    free(record->bytes);
    record->bytes = bytes;
    record->size = size;
    record->dirty = sequence == 0;
    if (sequence != 0)
        record->sequence = sequence;
}

bool
store_meta(Store *store, const char *key, Arena *arena, Slice *value)
{
    pthread_mutex_lock(&store->lock);
    const MetaRecord *record = map_get_text(store->meta, key);
    bool found = record != NULL && record->bytes != NULL;
    if (found)
        *value = slice_make(arena_strndup(arena, record->bytes, record->size), record->size);
    pthread_mutex_unlock(&store->lock);
    return found;
}
