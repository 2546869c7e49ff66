/*
 * bag.h -- rows as values with counts: what the tests compare. Rows are one row when their stored forms agree.
 */
#ifndef FRESHET_TESTS_UNIT_DATAFLOW_BAG_H
#define FRESHET_TESTS_UNIT_DATAFLOW_BAG_H

#include "base/map.h"
#include "collection/chunk.h"

typedef struct BagRow {
    Datum *values;
    int64_t count;
} BagRow;

typedef struct Bag {
    Arena *arena;
    const SqlType *types;
    uint16_t column_count;
    Map *map; /* encoded row -> BagRow */
} Bag;

void bag_init(Bag *bag, const SqlType *types, uint16_t column_count);
void bag_deinit(Bag *bag);
void bag_add(Bag *bag, const Datum *values, int64_t count);        /* values are copied */
void bag_add_chunk(Bag *bag, const Chunk *chunk, Timestamp until); /* updates with times <= until */
/* Iterates over rows with counts other than 0. */
bool bag_next(const Bag *bag, size_t *iterator, const BagRow **row);
uint64_t bag_size(const Bag *bag); /* rows with counts other than 0 */
bool bag_equal(const Bag *a, const Bag *b);
/* Every row as text, for messages; heap. */
char *bag_text(const Bag *bag);

/* A collection: rows, and errors as encoded text. */
typedef struct BagPair {
    Bag rows, errors;
} BagPair;

void bag_pair_init(BagPair *pair, const SqlType *types, uint16_t column_count);
void bag_pair_deinit(BagPair *pair);
/* Fails the test, saying `what` and both, when they differ. */
void bag_pair_expect(const BagPair *expected, const BagPair *found, const char *what, uint64_t seed, Timestamp time);

#endif
