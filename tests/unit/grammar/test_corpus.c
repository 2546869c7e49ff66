/*
 * Every statement of the users' guides, of the shared scripts and of the catalog queries, when ../shared is beside the
 * checkout: parsed, printed, parsed again.
 */
#include <check.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "tests/unit/grammar/round_trip.h"

#define SHARED       "../shared"
#define REPORTED_MAX 20

typedef struct Corpus {
    int statements;
    int failures;
    Buffer report;
} Corpus;

static char *
file_read(const char *path)
{
    FILE *file = fopen(path, "rb");
    Buffer text = {0};
    char block[65536];
    size_t size;

    if (file == NULL)
        return NULL;
    while ((size = fread(block, 1, sizeof block, file)) > 0)
        buffer_append(&text, block, size);
    fclose(file);
    return buffer_take(&text);
}

static void
corpus_try(Corpus *corpus, const char *path, Slice sql, bool must_parse)
{
    Buffer why = {0};
    bool parses;
    bool ok = round_trips(sql, &parses, &why);

    corpus->statements++;
    if (!ok && (parses || must_parse)) {
        if (corpus->failures++ < REPORTED_MAX)
            buffer_printf(&corpus->report, "%s: %s", path, buffer_text(&why));
    }
    buffer_deinit(&why);
}

static void
corpus_check(Corpus *corpus)
{
    printf("  %d statements\n", corpus->statements);
    if (corpus->failures > 0) {
        fprintf(stderr, "%s", buffer_text(&corpus->report));
        ck_abort_msg("%d of %d statements fail", corpus->failures, corpus->statements);
    }
    buffer_deinit(&corpus->report);
}

/* Calls `each` for the files under `path` whose names end in `ending`. */
static void
walk(Corpus *corpus, const char *path, const char *ending, void (*each)(Corpus *, const char *, char *))
{
    DIR *directory = opendir(path);
    struct dirent *entry;

    while (directory != NULL && (entry = readdir(directory)) != NULL) {
        char child[4096];
        struct stat info;
        size_t size = strlen(entry->d_name);

        if (entry->d_name[0] == '.')
            continue;
        snprintf(child, sizeof child, "%s/%s", path, entry->d_name);
        if (stat(child, &info) == 0 && S_ISDIR(info.st_mode)) {
            walk(corpus, child, ending, each);
        } else if (size > strlen(ending) && strcmp(entry->d_name + size - strlen(ending), ending) == 0) {
            char *text = file_read(child);

            each(corpus, child, text);
            free(text);
        }
    }
    if (directory != NULL)
        closedir(directory);
}

static bool
shared_is_here(void)
{
    struct stat info;

    if (stat(SHARED, &info) == 0)
        return true;
    printf("  %s is not here: nothing to check\n", SHARED);
    return false;
}

static bool
starts_with(const char *text, const char *start)
{
    return strncmp(text, start, strlen(start)) == 0;
}

static bool
contains(Slice text, const char *what)
{
    return memmem(text.bytes, text.size, what, strlen(what)) != NULL;
}

/* ---- Guides: blocks between fences ---- */

/* Written for the upstream server, or with holes to be filled in. */
static bool
is_for_upstream(Slice block)
{
    static const char *const marks[] = {
        "{{",   "ALTER USER", "PUBLICATION ", "REPLICA IDENTITY", "pg_create",     "GRANT rds",      "GRANT CONNECT",
        "rds_", "heartbeat",  "wal_level",    "REPLICATION",      "ALTER TABLE T", "authorized_keys"};

    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
        if (contains(block, marks[i]))
            return true;
    }
    return false;
}

/* Placeholders such as <your-username> stand for names; a plain word does as well. */
static void
fill_placeholders(char *block)
{
    for (char *open = strchr(block, '<'); open != NULL; open = strchr(open + 1, '<')) {
        char *close = strchr(open, '>');

        if (close == NULL || open[1] == ' ' || open[1] == '=' || open[1] == '>' ||
            strcspn(open, " \n") < (size_t) (close - open))
            continue;
        memset(open, 'x', (size_t) (close - open) + 1);
    }
}

static void
guide_try(Corpus *corpus, const char *path, char *text)
{
    char *at = text;

    while ((at = strstr(at, "```")) != NULL) {
        char *language = at + 3;
        char *body = strchr(language, '\n');
        char *end = body == NULL ? NULL : strstr(body, "```");
        bool dialect = starts_with(language, "mzsql");

        if (end == NULL)
            break;
        *end = '\0';
        if ((dialect || starts_with(language, "sql")) && !is_for_upstream(slice_of(body))) {
            fill_placeholders(body);
            corpus_try(corpus, path, slice_of(body), true);
        }
        at = end + 3;
    }
}

START_TEST(the_guides_statements_parse_and_print_back)
{
    Corpus corpus = {0};

    if (!shared_is_here())
        return;
    walk(&corpus, SHARED "/guides", ".txt", guide_try);
    corpus_check(&corpus);
}
END_TEST

/* ---- Scripts: records of "statement" and "query" ---- */

/* What SQLite has and PostgreSQL has not. */
static bool
is_foreign(Slice sql)
{
    static const char *const marks[] = {"REPLACE INTO",      "REINDEX",     "TRIGGER",   "IN ()",
                                        "INSERT OR REPLACE", "NOT INDEXED", "x NOT NULL"};

    for (size_t i = 0; i < sizeof marks / sizeof marks[0]; i++) {
        if (contains(sql, marks[i]))
            return true;
    }
    return false;
}

static char *
next_line(char *line)
{
    char *end = strchr(line, '\n');

    if (end == NULL)
        return line + strlen(line);
    *end = '\0';
    return end + 1;
}

static void
script_try(Corpus *corpus, const char *path, char *text)
{
    bool skip = false;
    char *to = text;

    for (const char *from = text; *from != '\0'; from++) {
        if (*from != '\r')
            *to++ = *from;
    }
    *to = '\0';
    for (char *line = text; *line != '\0';) {
        char *next = next_line(line);
        bool statement = starts_with(line, "statement ok");
        bool query = starts_with(line, "query");

        if (starts_with(line, "skipif postgresql") ||
            (starts_with(line, "onlyif ") && !starts_with(line, "onlyif postgresql")))
            skip = true;
        if (statement || query) {
            char *sql = next;
            char *end = sql;

            /* The statement ends at an empty line, a query also at its results. */
            while (*end != '\0' && *end != '\n' && !starts_with(end, "----")) {
                char *newline = strchr(end, '\n');

                end = newline == NULL ? end + strlen(end) : newline + 1;
            }
            if (!skip && !is_foreign((Slice){sql, (size_t) (end - sql)}))
                corpus_try(corpus, path, (Slice){sql, (size_t) (end - sql)}, true);
            next = end;
        }
        if (statement || query || starts_with(line, "statement error"))
            skip = false;
        line = next;
    }
}

START_TEST(the_scripts_statements_parse_and_print_back)
{
    Corpus corpus = {0};

    if (!shared_is_here())
        return;
    walk(&corpus, SHARED "/slt", ".test", script_try);
    corpus_check(&corpus);
}
END_TEST

/* ---- Catalog queries: blocks that end in a line "-- ====" ---- */

/* {{class:t1}} stands for a number, or for one inside quotes. */
static void
fill_numbers(char *block)
{
    char *close;

    for (char *open = strstr(block, "{{"); open != NULL; open = strstr(open, "{{")) {
        close = strstr(open, "}}");
        if (close == NULL)
            return;
        memset(open, '1', (size_t) (close - open) + 2);
    }
}

/* "@sens w" marks what writes, which may be of PostgreSQL alone. */
static void
catalog_try(Corpus *corpus, const char *path, char *text)
{
    fill_numbers(text);
    for (char *block = strstr(text, "-- @group psql"); block != NULL && *block != '\0';) {
        char *end = strstr(block, "-- ====");
        Slice sql;

        if (end == NULL)
            break;
        sql = (Slice){block, (size_t) (end - block)};
        corpus_try(corpus, path, sql, !contains(sql, "@sens w"));
        block = strchr(end, '\n');
    }
}

START_TEST(the_catalog_queries_parse_and_print_back)
{
    Corpus corpus = {0};
    char *text;

    if (!shared_is_here())
        return;
    text = file_read(SHARED "/catalog_queries.txt");
    ck_assert_ptr_nonnull(text);
    catalog_try(&corpus, "catalog_queries.txt", text);
    free(text);
    corpus_check(&corpus);
}
END_TEST

Suite *suite_grammar_corpus(void);

Suite *
suite_grammar_corpus(void)
{
    Suite *suite = suite_create("grammar corpus");
    TCase *group = tcase_create("corpus");

    tcase_set_timeout(group, 0);
    tcase_add_test(group, the_guides_statements_parse_and_print_back);
    tcase_add_test(group, the_scripts_statements_parse_and_print_back);
    tcase_add_test(group, the_catalog_queries_parse_and_print_back);
    suite_add_tcase(suite, group);
    return suite;
}
