/*
 * oracle [--freshet PROGRAM] [--queries N] [--seed N] [--views PERCENT] [--differences N] [--except TEXT]... -- random queries on random tables, asked of
 * PostgreSQL 15 and of Freshet; some also as materialized views that are compared after every change; and random expressions
 * of constants, as they are and over columns that hold these. What differs is made small and printed as a script.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "tests/oracle/oracle.h"
#include "tests/oracle/shrink.h"

enum { QUERIES_A_ROUND = 60, EXPRESSIONS_A_ROUND = 20, MUTATIONS = 4, SHRINK_TRIES = 600, VIEWS_MAX = 16 };

typedef struct Run {
    Oracle oracle;
    Random random;
    Tables tables;
    int views_percent;
    int differences_max;
    long queries;
    unsigned seed;
    char shrinking_state[6]; /* of PostgreSQL's error for the query that is made small; "": it gave rows */
    int views_made;
    VECTOR(const char *) except; /* queries with one of these in their text are left out */
} Run;

typedef struct View {
    int number;  /* of its name */
    char *query; /* heap */
    bool broken; /* reported once */
} View;

/* Whether the top level of the query fixes the order of its rows. */
static bool
is_ordered(const Node *root)
{
    while (root->sort == SORT_CLAUSE && root->count > 0)
        root = root->children[root->count - 1];
    const Node *last = root->count > 0 ? root->children[root->count - 1] : root;
    return root->sort == SORT_QUERY && !last->absent && strncmp(last->form, " ORDER BY", 9) == 0;
}

static Verdict
compare_tree(Oracle *oracle, const Node *root, Buffer *why)
{
    char *sql = node_sql(root);
    Verdict verdict = oracle_compare(oracle, sql, sql, is_ordered(root), why);
    free(sql);
    return verdict;
}

static bool
is_gone(Buffer *why)
{
    return strncmp(buffer_text(why), "Freshet is gone", 15) == 0;
}

static bool
still_different(void *context, const Node *root)
{
    Run *run = context;
    Buffer why = {0};
    bool different = compare_tree(&run->oracle, root, &why) == VERDICT_DIFFERENT &&
                     strcmp(run->oracle.their_state, run->shrinking_state) == 0;
    if (is_gone(&why))
        oracle_load(&run->oracle, &run->tables);
    buffer_deinit(&why);
    return different;
}

static void
print_tables(const Run *run, const char *sql)
{
    for (int i = 0; i < TABLE_COUNT; i++) {
        const Table *table = &run->tables.tables[i];
        if (strstr(sql, table->name) == NULL)
            continue;
        char *definition = table_definition(table);
        printf("%s;\n", definition);
        if (table->rows.count > 0)
            printf("INSERT INTO %s ", table->name);
        for (size_t row = 0; row < table->rows.count; row++)
            printf("%s %s", row == 0 ? "VALUES" : ",", table->rows.items[row]);
        printf("%s", table->rows.count > 0 ? ";\n" : "");
        free(definition);
    }
}

/* Takes rows away while the query still differs, on both servers. */
static void
shrink_rows(Run *run, const char *sql, bool ordered)
{
    for (int i = 0; i < TABLE_COUNT; i++) {
        Table *table = &run->tables.tables[i];
        for (size_t row = table->rows.count; row-- > 0 && strstr(sql, table->name) != NULL;) {
            const char *kept = table->rows.items[row];
            Buffer why = {0}, change = {0};
            buffer_printf(&change, "DELETE FROM %s WHERE id = %d", table->name, atoi(kept + 1));
            oracle_both(&run->oracle, buffer_text(&change));
            vector_remove(&table->rows, row);
            bool differs = oracle_compare(&run->oracle, sql, sql, ordered, &why) == VERDICT_DIFFERENT;
            if (is_gone(&why))
                oracle_load(&run->oracle, &run->tables);
            if (!differs) {
                buffer_clear(&change);
                buffer_printf(&change, "INSERT INTO %s VALUES %s", table->name, kept);
                oracle_both(&run->oracle, buffer_text(&change));
                vector_push(&table->rows, kept);
            }
            buffer_deinit(&why);
            buffer_deinit(&change);
        }
    }
}

static void
report(Run *run, Arena *arena, Node *root, long number)
{
    memcpy(run->shrinking_state, run->oracle.their_state, sizeof run->shrinking_state);
    Node *small = shrink_query(arena, root, still_different, run, SHRINK_TRIES);
    char *sql = node_sql(small);
    Buffer why = {0};
    shrink_rows(run, sql, is_ordered(small));
    compare_tree(&run->oracle, small, &why);
    printf("---- difference: --seed %u, query %ld\n", run->seed, number);
    print_tables(run, sql);
    printf("%s;\n%s\n", sql, buffer_text(&why));
    fflush(stdout);
    buffer_deinit(&why);
    free(sql);
    oracle_load(&run->oracle, &run->tables);
}

static void
count(Oracle *oracle, Verdict verdict)
{
    oracle->asked++;
    oracle->same += verdict == VERDICT_SAME;
    oracle->both_failed += verdict == VERDICT_BOTH_FAILED;
    oracle->order_of_evaluation += verdict == VERDICT_ORDER;
    oracle->other_form += verdict == VERDICT_FORM;
    oracle->too_long += verdict == VERDICT_TOO_LONG;
    oracle->different += verdict == VERDICT_DIFFERENT;
}

static void
compare_views(Run *run, View *views, int view_count)
{
    for (int i = 0; i < view_count; i++) {
        Buffer why = {0};
        char ours[64];
        snprintf(ours, sizeof ours, "SELECT * FROM v%d", views[i].number);
        if (views[i].broken)
            continue;
        Verdict verdict = oracle_compare(&run->oracle, views[i].query, ours, false, &why);
        count(&run->oracle, verdict);
        if (verdict == VERDICT_DIFFERENT) {
            views[i].broken = true;
            printf("---- difference of a view: --seed %u\n", run->seed);
            print_tables(run, views[i].query);
            printf("CREATE MATERIALIZED VIEW v%d AS %s;\n%s\n", views[i].number, views[i].query, buffer_text(&why));
            fflush(stdout);
        }
        buffer_deinit(&why);
    }
}

static void
make_view(Run *run, const char *sql, View *views, int *view_count)
{
    Buffer create = {0}, why = {0};
    int number = ++run->views_made;
    buffer_printf(&create, "CREATE MATERIALIZED VIEW v%d AS %s", number, sql);
    if (oracle_ours(&run->oracle, buffer_text(&create), &why)) {
        views[(*view_count)++] = (View){.number = number, .query = memory_strdup(sql)};
    } else {
        run->oracle.different++;
        printf("---- difference: a view that cannot be made: --seed %u\n%s;\n%s\n", run->seed, buffer_text(&create),
               buffer_text(&why));
    }
    buffer_deinit(&create);
    buffer_deinit(&why);
}

static bool
is_left_out(const Run *run, const Node *root)
{
    char *sql = node_sql(root);
    bool found = false;
    for (size_t i = 0; i < run->except.count; i++)
        found |= strstr(sql, run->except.items[i]) != NULL;
    free(sql);
    return found;
}

static void
drop_views(Run *run, View *views, int *view_count)
{
    for (int i = 0; i < *view_count; i++) {
        Buffer drop = {0}, why = {0};
        buffer_printf(&drop, "DROP MATERIALIZED VIEW IF EXISTS v%d", views[i].number);
        oracle_ours(&run->oracle, buffer_text(&drop), &why);
        buffer_deinit(&drop);
        buffer_deinit(&why);
        free(views[i].query);
    }
    *view_count = 0;
}

static void
one_query(Run *run, long number, View *views, int *view_count)
{
    Arena *arena = arena_new();
    Generator generator = {.random = &run->random, .arena = arena, .tables = &run->tables};
    Node *root = generate_query(&generator);
    if (is_left_out(run, root)) {
        arena_free(arena);
        return;
    }
    Buffer why = {0};
    Verdict verdict = compare_tree(&run->oracle, root, &why);
    count(&run->oracle, verdict);
    if (verdict == VERDICT_DIFFERENT) {
        drop_views(run, views, view_count); /* the tables are made anew, without them */
        if (is_gone(&why))
            oracle_load(&run->oracle, &run->tables);
        report(run, arena, root, number);
    } else if (verdict == VERDICT_SAME && *view_count < VIEWS_MAX && random_percent(&run->random, run->views_percent)) {
        char *sql = node_sql(root);
        make_view(run, sql, views, view_count);
        free(sql);
    }
    buffer_deinit(&why);
    arena_free(arena);
}

/* ---- expressions: folded while planning, evaluated over a column, and PostgreSQL's */

/* Both ways against PostgreSQL; `counted` or not. */
static bool
expression_differs(Run *run, const Node *root, bool counted, Buffer *why)
{
    char *folded = node_sql(root), *evaluated = node_sql_of_columns(root);
    Buffer of_columns = {0};
    buffer_printf(&of_columns, "%s FROM k", evaluated);
    Verdict first = oracle_compare(&run->oracle, folded, folded, true, why);
    Verdict second =
        first == VERDICT_DIFFERENT ? first : oracle_compare(&run->oracle, folded, buffer_text(&of_columns), true, why);
    if (counted) {
        count(&run->oracle, first);
        run->oracle.asked++;
        run->oracle.same += second == VERDICT_SAME;
        run->oracle.different += second == VERDICT_DIFFERENT && first != VERDICT_DIFFERENT;
    }
    buffer_deinit(&of_columns);
    free(folded);
    free(evaluated);
    return first == VERDICT_DIFFERENT || second == VERDICT_DIFFERENT;
}

static bool
expression_still_differs(void *context, const Node *root)
{
    Run *run = context;
    Buffer why = {0};
    bool differs =
        expression_differs(run, root, false, &why) && strcmp(run->oracle.their_state, run->shrinking_state) == 0;
    buffer_deinit(&why);
    return differs;
}

static void
one_expression(Run *run, const Scope *constants)
{
    Arena *arena = arena_new();
    Generator generator = {.random = &run->random, .arena = arena, .tables = &run->tables};
    Node *value = generate_expression(&generator, constants, random_sort(&run->random), 4, 0);
    Node *root = node_new(arena, SORT_CLAUSE, "SELECT $ AS x1", 1, value);
    Buffer why = {0};
    if (!is_left_out(run, root) && expression_differs(run, root, true, &why)) {
        memcpy(run->shrinking_state, run->oracle.their_state, sizeof run->shrinking_state);
        root = shrink_query(arena, root, expression_still_differs, run, SHRINK_TRIES);
        buffer_clear(&why);
        expression_differs(run, root, false, &why);
        char *folded = node_sql(root), *evaluated = node_sql_of_columns(root);
        printf("---- difference of an expression: --seed %u\n%s;\n%s FROM k;\n%s\n", run->seed, folded, evaluated,
               buffer_text(&why));
        fflush(stdout);
        free(folded);
        free(evaluated);
    }
    buffer_deinit(&why);
    arena_free(arena);
}

static bool
expressions_round(Run *run)
{
    Arena *arena = arena_new();
    char *create, *insert;
    Scope constants = constants_scope(arena, &run->random, &create, &insert);
    bool ok = oracle_both(&run->oracle, "DROP TABLE IF EXISTS k") && oracle_both(&run->oracle, create) &&
              oracle_both(&run->oracle, insert);
    for (int i = 0; ok && i < EXPRESSIONS_A_ROUND && run->oracle.different < run->differences_max; i++)
        one_expression(run, &constants);
    free(create);
    free(insert);
    arena_free(arena);
    return ok;
}

/* New tables, queries over them, and then changes under the views. False when the servers cannot be used. */
static bool
one_round(Run *run, long first)
{
    View views[VIEWS_MAX] = {0};
    int view_count = 0;
    tables_init(&run->tables, &run->random);
    bool ok = oracle_load(&run->oracle, &run->tables);
    for (long i = 0; ok && i < QUERIES_A_ROUND && run->oracle.different < run->differences_max; i++)
        one_query(run, first + i, views, &view_count);
    for (int i = 0; ok && view_count > 0 && i < MUTATIONS; i++) {
        char *change = tables_mutation(&run->tables, &run->random);
        ok = oracle_both(&run->oracle, change);
        free(change);
        compare_views(run, views, view_count);
    }
    drop_views(run, views, &view_count);
    tables_deinit(&run->tables);
    return ok;
}

static bool
run_all(Run *run)
{
    for (long first = 0; first < run->queries && run->oracle.different < run->differences_max;
         first += QUERIES_A_ROUND) {
        /* Each round has a seed of its own, so that one that differs can be run alone: --seed S --queries 1. */
        run->random.state = run->seed;
        if (!one_round(run, first) || !expressions_round(run))
            return false;
        if (first % (QUERIES_A_ROUND * 50) == 0)
            printf("oracle: %ld queries, %ld comparisons, %ld different\n", first, run->oracle.asked,
                   run->oracle.different);
        fflush(stdout);
        run->seed++;
    }
    return true;
}

int
main(int argc, char **argv)
{
    static const struct option options[] = {{"freshet", required_argument, NULL, 'f'},
                                            {"queries", required_argument, NULL, 'q'},
                                            {"seed", required_argument, NULL, 's'},
                                            {"views", required_argument, NULL, 'v'},
                                            {"differences", required_argument, NULL, 'd'},
                                            {"except", required_argument, NULL, 'e'},
                                            {NULL, 0, NULL, 0}};
    const char *program = NULL;
    Run run = {.queries = 20000, .seed = 1, .views_percent = 20, .differences_max = 10};
    for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        if (option == 'f')
            program = optarg;
        else if (option == 'q')
            run.queries = atol(optarg);
        else if (option == 's')
            run.seed = (unsigned) strtoul(optarg, NULL, 10);
        else if (option == 'v')
            run.views_percent = atoi(optarg);
        else if (option == 'd')
            run.differences_max = atoi(optarg);
        else if (option == 'e')
            vector_push(&run.except, optarg);
        else
            return fprintf(stderr, "usage: oracle [--freshet PROGRAM] [--queries N] [--seed N] [--views PERCENT] "
                                   "[--differences N] [--except TEXT]...\n"),
                   2;
    }
    Error err = ERROR_INIT;
    bool ok = oracle_init(&run.oracle, program, &err);
    if (ok)
        ok = run_all(&run);
    else
        printf("oracle: %s\n", err.message);
    error_clear(&err);
    const Oracle *o = &run.oracle;
    printf("oracle: %ld comparisons: %ld same, %ld fail on both, %ld by order of evaluation, %ld in another form, "
           "%ld too long for PostgreSQL\n",
           o->asked, o->same, o->both_failed, o->order_of_evaluation, o->other_form, o->too_long);
    printf("oracle: %ld passed, %ld failed\n", o->asked - o->different, o->different + !ok);
    ok = ok && o->different == 0;
    oracle_deinit(&run.oracle);
    vector_deinit(&run.except);
    return ok ? EXIT_SUCCESS : EXIT_FAILURE;
}
