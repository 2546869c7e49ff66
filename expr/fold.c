#include "expr/function.h"
#include "expr/scalar_set.h"
#include "expr/scalar_table.h"
#include "types/array.h"

/*
 * Constant folding, bottom up. A node whose operands did not change is returned as it is; a changed one is a new node
 * over the folded operands.
 */

typedef struct Fold {
    Arena *arena;
    EvalContext *eval;
} Fold;

static Scalar *fold(const Fold *f, Scalar *scalar);

static bool
is_plain_literal(const Scalar *scalar)
{
    return scalar->kind == SCALAR_LITERAL && scalar->literal_error == NULL;
}

static bool
is_null_literal(const Scalar *scalar)
{
    return is_plain_literal(scalar) && scalar->literal.is_null;
}

static Scalar *
at_position(Scalar *scalar, const Scalar *of)
{
    if (scalar->position == 0)
        scalar->position = of->position;
    return scalar;
}

/* The literal that a node without columns, parameters and context values comes to. */
static Scalar *
evaluated(const Fold *f, Scalar *scalar)
{
    Datum value;
    const EvalError *error;
    if (!evaluate_constant(scalar, f->eval, &value, &error)) {
        Scalar bare = {.kind = SCALAR_LITERAL, .type = scalar->type, .literal = DATUM_NULL, .literal_error = error};
        return at_position(scalar_copy(f->arena, &bare), scalar);
    }
    return at_position(scalar_literal(f->arena, scalar->type, datum_copy(scalar->type, value, f->arena)), scalar);
}

static bool
all_literals(const Scalar *scalar)
{
    for (int i = 0; i < scalar->arg_count; i++) {
        if (scalar->args[i]->kind != SCALAR_LITERAL)
            return false;
    }
    return true;
}

static Scalar *
fold_call(const Fold *f, Scalar *call)
{
    if (call->function->is_volatile || scalar_is_large(call))
        return call;
    if (all_literals(call))
        return evaluated(f, call);
    bool null = false, others_fail = false;
    for (int i = 0; i < call->arg_count; i++) {
        if (call->args[i]->kind == SCALAR_LITERAL && call->args[i]->literal_error != NULL)
            return at_position(scalar_error(f->arena, call->type, call->args[i]->literal_error), call);
        null = null || is_null_literal(call->args[i]);
        others_fail = others_fail || scalar_can_fail(call->args[i]);
    }
    if (call->function->strict && null && !others_fail)
        return at_position(scalar_null(f->arena, call->type), call);
    return call;
}

/* ---- lists of conditions */

/* x = literal, either way around, where both have one type and = is that type's. */
static bool
is_equality_to_literal(const Scalar *scalar, Scalar **subject, const Scalar **literal)
{
    if (scalar->kind != SCALAR_CALL || scalar->function->kind != FUNCTION_OPERATOR ||
        strcmp(scalar->function->name, "=") != 0 || !type_same(scalar->args[0]->type, scalar->args[1]->type))
        return false;
    int at = is_plain_literal(scalar->args[1]) ? 1 : is_plain_literal(scalar->args[0]) ? 0 : -1;
    if (at < 0)
        return false;
    *literal = scalar->args[at];
    *subject = scalar->args[1 - at];
    return (*subject)->kind != SCALAR_LITERAL;
}

typedef VECTOR(Datum) Datums;

/* The values that one operand of an OR allows its subject. */
static bool
collect_allowed(const Scalar *scalar, Scalar **subject, SqlType *type, Datums *values, bool *has_null)
{
    const Scalar *literal;
    if (is_equality_to_literal(scalar, subject, &literal)) {
        *type = literal->type;
        if (literal->literal.is_null)
            *has_null = true;
        else
            vector_push(values, literal->literal);
        return true;
    }
    if (scalar->kind != SCALAR_IN_LIST)
        return false;
    *subject = scalar->args[0];
    *type = scalar->set->type;
    *has_null = *has_null || scalar->set->has_null;
    for (int i = 0; i < scalar->set->count; i++)
        vector_push(values, scalar->set->values[i]);
    return true;
}

/* Operands of an OR that ask about one subject. */
typedef struct Asked {
    Scalar *subject;
    SqlType type;
    Datums values;
    bool has_null;
    int first, operands; /* where the first of them is, and how many there are */
} Asked;

typedef VECTOR(Asked) AskedList;

static void
asked_add(AskedList *list, ScalarTable *subjects, const Scalar *arg, int at)
{
    Asked asked = {.first = at, .operands = 1};
    if (!collect_allowed(arg, &asked.subject, &asked.type, &asked.values, &asked.has_null)) {
        vector_deinit(&asked.values);
        return;
    }
    int known = scalar_table_put(subjects, asked.subject, (int) list->count);
    if (known < 0 || !type_same(list->items[known].type, asked.type)) {
        vector_push(list, asked);
        return;
    }
    Asked *into = &list->items[known];
    for (size_t i = 0; i < asked.values.count; i++)
        vector_push(&into->values, asked.values.items[i]);
    into->has_null = into->has_null || asked.has_null;
    into->operands++;
    vector_deinit(&asked.values);
}

/* a = 1 OR a = 2 is a IN (1, 2). Returns how many operands are left. */
static int
join_equalities(const Fold *f, Scalar **args, int count)
{
    AskedList list = {0};
    ScalarTable subjects = {.arena = f->arena};
    int kept = 0;
    for (int i = 0; i < count; i++)
        asked_add(&list, &subjects, args[i], i);
    for (int i = 0; i < count; i++) {
        Scalar *subject;
        SqlType type;
        Datums values = {0};
        bool has_null = false;
        int known =
            collect_allowed(args[i], &subject, &type, &values, &has_null) ? scalar_table_find(&subjects, subject) : -1;
        vector_deinit(&values);
        const Asked *asked = known < 0 || !type_same(list.items[known].type, type) ? NULL : &list.items[known];
        if (asked == NULL || asked->operands == 1)
            args[kept++] = args[i];
        else if (asked->first == i)
            args[kept++] = scalar_in_list(f->arena, asked->subject, asked->type, asked->values.items,
                                          (int) asked->values.count, asked->has_null);
    }
    for (size_t i = 0; i < list.count; i++)
        vector_deinit(&list.items[i].values);
    vector_deinit(&list);
    return kept;
}

static Scalar *
fold_and_or(const Fold *f, Scalar *scalar)
{
    bool deciding = scalar->kind == SCALAR_OR;
    int room = 0, count = 0;
    for (int i = 0; i < scalar->arg_count; i++)
        room += scalar->args[i]->kind == scalar->kind ? scalar->args[i]->arg_count : 1;
    Scalar **args = arena_new_array(f->arena, Scalar *, room + 1);
    ScalarTable seen = {.arena = f->arena};
    for (int i = 0; i < scalar->arg_count; i++) {
        Scalar *arg = scalar->args[i];
        Scalar **parts = arg->kind == scalar->kind ? arg->args : &arg;
        int part_count = arg->kind == scalar->kind ? arg->arg_count : 1;
        for (int p = 0; p < part_count; p++) {
            if (scalar_is_literal_bool(parts[p], deciding))
                return at_position(scalar_bool(f->arena, deciding), scalar);
            if (!scalar_is_literal_bool(parts[p], !deciding) && scalar_table_put(&seen, parts[p], 1) < 0)
                args[count++] = parts[p];
        }
    }
    if (deciding)
        count = join_equalities(f, args, count);
    if (count == 0)
        return at_position(scalar_bool(f->arena, !deciding), scalar);
    if (count == 1)
        return args[0];
    Scalar *made = scalar_make(f->arena, scalar->kind, scalar->type, args, count);
    return at_position(all_literals(made) ? evaluated(f, made) : made, scalar);
}

static Scalar *
fold_not(const Fold *f, Scalar *scalar)
{
    Scalar *arg = scalar->args[0];
    if (arg->kind == SCALAR_LITERAL)
        return evaluated(f, scalar);
    return arg->kind == SCALAR_NOT ? arg->args[0] : scalar;
}

static Scalar *
fold_is_null(const Fold *f, Scalar *scalar)
{
    Scalar *arg = scalar->args[0];
    if (arg->kind == SCALAR_LITERAL)
        return evaluated(f, scalar);
    return !arg->nullable && !scalar_can_fail(arg) ? scalar_bool(f->arena, false) : scalar;
}

static Scalar *
fold_case(const Fold *f, Scalar *scalar)
{
    Scalar **args = arena_new_array(f->arena, Scalar *, scalar->arg_count);
    int count = 0, i = 0;
    for (; i + 1 < scalar->arg_count; i += 2) {
        if (scalar_is_literal_bool(scalar->args[i], false) || is_null_literal(scalar->args[i]))
            continue;
        if (scalar_is_literal_bool(scalar->args[i], true))
            break;
        args[count++] = scalar->args[i];
        args[count++] = scalar->args[i + 1];
    }
    /* A condition that is always true makes its value the else. */
    args[count++] = i + 1 < scalar->arg_count ? scalar->args[i + 1] : scalar->args[scalar->arg_count - 1];
    if (count == 1)
        return args[0];
    if (count == scalar->arg_count)
        return scalar;
    return at_position(scalar_make(f->arena, SCALAR_CASE, scalar->type, args, count), scalar);
}

static Scalar *
fold_coalesce(const Fold *f, Scalar *scalar)
{
    Scalar **args = arena_new_array(f->arena, Scalar *, scalar->arg_count);
    int count = 0;
    for (int i = 0; i < scalar->arg_count; i++) {
        if (is_null_literal(scalar->args[i]))
            continue;
        args[count++] = scalar->args[i];
        if (!scalar->args[i]->nullable)
            break;
    }
    if (count == 0)
        return at_position(scalar_null(f->arena, scalar->type), scalar);
    if (count == 1)
        return args[0];
    if (count == scalar->arg_count)
        return scalar;
    return at_position(scalar_make(f->arena, SCALAR_COALESCE, scalar->type, args, count), scalar);
}

/* x = ANY(literals) is IN, x <> ALL(literals) is NOT IN. */
static Scalar *
fold_quantified(const Fold *f, Scalar *scalar)
{
    Scalar *subject = scalar->args[0], *array = scalar->args[1];
    if (all_literals(scalar))
        return evaluated(f, scalar);
    if (is_null_literal(array) && !scalar_can_fail(subject))
        return at_position(scalar_null(f->arena, scalar->type), scalar);
    bool any = scalar->kind == SCALAR_ANY;
    if (!is_plain_literal(array) || array->literal.is_null || array->type.id != TYPE_ARRAY ||
        strcmp(scalar->function->name, any ? "=" : "<>") != 0 ||
        !type_same(subject->type, type_element_of(array->type)))
        return scalar;
    ArrayReader reader;
    array_read(&reader, array->type, array->literal.bytes);
    Datum *elements = arena_new_array(f->arena, Datum, reader.shape.count + 1);
    for (int64_t i = 0; array_next(&reader, f->arena, &elements[i]); i++)
        continue;
    Scalar *in = scalar_in_list(f->arena, subject, subject->type, elements, (int) reader.shape.count, false);
    in = fold(f, at_position(in, scalar));
    return any ? in : fold(f, at_position(scalar_make(f->arena, SCALAR_NOT, SQL_TYPE(BOOL), &in, 1), scalar));
}

static Scalar *
fold_in_list(const Fold *f, Scalar *scalar)
{
    const ScalarSet *set = scalar->set;
    if (scalar->args[0]->kind == SCALAR_LITERAL)
        return evaluated(f, scalar);
    if (set->count == 0 && !set->has_null && !scalar_can_fail(scalar->args[0]))
        return at_position(scalar_bool(f->arena, false), scalar);
    if (set->count != 1 || set->has_null)
        return scalar;
    Scalar *literal = scalar_literal(f->arena, set->type, set->values[0]);
    return at_position(scalar_equals(f->arena, scalar->args[0], literal), scalar);
}

static Scalar *
fold_node(const Fold *f, Scalar *scalar)
{
    switch (scalar->kind) {
    case SCALAR_CALL:
        return fold_call(f, scalar);
    case SCALAR_AND:
    case SCALAR_OR:
        return fold_and_or(f, scalar);
    case SCALAR_NOT:
        return fold_not(f, scalar);
    case SCALAR_IS_NULL:
        return fold_is_null(f, scalar);
    case SCALAR_CASE:
        return fold_case(f, scalar);
    case SCALAR_COALESCE:
        return fold_coalesce(f, scalar);
    case SCALAR_ANY:
    case SCALAR_ALL:
        return fold_quantified(f, scalar);
    case SCALAR_IN_LIST:
        return fold_in_list(f, scalar);
    case SCALAR_GREATEST:
    case SCALAR_LEAST:
    case SCALAR_ARRAY:
    case SCALAR_ROW:
        return all_literals(scalar) ? evaluated(f, scalar) : scalar;
    default:
        return scalar;
    }
}

static Scalar *
fold(const Fold *f, Scalar *scalar)
{
    Scalar **args = NULL;
    for (int i = 0; i < scalar->arg_count; i++) {
        Scalar *folded = fold(f, scalar->args[i]);
        if (folded != scalar->args[i] && args == NULL) {
            args = arena_new_array(f->arena, Scalar *, scalar->arg_count);
            memcpy(args, scalar->args, sizeof *args * (size_t) scalar->arg_count);
        }
        if (args != NULL)
            args[i] = folded;
    }
    if (args != NULL) {
        Scalar *changed = arena_new_struct(f->arena, Scalar);
        *changed = *scalar;
        changed->args = args;
        scalar = changed;
    }
    return fold_node(f, scalar);
}

Scalar *
scalar_fold(Arena *arena, Scalar *scalar, EvalContext *eval)
{
    Fold f = {arena, eval};
    return fold(&f, scalar);
}
