#include "expr/regex_translate.h"

#include <stdint.h>

#include "base/utf8.h"
#include "expr/regex.h"

/*
 * A recursive descent over the pattern that writes PCRE2's form as it goes. Blanks and comments are dropped here. Which match is preferred
 * follows PostgreSQL's rules (documentation, 9.7.3.5): a branch is as greedy as its first quantified atom that cares, several
 * branches are greedy.
 */

#define DEPTH_MAX      500
#define REPETITION_MAX 255
#define CAPTURES_MAX   1000

typedef enum Preference { PREFER_NONE, PREFER_LONG, PREFER_SHORT } Preference;
typedef enum AtomKind { ATOM_SIMPLE, ATOM_GROUP, ATOM_CONSTRAINT, ATOM_NOTHING } AtomKind;

typedef struct Translator {
    Slice pattern;
    size_t at;
    unsigned options;
    Buffer *out;
    int captures, constraint_depth, depth;
    int variable; /* quantifiers that may match more or less */
    bool alternatives, repeated_groups, back_references;
    bool closed[CAPTURES_MAX + 1];
    Error *err;
} Translator;

static bool
invalid(Translator *translator, const char *why)
{
    return error_set(translator->err, SQLSTATE_INVALID_REGULAR_EXPRESSION, "invalid regular expression: %s", why);
}

static bool
invalid_escape(Translator *translator)
{
    return invalid(translator, "invalid escape \\ sequence");
}

static bool
at_end(const Translator *translator)
{
    return translator->at >= translator->pattern.size;
}

static char
peek(const Translator *translator, size_t ahead)
{
    size_t at = translator->at + ahead;
    return at < translator->pattern.size ? translator->pattern.bytes[at] : '\0';
}

static bool
looking_at(const Translator *translator, const char *text)
{
    size_t size = strlen(text);
    return translator->pattern.size - translator->at >= size &&
           memcmp(translator->pattern.bytes + translator->at, text, size) == 0;
}

static bool
is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool
is_alphanumeric(char c)
{
    return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

static int
digit_value(char c)
{
    return is_digit(c) ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : 99;
}

static void
put(Translator *translator, const char *text)
{
    buffer_append_text(translator->out, text);
}

/* One character that stands for itself. */
static void
put_character(Translator *translator)
{
    const char *at = translator->pattern.bytes + translator->at;
    size_t size = utf8_char_size((const unsigned char *) at, translator->pattern.size - translator->at);
    size = size == 0 ? 1 : size;
    if (size == 1 && *at > ' ' && *at < 127 && !is_alphanumeric(*at))
        buffer_append_char(translator->out, '\\');
    buffer_append(translator->out, at, size);
    translator->at += size;
}

/* Blanks and comments between the parts of an extended pattern, and (?#...). */
static bool
skip_ignored(Translator *translator)
{
    for (;;) {
        char c = peek(translator, 0);
        if (looking_at(translator, "(?#")) {
            while (!at_end(translator) && peek(translator, 0) != ')')
                translator->at++;
            if (at_end(translator))
                return invalid(translator, "parentheses () not balanced");
            translator->at++;
        } else if (!(translator->options & REGEX_EXTENDED) || at_end(translator)) {
            return true;
        } else if (c == ' ' || (c >= '\t' && c <= '\r')) {
            translator->at++;
        } else if (c == '#') {
            while (!at_end(translator) && peek(translator, 0) != '\n')
                translator->at++;
        } else {
            return true;
        }
    }
}

/* ---- escapes */

static bool
put_digits(Translator *translator, int base, size_t least, size_t most)
{
    uint64_t value = 0;
    size_t digits = 0;
    for (; digits < most && digit_value(peek(translator, 0)) < base && !at_end(translator); digits++)
        value = (value * (unsigned) base + (unsigned) digit_value(translator->pattern.bytes[translator->at++])) &
                UINT64_C(0xffffffff);
    if (digits < least || value > 0x10ffff)
        return invalid_escape(translator);
    if (base == 8 && value > 0xff) {
        translator->at--;
        value >>= 3;
    }
    buffer_printf(translator->out, "\\x{%llx}", (unsigned long long) value);
    return true;
}

/* \1 is the first capture; of several digits only when there are so many captures. */
static bool
put_back_reference(Translator *translator)
{
    size_t start = translator->at;
    int64_t number = 0;
    while (is_digit(peek(translator, 0)) && number < 100000)
        number = number * 10 + (translator->pattern.bytes[translator->at++] - '0');
    if (translator->at - start > 1 && number > translator->captures) {
        translator->at = start;
        return put_digits(translator, 8, 1, 3);
    }
    if (number < 1 || number > translator->captures || number > CAPTURES_MAX || !translator->closed[number] ||
        translator->constraint_depth > 0)
        return invalid(translator, "invalid backreference number");
    translator->back_references = true;
    buffer_printf(translator->out, "\\g{%d}", (int) number);
    return true;
}

static bool
constraint_escape(char c, const char **text)
{
    switch (c) {
    case 'm':
        *text = "\\b(?=\\w)";
        return true;
    case 'M':
        *text = "\\b(?<=\\w)";
        return true;
    case 'y':
        *text = "\\b";
        return true;
    case 'Y':
        *text = "\\B";
        return true;
    case 'A':
        *text = "\\A";
        return true;
    case 'Z':
        *text = "\\z";
        return true;
    default:
        return false;
    }
}

/* The translator is behind the backslash. */
static bool
put_escape(Translator *translator, bool in_brackets, AtomKind *kind)
{
    static const struct {
        char letter;
        const char *text;
    } plain[] = {{'a', "\\x07"}, {'b', "\\x08"}, {'B', "\\\\"},  {'e', "\\x1b"}, {'f', "\\x0c"},
                 {'n', "\\x0a"}, {'r', "\\x0d"}, {'t', "\\x09"}, {'v', "\\x0b"}, {'d', "\\d"},
                 {'D', "\\D"},   {'s', "\\s"},   {'S', "\\S"},   {'w', "\\w"},   {'W', "\\W"}};
    const char *text;
    char c = peek(translator, 0);
    if (at_end(translator))
        return invalid_escape(translator);
    if (!is_alphanumeric(c)) {
        put_character(translator);
        return true;
    }
    if (constraint_escape(c, &text)) {
        translator->at++;
        put(translator, text);
        *kind = ATOM_CONSTRAINT;
        return !in_brackets || invalid_escape(translator);
    }
    if (is_digit(c) && c != '0')
        return in_brackets ? put_digits(translator, 8, 1, 3) : put_back_reference(translator);
    if (c == '0')
        return put_digits(translator, 8, 1, 3);
    translator->at++;
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++) {
        if (plain[i].letter == c) {
            put(translator, plain[i].text);
            return true;
        }
    }
    switch (c) {
    case 'u':
        return put_digits(translator, 16, 4, 4);
    case 'U':
        return put_digits(translator, 16, 8, 8);
    case 'x':
        return put_digits(translator, 16, 1, 255);
    case 'c':
        if (at_end(translator))
            return invalid_escape(translator);
        buffer_printf(translator->out, "\\x{%x}", translator->pattern.bytes[translator->at++] & 0x1f);
        return true;
    default:
        return invalid_escape(translator);
    }
}

/* ---- brackets */

/* [:alpha:], [.a.], [=a=]; the translator is at the inner bracket. */
static bool
put_class(Translator *translator)
{
    static const char *const names[] = {"alnum", "alpha", "ascii", "blank", "cntrl", "digit",  "graph",
                                        "lower", "print", "punct", "space", "upper", "xdigit", "word"};
    char kind = peek(translator, 1);
    size_t start = translator->at + 2, end = start;
    Slice pattern = translator->pattern;
    while (end + 1 < pattern.size && !(pattern.bytes[end] == kind && pattern.bytes[end + 1] == ']'))
        end++;
    if (end + 1 >= pattern.size)
        return invalid(translator, "brackets [] not balanced");
    Slice name = slice_make(pattern.bytes + start, end - start);
    if (kind != ':') {
        size_t size = utf8_char_size((const unsigned char *) name.bytes, name.size);
        if (size == 0 || size != name.size)
            return invalid(translator, "invalid collating element");
        translator->at = start;
        put_character(translator);
        translator->at = end + 2;
        return true;
    }
    translator->at = end + 2;
    bool either_case = (translator->options & REGEX_FOLD_CASE) &&
                       (slice_equal(name, slice_of("lower")) || slice_equal(name, slice_of("upper")));
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (slice_equal(name, slice_of(names[i]))) {
            buffer_printf(translator->out, "[:%s:]", either_case ? "alpha" : names[i]);
            return true;
        }
    }
    return invalid(translator, "invalid character class");
}

static bool
put_brackets(Translator *translator)
{
    translator->at++;
    put(translator, "[");
    if (peek(translator, 0) == '^') {
        put(translator, translator->options & REGEX_DOT_NOT_NEWLINE ? "^\\n" : "^");
        translator->at++;
    }
    for (bool first = true;; first = false) {
        char c = peek(translator, 0);
        AtomKind kind;
        if (at_end(translator))
            return invalid(translator, "brackets [] not balanced");
        if (c == ']' && !first) {
            translator->at++;
            put(translator, "]");
            return true;
        }
        if (c == '\\') {
            translator->at++;
            if (!put_escape(translator, true, &kind))
                return false;
        } else if (c == '[' && peek(translator, 1) != '\0' && strchr(":.=", peek(translator, 1)) != NULL) {
            if (!put_class(translator))
                return false;
        } else if (c == '-' && !first && peek(translator, 1) != ']') {
            translator->at++;
            put(translator, "-");
        } else {
            put_character(translator);
        }
    }
}

/* ---- atoms, quantifiers, branches */

static bool translate_branches(Translator *translator, Preference *preference);

static bool
close_group(Translator *translator)
{
    if (peek(translator, 0) != ')')
        return invalid(translator, "parentheses () not balanced");
    translator->at++;
    put(translator, ")");
    return true;
}

static bool
put_group(Translator *translator, AtomKind *kind, Preference *preference)
{
    static const char *const constraints[] = {"(?=", "(?!", "(?<=", "(?<!"};
    *kind = ATOM_GROUP;
    for (size_t i = 0; i < sizeof constraints / sizeof *constraints; i++) {
        if (!looking_at(translator, constraints[i]))
            continue;
        translator->at += strlen(constraints[i]);
        put(translator, constraints[i]);
        *kind = ATOM_CONSTRAINT;
        translator->constraint_depth++;
        bool fine = translate_branches(translator, preference) && close_group(translator);
        translator->constraint_depth--;
        *preference = PREFER_NONE;
        return fine;
    }
    if (looking_at(translator, "(?:")) {
        translator->at += 3;
        put(translator, "(?:");
        return translate_branches(translator, preference) && close_group(translator);
    }
    if (looking_at(translator, "(?"))
        return invalid(translator, "quantifier operand invalid");
    translator->at++;
    if (translator->constraint_depth > 0) { /* captures nothing there */
        put(translator, "(?:");
        return translate_branches(translator, preference) && close_group(translator);
    }
    int number = ++translator->captures;
    if (number > CAPTURES_MAX)
        return invalid(translator, "regular expression is too complex");
    put(translator, "(");
    if (!translate_branches(translator, preference) || !close_group(translator))
        return false;
    translator->closed[number] = true;
    return true;
}

static bool
translate_atom(Translator *translator, AtomKind *kind, Preference *preference)
{
    char c = peek(translator, 0);
    *kind = ATOM_SIMPLE;
    *preference = PREFER_NONE;
    if (looking_at(translator, "[[:<:]]") || looking_at(translator, "[[:>:]]")) {
        put(translator, peek(translator, 3) == '<' ? "\\b(?=\\w)" : "\\b(?<=\\w)");
        translator->at += 7;
        *kind = ATOM_CONSTRAINT;
        return true;
    }
    switch (c) {
    case '(':
        return put_group(translator, kind, preference);
    case '[':
        return put_brackets(translator);
    case '\\':
        translator->at++;
        return put_escape(translator, false, kind);
    case '^':
    case '$':
    case '.':
        buffer_append_char(translator->out, c);
        translator->at++;
        *kind = c == '.' ? ATOM_SIMPLE : ATOM_CONSTRAINT;
        return true;
    case '*':
    case '+':
    case '?':
        return invalid(translator, "quantifier operand invalid");
    case '{':
        if (is_digit(peek(translator, 1)))
            return invalid(translator, "quantifier operand invalid");
        put_character(translator);
        return true;
    default:
        put_character(translator);
        return true;
    }
}

static bool
read_count(Translator *translator, int *count)
{
    *count = 0;
    while (is_digit(peek(translator, 0)) && *count <= REPETITION_MAX)
        *count = *count * 10 + (translator->pattern.bytes[translator->at++] - '0');
    return *count <= REPETITION_MAX || invalid(translator, "invalid repetition count(s)");
}

static bool
read_bounds(Translator *translator, int *least, int *most, bool *has_range)
{
    translator->at++;
    if (!read_count(translator, least))
        return false;
    *most = *least;
    *has_range = peek(translator, 0) == ',';
    if (*has_range) {
        translator->at++;
        *most = -1;
        if (is_digit(peek(translator, 0)) && !read_count(translator, most))
            return false;
        if (*most >= 0 && *least > *most)
            return invalid(translator, "invalid repetition count(s)");
    }
    if (at_end(translator))
        return invalid(translator, "braces {} not balanced");
    if (peek(translator, 0) != '}')
        return invalid(translator, "invalid repetition count(s)");
    translator->at++;
    return true;
}

static bool
translate_quantifier(Translator *translator, AtomKind kind, Preference *preference)
{
    char c = peek(translator, 0);
    int least = c == '+', most = c == '?' ? 1 : -1;
    bool has_range = true;
    if (at_end(translator) || (c != '*' && c != '+' && c != '?' && !(c == '{' && is_digit(peek(translator, 1)))))
        return true;
    if (kind == ATOM_CONSTRAINT)
        return invalid(translator, "quantifier operand invalid");
    if (c == '{') {
        if (!read_bounds(translator, &least, &most, &has_range))
            return false;
    } else {
        translator->at++;
    }
    bool lazy = peek(translator, 0) == '?' && !at_end(translator);
    translator->at += lazy;
    if (most < 0)
        buffer_printf(translator->out, "{%d,}", least);
    else
        buffer_printf(translator->out, "{%d,%d}", least, most);
    if (lazy)
        put(translator, "?");
    if (has_range)
        *preference = lazy ? PREFER_SHORT : PREFER_LONG;
    translator->variable += least != most;
    translator->repeated_groups |= kind == ATOM_GROUP && !(least == 1 && most == 1);
    return true;
}

static bool
translate_branch(Translator *translator, Preference *preference)
{
    *preference = PREFER_NONE;
    for (;;) {
        AtomKind kind;
        Preference of_atom;
        if (!skip_ignored(translator))
            return false;
        char c = peek(translator, 0);
        if (at_end(translator) || c == '|' || c == ')')
            return true;
        if (!translate_atom(translator, &kind, &of_atom) || !skip_ignored(translator) ||
            !translate_quantifier(translator, kind, &of_atom))
            return false;
        *preference = *preference == PREFER_NONE ? of_atom : *preference;
    }
}

static bool
translate_branches(Translator *translator, Preference *preference)
{
    if (++translator->depth > DEPTH_MAX)
        return invalid(translator, "regular expression is too complex");
    if (!translate_branch(translator, preference))
        return false;
    while (peek(translator, 0) == '|') {
        Preference ignored;
        translator->at++;
        translator->alternatives = true;
        put(translator, "|");
        if (!translate_branch(translator, &ignored))
            return false;
        *preference = PREFER_LONG;
    }
    translator->depth--;
    return true;
}

bool
regex_translate(Slice pattern, unsigned options, Buffer *out, RegexShape *shape, Error *err)
{
    Translator translator = {.pattern = pattern, .options = options, .out = out, .err = err};
    Preference preference;
    if (!translate_branches(&translator, &preference))
        return false;
    if (!at_end(&translator))
        return invalid(&translator, "parentheses () not balanced");
    *shape = (RegexShape){.shortest = preference == PREFER_SHORT, .back_references = translator.back_references};
    shape->first_is_right = !translator.alternatives && !translator.repeated_groups && translator.variable <= 1;
    return true;
}
