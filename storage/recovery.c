#include <inttypes.h>
#include <stdlib.h>

#include "base/log.h"
#include "storage/record.h"
#include "storage/store_internal.h"

/* record "shard/..." of "/data/consensus.sqlite", for messages */
static const char *
record_where(Store *store, Slice key, Arena *arena)
{
    return arena_printf(arena, "record \"%.*s\" of \"%s/consensus.sqlite\"", (int) key.size, key.bytes,
                        store->directory);
}

static bool
key_number(Slice key, size_t prefix, uint64_t *number)
{
    char digits[17] = "";
    if (key.size != prefix + 16)
        return false;
    memcpy(digits, key.bytes + prefix, 16);
    char *end;
    *number = strtoull(digits, &end, 16);
    return *end == '\0';
}

static bool
store_record_read(void *context, Slice key, uint64_t sequence, Slice value, Error *err)
{
    Store *store = context;
    Arena *arena = arena_new();
    const char *where = record_where(store, key, arena);
    RecordReader reader = {.rest = value};
    bool ok = record_check_version(record_read_u8(&reader), where, err);
    store->checkpoint = record_read_u64(&reader);
    store->shard_records = record_read_u64(&reader);
    store->meta_records = record_read_u64(&reader);
    if (ok && reader.failed)
        ok = record_damaged(where, "it is cut off", err);
    store->store_sequence = sequence;
    store->timestamp = store->last_tick = store->checkpoint;
    arena_free(arena);
    return ok;
}

static bool
part_read(Store *store, Shard *shard, int part, RecordReader *reader, const char *where, Error *err)
{
    uint32_t count = record_read_u32(reader);
    for (uint32_t i = 0; i < count; i++) {
        Run *run;
        if (!record_read_run(reader, store->blob, shard_part_layout(store, shard, part), where, &run, err))
            return false;
        if (run->upper < spine_upper(shard->parts[part]) || run->upper > store->checkpoint + 1) {
            run_release(run);
            return record_damaged(where, "times of a run in it", err);
        }
        spine_push(shard->parts[part], run);
    }
    return true;
}

static bool
shard_read(Store *store, Shard *shard, RecordReader *reader, const char *where, Error *err)
{
    for (int part = 0; part < SHARD_PARTS; part++)
        if (!part_read(store, shard, part, reader, where, err))
            return false;
    if (reader->failed || reader->rest.size != 0)
        return record_damaged(where, "it is cut off", err);
    return true;
}

static bool
shard_record_read(void *context, Slice key, uint64_t sequence, Slice value, Error *err)
{
    Store *store = context;
    Arena *arena = arena_new();
    const char *where = record_where(store, key, arena);
    RecordReader reader = {.rest = value};
    uint64_t id = 0;
    bool ok = record_check_version(record_read_u8(&reader), where, err);
    bool lockstep = record_read_u8(&reader) != 0;
    Timestamp since = record_read_u64(&reader);
    Layout *layout = ok ? record_read_layout(&reader, store->arena) : NULL;
    if (ok && (layout == NULL || !key_number(key, strlen("shard/"), &id) || store_shard(store, id) != NULL))
        ok = record_damaged(where, "it is no shard", err);
    if (ok) {
        Shard *shard = shard_new(store, id, layout, false, lockstep, 0);
        shard->sequence = sequence;
        shard->dirty = false;
        shard->compact = true;
        shard->since = since;
        map_put_u64(store->shards, id, shard);
        ok = shard_read(store, shard, &reader, where, err);
        for (int part = 0; part < SHARD_PARTS; part++)
            spine_set_since(shard->parts[part], since);
    }
    layout_release(layout);
    arena_free(arena);
    return ok;
}

static bool
meta_record_read(void *context, Slice key, uint64_t sequence, Slice value, Error *err)
{
    (void) err;
    Store *store = context;
    size_t prefix = strlen("meta/");
    store_set_meta(store, slice_make(key.bytes + prefix, key.size - prefix),
                   memcpy(memory_alloc(value.size), value.bytes, value.size), value.size, sequence);
    return true;
}

static bool
tick_record_read(void *context, Slice key, uint64_t sequence, Slice value, Error *err)
{
    Store *store = context;
    Timestamp timestamp;
    Arena *arena = arena_new();
    const char *where = record_where(store, key, arena);
    bool ok = true;
    if (!key_number(key, strlen("tick/"), &timestamp) || sequence != 1) {
        ok = record_damaged(where, "it is no tick", err);
    } else if (timestamp <= store->checkpoint && store->store_sequence != 0) {
        vector_push(&store->stale, timestamp);
    } else {
        ok = tick_record_replay(store, timestamp, value, where, err);
        store->timestamp = store->last_tick = timestamp;
        vector_push(&store->ticks, timestamp);
        store->tick_bytes += value.size;
    }
    arena_free(arena);
    return ok;
}

/* ---- blobs that nothing refers to ---- */

typedef struct Orphans {
    Map *known;
    NameVector names;
} Orphans;

static void
orphan_collect(void *context, const char *name)
{
    Orphans *orphans = context;
    if (map_get_text(orphans->known, name) == NULL)
        vector_push(&orphans->names, memory_strdup(name));
}

static void
shard_blobs_note(Map *known, const Shard *shard)
{
    for (int part = 0; part < SHARD_PARTS; part++) {
        SpineSnapshot *snapshot = spine_snapshot(shard->parts[part]);
        for (uint32_t i = 0; i < snapshot->run_count; i++)
            if (run_file_name(snapshot->runs[i]) != NULL)
                map_put(known, slice_of(run_file_name(snapshot->runs[i])), known);
        spine_snapshot_release(snapshot);
    }
}

static bool
orphans_remove(Store *store, Error *err)
{
    Orphans orphans = {.known = map_new()};
    void *value;
    for (size_t i = 0; map_next(store->shards, &i, NULL, &value);)
        shard_blobs_note(orphans.known, value);
    for (size_t i = 0; i < store->dropped.count; i++)
        shard_blobs_note(orphans.known, store->dropped.items[i].shard);
    bool ok = store->blob->vtable->list(store->blob, orphan_collect, &orphans, err);
    for (size_t i = 0; i < orphans.names.count; i++) {
        log_debug(LOG_MODULE, "removing a blob that nothing refers to name=%s", orphans.names.items[i]);
        store_remove_blob(store, orphans.names.items[i]);
        free(orphans.names.items[i]);
    }
    vector_deinit(&orphans.names);
    map_free(orphans.known);
    return ok;
}

/* Damage may hide a record from SQLite; the "store" record knows how many there were. */
static bool
records_count(const Store *store, Error *err)
{
    if (map_count(store->shards) == store->shard_records && map_count(store->meta) == store->meta_records)
        return true;
    return error_set(err, SQLSTATE_DATA_CORRUPTED,
                     "file \"%s/consensus.sqlite\" is damaged: %zu of %" PRIu64 " shards and %zu of %" PRIu64
                     " meta records are there",
                     store->directory, map_count(store->shards), store->shard_records, map_count(store->meta),
                     store->meta_records);
}

bool
store_recover(Store *store, Error *err)
{
    const ConsensusVtable *consensus = store->consensus->vtable;
    if (!consensus->scan(store->consensus, slice_of("store"), store_record_read, store, err) ||
        !consensus->scan(store->consensus, slice_of("shard/"), shard_record_read, store, err) ||
        !consensus->scan(store->consensus, slice_of("meta/"), meta_record_read, store, err) ||
        !records_count(store, err) ||
        !consensus->scan(store->consensus, slice_of("tick/"), tick_record_read, store, err))
        return false;
    store->upper = store->last_tick == 0 && store->ticks.count == 0 ? 0 : store->last_tick + 1;
    return orphans_remove(store, err);
}
