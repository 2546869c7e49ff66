/*
 * ast.h -- the syntax tree: what a statement says, before any name or type is looked up.
 *
 * A node is a plain struct in the arena given to the parser; nothing is freed one by one and nothing is
 * shared with another tree. Three shapes repeat everywhere:
 *
 *   - tagged nodes: `kind` says which member of the union is set (AstExpr, AstBody, AstFromItem, ...);
 *   - lists: AST_LIST(type) is items + count, a zeroed list is empty; pointers that may be absent are NULL;
 *   - options: everything of the form NAME [=] VALUE is an AstOption, whatever statement it is in.
 *
 * (1) `position` is the 1-based CHARACTER (not byte) in the text given to the parser, 0 when there is none
 *     (nodes that were built, not parsed).
 * (2) Identifiers are already folded (unquoted ones to lower case) and unescaped; string literals are
 *     unescaped UTF-8 without NUL. Numbers are kept as text.
 * (3) Parentheses leave no node. AND and OR chains are one node with many arguments; other operators nest to
 *     the left, and no tree is deeper than AST_DEPTH_MAX, so that recursion over it is safe.
 * (4) Nothing here says that a name exists or an option makes sense: that is for the planner and the catalog.
 */
#ifndef FRESHET_GRAMMAR_AST_H
#define FRESHET_GRAMMAR_AST_H

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
    AST_EXPR_BOOLEAN,    /* boolean */
    AST_EXPR_INTEGER,    /* text: digits, or 0x.. 0o.. 0b.., without underscores; a minus sign before a literal is part
                                of it, as in PostgreSQL: "-5" */
    AST_EXPR_DECIMAL,    /* text: 1.5, .5, 1e10, with a minus sign if there was one */
    AST_EXPR_STRING,     /* text */
    AST_EXPR_BIT_STRING, /* text: b'101' as "b101", x'1F' as "x1F" */
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

/* ---- Queries ---- */

typedef struct AstAsOf {
    bool at_least;
    AstExpr *expr;
    int position;
} AstAsOf;

typedef struct AstColumnDef AstColumnDef;
typedef AST_LIST(AstColumnDef *) AstColumnDefList;

typedef struct AstCte {
    AstIdent name;
    AstIdentList columns;         /* WITH name (a, b) */
    AstColumnDefList column_defs; /* WITH MUTUALLY RECURSIVE name (a int, b text) */
    AstQuery *query;
    bool materialized;     /* AS MATERIALIZED */
    bool not_materialized; /* AS NOT MATERIALIZED */
    int position;
} AstCte;
typedef AST_LIST(AstCte *) AstCteList;

typedef struct AstWith {
    bool recursive;          /* WITH RECURSIVE */
    bool mutually_recursive; /* WITH MUTUALLY RECURSIVE */
    AstOptionList options;   /* RECURSION LIMIT, ERROR AT RECURSION LIMIT, RETURN AT RECURSION LIMIT */
    AstCteList ctes;
    int position;
} AstWith;

struct AstQuery {
    int position;
    uint16_t depth;
    AstWith *with; /* or NULL */
    AstBody *body;
    AstOrderList order_by;
    AstExpr *limit; /* NULL: none or ALL */
    bool with_ties; /* FETCH FIRST n ROWS WITH TIES */
    AstExpr *offset;
    AstAsOf *as_of;
};

typedef enum AstBodyKind {
    AST_BODY_SELECT, /* select */
    AST_BODY_SET_OP, /* set_op */
    AST_BODY_VALUES, /* values: rows, each an expression list; may hold AST_EXPR_DEFAULT */
    AST_BODY_TABLE,  /* table: TABLE t */
    AST_BODY_SHOW,   /* show: SHOW ... as a relation */
    AST_BODY_QUERY,  /* query: (SELECT ... ORDER BY ... LIMIT ...) as an operand */
} AstBodyKind;

typedef enum AstSetOpKind { AST_UNION, AST_INTERSECT, AST_EXCEPT } AstSetOpKind;

typedef AST_LIST(AstExprList) AstRowList;

struct AstBody {
    AstBodyKind kind;
    int position; /* of the operator for set operations */
    uint16_t depth;
    union {
        AstSelect *select;
        struct {
            AstSetOpKind op;
            bool all;
            AstBody *left;
            AstBody *right;
        } set_op;
        AstRowList values;
        AstName table;
        AstShow *show;
        AstQuery *query;
    };
};

typedef struct AstTarget {
    AstExpr *expr;
    AstIdent alias; /* absent when not given */
} AstTarget;
typedef AST_LIST(AstTarget) AstTargetList;

typedef enum AstGroupKind {
    AST_GROUP_EXPR,          /* expr */
    AST_GROUP_EMPTY,         /* () */
    AST_GROUP_ROLLUP,        /* exprs; an AST_EXPR_ROW is one composite element */
    AST_GROUP_CUBE,          /* exprs */
    AST_GROUP_GROUPING_SETS, /* items */
} AstGroupKind;

typedef struct AstGroupItem AstGroupItem;
typedef AST_LIST(AstGroupItem *) AstGroupList;
struct AstGroupItem {
    AstGroupKind kind;
    int position;
    AstExpr *expr;
    AstExprList exprs;
    AstGroupList items;
};

typedef enum AstDistinct { AST_DISTINCT_NONE, AST_DISTINCT_ROW, AST_DISTINCT_ON } AstDistinct;

typedef AST_LIST(AstFromItem *) AstFromList;

struct AstSelect {
    int position;
    AstDistinct distinct;
    AstExprList distinct_on;
    AstTargetList targets; /* may be empty */
    AstFromList from;
    AstExpr *where;
    AstGroupList group_by;
    bool group_distinct; /* GROUP BY DISTINCT */
    AstExpr *having;
    AstWindowList windows;
    AstExpr *qualify;
    AstOptionList options; /* OPTIONS (AGGREGATE INPUT GROUP SIZE = n, ...) */
};

typedef enum AstFromKind {
    AST_FROM_TABLE,     /* table */
    AST_FROM_SUBQUERY,  /* query */
    AST_FROM_FUNCTION,  /* function */
    AST_FROM_ROWS_FROM, /* rows_from */
    AST_FROM_JOIN,      /* join */
} AstFromKind;

typedef enum AstJoinKind { AST_JOIN_INNER, AST_JOIN_LEFT, AST_JOIN_RIGHT, AST_JOIN_FULL, AST_JOIN_CROSS } AstJoinKind;

struct AstFromItem {
    AstFromKind kind;
    int position;
    uint16_t depth;
    bool lateral;
    bool ordinality;              /* WITH ORDINALITY */
    bool only;                    /* ONLY t */
    AstIdent alias;               /* absent when not given */
    AstIdentList column_aliases;  /* AS t (a, b) */
    AstColumnDefList column_defs; /* AS t (a int, b text), for functions that return records */
    union {
        AstName table;
        AstQuery *query;
        AstExpr *function; /* AST_EXPR_FUNCTION */
        AstExprList rows_from;
        struct {
            AstJoinKind kind;
            bool natural;
            AstFromItem *left;
            AstFromItem *right;
            AstExpr *on;          /* or NULL */
            AstIdentList using_;  /* USING (a, b) */
            AstIdent using_alias; /* USING (...) AS alias; the join's own alias is in `alias` */
        } join;
    };
};

/* ---- SHOW ---- */

typedef enum AstObjectType {
    AST_OBJECT_NONE,
    AST_OBJECT_TABLE,
    AST_OBJECT_VIEW,
    AST_OBJECT_MATERIALIZED_VIEW,
    AST_OBJECT_SOURCE,
    AST_OBJECT_SUBSOURCE,
    AST_OBJECT_SINK,
    AST_OBJECT_INDEX,
    AST_OBJECT_TYPE,
    AST_OBJECT_ROLE,
    AST_OBJECT_CLUSTER,
    AST_OBJECT_CLUSTER_REPLICA,
    AST_OBJECT_SECRET,
    AST_OBJECT_CONNECTION,
    AST_OBJECT_DATABASE,
    AST_OBJECT_SCHEMA,
    AST_OBJECT_FUNCTION,
    AST_OBJECT_NETWORK_POLICY,
    AST_OBJECT_COLUMN, /* COMMENT ON COLUMN */
    AST_OBJECT_SYSTEM, /* GRANT ... ON SYSTEM */
    AST_OBJECT_OBJECT, /* SHOW OBJECTS */
} AstObjectType;

/* "materialized view", "cluster replica", ...: lower case, for messages. */
const char *ast_object_type_name(AstObjectType type);

typedef enum AstShowKind {
    AST_SHOW_VARIABLE, /* variable */
    AST_SHOW_ALL,
    AST_SHOW_OBJECTS,            /* type and the filters: SHOW TABLES, SHOW CLUSTERS, SHOW CLUSTER REPLICAS, ... */
    AST_SHOW_COLUMNS,            /* name */
    AST_SHOW_CREATE,             /* type, name */
    AST_SHOW_PRIVILEGES,         /* type (or NONE), name, role */
    AST_SHOW_DEFAULT_PRIVILEGES, /* type (or NONE), role */
    AST_SHOW_ROLE_MEMBERSHIP,    /* role */
} AstShowKind;

struct AstShow {
    AstShowKind kind;
    int position;
    AstObjectType type;
    const char *variable; /* lower case; `TIME ZONE` is timezone, `TRANSACTION ISOLATION LEVEL` transaction_isolation */
    AstName name;         /* SHOW CREATE x, SHOW COLUMNS FROM x */
    AstName in;           /* FROM|IN schema (or database, for SHOW SCHEMAS); absent: count 0 */
    AstName on;           /* SHOW INDEXES ON x, SHOW SUBSOURCES ON x, SHOW TABLES ON x */
    AstIdent cluster;     /* IN CLUSTER c */
    AstIdent role;        /* FOR role */
    const char *like;     /* LIKE 'p', or NULL */
    AstExpr *where;       /* WHERE e, or NULL */
    bool redacted;        /* SHOW REDACTED CREATE */
    bool extended;
    bool full;
};

/* ---- Data ---- */

typedef struct AstInsert {
    AstName table;
    AstIdent alias;
    AstIdentList columns;
    AstQuery *query; /* NULL: DEFAULT VALUES */
    AstTargetList returning;
    AstWith *with; /* WITH before INSERT, or NULL */
} AstInsert;

typedef struct AstAssignment {
    AstIdent column;
    AstExpr *value; /* may be AST_EXPR_DEFAULT */
} AstAssignment;
typedef AST_LIST(AstAssignment) AstAssignmentList;

typedef struct AstUpdate {
    AstName table;
    AstIdent alias;
    AstAssignmentList assignments;
    AstFromList from;
    AstExpr *where;
    AstTargetList returning;
    AstWith *with;
} AstUpdate;

typedef struct AstDelete {
    AstName table;
    AstIdent alias;
    AstFromList using_;
    AstExpr *where;
    AstTargetList returning;
    AstWith *with;
} AstDelete;

typedef struct AstSubscribe AstSubscribe;

typedef enum AstCopyTarget { AST_COPY_STDIN, AST_COPY_STDOUT, AST_COPY_EXPR } AstCopyTarget;

typedef struct AstCopy {
    bool to;         /* TO; else FROM */
    AstName table;   /* or */
    AstQuery *query; /* or */
    AstSubscribe *subscribe;
    AstIdentList columns;
    AstCopyTarget target;
    AstExpr *url;          /* AST_COPY_EXPR */
    AstOptionList options; /* FORMAT, DELIMITER, NULL, QUOTE, ESCAPE, HEADER, AWS CONNECTION, ... */
} AstCopy;

typedef enum AstEnvelopeKind {
    AST_ENVELOPE_NONE, /* ENVELOPE NONE, or nothing said: see AstSource.envelope being NULL */
    AST_ENVELOPE_UPSERT,
    AST_ENVELOPE_DEBEZIUM,
    AST_ENVELOPE_MATERIALIZE,
} AstEnvelopeKind;

typedef struct AstEnvelope {
    AstEnvelopeKind kind;
    AstIdentList keys;    /* SUBSCRIBE ... ENVELOPE UPSERT (KEY (a, b)) */
    bool decoding_inline; /* UPSERT (VALUE DECODING ERRORS = INLINE [AS n]) */
    AstIdent decoding_alias;
    int position;
} AstEnvelope;

struct AstSubscribe {
    AstName name; /* or */
    AstQuery *query;
    AstEnvelope *envelope; /* or NULL */
    bool within_timestamp; /* WITHIN TIMESTAMP ORDER BY */
    AstOrderList order_by;
    AstOptionList options; /* SNAPSHOT, PROGRESS */
    AstAsOf *as_of;
    AstExpr *up_to;
};

/* ---- CREATE ---- */

typedef enum AstConstraintKind {
    AST_CONSTRAINT_PRIMARY_KEY,
    AST_CONSTRAINT_UNIQUE,
    AST_CONSTRAINT_CHECK,
    AST_CONSTRAINT_FOREIGN_KEY,
} AstConstraintKind;

typedef struct AstConstraint {
    AstConstraintKind kind;
    AstIdent name;        /* CONSTRAINT name */
    AstIdentList columns; /* of a table constraint; empty on a column */
    bool nulls_not_distinct;
    AstExpr *check;
    AstName foreign_table;
    AstIdentList foreign_columns;
    int position;
} AstConstraint;
typedef AST_LIST(AstConstraint *) AstConstraintList;

typedef enum AstNullability { AST_NULLABLE_UNSAID, AST_NULLABLE, AST_NOT_NULL } AstNullability;

struct AstColumnDef {
    AstIdent name;
    AstType *type; /* NULL where a source's column list only names columns */
    AstName collation;
    AstNullability nullability;
    AstExpr *default_;
    AstConstraintList constraints;
    int position;
};

typedef struct AstCreateConnection {
    AstName name;
    bool if_not_exists;
    const char *type; /* "POSTGRES", "KAFKA", "CONFLUENT SCHEMA REGISTRY", "SSH TUNNEL", "AWS PRIVATELINK", "AWS",
                         "MYSQL", "SQL SERVER", "ICEBERG CATALOG" */
    int type_position;
    AstOptionList options;
    AstOptionList with; /* VALIDATE */
} AstCreateConnection;

typedef struct AstCreateSecret {
    AstName name;
    bool if_not_exists;
    AstExpr *value;
} AstCreateSecret;

typedef struct AstCreateDatabase {
    AstIdent name;
    bool if_not_exists;
} AstCreateDatabase;

typedef struct AstCreateSchema {
    AstName name;
    bool if_not_exists;
} AstCreateSchema;

typedef enum AstFormatKind {
    AST_FORMAT_AVRO_REGISTRY, /* connection, options of the registry, key_strategy, value_strategy */
    AST_FORMAT_AVRO_SCHEMA,   /* text */
    AST_FORMAT_PROTOBUF_REGISTRY,
    AST_FORMAT_PROTOBUF_SCHEMA, /* message, text */
    AST_FORMAT_JSON,            /* array: JSON ARRAY */
    AST_FORMAT_TEXT,
    AST_FORMAT_BYTES,
    AST_FORMAT_CSV,   /* columns or header */
    AST_FORMAT_REGEX, /* text */
} AstFormatKind;

typedef enum AstStrategyKind {
    AST_STRATEGY_NONE,
    AST_STRATEGY_LATEST,
    AST_STRATEGY_ID,
    AST_STRATEGY_INLINE
} AstStrategyKind;

typedef struct AstStrategy {
    AstStrategyKind kind;
    const char *text; /* the id's digits, or the schema */
} AstStrategy;

typedef struct AstFormat {
    AstFormatKind kind;
    int position;
    AstName connection;
    AstOptionList options; /* AVRO KEY FULLNAME, NULL DEFAULTS, DOC ON ..., CONFLUENT WIRE FORMAT, ... */
    AstStrategy key_strategy;
    AstStrategy value_strategy;
    const char *seed_key;   /* SEED KEY SCHEMA '...' */
    const char *seed_value; /* SEED VALUE SCHEMA '...' */
    const char *message;
    const char *text;
    bool array;
    int columns; /* CSV WITH n COLUMNS */
    bool header; /* CSV WITH HEADER */
    AstIdentList header_columns;
    const char *delimiter; /* DELIMITED BY 'x', or NULL */
} AstFormat;

typedef enum AstIncludeKind {
    AST_INCLUDE_KEY,
    AST_INCLUDE_PARTITION,
    AST_INCLUDE_OFFSET,
    AST_INCLUDE_TIMESTAMP,
    AST_INCLUDE_HEADERS, /* webhook: with allowed/blocked names */
    AST_INCLUDE_HEADER,  /* header, alias, bytes */
} AstIncludeKind;

typedef struct AstHeaderFilter {
    bool blocked; /* NOT 'x' */
    const char *header;
} AstHeaderFilter;
typedef AST_LIST(AstHeaderFilter) AstHeaderFilterList;

typedef struct AstInclude {
    AstIncludeKind kind;
    AstIdent alias;
    const char *header;
    bool bytes;
    AstHeaderFilterList filters;
    int position;
} AstInclude;
typedef AST_LIST(AstInclude *) AstIncludeList;

typedef enum AstSourceKind {
    AST_SOURCE_POSTGRES,
    AST_SOURCE_KAFKA,
    AST_SOURCE_MYSQL,
    AST_SOURCE_SQL_SERVER,
    AST_SOURCE_LOAD_GENERATOR,
    AST_SOURCE_WEBHOOK,
} AstSourceKind;

typedef enum AstReferencesKind {
    AST_REFERENCES_NONE, /* no FOR clause: tables are created by CREATE TABLE ... FROM SOURCE */
    AST_REFERENCES_ALL_TABLES,
    AST_REFERENCES_SCHEMAS, /* schemas */
    AST_REFERENCES_TABLES,  /* tables */
} AstReferencesKind;

/* An upstream table and what it is to be called here; `alias` has count 0 when nothing was said. */
typedef struct AstReference {
    AstName name;
    AstName alias;
} AstReference;
typedef AST_LIST(AstReference) AstReferenceList;

/* CREATE SOURCE ... FROM WEBHOOK ... CHECK ([WITH (HEADERS, BODY, SECRET s [AS n] [BYTES])] expr) */
typedef enum AstCheckInputKind { AST_CHECK_HEADERS, AST_CHECK_BODY, AST_CHECK_SECRET } AstCheckInputKind;
typedef struct AstCheckInput {
    AstCheckInputKind kind;
    AstName secret;
    AstIdent alias;
    bool bytes;
} AstCheckInput;
typedef AST_LIST(AstCheckInput) AstCheckInputList;

typedef struct AstCreateSource {
    AstName name;
    bool if_not_exists;
    AstIdentList columns;          /* CREATE SOURCE s (a, b) */
    AstConstraintList constraints; /* PRIMARY KEY (a) NOT ENFORCED in that list */
    AstIdent cluster;              /* IN CLUSTER c */
    AstSourceKind kind;
    AstName connection;
    const char *generator;            /* "AUCTION", "KEY VALUE", ... */
    AstOptionList connection_options; /* PUBLICATION, TEXT COLUMNS, TOPIC, TICK INTERVAL, ... */
    AstFormat *format;                /* FORMAT, or VALUE FORMAT when key_format is set */
    AstFormat *key_format;
    AstIncludeList include;
    AstEnvelope *envelope; /* NULL when nothing was said */
    AstReferencesKind references;
    AstIdentList schemas;
    AstReferenceList tables;
    AstName progress;   /* EXPOSE PROGRESS AS p */
    AstOptionList with; /* RETAIN HISTORY, TIMESTAMP INTERVAL, IGNORE KEYS, TIMELINE */
    /* webhooks */
    bool is_table; /* CREATE TABLE ... FROM WEBHOOK */
    AstExpr *check;
    AstCheckInputList check_with;
} AstCreateSource;

/* Internal form that SHOW CREATE and the catalog write: CREATE SUBSOURCE n (cols) OF SOURCE s WITH (...) */
typedef struct AstCreateSubsource {
    AstName name;
    bool if_not_exists;
    AstColumnDefList columns;
    AstConstraintList constraints;
    AstName of_source;
    AstOptionList with; /* PROGRESS, EXTERNAL REFERENCE, TEXT COLUMNS, EXCLUDE COLUMNS, RETAIN HISTORY, DETAILS */
} AstCreateSubsource;

typedef struct AstCreateSink {
    AstName name; /* absent in EXPLAIN KEY SCHEMA FOR CREATE SINK */
    bool if_not_exists;
    AstIdent cluster;
    AstName from;
    const char *kind; /* "KAFKA", "ICEBERG CATALOG" */
    AstName connection;
    AstName aws_connection; /* ICEBERG ... USING AWS CONNECTION c */
    AstOptionList connection_options;
    AstIdentList key;
    bool has_key;
    bool key_not_enforced;
    AstIdent headers;
    AstFormat *format;
    AstFormat *key_format;
    AstEnvelope *envelope;
    AstOptionList with;
} AstCreateSink;

typedef struct AstCreateView {
    AstName name;
    bool or_replace;
    bool temporary;
    bool if_not_exists;
    AstIdentList columns;
    AstQuery *query;
} AstCreateView;

typedef struct AstCreateMaterializedView {
    AstName name;
    bool or_replace;
    bool if_not_exists;
    bool replacement; /* CREATE REPLACEMENT MATERIALIZED VIEW r FOR target */
    AstName target;
    AstIdentList columns;
    AstIdent cluster;
    AstOptionList with; /* ASSERT NOT NULL (repeatable), PARTITION BY, RETAIN HISTORY, REFRESH (repeatable) */
    AstQuery *query;
    AstExpr *as_of; /* AS OF n after the query, as the catalog writes it */
} AstCreateMaterializedView;

typedef struct AstCreateTable {
    AstName name;
    bool temporary;
    bool if_not_exists;
    AstColumnDefList columns;
    AstConstraintList constraints;
    AstOptionList with; /* RETAIN HISTORY, PARTITION BY */
} AstCreateTable;

typedef struct AstCreateTableFromSource {
    AstName name;
    bool if_not_exists;
    AstColumnDefList columns; /* types may be NULL */
    AstConstraintList constraints;
    AstName source;
    AstName reference; /* (REFERENCE s.t); absent for single-output sources */
    AstFormat *format;
    AstFormat *key_format;
    AstIncludeList include;
    AstEnvelope *envelope;
    AstOptionList with; /* TEXT COLUMNS, EXCLUDE COLUMNS, PARTITION BY, RETAIN HISTORY, DETAILS */
} AstCreateTableFromSource;

typedef struct AstCreateIndex {
    AstIdent name; /* absent: default name */
    bool if_not_exists;
    bool default_; /* CREATE DEFAULT INDEX */
    bool unique;   /* CREATE UNIQUE INDEX, PostgreSQL's */
    AstIdent cluster;
    AstName on;
    AstIdent method;  /* USING arrangement */
    AstExprList keys; /* empty: default key */
    bool has_keys;
    AstOptionList with;
} AstCreateIndex;

typedef enum AstCreateTypeKind { AST_CREATE_TYPE_LIST, AST_CREATE_TYPE_MAP, AST_CREATE_TYPE_RECORD } AstCreateTypeKind;

typedef struct AstTypeOption {
    const char *name; /* "ELEMENT TYPE", "KEY TYPE", "VALUE TYPE" */
    AstType *type;
    int position;
} AstTypeOption;
typedef AST_LIST(AstTypeOption) AstTypeOptionList;

typedef struct AstCreateType {
    AstName name;
    AstCreateTypeKind kind;
    AstTypeOptionList options;
    AstColumnDefList fields;
} AstCreateType;

/* Role attributes as options: "SUPERUSER", "NOSUPERUSER", "LOGIN", "NOLOGIN", "INHERIT", "NOINHERIT", "CREATEDB", "CREATEROLE",
   "CREATECLUSTER", ... with AST_VALUE_NONE; "PASSWORD" with text or NULL. */
typedef struct AstCreateRole {
    AstIdent name;
    bool user; /* CREATE USER */
    AstOptionList options;
} AstCreateRole;

typedef struct AstReplicaDef {
    AstIdent name;
    AstOptionList options;
} AstReplicaDef;
typedef AST_LIST(AstReplicaDef) AstReplicaDefList;

typedef struct AstCreateCluster {
    AstIdent name;
    bool if_not_exists;
    AstOptionList options; /* SIZE, REPLICATION FACTOR, MANAGED, SCHEDULE, AVAILABILITY ZONES, ... */
    bool has_replicas;     /* REPLICAS (...) */
    AstReplicaDefList replicas;
    AstOptionList features; /* FEATURES (...) */
} AstCreateCluster;

typedef struct AstCreateClusterReplica {
    AstIdent cluster;
    AstIdent name;
    AstOptionList options;
} AstCreateClusterReplica;

typedef struct AstNetworkPolicy { /* CREATE and ALTER NETWORK POLICY p (RULES (...)) */
    AstIdent name;
    AstOptionList options;
} AstNetworkPolicy;

/* ---- ALTER, DROP, COMMENT ---- */

typedef struct AstAlterRename { /* ALTER {type} name RENAME TO to; a replica's name has parts cluster, replica */
    AstObjectType type;
    bool if_exists;
    AstName name;
    AstIdent to;
} AstAlterRename;

typedef struct AstAlterSwap { /* ALTER SCHEMA|CLUSTER a SWAP WITH b */
    AstObjectType type;
    AstName name;
    AstIdent with;
} AstAlterSwap;

typedef struct AstAlterSetSchema {
    AstObjectType type;
    bool if_exists;
    AstName name;
    AstName schema;
} AstAlterSetSchema;

typedef struct AstAlterOwner {
    AstObjectType type;
    bool if_exists;
    AstName name;
    AstIdent owner;
} AstAlterOwner;

typedef struct AstAlterSetCluster { /* ALTER MATERIALIZED VIEW|SOURCE|SINK|... x SET CLUSTER c */
    AstObjectType type;
    bool if_exists;
    AstName name;
    AstIdent cluster;
} AstAlterSetCluster;

/* ALTER {INDEX|TABLE|VIEW|MATERIALIZED VIEW|SOURCE|SINK|CLUSTER} x SET (options) | RESET (names). Here and in
   connections, a reset option has AST_VALUE_NONE. */
typedef struct AstAlterOptions {
    AstObjectType type;
    bool if_exists;
    AstName name;
    bool reset;
    AstOptionList options;
    AstOptionList with; /* CLUSTER: WAIT UNTIL READY (...), WAIT FOR 'i' */
} AstAlterOptions;

typedef struct AstAlterSecret {
    AstName name;
    bool if_exists;
    AstExpr *value;
} AstAlterSecret;

typedef enum AstConnectionActionKind {
    AST_CONNECTION_SET,
    AST_CONNECTION_RESET,
    AST_CONNECTION_DROP,
    AST_CONNECTION_ROTATE_KEYS,
} AstConnectionActionKind;

typedef struct AstConnectionAction {
    AstConnectionActionKind kind;
    AstOption *option; /* NULL for ROTATE KEYS */
    int position;
} AstConnectionAction;
typedef AST_LIST(AstConnectionAction) AstConnectionActionList;

typedef struct AstAlterConnection {
    AstName name;
    bool if_exists;
    AstConnectionActionList actions;
    AstOptionList with; /* VALIDATE */
} AstAlterConnection;

typedef enum AstRoleSettingKind { AST_ROLE_SETTING_NONE, AST_ROLE_SET, AST_ROLE_RESET } AstRoleSettingKind;

/* The value of SET: words and literals as text, each an AstValue; DEFAULT when is_default. */
typedef struct AstSetting {
    const char *variable; /* lower case; see AstShow.variable */
    bool is_default;
    AstValueList values;
    int position;
} AstSetting;

typedef struct AstAlterRole {
    AstIdent name;
    bool user;
    AstOptionList options;
    AstRoleSettingKind setting_kind;
    AstSetting setting; /* RESET: only variable */
} AstAlterRole;

typedef enum AstAlterSourceKind {
    AST_ALTER_SOURCE_ADD_SUBSOURCE,
    AST_ALTER_SOURCE_DROP_SUBSOURCE,
    AST_ALTER_SOURCE_REFRESH_REFERENCES,
} AstAlterSourceKind;

typedef enum AstDropBehavior { AST_DROP_UNSAID, AST_DROP_RESTRICT, AST_DROP_CASCADE } AstDropBehavior;

typedef struct AstAlterSource {
    AstName name;
    bool if_exists;
    AstAlterSourceKind kind;
    AstReferenceList tables; /* ADD */
    AstNameList names;       /* DROP */
    bool subsource_if_exists;
    AstDropBehavior behavior;
    AstOptionList with; /* ADD: TEXT COLUMNS, EXCLUDE COLUMNS, DETAILS */
} AstAlterSource;

typedef struct AstAlterSink { /* ALTER SINK s SET FROM r */
    AstName name;
    bool if_exists;
    AstName from;
} AstAlterSink;

typedef struct AstAlterSystem {
    bool reset;
    bool all; /* RESET ALL */
    AstSetting setting;
} AstAlterSystem;

typedef struct AstAlterTableAddColumn {
    AstName name;
    bool if_exists;
    bool if_not_exists;
    AstColumnDef *column;
} AstAlterTableAddColumn;

typedef struct AstAlterApplyReplacement {
    AstName name;
    bool if_exists;
    AstName replacement;
} AstAlterApplyReplacement;

typedef struct AstDrop {
    AstObjectType type;
    bool if_exists;
    AstNameList names; /* a replica's has parts cluster, replica */
    AstDropBehavior behavior;
    bool user; /* DROP USER: type is AST_OBJECT_ROLE */
} AstDrop;

typedef struct AstDropOwned {
    AstIdentList roles;
    AstDropBehavior behavior;
} AstDropOwned;

typedef struct AstReassignOwned {
    AstIdentList roles;
    AstIdent to;
} AstReassignOwned;

typedef struct AstComment {
    AstObjectType type;
    AstName name;     /* AST_OBJECT_COLUMN: relation and column as one name */
    const char *text; /* NULL: IS NULL */
} AstComment;

/* ---- Roles and privileges ---- */

typedef struct AstGrantRole { /* GRANT and REVOKE */
    AstIdentList roles;
    AstIdentList members;
} AstGrantRole;

typedef enum AstGrantScope {
    AST_GRANT_OBJECTS,       /* names */
    AST_GRANT_ALL,           /* ALL TABLES */
    AST_GRANT_ALL_IN_SCHEMA, /* ALL TABLES IN SCHEMA names */
    AST_GRANT_ALL_IN_DATABASE,
    AST_GRANT_SYSTEM,
} AstGrantScope;

/* A privilege: "SELECT", "USAGE", ... upper case. ALL [PRIVILEGES] has the list empty. */
typedef struct AstGrantPrivileges {
    AstIdentList privileges;
    bool all;
    AstGrantScope scope;
    AstObjectType type; /* AST_OBJECT_TABLE when nothing was said */
    AstNameList names;
    AstIdentList roles;
    AstDropBehavior behavior; /* REVOKE */
    bool grant_option;        /* WITH GRANT OPTION, GRANT OPTION FOR */
} AstGrantPrivileges;

typedef struct AstAlterDefaultPrivileges {
    bool all_roles;            /* FOR ALL ROLES */
    AstIdentList target_roles; /* FOR ROLE r, ... */
    AstNameList schemas;
    AstNameList databases;
    bool revoke;
    AstIdentList privileges;
    bool all;
    AstObjectType type;
    AstIdentList grantees;
} AstAlterDefaultPrivileges;

/* ---- Sessions, transactions, cursors ---- */

typedef enum AstSetScope { AST_SET_UNSAID, AST_SET_SESSION, AST_SET_LOCAL } AstSetScope;

typedef struct AstSet {
    AstSetScope scope;
    AstSetting setting; /* SET CLUSTER is variable "cluster", SET SCHEMA "search_path", SET TIME ZONE "timezone" */
} AstSet;

typedef struct AstReset {
    bool all;
    const char *variable;
} AstReset;

typedef enum AstIsolation {
    AST_ISOLATION_UNSAID,
    AST_ISOLATION_READ_UNCOMMITTED,
    AST_ISOLATION_READ_COMMITTED,
    AST_ISOLATION_REPEATABLE_READ,
    AST_ISOLATION_SNAPSHOT,
    AST_ISOLATION_SERIALIZABLE,
    AST_ISOLATION_STRONG_SESSION_SERIALIZABLE,
    AST_ISOLATION_STRICT_SERIALIZABLE,
} AstIsolation;

typedef enum AstAccess { AST_ACCESS_UNSAID, AST_ACCESS_READ_ONLY, AST_ACCESS_READ_WRITE } AstAccess;

typedef struct AstTransaction { /* BEGIN, START TRANSACTION, SET TRANSACTION, COMMIT, ROLLBACK */
    AstIsolation isolation;
    AstAccess access;
    bool local; /* SET LOCAL TRANSACTION; SET SESSION CHARACTERISTICS has session */
    bool session;
    bool chain; /* AND CHAIN */
    bool start; /* START TRANSACTION: its command tag differs from BEGIN's */
} AstTransaction;

typedef struct AstDeclare {
    AstIdent name;
    AstStatement *statement;
} AstDeclare;

typedef struct AstFetch {
    AstIdent name;
    bool all;
    const char *count;     /* digits; NULL: not given, which means 1 */
    AstOptionList options; /* TIMEOUT */
} AstFetch;

typedef struct AstClose {
    AstIdent name;
    bool all;
} AstClose;

typedef struct AstPrepare {
    AstIdent name;
    AST_LIST(AstType *) types;
    AstStatement *statement;
} AstPrepare;

typedef struct AstExecute {
    AstIdent name;
    AstExprList args;
} AstExecute;

typedef struct AstDeallocate {
    AstIdent name;
    bool all;
} AstDeallocate;

typedef enum AstDiscard { AST_DISCARD_ALL, AST_DISCARD_PLANS, AST_DISCARD_SEQUENCES, AST_DISCARD_TEMP } AstDiscard;

/* ---- EXPLAIN ---- */

typedef enum AstExplainStage {
    AST_EXPLAIN_DEFAULT, /* plain EXPLAIN */
    AST_EXPLAIN_RAW,
    AST_EXPLAIN_DECORRELATED,
    AST_EXPLAIN_LOCALLY_OPTIMIZED,
    AST_EXPLAIN_OPTIMIZED,
    AST_EXPLAIN_PHYSICAL,
    AST_EXPLAIN_TRACE, /* OPTIMIZER TRACE */
} AstExplainStage;

typedef enum AstExplainFormat {
    AST_EXPLAIN_FORMAT_UNSAID,
    AST_EXPLAIN_TEXT,
    AST_EXPLAIN_VERBOSE_TEXT,
    AST_EXPLAIN_JSON,
    AST_EXPLAIN_DOT,
    AST_EXPLAIN_SQL,
} AstExplainFormat;

typedef enum AstExplaineeKind {
    AST_EXPLAINEE_STATEMENT,     /* statement: SELECT, CREATE VIEW, CREATE INDEX, SUBSCRIBE, ... */
    AST_EXPLAINEE_OBJECT,        /* type, name: VIEW v, INDEX i, MATERIALIZED VIEW m */
    AST_EXPLAINEE_CREATE_OBJECT, /* REPLAN ...: type, name */
} AstExplaineeKind;

typedef struct AstExplainee {
    AstExplaineeKind kind;
    AstStatement *statement;
    AstObjectType type;
    AstName name;
} AstExplainee;

typedef struct AstExplainPlan {
    AstExplainStage stage;
    AstOptionList options; /* WITH (ARITY, COLUMN NAMES, ...) */
    AstExplainFormat format;
    bool broken; /* BROKEN statement */
    AstExplainee explainee;
} AstExplainPlan;

typedef struct AstExplainTimestamp {
    AstExplainFormat format;
    AstQuery *query;
} AstExplainTimestamp;

typedef struct AstExplainPushdown {
    AstExplainee explainee;
} AstExplainPushdown;

typedef struct AstExplainSinkSchema {
    bool key; /* KEY SCHEMA; else VALUE SCHEMA */
    AstExplainFormat format;
    AstCreateSink *sink;
} AstExplainSinkSchema;

typedef struct AstExplainAnalyze {
    bool cluster; /* EXPLAIN ANALYZE CLUSTER ... */
    bool memory;
    bool cpu;
    bool skew; /* WITH SKEW */
    bool hints;
    AstObjectType type;
    AstName name;
    bool as_sql;
} AstExplainAnalyze;

/* ---- Others ---- */

typedef struct AstRaise {
    const char *severity; /* "DEBUG", "INFO", "LOG", "NOTICE", "WARNING" */
} AstRaise;

typedef struct AstExecuteUnitTest {
    AstIdent name;
    AstName target;
    AstExpr *at_time;                /* or NULL */
    AST_LIST(AstCreateView *) mocks; /* MOCK view (cols) AS (query) */
    AST_LIST(AstColumnDefList) mock_columns;
    AstColumnDefList expected_columns;
    AstQuery *expected;
} AstExecuteUnitTest;

/* ---- Statements ---- */

typedef enum AstStatementKind {
    AST_SELECT,                   /* select */
    AST_INSERT,                   /* insert */
    AST_UPDATE,                   /* update */
    AST_DELETE,                   /* delete_ */
    AST_COPY,                     /* copy */
    AST_SUBSCRIBE,                /* subscribe */
    AST_SHOW,                     /* show */
    AST_CREATE_CONNECTION,        /* create_connection */
    AST_CREATE_SECRET,            /* create_secret */
    AST_CREATE_DATABASE,          /* create_database */
    AST_CREATE_SCHEMA,            /* create_schema */
    AST_CREATE_SOURCE,            /* create_source, webhooks too */
    AST_CREATE_SUBSOURCE,         /* create_subsource */
    AST_CREATE_SINK,              /* create_sink */
    AST_CREATE_VIEW,              /* create_view */
    AST_CREATE_MATERIALIZED_VIEW, /* create_materialized_view */
    AST_CREATE_TABLE,             /* create_table */
    AST_CREATE_TABLE_FROM_SOURCE, /* create_table_from_source */
    AST_CREATE_INDEX,             /* create_index */
    AST_CREATE_TYPE,              /* create_type */
    AST_CREATE_ROLE,              /* create_role */
    AST_CREATE_CLUSTER,           /* create_cluster */
    AST_CREATE_CLUSTER_REPLICA,   /* create_cluster_replica */
    AST_CREATE_NETWORK_POLICY,    /* network_policy */
    AST_ALTER_RENAME,             /* alter_rename */
    AST_ALTER_SWAP,               /* alter_swap */
    AST_ALTER_SET_SCHEMA,         /* alter_set_schema */
    AST_ALTER_OWNER,              /* alter_owner */
    AST_ALTER_SET_CLUSTER,        /* alter_set_cluster */
    AST_ALTER_OPTIONS,            /* alter_options: retain history, cluster sizes, source intervals, ... */
    AST_ALTER_SECRET,             /* alter_secret */
    AST_ALTER_CONNECTION,         /* alter_connection */
    AST_ALTER_ROLE,               /* alter_role */
    AST_ALTER_SOURCE,             /* alter_source */
    AST_ALTER_SINK,               /* alter_sink */
    AST_ALTER_SYSTEM,             /* alter_system */
    AST_ALTER_DEFAULT_PRIVILEGES, /* alter_default_privileges */
    AST_ALTER_NETWORK_POLICY,     /* network_policy */
    AST_ALTER_TABLE_ADD_COLUMN,   /* alter_table_add_column */
    AST_ALTER_APPLY_REPLACEMENT,  /* alter_apply_replacement */
    AST_DROP,                     /* drop */
    AST_DROP_OWNED,               /* drop_owned */
    AST_REASSIGN_OWNED,           /* reassign_owned */
    AST_COMMENT,                  /* comment */
    AST_GRANT_ROLE,               /* grant_role */
    AST_REVOKE_ROLE,              /* grant_role */
    AST_GRANT_PRIVILEGES,         /* grant_privileges */
    AST_REVOKE_PRIVILEGES,        /* grant_privileges */
    AST_SET,                      /* set */
    AST_RESET,                    /* reset */
    AST_BEGIN,                    /* transaction */
    AST_SET_TRANSACTION,          /* transaction */
    AST_COMMIT,                   /* transaction */
    AST_ROLLBACK,                 /* transaction */
    AST_DECLARE,                  /* declare */
    AST_FETCH,                    /* fetch */
    AST_CLOSE,                    /* close */
    AST_PREPARE,                  /* prepare */
    AST_EXECUTE,                  /* execute */
    AST_DEALLOCATE,               /* deallocate */
    AST_DISCARD,                  /* discard */
    AST_RAISE,                    /* raise */
    AST_EXPLAIN_PLAN,             /* explain_plan */
    AST_EXPLAIN_TIMESTAMP,        /* explain_timestamp */
    AST_EXPLAIN_PUSHDOWN,         /* explain_pushdown */
    AST_EXPLAIN_SINK_SCHEMA,      /* explain_sink_schema */
    AST_EXPLAIN_ANALYZE,          /* explain_analyze */
    AST_VALIDATE_CONNECTION,      /* name */
    AST_INSPECT_SHARD,            /* text: the id */
    AST_EXECUTE_UNIT_TEST,        /* execute_unit_test */
    AST_STATEMENT_KIND_COUNT,
} AstStatementKind;

struct AstStatement {
    AstStatementKind kind;
    int position;   /* of its first word */
    Slice text;     /* its own text, without the semicolon and outer blanks; points into the text parsed */
    size_t offset;  /* of `text` in the text parsed, in bytes */
    int parameters; /* the largest $n in it, 0 when none */
    union {
        AstQuery *select;
        AstInsert *insert;
        AstUpdate *update;
        AstDelete *delete_;
        AstCopy *copy;
        AstSubscribe *subscribe;
        AstShow *show;
        AstCreateConnection *create_connection;
        AstCreateSecret *create_secret;
        AstCreateDatabase *create_database;
        AstCreateSchema *create_schema;
        AstCreateSource *create_source;
        AstCreateSubsource *create_subsource;
        AstCreateSink *create_sink;
        AstCreateView *create_view;
        AstCreateMaterializedView *create_materialized_view;
        AstCreateTable *create_table;
        AstCreateTableFromSource *create_table_from_source;
        AstCreateIndex *create_index;
        AstCreateType *create_type;
        AstCreateRole *create_role;
        AstCreateCluster *create_cluster;
        AstCreateClusterReplica *create_cluster_replica;
        AstNetworkPolicy *network_policy;
        AstAlterRename *alter_rename;
        AstAlterSwap *alter_swap;
        AstAlterSetSchema *alter_set_schema;
        AstAlterOwner *alter_owner;
        AstAlterSetCluster *alter_set_cluster;
        AstAlterOptions *alter_options;
        AstAlterSecret *alter_secret;
        AstAlterConnection *alter_connection;
        AstAlterRole *alter_role;
        AstAlterSource *alter_source;
        AstAlterSink *alter_sink;
        AstAlterSystem *alter_system;
        AstAlterDefaultPrivileges *alter_default_privileges;
        AstAlterTableAddColumn *alter_table_add_column;
        AstAlterApplyReplacement *alter_apply_replacement;
        AstDrop *drop;
        AstDropOwned *drop_owned;
        AstReassignOwned *reassign_owned;
        AstComment *comment;
        AstGrantRole *grant_role;
        AstGrantPrivileges *grant_privileges;
        AstSet *set;
        AstReset *reset;
        AstTransaction *transaction;
        AstDeclare *declare;
        AstFetch *fetch;
        AstClose *close;
        AstPrepare *prepare;
        AstExecute *execute;
        AstDeallocate *deallocate;
        AstDiscard discard;
        AstRaise *raise;
        AstExplainPlan *explain_plan;
        AstExplainTimestamp *explain_timestamp;
        AstExplainPushdown *explain_pushdown;
        AstExplainSinkSchema *explain_sink_schema;
        AstExplainAnalyze *explain_analyze;
        AstName *name;
        const char *text_arg; /* AST_INSPECT_SHARD */
        AstExecuteUnitTest *execute_unit_test;
    };
};
typedef AST_LIST(AstStatement *) AstStatementList;

/* "create source", "select", ...: lower case, for messages such as `{kind} is not supported`. */
const char *ast_statement_kind_name(AstStatementKind kind);

#endif
