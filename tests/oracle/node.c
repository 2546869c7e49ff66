#include "tests/oracle/node.h"

#include <stdarg.h>

Node *
node_of(Arena *arena, Sort sort, const char *form, Node *const *children, int count)
{
    Node *node = arena_new_struct(arena, Node);
    *node = (Node){.sort = sort, .form = form, .count = (uint16_t) count};
    node->children = arena_new_array(arena, Node *, count + 1);
    for (int i = 0; i < count; i++)
        node->children[i] = children[i];
    return node;
}

Node *
node_new(Arena *arena, Sort sort, const char *form, int count, ...)
{
    Node *children[8];
    va_list args;
    va_start(args, count);
    for (int i = 0; i < count; i++)
        children[i] = va_arg(args, Node *);
    va_end(args);
    return node_of(arena, sort, form, children, count);
}

Node *
node_optional(Node *node)
{
    node->optional = true;
    return node;
}

Node *
node_copy(Arena *arena, const Node *node)
{
    Node *copy = node_of(arena, node->sort, node->form, node->children, node->count);
    copy->optional = node->optional;
    copy->absent = node->absent;
    copy->column = node->column;
    for (int i = 0; i < copy->count; i++)
        copy->children[i] = node_copy(arena, node->children[i]);
    return copy;
}

static void print(const Node *node, bool columns, Buffer *out);

static void
print_rest(const Node *node, int from, bool columns, Buffer *out)
{
    bool first = true;
    for (int i = from; i < node->count; i++) {
        if (node->children[i]->absent)
            continue;
        if (!first)
            buffer_append_text(out, ", ");
        first = false;
        print(node->children[i], columns, out);
    }
}

static void
print(const Node *node, bool columns, Buffer *out)
{
    if (node->absent)
        return;
    int next = 0;
    for (const char *at = columns && node->column != NULL ? node->column : node->form; *at != 0; at++) {
        if (*at == '$' && at[1] == '*') {
            print_rest(node, next, columns, out);
            at++;
        } else if (*at == '$') {
            print(node->children[next++], columns, out);
        } else if (*at > 0 && *at <= 9) {
            print(node->children[*at - 1], columns, out);
        } else {
            buffer_append_char(out, *at);
        }
    }
}

char *
node_sql(const Node *node)
{
    Buffer out = {0};
    print(node, false, &out);
    return buffer_take(&out);
}

char *
node_sql_of_columns(const Node *node)
{
    Buffer out = {0};
    print(node, true, &out);
    return buffer_take(&out);
}

int
node_size(const Node *node)
{
    int size = node->absent ? 0 : 1;
    for (int i = 0; size > 0 && i < node->count; i++)
        size += node_size(node->children[i]);
    return size;
}
