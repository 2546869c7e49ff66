/*
 * explain_json.c -- trees of indented lines as JSON documents.
 */
#include "planner/explain.h"

#define ROOT_DEPTH_MAX 3 /* what is this deep stands under no other line */

typedef struct Keys {
    const char *operator;
    const char *detail;
    const char *attributes;
    const char *properties;
    const char *inputs;
} Keys;

typedef struct Writer {
    const char *at; /* the line to come */
    const Keys *keys;
    Buffer *out;
} Writer;

static void
put_text(Buffer *out, const char *text, size_t size)
{
    buffer_append_char(out, '"');
    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char) text[i];
        if (c == '"' || c == '\\')
            buffer_append_char(out, '\\');
        if (c < 0x20)
            buffer_printf(out, "\\u%04x", c);
        else
            buffer_append_char(out, (char) c);
    }
    buffer_append_char(out, '"');
}

static void
put_line_end(Buffer *out, int depth)
{
    buffer_printf(out, "\n%*s", depth * 2, "");
}

static void
put_field(Writer *writer, int depth, const char *key, const char *text, size_t size)
{
    buffer_append_char(writer->out, ',');
    put_line_end(writer->out, depth + 1);
    buffer_printf(writer->out, "\"%s\": ", key);
    put_text(writer->out, text, size);
}

static size_t
indent_of(const char *line)
{
    return strspn(line, " ");
}

/* `a = b`, a shared relation, is one word: its name. */
static size_t
operator_size(const char *line, size_t size)
{
    size_t word = 0;
    while (word < size && line[word] != ' ' && line[word] != '(')
        word++;
    return word == 0 ? size : word;
}

static const char *
next_line(const char *line)
{
    const char *end = strchr(line, '\n');
    return end == NULL ? line + strlen(line) : end + 1;
}

/* A line that says more of the one above it: it has nothing below and begins as no operator does. */
static bool
is_property(const char *line)
{
    size_t indent = indent_of(line);
    const char *next = next_line(line);
    char first = line[indent];
    return ((first >= 'a' && first <= 'z') || first == '-' || first == '.') &&
           (*next == '\0' || indent_of(next) <= indent);
}

/* Those of the lines below, as a list of texts. */
static void
put_properties(Writer *writer, size_t indent, int depth)
{
    bool any = false;
    for (const char *at = writer->at; *at != '\0' && indent_of(at) >= indent; at = next_line(at)) {
        if (indent_of(at) != indent || !is_property(at))
            continue;
        if (any) {
            buffer_append_char(writer->out, ',');
        } else {
            buffer_append_char(writer->out, ',');
            put_line_end(writer->out, depth + 1);
            buffer_printf(writer->out, "\"%s\": [", writer->keys->properties);
        }
        any = true;
        put_line_end(writer->out, depth + 2);
        put_text(writer->out, at + indent, strcspn(at + indent, "\n"));
    }
    if (any) {
        put_line_end(writer->out, depth + 1);
        buffer_append_char(writer->out, ']');
    }
}

static bool
has_operators(const char *at, size_t indent)
{
    for (; *at != '\0' && indent_of(at) >= indent; at = next_line(at)) {
        if (!is_property(at))
            return true;
    }
    return false;
}

static void put_lines(Writer *writer, size_t indent, int depth);

static void
put_line(Writer *writer, int depth)
{
    size_t indent = indent_of(writer->at);
    const char *line = writer->at + indent, *end = strchr(line, '\n');
    size_t size = end == NULL ? strlen(line) : (size_t) (end - line);
    writer->at = line + size + (end != NULL);
    const char *mark = NULL;
    for (size_t i = 0; i + 4 <= size && mark == NULL; i++)
        mark = strncmp(line + i, " // ", 4) == 0 ? line + i : NULL;
    size_t own = mark == NULL ? size : (size_t) (mark - line), word = operator_size(line, own);
    size_t detail = word + (word < own && line[word] == ' ');
    put_line_end(writer->out, depth);
    buffer_append_char(writer->out, '{');
    put_line_end(writer->out, depth + 1);
    buffer_printf(writer->out, "\"%s\": ", writer->keys->operator);
    put_text(writer->out, line, word);
    if (detail < own)
        put_field(writer, depth, writer->keys->detail, line + detail, own - detail);
    if (mark != NULL)
        put_field(writer, depth, writer->keys->attributes, mark + 4, size - own - 4);
    size_t below = *writer->at == '\0' ? 0 : indent_of(writer->at);
    if (below > indent)
        put_properties(writer, below, depth);
    if (below > indent && !has_operators(writer->at, below)) {
        while (*writer->at != '\0' && indent_of(writer->at) >= below)
            writer->at = next_line(writer->at);
    } else if (below > indent) {
        buffer_append_char(writer->out, ',');
        put_line_end(writer->out, depth + 1);
        buffer_printf(writer->out, "\"%s\": [", writer->keys->inputs);
        put_lines(writer, indent_of(writer->at), depth + 2);
        put_line_end(writer->out, depth + 1);
        buffer_append_char(writer->out, ']');
    }
    put_line_end(writer->out, depth);
    buffer_append_char(writer->out, '}');
}

/* The lines from here on that are indented so far or further, and what is below them. */
static void
put_lines(Writer *writer, size_t indent, int depth)
{
    bool first = true;
    while (*writer->at != '\0' && indent_of(writer->at) >= indent) {
        if (depth > ROOT_DEPTH_MAX && is_property(writer->at)) {
            writer->at = next_line(writer->at);
            continue;
        }
        if (!first)
            buffer_append_char(writer->out, ',');
        put_line(writer, depth);
        first = false;
    }
}

void
explain_json_tree(const char *text, const char *stage, Buffer *out)
{
    static const Keys keys = {"operator", "detail", "attributes", "properties", "inputs"};
    Writer writer = {text, &keys, out};
    buffer_printf(out, "{\n  \"stage\": \"%s\",\n  \"plan\": [", stage);
    put_lines(&writer, 0, 2);
    buffer_append_text(out, "\n  ]\n}\n");
}

void
explain_json_postgres(const char *text, double planning_ms, Buffer *out)
{
    static const Keys keys = {"Node Type", "Detail", "Attributes", "Properties", "Plans"};
    Buffer nodes = {0};
    Writer writer = {text, &keys, &nodes};
    put_lines(&writer, 0, 3);
    buffer_append_text(out, "[\n  {\n    \"Plan\": {\n      \"Node Type\": \"Result\",\n      \"Plans\": [");
    buffer_append_text(out, buffer_text(&nodes));
    buffer_printf(out, "\n      ]\n    },\n    \"Planning Time\": %.3f\n  }\n]\n", planning_ms);
    buffer_deinit(&nodes);
}
