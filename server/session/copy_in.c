/*
 * COPY ... FROM STDIN: text, CSV or binary lines to rows of a table. All rows are written in one tick, or none.
 */
#include "server/session/session_internal.h"

#include "base/log.h"
#include "types/binary_format.h"
#include "types/text_format.h"

typedef struct CopyIn {
    const StatementPlan *plan;
    Item *table;  /* a copy of our own: the table may be dropped while the client sends */
    Buffer input; /* not parsed yet, from `at` on */
    size_t at;
    uint64_t line;
    bool header_pending, signature_pending;
    bool ended;  /* \. or the binary trailer was seen */
    bool broken; /* an error was found: the rest is thrown away */
    Error error;
    ChunkBuilder builder;
    ChunkVector rows;
    Arena *arena; /* of one line */
    EvalContext eval;
    Datum *values, *defaults;
    TextStyle style;
} CopyIn;

void
copy_in_free(CopyIn *copy)
{
    buffer_deinit(&copy->input);
    chunk_builder_deinit(&copy->builder);
    chunk_vector_release(&copy->rows);
    eval_context_deinit(&copy->eval);
    arena_free(copy->arena);
    error_clear(&copy->error);
    item_free(copy->table);
    free(copy->values);
    free(copy->defaults);
    free(copy);
}

static bool
evaluate_defaults(Session *session, CopyIn *copy, Error *err)
{
    Portal *portal = session->running;
    for (int i = 0; i < copy->table->desc->column_count; i++) {
        copy->defaults[i] = DATUM_NULL;
        const Scalar *scalar = copy->plan->target_defaults == NULL ? NULL : copy->plan->target_defaults[i];
        if (scalar == NULL)
            continue;
        Scalar *bound;
        const EvalError *failed;
        EvalContext eval;
        eval_context_init(&eval, portal->arena);
        bool ok = scalar_bind_context(portal->arena, scalar, &session->binding, &bound, err);
        if (ok && !evaluate_constant(bound, &eval, &copy->defaults[i], &failed)) {
            error_from_eval(err, failed);
            ok = false;
        }
        eval_context_deinit(&eval);
        if (!ok)
            return false;
    }
    return true;
}

void
copy_in_run(Session *session, const StatementPlan *plan)
{
    Error err = ERROR_INIT;
    const Item *table = catalog_item(coordinator_catalog(session->coordinator), plan->target);
    if (table == NULL || !transaction_allow(session, TRANSACTION_WRITE, plan->target, &err)) {
        if (table == NULL)
            error_set(&err, SQLSTATE_UNDEFINED_TABLE, "the table was dropped");
        statement_failed(session, &err);
        return;
    }
    CopyIn *copy = memory_calloc(1, sizeof *copy);
    int count = table->desc->column_count;
    SqlType *types = memory_calloc((size_t) count + 1, sizeof *types);
    for (int i = 0; i < count; i++)
        types[i] = table->desc->columns[i].type;
    copy->plan = plan;
    copy->table = item_copy(table);
    copy->arena = arena_new();
    copy->style = session_style(session);
    copy->values = memory_calloc((size_t) count + 1, sizeof(Datum));
    copy->defaults = memory_calloc((size_t) count + 1, sizeof(Datum));
    copy->header_pending = plan->copy.header;
    copy->signature_pending = plan->copy.format == COPY_BINARY;
    chunk_builder_init(&copy->builder, types, (uint16_t) count);
    eval_context_init(&copy->eval, copy->arena);
    free(types);
    session->copy_in = copy;
    if (!evaluate_defaults(session, copy, &err)) {
        statement_failed(session, &err);
        return;
    }
    session->sink->copy_in(session->sink_context, plan->target_column_count, plan->copy.format == COPY_BINARY);
}

static void
copy_fail(CopyIn *copy, Error *err)
{
    copy->broken = true;
    error_move(&copy->error, err);
}

static void
end_row(CopyIn *copy)
{
    chunk_builder_append_datums(&copy->builder, copy->values, 0, 1);
    if (copy->builder.count >= 65536)
        vector_push(&copy->rows, chunk_builder_finish(&copy->builder));
    arena_reset(copy->arena);
}

static void
begin_row(CopyIn *copy)
{
    for (int i = 0; i < copy->table->desc->column_count; i++)
        copy->values[i] = copy->defaults[i];
}

static bool
set_field(CopyIn *copy, int field, bool is_null, Slice text, Error *err)
{
    if (field >= copy->plan->target_column_count)
        return error_set(err, SQLSTATE_BAD_COPY_FILE_FORMAT, "extra data after last expected column");
    int column = copy->plan->target_columns[field];
    if (is_null) {
        copy->values[column] = DATUM_NULL;
        return true;
    }
    SqlType type = copy->table->desc->columns[column].type;
    return datum_parse(type, text, &copy->style, copy->arena, &copy->values[column], err);
}

static bool
missing(const CopyIn *copy, int fields, Error *err)
{
    if (fields >= copy->plan->target_column_count)
        return true;
    int column = copy->plan->target_columns[fields];
    return error_set(err, SQLSTATE_BAD_COPY_FILE_FORMAT, "missing data for column \"%s\"",
                     copy->table->desc->columns[column].name);
}

/* ---- text ---- */

static int
hex_digit(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' ? (c | 32) - 'a' + 10 : -1;
}

/* One escape after a backslash at *at; moves *at past it. */
static char
unescape(const char **at, const char *end)
{
    char c = *(*at)++;
    switch (c) {
    case 'b':
        return '\b';
    case 'f':
        return '\f';
    case 'n':
        return '\n';
    case 'r':
        return '\r';
    case 't':
        return '\t';
    case 'v':
        return '\v';
    default:
        break;
    }
    int value = 0, digits = 0;
    if (c == 'x' && *at < end && hex_digit(**at) >= 0) {
        for (; digits < 2 && *at < end && hex_digit(**at) >= 0; digits++)
            value = value * 16 + hex_digit(*(*at)++);
        return (char) value;
    }
    if (c < '0' || c > '7')
        return c;
    for (value = c - '0', digits = 1; digits < 3 && *at < end && **at >= '0' && **at <= '7'; digits++)
        value = value * 8 + *(*at)++ - '0';
    return (char) value;
}

static bool
parse_text_line(CopyIn *copy, Slice line, Error *err)
{
    const CopyOptions *options = &copy->plan->copy;
    const char *at = line.bytes, *end = line.bytes + line.size;
    begin_row(copy);
    int field = 0;
    Buffer value = {0};
    bool ok = true;
    if (copy->plan->target_column_count > 0 || line.size > 0)
        for (bool more = true; more && ok;) {
            const char *start = at;
            buffer_clear(&value);
            while (at < end && *at != options->delimiter) {
                if (*at == '\\' && at + 1 < end) {
                    at++;
                    buffer_append_char(&value, unescape(&at, end));
                } else {
                    buffer_append_char(&value, *at++);
                }
            }
            bool is_null = slice_equal(slice_make(start, (size_t) (at - start)), slice_of(options->null_text));
            char *kept = arena_strndup(copy->arena, value.bytes == NULL ? "" : value.bytes, value.size);
            ok = set_field(copy, field++, is_null, slice_make(kept, value.size), err);
            more = at < end;
            at++;
        }
    buffer_deinit(&value);
    if (!ok || !missing(copy, field, err))
        return false;
    end_row(copy);
    return true;
}

/* The end of a line at `start`; escaped newlines do not end it. NULL: not here yet. */
static const char *
find_text_end(const char *start, const char *end)
{
    for (const char *at = start; at < end; at++) {
        if (*at == '\\' && at + 1 < end)
            at++;
        else if (*at == '\n')
            return at;
    }
    return NULL;
}

/* ---- CSV ---- */

static const char *
find_csv_end(const CopyOptions *options, const char *start, const char *end)
{
    bool quoted = false;
    for (const char *at = start; at < end; at++) {
        if (quoted && *at == options->escape && options->escape != options->quote && at + 1 < end)
            at++;
        else if (*at == options->quote)
            quoted = !quoted;
        else if (*at == '\n' && !quoted)
            return at;
    }
    return NULL;
}

static bool
parse_csv_line(CopyIn *copy, Slice line, Error *err)
{
    const CopyOptions *options = &copy->plan->copy;
    const char *at = line.bytes, *end = line.bytes + line.size;
    begin_row(copy);
    int field = 0;
    Buffer value = {0};
    bool ok = true;
    for (bool more = true; more && ok;) {
        bool quoted = false, was_quoted = false;
        buffer_clear(&value);
        for (; at < end && (quoted || *at != options->delimiter); at++) {
            if (quoted && *at == options->escape && at + 1 < end &&
                (at[1] == options->quote || at[1] == options->escape))
                buffer_append_char(&value, *++at);
            else if (*at == options->quote)
                quoted = !quoted, was_quoted = true;
            else
                buffer_append_char(&value, *at);
        }
        if (quoted) {
            ok = error_set(err, SQLSTATE_BAD_COPY_FILE_FORMAT, "unterminated CSV quoted field");
            break;
        }
        bool is_null = !was_quoted && slice_equal(buffer_slice(&value), slice_of(options->null_text));
        char *kept = arena_strndup(copy->arena, value.bytes == NULL ? "" : value.bytes, value.size);
        ok = set_field(copy, field++, is_null, slice_make(kept, value.size), err);
        more = at < end;
        at++;
    }
    buffer_deinit(&value);
    if (!ok || !missing(copy, field, err))
        return false;
    end_row(copy);
    return true;
}

/* ---- binary ---- */

/* False without an error: more bytes are needed. */
static bool
parse_binary_row(CopyIn *copy, Error *err)
{
    const char *at = copy->input.bytes + copy->at;
    size_t left = copy->input.size - copy->at;
    if (left < 2)
        return false;
    int16_t fields = (int16_t) be16_read(at);
    if (fields == -1) {
        copy->ended = true;
        return false;
    }
    if (fields != copy->plan->target_column_count)
        return error_set(err, SQLSTATE_BAD_COPY_FILE_FORMAT, "row field count is %d, expected %d", fields,
                         copy->plan->target_column_count);
    size_t offset = 2;
    begin_row(copy);
    for (int i = 0; i < fields; i++) {
        if (left < offset + 4)
            return false;
        int32_t size = (int32_t) be32_read(at + offset);
        offset += 4;
        if (size < -1)
            return error_set(err, SQLSTATE_BAD_COPY_FILE_FORMAT, "invalid field size");
        if (size >= 0 && left < offset + (size_t) size)
            return false;
        int column = copy->plan->target_columns[i];
        if (size == -1)
            copy->values[column] = DATUM_NULL;
        else if (!datum_receive(copy->table->desc->columns[column].type, slice_make(at + offset, (size_t) size),
                                copy->arena, &copy->values[column], err))
            return false;
        offset += size < 0 ? 0 : (size_t) size;
    }
    copy->at += offset;
    copy->line++;
    end_row(copy);
    return true;
}

static bool
parse_signature(CopyIn *copy, Error *err)
{
    if (copy->input.size - copy->at < 19)
        return false;
    const char *at = copy->input.bytes + copy->at;
    uint32_t extension = be32_read(at + 15);
    if (memcmp(at, "PGCOPY\n\377\r\n\0", 11) != 0)
        return error_set(err, SQLSTATE_BAD_COPY_FILE_FORMAT, "COPY file signature not recognized");
    if (copy->input.size - copy->at < 19 + (size_t) extension)
        return false;
    copy->at += 19 + (size_t) extension;
    copy->signature_pending = false;
    return true;
}

/* ---- input ---- */

static bool
parse_line(CopyIn *copy, bool at_end, Error *err)
{
    const CopyOptions *options = &copy->plan->copy;
    const char *start = copy->input.bytes + copy->at, *end = copy->input.bytes + copy->input.size;
    if (start == end)
        return false;
    const char *stop = options->format == COPY_CSV ? find_csv_end(options, start, end) : find_text_end(start, end);
    if (stop == NULL && !at_end)
        return false;
    Slice line = slice_make(start, (size_t) ((stop == NULL ? end : stop) - start));
    copy->at += line.size + (stop != NULL);
    copy->line++;
    if (line.size > 0 && line.bytes[line.size - 1] == '\r')
        line.size--;
    if (copy->header_pending) {
        copy->header_pending = false;
        return true;
    }
    if (slice_equal(line, slice_of("\\."))) {
        copy->ended = true;
        return false;
    }
    return options->format == COPY_CSV ? parse_csv_line(copy, line, err) : parse_text_line(copy, line, err);
}

static void
parse_input(CopyIn *copy, bool at_end)
{
    Error err = ERROR_INIT;
    bool binary = copy->plan->copy.format == COPY_BINARY;
    if (copy->signature_pending && !parse_signature(copy, &err) && !error_is_set(&err))
        return;
    while (!error_is_set(&err) && !copy->ended &&
           (binary ? parse_binary_row(copy, &err) : parse_line(copy, at_end, &err)))
        ;
    if (error_is_set(&err)) {
        if (!error_is_set(&copy->error) && copy->line > 0 && err.detail == NULL && !binary)
            log_debug("copy", "line %llu of COPY could not be read", (unsigned long long) copy->line);
        copy_fail(copy, &err);
        return;
    }
    memmove(copy->input.bytes, copy->input.bytes + copy->at, copy->input.size - copy->at);
    copy->input.size -= copy->at;
    copy->at = 0;
}

void
session_copy_data(Session *session, Slice bytes)
{
    CopyIn *copy = session->copy_in;
    if (copy == NULL || copy->broken || copy->ended)
        return;
    buffer_append_slice(&copy->input, bytes);
    parse_input(copy, false);
}

void
session_copy_end(Session *session, const char *failure)
{
    CopyIn *copy = session->copy_in;
    if (copy == NULL)
        return;
    Error err = ERROR_INIT;
    if (failure != NULL) {
        error_set(&err, SQLSTATE_QUERY_CANCELED, "COPY from stdin failed: %s", failure);
        statement_failed(session, &err);
        return;
    }
    if (!copy->broken && !copy->ended)
        parse_input(copy, true);
    bool cut = !copy->broken && copy->plan->copy.format == COPY_BINARY && !copy->ended && copy->input.size > 0;
    if (cut) {
        error_set(&err, SQLSTATE_BAD_COPY_FILE_FORMAT, "unexpected EOF in COPY data");
        copy_fail(copy, &err);
    }
    if (copy->broken) {
        error_move(&err, &copy->error);
        statement_failed(session, &err);
        return;
    }
    Chunk *last = chunk_builder_finish(&copy->builder);
    if (last != NULL)
        vector_push(&copy->rows, last);
    ChunkVector rows = copy->rows;
    memset(&copy->rows, 0, sizeof copy->rows);
    insert_rows_ready(session, copy->plan->target, &rows);
}
