/*
 * ast_print.c -- identifiers, names and types, and the public entries.
 */
#include "grammar/ast_print.h"

#include <string.h>

#include "grammar/keyword.h"
#include "grammar/print.h"

#define INDENT_STEP 4

/* ---- Text and layout ---- */

void
print_text(Printer *to, const char *text)
{
    buffer_append_text(to->out, text);
}

void
print_line(Printer *to)
{
    if ((to->style & AST_PRINT_PRETTY) == 0) {
        buffer_append_char(to->out, ' ');
        return;
    }
    buffer_append_char(to->out, '\n');
    for (int i = 0; i < to->indent; i++)
        buffer_append_char(to->out, ' ');
}

void
print_indent(Printer *to)
{
    to->indent += INDENT_STEP;
    print_line(to);
}

void
print_outdent(Printer *to)
{
    to->indent -= INDENT_STEP;
}

void
print_open(Printer *to)
{
    print_text(to, "(");
    to->indent += INDENT_STEP;
    if ((to->style & AST_PRINT_PRETTY) != 0)
        print_line(to);
}

void
print_close(Printer *to)
{
    to->indent -= INDENT_STEP;
    if ((to->style & AST_PRINT_PRETTY) != 0)
        print_line(to);
    print_text(to, ")");
}

bool
print_redacts(const Printer *to)
{
    return (to->style & AST_PRINT_REDACTED) != 0;
}

/* ---- Identifiers ---- */

/* Lexed as it stands, leaving keywords aside. */
static bool
is_plain(const char *ident)
{
    if (!((ident[0] >= 'a' && ident[0] <= 'z') || ident[0] == '_'))
        return false;
    for (const char *c = ident; *c != '\0'; c++) {
        if (!((*c >= 'a' && *c <= 'z') || (*c >= '0' && *c <= '9') || *c == '_' || *c == '$'))
            return false;
    }
    return true;
}

/* Unreserved words that mean something else in places where names stand. */
static bool
is_treacherous(const char *ident)
{
    static const char *const words[] = {
        "cluster",   "cube",     "current",   "forward",   "groups",   "if",      "ignore",     "list",
        "map",       "mutually", "nulls",     "of",        "operator", "options", "ordinality", "over",
        "partition", "prepare",  "range",     "recursive", "replica",  "respect", "rollup",     "rows",
        "show",      "system",   "unbounded", "within",    "without",
    };

    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strcmp(words[i], ident) == 0)
            return true;
    }
    return false;
}

void
print_ident_quoted(Printer *to, const char *ident)
{
    buffer_append_char(to->out, '"');
    for (const char *c = ident; *c != '\0'; c++) {
        if (*c == '"')
            buffer_append_char(to->out, '"');
        buffer_append_char(to->out, *c);
    }
    buffer_append_char(to->out, '"');
}

static void
print_part(Printer *to, const char *ident, bool quote)
{
    if (quote || (to->style & AST_PRINT_QUOTED) != 0)
        print_ident_quoted(to, ident);
    else
        print_text(to, ident);
}

void
print_ident(Printer *to, const char *ident)
{
    print_part(to, ident, !is_plain(ident) || keyword_class(ident) > KEYWORD_UNRESERVED || is_treacherous(ident));
}

/* After a dot every word is a name; reserved ones are quoted for the reader. */
static void
print_further_parts(Printer *to, const AstName *name)
{
    for (int i = 1; i < name->count; i++) {
        print_text(to, ".");
        print_part(to, name->parts[i], !is_plain(name->parts[i]) || keyword_class(name->parts[i]) == KEYWORD_RESERVED);
    }
}

void
print_name(Printer *to, const AstName *name)
{
    if (name->id != NULL) {
        print_text(to, "[");
        print_text(to, name->id);
        if (name->count > 0)
            print_text(to, " AS ");
    }
    if (name->count > 0) {
        print_ident(to, name->parts[0]);
        print_further_parts(to, name);
    }
    if (name->id != NULL)
        print_text(to, "]");
}

/* Words such as LEFT may name functions, and a few have syntax of their own that ends in the same call. */
void
print_function_name(Printer *to, const AstName *name)
{
    static const char *const calls[] = {"grouping", "overlay", "substring"};
    bool plain = name->count > 0 && keyword_class(name->parts[0]) == KEYWORD_TYPE_FUNC;

    for (size_t i = 0; i < sizeof calls / sizeof calls[0] && name->count == 1; i++)
        plain |= strcmp(calls[i], name->parts[0]) == 0;
    if (plain && name->count == 1)
        print_part(to, name->parts[0], false);
    else
        print_name(to, name);
}

void
print_string(Printer *to, const char *text)
{
    ast_print_string(text, to->out);
}

void
print_idents(Printer *to, const AstIdentList *list)
{
    for (int i = 0; i < list->count; i++) {
        if (i > 0)
            print_text(to, ", ");
        print_ident(to, list->items[i].text);
    }
}

void
print_ident_list(Printer *to, const AstIdentList *list)
{
    if (list->count == 0)
        return;
    print_text(to, " (");
    print_idents(to, list);
    print_text(to, ")");
}

void
print_names(Printer *to, const AstNameList *list)
{
    for (int i = 0; i < list->count; i++) {
        if (i > 0)
            print_text(to, ", ");
        print_name(to, &list->items[i]);
    }
}

/* ---- Types ---- */

/* The words for a type that was spelled by keyword; `tail` follows the modifiers. */
static const char *
keyword_type_words(const char *name, const char **tail)
{
    static const char *const words[][3] = {
        {"int2", "smallint", ""},
        {"int4", "integer", ""},
        {"int8", "bigint", ""},
        {"float4", "real", ""},
        {"float8", "double precision", ""},
        {"bool", "boolean", ""},
        {"numeric", "numeric", ""},
        {"varchar", "character varying", ""},
        {"bpchar", "character", ""},
        {"varbit", "bit varying", ""},
        {"timestamptz", "timestamp", " with time zone"},
        {"timetz", "time", " with time zone"},
    };

    *tail = "";
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strcmp(words[i][0], name) == 0) {
            *tail = words[i][2];
            return words[i][1];
        }
    }
    return name; /* bit, interval, time, timestamp */
}

static void
print_modifiers(Printer *to, const AstExprList *modifiers)
{
    if (modifiers->count == 0)
        return;
    print_text(to, "(");
    print_expr_list(to, modifiers);
    print_text(to, ")");
}

/* YEAR TO MONTH, SECOND(3): after the type, or after the literal that has it. */
static void
print_interval_fields(Printer *to, const AstType *type)
{
    static const char *const fields[] = {"year", "month", "day", "hour", "minute", "second"};
    static const char *const upper[] = {" YEAR", " MONTH", " DAY", " HOUR", " MINUTE", " SECOND"};
    const char *parts[2] = {type->interval_from, type->interval_to};
    const char *last = type->interval_to != NULL ? type->interval_to : type->interval_from;

    if (last == NULL)
        return;
    for (int part = 0; part < 2 && parts[part] != NULL; part++) {
        if (part == 1)
            print_text(to, " TO");
        for (size_t i = 0; i < 6; i++) {
            if (strcmp(fields[i], parts[part]) == 0)
                print_text(to, upper[i]);
        }
    }
    print_modifiers(to, &type->modifiers);
}

static void
print_named_type(Printer *to, const AstType *type)
{
    const char *tail = "";

    if (!type->keyword) {
        print_name(to, &type->name);
        print_modifiers(to, &type->modifiers);
        return;
    }
    print_text(to, keyword_type_words(type->name.parts[0], &tail));
    if (type->interval_from == NULL)
        print_modifiers(to, &type->modifiers);
    print_text(to, tail);
    print_interval_fields(to, type);
}

void
print_type(Printer *to, const AstType *type)
{
    if (type->setof)
        print_text(to, "SETOF ");
    switch (type->kind) {
    case AST_TYPE_NAMED:
        print_named_type(to, type);
        break;
    case AST_TYPE_ARRAY:
        print_type(to, type->element);
        for (int i = 0; i < type->dimensions; i++)
            print_text(to, "[]");
        break;
    case AST_TYPE_LIST:
        print_type(to, type->element);
        print_text(to, " list");
        break;
    case AST_TYPE_MAP:
        print_text(to, "map[");
        print_type(to, type->key);
        print_text(to, " => ");
        print_type(to, type->element);
        print_text(to, "]");
        break;
    }
}

/* ---- Entries ---- */

void
ast_print_statement(const AstStatement *statement, AstPrintStyle style, Buffer *out)
{
    print_statement(&(Printer){out, style, 0}, statement);
}

void
ast_print_query(const AstQuery *query, AstPrintStyle style, Buffer *out)
{
    print_query(&(Printer){out, style, 0}, query);
}

void
ast_print_expr(const AstExpr *expr, AstPrintStyle style, Buffer *out)
{
    print_expr(&(Printer){out, style, 0}, expr);
}

void
ast_print_type(const AstType *type, AstPrintStyle style, Buffer *out)
{
    print_type(&(Printer){out, style, 0}, type);
}

void
ast_print_name(const AstName *name, AstPrintStyle style, Buffer *out)
{
    print_name(&(Printer){out, style, 0}, name);
}

void
ast_print_ident(const char *ident, AstPrintStyle style, Buffer *out)
{
    print_ident(&(Printer){out, style, 0}, ident);
}

void
ast_print_string(const char *text, Buffer *out)
{
    buffer_append_char(out, '\'');
    for (const char *c = text; *c != '\0'; c++) {
        if (*c == '\'')
            buffer_append_char(out, '\'');
        buffer_append_char(out, *c);
    }
    buffer_append_char(out, '\'');
}
