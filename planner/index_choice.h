/*
 * index_choice.h -- which index of a relation answers a question.
 *
 * The rows of an index are the relation's columns, then a column for each key expression that is no plain column, in the key's order.
 */
#ifndef FRESHET_PLANNER_INDEX_CHOICE_H
#define FRESHET_PLANNER_INDEX_CHOICE_H

#include "planner/linear_form.h"
#include "planner/plan_query.h"

typedef struct IndexShape {
    const Item *index;
    SqlType *types; /* of its rows */
    uint16_t column_count;
    uint16_t *key; /* columns of its rows, in the key's order */
    int key_count;
} IndexShape;

IndexShape index_shape(Arena *arena, const Item *index, const Item *relation);
/* The shape an index with these keys has. `computed` gets the keys that are no plain columns. */
IndexShape index_shape_of(Arena *arena, const RelationDesc *desc, Scalar *const *keys, int key_count,
                          Scalar ***computed, int *computed_count);

/* The usable indexes of a relation on the oracle's cluster, in id order. */
typedef struct IndexList {
    const Item **items;
    int count;
} IndexList;
IndexList index_list(Arena *arena, const Catalog *catalog, const IndexOracle *oracle, ObjectId relation);
bool index_has_key(const Item *index, const uint16_t *columns, int count); /* exactly these columns, in any order */

/*
 * Filters that fix every key of the index: literal, parameter or context on the other side; one key may have an IN list.
 * `values[i]` is what key i must equal; `list` the IN list of key `list_key` (-1: none). used[f] is set for filters that this answers.
 */
typedef struct IndexLookup {
    const Item *index;
    Scalar **values; /* NULL at list_key */
    const Scalar *list;
    int list_key;
    bool *used;
} IndexLookup;
bool index_lookup(Arena *arena, const Item *index, const LinearForm *form, IndexLookup *lookup);
/* The one of the list that fixes most keys. False: none does. */
bool index_lookup_best(Arena *arena, const IndexList *list, const LinearForm *form, IndexLookup *lookup);

/* A cast that changes the name of a type and nothing of its values: varchar to text. */
const Scalar *scalar_without_relabel(const Scalar *scalar);

#endif
