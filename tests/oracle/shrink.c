#include "tests/oracle/shrink.h"

#include <string.h>

typedef struct Shrinking {
    Arena *arena;
    Node *root;
    StillDifferent still;
    void *context;
    int tries;
} Shrinking;

static bool
holds(Shrinking *s)
{
    return s->tries-- > 0 && s->still(s->context, s->root);
}

static bool
is_list(const Node *node)
{
    return strstr(node->form, "$*") != NULL;
}

static int
present(const Node *node)
{
    int count = 0;
    for (int i = 0; i < node->count; i++)
        count += !node->children[i]->absent;
    return count;
}

static bool
leave_out(Shrinking *s, Node *node)
{
    node->absent = true;
    if (holds(s))
        return true;
    node->absent = false;
    return false;
}

/* Puts a descendant of the same sort into the slot, the highest first. */
static bool
put_part(Shrinking *s, Node **slot, Node *whole, Node *from)
{
    for (int i = 0; i < from->count && s->tries > 0; i++) {
        Node *part = from->children[i];
        if (part->absent)
            continue;
        if (part->sort == whole->sort && part->sort != SORT_CLAUSE) {
            *slot = part;
            if (holds(s))
                return true;
            *slot = whole;
        }
        if (put_part(s, slot, whole, part))
            return true;
    }
    return false;
}

static bool
put_constant(Shrinking *s, Node **slot)
{
    static const char *const constants[] = {"NULL::%s", "'1'::%s", "'a'::%s", "'2020-01-01'::%s", "'{}'::%s"};
    Node *whole = *slot;
    if (strchr(EXPRESSION_SORTS, whole->sort) == NULL || whole->count == 0)
        return false;
    for (size_t i = 0; i < sizeof constants / sizeof *constants; i++) {
        Buffer text = {0};
        const char *at = strchr(constants[i], '%');
        buffer_printf(&text, "%.*s%s", (int) (at - constants[i]), constants[i], sort_name(whole->sort));
        *slot = node_new(s->arena, whole->sort, buffer_to_arena(&text, s->arena), 0);
        if (holds(s))
            return true;
    }
    *slot = whole;
    return false;
}

static bool
shrink_slot(Shrinking *s, Node **slot, bool droppable)
{
    Node *node = *slot;
    bool any = false;
    if (node->absent || s->tries <= 0)
        return false;
    if ((node->optional || droppable) && leave_out(s, node))
        return true;
    while (s->tries > 0 && (put_part(s, slot, *slot, *slot) || put_constant(s, slot)))
        any = true;
    node = *slot;
    for (int i = 0; i < node->count; i++)
        any |= shrink_slot(s, &node->children[i], is_list(node) && present(node) > 1);
    return any;
}

Node *
shrink_query(Arena *arena, Node *root, StillDifferent still, void *context, int tries)
{
    Shrinking s = {.arena = arena, .root = root, .still = still, .context = context, .tries = tries};
    while (shrink_slot(&s, &s.root, false) && s.tries > 0)
        continue;
    return s.root;
}
