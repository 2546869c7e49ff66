#include "dataflow/cluster_internal.h"

#include <signal.h>

#define COMMANDS_MAX 65536

/* ---- life */

Cluster *
cluster_new(const ClusterOptions *options)
{
    Cluster *cluster = memory_calloc(1, sizeof *cluster);
    cluster->name = memory_strdup(options->name == NULL ? "" : options->name);
    cluster->memory_bytes_max = options->memory_bytes_max;
    cluster->wake = options->wake;
    cluster->wake_context = options->wake_context;
    pthread_mutex_init(&cluster->command_lock, NULL);
    pthread_mutex_init(&cluster->result_lock, NULL);
    pthread_mutex_init(&cluster->publish_lock, NULL);
    pthread_cond_init(&cluster->command_ready, NULL);
    pthread_cond_init(&cluster->command_room, NULL);
    cluster->cancels = map_new();
    cluster->published = map_new();
    atomic_init(&cluster->next_wakeup, TIMESTAMP_MAX);

    cluster->crew = crew_new();
    /* Signals are the event loop's. */
    sigset_t all, old;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    int failed = pthread_create(&cluster->thread, NULL, worker_main, cluster);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
    if (failed != 0)
        bug("a cluster's thread cannot be started: %s", strerror(failed));
    return cluster;
}

void
published_free(Published *published)
{
    if (published == NULL)
        return;
    if (published->rows != NULL)
        spine_snapshot_release(published->rows);
    if (published->errors != NULL)
        spine_snapshot_release(published->errors);
    free(published);
}

static void
send_command(Cluster *cluster, Command *command)
{
    CancelFlag *replaced = NULL;
    pthread_mutex_lock(&cluster->command_lock);
    while (cluster->command_count >= COMMANDS_MAX)
        pthread_cond_wait(&cluster->command_room, &cluster->command_lock);
    if (command->kind == COMMAND_CREATE)
        replaced = map_put_u64(cluster->cancels, command->id, cancel_flag_retain(command->cancel));
    if (command->kind == COMMAND_DROP) {
        CancelFlag *cancel = map_remove_u64(cluster->cancels, command->id);
        if (cancel != NULL)
            atomic_store_explicit(&cancel->cancelled, true, memory_order_relaxed);
        cancel_flag_release(cancel);
    }
    command->next = NULL;
    if (cluster->last_command == NULL)
        cluster->first_command = command;
    else
        cluster->last_command->next = command;
    cluster->last_command = command;
    cluster->command_count++;
    pthread_cond_signal(&cluster->command_ready);
    pthread_mutex_unlock(&cluster->command_lock);
    cancel_flag_release(replaced);
}

void
cluster_forget_cancel(Cluster *cluster, uint64_t dataflow_id, CancelFlag *cancel)
{
    pthread_mutex_lock(&cluster->command_lock);
    bool found = map_get_u64(cluster->cancels, dataflow_id) == cancel;
    if (found)
        map_remove_u64(cluster->cancels, dataflow_id);
    pthread_mutex_unlock(&cluster->command_lock);
    if (found)
        cancel_flag_release(cancel);
}

static Command *
command_new(CommandKind kind, uint64_t id)
{
    Command *command = memory_calloc(1, sizeof *command);
    command->kind = kind;
    command->id = id;
    return command;
}

void
command_release_snapshots(Command *command)
{
    for (int i = 0; i < command->plan->import_count; i++) {
        ShardSnapshot *snapshot = &command->imports[i].snapshot;
        if (snapshot->rows != NULL)
            spine_snapshot_release(snapshot->rows);
        if (snapshot->errors != NULL)
            spine_snapshot_release(snapshot->errors);
        *snapshot = (ShardSnapshot){0};
    }
}

void
command_free(Command *command)
{
    if (command->plan != NULL) {
        command_release_snapshots(command);
        dataflow_plan_free(command->plan);
    }
    free(command->imports);
    cancel_flag_release(command->cancel);
    if (command->tick != NULL)
        tick_release(command->tick);
    chunk_vector_release(&command->rows);
    chunk_vector_release(&command->errors);
    free(command);
}

void
cluster_free(Cluster *cluster)
{
    if (cluster == NULL)
        return;
    /* A long step must not hold up the end. */
    pthread_mutex_lock(&cluster->command_lock);
    Slice key;
    void *value;
    for (size_t i = 0; map_next(cluster->cancels, &i, &key, &value);)
        atomic_store_explicit(&((CancelFlag *) value)->cancelled, true, memory_order_relaxed);
    pthread_mutex_unlock(&cluster->command_lock);
    send_command(cluster, command_new(COMMAND_STOP, 0));
    pthread_join(cluster->thread, NULL);
    crew_free(cluster->crew);

    for (Command *command = cluster->first_command, *next; command != NULL; command = next) {
        next = command->next;
        command_free(command);
    }
    for (ResultEntry *entry = cluster->first_result, *next; entry != NULL; entry = next) {
        next = entry->next;
        cluster_result_deinit(&entry->result);
        free(entry);
    }
    for (size_t i = 0; map_next(cluster->cancels, &i, &key, &value);)
        cancel_flag_release(value);
    map_free(cluster->cancels);
    for (size_t i = 0; map_next(cluster->published, &i, &key, &value);)
        published_free(value);
    map_free(cluster->published);
    pthread_mutex_destroy(&cluster->command_lock);
    pthread_mutex_destroy(&cluster->result_lock);
    pthread_mutex_destroy(&cluster->publish_lock);
    pthread_cond_destroy(&cluster->command_ready);
    pthread_cond_destroy(&cluster->command_room);
    free(cluster->name);
    free(cluster);
}

/* ---- commands */

void
cluster_create_dataflow(Cluster *cluster, uint64_t dataflow_id, DataflowPlan *plan, const ImportState *imports)
{
    Command *command = command_new(COMMAND_CREATE, dataflow_id);
    command->plan = plan;
    command->imports = memory_calloc((size_t) plan->import_count + 1, sizeof *command->imports);
    if (plan->import_count > 0)
        memcpy(command->imports, imports, (size_t) plan->import_count * sizeof *imports);
    command->cancel = cancel_flag_new();
    send_command(cluster, command);
}

void
cluster_drop_dataflow(Cluster *cluster, uint64_t dataflow_id)
{
    send_command(cluster, command_new(COMMAND_DROP, dataflow_id));
}

void
cluster_tick(Cluster *cluster, Tick *tick)
{
    Command *command = command_new(COMMAND_TICK, 0);
    command->tick = tick_retain(tick);
    send_command(cluster, command);
}

void
cluster_feed(Cluster *cluster, uint64_t collection_id, ChunkVector *rows, ChunkVector *errors, Timestamp new_upper)
{
    Command *command = command_new(COMMAND_FEED, collection_id);
    if (rows != NULL) {
        command->rows = *rows;
        *rows = (ChunkVector){0};
    }
    if (errors != NULL) {
        command->errors = *errors;
        *errors = (ChunkVector){0};
    }
    command->time = new_upper;
    send_command(cluster, command);
}

void
cluster_allow_compaction(Cluster *cluster, uint64_t index_id, Timestamp since)
{
    Command *command = command_new(COMMAND_ALLOW_COMPACTION, index_id);
    command->time = since;
    send_command(cluster, command);
}

Command *
cluster_take_commands(Cluster *cluster, bool wait)
{
    pthread_mutex_lock(&cluster->command_lock);
    while (wait && cluster->first_command == NULL)
        pthread_cond_wait(&cluster->command_ready, &cluster->command_lock);
    Command *first = cluster->first_command;
    cluster->first_command = cluster->last_command = NULL;
    if (cluster->command_count >= COMMANDS_MAX)
        pthread_cond_broadcast(&cluster->command_room);
    cluster->command_count = 0;
    pthread_mutex_unlock(&cluster->command_lock);
    return first;
}

/* ---- results */

void
cluster_post(Cluster *cluster, ClusterResult *result, ResultEntry **slot, bool replaceable)
{
    bool was_empty = false;
    pthread_mutex_lock(&cluster->result_lock);
    if (slot != NULL && *slot != NULL) {
        if (replaceable) {
            (*slot)->result.upper = result->upper;
            pthread_mutex_unlock(&cluster->result_lock);
            return;
        }
        (*slot)->slot = NULL;
        *slot = NULL;
    }
    ResultEntry *entry = memory_calloc(1, sizeof *entry);
    entry->result = *result;
    if (replaceable && slot != NULL) {
        entry->slot = slot;
        *slot = entry;
    }
    was_empty = cluster->first_result == NULL;
    if (was_empty)
        cluster->first_result = entry;
    else
        cluster->last_result->next = entry;
    cluster->last_result = entry;
    pthread_mutex_unlock(&cluster->result_lock);
    if (was_empty && cluster->wake != NULL)
        cluster->wake(cluster->wake_context);
}

void
cluster_forget_slot(Cluster *cluster, ResultEntry **slot)
{
    pthread_mutex_lock(&cluster->result_lock);
    if (*slot != NULL)
        (*slot)->slot = NULL;
    *slot = NULL;
    pthread_mutex_unlock(&cluster->result_lock);
}

bool
cluster_poll(Cluster *cluster, ClusterResult *result)
{
    pthread_mutex_lock(&cluster->result_lock);
    ResultEntry *entry = cluster->first_result;
    if (entry != NULL) {
        cluster->first_result = entry->next;
        if (entry->next == NULL)
            cluster->last_result = NULL;
        if (entry->slot != NULL)
            *entry->slot = NULL;
    }
    pthread_mutex_unlock(&cluster->result_lock);
    if (entry == NULL)
        return false;
    *result = entry->result;
    free(entry);
    return true;
}

void
cluster_result_deinit(ClusterResult *result)
{
    chunk_vector_release(&result->rows);
    chunk_vector_release(&result->errors);
    error_clear(&result->error);
}

/* ---- what is published */

static Timestamp
published_frontier(const Cluster *cluster, const Published *published)
{
    bool follows = published->follows && cluster->tick_frontier > published->frontier;
    return !published->hydrated ? 0 : follows ? cluster->tick_frontier : published->frontier;
}

bool
cluster_index_snapshot(Cluster *cluster, uint64_t index_id, IndexSnapshot *snapshot)
{
    atomic_store(&cluster->frontier_wanted, true);
    pthread_mutex_lock(&cluster->publish_lock);
    const Published *published = map_get_u64(cluster->published, index_id);
    bool found = published != NULL && published->is_index && published->hydrated;
    if (found)
        *snapshot = (IndexSnapshot){.rows = spine_snapshot_retain(published->rows),
                                    .errors = spine_snapshot_retain(published->errors),
                                    .frontier = published_frontier(cluster, published)};
    pthread_mutex_unlock(&cluster->publish_lock);
    return found;
}

void
index_snapshot_release(IndexSnapshot *snapshot)
{
    if (snapshot->rows != NULL)
        spine_snapshot_release(snapshot->rows);
    if (snapshot->errors != NULL)
        spine_snapshot_release(snapshot->errors);
    *snapshot = (IndexSnapshot){0};
}

Timestamp
cluster_export_frontier(Cluster *cluster, uint64_t export_id)
{
    atomic_store(&cluster->frontier_wanted, true);
    pthread_mutex_lock(&cluster->publish_lock);
    const Published *published = map_get_u64(cluster->published, export_id);
    Timestamp frontier = published == NULL ? 0 : published_frontier(cluster, published);
    pthread_mutex_unlock(&cluster->publish_lock);
    return frontier;
}

Timestamp
cluster_next_wakeup(Cluster *cluster)
{
    return atomic_load(&cluster->next_wakeup);
}

void
cluster_statistics(Cluster *cluster, ClusterStatistics *statistics)
{
    pthread_mutex_lock(&cluster->command_lock);
    size_t queue_length = cluster->command_count;
    pthread_mutex_unlock(&cluster->command_lock);
    *statistics = (ClusterStatistics){
        .steps = atomic_load_explicit(&cluster->steps, memory_order_relaxed),
        .step_us_total = atomic_load_explicit(&cluster->step_us_total, memory_order_relaxed),
        .rows_in = atomic_load_explicit(&cluster->rows_in, memory_order_relaxed),
        .rows_out = atomic_load_explicit(&cluster->rows_out, memory_order_relaxed),
        .memory_bytes = atomic_load_explicit(&cluster->memory_bytes, memory_order_relaxed),
        .dataflows = atomic_load_explicit(&cluster->dataflows, memory_order_relaxed),
        .queue_length = queue_length,
    };
}

void
cluster_list_exports(Cluster *cluster,
                     void (*each)(void *context, uint64_t export_id, uint64_t records, uint64_t bytes), void *context)
{
    VECTOR(Published) copies = {0};
    Slice key;
    void *value;
    pthread_mutex_lock(&cluster->publish_lock);
    for (size_t i = 0; map_next(cluster->published, &i, &key, &value);)
        vector_push(&copies, *(const Published *) value);
    pthread_mutex_unlock(&cluster->publish_lock);
    for (size_t i = 0; i < copies.count; i++)
        each(context, copies.items[i].export_id, copies.items[i].records, copies.items[i].bytes);
    vector_deinit(&copies);
}
