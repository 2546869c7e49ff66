/*
 * peek.h -- reading an index where the question is: rows of one key, or all rows, through a linear plan and a finishing.
 *
 * Used on the event loop for index lookups (snapshot, no thread hop) and by the worker for EXPORT_PEEK.
 */
#ifndef FRESHET_DATAFLOW_PEEK_H
#define FRESHET_DATAFLOW_PEEK_H

#include "dataflow/cluster.h"

typedef struct PeekPlan {
    uint64_t index_id;
    SqlType *types; /* of the index's rows */
    uint16_t column_count;
    uint16_t *key;
    int key_count;
    Datum *literals; /* key_count values a lookup, literal_rows lookups, none null; literal_rows 0: all rows */
    int literal_rows;
    LinearPlan linear;     /* over the index's row */
    SqlType *result_types; /* of linear's project */
    Finishing finishing;
    const TextStyle *style; /* of the session that asks; NULL: the default */
} PeekPlan;

/* True: *result holds rows in order with diffs > 0 (the repeat count). False: `err`, an error row or a damaged file. `row_budget` rows looked at at most: then *exhausted
   and the caller should use a dataflow instead. 0: no bound. */
MUST_CHECK bool peek_index(const PeekPlan *plan, const IndexSnapshot *snapshot, Timestamp as_of, size_t row_budget,
                           bool *exhausted, ChunkVector *result, Error *err);

/* Applies a finishing to consolidated rows: sort, offset, limit (counting diffs), project. Consumes `rows`. */
void finishing_apply(const Finishing *finishing, const SqlType *types, uint16_t column_count, ChunkVector *rows,
                     ChunkVector *result);

#endif
