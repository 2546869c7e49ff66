#include "tests/unit/storage/fixture.h"

#include <check.h>
#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/buffer.h"

char *
directory_temporary(void)
{
    char *path = memory_strdup("/tmp/freshet-storage-XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(path));
    return path;
}

void
directory_delete(const char *path)
{
    DIR *entries = opendir(path);
    for (struct dirent *entry; entries != NULL && (entry = readdir(entries)) != NULL;) {
        if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
            continue;
        Buffer name = {0};
        buffer_printf(&name, "%s/%s", path, entry->d_name);
        if (unlink(buffer_text(&name)) != 0)
            directory_delete(buffer_text(&name));
        buffer_deinit(&name);
    }
    if (entries != NULL)
        closedir(entries);
    rmdir(path);
}

char *
bytes_read(const char *path, size_t *size)
{
    int fd = open(path, O_RDONLY);
    ck_assert_msg(fd >= 0, "cannot open %s", path);
    struct stat stat;
    fstat(fd, &stat);
    *size = (size_t) stat.st_size;
    char *bytes = memory_alloc(*size);
    ck_assert_int_eq(read(fd, bytes, *size), (ssize_t) *size);
    close(fd);
    return bytes;
}

void
bytes_write(const char *path, const char *bytes, size_t size)
{
    unlink(path); /* some file systems sync a file that is cut to nothing and written anew */
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0600);
    ck_assert_msg(fd >= 0, "cannot write %s", path);
    ck_assert_int_eq(write(fd, bytes, size), (ssize_t) size);
    close(fd);
}

Layout *
model_layout(void)
{
    return layout_new(model_types, 3, (uint16_t[]){0, 1, 2}, 3, NULL, 0);
}

Store *
store_open_at(const char *directory, size_t inline_bytes_max, size_t checkpoint_ticks)
{
    StoreOptions options = {
        .directory = directory, .inline_bytes_max = inline_bytes_max, .checkpoint_ticks = checkpoint_ticks};
    Store *store;
    Error err = ERROR_INIT;
    ck_assert_msg(store_open(&options, &store, &err), "cannot open: %s", err.message);
    return store;
}

typedef struct Waiter {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool done;
    Tick *tick;
    Error err;
} Waiter;

static void
waiter_done(void *context, Tick *tick, const Error *err)
{
    Waiter *waiter = context;
    pthread_mutex_lock(&waiter->lock);
    waiter->tick = tick;
    if (err != NULL)
        error_copy(&waiter->err, err);
    waiter->done = true;
    pthread_cond_signal(&waiter->changed);
    pthread_mutex_unlock(&waiter->lock);
}

Tick *
store_commit_wait(Store *store, TickCommit *commit, Error *err)
{
    Waiter waiter = {.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER, .err = ERROR_INIT};
    store_commit(store, commit, waiter_done, &waiter);
    pthread_mutex_lock(&waiter.lock);
    while (!waiter.done)
        pthread_cond_wait(&waiter.changed, &waiter.lock);
    pthread_mutex_unlock(&waiter.lock);
    must((waiter.tick == NULL) == error_is_set(&waiter.err));
    error_move(err, &waiter.err);
    return waiter.tick;
}

void
store_commit_expect(Store *store, TickCommit *commit)
{
    Error err = ERROR_INIT;
    Timestamp timestamp = commit->timestamp;
    Tick *tick = store_commit_wait(store, commit, &err);
    ck_assert_msg(tick != NULL, "cannot commit: %s", err.message);
    ck_assert_uint_eq(tick->timestamp, timestamp);
    ck_assert_uint_eq(store_timestamp(store), timestamp);
    tick_release(tick);
}

TickCommit *
commit_at(Timestamp timestamp)
{
    TickCommit *commit = tick_commit_new();
    commit->timestamp = timestamp;
    return commit;
}

void
commit_create(TickCommit *commit, uint64_t shard_id, bool ephemeral)
{
    ShardSpec spec = {.shard_id = shard_id, .layout = model_layout(), .ephemeral = ephemeral, .lockstep = true};
    vector_push(&commit->created, spec);
}

void
commit_rows(TickCommit *commit, uint64_t shard_id, Chunk *chunk)
{
    ShardWrite *write = tick_commit_shard(commit, shard_id);
    if (chunk != NULL)
        vector_push(&write->rows, chunk);
}

void
shard_expect(Store *store, uint64_t shard_id, const Model *model, Timestamp from, Timestamp to)
{
    ShardSnapshot snapshot;
    ck_assert(store_snapshot(store, shard_id, &snapshot));
    ck_assert_uint_ge(snapshot.rows->upper, to);
    ck_assert_uint_le(snapshot.rows->since, from);
    model_expect(model, snapshot.rows, from, to);
    spine_snapshot_release(snapshot.rows);
    spine_snapshot_release(snapshot.errors);
}
