#include "tests/unit/expr/expression.h"

#include <ctype.h>
#include <stdlib.h>

#include "base/vector.h"
#include "types/text_format.h"

typedef struct Parser {
    const char *text, *at;
    Arena *arena;
    EvalContext *eval;
    const ExpressionColumns *columns;
    Error *err;
} Parser;

typedef VECTOR(Scalar *) Scalars;

static bool parse(Parser *p, int least, Scalar **result);

static void
skip_blanks(Parser *p)
{
    while (isspace((unsigned char) *p->at))
        p->at++;
}

static bool
syntax_error(Parser *p)
{
    return error_at(p->err, (int) (p->at - p->text) + 1, SQLSTATE_SYNTAX_ERROR, "syntax error at or near \"%s\"",
                    p->at);
}

static bool
is_word(char c)
{
    return isalnum((unsigned char) c) || c == '_' || c == '$';
}

static bool
take_word(Parser *p, const char *word)
{
    skip_blanks(p);
    size_t size = strlen(word);
    if (strncasecmp(p->at, word, size) != 0 || (is_word(word[size - 1]) && is_word(p->at[size])))
        return false;
    p->at += size;
    return true;
}

static bool
want(Parser *p, const char *word)
{
    return take_word(p, word) || syntax_error(p);
}

static char *
read_name(Parser *p)
{
    skip_blanks(p);
    if (*p->at == '"') {
        const char *start = ++p->at;
        while (*p->at != '"' && *p->at != '\0')
            p->at++;
        char *quoted = arena_printf(p->arena, "\"%.*s\"", (int) (p->at - start), start);
        p->at++;
        return quoted;
    }
    const char *start = p->at;
    while (is_word(*p->at))
        p->at++;
    char *name = arena_strndup(p->arena, start, (size_t) (p->at - start));
    for (char *c = name; *c != '\0'; c++)
        *c = (char) tolower((unsigned char) *c);
    return name;
}

static bool
read_string(Parser *p, Slice *value)
{
    Buffer out = {0};
    bool escapes = *p->at == 'E' || *p->at == 'e';
    p->at += escapes ? 2 : 1;
    for (;; p->at++) {
        if (*p->at == '\0')
            return syntax_error(p);
        if (*p->at == '\'' && p->at[1] != '\'')
            break;
        if (*p->at == '\'')
            p->at++;
        if (escapes && *p->at == '\\') {
            p->at++;
            buffer_append_char(&out, *p->at == 'n' ? '\n' : *p->at == 't' ? '\t' : *p->at);
        } else {
            buffer_append_char(&out, *p->at);
        }
    }
    p->at++;
    size_t size = out.size;
    *value = slice_make(buffer_to_arena(&out, p->arena), size);
    return true;
}

static bool
read_type(Parser *p, SqlType *type)
{
    static const char *const tails[] = {
        "character varying",           "double precision",    "bit varying",           "timestamp with time zone",
        "timestamp without time zone", "time with time zone", "time without time zone"};
    static const char *const meanings[] = {"varchar", "float8", "varbit", "timestamptz", "timestamp", "timetz", "time"};
    skip_blanks(p);
    const char *name = NULL;
    for (size_t i = 0; i < sizeof tails / sizeof *tails && name == NULL; i++) {
        if (take_word(p, tails[i]))
            name = meanings[i];
    }
    if (name == NULL)
        name = read_name(p);
    if (!type_from_name(name, type))
        return error_set(p->err, SQLSTATE_UNDEFINED_OBJECT, "type \"%s\" does not exist", name);
    skip_blanks(p);
    bool takes_length = strcmp(name, "char") == 0 || strcmp(name, "character") == 0 || strcmp(name, "bit") == 0;
    int64_t modifiers[2] = {1, 0};
    int count = takes_length ? 1 : 0;
    if (*p->at == '(') {
        p->at++;
        for (count = 0; count < 2; count++) {
            modifiers[count] = strtoll(p->at, (char **) &p->at, 10);
            skip_blanks(p);
            if (*p->at != ',')
                break;
            p->at++;
        }
        count++;
        if (!want(p, ")"))
            return false;
    }
    if (count > 0 && !type_apply_modifiers(type, modifiers, count, p->err))
        return false;
    while (take_word(p, "[]")) {
        if (type->id != TYPE_ARRAY)
            *type = type_array_of(*type);
    }
    return true;
}

static bool
cast_to(Parser *p, Scalar *scalar, SqlType type, CastContext context, Scalar **result)
{
    return cast_scalar(p->arena, scalar, type, context, p->eval, result, p->err);
}

static bool
read_list(Parser *p, const char *end, Scalars *list)
{
    if (take_word(p, end))
        return true;
    do {
        Scalar *item;
        if (!parse(p, 0, &item))
            return false;
        vector_push(list, item);
    } while (take_word(p, ","));
    return want(p, end);
}

/* All to one type, for CASE, COALESCE and the like. */
static bool
unify(Parser *p, Scalar **scalars, int count, const char *what, SqlType *type)
{
    SqlType *types = arena_new_array(p->arena, SqlType, count + 1);
    for (int i = 0; i < count; i++)
        types[i] = scalars[i]->type;
    if (!type_unify(types, count, what, 0, type, p->err))
        return false;
    for (int i = 0; i < count; i++) {
        if (!cast_to(p, scalars[i], *type, CAST_IMPLICIT, &scalars[i]))
            return false;
    }
    return true;
}

static bool
call_by_name(Parser *p, const char *name, Scalar **args, int count, Scalar **result)
{
    SqlType *types = arena_new_array(p->arena, SqlType, count + 1);
    for (int i = 0; i < count; i++)
        types[i] = args[i]->type;
    ResolvedCall resolved;
    if (!function_resolve(NULL, name, types, count, 0, &resolved, p->err))
        return false;
    for (int i = 0; i < count; i++) {
        if (!cast_to(p, args[i], resolved.arg_types[i], CAST_IMPLICIT, &args[i]))
            return false;
    }
    *result = scalar_call(p->arena, resolved.function, args, count, resolved.result);
    return true;
}

static bool
parse_case(Parser *p, Scalar **result)
{
    Scalars args = {0};
    bool fine = true;
    while (fine && take_word(p, "when")) {
        Scalar *when, *then;
        fine = parse(p, 0, &when) && want(p, "then") && parse(p, 0, &then);
        if (fine) {
            vector_push(&args, when);
            vector_push(&args, then);
        }
    }
    Scalar *otherwise = scalar_null(p->arena, SQL_TYPE(UNKNOWN));
    if (fine && take_word(p, "else"))
        fine = parse(p, 0, &otherwise);
    vector_push(&args, otherwise);
    fine = fine && want(p, "end");
    int count = (int) args.count, values = 0;
    Scalar **thens = arena_new_array(p->arena, Scalar *, count + 1);
    for (int i = 1; i < count; i += 2)
        thens[values++] = args.items[i];
    thens[values++] = args.items[count - 1];
    SqlType type;
    fine = fine && unify(p, thens, values, "CASE", &type);
    for (int i = 1, v = 0; fine && i < count; i += 2)
        args.items[i] = thens[v++];
    args.items[count - 1] = thens[values - 1];
    if (fine)
        *result = scalar_make(p->arena, SCALAR_CASE, type, args.items, count);
    vector_deinit(&args);
    return fine;
}

static bool
parse_array(Parser *p, Scalar **result)
{
    Scalars items = {0};
    SqlType type;
    bool fine = read_list(p, "]", &items) && unify(p, items.items, (int) items.count, "ARRAY", &type);
    if (fine)
        *result = scalar_make(p->arena, SCALAR_ARRAY, type.id == TYPE_ARRAY ? type : type_array_of(type), items.items,
                              (int) items.count);
    vector_deinit(&items);
    return fine;
}

static bool
parse_list_kind(Parser *p, ScalarKind kind, const char *what, Scalar **result)
{
    Scalars items = {0};
    SqlType type;
    bool fine = want(p, "(") && read_list(p, ")", &items) && unify(p, items.items, (int) items.count, what, &type);
    if (fine)
        *result = scalar_make(p->arena, kind, type, items.items, (int) items.count);
    vector_deinit(&items);
    return fine;
}

static bool
parse_row(Parser *p, Scalar **result)
{
    Scalars items = {0};
    bool fine = want(p, "(") && read_list(p, ")", &items);
    if (fine) {
        TypeDetail *record = type_detail_new(p->arena, (int) items.count + 1);
        record->count = (int) items.count;
        for (int i = 0; fine && i < record->count; i++) {
            if (items.items[i]->type.id == TYPE_UNKNOWN)
                fine = cast_to(p, items.items[i], SQL_TYPE(TEXT), CAST_IMPLICIT, &items.items[i]);
            record->fields[i] = (RecordField){arena_printf(p->arena, "f%d", i + 1), items.items[i]->type};
        }
        SqlType type = {.id = TYPE_RECORD, .typmod = -1, .detail = record};
        *result = scalar_make(p->arena, SCALAR_ROW, type, items.items, (int) items.count);
    }
    vector_deinit(&items);
    return fine;
}

static bool
parse_number(Parser *p, Scalar **result)
{
    const char *start = p->at;
    while (isdigit((unsigned char) *p->at))
        p->at++;
    bool whole = true;
    if (*p->at == '.') {
        whole = false;
        for (p->at++; isdigit((unsigned char) *p->at); p->at++)
            continue;
    }
    if ((*p->at == 'e' || *p->at == 'E') && (isdigit((unsigned char) p->at[1]) || strchr("+-", p->at[1]) != NULL)) {
        whole = false;
        for (p->at += 2; isdigit((unsigned char) *p->at); p->at++)
            continue;
    }
    Slice text = slice_make(start, (size_t) (p->at - start));
    SqlType types[3] = {SQL_TYPE(INT4), SQL_TYPE(INT8), SQL_TYPE(NUMERIC)};
    for (int i = whole ? 0 : 2; i < 3; i++) {
        Datum value = {0};
        Error ignored = ERROR_INIT;
        if (datum_parse(types[i], text, NULL, p->arena, &value, &ignored)) {
            *result = scalar_literal(p->arena, types[i], value);
            return true;
        }
        error_clear(&ignored);
    }
    return syntax_error(p);
}

static bool
parse_cast_function(Parser *p, Scalar **result)
{
    Scalar *value;
    SqlType type;
    return want(p, "(") && parse(p, 0, &value) && want(p, "as") && read_type(p, &type) && want(p, ")") &&
           cast_to(p, value, type, CAST_EXPLICIT, result);
}

static bool
parse_nullif(Parser *p, Scalar **result)
{
    Scalars items = {0};
    Scalar *equal;
    bool fine = want(p, "(") && read_list(p, ")", &items) && items.count == 2 &&
                scalar_operator(p->arena, "=", items.items[0], items.items[1], 0, p->eval, &equal, p->err);
    if (fine) {
        Scalar *first = items.items[0]->type.id == TYPE_UNKNOWN ? equal->args[0] : items.items[0];
        Scalar *args[3] = {equal, scalar_null(p->arena, first->type), first};
        *result = scalar_make(p->arena, SCALAR_CASE, first->type, args, 3);
    }
    vector_deinit(&items);
    return fine;
}

/* extract(field from value) */
static bool
parse_extract(Parser *p, Scalar **result)
{
    if (!want(p, "("))
        return false;
    char *field = read_name(p);
    Scalar *args[2] = {scalar_literal(p->arena, SQL_TYPE(TEXT), datum_text(field)), NULL};
    return want(p, "from") && parse(p, 0, &args[1]) && want(p, ")") && call_by_name(p, "extract", args, 2, result);
}

static bool
parse_call(Parser *p, const char *name, Scalar **result)
{
    Scalars args = {0};
    bool fine = read_list(p, ")", &args) && call_by_name(p, name, args.items, (int) args.count, result);
    vector_deinit(&args);
    return fine;
}

static bool
parse_named(Parser *p, Scalar **result)
{
    const char *start = p->at;
    char *name = read_name(p);
    skip_blanks(p);
    SqlType type;
    if (*p->at == '(') {
        p->at++;
        return parse_call(p, name, result);
    }
    if (p->columns != NULL && strlen(name) == 1 && name[0] >= 'a' && name[0] - 'a' < p->columns->count) {
        *result = scalar_column(p->arena, (uint32_t) (name[0] - 'a'), p->columns->types[name[0] - 'a'], true);
        return true;
    }
    /* type 'text' */
    p->at = start;
    Error ignored = ERROR_INIT;
    Parser ahead = *p;
    ahead.err = &ignored;
    bool is_type = read_type(&ahead, &type);
    error_clear(&ignored);
    skip_blanks(&ahead);
    Slice text;
    if (!is_type || *ahead.at != '\'')
        return syntax_error(p);
    p->at = ahead.at;
    return read_string(p, &text) &&
           cast_to(p, scalar_literal(p->arena, SQL_TYPE(UNKNOWN), datum_bytes(text)), type, CAST_EXPLICIT, result);
}

static bool
parse_primary(Parser *p, Scalar **result)
{
    Slice text;
    skip_blanks(p);
    if (isdigit((unsigned char) *p->at) || (*p->at == '.' && isdigit((unsigned char) p->at[1])))
        return parse_number(p, result);
    if (*p->at == '\'' || ((*p->at == 'E' || *p->at == 'e') && p->at[1] == '\'')) {
        if (!read_string(p, &text))
            return false;
        *result = scalar_literal(p->arena, SQL_TYPE(UNKNOWN), datum_bytes(text));
        return true;
    }
    if (take_word(p, "("))
        return parse(p, 0, result) && want(p, ")");
    if (take_word(p, "null")) {
        *result = scalar_null(p->arena, SQL_TYPE(UNKNOWN));
        return true;
    }
    if (take_word(p, "true") || take_word(p, "false")) {
        *result = scalar_bool(p->arena, tolower((unsigned char) p->at[-2]) == 'u');
        return true;
    }
    if (take_word(p, "case"))
        return parse_case(p, result);
    if (take_word(p, "array["))
        return parse_array(p, result);
    if (take_word(p, "row"))
        return parse_row(p, result);
    if (take_word(p, "coalesce"))
        return parse_list_kind(p, SCALAR_COALESCE, "COALESCE", result);
    if (take_word(p, "greatest"))
        return parse_list_kind(p, SCALAR_GREATEST, "GREATEST", result);
    if (take_word(p, "least"))
        return parse_list_kind(p, SCALAR_LEAST, "LEAST", result);
    if (take_word(p, "nullif"))
        return parse_nullif(p, result);
    if (take_word(p, "cast"))
        return parse_cast_function(p, result);
    if (take_word(p, "extract"))
        return parse_extract(p, result);
    if (is_word(*p->at) || *p->at == '"')
        return parse_named(p, result);
    return syntax_error(p);
}

/* value::type, value[subscript], value[from:to] */
static bool
parse_postfix(Parser *p, Scalar **result)
{
    if (!parse_primary(p, result))
        return false;
    while (true) {
        SqlType type;
        skip_blanks(p);
        if (take_word(p, "::")) {
            if (!read_type(p, &type) || !cast_to(p, *result, type, CAST_EXPLICIT, result))
                return false;
        } else if (*p->at == '[') {
            Scalar *bounds[2] = {NULL, NULL};
            p->at++;
            bool slice = take_word(p, ":");
            if (!slice) {
                if (!parse(p, 0, &bounds[0]))
                    return false;
                slice = take_word(p, ":");
            }
            skip_blanks(p);
            if (slice && *p->at != ']' && !parse(p, 0, &bounds[1]))
                return false;
            if (!want(p, "]"))
                return false;
            bool fine = slice ? scalar_slice(p->arena, *result, bounds, 1, p->eval, result, p->err)
                              : scalar_subscript(p->arena, *result, bounds, 1, p->eval, result, p->err);
            if (!fine)
                return false;
        } else {
            return true;
        }
    }
}

enum {
    LEVEL_OR = 1,
    LEVEL_AND,
    LEVEL_NOT,
    LEVEL_IS,
    LEVEL_COMPARE,
    LEVEL_LIKE,
    LEVEL_OTHER,
    LEVEL_ADD,
    LEVEL_MULTIPLY,
    LEVEL_POWER,
    LEVEL_AT
};

static bool
unary_operator(Parser *p, const char *name, Scalar *operand, Scalar **result)
{
    ResolvedCall resolved;
    if (!operator_resolve(name, (SqlType){0}, operand->type, true, 0, &resolved, p->err) ||
        !cast_to(p, operand, resolved.arg_types[0], CAST_IMPLICIT, &operand))
        return false;
    *result = scalar_call(p->arena, resolved.function, &operand, 1, resolved.result);
    return true;
}

static bool
boolean(Parser *p, ScalarKind kind, Scalar *a, Scalar *b, Scalar **result)
{
    Scalar *args[2] = {a, b};
    int count = b == NULL ? 1 : 2;
    for (int i = 0; i < count; i++) {
        if (!cast_to(p, args[i], SQL_TYPE(BOOL), CAST_IMPLICIT, &args[i]))
            return false;
    }
    *result = scalar_make(p->arena, kind, SQL_TYPE(BOOL), args, count);
    return true;
}

static bool
parse_prefix(Parser *p, Scalar **result)
{
    skip_blanks(p);
    if (take_word(p, "not"))
        return parse(p, LEVEL_NOT, result) && boolean(p, SCALAR_NOT, *result, NULL, result);
    if (*p->at == '-' || *p->at == '+' || *p->at == '~' || *p->at == '@' || *p->at == '|') {
        static const char *const names[] = {"||/", "|/", "-", "+", "~", "@"};
        bool tight = *p->at == '-' || *p->at == '+';
        for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
            if (take_word(p, names[i]))
                return parse(p, tight ? LEVEL_AT : LEVEL_OTHER, result) && unary_operator(p, names[i], *result, result);
        }
    }
    return parse_postfix(p, result);
}

static char *
peek_operator(Parser *p)
{
    skip_blanks(p);
    size_t size = strspn(p->at, "+-*/<>=~!@#%^&|?");
    while (size > 1 && strchr("+-", p->at[size - 1]) != NULL && strpbrk(p->at, "~!@#%^&|?") == NULL)
        size--;
    while (size > 1 && p->at[size - 1] == '-' && strncmp(p->at, "-|-", 3) != 0 && strncmp(p->at, "#-", 2) != 0)
        size--;
    return size == 0 ? NULL : arena_strndup(p->arena, p->at, size);
}

static int
operator_level(const char *name)
{
    if (strcmp(name, "=") == 0 || strcmp(name, "<") == 0 || strcmp(name, ">") == 0 || strcmp(name, "<=") == 0 ||
        strcmp(name, ">=") == 0 || strcmp(name, "<>") == 0 || strcmp(name, "!=") == 0)
        return LEVEL_COMPARE;
    if (strcmp(name, "+") == 0 || strcmp(name, "-") == 0)
        return LEVEL_ADD;
    if (strcmp(name, "*") == 0 || strcmp(name, "/") == 0 || strcmp(name, "%") == 0)
        return LEVEL_MULTIPLY;
    return strcmp(name, "^") == 0 ? LEVEL_POWER : LEVEL_OTHER;
}

static bool
quantified(Parser *p, const char *name, ScalarKind kind, Scalar *left, Scalar **result)
{
    Scalar *array;
    ResolvedCall resolved;
    if (!want(p, "(") || !parse(p, 0, &array) || !want(p, ")"))
        return false;
    if (array->type.id == TYPE_UNKNOWN && !cast_to(p, array, type_array_of(left->type), CAST_IMPLICIT, &array))
        return false;
    if (!operator_resolve(name, left->type, type_element_of(array->type), false, 0, &resolved, p->err) ||
        !cast_to(p, left, resolved.arg_types[0], CAST_IMPLICIT, &left) ||
        !cast_to(p, array, type_array_of(resolved.arg_types[1]), CAST_IMPLICIT, &array))
        return false;
    Scalar *args[2] = {left, array};
    *result = scalar_make(p->arena, kind, SQL_TYPE(BOOL), args, 2);
    (*result)->function = resolved.function;
    return true;
}

static bool
infix_operator(Parser *p, const char *name, Scalar *left, Scalar **result)
{
    if (take_word(p, "any"))
        return quantified(p, name, SCALAR_ANY, left, result);
    if (take_word(p, "all"))
        return quantified(p, name, SCALAR_ALL, left, result);
    Scalar *right;
    return parse(p, operator_level(name) + 1, &right) &&
           scalar_operator(p->arena, name, left, right, 0, p->eval, result, p->err);
}

static bool
parse_is(Parser *p, Scalar *left, Scalar **result)
{
    bool negated = take_word(p, "not");
    if (take_word(p, "null")) {
        *result = scalar_make(p->arena, SCALAR_IS_NULL, SQL_TYPE(BOOL), &left, 1);
    } else {
        Scalar *right;
        if (!want(p, "distinct") || !want(p, "from") || !parse(p, LEVEL_COMPARE + 1, &right) ||
            !scalar_distinct(p->arena, left, right, 0, p->eval, result, p->err))
            return false;
    }
    return !negated || boolean(p, SCALAR_NOT, *result, NULL, result);
}

static bool
parse_in(Parser *p, Scalar *left, Scalar **result)
{
    Scalars items = {0};
    bool fine = want(p, "(") && read_list(p, ")", &items);
    *result = NULL;
    for (size_t i = 0; fine && i < items.count; i++) {
        Scalar *equal;
        fine = scalar_operator(p->arena, "=", left, items.items[i], 0, p->eval, &equal, p->err);
        Scalar *both[2] = {*result, equal};
        if (fine)
            *result = *result == NULL ? equal : scalar_make(p->arena, SCALAR_OR, SQL_TYPE(BOOL), both, 2);
    }
    vector_deinit(&items);
    return fine;
}

static bool
parse_like(Parser *p, const char *name, bool similar, Scalar *left, Scalar **result)
{
    Scalar *args[2];
    if (!parse(p, LEVEL_LIKE + 1, &args[0]))
        return false;
    int count = 1;
    if (take_word(p, "escape")) {
        if (!parse(p, LEVEL_LIKE + 1, &args[1]))
            return false;
        count = 2;
    }
    if ((similar || count == 2) &&
        !call_by_name(p, similar ? "similar_to_escape" : "like_escape", args, count, &args[0]))
        return false;
    return scalar_operator(p->arena, name, left, args[0], 0, p->eval, result, p->err);
}

/* One infix construct after `left` of at least this level; *done when there is none. */
static bool
parse_infix(Parser *p, int least, Scalar *left, Scalar **result, bool *done)
{
    Scalar *right;
    *done = false;
    const char *start = p->at;
    if (least <= LEVEL_OR && take_word(p, "or"))
        return parse(p, LEVEL_OR + 1, &right) && boolean(p, SCALAR_OR, left, right, result);
    if (least <= LEVEL_AND && take_word(p, "and"))
        return parse(p, LEVEL_AND + 1, &right) && boolean(p, SCALAR_AND, left, right, result);
    if (least <= LEVEL_IS && take_word(p, "is"))
        return parse_is(p, left, result);
    if (least <= LEVEL_AT && take_word(p, "at")) {
        Scalar *args[2] = {NULL, left};
        return want(p, "time") && want(p, "zone") && parse(p, LEVEL_AT + 1, &args[0]) &&
               call_by_name(p, "timezone", args, 2, result);
    }
    bool negated = least <= LEVEL_LIKE && take_word(p, "not");
    if (least <= LEVEL_LIKE && take_word(p, "like"))
        return parse_like(p, negated ? "!~~" : "~~", false, left, result);
    if (least <= LEVEL_LIKE && take_word(p, "ilike"))
        return parse_like(p, negated ? "!~~*" : "~~*", false, left, result);
    if (least <= LEVEL_LIKE && take_word(p, "similar"))
        return want(p, "to") && parse_like(p, negated ? "!~" : "~", true, left, result);
    if (least <= LEVEL_LIKE && take_word(p, "in"))
        return parse_in(p, left, result) && (!negated || boolean(p, SCALAR_NOT, *result, NULL, result));
    p->at = negated ? start : p->at;
    char *name = peek_operator(p);
    if (name == NULL || operator_level(name) < least) {
        *done = true;
        return true;
    }
    p->at += strlen(name);
    return infix_operator(p, name, left, result);
}

static bool
parse(Parser *p, int least, Scalar **result)
{
    if (!parse_prefix(p, result))
        return false;
    for (bool done = false; !done;) {
        if (!parse_infix(p, least, *result, result, &done))
            return false;
    }
    return true;
}

bool
expression_bind(const char *text, const ExpressionColumns *columns, EvalContext *eval, Scalar **scalar, Error *err)
{
    Parser p = {text, text, eval->arena, eval, columns, err};
    if (!parse(&p, 0, scalar))
        return false;
    skip_blanks(&p);
    if (*p.at != '\0')
        return syntax_error(&p);
    return (*scalar)->type.id != TYPE_UNKNOWN || cast_to(&p, *scalar, SQL_TYPE(TEXT), CAST_IMPLICIT, scalar);
}

const char *
expression_value(const char *text, bool with_type, EvalContext *eval)
{
    Arena *arena = eval->arena;
    Error err = ERROR_INIT;
    Scalar *scalar;
    Datum value;
    const EvalError *error;
    if (!expression_bind(text, NULL, eval, &scalar, &err)) {
        char *shown = arena_printf(arena, "ERROR %s %s", err.sqlstate, err.message);
        error_clear(&err);
        return shown;
    }
    if (!evaluate_constant(scalar, eval, &value, &error))
        return arena_printf(arena, "ERROR %s %s", error->sqlstate, error->message);
    Buffer out = {0};
    SqlType bare = scalar->type;
    bare.typmod = -1;
    if (with_type)
        buffer_printf(&out, "%s: ", type_format(bare, arena));
    if (value.is_null)
        buffer_append_text(&out, "null");
    else
        datum_print(scalar->type, value, &eval->style, &out);
    return buffer_to_arena(&out, arena);
}
