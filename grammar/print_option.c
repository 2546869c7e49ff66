/*
 * print_option.c -- options, their values, and settings.
 */
#include <string.h>

#include "grammar/keyword.h"
#include "grammar/print.h"

static void
print_list(Printer *to, const AstValueList *list)
{
    print_text(to, "(");
    for (int i = 0; i < list->count; i++) {
        if (i > 0)
            print_text(to, ", ");
        print_value(to, list->items[i]);
    }
    print_text(to, ")");
}

static void
print_map(Printer *to, const AstOptionList *entries)
{
    print_text(to, "MAP[");
    for (int i = 0; i < entries->count; i++) {
        if (i > 0)
            print_text(to, ", ");
        print_string(to, entries->items[i]->name);
        print_text(to, " => ");
        print_value(to, entries->items[i]->value);
    }
    print_text(to, "]");
}

static void
print_rules(Printer *to, const AstOptionList *rules)
{
    print_text(to, "(");
    for (int i = 0; i < rules->count; i++) {
        if (i > 0)
            print_text(to, ", ");
        print_ident(to, rules->items[i]->name);
        print_text(to, " ");
        print_options(to, &rules->items[i]->value->options);
    }
    print_text(to, ")");
}

static void
print_refresh(Printer *to, const AstRefresh *refresh)
{
    switch (refresh->kind) {
    case AST_REFRESH_ON_COMMIT:
        print_text(to, "ON COMMIT");
        break;
    case AST_REFRESH_AT_CREATION:
        print_text(to, "AT CREATION");
        break;
    case AST_REFRESH_AT:
        print_text(to, "AT ");
        print_expr(to, refresh->at);
        break;
    case AST_REFRESH_EVERY:
        print_text(to, "EVERY ");
        print_string(to, refresh->every);
        if (refresh->aligned_to != NULL) {
            print_text(to, " ALIGNED TO ");
            print_expr(to, refresh->aligned_to);
        }
        break;
    }
}

static void
print_broker(Printer *to, const AstBroker *broker)
{
    print_text(to, broker->tunnel == AST_TUNNEL_SSH ? " USING SSH TUNNEL " : " USING AWS PRIVATELINK ");
    print_name(to, &broker->connection);
    if (broker->options.count > 0) {
        print_text(to, " ");
        print_options(to, &broker->options);
    }
}

/* A word by itself is printed as it was read: MANUAL, csv, or a name. */
static void
print_word_or_name(Printer *to, const AstValue *value)
{
    if (value->name.count == 1 && value->name.id == NULL && value->quoted)
        print_ident_quoted(to, value->name.parts[0]);
    else if (value->name.count == 1 && value->name.id == NULL && keyword_class(value->name.parts[0]) != KEYWORD_NONE)
        print_text(to, value->name.parts[0]);
    else if (value->name.count == 1 && value->name.id == NULL)
        ast_print_ident(value->name.parts[0], to->style & ~(unsigned) AST_PRINT_QUOTED, to->out);
    else
        print_name(to, &value->name);
    if (value->options.count > 0) {
        print_text(to, " ");
        print_options(to, &value->options);
    }
}

void
print_value(Printer *to, const AstValue *value)
{
    switch (value->kind) {
    case AST_VALUE_NONE:
        break;
    case AST_VALUE_TEXT:
        print_string(to, value->text);
        if (value->broker != NULL)
            print_broker(to, value->broker);
        break;
    case AST_VALUE_NUMBER:
        print_text(to, value->text);
        break;
    case AST_VALUE_BOOLEAN:
        print_text(to, value->boolean ? "true" : "false");
        break;
    case AST_VALUE_NAME:
        print_word_or_name(to, value);
        break;
    case AST_VALUE_SECRET:
        print_text(to, "SECRET ");
        print_name(to, &value->name);
        break;
    case AST_VALUE_NULL:
        print_text(to, "NULL");
        break;
    case AST_VALUE_DEFAULT:
        print_text(to, "DEFAULT");
        break;
    case AST_VALUE_LIST:
        print_list(to, &value->list);
        break;
    case AST_VALUE_MAP:
        print_map(to, &value->options);
        break;
    case AST_VALUE_OPTIONS:
        print_options(to, &value->options);
        break;
    case AST_VALUE_EXPR:
        print_expr(to, value->expr);
        break;
    case AST_VALUE_INTERVAL:
        print_text(to, "INTERVAL ");
        print_string(to, value->text);
        break;
    case AST_VALUE_REFRESH:
        print_refresh(to, value->refresh);
        break;
    case AST_VALUE_SCHEDULE:
        print_text(to, "ON REFRESH");
        if (value->options.count > 0) {
            print_text(to, " ");
            print_options(to, &value->options);
        }
        break;
    case AST_VALUE_RULES:
        print_rules(to, &value->options);
        break;
    }
}

static void
print_option(Printer *to, const AstOption *option)
{
    bool retain = strcmp(option->name, "RETAIN HISTORY") == 0 && option->value->kind == AST_VALUE_INTERVAL;

    print_text(to, option->name);
    if (option->on.count > 0 || option->on.id != NULL) {
        print_text(to, " ");
        print_name(to, &option->on);
    }
    if (option->value->kind == AST_VALUE_NONE)
        return;
    print_text(to, " = ");
    if (retain) {
        print_text(to, "FOR ");
        print_string(to, option->value->text);
    } else {
        print_value(to, option->value);
    }
}

void
print_options(Printer *to, const AstOptionList *options)
{
    print_text(to, "(");
    for (int i = 0; i < options->count; i++) {
        if (i > 0)
            print_text(to, ", ");
        print_option(to, options->items[i]);
    }
    print_text(to, ")");
}

void
print_option_names(Printer *to, const AstOptionList *options)
{
    print_text(to, "(");
    for (int i = 0; i < options->count; i++) {
        if (i > 0)
            print_text(to, ", ");
        print_text(to, options->items[i]->name);
    }
    print_text(to, ")");
}

void
print_with_options(Printer *to, const AstOptionList *options)
{
    if (options->count == 0)
        return;
    print_line(to);
    print_text(to, "WITH ");
    print_options(to, options);
}

/* Words without commas. */
void
print_role_options(Printer *to, const AstOptionList *options)
{
    for (int i = 0; i < options->count; i++) {
        const AstOption *option = options->items[i];

        print_text(to, " ");
        print_text(to, option->name);
        if (option->value->kind == AST_VALUE_NONE)
            continue;
        print_text(to, " ");
        if (option->value->kind == AST_VALUE_TEXT && print_redacts(to))
            print_string(to, "<REDACTED>");
        else
            print_value(to, option->value);
    }
}

/* ---- Settings ---- */

void
print_variable(Printer *to, const char *variable)
{
    const char *dot = strchr(variable, '.');
    char first[256];

    if (dot == NULL || (size_t) (dot - variable) >= sizeof first || dot == variable || dot[1] == '\0') {
        print_ident(to, variable);
        return;
    }
    memcpy(first, variable, (size_t) (dot - variable));
    first[dot - variable] = '\0';
    print_ident(to, first);
    print_text(to, ".");
    print_variable(to, dot + 1);
}

void
print_setting(Printer *to, const AstSetting *setting)
{
    print_variable(to, setting->variable);
    print_text(to, " = ");
    if (setting->is_default)
        print_text(to, "DEFAULT");
    for (int i = 0; i < setting->values.count; i++) {
        const AstValue *value = setting->values.items[i];

        if (i > 0)
            print_text(to, ", ");
        if (value->kind == AST_VALUE_INTERVAL)
            print_string(to, value->text);
        else
            print_value(to, value);
    }
}
