#include "types/jsonpath.h"

#include "types/jsonb.h"
#include "types/numeric.h"

/* A path as PostgreSQL prints it. */

static void item_print(const PathItem *item, bool in_key, bool brackets, Buffer *out);

const char *
jsonpath_operator(PathKind kind)
{
    switch (kind) {
    case PATH_OR:
        return "||";
    case PATH_AND:
        return "&&";
    case PATH_EQUAL:
        return "==";
    case PATH_NOT_EQUAL:
        return "!=";
    case PATH_LESS:
        return "<";
    case PATH_LESS_EQUAL:
        return "<=";
    case PATH_GREATER:
        return ">";
    case PATH_GREATER_EQUAL:
        return ">=";
    case PATH_STARTS_WITH:
        return "starts with";
    case PATH_LIKE_REGEX:
        return "like_regex";
    case PATH_ADD:
    case PATH_PLUS:
        return "+";
    case PATH_SUBTRACT:
    case PATH_MINUS:
        return "-";
    case PATH_MULTIPLY:
        return "*";
    case PATH_DIVIDE:
        return "/";
    case PATH_MODULO:
        return "%";
    case PATH_TYPE:
        return "type";
    case PATH_SIZE:
        return "size";
    case PATH_DOUBLE:
        return "double";
    case PATH_CEILING:
        return "ceiling";
    case PATH_FLOOR:
        return "floor";
    case PATH_ABS:
        return "abs";
    case PATH_KEYVALUE:
        return "keyvalue";
    case PATH_DATETIME:
        return "datetime";
    default:
        return "";
    }
}

static int
priority_of(PathKind kind)
{
    switch (kind) {
    case PATH_OR:
        return 0;
    case PATH_AND:
        return 1;
    case PATH_EQUAL:
    case PATH_NOT_EQUAL:
    case PATH_LESS:
    case PATH_LESS_EQUAL:
    case PATH_GREATER:
    case PATH_GREATER_EQUAL:
    case PATH_STARTS_WITH:
        return 2;
    case PATH_ADD:
    case PATH_SUBTRACT:
        return 3;
    case PATH_MULTIPLY:
    case PATH_DIVIDE:
    case PATH_MODULO:
        return 4;
    case PATH_PLUS:
    case PATH_MINUS:
        return 5;
    default:
        return 6;
    }
}

static void
operand_print(const PathItem *operand, PathKind outer, Buffer *out)
{
    item_print(operand, false, priority_of(operand->kind) <= priority_of(outer), out);
}

static void
binary_print(const PathItem *item, Buffer *out)
{
    operand_print(item->left, item->kind, out);
    buffer_printf(out, " %s ", jsonpath_operator(item->kind));
    operand_print(item->right, item->kind, out);
}

static void
regex_print(const PathItem *item, Buffer *out)
{
    operand_print(item->left, item->kind, out);
    buffer_append_text(out, " like_regex ");
    jsonb_append_string(out, item->text);
    if (item->flags == 0)
        return;
    buffer_append_text(out, " flag \"");
    buffer_append_text(out, item->flags & PATH_REGEX_FOLD_CASE ? "i" : "");
    buffer_append_text(out, item->flags & PATH_REGEX_DOT_ALL ? "s" : "");
    buffer_append_text(out, item->flags & PATH_REGEX_LINES ? "m" : "");
    buffer_append_text(out, item->flags & PATH_REGEX_QUOTED ? "q" : "");
    buffer_append_char(out, '"');
}

static void
level_print(uint32_t level, Buffer *out)
{
    if (level == PATH_LEVEL_LAST)
        buffer_append_text(out, "last");
    else
        buffer_printf(out, "%u", level);
}

static void
any_level_print(const PathItem *item, Buffer *out)
{
    buffer_append_text(out, "**");
    if (item->first == 0 && item->last == PATH_LEVEL_LAST)
        return;
    buffer_append_char(out, '{');
    level_print(item->first, out);
    if (item->first != item->last) {
        buffer_append_text(out, " to ");
        level_print(item->last, out);
    }
    buffer_append_char(out, '}');
}

static void
subscripts_print(const PathItem *item, Buffer *out)
{
    buffer_append_char(out, '[');
    for (int i = 0; i < item->subscript_count; i++) {
        buffer_append_text(out, i > 0 ? "," : "");
        item_print(item->subscripts[i].from, false, false, out);
        if (item->subscripts[i].to != NULL) {
            buffer_append_text(out, " to ");
            item_print(item->subscripts[i].to, false, false, out);
        }
    }
    buffer_append_char(out, ']');
}

static void
method_print(const PathItem *item, Buffer *out)
{
    buffer_printf(out, ".%s(", jsonpath_operator(item->kind));
    if (item->left != NULL)
        item_print(item->left, false, false, out);
    buffer_append_char(out, ')');
}

static void
wrapped_print(const char *before, const PathItem *inner, const char *after, Buffer *out)
{
    buffer_append_text(out, before);
    item_print(inner, false, false, out);
    buffer_append_text(out, after);
}

static void
number_print(const PathItem *item, Buffer *out)
{
    buffer_append_text(out, item->next != NULL ? "(" : "");
    numeric_print(item->text, out);
    buffer_append_text(out, item->next != NULL ? ")" : "");
}

/* One item without what follows it. */
static void
single_print(const PathItem *item, bool in_key, Buffer *out)
{
    switch (item->kind) {
    case PATH_NULL:
        buffer_append_text(out, "null");
        return;
    case PATH_TRUE:
        buffer_append_text(out, "true");
        return;
    case PATH_FALSE:
        buffer_append_text(out, "false");
        return;
    case PATH_NUMBER:
        number_print(item, out);
        return;
    case PATH_VARIABLE:
        buffer_append_char(out, '$');
        jsonb_append_string(out, item->text);
        return;
    case PATH_KEY:
        buffer_append_text(out, in_key ? "." : "");
        jsonb_append_string(out, item->text);
        return;
    case PATH_STRING:
        jsonb_append_string(out, item->text);
        return;
    case PATH_ROOT:
        buffer_append_char(out, '$');
        return;
    case PATH_CURRENT:
        buffer_append_char(out, '@');
        return;
    case PATH_LAST:
        buffer_append_text(out, "last");
        return;
    case PATH_ANY_KEY:
        buffer_append_text(out, in_key ? ".*" : "*");
        return;
    case PATH_ANY_ELEMENT:
        buffer_append_text(out, "[*]");
        return;
    case PATH_SUBSCRIPTS:
        subscripts_print(item, out);
        return;
    case PATH_ANY_LEVEL:
        buffer_append_text(out, in_key ? "." : "");
        any_level_print(item, out);
        return;
    case PATH_FILTER:
        wrapped_print("?(", item->left, ")", out);
        return;
    case PATH_NOT:
        wrapped_print("!(", item->left, ")", out);
        return;
    case PATH_IS_UNKNOWN:
        wrapped_print("(", item->left, ") is unknown", out);
        return;
    case PATH_EXISTS:
        wrapped_print("exists (", item->left, ")", out);
        return;
    case PATH_LIKE_REGEX:
        regex_print(item, out);
        return;
    case PATH_PLUS:
    case PATH_MINUS:
        buffer_append_text(out, jsonpath_operator(item->kind));
        operand_print(item->left, item->kind, out);
        return;
    default:
        if (item->kind >= PATH_TYPE && item->kind <= PATH_DATETIME)
            method_print(item, out);
        else
            binary_print(item, out);
    }
}

static bool
takes_brackets(PathKind kind)
{
    return kind == PATH_OR || kind == PATH_AND || kind >= PATH_EQUAL;
}

static void
item_print(const PathItem *item, bool in_key, bool brackets, Buffer *out)
{
    for (; item != NULL; item = item->next, in_key = true, brackets = true) {
        /* With accessors after it an operator needs its brackets to be read back the same. */
        bool closes = (brackets || item->next != NULL) && takes_brackets(item->kind);
        buffer_append_text(out, closes ? "(" : "");
        single_print(item, in_key, out);
        buffer_append_text(out, closes ? ")" : "");
    }
}

void
jsonpath_print(const JsonPath *path, Buffer *out)
{
    buffer_append_text(out, path->strict ? "strict " : "");
    item_print(path->root, false, true, out);
}
