#include "expr/functions/quote.h"

#include "base/vector.h"

/* Key words that cannot stand for themselves as names: PostgreSQL's that are not unreserved, sorted. */
static const char *const reserved_words[] = {"all",
                                             "analyse",
                                             "analyze",
                                             "and",
                                             "any",
                                             "array",
                                             "as",
                                             "asc",
                                             "asymmetric",
                                             "authorization",
                                             "between",
                                             "bigint",
                                             "binary",
                                             "bit",
                                             "boolean",
                                             "both",
                                             "case",
                                             "cast",
                                             "char",
                                             "character",
                                             "check",
                                             "coalesce",
                                             "collate",
                                             "collation",
                                             "column",
                                             "concurrently",
                                             "constraint",
                                             "create",
                                             "cross",
                                             "current_catalog",
                                             "current_date",
                                             "current_role",
                                             "current_schema",
                                             "current_time",
                                             "current_timestamp",
                                             "current_user",
                                             "dec",
                                             "decimal",
                                             "default",
                                             "deferrable",
                                             "desc",
                                             "distinct",
                                             "do",
                                             "else",
                                             "end",
                                             "except",
                                             "exists",
                                             "extract",
                                             "false",
                                             "fetch",
                                             "float",
                                             "for",
                                             "foreign",
                                             "freeze",
                                             "from",
                                             "full",
                                             "grant",
                                             "greatest",
                                             "group",
                                             "grouping",
                                             "having",
                                             "ilike",
                                             "in",
                                             "initially",
                                             "inner",
                                             "inout",
                                             "int",
                                             "integer",
                                             "intersect",
                                             "interval",
                                             "into",
                                             "is",
                                             "isnull",
                                             "join",
                                             "lateral",
                                             "leading",
                                             "least",
                                             "left",
                                             "like",
                                             "limit",
                                             "localtime",
                                             "localtimestamp",
                                             "national",
                                             "natural",
                                             "nchar",
                                             "none",
                                             "normalize",
                                             "not",
                                             "notnull",
                                             "null",
                                             "nullif",
                                             "numeric",
                                             "offset",
                                             "on",
                                             "only",
                                             "or",
                                             "order",
                                             "out",
                                             "outer",
                                             "overlaps",
                                             "overlay",
                                             "placing",
                                             "position",
                                             "precision",
                                             "primary",
                                             "real",
                                             "references",
                                             "returning",
                                             "right",
                                             "row",
                                             "select",
                                             "session_user",
                                             "setof",
                                             "similar",
                                             "smallint",
                                             "some",
                                             "substring",
                                             "symmetric",
                                             "table",
                                             "tablesample",
                                             "then",
                                             "time",
                                             "timestamp",
                                             "to",
                                             "trailing",
                                             "treat",
                                             "trim",
                                             "true",
                                             "union",
                                             "unique",
                                             "user",
                                             "using",
                                             "values",
                                             "varchar",
                                             "variadic",
                                             "verbose",
                                             "when",
                                             "where",
                                             "window",
                                             "with",
                                             "xmlattributes",
                                             "xmlconcat",
                                             "xmlelement",
                                             "xmlexists",
                                             "xmlforest",
                                             "xmlnamespaces",
                                             "xmlparse",
                                             "xmlpi",
                                             "xmlroot",
                                             "xmlserialize",
                                             "xmltable"};

static bool
is_reserved(Slice word)
{
    size_t low = 0, high = sizeof reserved_words / sizeof *reserved_words;
    while (low < high) {
        size_t middle = (low + high) / 2;
        int order = slice_compare(slice_of(reserved_words[middle]), word);
        if (order == 0)
            return true;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return false;
}

static bool
is_plain_start(char c)
{
    return (c >= 'a' && c <= 'z') || c == '_';
}

static bool
is_plain(Slice name)
{
    if (name.size == 0 || !is_plain_start(name.bytes[0]))
        return false;
    for (size_t i = 1; i < name.size; i++) {
        char c = name.bytes[i];
        if (!is_plain_start(c) && !(c >= '0' && c <= '9'))
            return false;
    }
    return !is_reserved(name);
}

void
quote_ident(Buffer *out, Slice name)
{
    if (is_plain(name)) {
        buffer_append_slice(out, name);
        return;
    }
    buffer_append_char(out, '"');
    for (size_t i = 0; i < name.size; i++) {
        if (name.bytes[i] == '"')
            buffer_append_char(out, '"');
        buffer_append_char(out, name.bytes[i]);
    }
    buffer_append_char(out, '"');
}

void
quote_literal(Buffer *out, Slice text)
{
    if (text.size > 0 && memchr(text.bytes, '\\', text.size) != NULL)
        buffer_append_char(out, 'E');
    buffer_append_char(out, '\'');
    for (size_t i = 0; i < text.size; i++) {
        if (text.bytes[i] == '\'' || text.bytes[i] == '\\')
            buffer_append_char(out, text.bytes[i]);
        buffer_append_char(out, text.bytes[i]);
    }
    buffer_append_char(out, '\'');
}

/* ---- parse_ident */

static bool
is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}

static bool
is_name_start(char c)
{
    return is_plain_start(c) || (c >= 'A' && c <= 'Z') || (unsigned char) c >= 0x80;
}

static bool
is_name_part(char c)
{
    return is_name_start(c) || (c >= '0' && c <= '9') || c == '$';
}

static bool
not_identifier(Slice text, const char *detail, Error *err)
{
    (void) error_set(err, SQLSTATE_INVALID_PARAMETER_VALUE, "string is not a valid identifier: \"%.*s\"",
                     (int) text.size, text.bytes);
    return detail == NULL ? false : error_detail(err, "%s", detail);
}

static bool
quoted_name(Slice text, size_t *at, Buffer *name, Error *err)
{
    for ((*at)++;; (*at)++) {
        if (*at >= text.size)
            return not_identifier(text, "String has unclosed double quotes.", err);
        if (text.bytes[*at] == '"') {
            (*at)++;
            if (*at >= text.size || text.bytes[*at] != '"')
                break;
        }
        buffer_append_char(name, text.bytes[*at]);
    }
    return name->size > 0 || not_identifier(text, "Quoted identifier must not be empty.", err);
}

static bool
one_name(Slice text, size_t *at, bool after_dot, Buffer *name, Error *err)
{
    if (*at < text.size && text.bytes[*at] == '"')
        return quoted_name(text, at, name, err);
    if (*at < text.size && is_name_start(text.bytes[*at])) {
        for (; *at < text.size && is_name_part(text.bytes[*at]); (*at)++) {
            char c = text.bytes[*at];
            buffer_append_char(name, (char) (c >= 'A' && c <= 'Z' ? c + 32 : c));
        }
        return true;
    }
    if (after_dot)
        return not_identifier(text, "No valid identifier after \".\".", err);
    if (*at < text.size && text.bytes[*at] == '.')
        return not_identifier(text, "No valid identifier before \".\".", err);
    return not_identifier(text, NULL, err);
}

bool
parse_identifiers(Slice text, bool strict, Arena *arena, Datum **names, size_t *count, Error *err)
{
    VECTOR(Datum) found = {0};
    bool fine = true, after_dot = false;
    size_t at = 0;
    while (at < text.size && is_blank(text.bytes[at]))
        at++;
    while (fine) {
        Buffer name = {0};
        fine = one_name(text, &at, after_dot, &name, err);
        size_t size = name.size;
        vector_push(&found, datum_bytes(slice_make(buffer_to_arena(&name, arena), size)));
        while (at < text.size && is_blank(text.bytes[at]))
            at++;
        if (!fine || at >= text.size || text.bytes[at] != '.')
            break;
        after_dot = true;
        for (at++; at < text.size && is_blank(text.bytes[at]); at++)
            continue;
    }
    if (fine && strict && at < text.size)
        fine = not_identifier(text, NULL, err);
    *names = found.items;
    *count = found.count;
    if (!fine)
        vector_deinit(&found);
    return fine;
}
