/*
 * function.h -- the functions, operators and casts that SQL can call, and how a call finds its function.
 *
 * Functions are rows of the .def files in functions/ (one a family). An operator is a function whose name is the
 * operator's symbol. Resolution follows PostgreSQL's rules (documentation, chapter 10: exact match, then implicit
 * coercions, preferred types, unknown literals).
 */
#ifndef FRESHET_EXPR_FUNCTION_H
#define FRESHET_EXPR_FUNCTION_H

#include "expr/evaluate.h"

#define FUNCTION_ARGS_MAX 8

/* Pseudo-types of arguments and results: ids past the real ones, in SqlType.id. */
typedef enum PseudoType {
    PSEUDO_ANY = TYPE_COUNT,
    PSEUDO_ANYELEMENT,
    PSEUDO_ANYNONARRAY,
    PSEUDO_ANYENUM,
    PSEUDO_ANYARRAY,
    PSEUDO_ANYRANGE,
    PSEUDO_ANYMULTIRANGE,
    PSEUDO_ANYCOMPATIBLE,
    PSEUDO_ANYCOMPATIBLENONARRAY,
    PSEUDO_ANYCOMPATIBLEARRAY,
    PSEUDO_ANYCOMPATIBLELIST,
    PSEUDO_ANYCOMPATIBLEMAP,
    PSEUDO_COUNT
} PseudoType;

static inline bool
type_is_pseudo(SqlType type)
{
    return (int) type.id >= (int) PSEUDO_ANY;
}

/* pg_type's oid and typname, pseudo-types included. */
uint32_t function_type_oid(SqlType type);
const char *function_type_name(SqlType type, Arena *arena);

/* What a function gets: argument columns of `count` rows (constant ones have one row and is_constant). */
typedef struct FunctionCall {
    EvalContext *context;
    const Function *function;
    const SqlType *arg_types;
    SqlType result_type;
    const Evaluated *args;
    int arg_count;
    uint32_t count;
    ColumnBuilder *out;       /* append `count` values of the result type */
    Column *made;             /* or set this to a column that was made whole; `out` is then not looked at */
    const EvalError **errors; /* of each row, writable; allocated on the first function_fail */
} FunctionCall;

/* Scalar at a time: for functions where vectorising does not pay. False: failed; the Error is turned into the row's
 * EvalError. */
typedef bool (*RowFunction)(FunctionCall *call, const Datum *args, Datum *result, Error *err);
/* Whole columns. Appends every row's value to call->out (strict functions too: null where an argument is). */
typedef void (*ColumnFunction)(FunctionCall *call);

typedef enum FunctionKind {
    FUNCTION_SCALAR,
    FUNCTION_OPERATOR,
    FUNCTION_CAST,
    FUNCTION_TABLE,
    FUNCTION_AGGREGATE,
    FUNCTION_CONTEXT
} FunctionKind;

struct Function {
    const char *name;   /* "lower", "+", "cast" */
    const char *schema; /* "pg_catalog", "mz_catalog", "mz_internal" */
    FunctionKind kind;
    bool strict; /* null when an argument is null, then not called */
    bool can_fail;
    bool variadic; /* the last argument type repeats */
    bool commutative;
    bool total;       /* never null but where strict makes it so */
    bool is_volatile; /* another value at each call: never folded, never maintained */
    uint8_t arg_count;
    uint32_t oid;                    /* pg_proc's, of an operator pg_operator's; 0 when PostgreSQL has none */
    SqlType args[FUNCTION_ARGS_MAX]; /* may be a PseudoType */
    SqlType result;                  /* may be a PseudoType */
    RowFunction row;
    ColumnFunction column; /* preferred where not NULL */
    ContextValue context;  /* FUNCTION_CONTEXT */
};

/* How a call in SQL names things: types may be TYPE_UNKNOWN for untyped literals and parameters. */
typedef struct ResolvedCall {
    const Function *function;
    SqlType arg_types[FUNCTION_ARGS_MAX + 92]; /* what each argument must be cast to */
    SqlType result;
} ResolvedCall;

/*
 * Finds the function for a call. `schema` is NULL when unqualified. Errors: 42883 `function lower(integer, text) does
 * not exist` with hint, 42725 `function f(...) is not unique`; operators: `operator does not exist: integer + text`,
 * `operator is not unique: ...`.
 */
MUST_CHECK bool function_resolve(const char *schema, const char *name, const SqlType *args, int arg_count, int position,
                                 ResolvedCall *resolved, Error *err);
MUST_CHECK bool operator_resolve(const char *name, SqlType left, SqlType right, bool unary, int position,
                                 ResolvedCall *resolved, Error *err);
bool function_exists(const char *schema, const char *name);
/* Every function, for catalog relations. */
const Function *function_at(size_t index); /* NULL past the end */

typedef enum CastContext { CAST_IMPLICIT, CAST_ASSIGNMENT, CAST_EXPLICIT } CastContext;

bool cast_exists(SqlType from, SqlType to, CastContext context);
/* The function of one argument that casts; NULL when there is none. It does not apply `to`'s typmod. */
const Function *cast_function(SqlType from, SqlType to, CastContext context);
/* A parameter of type unknown becomes one of type `to`, in place. `eval` gives the style that literals are read in, and
   may be NULL. `scalar` as type `to`: itself when nothing is needed, a literal parsed when it is an unknown literal, a
   call of the cast else. Typmods are applied. Errors: 42846 `cannot cast type a to b`; 22P02 and friends when an
   unknown literal cannot be read. */
MUST_CHECK bool cast_scalar(Arena *arena, Scalar *scalar, SqlType to, CastContext context, EvalContext *eval,
                            Scalar **result, Error *err);
/* The type that UNION, CASE, VALUES, COALESCE, ARRAY give these: PostgreSQL's chapter 10.5. 42804 `{what} types a and b
 * cannot be matched`. */
MUST_CHECK bool type_unify(const SqlType *types, int count, const char *what, int position, SqlType *result,
                           Error *err);

/* Binds a binary operator to scalars: resolves, casts, makes the call. For planner and tests. */
MUST_CHECK bool scalar_operator(Arena *arena, const char *name, Scalar *left, Scalar *right, int position,
                                EvalContext *eval, Scalar **result, Error *err);
/* The = operator of a type as a call, never failing: for join and IN conditions that the planner makes. */
Scalar *scalar_equals(Arena *arena, Scalar *left, Scalar *right);

/* left IS DISTINCT FROM right: false or true, never null; nulls are equal. */
MUST_CHECK bool scalar_distinct(Arena *arena, Scalar *left, Scalar *right, int position, EvalContext *eval,
                                Scalar **result, Error *err);
/* value[i][j]...: of an array, or of a jsonb (subscripts integer or text). 42804 when the value has no subscripts. */
MUST_CHECK bool scalar_subscript(Arena *arena, Scalar *value, Scalar **subscripts, int count, EvalContext *eval,
                                 Scalar **result, Error *err);
/* value[lower:upper] ...; bounds has two scalars a dimension, NULL where one is left out. */
MUST_CHECK bool scalar_slice(Arena *arena, Scalar *array, Scalar **bounds, int dimensions, EvalContext *eval,
                             Scalar **result, Error *err);
/* (record).field, by its number from 0; the record's type has its fields. */
Scalar *scalar_field(Arena *arena, Scalar *record, int field);
/* A call of a function that only the planner calls, with the result type that it knows. `args` is kept. */
Scalar *scalar_known_call(Arena *arena, const char *function, Scalar **args, int count, SqlType type);

/* Constant folding: every subtree without columns, parameters and context becomes a literal (or a literal error);
   AND/OR/CASE/COALESCE are simplified, x = ANY('{literals}') and OR chains of equalities become SCALAR_IN_LIST. */
Scalar *scalar_fold(Arena *arena, Scalar *scalar, EvalContext *eval);

/* Values for SCALAR_CONTEXT and SCALAR_PARAMETER. */
typedef struct ContextBinding {
    int64_t now; /* timestamptz */
    Timestamp mz_now;
    bool has_mz_now; /* false: CONTEXT_MZ_NOW is left alone */
    const char *user, *session_user, *database, *schema;
    const char *const *schemas; /* NULL-terminated search path that exists */
    int32_t backend_pid;
    int64_t start_time;
    bool is_superuser;
    const char *(*setting)(void *context, const char *name); /* NULL: no such setting */
    void *setting_context;
    const Datum *parameters;
    const SqlType *parameter_types;
    int parameter_count;
} ContextBinding;

/* A copy with every context value and parameter as a literal. 42704 for an unknown setting. */
MUST_CHECK bool scalar_bind_context(Arena *arena, const Scalar *scalar, const ContextBinding *binding, Scalar **result,
                                    Error *err);

/* For a row function or column function to fail a row. */
void function_fail_with(FunctionCall *call, uint32_t row,
                        const EvalError *error); /* which outlives the call's arena or is static */
void function_fail(FunctionCall *call, uint32_t row, const char *sqlstate, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

#endif
