/*
 * What other threads call of a source: they leave commands for its thread, which reads them when it is woken.
 */
#include <sys/eventfd.h>
#include <unistd.h>

#include "replication/postgres/stream.h"
#include "replication/postgres/stream_internal.h"

static void
event_write(int fd)
{
    uint64_t one = 1;
    ssize_t written = write(fd, &one, sizeof one);
    (void) written; /* an eventfd takes it */
}

void
source_wake(PostgresSource *source)
{
    event_write(source->wake_fd);
}

static void
leave_command(PostgresSource *source, Command command)
{
    pthread_mutex_lock(&source->lock);
    vector_push(&source->commands, command);
    pthread_mutex_unlock(&source->lock);
    atomic_store(&source->has_mail, true);
    source_wake(source);
}

static void
watch_found(void *context, uint64_t shard_id, const char *text, uint64_t lsn)
{
    leave_command(context,
                  (Command){.kind = COMMAND_FINDING, .shard_id = shard_id, .text = memory_strdup(text), .lsn = lsn});
}

static void
watch_position(void *context, uint64_t lsn)
{
    PostgresSource *source = context;
    atomic_store(&source->upstream_lsn, lsn);
}

PostgresSource *
postgres_source_start(const PostgresSourceOptions *options)
{
    PostgresSource *source = memory_calloc(1, sizeof *source);
    source->id = options->source_id;
    source->timeline_id = options->timeline_id;
    source->slot = memory_strdup(options->slot);
    source->publication = memory_strdup(options->publication);
    source->store = options->store;
    source->queue = options->queue;
    source->position = source->pushed = options->resume_lsn;
    source->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    source->stop_fd = eventfd(0, EFD_CLOEXEC);
    source->relations = map_new();
    atomic_init(&source->confirmed, options->resume_lsn);
    pthread_mutex_init(&source->lock, NULL);
    postgres_config_copy(&source->config, &options->config);
    if (source->config.database == NULL && options->database != NULL)
        source->config.database = memory_strdup(options->database);
    WatchOptions watch = {.config = &source->config,
                          .publication = options->publication,
                          .found = watch_found,
                          .position = watch_position,
                          .context = source};
    source->watch = watch_start(&watch);
    for (int i = 0; i < options->table_count; i++)
        stream_add_table(source, table_spec_new(&options->tables[i]));
    if (source->wake_fd < 0 || source->stop_fd < 0 || pthread_create(&source->thread, NULL, stream_run, source) != 0)
        bug("no thread or descriptor for a source");
    return source;
}

static void
command_deinit(Command *command)
{
    table_spec_release(command->spec);
    postgres_config_deinit(&command->config);
    free(command->text);
}

void
postgres_source_stop(PostgresSource *source)
{
    atomic_store(&source->stopping, true);
    event_write(source->stop_fd);
    source_wake(source);
    pthread_join(source->thread, NULL);
    watch_free(source->watch);
    stream_deinit(source);
    for (size_t i = 0; i < source->commands.count; i++)
        command_deinit(&source->commands.items[i]);
    vector_deinit(&source->commands);
    postgres_config_deinit(&source->config);
    close(source->wake_fd);
    close(source->stop_fd);
    pthread_mutex_destroy(&source->lock);
    free(source->slot);
    free(source->publication);
    free(source);
}

void
postgres_source_add_table(PostgresSource *source, const SourceTable *table)
{
    leave_command(source, (Command){.kind = COMMAND_ADD, .spec = table_spec_new(table)});
}

void
postgres_source_remove_table(PostgresSource *source, uint64_t shard_id)
{
    leave_command(source, (Command){.kind = COMMAND_REMOVE, .shard_id = shard_id});
}

void
postgres_source_reconfigure(PostgresSource *source, const PostgresConfig *config)
{
    Command command = {.kind = COMMAND_RECONFIGURE};
    postgres_config_copy(&command.config, config);
    leave_command(source, command);
}

void
postgres_source_confirm(PostgresSource *source, uint64_t lsn)
{
    uint64_t confirmed = atomic_load(&source->confirmed);
    while (confirmed < lsn)
        if (atomic_compare_exchange_weak(&source->confirmed, &confirmed, lsn)) {
            /* Once until it is told upstream: ticks come a thousand a second. */
            if (!atomic_exchange(&source->feedback_wanted, true))
                source_wake(source);
            return;
        }
}
