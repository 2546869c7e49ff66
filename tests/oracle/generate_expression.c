#include "tests/oracle/generate.h"

typedef struct Production {
    Sort result;
    const char *form;
    const char *arguments;
    char order; /* of a window function: 'U' or 'P' */
} Production;

#define SCALAR(result, form, arguments) {result, form, arguments, 0},
#define AGGREGATE(result, form, arguments)
#define WINDOW(result, form, arguments, order)
static const Production scalars[] = {
#include "tests/oracle/productions.def"
};
#undef SCALAR
#undef AGGREGATE
#undef WINDOW
#define SCALAR(result, form, arguments)
#define AGGREGATE(result, form, arguments) {result, form, arguments, 0},
#define WINDOW(result, form, arguments, order)
static const Production aggregates[] = {
#include "tests/oracle/productions.def"
};
#undef AGGREGATE
#undef WINDOW
#define AGGREGATE(result, form, arguments)
#define WINDOW(result, form, arguments, order) {result, form, arguments, order},
static const Production windows[] = {
#include "tests/oracle/productions.def"
};
#undef SCALAR
#undef AGGREGATE
#undef WINDOW

#define COUNT(list) ((int) (sizeof(list) / sizeof *(list)))

static const char *const patterns[] = {"'a%'", "'%b'", "'_b%'", "'%'", "'a\\%c'", "''", "'%a%b%'"};
static const char *const regexes[] = {"'a'", "'^b'", "'(a|ab)(c|bcd)?'", "'[a-b]+'", "'b\\Z'", "'.*?b'", "'x*'"};
static const char *const keys[] = {"'a'", "'b'", "'z'"};

/* A production of that result; `order` 0 for any. NULL when there is none. */
static const Production *
choose(Random *random, const Production *list, int count, Sort result, char order)
{
    const Production *chosen = NULL;
    int seen = 0;
    for (int i = 0; i < count; i++) {
        bool fits = list[i].result == result && (order == 0 || list[i].order == order);
        if (fits && random_below(random, ++seen) == 0)
            chosen = &list[i];
    }
    return chosen;
}

static Node *
constant(Generator *g, Sort sort)
{
    return node_new(g->arena, sort, constant_text(g->arena, g->random, sort), 0);
}

static const Node *
column_of(Generator *g, const Scope *scope, Sort sort)
{
    const Node *chosen = NULL;
    int seen = 0;
    for (int i = 0; i < scope->leaf_count; i++) {
        if (scope->leaves[i].sort == sort && random_below(g->random, ++seen) == 0)
            chosen = scope->leaves[i].node;
    }
    return chosen;
}

static Node *
leaf(Generator *g, const Scope *scope, Sort sort)
{
    for (const Scope *at = scope; at != NULL; at = at->outer) {
        if (random_percent(g->random, at == scope ? 85 : 40)) {
            const Node *column = column_of(g, at, sort);
            if (column != NULL)
                return node_copy(g->arena, column);
        }
    }
    return constant(g, sort);
}

static Node *
column_or_null(Generator *g, const Scope *scope, Sort sort)
{
    const Node *column = column_of(g, scope, sort);
    const char *null = arena_printf(g->arena, "NULL::%s", sort_name(sort));
    return column != NULL ? node_copy(g->arena, column) : node_new(g->arena, sort, null, 0);
}

static Node *
argument(Generator *g, const Scope *scope, char letter, int depth, int query_depth)
{
    switch (letter) {
    case 's':
        return node_new(g->arena, SORT_CLAUSE, arena_printf(g->arena, "%d", random_below(g->random, 5)), 0);
    case 'p':
        return node_new(g->arena, SORT_CLAUSE, patterns[random_below(g->random, COUNT(patterns))], 0);
    case 'q':
        return node_new(g->arena, SORT_CLAUSE, regexes[random_below(g->random, COUNT(regexes))], 0);
    case 'k':
        return node_new(g->arena, SORT_CLAUSE, keys[random_below(g->random, COUNT(keys))], 0);
    case 'f':
        return column_or_null(g, scope, 'd');
    case 'x':
        return generate_expression(g, scope, random_sort(g->random), depth, query_depth);
    default:
        return generate_expression(g, scope, letter, depth, query_depth);
    }
}

static Node *
apply(Generator *g, const Scope *scope, const Production *production, int depth, int query_depth)
{
    Node *children[8];
    int count = 0;
    for (const char *at = production->arguments; *at != 0; at++)
        children[count++] = argument(g, scope, *at, depth, query_depth);
    return node_of(g->arena, production->result, production->form, children, count);
}

static Node *
window(Generator *g, const Scope *scope, Sort sort, int depth)
{
    static const char *const frames[] = {
        "",
        "",
        "",
        " ROWS BETWEEN 1 PRECEDING AND CURRENT ROW",
        " ROWS BETWEEN 2 PRECEDING AND 1 PRECEDING",
        " ROWS BETWEEN UNBOUNDED PRECEDING AND 1 FOLLOWING EXCLUDE CURRENT ROW",
        " ROWS BETWEEN 1 FOLLOWING AND UNBOUNDED FOLLOWING",
    };
    static const char *const peer_frames[] = {
        "",
        "",
        " RANGE BETWEEN 1 PRECEDING AND 1 FOLLOWING",
        " GROUPS BETWEEN 1 PRECEDING AND CURRENT ROW",
        " GROUPS BETWEEN CURRENT ROW AND 2 FOLLOWING EXCLUDE GROUP",
        " RANGE BETWEEN UNBOUNDED PRECEDING AND 2 PRECEDING",
        " RANGE BETWEEN CURRENT ROW AND UNBOUNDED FOLLOWING EXCLUDE TIES",
    };
    const Production *call = choose(g->random, windows, COUNT(windows), sort, scope->unique == NULL ? 'P' : 0);
    if (call == NULL)
        return NULL;
    Scope inside = *scope;
    inside.windows = false;
    Node *applied = apply(g, &inside, call, depth, 0);
    Sort partition_sort = random_sort(g->random);
    Node *partition =
        node_new(g->arena, SORT_CLAUSE, "PARTITION BY $ ", 1, generate_expression(g, &inside, partition_sort, 1, 0));
    node_optional(partition)->absent = random_percent(g->random, 40);
    Sort order_sort = call->order == 'U' ? random_sort(g->random) : 'i';
    Node *order = generate_expression(g, &inside, order_sort, 1, 0);
    const char *direction = random_percent(g->random, 30)   ? " DESC"
                            : random_percent(g->random, 10) ? " NULLS FIRST"
                                                            : "";
    const char *form = call->order == 'U' ? arena_printf(g->arena, "$ OVER ($ORDER BY $%s, %s%s)", direction,
                                                         scope->unique, frames[random_below(g->random, COUNT(frames))])
                                          : arena_printf(g->arena, "$ OVER ($ORDER BY $%s%s)", direction,
                                                         peer_frames[random_below(g->random, COUNT(peer_frames))]);
    return node_new(g->arena, sort, form, 3, applied, partition, order);
}

static Node *
over_query(Generator *g, const Scope *scope, Sort sort, int depth, int query_depth)
{
    static const char *const forms[] = {"($ IN ($))", "($ NOT IN ($))", "($ = ANY ($))", "($ > ALL ($))",
                                        "($ <= SOME ($))"};
    Sort other = random_sort(g->random);
    if (sort == 'b' && random_percent(g->random, 50)) {
        Node *query = generate_subquery(g, scope, &other, 1, query_depth - 1, QUERY_ANY);
        return node_new(g->arena, 'b', random_percent(g->random, 50) ? "EXISTS ($)" : "(NOT EXISTS ($))", 1, query);
    }
    if (sort == 'b' && random_percent(g->random, 70)) {
        Node *left = generate_expression(g, scope, other, depth, query_depth - 1);
        Node *query = generate_subquery(g, scope, &other, 1, query_depth - 1, QUERY_ANY);
        return node_new(g->arena, 'b', forms[random_below(g->random, COUNT(forms))], 2, left, query);
    }
    if (sort == 'a' || sort == 'A') {
        Sort element = sort == 'a' ? 'i' : 't';
        return node_new(g->arena, sort, "ARRAY($)", 1,
                        generate_subquery(g, scope, &element, 1, query_depth - 1, QUERY_ORDERED));
    }
    return node_new(g->arena, sort, "($)", 1, generate_subquery(g, scope, &sort, 1, query_depth - 1, QUERY_ONE_ROW));
}

Node *
generate_expression(Generator *g, const Scope *scope, Sort sort, int depth, int query_depth)
{
    if (scope->windows && random_percent(g->random, 20)) {
        Node *call = window(g, scope, sort, depth > 0 ? depth - 1 : 0);
        if (call != NULL)
            return call;
    }
    if (scope->rows != NULL && random_percent(g->random, 45)) {
        const Production *aggregate = choose(g->random, aggregates, COUNT(aggregates), sort, 0);
        if (aggregate != NULL)
            return apply(g, scope->rows, aggregate, depth > 0 ? depth - 1 : 0, 0);
    }
    if (query_depth > 0 && depth > 0 && random_percent(g->random, 9))
        return over_query(g, scope, sort, depth - 1, query_depth);
    if (depth <= 0 || random_percent(g->random, 30))
        return leaf(g, scope, sort);
    const Production *production = choose(g->random, scalars, COUNT(scalars), sort, 0);
    return apply(g, scope, production, depth - 1, query_depth);
}
