#include "replication/postgres/watch.h"

#include <poll.h>
#include <pthread.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/log.h"
#include "replication/postgres/published.h"
#include "replication/postgres/upstream_type.h"

#define LOOK_INTERVAL_US  INT64_C(1000000)
#define LOOK_SHARE        20 /* looking takes at most one part of so many of upstream's time */
#define RETRY_INTERVAL_US INT64_C(5000000)

struct Watch {
    pthread_t thread;
    pthread_mutex_t lock;
    int stop_fd, wake_fd;
    VECTOR(TableSpec *) specs; /* under the lock, like the next two */
    PostgresConfig config;
    bool reconfigured;
    char *publication;
    void (*found)(void *context, uint64_t shard_id, const char *text, uint64_t lsn);
    void (*position)(void *context, uint64_t lsn);
    void *context;
};

static void
event_write(int fd)
{
    uint64_t one = 1;
    ssize_t written = write(fd, &one, sizeof one);
    (void) written; /* an eventfd takes it */
}

/* ---- from other threads ---- */

void
watch_add(Watch *watch, TableSpec *spec)
{
    pthread_mutex_lock(&watch->lock);
    vector_push(&watch->specs, table_spec_retain(spec));
    pthread_mutex_unlock(&watch->lock);
}

void
watch_remove(Watch *watch, uint64_t shard_id)
{
    pthread_mutex_lock(&watch->lock);
    for (size_t i = watch->specs.count; i-- > 0;) {
        TableSpec *spec = watch->specs.items[i];
        if (spec->table.shard_id != shard_id)
            continue;
        vector_remove(&watch->specs, i);
        table_spec_release(spec);
    }
    pthread_mutex_unlock(&watch->lock);
}

void
watch_reconfigure(Watch *watch, const PostgresConfig *config)
{
    pthread_mutex_lock(&watch->lock);
    postgres_config_deinit(&watch->config);
    postgres_config_copy(&watch->config, config);
    watch->reconfigured = true;
    pthread_mutex_unlock(&watch->lock);
    watch_hurry(watch);
}

void
watch_hurry(Watch *watch)
{
    event_write(watch->wake_fd);
}

/* ---- looking ---- */

typedef VECTOR(TableSpec *) SpecVector;

static void
specs_copy(Watch *watch, SpecVector *specs)
{
    pthread_mutex_lock(&watch->lock);
    for (size_t i = 0; i < watch->specs.count; i++)
        vector_push(specs, table_spec_retain(watch->specs.items[i]));
    pthread_mutex_unlock(&watch->lock);
}

static bool
look_at(Watch *watch, PGconn *connection, const SpecVector *specs, Arena *arena, Error *err)
{
    uint32_t *oids = arena_new_array(arena, uint32_t, specs->count + 1);
    for (size_t i = 0; i < specs->count; i++)
        oids[i] = specs->items[i]->table.upstream_oid;
    PublishedRequest request = {.publication = watch->publication, .oids = oids, .oid_count = (int) specs->count};
    PublishedCatalog catalog;
    const char **enum_misfits = arena_new_array(arena, const char *, specs->count + 1);
    if (!upstream_enums_follow(connection, watch->stop_fd, specs->items, specs->count, arena, enum_misfits, err) ||
        !published_read(connection, watch->stop_fd, &request, arena, &catalog, err))
        return false;
    watch->position(watch->context, catalog.lsn);
    for (size_t i = 0; i < specs->count; i++) {
        const char *misfit = published_misfit(specs->items[i], &catalog, watch->publication, arena);
        misfit = misfit == NULL ? enum_misfits[i] : misfit;
        if (misfit == NULL)
            continue;
        watch_remove(watch, specs->items[i]->table.shard_id);
        watch->found(watch->context, specs->items[i]->table.shard_id, misfit, catalog.lsn);
    }
    return true;
}

static bool
look(Watch *watch, PGconn *connection, Error *err)
{
    SpecVector specs = {0};
    Arena *arena = arena_new();
    specs_copy(watch, &specs);
    bool ok = look_at(watch, connection, &specs, arena, err);
    for (size_t i = 0; i < specs.count; i++)
        table_spec_release(specs.items[i]);
    vector_deinit(&specs);
    arena_free(arena);
    return ok;
}

/* False: stopped. */
static bool
rest(Watch *watch, int64_t us)
{
    struct pollfd polled[2] = {{.fd = watch->stop_fd, .events = POLLIN}, {.fd = watch->wake_fd, .events = POLLIN}};
    poll(polled, 2, (int) (us / 1000));
    uint64_t count;
    if (polled[1].revents != 0) {
        ssize_t taken = read(watch->wake_fd, &count, sizeof count);
        (void) taken;
    }
    return polled[0].revents == 0;
}

static PGconn *
connect_again(Watch *watch, PGconn *connection, Error *err)
{
    PostgresConfig config;
    pthread_mutex_lock(&watch->lock);
    bool reconfigured = watch->reconfigured;
    watch->reconfigured = false;
    postgres_config_copy(&config, &watch->config);
    pthread_mutex_unlock(&watch->lock);
    if (reconfigured && connection != NULL) {
        PQfinish(connection);
        connection = NULL;
    }
    bool ok = connection != NULL || upstream_connect(&config, false, watch->stop_fd, &connection, err);
    postgres_config_deinit(&config);
    return ok ? connection : NULL;
}

static void *
watch_run(void *context)
{
    Watch *watch = context;
    PGconn *connection = NULL;
    int64_t pause_us = LOOK_INTERVAL_US;
    while (rest(watch, pause_us)) {
        Error err = ERROR_INIT;
        int64_t began_us = clock_steady_us();
        connection = connect_again(watch, connection, &err);
        if (connection != NULL && look(watch, connection, &err)) {
            int64_t share_us = (clock_steady_us() - began_us) * LOOK_SHARE;
            pause_us = share_us > LOOK_INTERVAL_US ? share_us : LOOK_INTERVAL_US;
            continue;
        }
        log_debug("postgres", "cannot look at the catalogs upstream: %s", err.message);
        error_clear(&err);
        pause_us = RETRY_INTERVAL_US;
        if (connection != NULL)
            PQfinish(connection);
        connection = NULL;
    }
    if (connection != NULL)
        PQfinish(connection);
    return NULL;
}

Watch *
watch_start(const WatchOptions *options)
{
    Watch *watch = memory_calloc(1, sizeof *watch);
    pthread_mutex_init(&watch->lock, NULL);
    watch->stop_fd = eventfd(0, EFD_CLOEXEC);
    watch->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    postgres_config_copy(&watch->config, options->config);
    watch->publication = memory_strdup(options->publication);
    watch->found = options->found;
    watch->position = options->position;
    watch->context = options->context;
    if (watch->stop_fd < 0 || watch->wake_fd < 0 || pthread_create(&watch->thread, NULL, watch_run, watch) != 0)
        bug("no thread or descriptor for a source");
    return watch;
}

void
watch_free(Watch *watch)
{
    event_write(watch->stop_fd);
    pthread_join(watch->thread, NULL);
    for (size_t i = 0; i < watch->specs.count; i++)
        table_spec_release(watch->specs.items[i]);
    vector_deinit(&watch->specs);
    postgres_config_deinit(&watch->config);
    free(watch->publication);
    close(watch->stop_fd);
    close(watch->wake_fd);
    pthread_mutex_destroy(&watch->lock);
    free(watch);
}
