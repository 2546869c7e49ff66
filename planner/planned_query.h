/*
 * planned_query.h -- what a PlannedQuery holds. Internal to planner/.
 */
#ifndef FRESHET_PLANNER_PLANNED_QUERY_H
#define FRESHET_PLANNER_PLANNED_QUERY_H

#include "planner/bind.h"
#include "planner/index_choice.h"
#include "planner/transform.h"

/* A chain over one constant or one relation, composed when it was planned: what most short queries are. */
typedef enum FastPathKind { FAST_PATH_NONE, FAST_PATH_CONSTANT, FAST_PATH_READ } FastPathKind;

typedef struct FastPath {
    FastPathKind kind;
    const Mir *base;
    LinearForm form;
    bool dynamic; /* the form has parameters or context values */
    IndexLookup
        *lookups; /* FAST_PATH_READ: for each index of any cluster that the filters give a key for, longest key first */
    IndexShape *lookup_shapes;
    LinearForm *lookup_forms; /* the form without the filters that the lookup answers, over the index's rows */
    bool *lookup_dynamic;
    int lookup_count;
    const Item **scans; /* every index: one of them can be read as a whole */
    IndexShape *scan_shapes;
    LinearForm *scan_forms;
    int scan_count;
} FastPath;

struct PlannedQuery {
    Arena *arena;
    MirPlan *mir; /* optimised */
    MirPlan *
        inlined; /* when `mir` reads views through their indexes: the same with every view's definition; NULL otherwise */
    RelationDesc desc; /* of the visible columns, which come first in the root */
    SqlType *types;    /* of the visible columns */
    SqlType *root_types;
    SortKey *order;
    int order_count;
    Scalar *limit, *offset;
    ObjectId *dependencies;
    int dependency_count;
    bool reads_relation, system_only;
    bool dynamic; /* parameters or context values somewhere */
    FastPath fast;
};

/* The bound query as a relation of all its outputs, and what is around it. */
typedef struct QueryShape {
    Hir *hir;
    const char **names;
    int count; /* visible ones */
    const BoundOrder *order;
    int order_count;
    Scalar *limit, *offset;
} QueryShape;

/* Lowers, optimises, describes. The binder's dependencies and flags are taken over. */
MUST_CHECK bool planned_query_make(Binder *binder, const QueryShape *shape, PlannedQuery **planned, Error *err);
void fast_path_find(PlannedQuery *planned, const Catalog *catalog);

/* The query's rows as a maintained relation would have them: LIMIT as a top-k, visible columns only. */
MirPlan *planned_query_maintained(const PlannedQuery *planned, const MirPlan *mir, Arena *arena);
/* Parameters and context values replaced; *bound is the plan itself when there are none. */
MUST_CHECK bool mir_plan_bind(const MirPlan *plan, const ContextBinding *binding, Arena *arena, MirPlan **bound,
                              Error *err);
/* Whether every view that it reads through an index has a usable one. */
bool planned_query_indexes_usable(const PlannedQuery *planned, const Catalog *catalog, const IndexOracle *indexes,
                                  Arena *arena);
/* The plan to use with these indexes: the inlined one when some view's index cannot be used. */
const MirPlan *planned_query_choose(const PlannedQuery *planned, const Catalog *catalog, const IndexOracle *indexes,
                                    Arena *arena);
bool scalar_is_dynamic(const Scalar *scalar);
ObjectId planner_cluster(const PlannerContext *context);
RelationDesc relation_desc_copy(const RelationDesc *desc, Arena *arena);

#endif
