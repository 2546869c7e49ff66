/*
 * model.h -- the naive collection: a list of updates, summed anew for every question.
 *
 * Rows are (int8 or null, text or null, int4). What a snapshot, a cursor or a scan says is held against it.
 */
#ifndef FRESHET_TESTS_UNIT_COLLECTION_MODEL_H
#define FRESHET_TESTS_UNIT_COLLECTION_MODEL_H

#include "base/error.h"
#include "base/map.h"
#include "collection/spine.h"

/* Like ck_assert, but from any thread: Check's own may be used on the test's thread only. */
#define must(condition) ((condition) ? (void) 0 : bug("not true: %s", #condition))

typedef struct ModelUpdate {
    int64_t id;   /* MODEL_NULL: null */
    int32_t name; /* printed as text; MODEL_NULL_NAME: null */
    int32_t number;
    Timestamp time;
    int64_t diff;
} ModelUpdate;

#define MODEL_NULL      INT64_MIN
#define MODEL_NULL_NAME INT32_MIN

typedef struct Model {
    VECTOR(ModelUpdate) updates;
    uint64_t random;
} Model;

extern const SqlType model_types[3];

void model_init(Model *model, uint64_t seed);
void model_deinit(Model *model);
uint64_t model_random(Model *model, uint64_t below);

/* `count` random updates at random times in [lower, upper), few enough different rows that many meet; added to the
   model. */
Chunk *model_chunk(Model *model, uint32_t count, Timestamp lower, Timestamp upper);
/* A chunk of updates that are not added. */
Chunk *model_chunk_of(const ModelUpdate *updates, uint32_t count);

/* Rows as text -> int64_t sums as of a time. */
typedef struct Contents {
    Map *sums;
} Contents;

Contents contents_of_model(const Model *model, Timestamp as_of);
void contents_add(Contents *contents, const Chunk *chunk, uint32_t row, int64_t diff);
Contents contents_of_scan(SpineSnapshot *snapshot, Timestamp as_of); /* fails the test when a file is damaged */
Contents contents_of_cursor(SpineSnapshot *snapshot, Timestamp as_of);
/* Frees both; fails the test with the first difference. */
void contents_expect_equal(Contents expected, Contents found);
void contents_free(Contents *contents);

/* Fails the test unless a cursor and a scan of the snapshot agree with the model at every time asked for. */
void model_expect(const Model *model, SpineSnapshot *snapshot, Timestamp from, Timestamp to);

#endif
