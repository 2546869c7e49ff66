#include "expr/overload.h"

/* The same type for the purpose of overloading: a declared record stands for every record. */
static bool
types_match(SqlType a, SqlType b)
{
    bool nests = a.id == TYPE_LIST || a.id == TYPE_MAP || a.id == TYPE_ENUM;
    return a.id == b.id && a.element == b.element && (!nests || type_same_structure(a, b));
}

static SqlType
overload_arg(const Overload *overload, int index)
{
    return overload->args[index < overload->arg_count ? index : overload->arg_count - 1];
}

static bool
overload_takes_count(const Overload *overload, int arg_count)
{
    return overload->variadic ? arg_count >= overload->arg_count : arg_count == overload->arg_count;
}

static char
category_of(SqlType type)
{
    return type_is_pseudo(type) ? 'P' : type_category(type);
}

static bool
is_preferred(SqlType type)
{
    return !type_is_pseudo(type) && type_is_preferred(type);
}

static bool
arg_fits(SqlType actual, SqlType declared)
{
    if (types_match(actual, declared) || actual.id == TYPE_UNKNOWN)
        return true;
    switch ((int) declared.id) {
    case PSEUDO_ANY:
    case PSEUDO_ANYELEMENT:
    case PSEUDO_ANYCOMPATIBLE:
        return true;
    case PSEUDO_ANYNONARRAY:
    case PSEUDO_ANYCOMPATIBLENONARRAY:
        return actual.id != TYPE_ARRAY;
    case PSEUDO_ANYARRAY:
    case PSEUDO_ANYCOMPATIBLEARRAY:
        return actual.id == TYPE_ARRAY;
    case PSEUDO_ANYENUM:
        return actual.id == TYPE_ENUM;
    case PSEUDO_ANYCOMPATIBLELIST:
        return actual.id == TYPE_LIST;
    case PSEUDO_ANYCOMPATIBLEMAP:
        return actual.id == TYPE_MAP;
    case PSEUDO_ANYRANGE:
        return type_is_range(actual);
    case PSEUDO_ANYMULTIRANGE:
        return type_is_multirange(actual);
    default:
        return cast_exists(actual, declared, CAST_IMPLICIT);
    }
}

/* What the pseudo-types of a call stand for. TYPE_UNKNOWN: not known. */
typedef struct Generics {
    SqlType element, array, range, multirange; /* the any... family: all the same type */
    SqlType compatible;                        /* the anycompatible... family: the common type */
    bool any_generic, any_compatible;
} Generics;

static bool
generic_note(SqlType *slot, SqlType actual)
{
    actual.typmod = -1;
    if (actual.id == TYPE_UNKNOWN)
        return true;
    if (slot->id != TYPE_UNKNOWN)
        return types_match(*slot, actual);
    *slot = actual;
    return true;
}

/* False: the arguments contradict each other. */
static bool
generics_find(const Overload *overload, const SqlType *args, int arg_count, Generics *generics)
{
    SqlType compatible[CALL_ARGS_MAX];
    int compatible_count = 0;
    *generics = (Generics){0};
    for (int i = 0; i < arg_count; i++) {
        bool fits = true;
        switch ((int) overload_arg(overload, i).id) {
        case PSEUDO_ANYELEMENT:
        case PSEUDO_ANYNONARRAY:
        case PSEUDO_ANYENUM:
            generics->any_generic = true;
            fits = generic_note(&generics->element, args[i]);
            break;
        case PSEUDO_ANYARRAY:
            generics->any_generic = true;
            fits = generic_note(&generics->array, args[i]);
            break;
        case PSEUDO_ANYRANGE:
            generics->any_generic = true;
            fits = generic_note(&generics->range, args[i]);
            break;
        case PSEUDO_ANYMULTIRANGE:
            generics->any_generic = true;
            fits = generic_note(&generics->multirange, args[i]);
            break;
        case PSEUDO_ANYCOMPATIBLE:
        case PSEUDO_ANYCOMPATIBLENONARRAY:
            generics->any_compatible = true;
            compatible[compatible_count++] = args[i];
            break;
        case PSEUDO_ANYCOMPATIBLEARRAY:
            generics->any_compatible = true;
            if (args[i].id == TYPE_ARRAY)
                compatible[compatible_count++] = type_element_of(args[i]);
            break;
        case PSEUDO_ANYCOMPATIBLELIST:
        case PSEUDO_ANYCOMPATIBLEMAP:
            generics->any_compatible = true;
            if (args[i].id == TYPE_LIST || args[i].id == TYPE_MAP)
                compatible[compatible_count++] = type_element_of(args[i]);
            break;
        default:
            break;
        }
        if (!fits)
            return false;
    }
    if (generics->array.id != TYPE_UNKNOWN && !generic_note(&generics->element, type_element_of(generics->array)))
        return false;
    if (generics->multirange.id != TYPE_UNKNOWN &&
        !generic_note(&generics->range, type_multirange_range(generics->multirange)))
        return false;
    if (generics->range.id != TYPE_UNKNOWN) {
        generics->multirange = type_multirange_of(generics->range);
        if (!generic_note(&generics->element, type_range_element(generics->range)))
            return false;
    }
    if (generics->any_compatible) {
        Error ignored = ERROR_INIT;
        bool unified = type_unify(compatible, compatible_count, "", 0, &generics->compatible, &ignored);
        error_clear(&ignored);
        if (!unified)
            return false;
        generics->compatible.typmod = -1;
    }
    return true;
}

static bool
overload_fits(const Overload *overload, const SqlType *args, int arg_count)
{
    if (!overload_takes_count(overload, arg_count))
        return false;
    bool pseudo = false, wants_mz_timestamp = false, has_mz_timestamp = false;
    for (int i = 0; i < arg_count; i++) {
        SqlType declared = overload_arg(overload, i);
        if (!arg_fits(args[i], declared))
            return false;
        pseudo = pseudo || type_is_pseudo(declared);
        wants_mz_timestamp = wants_mz_timestamp || declared.id == TYPE_MZ_TIMESTAMP;
        has_mz_timestamp = has_mz_timestamp || args[i].id == TYPE_MZ_TIMESTAMP;
    }
    /* Numbers and dates cast to it implicitly: without this they could be compared with each other through it. */
    if (wants_mz_timestamp && !has_mz_timestamp)
        return false;
    Generics generics;
    return !pseudo || generics_find(overload, args, arg_count, &generics);
}

int
overload_exact(const Overload *overloads, int count, const SqlType *args, int arg_count)
{
    for (int c = 0; c < count; c++) {
        if (overloads[c].arg_count != arg_count || (overloads[c].variadic && arg_count == 0))
            continue;
        bool same = true;
        for (int i = 0; i < arg_count && same; i++)
            same = types_match(overloads[c].args[i], args[i]);
        if (same)
            return c;
    }
    return -1;
}

/* The candidates still in the running: indexes into overloads. */
typedef struct Running {
    const Overload *overloads;
    int indexes[256];
    int count;
} Running;

/* Keeps the candidates with the most positions where `counts` says so. */
static void
keep_best(Running *running, const SqlType *args, int arg_count, bool (*counts)(SqlType actual, SqlType declared))
{
    int best = -1, kept = 0;
    for (int c = 0; c < running->count; c++) {
        int matches = 0;
        for (int i = 0; i < arg_count; i++) {
            SqlType declared = overload_arg(&running->overloads[running->indexes[c]], i);
            matches += args[i].id != TYPE_UNKNOWN && counts(args[i], declared);
        }
        if (matches > best) {
            best = matches;
            kept = 0;
        }
        if (matches == best)
            running->indexes[kept++] = running->indexes[c];
    }
    running->count = kept;
}

static bool
counts_exact(SqlType actual, SqlType declared)
{
    return types_match(actual, declared);
}

static bool
counts_exact_or_preferred(SqlType actual, SqlType declared)
{
    return types_match(actual, declared) || (category_of(actual) == category_of(declared) && is_preferred(declared));
}

/* The category that the candidates give the unknown argument `index`; 0 when they disagree. */
static char
unknown_category(const Running *running, int index, bool *preferred)
{
    char category = 0;
    bool agree = true;
    *preferred = false;
    for (int c = 0; c < running->count; c++) {
        SqlType declared = overload_arg(&running->overloads[running->indexes[c]], index);
        char of_candidate = category_of(declared);
        if (category == 0) {
            category = of_candidate;
            *preferred = is_preferred(declared);
        } else if (of_candidate == category) {
            *preferred = *preferred || is_preferred(declared);
        } else if (of_candidate == 'S') {
            category = 'S';
            agree = true;
            *preferred = is_preferred(declared);
        } else if (category != 'S') {
            agree = false;
        }
    }
    return agree ? category : 0;
}

/* Narrows by what unknown literals are best taken for. */
static void
keep_by_category(Running *running, const SqlType *args, int arg_count)
{
    char categories[CALL_ARGS_MAX];
    bool preferred[CALL_ARGS_MAX];
    for (int i = 0; i < arg_count; i++) {
        if (args[i].id != TYPE_UNKNOWN)
            continue;
        categories[i] = unknown_category(running, i, &preferred[i]);
        if (categories[i] == 0)
            return;
    }
    Running narrowed = {.overloads = running->overloads};
    for (int c = 0; c < running->count; c++) {
        bool keep = true;
        for (int i = 0; i < arg_count && keep; i++) {
            SqlType declared = overload_arg(&running->overloads[running->indexes[c]], i);
            if (args[i].id == TYPE_UNKNOWN)
                keep = category_of(declared) == categories[i] && (!preferred[i] || is_preferred(declared));
        }
        if (keep)
            narrowed.indexes[narrowed.count++] = running->indexes[c];
    }
    if (narrowed.count > 0)
        *running = narrowed;
}

/* When all known arguments have one type, takes the unknown ones for it too. -1: does not single a candidate out. */
static int
single_out_by_known(const Running *running, const SqlType *args, int arg_count)
{
    SqlType known = {0};
    for (int i = 0; i < arg_count; i++) {
        if (args[i].id == TYPE_UNKNOWN)
            continue;
        if (known.id != TYPE_UNKNOWN && !types_match(known, args[i]))
            return -1;
        known = args[i];
    }
    if (known.id == TYPE_UNKNOWN)
        return -1;
    SqlType assumed[CALL_ARGS_MAX];
    for (int i = 0; i < arg_count; i++)
        assumed[i] = known;
    int found = -1;
    for (int c = 0; c < running->count; c++) {
        if (!overload_fits(&running->overloads[running->indexes[c]], assumed, arg_count))
            continue;
        if (found >= 0)
            return -1;
        found = running->indexes[c];
    }
    return found;
}

/* A variadic candidate gives way to one that takes the same types as they are. */
static void
drop_variadic_twins(Running *running, int arg_count)
{
    int kept = 0;
    for (int c = 0; c < running->count; c++) {
        const Overload *candidate = &running->overloads[running->indexes[c]];
        bool twin = false;
        for (int other = 0; other < running->count && candidate->variadic && !twin; other++) {
            const Overload *plain = &running->overloads[running->indexes[other]];
            twin = !plain->variadic;
            for (int i = 0; i < arg_count && twin; i++)
                twin = types_match(plain->args[i], overload_arg(candidate, i));
        }
        if (!twin)
            running->indexes[kept++] = running->indexes[c];
    }
    running->count = kept;
}

OverloadFound
overload_select(const Overload *overloads, int count, const SqlType *args, int arg_count, int *chosen)
{
    int exact = overload_exact(overloads, count, args, arg_count);
    if (exact >= 0) {
        *chosen = exact;
        return OVERLOAD_ONE;
    }
    if (arg_count > CALL_ARGS_MAX)
        return OVERLOAD_NONE;
    Running running = {.overloads = overloads};
    bool any_unknown = false;
    for (int i = 0; i < arg_count; i++)
        any_unknown = any_unknown || args[i].id == TYPE_UNKNOWN;
    for (int c = 0; c < count && running.count < 256; c++) {
        if (overload_fits(&overloads[c], args, arg_count))
            running.indexes[running.count++] = c;
    }
    if (running.count == 0)
        return OVERLOAD_NONE;
    if (running.count > 1)
        drop_variadic_twins(&running, arg_count);
    if (running.count > 1)
        keep_best(&running, args, arg_count, counts_exact);
    if (running.count > 1)
        keep_best(&running, args, arg_count, counts_exact_or_preferred);
    if (running.count > 1 && any_unknown)
        keep_by_category(&running, args, arg_count);
    *chosen = running.indexes[0];
    if (running.count > 1 && any_unknown)
        *chosen = single_out_by_known(&running, args, arg_count);
    else if (running.count > 1)
        *chosen = -1;
    return *chosen >= 0 ? OVERLOAD_ONE : OVERLOAD_MANY;
}

/* What is one already stays it, with its name. */
static SqlType
container_bind(SqlType actual, SqlType made)
{
    return actual.id == made.id && type_same_structure(actual, made) ? actual : made;
}

/* A map made of a list is made of its records' second fields. */
static SqlType
map_of_records(const Overload *overload, SqlType declared_result, SqlType element)
{
    bool of_list = overload->arg_count == 1 && (int) overload->args[0].id == (int) PSEUDO_ANYCOMPATIBLELIST;
    bool pairs = element.id == TYPE_RECORD && element.detail != NULL && element.detail->count == 2;
    return of_list && pairs && (int) declared_result.id == (int) PSEUDO_ANYCOMPATIBLEMAP
               ? type_map_of(element.detail->fields[1].type)
               : SQL_TYPE(UNKNOWN);
}

static SqlType
generic_bind(SqlType declared, SqlType actual, const Generics *generics)
{
    switch ((int) declared.id) {
    case PSEUDO_ANY:
        return actual.id == TYPE_UNKNOWN ? SQL_TYPE(TEXT) : (SqlType){actual.id, actual.element, -1, actual.detail};
    case PSEUDO_ANYELEMENT:
    case PSEUDO_ANYNONARRAY:
    case PSEUDO_ANYENUM:
        return generics->element;
    case PSEUDO_ANYARRAY:
        return generics->array.id != TYPE_UNKNOWN ? generics->array : type_array_of(generics->element);
    case PSEUDO_ANYRANGE:
        return generics->range;
    case PSEUDO_ANYMULTIRANGE:
        return generics->multirange;
    case PSEUDO_ANYCOMPATIBLE:
    case PSEUDO_ANYCOMPATIBLENONARRAY:
        return generics->compatible;
    case PSEUDO_ANYCOMPATIBLEARRAY:
        return type_array_of(generics->compatible);
    case PSEUDO_ANYCOMPATIBLELIST:
        return container_bind(actual,
                              type_list_of(generics->any_compatible ? generics->compatible : generics->element));
    case PSEUDO_ANYCOMPATIBLEMAP:
        return container_bind(actual, type_map_of(generics->any_compatible ? generics->compatible : generics->element));
    case TYPE_RECORD:
        return actual.id == TYPE_RECORD ? actual : declared;
    default:
        return declared;
    }
}

bool
overload_bind(const Overload *overload, SqlType declared_result, const SqlType *args, int arg_count, int position,
              SqlType *arg_types, SqlType *result, Error *err)
{
    Generics generics;
    if (!generics_find(overload, args, arg_count, &generics))
        return error_at(err, position, SQLSTATE_DATATYPE_MISMATCH, "arguments do not agree on one type");
    if (generics.any_generic && generics.element.id == TYPE_UNKNOWN)
        return error_at(err, position, SQLSTATE_DATATYPE_MISMATCH,
                        "could not determine polymorphic type because input has type unknown");
    for (int i = 0; i < arg_count; i++)
        arg_types[i] = generic_bind(overload_arg(overload, i), args[i], &generics);
    SqlType map = map_of_records(overload, declared_result, generics.compatible);
    *result = map.id == TYPE_MAP
                  ? map
                  : generic_bind(declared_result, (SqlType){.id = declared_result.id, .typmod = -1}, &generics);
    return true;
}

static void
append_types(Buffer *out, const SqlType *args, int arg_count, Arena *arena)
{
    for (int i = 0; i < arg_count; i++) {
        SqlType bare = args[i];
        bare.typmod = -1;
        buffer_append_text(out, i > 0 ? ", " : "");
        buffer_append_text(out, function_type_name(bare, arena));
    }
}

const char *
call_signature(const char *schema, const char *name, const SqlType *args, int arg_count, Arena *arena)
{
    Buffer text = {0};
    if (schema != NULL)
        buffer_printf(&text, "%s.", schema);
    buffer_printf(&text, "%s(", name);
    append_types(&text, args, arg_count, arena);
    buffer_append_char(&text, ')');
    return buffer_to_arena(&text, arena);
}

bool
call_not_found(const char *schema, const char *name, const SqlType *args, int arg_count, int position,
               OverloadFound found, Error *err)
{
    Arena *arena = arena_new();
    const char *signature = call_signature(schema, name, args, arg_count, arena);
    if (found == OVERLOAD_MANY) {
        (void) error_at(err, position, SQLSTATE_AMBIGUOUS_FUNCTION, "function %s is not unique", signature);
        (void) error_hint(err,
                          "Could not choose a best candidate function. You might need to add explicit type casts.");
    } else {
        (void) error_at(err, position, SQLSTATE_UNDEFINED_FUNCTION, "function %s does not exist", signature);
        (void) error_hint(
            err, "No function matches the given name and argument types. You might need to add explicit type casts.");
    }
    arena_free(arena);
    return false;
}
