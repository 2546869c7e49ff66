#include <stdlib.h>

#include "base/vector.h"
#include "types/jsonpath_token.h"
#include "types/numeric.h"

/*
 * A jsonpath by recursive descent. Parentheses may hold a predicate or a value, and which it is shows only later; so one set
 * of functions reads both, and where only one of them may stand, what came is checked.
 */

#define DEPTH_MAX 2000

typedef struct PathParser {
    PathLexer lexer;
    PathToken token; /* the next one */
    Arena *arena;
    Error *err;
    int depth;
    int filters;    /* that enclose what is read: @ is meaningful in them */
    int subscripts; /* likewise, for last */
} PathParser;

static bool parse_or(PathParser *parser, PathItem **item);

static bool
advance(PathParser *parser)
{
    return path_token_next(&parser->lexer, &parser->token, parser->err);
}

static bool
syntax_error(PathParser *parser)
{
    return path_token_error(&parser->token, "syntax error", parser->err);
}

static bool
at_char(const PathParser *parser, char c)
{
    return parser->token.kind == PATH_TOKEN_CHAR && parser->token.c == c;
}

static bool
expect_char(PathParser *parser, char c)
{
    return at_char(parser, c) ? advance(parser) : syntax_error(parser);
}

static bool
at_word(const PathParser *parser, const char *word)
{
    return parser->token.kind == PATH_TOKEN_WORD && parser->token.plain && slice_equal_nocase(parser->token.text, word);
}

static PathItem *
make_item(PathParser *parser, PathKind kind)
{
    PathItem *item = arena_new_struct(parser->arena, PathItem);
    item->kind = kind;
    return item;
}

static PathItem *
make_operator(PathParser *parser, PathKind kind, PathItem *left, PathItem *right)
{
    PathItem *item = make_item(parser, kind);
    item->left = left;
    item->right = right;
    return item;
}

/* A predicate that nothing follows. */
static bool
is_predicate(const PathItem *item)
{
    return item->kind >= PATH_OR && item->kind <= PATH_LIKE_REGEX && item->next == NULL;
}

/* ---- accessors */

static bool
parse_level(PathParser *parser, uint32_t *level)
{
    if (at_word(parser, "last")) {
        *level = PATH_LEVEL_LAST;
        return advance(parser);
    }
    if (parser->token.kind != PATH_TOKEN_INTEGER)
        return syntax_error(parser);
    *level =
        (uint32_t) strtoul(arena_strndup(parser->arena, parser->token.text.bytes, parser->token.text.size), NULL, 10);
    return advance(parser);
}

/* After **: which levels. */
static bool
parse_any_level(PathParser *parser, PathItem **item)
{
    *item = make_item(parser, PATH_ANY_LEVEL);
    (*item)->last = PATH_LEVEL_LAST;
    if (!advance(parser))
        return false;
    if (!at_char(parser, '{'))
        return true;
    if (!advance(parser) || !parse_level(parser, &(*item)->first))
        return false;
    (*item)->last = (*item)->first;
    if (at_word(parser, "to") && (!advance(parser) || !parse_level(parser, &(*item)->last)))
        return false;
    return expect_char(parser, '}');
}

/* After the opening parenthesis of a method. */
static bool
finish_method(PathParser *parser, PathItem *item)
{
    if (item->kind == PATH_DATETIME && parser->token.kind == PATH_TOKEN_STRING) {
        item->left = make_item(parser, PATH_STRING);
        item->left->text = parser->token.text;
        if (!advance(parser))
            return false;
    }
    return expect_char(parser, ')');
}

static bool
parse_key(PathParser *parser, PathItem **item)
{
    static const struct {
        const char *name;
        PathKind kind;
    } methods[] = {{"type", PATH_TYPE},         {"size", PATH_SIZE},        {"double", PATH_DOUBLE},
                   {"ceiling", PATH_CEILING},   {"floor", PATH_FLOOR},      {"abs", PATH_ABS},
                   {"keyvalue", PATH_KEYVALUE}, {"datetime", PATH_DATETIME}};
    PathKind method = PATH_KEY;
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
        if (at_word(parser, methods[i].name))
            method = methods[i].kind;
    }
    Slice name = parser->token.text;
    if (parser->token.kind != PATH_TOKEN_WORD && parser->token.kind != PATH_TOKEN_STRING)
        return syntax_error(parser);
    if (!advance(parser))
        return false;
    if (method != PATH_KEY && at_char(parser, '(')) {
        *item = make_item(parser, method);
        return advance(parser) && finish_method(parser, *item);
    }
    *item = make_item(parser, PATH_KEY);
    (*item)->text = name;
    return true;
}

static bool
parse_value(PathParser *parser, PathItem **item)
{
    return parse_or(parser, item) && (!is_predicate(*item) || syntax_error(parser));
}

/* After [. */
static bool
parse_subscripts(PathParser *parser, PathItem **item)
{
    if (at_char(parser, '*')) {
        *item = make_item(parser, PATH_ANY_ELEMENT);
        return advance(parser) && expect_char(parser, ']');
    }
    *item = make_item(parser, PATH_SUBSCRIPTS);
    VECTOR(PathSubscript) list = {0};
    bool fine = true, more = true;
    parser->subscripts++;
    while (fine && more) {
        PathSubscript subscript = {0};
        fine = parse_value(parser, &subscript.from);
        if (fine && at_word(parser, "to"))
            fine = advance(parser) && parse_value(parser, &subscript.to);
        vector_push(&list, subscript);
        more = at_char(parser, ',');
        fine = fine && (!more || advance(parser));
    }
    parser->subscripts--;
    (*item)->subscript_count = (int) list.count;
    (*item)->subscripts = arena_new_array(parser->arena, PathSubscript, list.count);
    memcpy((*item)->subscripts, list.items, list.count * sizeof *list.items);
    vector_deinit(&list);
    return fine && expect_char(parser, ']');
}

static bool
parse_filter(PathParser *parser, PathItem **item)
{
    *item = make_item(parser, PATH_FILTER);
    if (!advance(parser) || !expect_char(parser, '('))
        return false;
    parser->filters++;
    bool fine = parse_or(parser, &(*item)->left);
    parser->filters--;
    return fine && (is_predicate((*item)->left) || syntax_error(parser)) && expect_char(parser, ')');
}

static bool
at_accessor(const PathParser *parser)
{
    return at_char(parser, '.') || at_char(parser, '[') || at_char(parser, '?');
}

static bool
parse_accessor(PathParser *parser, PathItem **item)
{
    if (at_char(parser, '?'))
        return parse_filter(parser, item);
    bool subscripts = at_char(parser, '[');
    if (!advance(parser))
        return false;
    if (subscripts)
        return parse_subscripts(parser, item);
    if (parser->token.kind == PATH_TOKEN_ANY_LEVEL)
        return parse_any_level(parser, item);
    if (at_char(parser, '*')) {
        *item = make_item(parser, PATH_ANY_KEY);
        return advance(parser);
    }
    return parse_key(parser, item);
}

static bool
parse_accessors(PathParser *parser, PathItem *head)
{
    while (head->next != NULL)
        head = head->next;
    while (at_accessor(parser)) {
        if (!parse_accessor(parser, &head->next))
            return false;
        head = head->next;
    }
    return true;
}

/* ---- where a path starts */

static bool
parse_number(PathParser *parser, PathItem **item)
{
    *item = make_item(parser, PATH_NUMBER);
    return numeric_parse(parser->token.text, parser->arena, &(*item)->text, parser->err) && advance(parser);
}

static bool
parse_texts(PathParser *parser, PathKind kind, PathItem **item)
{
    *item = make_item(parser, kind);
    (*item)->text = parser->token.text;
    return advance(parser);
}

static bool
parse_exists(PathParser *parser, PathItem **item)
{
    *item = make_item(parser, PATH_EXISTS);
    return advance(parser) && expect_char(parser, '(') && parse_value(parser, &(*item)->left) &&
           expect_char(parser, ')');
}

static bool
parse_word(PathParser *parser, PathItem **item)
{
    static const struct {
        const char *word;
        PathKind kind;
    } literals[] = {{"null", PATH_NULL}, {"true", PATH_TRUE}, {"false", PATH_FALSE}};
    for (size_t i = 0; i < sizeof literals / sizeof *literals && parser->token.plain; i++) {
        if (slice_equal(parser->token.text, slice_of(literals[i].word))) {
            *item = make_item(parser, literals[i].kind);
            return advance(parser);
        }
    }
    if (at_word(parser, "exists"))
        return parse_exists(parser, item);
    if (!at_word(parser, "last"))
        return syntax_error(parser);
    if (parser->subscripts == 0)
        return error_set(parser->err, SQLSTATE_SYNTAX_ERROR, "LAST is allowed only in array subscripts");
    *item = make_item(parser, PATH_LAST);
    return advance(parser);
}

/* (value), (predicate), (predicate) is unknown */
static bool
parse_parentheses(PathParser *parser, PathItem **item)
{
    if (!advance(parser) || !parse_or(parser, item) || !expect_char(parser, ')'))
        return false;
    if (!is_predicate(*item) || !at_word(parser, "is"))
        return true;
    if (!advance(parser))
        return false;
    if (!at_word(parser, "unknown"))
        return syntax_error(parser);
    *item = make_operator(parser, PATH_IS_UNKNOWN, *item, NULL);
    return advance(parser);
}

static bool
parse_primary(PathParser *parser, PathItem **item)
{
    switch (parser->token.kind) {
    case PATH_TOKEN_STRING:
        return parse_texts(parser, PATH_STRING, item);
    case PATH_TOKEN_VARIABLE:
        return parse_texts(parser, PATH_VARIABLE, item);
    case PATH_TOKEN_INTEGER:
    case PATH_TOKEN_NUMBER:
        return parse_number(parser, item);
    case PATH_TOKEN_WORD:
        return parse_word(parser, item);
    case PATH_TOKEN_CHAR:
        break;
    default:
        return syntax_error(parser);
    }
    switch (parser->token.c) {
    case '$':
        *item = make_item(parser, PATH_ROOT);
        return advance(parser);
    case '@':
        if (parser->filters == 0)
            return error_set(parser->err, SQLSTATE_SYNTAX_ERROR, "@ is not allowed in root expressions");
        *item = make_item(parser, PATH_CURRENT);
        return advance(parser);
    case '(':
        return parse_parentheses(parser, item);
    default:
        return syntax_error(parser);
    }
}

/* ---- operators, from the tightest on */

static bool
negate_number(PathParser *parser, PathItem *number, bool minus)
{
    if (minus)
        number->text = numeric_neg(number->text, parser->arena);
    return true;
}

static bool
parse_unary(PathParser *parser, PathItem **item)
{
    bool minus = at_char(parser, '-');
    if (!minus && !at_char(parser, '+')) {
        if (!parse_primary(parser, item))
            return false;
        bool bare = (*item)->kind == PATH_EXISTS || (*item)->kind == PATH_IS_UNKNOWN;
        return bare || parse_accessors(parser, *item);
    }
    if (++parser->depth > DEPTH_MAX)
        return error_set(parser->err, "54001", "stack depth limit exceeded");
    PathItem *operand;
    if (!advance(parser) || !parse_unary(parser, &operand) || (is_predicate(operand) && !syntax_error(parser)))
        return false;
    parser->depth--;
    if (operand->kind == PATH_NUMBER && operand->next == NULL) {
        *item = operand;
        return negate_number(parser, operand, minus);
    }
    *item = make_operator(parser, minus ? PATH_MINUS : PATH_PLUS, operand, NULL);
    return true;
}

static bool
at_arithmetic(const PathParser *parser, const char *symbols, PathKind *kind)
{
    if (parser->token.kind != PATH_TOKEN_CHAR || strchr(symbols, parser->token.c) == NULL)
        return false;
    switch (parser->token.c) {
    case '+':
        *kind = PATH_ADD;
        return true;
    case '-':
        *kind = PATH_SUBTRACT;
        return true;
    case '*':
        *kind = PATH_MULTIPLY;
        return true;
    case '/':
        *kind = PATH_DIVIDE;
        return true;
    default:
        *kind = PATH_MODULO;
        return true;
    }
}

static bool
parse_product(PathParser *parser, PathItem **item)
{
    PathKind kind;
    if (!parse_unary(parser, item))
        return false;
    while (at_arithmetic(parser, "*/%", &kind)) {
        PathItem *right;
        if (is_predicate(*item) || !advance(parser) || !parse_unary(parser, &right) || is_predicate(right))
            return parser->err->message != NULL ? false : syntax_error(parser);
        *item = make_operator(parser, kind, *item, right);
    }
    return true;
}

static bool
parse_sum(PathParser *parser, PathItem **item)
{
    PathKind kind;
    if (!parse_product(parser, item))
        return false;
    while (at_arithmetic(parser, "+-", &kind)) {
        PathItem *right;
        if (is_predicate(*item) || !advance(parser) || !parse_product(parser, &right) || is_predicate(right))
            return parser->err->message != NULL ? false : syntax_error(parser);
        *item = make_operator(parser, kind, *item, right);
    }
    return true;
}

static bool
regex_flags(PathParser *parser, Slice flags, unsigned *out)
{
    bool expanded = false;
    for (size_t i = 0; i < flags.size; i++) {
        switch (flags.bytes[i]) {
        case 'i':
            *out |= PATH_REGEX_FOLD_CASE;
            break;
        case 's':
            *out |= PATH_REGEX_DOT_ALL;
            break;
        case 'm':
            *out |= PATH_REGEX_LINES;
            break;
        case 'x':
            expanded = true;
            break;
        case 'q':
            *out |= PATH_REGEX_QUOTED;
            break;
        default:
            (void) error_set(parser->err, SQLSTATE_SYNTAX_ERROR, "invalid input syntax for type %s", "jsonpath");
            return error_detail(parser->err, "Unrecognized flag character \"%c\" in LIKE_REGEX predicate.",
                                flags.bytes[i]);
        }
    }
    if (expanded && !(*out & PATH_REGEX_QUOTED))
        return error_set(parser->err, SQLSTATE_FEATURE_NOT_SUPPORTED,
                         "XQuery \"x\" flag (expanded regular expressions) is not implemented");
    return true;
}

static bool
parse_like_regex(PathParser *parser, PathItem **item)
{
    PathItem *like = make_operator(parser, PATH_LIKE_REGEX, *item, NULL);
    *item = like;
    if (!advance(parser))
        return false;
    if (parser->token.kind != PATH_TOKEN_STRING)
        return syntax_error(parser);
    like->text = parser->token.text;
    if (!advance(parser))
        return false;
    if (!at_word(parser, "flag"))
        return true;
    if (!advance(parser))
        return false;
    if (parser->token.kind != PATH_TOKEN_STRING)
        return syntax_error(parser);
    return regex_flags(parser, parser->token.text, &like->flags) && advance(parser);
}

static bool
parse_starts_with(PathParser *parser, PathItem **item)
{
    PathItem *initial;
    if (!advance(parser))
        return false;
    if (!at_word(parser, "with"))
        return syntax_error(parser);
    if (!advance(parser))
        return false;
    bool variable = parser->token.kind == PATH_TOKEN_VARIABLE;
    if (!variable && parser->token.kind != PATH_TOKEN_STRING)
        return syntax_error(parser);
    if (!parse_texts(parser, variable ? PATH_VARIABLE : PATH_STRING, &initial))
        return false;
    *item = make_operator(parser, PATH_STARTS_WITH, *item, initial);
    return true;
}

static bool
parse_comparison(PathParser *parser, PathItem **item)
{
    if (!parse_sum(parser, item) || is_predicate(*item))
        return parser->err->message == NULL;
    if (at_word(parser, "starts"))
        return parse_starts_with(parser, item);
    if (at_word(parser, "like_regex"))
        return parse_like_regex(parser, item);
    if (parser->token.kind != PATH_TOKEN_COMPARE)
        return true;
    PathKind kind = parser->token.compare;
    PathItem *right;
    if (!advance(parser) || !parse_sum(parser, &right))
        return false;
    if (is_predicate(right))
        return syntax_error(parser);
    *item = make_operator(parser, kind, *item, right);
    return true;
}

/* ! stands before parentheses or exists. */
static bool
parse_not(PathParser *parser, PathItem **item)
{
    if (parser->token.kind != PATH_TOKEN_NOT)
        return parse_comparison(parser, item);
    PathItem *operand;
    if (!advance(parser))
        return false;
    if (at_word(parser, "exists")) {
        if (!parse_exists(parser, &operand))
            return false;
    } else if (!expect_char(parser, '(') || !parse_or(parser, &operand) || !expect_char(parser, ')')) {
        return false;
    }
    *item = make_operator(parser, PATH_NOT, operand, NULL);
    return is_predicate(operand) || syntax_error(parser);
}

static bool
parse_and(PathParser *parser, PathItem **item)
{
    if (!parse_not(parser, item))
        return false;
    while (parser->token.kind == PATH_TOKEN_AND) {
        PathItem *right;
        if (!is_predicate(*item))
            return syntax_error(parser);
        if (!advance(parser) || !parse_not(parser, &right))
            return false;
        if (!is_predicate(right))
            return syntax_error(parser);
        *item = make_operator(parser, PATH_AND, *item, right);
    }
    return true;
}

static bool
parse_or(PathParser *parser, PathItem **item)
{
    if (++parser->depth > DEPTH_MAX)
        return error_set(parser->err, "54001", "stack depth limit exceeded");
    if (!parse_and(parser, item))
        return false;
    while (parser->token.kind == PATH_TOKEN_OR) {
        PathItem *right;
        if (!is_predicate(*item))
            return syntax_error(parser);
        if (!advance(parser) || !parse_and(parser, &right))
            return false;
        if (!is_predicate(right))
            return syntax_error(parser);
        *item = make_operator(parser, PATH_OR, *item, right);
    }
    parser->depth--;
    return true;
}

bool
jsonpath_parse(Slice text, Arena *arena, JsonPath *path, Error *err)
{
    PathParser parser = {.lexer = {text.bytes, text.bytes + text.size, arena}, .arena = arena, .err = err};
    *path = (JsonPath){0};
    if (!advance(&parser))
        return false;
    path->strict = at_word(&parser, "strict");
    if ((path->strict || at_word(&parser, "lax")) && !advance(&parser))
        return false;
    if (parser.token.kind == PATH_TOKEN_END && !path->strict && text.size == 0)
        return error_set(err, SQLSTATE_INVALID_TEXT_REPRESENTATION, "invalid input syntax for type %s: \"%.*s\"",
                         "jsonpath", (int) text.size, text.bytes);
    return parse_or(&parser, &path->root) && (parser.token.kind == PATH_TOKEN_END || syntax_error(&parser));
}
