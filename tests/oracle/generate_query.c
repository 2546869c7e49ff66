#include "tests/oracle/generate.h"

#include <stdio.h>

enum { EXPRESSION_DEPTH = 3, ITEMS_MAX = 3 };

typedef VECTOR(Leaf) Leaves;

/* What the items of a FROM give. */
typedef struct From {
    Leaves leaves;
    size_t item_start; /* of the leaves of the item that is being made, behind commas */
    Buffer unique;     /* "a1.id, a2.id" */
    bool has_unique;
} From;

static const char *
new_alias(Generator *g)
{
    return arena_printf(g->arena, "a%d", ++g->aliases);
}

static void
add_column(Generator *g, From *from, const char *alias, const char *name, Sort sort)
{
    const char *text = arena_printf(g->arena, "%s.%s", alias, name);
    vector_push(&from->leaves, ((Leaf){.sort = sort, .node = node_new(g->arena, sort, text, 0)}));
}

static Scope
scope_since(Generator *g, const From *from, size_t start, const Scope *outer)
{
    size_t count = from->leaves.count - start;
    Leaf *leaves = arena_new_array(g->arena, Leaf, count + 1);
    for (size_t i = 0; i < count; i++)
        leaves[i] = from->leaves.items[start + i];
    return (Scope){.leaves = leaves, .leaf_count = (int) count, .outer = outer};
}

/* The columns so far, for a LATERAL. */
static Scope
scope_of(Generator *g, const From *from, const Scope *outer)
{
    return scope_since(g, from, 0, outer);
}

static Node *
table_item(Generator *g, From *from)
{
    const Table *table = &g->tables->tables[random_below(g->random, TABLE_COUNT)];
    const char *alias = new_alias(g);
    for (int i = 0; i < table->column_count; i++)
        add_column(g, from, alias, table->columns[i].name, table->columns[i].sort);
    buffer_printf(&from->unique, "%s%s.id", from->unique.size > 0 ? ", " : "", alias);
    return node_new(g->arena, SORT_FROM, arena_printf(g->arena, "%s AS %s", table->name, alias), 0);
}

static Node *
query_item(Generator *g, From *from, const Scope *outer, int depth, const char *lateral)
{
    static const char *const names[] = {"x1", "x2", "x3"};
    Sort sorts[3];
    int count = 1 + random_below(g->random, 3);
    for (int i = 0; i < count; i++)
        sorts[i] = i == 0 ? 'i' : random_sort(g->random);
    Node *query = generate_subquery(g, outer, sorts, count, depth - 1, QUERY_ANY);
    const char *alias = new_alias(g);
    Buffer form = {0};
    buffer_printf(&form, "%s($) AS %s(", lateral, alias);
    for (int i = 0; i < count; i++) {
        buffer_printf(&form, "%s%s", i > 0 ? ", " : "", names[i]);
        add_column(g, from, alias, names[i], sorts[i]);
    }
    buffer_append_text(&form, ")");
    from->has_unique = false;
    return node_new(g->arena, SORT_FROM, buffer_to_arena(&form, g->arena), 1, query);
}

static Node *
values_item(Generator *g, From *from)
{
    const char *alias = new_alias(g);
    Sort second = random_sort(g->random);
    Node *rows[3];
    int count = 1 + random_below(g->random, 3);
    for (int i = 0; i < count; i++) {
        const char *left = constant_text(g->arena, g->random, 'i'), *right = constant_text(g->arena, g->random, second);
        rows[i] = node_new(g->arena, SORT_CLAUSE, arena_printf(g->arena, "(%s, %s)", left, right), 0);
    }
    add_column(g, from, alias, "x1", 'i');
    add_column(g, from, alias, "x2", second);
    from->has_unique = false;
    return node_of(g->arena, SORT_FROM, arena_printf(g->arena, "(VALUES $*) AS %s(x1, x2)", alias), rows, count);
}

static Node *
function_item(Generator *g, From *from, const Scope *before)
{
    const char *alias = new_alias(g);
    from->has_unique = false;
    if (random_percent(g->random, 50)) {
        add_column(g, from, alias, "x1", 'i');
        int last = random_below(g->random, 6);
        return node_new(g->arena, SORT_FROM, arena_printf(g->arena, "generate_series(1, %d) AS %s(x1)", last, alias),
                        0);
    }
    Node *array = generate_expression(g, before, 'a', 1, 0);
    add_column(g, from, alias, "x1", 'i');
    add_column(g, from, alias, "x2", 'l');
    return node_new(g->arena, SORT_FROM, arena_printf(g->arena, "unnest($) WITH ORDINALITY AS %s(x1, x2)", alias), 1,
                    array);
}

static Node *
common_item(Generator *g, From *from)
{
    const char *alias = new_alias(g);
    for (int i = 0; i < g->common_count; i++)
        add_column(g, from, alias, i == 0 ? "x1" : "x2", g->common[i]);
    from->has_unique = false;
    return node_new(g->arena, SORT_FROM, arena_printf(g->arena, "w AS %s", alias), 0);
}

static Node *
from_item(Generator *g, From *from, const Scope *outer, int depth)
{
    int kind = random_below(g->random, 100);
    if (g->common_count > 0 && random_percent(g->random, 40))
        return common_item(g, from);
    if (depth > 0 && kind < 18)
        return query_item(g, from, outer, depth, "");
    if (kind < 24)
        return values_item(g, from);
    if (kind < 30) {
        Scope none = {.outer = outer};
        return function_item(g, from, &none);
    }
    return table_item(g, from);
}

/* An equality of a column of each side, where both have one of the same sort. */
static Node *
join_equality(Generator *g, const From *from, size_t left_count)
{
    for (int tries = 0; tries < 12; tries++) {
        size_t left_at = from->item_start + (size_t) random_below(g->random, (int) (left_count - from->item_start));
        const Leaf *left = &from->leaves.items[left_at];
        size_t right_at = left_count + (size_t) random_below(g->random, (int) (from->leaves.count - left_count));
        const Leaf *right = &from->leaves.items[right_at];
        if (left->sort == right->sort)
            return node_new(g->arena, 'b', "($ = $)", 2, node_copy(g->arena, left->node),
                            node_copy(g->arena, right->node));
    }
    return node_new(g->arena, 'b', "true", 0);
}

static Node *
join(Generator *g, From *from, Node *left, const Scope *outer, int depth)
{
    static const char *const kinds[] = {"$ JOIN $ ON $", "$ LEFT JOIN $ ON $", "$ RIGHT JOIN $ ON $",
                                        "$ FULL JOIN $ ON $"};
    size_t left_count = from->leaves.count;
    int kind = random_below(g->random, 100);
    if (kind < 15 && depth > 0) {
        Scope before = scope_of(g, from, outer);
        Node *right = query_item(g, from, &before, depth, "LATERAL ");
        return node_new(g->arena, SORT_FROM, random_percent(g->random, 50) ? "$ LEFT JOIN $ ON true" : "$ CROSS JOIN $",
                        2, left, right);
    }
    if (kind < 22) {
        Scope before = scope_of(g, from, outer);
        Node *right = function_item(g, from, &before);
        return node_new(g->arena, SORT_FROM, "$ CROSS JOIN LATERAL $", 2, left, right);
    }
    Node *right = from_item(g, from, outer, depth);
    if (kind < 32)
        return node_new(g->arena, SORT_FROM, "$ CROSS JOIN $", 2, left, right);
    int form = random_below(g->random, 4);
    Node *on = join_equality(g, from, left_count);
    if (form != 3 && random_percent(g->random, 40)) {
        Scope both = scope_since(g, from, from->item_start, outer);
        Node *more = generate_expression(g, &both, 'b', 2, depth > 0);
        on = random_percent(g->random, 70) ? node_new(g->arena, 'b', "($ AND $)", 2, on, more) : more;
    }
    return node_new(g->arena, SORT_FROM, kinds[form], 3, left, right, on);
}

static Node *
from_clause(Generator *g, From *from, const Scope *outer, int depth)
{
    Node *items[ITEMS_MAX];
    int count = 0, sources = 0;
    from->has_unique = true;
    do {
        from->item_start = from->leaves.count;
        Node *item = from_item(g, from, outer, depth);
        sources++;
        while (sources < ITEMS_MAX && random_percent(g->random, 40)) {
            item = join(g, from, item, outer, depth);
            sources++;
        }
        items[count++] = item;
    } while (sources < ITEMS_MAX && random_percent(g->random, 12));
    return node_of(g->arena, SORT_CLAUSE, " FROM $*", items, count);
}

static Node *
where_clause(Generator *g, const Scope *scope, const char *form, int percent, int depth)
{
    Node *clause =
        node_new(g->arena, SORT_CLAUSE, form, 1, generate_expression(g, scope, 'b', EXPRESSION_DEPTH, depth));
    clause->absent = !random_percent(g->random, percent);
    return node_optional(clause);
}

static Node *
nothing(Generator *g)
{
    return node_new(g->arena, SORT_CLAUSE, "", 0);
}

/*
 * Keys of several groupings are columns, which no cut makes constants of: PostgreSQL 15 takes a constant in the select list for the
 * key in one place and not in the next. False when there are no columns.
 */
static bool
several_groupings(Generator *g, const Scope *rows, Leaf *leaves, int count, const char **clause)
{
    static const char *const forms[] = {"ROLLUP (%s, %s)", "CUBE (%s, %s)", "GROUPING SETS ((%s), (%s))",
                                        "GROUPING SETS ((%s), (), ROLLUP (%s))"};
    static const char *const short_forms[] = {"ROLLUP (%s)", "CUBE (%s)", "GROUPING SETS ((), (%s))",
                                              "GROUPING SETS ((%s), ())"};
    if (rows->leaf_count == 0)
        return false;
    for (int i = 0; i < count; i++)
        leaves[i] = rows->leaves[random_below(g->random, rows->leaf_count)];
    int form = random_below(g->random, 4);
    const char *sets = count == 1 ? arena_printf(g->arena, short_forms[form], leaves[0].node->form)
                                  : arena_printf(g->arena, forms[form], leaves[0].node->form, leaves[1].node->form);
    *clause = arena_printf(g->arena, " GROUP BY %s", sets);
    return true;
}

/* GROUP BY, and the scope of what stands in the select list then. */
static Node *
group_clause(Generator *g, const Scope *rows, Scope *grouped)
{
    int count = random_below(g->random, 3);
    Leaf *leaves = arena_new_array(g->arena, Leaf, count + 1);
    Node *keys[2];
    const char *clause;
    *grouped = (Scope){.leaves = leaves, .leaf_count = count, .outer = rows->outer, .rows = rows};
    if (count == 0)
        return nothing(g);
    if (random_percent(g->random, 33) && several_groupings(g, rows, leaves, count, &clause))
        return node_new(g->arena, SORT_CLAUSE, clause, 0);
    Buffer unique = {0};
    for (int i = 0; i < count; i++) {
        Sort sort = random_sort(g->random);
        keys[i] = generate_expression(g, rows, sort, random_percent(g->random, 70) ? 0 : 2, 0);
        leaves[i] = (Leaf){.sort = sort, .node = keys[i]};
        char *text = node_sql(keys[i]);
        buffer_printf(&unique, "%s%s", i > 0 ? ", " : "", text);
        free(text);
    }
    grouped->unique = arena_strdup(g->arena, buffer_text(&unique));
    buffer_deinit(&unique);
    return node_of(g->arena, SORT_CLAUSE, " GROUP BY $*", keys, count);
}

static Node *
order_clause(Generator *g, int count, QueryShape shape)
{
    Buffer form = {0};
    buffer_append_text(&form, " ORDER BY ");
    for (int i = 0; i < count; i++) {
        const char *direction = random_percent(g->random, 25)   ? " DESC"
                                : random_percent(g->random, 10) ? " NULLS FIRST"
                                                                : "";
        buffer_printf(&form, "%s%d%s", i > 0 ? ", " : "", i + 1, direction);
    }
    if (shape == QUERY_ONE_ROW)
        buffer_append_text(&form, " LIMIT 1");
    else if (random_percent(g->random, 60))
        buffer_printf(&form, " LIMIT %d", random_below(g->random, 6));
    if (random_percent(g->random, 15))
        buffer_printf(&form, " OFFSET %d", random_below(g->random, 3));
    return node_new(g->arena, SORT_CLAUSE, buffer_to_arena(&form, g->arena), 0);
}

static Node *
order_of(Generator *g, int count, QueryShape shape)
{
    Node *order = order_clause(g, count, shape);
    if (shape == QUERY_ANY) {
        node_optional(order);
        order->absent = !random_percent(g->random, 15);
    }
    return order;
}

static Node *
select_list(Generator *g, const Scope *scope, const Sort *sorts, int count, int depth)
{
    Node *items[8];
    for (int i = 0; i < count; i++) {
        Node *value = generate_expression(g, scope, sorts[i], EXPRESSION_DEPTH, depth);
        items[i] = node_new(g->arena, SORT_CLAUSE, arena_printf(g->arena, "$ AS x%d", i + 1), 1, value);
    }
    return node_of(g->arena, SORT_CLAUSE, " $*", items, count);
}

static Node *
select_query(Generator *g, const Scope *outer, const Sort *sorts, int count, int depth, QueryShape shape)
{
    From from = {0};
    Scope rows = {.outer = outer}, list;
    Node *parts[7];
    bool no_from = random_percent(g->random, 5);
    parts[2] = no_from ? nothing(g) : from_clause(g, &from, outer, depth);
    rows = scope_of(g, &from, outer);
    if (from.has_unique && !no_from)
        rows.unique = arena_strdup(g->arena, buffer_text(&from.unique));
    bool grouped = !no_from && random_percent(g->random, 30);
    parts[3] = where_clause(g, &rows, " WHERE $", 50, depth);
    parts[4] = nothing(g);
    parts[5] = nothing(g);
    list = rows;
    if (grouped) {
        parts[4] = group_clause(g, &rows, &list);
        parts[5] = where_clause(g, &list, " HAVING $", 25, 0);
    }
    list.windows = !no_from && random_percent(g->random, 18);
    parts[1] = select_list(g, &list, sorts, count, depth);
    bool distinct = random_percent(g->random, 10), on = distinct && random_percent(g->random, 30);
    parts[0] = node_new(g->arena, SORT_CLAUSE, on ? " DISTINCT ON (1)" : " DISTINCT", 0);
    node_optional(parts[0])->absent = !distinct;
    parts[6] = on ? order_clause(g, count, shape) : order_of(g, count, shape);
    vector_deinit(&from.leaves);
    buffer_deinit(&from.unique);
    return node_of(g->arena, SORT_QUERY, "SELECT$$$$$$$", parts, 7);
}

Node *
generate_subquery(Generator *g, const Scope *outer, const Sort *sorts, int count, int depth, QueryShape shape)
{
    static const char *const forms[] = {"($) UNION ALL ($)$",  "($) UNION ($)$",     "($) EXCEPT ($)$",
                                        "($) EXCEPT ALL ($)$", "($) INTERSECT ($)$", "($) INTERSECT ALL ($)$"};
    if (depth > 0 && random_percent(g->random, 12)) {
        Node *left = generate_subquery(g, outer, sorts, count, depth - 1, QUERY_ANY);
        Node *right = generate_subquery(g, outer, sorts, count, depth - 1, QUERY_ANY);
        return node_new(g->arena, SORT_QUERY, forms[random_below(g->random, 6)], 3, left, right,
                        order_of(g, count, shape));
    }
    return select_query(g, outer, sorts, count, depth, shape);
}

Node *
generate_query(Generator *g)
{
    Sort sorts[4];
    int count = 1 + random_below(g->random, 4);
    for (int i = 0; i < count; i++)
        sorts[i] = random_sort(g->random);
    if (!random_percent(g->random, 12))
        return generate_subquery(g, NULL, sorts, count, 2, QUERY_ANY);
    Sort common[2] = {'i', random_sort(g->random)};
    Node *with = generate_subquery(g, NULL, common, 2, 1, QUERY_ANY);
    memcpy(g->common, common, sizeof common);
    g->common_count = 2;
    Node *query = generate_subquery(g, NULL, sorts, count, 2, QUERY_ANY);
    return node_new(g->arena, SORT_CLAUSE, "WITH w (x1, x2) AS ($) $", 2, with, query);
}
