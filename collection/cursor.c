#include "collection/cursor.h"

#include <stdlib.h>

#include "collection/layout_internal.h"
#include "collection/run_internal.h"

enum {
    LINEAR_ROWS = 16,       /* hashes looked at one by one before a range is halved */
    PREFETCH_AHEAD = 8,     /* seeks between fetching the directory, fetching rows, and reading them */
    PREFETCH_BITS_MIN = 10, /* smaller runs are in the cache anyway */
    PREFETCH_COLUMNS = 4,
};

/* Where the cursor stands in one run. */
typedef struct CursorRun {
    Run *run;
    uint32_t position;   /* row index of the run; row_count at the end */
    uint32_t start, end; /* row indexes of the chunk that is loaded; start == end: none is */
    const Chunk *chunk;
    const uint64_t *hashes; /* of `chunk` */
    uint64_t hash;          /* at position, once `known` */
    bool known;
} CursorRun;

struct Cursor {
    SpineSnapshot *snapshot;
    Layout *layout;
    Timestamp as_of;
    CursorRun *runs;
    uint32_t run_count, run_capacity;
    uint32_t *active; /* the runs that stand at rows of the current key, oldest first */
    uint32_t active_count;
    bool has_key;
    uint64_t key_hash;
    const Chunk *key_chunk; /* a row of the current key */
    uint32_t key_row;
    bool has_failed;
    Error failure;
};

/* ---- lifetime ---- */

static void
cursor_open(Cursor *cursor, SpineSnapshot *snapshot, Timestamp as_of)
{
    cursor->snapshot = spine_snapshot_retain(snapshot);
    cursor->layout = snapshot->layout;
    cursor->as_of = as_of;
    cursor->run_count = 0;
    cursor->active_count = 0;
    cursor->has_key = false;
    if (snapshot->run_count > cursor->run_capacity) {
        cursor->run_capacity = snapshot->run_count + 4;
        cursor->runs = memory_realloc(cursor->runs, cursor->run_capacity * sizeof *cursor->runs);
        cursor->active = memory_realloc(cursor->active, cursor->run_capacity * sizeof *cursor->active);
    }
    for (uint32_t i = 0; i < snapshot->run_count; i++)
        if (snapshot->runs[i]->lower <= as_of && snapshot->runs[i]->row_count != 0)
            cursor->runs[cursor->run_count++] = (CursorRun){.run = snapshot->runs[i]};
}

Cursor *
cursor_new(SpineSnapshot *snapshot, Timestamp as_of)
{
    Cursor *cursor = memory_calloc(1, sizeof *cursor);
    cursor_open(cursor, snapshot, as_of);
    return cursor;
}

void
cursor_free(Cursor *cursor)
{
    if (cursor == NULL)
        return;
    spine_snapshot_release(cursor->snapshot);
    free(cursor->runs);
    free(cursor->active);
    error_clear(&cursor->failure);
    free(cursor);
}

void
cursor_reset(Cursor *cursor, SpineSnapshot *snapshot, Timestamp as_of)
{
    SpineSnapshot *old = cursor->snapshot;
    cursor_open(cursor, snapshot, as_of);
    spine_snapshot_release(old);
    if (cursor->has_failed)
        error_clear(&cursor->failure);
    cursor->has_failed = false;
}

const Error *
cursor_failed(const Cursor *cursor)
{
    return cursor->has_failed ? &cursor->failure : NULL;
}

/* ---- one run ---- */

static bool
run_at_end(const CursorRun *at)
{
    return at->position >= at->run->row_count;
}

static void
cursor_fail(Cursor *cursor, Error *err)
{
    if (!cursor->has_failed)
        error_move(&cursor->failure, err);
    error_clear(err);
    cursor->has_failed = true;
    cursor->active_count = 0;
    cursor->has_key = false;
    for (uint32_t i = 0; i < cursor->run_count; i++)
        cursor->runs[i].position = (uint32_t) cursor->runs[i].run->row_count;
}

static bool
chunk_load(Cursor *cursor, CursorRun *at, uint32_t row)
{
    uint32_t index = run_chunk_of_row(at->run, row);
    Chunk *chunk = run_chunk_cached(at->run, index);
    if (chunk == NULL) {
        Error err = ERROR_INIT;
        if (!run_chunk(at->run, index, &chunk, &err)) {
            cursor_fail(cursor, &err);
            return false;
        }
    }
    at->chunk = chunk;
    at->hashes = chunk->hashes;
    at->start = run_chunk_start(at->run, index);
    at->end = at->start + chunk->count;
    return true;
}

/* The hash of a row of the run. False when its chunk is damaged. */
static inline bool
hash_at(Cursor *cursor, CursorRun *at, uint32_t row, uint64_t *hash)
{
    if ((row < at->start || row >= at->end) && !chunk_load(cursor, at, row))
        return false;
    *hash = at->hashes[row - at->start];
    return true;
}

/* Makes the hash at the position known. False at the end and when the chunk is damaged. */
static inline bool
position_know(Cursor *cursor, CursorRun *at)
{
    if (at->known)
        return true;
    if (run_at_end(at) || !hash_at(cursor, at, at->position, &at->hash))
        return false;
    at->known = true;
    return true;
}

static inline bool
position_step(Cursor *cursor, CursorRun *at)
{
    at->position++;
    at->known = false;
    return position_know(cursor, at);
}

/* The first row in [low, high) with `hash` or more, else high, in *low. False when the chunk is damaged. */
static bool
range_search(Cursor *cursor, CursorRun *at, uint32_t *low, uint32_t high, uint64_t hash)
{
    uint64_t found = 0;
    while (high - *low > LINEAR_ROWS) {
        uint32_t middle = *low + (high - *low) / 2;
        if (!hash_at(cursor, at, middle, &found))
            return false;
        if (found < hash)
            *low = middle + 1;
        else
            high = middle;
    }
    while (*low < high) {
        if (!hash_at(cursor, at, *low, &found))
            return false;
        if (found >= hash)
            break;
        ++*low;
    }
    return true;
}

/* Stands at the first row with `hash` or more. Rows whose bucket is empty are not looked at: `known` stays false. */
static bool
run_seek(Cursor *cursor, CursorRun *at, uint64_t hash)
{
    const Run *run = at->run;
    uint64_t bucket = run->directory_bits == 0 ? 0 : hash >> (64 - run->directory_bits);
    uint32_t low = run->directory[bucket], high = run->directory[bucket + 1];
    at->known = false;
    at->position = high;
    if (low == high)
        return true;
    if ((low < at->start || low >= at->end) && !chunk_load(cursor, at, low))
        return false;
    if (!range_search(cursor, at, &low, high, hash))
        return false;
    if (low >= high)
        return true;
    at->position = low;
    at->known = true;
    return hash_at(cursor, at, low, &at->hash);
}

/* With several runs, the directories' lines are fetched all at once instead of one after the other. */
static void
seek_prefetch(const Cursor *cursor, uint64_t hash)
{
    if (cursor->run_count < 2)
        return;
    for (uint32_t i = 0; i < cursor->run_count; i++) {
        const Run *run = cursor->runs[i].run;
        if (run->directory_bits > 6)
            __builtin_prefetch(&run->directory[hash >> (64 - run->directory_bits)]);
    }
}

void
cursor_prefetch(const Cursor *cursor, const uint64_t *hashes, uint32_t count, uint32_t at)
{
    for (uint32_t i = 0; i < cursor->run_count; i++) {
        const Run *run = cursor->runs[i].run;
        if (run->directory_bits < PREFETCH_BITS_MIN)
            continue;
        if (at + 2 * PREFETCH_AHEAD < count)
            __builtin_prefetch(&run->directory[hashes[at + 2 * PREFETCH_AHEAD] >> (64 - run->directory_bits)]);
        if (at + PREFETCH_AHEAD >= count)
            continue;
        uint64_t bucket = hashes[at + PREFETCH_AHEAD] >> (64 - run->directory_bits);
        uint32_t row = run->directory[bucket];
        if (row == run->directory[bucket + 1])
            continue;
        uint32_t index = run_chunk_of_row(run, row);
        const Chunk *chunk = run_chunk_cached(run, index);
        if (chunk == NULL)
            continue;
        row -= run_chunk_start(run, index);
        __builtin_prefetch(&chunk->hashes[row]);
        __builtin_prefetch(&chunk->hashes[row] + 7);
        for (uint16_t column = 0; column < chunk->column_count && column < PREFETCH_COLUMNS; column++) {
            int width = chunk->columns[column]->phys == PHYS_BYTES ? 4 : phys_width(chunk->columns[column]->phys);
            const char *values = chunk->columns[column]->values;
            __builtin_prefetch(values + (size_t) (row + 2) * (size_t) width);
        }
    }
}

/* ---- keys ---- */

static void
key_begin(Cursor *cursor, uint32_t first)
{
    const CursorRun *at = &cursor->runs[first];
    cursor->has_key = true;
    cursor->key_hash = at->hash;
    cursor->key_chunk = at->chunk;
    cursor->key_row = at->position - at->start;
}

/* Whether the run still stands at a row of the current key. */
static inline bool
run_at_key(Cursor *cursor, CursorRun *at)
{
    if (!position_know(cursor, at) || at->hash != cursor->key_hash)
        return false;
    return !at->run->collisions || layout_compare_keys(cursor->layout, at->chunk, at->position - at->start,
                                                       cursor->key_chunk, cursor->key_row) == 0;
}

bool
cursor_seek(Cursor *cursor, uint64_t hash, Column *const *key_columns, uint32_t row)
{
    cursor->active_count = 0;
    cursor->has_key = false;
    seek_prefetch(cursor, hash);
    for (uint32_t i = 0; i < cursor->run_count; i++) {
        CursorRun *at = &cursor->runs[i];
        if (cursor->has_failed || !run_seek(cursor, at, hash))
            return false;
        if (!at->known || at->hash != hash)
            continue;
        /* Hashes of different keys may be the same, though they hardly ever are. */
        int order;
        while ((order = layout_compare_key(cursor->layout, at->chunk, at->position - at->start, key_columns, row)) < 0)
            if (!position_step(cursor, at) || at->hash != hash)
                break;
        if (order != 0)
            continue;
        if (cursor->active_count == 0)
            key_begin(cursor, i);
        cursor->active[cursor->active_count++] = i;
    }
    return !cursor->has_failed && cursor->active_count != 0;
}

/* Leaves the rows of the current key that were not asked for. */
static void
key_leave(Cursor *cursor)
{
    for (uint32_t i = 0; i < cursor->active_count; i++) {
        CursorRun *at = &cursor->runs[cursor->active[i]];
        while (run_at_key(cursor, at)) {
            at->position++;
            at->known = false;
        }
    }
    cursor->active_count = 0;
    cursor->has_key = false;
}

/* The least key that any run stands at becomes the current one. */
static bool
key_least(Cursor *cursor)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < cursor->run_count; i++) {
        CursorRun *at = &cursor->runs[i];
        if (!position_know(cursor, at))
            continue;
        int order = -1;
        if (count != 0) {
            const CursorRun *best = &cursor->runs[cursor->active[0]];
            if (at->hash != best->hash)
                order = at->hash < best->hash ? -1 : 1;
            else
                order = layout_compare_keys(cursor->layout, at->chunk, at->position - at->start, best->chunk,
                                            best->position - best->start);
        }
        if (order > 0)
            continue;
        if (order < 0)
            count = 0;
        cursor->active[count++] = i;
    }
    if (cursor->has_failed || count == 0) {
        cursor->active_count = 0;
        return false;
    }
    cursor->active_count = count;
    key_begin(cursor, cursor->active[0]);
    return true;
}

bool
cursor_seek_hash(Cursor *cursor, uint64_t hash)
{
    cursor->active_count = 0;
    cursor->has_key = false;
    seek_prefetch(cursor, hash);
    for (uint32_t i = 0; i < cursor->run_count; i++)
        if (cursor->has_failed || !run_seek(cursor, &cursor->runs[i], hash))
            return false;
    return key_least(cursor);
}

bool
cursor_next_key(Cursor *cursor)
{
    key_leave(cursor);
    return key_least(cursor);
}

uint64_t
cursor_key_hash(const Cursor *cursor)
{
    return cursor->key_hash;
}

CursorRow
cursor_key_row(const Cursor *cursor)
{
    return (CursorRow){cursor->key_chunk, cursor->key_row, 0};
}

/* ---- rows ---- */

static void
active_remove(Cursor *cursor, uint32_t index)
{
    cursor->active_count--;
    memmove(cursor->active + index, cursor->active + index + 1,
            (cursor->active_count - index) * sizeof *cursor->active);
}

/* The active run that stands at the least row; they all stand at rows of one key. */
static uint32_t
active_least(const Cursor *cursor)
{
    uint32_t least = 0;
    for (uint32_t i = 1; i < cursor->active_count; i++) {
        const CursorRun *at = &cursor->runs[cursor->active[i]], *best = &cursor->runs[cursor->active[least]];
        if (layout_compare(cursor->layout, cursor->layout->key_steps, at->chunk, at->position - at->start, best->chunk,
                           best->position - best->start) < 0)
            least = i;
    }
    return least;
}

/* Sums the updates of the row (chunk, row) at the front of active run `index`, up to as_of, and steps over them. True:
   the run still stands at the key. */
static bool
active_sum(Cursor *cursor, uint32_t index, const Chunk *chunk, uint32_t row, int64_t *sum)
{
    CursorRun *at = &cursor->runs[cursor->active[index]];
    for (;;) {
        uint32_t offset = at->position - at->start;
        if (chunk_time(at->chunk, offset) <= cursor->as_of)
            *sum += chunk_diff(at->chunk, offset);
        at->position++;
        at->known = false;
        if (!run_at_key(cursor, at))
            return false;
        if (at->run->one_time || layout_compare(cursor->layout, cursor->layout->key_steps, at->chunk,
                                                at->position - at->start, chunk, row) != 0)
            return true;
    }
}

static bool
active_stands_at(const Cursor *cursor, uint32_t index, const Chunk *chunk, uint32_t row)
{
    const CursorRun *at = &cursor->runs[cursor->active[index]];
    return layout_compare(cursor->layout, cursor->layout->key_steps, at->chunk, at->position - at->start, chunk, row) ==
           0;
}

bool
cursor_row(Cursor *cursor, CursorRow *row)
{
    while (cursor->active_count != 0) {
        uint32_t least = active_least(cursor);
        const CursorRun *at = &cursor->runs[cursor->active[least]];
        const Chunk *chunk = at->chunk;
        uint32_t offset = at->position - at->start;
        int64_t sum = 0;
        /* Runs before it stand at greater rows; those behind may stand at the same one. */
        for (uint32_t i = least; i < cursor->active_count;) {
            if (i != least && !active_stands_at(cursor, i, chunk, offset)) {
                i++;
                continue;
            }
            bool stays = active_sum(cursor, i, chunk, offset, &sum);
            if (cursor->has_failed)
                return false;
            if (stays) {
                i++;
                continue;
            }
            active_remove(cursor, i);
            if (i == least)
                least = UINT32_MAX; /* from here on each is compared */
        }
        if (sum != 0) {
            *row = (CursorRow){chunk, offset, sum};
            return true;
        }
    }
    return false;
}
