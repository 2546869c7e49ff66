/*
 * ast_query.h -- the part of the tree that queries are: bodies, FROM, WITH, SHOW. See ast.h.
 */
#ifndef FRESHET_GRAMMAR_AST_QUERY_H
#define FRESHET_GRAMMAR_AST_QUERY_H

#include "grammar/ast_expr.h"

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
    int parenthesis; /* of the one that opens it, 0 when there is none */
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

#endif
