#include <inttypes.h>
#include <stdlib.h>

#include "storage/record.h"
#include "storage/store_internal.h"

enum { META_REMOVED = 0, META_SET = 1 };

/*
 *     version, previous tick
 *     created shards: id, lockstep, layout
 *     deltas: shard id, runs of rows, runs of errors
 *     meta: key, whether set, value
 *     dropped shards: id
 */

static void
runs_append(Buffer *out, Run *const *runs, size_t count)
{
    buffer_append_le32(out, (uint32_t) count);
    for (size_t i = 0; i < count; i++)
        record_append_run(out, runs[i]);
}

static void
created_append(Buffer *out, const TickWork *work)
{
    uint32_t count = 0;
    for (size_t i = 0; i < work->created.count; i++)
        count += !work->created.items[i]->ephemeral;
    buffer_append_le32(out, count);
    for (size_t i = 0; i < work->created.count; i++) {
        const Shard *shard = work->created.items[i];
        if (shard->ephemeral)
            continue;
        buffer_append_le64(out, shard->id);
        record_append_u8(out, shard->lockstep);
        record_append_layout(out, shard->layout);
    }
}

static void
deltas_append(Buffer *out, const TickWork *work)
{
    uint32_t count = 0;
    for (size_t i = 0; i < work->deltas.count; i++)
        count += !work->deltas.items[i].shard->ephemeral;
    buffer_append_le32(out, count);
    for (size_t i = 0; i < work->deltas.count; i++) {
        const ShardDelta *delta = &work->deltas.items[i];
        if (delta->shard->ephemeral)
            continue;
        buffer_append_le64(out, delta->shard->id);
        for (int part = 0; part < SHARD_PARTS; part++)
            runs_append(out, delta->parts[part].items, delta->parts[part].count);
    }
}

void
tick_record_append(Buffer *out, const TickWork *work, Timestamp previous)
{
    const TickCommit *commit = work->commit;
    record_append_u8(out, RECORD_VERSION);
    buffer_append_le64(out, previous);
    created_append(out, work);
    deltas_append(out, work);
    buffer_append_le32(out, (uint32_t) commit->meta.count);
    for (size_t i = 0; i < commit->meta.count; i++) {
        const MetaWrite *meta = &commit->meta.items[i];
        record_append_bytes(out, slice_of(meta->key));
        record_append_u8(out, meta->value.bytes == NULL ? META_REMOVED : META_SET);
        if (meta->value.bytes != NULL)
            record_append_bytes(out, meta->value);
    }
    buffer_append_le32(out, (uint32_t) commit->dropped.count);
    for (size_t i = 0; i < commit->dropped.count; i++)
        buffer_append_le64(out, commit->dropped.items[i]);
}

/* ---- reading ---- */

static bool
created_replay(Store *store, RecordReader *reader, Timestamp timestamp, const char *where, Error *err)
{
    uint32_t count = record_read_u32(reader);
    for (uint32_t i = 0; i < count && !reader->failed; i++) {
        uint64_t id = record_read_u64(reader);
        bool lockstep = record_read_u8(reader) != 0;
        Layout *layout = record_read_layout(reader, store->arena);
        if (layout == NULL || store_shard(store, id) != NULL) {
            layout_release(layout);
            return record_damaged(where, "a shard in it", err);
        }
        map_put_u64(store->shards, id, shard_new(store, id, layout, false, lockstep, timestamp));
        layout_release(layout);
    }
    return true;
}

static bool
delta_replay(Store *store, RecordReader *reader, const char *where, Error *err)
{
    Shard *shard = store_shard(store, record_read_u64(reader));
    if (reader->failed || shard == NULL)
        return record_damaged(where, "it changes a shard that does not exist", err);
    shard->dirty = true;
    for (int part = 0; part < SHARD_PARTS; part++) {
        uint32_t runs = record_read_u32(reader);
        for (uint32_t i = 0; i < runs; i++) {
            Run *run;
            if (!record_read_run(reader, store->blob, shard_part_layout(store, shard, part), where, &run, err))
                return false;
            store->tick_blobs += run->file != NULL;
            if (run->upper < spine_upper(shard->parts[part])) {
                run_release(run);
                return record_damaged(where, "times go back in it", err);
            }
            spine_insert(shard->parts[part], run);
        }
    }
    return true;
}

static void
meta_replay(Store *store, RecordReader *reader)
{
    Slice key = record_read_bytes(reader);
    bool set = record_read_u8(reader) == META_SET;
    Slice value = set ? record_read_bytes(reader) : slice_make("", 0);
    if (!reader->failed)
        store_set_meta(store, key, set ? memcpy(memory_alloc(value.size), value.bytes, value.size) : NULL, value.size,
                       0);
}

bool
tick_record_replay(Store *store, Timestamp timestamp, Slice record, const char *where, Error *err)
{
    RecordReader reader = {.rest = record};
    if (!record_check_version(record_read_u8(&reader), where, err))
        return false;
    if (record_read_u64(&reader) != store->last_tick)
        return record_damaged(where, "the tick before it is missing", err);
    if (!created_replay(store, &reader, timestamp, where, err))
        return false;
    uint32_t deltas = record_read_u32(&reader);
    for (uint32_t i = 0; i < deltas && !reader.failed; i++)
        if (!delta_replay(store, &reader, where, err))
            return false;
    uint32_t metas = record_read_u32(&reader);
    for (uint32_t i = 0; i < metas && !reader.failed; i++)
        meta_replay(store, &reader);
    uint32_t dropped = record_read_u32(&reader);
    for (uint32_t i = 0; i < dropped && !reader.failed; i++) {
        Shard *shard = map_remove_u64(store->shards, record_read_u64(&reader));
        if (shard == NULL)
            continue;
        shard->dropped = true;
        vector_push(&store->dropped, ((DroppedShard){shard, timestamp}));
    }
    if (reader.failed || reader.rest.size != 0)
        return record_damaged(where, "it is cut off", err);
    return true;
}
