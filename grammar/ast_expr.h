/*
 * ast_expr.h -- the part of the tree below statements and queries: names, types, expressions, options.
 *
 * ast.h says what holds for all of it.
 */
#ifndef FRESHET_GRAMMAR_AST_EXPR_H
#define FRESHET_GRAMMAR_AST_EXPR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/slice.h"

#define AST_DEPTH_MAX      5000 /* levels of a tree: expressions, queries and joins together */
#define AST_NAME_PARTS_MAX 4    /* database.schema.table.column */

#define AST_LIST(type)                                                                                                 \
    struct {                                                                                                           \
        type *items;                                                                                                   \
        int count;                                                                                                     \
        int capacity;                                                                                                  \
    }

typedef struct AstExpr AstExpr;
typedef struct AstQuery AstQuery;
typedef struct AstBody AstBody;
typedef struct AstSelect AstSelect;
typedef struct AstFromItem AstFromItem;
typedef struct AstType AstType;
typedef struct AstStatement AstStatement;
typedef struct AstOption AstOption;
typedef struct AstValue AstValue;
typedef struct AstShow AstShow;

/* ---- Names ---- */

/* One identifier. `text` is NULL where an optional identifier is absent. */
typedef struct AstIdent {
    const char *text;
    int position;
} AstIdent;
typedef AST_LIST(AstIdent) AstIdentList;

/* a, s.a, d.s.a or d.s.t.a: parts[0 .. count - 1], outermost first. `id` is "u1" in [u1 AS d.s.a], else NULL;
   [u1] alone has count 0. count 0 without id: absent. */
typedef struct AstName {
    const char *parts[AST_NAME_PARTS_MAX];
    const char *id;
    int count;
    int position;
} AstName;
typedef AST_LIST(AstName) AstNameList;

/* ---- Types ---- */

typedef enum AstTypeKind {
    AST_TYPE_NAMED, /* name, modifiers */
    AST_TYPE_ARRAY, /* element; `dimensions` of them: int[][] has 2 */
    AST_TYPE_LIST,  /* element: `int list` */
    AST_TYPE_MAP,   /* map[key => element] */
} AstTypeKind;

typedef AST_LIST(AstExpr *) AstExprList;

struct AstType {
    AstTypeKind kind;
    int position;
    /* AST_TYPE_NAMED. Types spelled by keyword have their PostgreSQL name and `keyword` set: `int` is int4,
       `timestamp with time zone` timestamptz, `char(3)` bpchar with modifier 3 (bare `char`: modifier 1),
       `double precision` float8, `dec` numeric. */
    AstName name;
    bool keyword;
    bool setof;
    AstExprList modifiers;     /* usually integers */
    const char *interval_from; /* "year" .. "second" in `interval year to month`, else NULL */
    const char *interval_to;   /* NULL when there is only one field */
    AstType *element;          /* array, list, map value */
    AstType *key;              /* map */
    int dimensions;            /* array */
};

/* ---- Expressions ---- */

typedef enum AstExprKind {
    AST_EXPR_NULL,
    AST_EXPR_BOOLEAN, /* boolean */
    AST_EXPR_INTEGER, /* text: digits, or 0x.. 0o.. 0b.., without underscores; a minus sign before it is part of it: "-5" */
    AST_EXPR_DECIMAL,        /* text: 1.5, .5, 1e10, with a minus sign if there was one */
    AST_EXPR_STRING,         /* text */
    AST_EXPR_BIT_STRING,     /* text: b'101' as "b101", x'1F' as "x1F" */
    AST_EXPR_TYPED_LITERAL,  /* typed_literal: date '2020-01-01', interval '1' day, mytype 'x' */
    AST_EXPR_PARAMETER,      /* parameter: 1 for $1 */
    AST_EXPR_COLUMN,         /* name: c, t.c, s.t.c, d.s.t.c (or a whole-row table, or field of a column) */
    AST_EXPR_STAR,           /* name: * (count 0) or t.* */
    AST_EXPR_DEFAULT,        /* DEFAULT in VALUES and SET */
    AST_EXPR_FUNCTION,       /* function */
    AST_EXPR_NAMED_ARGUMENT, /* named: f(a => 1) */
    AST_EXPR_OPERATOR,       /* op: binary, or prefix when left is NULL */
    AST_EXPR_AND,            /* list, at least 2 */
    AST_EXPR_OR,             /* list, at least 2 */
    AST_EXPR_NOT,            /* arg */
    AST_EXPR_IS,             /* is: IS [NOT] NULL, TRUE, FALSE, UNKNOWN */
    AST_EXPR_DISTINCT_FROM,  /* pair: left IS [NOT] DISTINCT FROM right */
    AST_EXPR_BETWEEN,        /* between */
    AST_EXPR_IN_LIST,        /* in: arg [NOT] IN (list) */
    AST_EXPR_IN_QUERY,       /* in: arg [NOT] IN (query) */
    AST_EXPR_LIKE,           /* like: LIKE, ILIKE, SIMILAR TO; regular expression matches are operators ~ etc. */
    AST_EXPR_QUANTIFIED,     /* quantified: left op ANY|ALL (array or query) */
    AST_EXPR_CAST,           /* cast */
    AST_EXPR_COLLATE,        /* collate */
    AST_EXPR_CASE,           /* case_ */
    AST_EXPR_COALESCE,       /* list */
    AST_EXPR_GREATEST,       /* list */
    AST_EXPR_LEAST,          /* list */
    AST_EXPR_NULLIF,         /* pair */
    AST_EXPR_EXISTS,         /* query */
    AST_EXPR_SUBQUERY,       /* query: scalar */
    AST_EXPR_ARRAY,          /* list: ARRAY[...]; elements may be AST_EXPR_ARRAY written without the word */
    AST_EXPR_ARRAY_QUERY,    /* query: ARRAY(...) */
    AST_EXPR_LIST,           /* list: LIST[...] */
    AST_EXPR_LIST_QUERY,     /* query */
    AST_EXPR_MAP,            /* list: key, value, key, value ... of MAP[k => v, ...] */
    AST_EXPR_MAP_QUERY,      /* query */
    AST_EXPR_ROW,            /* list: ROW(...) or (a, b) */
    AST_EXPR_SUBSCRIPT,      /* subscript: arg[1], arg[1:2][3] */
    AST_EXPR_FIELD,          /* field: (arg).name */
    AST_EXPR_FIELD_STAR,     /* arg: (arg).* */
} AstExprKind;

/* How a function call was written: the planner may ignore this, since name and arguments are those of the
   PostgreSQL function that the form stands for. */
typedef enum AstFunctionForm {
    AST_FORM_CALL,      /* f(...) */
    AST_FORM_KEYWORD,   /* CURRENT_DATE, CURRENT_TIMESTAMP(3), SESSION_USER, ...: no parentheses */
    AST_FORM_EXTRACT,   /* EXTRACT(f FROM x): extract('f', x) */
    AST_FORM_POSITION,  /* POSITION(a IN b): position(b, a), as PostgreSQL's function has it */
    AST_FORM_SUBSTRING, /* SUBSTRING(x FROM a [FOR b]): substring(x, a [, b]); FOR b alone: substring(x, 1, b) */
    AST_FORM_SUBSTRING_SIMILAR, /* SUBSTRING(x SIMILAR p ESCAPE e): substring(x, p, e) */
    AST_FORM_TRIM,              /* TRIM([BOTH|LEADING|TRAILING] [c] FROM x): btrim|ltrim|rtrim(x [, c]) */
    AST_FORM_OVERLAY,           /* OVERLAY(x PLACING y FROM a [FOR b]): overlay(x, y, a [, b]) */
    AST_FORM_AT_TIME_ZONE,      /* x AT TIME ZONE z: timezone(z, x) */
    AST_FORM_NORMALIZE,         /* NORMALIZE(x, NFC): normalize(x, 'NFC') */
    AST_FORM_OVERLAPS,          /* (a, b) OVERLAPS (c, d): overlaps(a, b, c, d) */
} AstFunctionForm;

typedef enum AstDirection { AST_ORDER_DEFAULT, AST_ORDER_ASC, AST_ORDER_DESC } AstDirection;
typedef enum AstNulls { AST_NULLS_DEFAULT, AST_NULLS_FIRST, AST_NULLS_LAST } AstNulls;

typedef struct AstOrderItem {
    AstExpr *expr;
    AstDirection direction;
    AstNulls nulls;
    AstName using_op; /* ORDER BY x USING < : operator name, count 0 when absent */
    int position;
} AstOrderItem;
typedef AST_LIST(AstOrderItem) AstOrderList;

typedef enum AstFrameUnits { AST_FRAME_NONE, AST_FRAME_ROWS, AST_FRAME_RANGE, AST_FRAME_GROUPS } AstFrameUnits;
typedef enum AstBoundKind {
    AST_BOUND_UNBOUNDED_PRECEDING,
    AST_BOUND_PRECEDING, /* offset */
    AST_BOUND_CURRENT_ROW,
    AST_BOUND_FOLLOWING, /* offset */
    AST_BOUND_UNBOUNDED_FOLLOWING,
} AstBoundKind;
typedef enum AstExclude {
    AST_EXCLUDE_NONE, /* nothing said */
    AST_EXCLUDE_CURRENT_ROW,
    AST_EXCLUDE_GROUP,
    AST_EXCLUDE_TIES,
    AST_EXCLUDE_NO_OTHERS,
} AstExclude;

typedef struct AstFrameBound {
    AstBoundKind kind;
    AstExpr *offset;
} AstFrameBound;

/* OVER name: only base is set. OVER (base PARTITION BY ... ORDER BY ... frame): inline_ is true. */
typedef struct AstWindow {
    AstIdent name; /* in WINDOW name AS (...), else absent */
    AstIdent base;
    bool inline_;
    AstExprList partition_by;
    AstOrderList order_by;
    AstFrameUnits units;
    AstFrameBound start;
    AstFrameBound end; /* meaningful when has_end: BETWEEN start AND end; else CURRENT ROW is implied */
    bool has_end;
    AstExclude exclude;
    int position;
} AstWindow;
typedef AST_LIST(AstWindow *) AstWindowList;

typedef enum AstNullTreatment { AST_NULL_TREATMENT_NONE, AST_IGNORE_NULLS, AST_RESPECT_NULLS } AstNullTreatment;

typedef struct AstFunction {
    AstName name;
    AstFunctionForm form;
    AstExprList args;
    bool star;     /* count(*) */
    bool distinct; /* count(DISTINCT x) */
    bool variadic; /* last argument is VARIADIC */
    AstOrderList order_by;
    AstOrderList within_group; /* WITHIN GROUP (ORDER BY ...) */
    AstExpr *filter;
    AstNullTreatment nulls;
    AstWindow *over;
} AstFunction;

/* An operator: schema-qualified ones, OPERATOR(s.+), have more parts; the last part is the symbol. "!=" is
   read as "<>". */
typedef struct AstOperator {
    AstName name;
    AstExpr *left; /* NULL: prefix operator */
    AstExpr *right;
} AstOperator;

typedef enum AstIsTest { AST_IS_NULL, AST_IS_TRUE, AST_IS_FALSE, AST_IS_UNKNOWN } AstIsTest;
typedef enum AstLikeKind { AST_LIKE, AST_ILIKE, AST_SIMILAR } AstLikeKind;

typedef struct AstWhen {
    AstExpr *condition;
    AstExpr *result;
} AstWhen;
typedef AST_LIST(AstWhen) AstWhenList;

typedef struct AstCase {
    AstExpr *operand; /* CASE operand WHEN ..., or NULL */
    AstWhenList whens;
    AstExpr *otherwise; /* ELSE, or NULL */
} AstCase;

typedef struct AstSubscript {
    bool slice;
    AstExpr *lower; /* the index when not a slice; NULL in [:n] */
    AstExpr *upper; /* NULL in [n:] */
} AstSubscript;
typedef AST_LIST(AstSubscript) AstSubscriptList;

struct AstExpr {
    AstExprKind kind;
    int position;   /* of the operator for operators, of the first word otherwise */
    uint16_t depth; /* levels from here down; kept by the parser to bound recursion */
    union {
        bool boolean;
        const char *text;
        int parameter;
        AstName name;
        AstFunction *function;
        AstOperator op;
        AstExpr *arg;
        AstExprList list;
        AstQuery *query;
        AstCase *case_;
        struct {
            AstType *type;
            const char *text;
            int text_position;
        } typed_literal;
        struct {
            AstIdent name;
            AstExpr *arg;
        } named;
        struct {
            AstExpr *arg;
            AstIsTest test;
            bool negated;
        } is;
        struct {
            AstExpr *left;
            AstExpr *right;
            bool negated;
        } pair;
        struct {
            AstExpr *arg;
            AstExpr *low;
            AstExpr *high;
            bool symmetric;
            bool negated;
        } between;
        struct {
            AstExpr *arg;
            AstExprList list;
            AstQuery *query;
            bool negated;
        } in;
        struct {
            AstExpr *arg;
            AstExpr *pattern;
            AstExpr *escape; /* or NULL */
            AstLikeKind like;
            bool negated;
        } like;
        struct {
            const AstName *op; /* LIKE ANY has op "~~", NOT LIKE "!~~", ILIKE "~~*", NOT ILIKE "!~~*" */
            AstExpr *left;
            AstExpr *array; /* or */
            AstQuery *query;
            bool all; /* ALL; else ANY or SOME */
        } quantified;
        struct {
            AstExpr *arg;
            AstType *type;
        } cast;
        struct {
            AstExpr *arg;
            AstName collation;
        } collate;
        struct {
            AstExpr *arg;
            AstSubscriptList subscripts;
        } subscript;
        struct {
            AstExpr *arg;
            AstIdent name;
        } field;
    };
};

/* ---- Options ---- */

typedef enum AstValueKind {
    AST_VALUE_NONE,    /* the option stands alone: SET (MANAGED), which means true */
    AST_VALUE_TEXT,    /* text: a string literal; with `broker` in BROKERS ('h:9092' USING SSH TUNNEL c) */
    AST_VALUE_NUMBER,  /* text: with its sign, if any */
    AST_VALUE_BOOLEAN, /* boolean */
    AST_VALUE_NAME,    /* name: an identifier or qualified name, folded; `text` too when it has one part.
                           `quoted` tells "x" from x. With options: AWS PRIVATELINK c (PORT 9092) */
    AST_VALUE_SECRET,  /* name: SECRET s */
    AST_VALUE_NULL,
    AST_VALUE_DEFAULT,
    AST_VALUE_LIST,     /* list: (a, b) or [a, b] */
    AST_VALUE_MAP,      /* options: MAP['k' => 'v'], the names as written (not upper-cased) */
    AST_VALUE_OPTIONS,  /* options: (NAME VALUE, ...): WAIT UNTIL READY, ON REFRESH */
    AST_VALUE_EXPR,     /* expr: PARTITION BY = expr, and anything that is no simpler value */
    AST_VALUE_INTERVAL, /* text: of FOR 'i' (RETAIN HISTORY) or of INTERVAL 'i' */
    AST_VALUE_REFRESH,  /* refresh: of materialized views */
    AST_VALUE_SCHEDULE, /* SCHEDULE = ON REFRESH [(options)]; MANUAL is an AST_VALUE_NAME "manual" */
    AST_VALUE_RULES,    /* rules of a network policy: options whose values are AST_VALUE_OPTIONS */
} AstValueKind;

typedef AST_LIST(AstValue *) AstValueList;
typedef AST_LIST(AstOption *) AstOptionList;

typedef enum AstRefreshKind {
    AST_REFRESH_ON_COMMIT,
    AST_REFRESH_AT_CREATION,
    AST_REFRESH_AT,    /* at */
    AST_REFRESH_EVERY, /* every, aligned_to */
} AstRefreshKind;

typedef struct AstRefresh {
    AstRefreshKind kind;
    AstExpr *at;
    const char *every;   /* interval text */
    AstExpr *aligned_to; /* or NULL */
} AstRefresh;

typedef enum AstTunnel { AST_TUNNEL_NONE, AST_TUNNEL_SSH, AST_TUNNEL_AWS_PRIVATELINK } AstTunnel;

typedef struct AstBroker {
    AstTunnel tunnel;
    AstName connection;
    AstOptionList options; /* AVAILABILITY ZONE, PORT */
} AstBroker;

struct AstValue {
    AstValueKind kind;
    int position;
    bool boolean;
    bool quoted;
    const char *text;
    AstName name;
    AstBroker *broker;
    AstValueList list;
    AstOptionList options;
    AstExpr *expr;
    AstRefresh *refresh;
};

/* `name` is canonical: upper-case words with one space between them, "SSL MODE", whatever was written.
   `value` is never NULL. */
struct AstOption {
    const char *name;
    AstValue *value;
    AstName on; /* DOC ON TYPE t = 'x', DOC ON COLUMN t.c = 'x': what it is about; else absent */
    int position;
};

/* The first option called `name`, or NULL. */
const AstOption *ast_option_find(const AstOptionList *options, const char *name);

#endif
