#include "sqllogictest/script.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buffer.h"
#include "tests/lib/process.h"

/* The lines of the file, and the record that directives before it have begun. */
typedef struct Reader {
    Script *script;
    char *at; /* next line, NULL at the end */
    int line; /* number of the line last read */
    Record record;
    Error *err;
} Reader;

static bool
reader_fail(Reader *reader, const char *what, const char *text)
{
    return error_set(reader->err, SQLSTATE_SYNTAX_ERROR, "%s:%d: %s%s%s", reader->script->path, reader->line, what,
                     text != NULL ? ": " : "", text != NULL ? text : "");
}

static char *
read_line(Reader *reader)
{
    if (reader->at == NULL || *reader->at == '\0') {
        return NULL;
    }
    char *line = reader->at;
    char *end = strchr(line, '\n');
    reader->at = end != NULL ? end + 1 : NULL;
    if (end != NULL) {
        *end = '\0';
    }
    size_t size = strlen(line);
    if (size > 0 && line[size - 1] == '\r') {
        line[size - 1] = '\0';
    }
    reader->line++;
    return line;
}

static bool
is_blank(const char *line)
{
    return line[strspn(line, " \t")] == '\0';
}

/* The next word of a header, which it cuts out; NULL at the end or where a comment begins. */
static char *
next_word(char **at)
{
    char *word = *at + strspn(*at, " \t");
    if (*word == '\0' || *word == '#') {
        return NULL;
    }
    char *end = word + strcspn(word, " \t");
    *at = *end != '\0' ? end + 1 : end;
    *end = '\0';
    return word;
}

static char *
rest_of_line(char *at)
{
    char *rest = at + strspn(at, " \t");
    size_t size = strlen(rest);
    while (size > 0 && isspace((unsigned char) rest[size - 1])) {
        rest[--size] = '\0';
    }
    return size > 0 ? rest : NULL;
}

static bool
read_duration(Reader *reader, const char *word, int *ms)
{
    char *unit;
    double number = word != NULL ? strtod(word, &unit) : -1;
    double scale = 0;
    if (number >= 0 && unit != word) {
        scale = strcmp(unit, "ms") == 0 ? 1 : strcmp(unit, "s") == 0 ? 1000 : strcmp(unit, "m") == 0 ? 60000 : 0;
    }
    if (scale == 0) {
        return reader_fail(reader, "expected a time such as 500ms, 30s or 2m", word);
    }
    *ms = (int) (number * scale);
    return true;
}

/* Lines up to a blank one; with `sql` they are joined up to ---- and the rest is what is expected. */
static void
read_lines(Reader *reader, Lines *lines)
{
    for (char *line = read_line(reader); line != NULL && !is_blank(line); line = read_line(reader)) {
        vector_push(lines, arena_strdup(reader->script->arena, line));
    }
}

static void
read_sql(Reader *reader, const char *first)
{
    Buffer sql = {0};
    if (first != NULL) {
        buffer_append_text(&sql, first);
    }
    for (char *line = read_line(reader); line != NULL && !is_blank(line); line = read_line(reader)) {
        if (strcmp(line, "----") == 0) {
            reader->record.has_expected = true;
            read_lines(reader, &reader->record.expected);
            break;
        }
        if (sql.size > 0) {
            buffer_append_char(&sql, '\n');
        }
        buffer_append_text(&sql, line);
    }
    while (sql.size > 0 && (sql.bytes[sql.size - 1] == ';' || isspace((unsigned char) sql.bytes[sql.size - 1]))) {
        sql.size--;
    }
    reader->record.sql = buffer_to_arena(&sql, reader->script->arena);
}

static bool
read_statement(Reader *reader, char *at)
{
    Arena *arena = reader->script->arena;
    Record *record = &reader->record;
    char *word = next_word(&at);
    record->kind = RECORD_STATEMENT;
    if (word == NULL) {
        return reader_fail(reader, "expected ok, error, count or notice after statement", NULL);
    }
    if (strcmp(word, "error") == 0 || strcmp(word, "notice") == 0) {
        char *pattern = rest_of_line(at);
        record->expectation = word[0] == 'e' ? EXPECT_ERROR : EXPECT_NOTICE;
        record->pattern = pattern != NULL ? arena_strdup(arena, pattern) : NULL;
    } else if (strcmp(word, "count") == 0) {
        char *number = next_word(&at);
        record->expectation = EXPECT_COUNT;
        record->count = number != NULL ? strtol(number, NULL, 10) : -1;
        if (record->count < 0) {
            return reader_fail(reader, "expected a number after statement count", number);
        }
    } else if (strcmp(word, "ok") != 0) {
        return reader_fail(reader, "unknown kind of statement", word);
    }
    read_sql(reader, NULL);
    return true;
}

static bool
is_types(const char *word)
{
    return word[strspn(word, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_?")] == '\0';
}

static bool
read_query(Reader *reader, char *at)
{
    Arena *arena = reader->script->arena;
    Record *record = &reader->record;
    record->kind = RECORD_QUERY;
    for (char *word = next_word(&at); word != NULL; word = next_word(&at)) {
        if (strcmp(word, "error") == 0) {
            char *pattern = rest_of_line(at);
            record->expectation = EXPECT_ERROR;
            record->pattern = pattern != NULL ? arena_strdup(arena, pattern) : NULL;
            break;
        } else if (strcmp(word, "rowsort") == 0) {
            record->sort = SORT_ROWS;
        } else if (strcmp(word, "valuesort") == 0) {
            record->sort = SORT_VALUES;
        } else if (strcmp(word, "nosort") == 0) {
            record->sort = SORT_NONE;
        } else if (strcmp(word, "retry") == 0 || strcmp(word, "gather") == 0) {
            record->gather = word[0] == 'g';
            if (!read_duration(reader, next_word(&at), &record->retry_ms)) {
                return false;
            }
        } else if (record->types == NULL && is_types(word)) {
            record->types = arena_strdup(arena, word);
        } else {
            record->label = arena_strdup(arena, word);
        }
    }
    read_sql(reader, NULL);
    return true;
}

static bool
read_let(Reader *reader, char *at)
{
    char *name = next_word(&at);
    reader->record.kind = RECORD_LET;
    if (name == NULL) {
        return reader_fail(reader, "expected a name after let", NULL);
    }
    reader->record.name = arena_strdup(reader->script->arena, name);
    read_sql(reader, rest_of_line(at));
    return true;
}

static bool
read_copy(Reader *reader, char *at)
{
    Arena *arena = reader->script->arena;
    Record *record = &reader->record;
    char *target = rest_of_line(at);
    record->kind = RECORD_COPY;
    if (target == NULL) {
        return reader_fail(reader, "expected a table after copy", NULL);
    }
    record->sql = arena_printf(arena, "COPY %s%s", target, strstr(target, " FROM ") != NULL ? "" : " FROM STDIN");
    for (char *line = read_line(reader); line != NULL && !is_blank(line); line = read_line(reader)) {
        if (strcmp(line, "----") == 0) {
            record->has_expected = true;
            record->expectation = EXPECT_ERROR;
            read_lines(reader, &record->expected);
            break;
        }
        vector_push(&record->data, arena_strdup(arena, line));
    }
    return true;
}

static bool
read_server_record(Reader *reader, RecordKind kind, char *at)
{
    char *word = next_word(&at);
    reader->record.kind = kind;
    reader->record.of_upstream = word != NULL && strcmp(word, "upstream") == 0;
    return word == NULL || reader->record.of_upstream || reader_fail(reader, "expected upstream or nothing", word);
}

/* A line that says something about the record after it, or about nothing at all. */
static bool
read_directive(Reader *reader, const char *word, char *at, bool *known)
{
    Arena *arena = reader->script->arena;
    Record *record = &reader->record;
    *known = true;
    if (strcmp(word, "skipif") == 0 || strcmp(word, "onlyif") == 0) {
        char *name = next_word(&at);
        if (name == NULL) {
            return reader_fail(reader, "expected the name of a system", NULL);
        }
        vector_push(&record->conditions, ((Condition){word[0] == 'o', arena_strdup(arena, name)}));
        return true;
    }
    if (strcmp(word, "connection") == 0) {
        char *name = next_word(&at);
        record->connection = name != NULL ? arena_strdup(arena, name) : NULL;
        return true;
    }
    if (strcmp(word, "retry") == 0 || strcmp(word, "gather") == 0) {
        record->gather = word[0] == 'g';
        return read_duration(reader, next_word(&at), &record->retry_ms);
    }
    if (strcmp(word, "timeout") == 0) {
        return read_duration(reader, next_word(&at), &record->timeout_ms);
    }
    /* What other runners need to be told. */
    *known = strcmp(word, "mode") == 0 || strcmp(word, "hash-threshold") == 0;
    return true;
}

static bool
read_record(Reader *reader, const char *word, char *at)
{
    Record *record = &reader->record;
    if (strcmp(word, "statement") == 0) {
        return read_statement(reader, at);
    }
    if (strcmp(word, "query") == 0) {
        return read_query(reader, at);
    }
    if (strcmp(word, "upstream") == 0) {
        record->kind = RECORD_UPSTREAM;
        read_sql(reader, rest_of_line(at));
        return true;
    }
    if (strcmp(word, "let") == 0) {
        return read_let(reader, at);
    }
    if (strcmp(word, "copy") == 0) {
        return read_copy(reader, at);
    }
    if (strcmp(word, "kill") == 0) {
        return read_server_record(reader, RECORD_KILL, at);
    }
    if (strcmp(word, "stop") == 0) {
        return read_server_record(reader, RECORD_STOP, at);
    }
    if (strcmp(word, "restart") == 0) {
        return read_server_record(reader, RECORD_RESTART, at);
    }
    if (strcmp(word, "sleep") == 0) {
        record->kind = RECORD_SLEEP;
        return read_duration(reader, next_word(&at), &record->sleep_ms);
    }
    if (strcmp(word, "halt") == 0) {
        record->kind = RECORD_HALT;
        return true;
    }
    return reader_fail(reader, "unknown record", word);
}

bool
script_read(Script *script, const char *path, Error *err)
{
    *script = (Script){.arena = arena_new()};
    script->path = arena_strdup(script->arena, path);
    char *text = file_read(path);
    if (text == NULL) {
        return error_set(err, SQLSTATE_IO_ERROR, "%s: %s", path, strerror(errno));
    }
    Reader reader = {.script = script, .at = text, .err = err};
    bool ok = true;
    for (char *line = read_line(&reader); ok && line != NULL; line = read_line(&reader)) {
        char *word = next_word(&line);
        bool directive;
        if (word == NULL) {
            continue;
        }
        ok = read_directive(&reader, word, line, &directive);
        if (!ok || directive) {
            continue;
        }
        reader.record.line = reader.line;
        ok = read_record(&reader, word, line);
        vector_push(&script->records, reader.record);
        reader.record = (Record){0};
    }
    free(text);
    return ok;
}

void
script_deinit(Script *script)
{
    for (size_t i = 0; i < script->records.count; i++) {
        Record *record = &script->records.items[i];
        vector_deinit(&record->conditions);
        vector_deinit(&record->data);
        vector_deinit(&record->expected);
    }
    vector_deinit(&script->records);
    arena_free(script->arena);
    *script = (Script){0};
}
