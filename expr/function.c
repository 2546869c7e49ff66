#include "expr/function.h"

#include <pthread.h>

#include "base/map.h"
#include "expr/functions/family.h"
#include "expr/overload.h"

/* All functions of one name, in the order of the tables. */
typedef struct Named {
    const Function **functions;
    Overload *overloads;
    int count;
} Named;

static const struct {
    const Function *functions;
    const size_t *count;
} families[] = {
#define FUNCTION_FAMILY(name) {functions_##name, &functions_##name##_count},
#include "expr/functions/families.def"
#undef FUNCTION_FAMILY
};

/* Functions that are an operator's: what PostgreSQL calls under the symbol. */
static const struct {
    const char *name;
    uint32_t operator_oid;
} operator_functions[] = {
#define OPERATOR_FUNCTION(name, operator_oid) {name, operator_oid},
#include "expr/operator_functions.def"
#undef OPERATOR_FUNCTION
};

/* Made once, immutable afterwards: every thread may look functions up. */
static struct {
    pthread_once_t once;
    Arena *arena;
    Map *by_name;
    const Function **all;
    size_t count;
} registry = {.once = PTHREAD_ONCE_INIT};

static void
named_add(Named *named, const Function *function)
{
    int count = named->count + 1;
    const Function **functions = arena_new_array(registry.arena, const Function *, count);
    Overload *overloads = arena_new_array(registry.arena, Overload, count);
    if (named->count > 0) {
        memcpy(functions, named->functions, sizeof *functions * (size_t) named->count);
        memcpy(overloads, named->overloads, sizeof *overloads * (size_t) named->count);
    }
    functions[named->count] = function;
    overloads[named->count] = (Overload){function->args, function->arg_count, function->variadic};
    *named = (Named){functions, overloads, count};
}

static Named *
named_get(const char *name)
{
    Named *named = map_get_text(registry.by_name, name);
    if (named == NULL) {
        named = arena_new_struct(registry.arena, Named);
        (void) map_put(registry.by_name, slice_of(name), named);
    }
    return named;
}

/* They are found by name, but are no functions of their own: function_at has the operators. */
static void
name_operators(void)
{
    for (size_t i = 0; i < sizeof operator_functions / sizeof *operator_functions; i++) {
        const char *name = operator_functions[i].name;
        for (size_t j = 0; j < registry.count; j++) {
            const Function *function = registry.all[j];
            if (function->kind != FUNCTION_OPERATOR || function->oid != operator_functions[i].operator_oid)
                continue;
            Function *named = arena_new_struct(registry.arena, Function);
            *named = *function;
            named->name = name;
            named->kind = FUNCTION_SCALAR;
            named_add(named_get(name), named);
        }
    }
}

static void
registry_build(void)
{
    registry.arena = arena_new();
    registry.by_name = map_new();
    for (size_t f = 0; f < sizeof families / sizeof *families; f++)
        registry.count += *families[f].count;
    registry.all = arena_new_array(registry.arena, const Function *, registry.count);
    size_t at = 0;
    for (size_t f = 0; f < sizeof families / sizeof *families; f++) {
        for (size_t i = 0; i < *families[f].count; i++) {
            const Function *function = &families[f].functions[i];
            registry.all[at++] = function;
            named_add(named_get(function->name), function);
        }
    }
    name_operators();
}

static const Named *
named_find(const char *name)
{
    pthread_once(&registry.once, registry_build);
    return map_get_text(registry.by_name, name);
}

const Function *
function_at(size_t index)
{
    pthread_once(&registry.once, registry_build);
    return index < registry.count ? registry.all[index] : NULL;
}

/* The functions of `named` that a call may mean: operators and functions apart, and those of `schema` alone. */
static int
named_filter(const Named *named, const char *schema, bool operators, const Function **functions, Overload *overloads,
             int room)
{
    int count = 0;
    for (int i = 0; i < named->count && count < room; i++) {
        const Function *function = named->functions[i];
        if ((function->kind == FUNCTION_OPERATOR) != operators)
            continue;
        bool by_planner_only = (int) function->result.id == (int) PSEUDO_ANY;
        if (by_planner_only || (schema != NULL && strcmp(schema, function->schema) != 0))
            continue;
        functions[count] = function;
        overloads[count++] = named->overloads[i];
    }
    return count;
}

bool
function_exists(const char *schema, const char *name)
{
    const Named *named = named_find(name);
    const Function *functions[1];
    Overload overloads[1];
    return named != NULL && named_filter(named, schema, false, functions, overloads, 1) > 0;
}

/* A type's name called with one argument is a cast. */
static bool
resolve_as_cast(const char *name, const SqlType *args, int arg_count, ResolvedCall *resolved)
{
    SqlType to;
    if (arg_count != 1 || !type_from_name(name, &to))
        return false;
    SqlType from = args[0].id == TYPE_UNKNOWN ? SQL_TYPE(TEXT) : args[0];
    const Function *cast = cast_function(from, to, CAST_EXPLICIT);
    if (cast == NULL)
        return false;
    *resolved = (ResolvedCall){.function = cast, .result = to};
    resolved->arg_types[0] = from;
    resolved->arg_types[0].typmod = -1;
    return true;
}

#define OVERLOADS_MAX 256

bool
function_resolve(const char *schema, const char *name, const SqlType *args, int arg_count, int position,
                 ResolvedCall *resolved, Error *err)
{
    if (arg_count > CALL_ARGS_MAX)
        return error_at(err, position, "54023", "cannot pass more than %d arguments to a function", CALL_ARGS_MAX);
    const Function *functions[OVERLOADS_MAX];
    Overload overloads[OVERLOADS_MAX];
    const Named *named = named_find(name);
    int count = named == NULL ? 0 : named_filter(named, schema, false, functions, overloads, OVERLOADS_MAX);
    if (overload_exact(overloads, count, args, arg_count) < 0 && resolve_as_cast(name, args, arg_count, resolved))
        return true;
    int chosen = -1;
    OverloadFound found = count == 0 ? OVERLOAD_NONE : overload_select(overloads, count, args, arg_count, &chosen);
    if (found != OVERLOAD_ONE)
        return call_not_found(schema, name, args, arg_count, position, found, err);
    resolved->function = functions[chosen];
    return overload_bind(&overloads[chosen], functions[chosen]->result, args, arg_count, position, resolved->arg_types,
                         &resolved->result, err);
}

static bool
operator_not_found(const char *name, const SqlType *args, int arg_count, int position, OverloadFound found, Error *err)
{
    Arena *arena = arena_new();
    const char *types[2];
    for (int i = 0; i < arg_count; i++) {
        SqlType bare = args[i];
        bare.typmod = -1;
        types[i] = function_type_name(bare, arena);
    }
    const char *signature = arg_count == 2 ? arena_printf(arena, "%s %s %s", types[0], name, types[1])
                                           : arena_printf(arena, "%s %s", name, types[0]);
    if (found == OVERLOAD_MANY) {
        (void) error_at(err, position, SQLSTATE_AMBIGUOUS_FUNCTION, "operator is not unique: %s", signature);
        (void) error_hint(err,
                          "Could not choose a best candidate operator. You might need to add explicit type casts.");
    } else {
        (void) error_at(err, position, SQLSTATE_UNDEFINED_FUNCTION, "operator does not exist: %s", signature);
        if (arg_count == 2)
            (void) error_hint(
                err,
                "No operator matches the given name and argument types. You might need to add explicit type casts.");
        else
            (void) error_hint(
                err,
                "No operator matches the given name and argument type. You might need to add an explicit type cast.");
    }
    arena_free(arena);
    return false;
}

bool
operator_resolve(const char *name, SqlType left, SqlType right, bool unary, int position, ResolvedCall *resolved,
                 Error *err)
{
    SqlType args[2] = {left, right};
    int arg_count = unary ? 1 : 2;
    if (unary)
        args[0] = right;
    const Function *functions[OVERLOADS_MAX];
    Overload overloads[OVERLOADS_MAX];
    name = strcmp(name, "!=") == 0 ? "<>" : name;
    const Named *named = named_find(name);
    int count = named == NULL ? 0 : named_filter(named, NULL, true, functions, overloads, OVERLOADS_MAX);

    SqlType assumed[2] = {args[0], args[1]};
    if (!unary && args[0].id == TYPE_UNKNOWN)
        assumed[0] = args[1];
    else if (!unary && args[1].id == TYPE_UNKNOWN)
        assumed[1] = args[0];
    OverloadFound found = OVERLOAD_ONE;
    int chosen = overload_exact(overloads, count, assumed, arg_count);
    if (chosen < 0)
        found = count == 0 ? OVERLOAD_NONE : overload_select(overloads, count, args, arg_count, &chosen);
    if (found != OVERLOAD_ONE)
        return operator_not_found(name, args, arg_count, position, found, err);
    resolved->function = functions[chosen];
    return overload_bind(&overloads[chosen], functions[chosen]->result, args, arg_count, position, resolved->arg_types,
                         &resolved->result, err);
}

static const struct {
    int id;
    uint32_t oid;
    const char *name;
} pseudo_types[] = {
    {PSEUDO_ANY, 2276, "\"any\""},
    {PSEUDO_ANYELEMENT, 2283, "anyelement"},
    {PSEUDO_ANYNONARRAY, 2776, "anynonarray"},
    {PSEUDO_ANYENUM, 3500, "anyenum"},
    {PSEUDO_ANYARRAY, 2277, "anyarray"},
    {PSEUDO_ANYRANGE, 3831, "anyrange"},
    {PSEUDO_ANYMULTIRANGE, 4537, "anymultirange"},
    {PSEUDO_ANYCOMPATIBLE, 5077, "anycompatible"},
    {PSEUDO_ANYCOMPATIBLENONARRAY, 5079, "anycompatiblenonarray"},
    {PSEUDO_ANYCOMPATIBLEARRAY, 5078, "anycompatiblearray"},
    {PSEUDO_ANYCOMPATIBLELIST, 16454, "anycompatiblelist"},
    {PSEUDO_ANYCOMPATIBLEMAP, 16455, "anycompatiblemap"},
};

uint32_t
function_type_oid(SqlType type)
{
    return type_is_pseudo(type) ? pseudo_types[(int) type.id - (int) PSEUDO_ANY].oid : type_oid(type);
}

const char *
function_type_name(SqlType type, Arena *arena)
{
    return type_is_pseudo(type) ? pseudo_types[(int) type.id - (int) PSEUDO_ANY].name : type_format(type, arena);
}
