/*
 * options.c -- what is between the parentheses of an option list.
 *
 * The grammar hands over balanced text. It is split at commas; the words at the start of each piece are the name, up to
 * "=", up to the first token that is no word, or as far as options.def knows them; the rest is the value. Values that
 * are expressions go back to the grammar.
 */
#include <string.h>

#include "grammar/build.h"
#include "grammar/sql.h"

#define NAME_WORDS_MAX 8
#define NESTING_MAX    100 /* parentheses inside an option list */

typedef AST_LIST(Token) TokenList;

/* Tokens [at, end) of one option or value. */
typedef struct Reader {
    Parser *p;
    const TokenList *tokens;
    int at;
    int end;
} Reader;

static const char *const option_names[] = {
#define OPTION(name) name,
#include "grammar/options.def"
#undef OPTION
};

static AstValue *read_value(Reader *r, const char *name);
static void read_options(Parser *p, const TokenList *tokens, int start, int end, OptionsMode mode, AstOptionList *out);

/* ---- Tokens ---- */

static const Token *
reader_token(const Reader *r, int ahead)
{
    static const Token none = {.kind = 0, .text = ""};

    return r->at + ahead < r->end ? &r->tokens->items[r->at + ahead] : &none;
}

static int
reader_kind(const Reader *r, int ahead)
{
    return reader_token(r, ahead)->kind;
}

static int
reader_left(const Reader *r)
{
    return r->end - r->at;
}

/* Points at the token, or at what follows the last one. */
static void
reader_error(const Reader *r)
{
    if (r->at < r->tokens->count)
        parser_syntax_error(r->p, r->tokens->items[r->at].kind, &r->tokens->items[r->at]);
    else
        parser_syntax_error_at(r->p, r->tokens->count == 0 ? 1 : r->tokens->items[r->tokens->count - 1].position + 1);
}

/* The place of the parenthesis or bracket that closes the one at `open`. The grammar has balanced them. */
static int
closing(const TokenList *tokens, int open)
{
    int depth = 0;

    for (int i = open; i < tokens->count; i++) {
        int kind = tokens->items[i].kind;

        depth += (kind == TK_LPAREN || kind == TK_LBRACKET) - (kind == TK_RPAREN || kind == TK_RBRACKET);
        if (depth == 0)
            return i;
    }
    return tokens->count - 1;
}

/* The place of the next comma outside parentheses, or end. */
static int
next_comma(const TokenList *tokens, int start, int end)
{
    for (int i = start; i < end; i++) {
        int kind = tokens->items[i].kind;

        if (kind == TK_COMMA)
            return i;
        if (kind == TK_LPAREN || kind == TK_LBRACKET)
            i = closing(tokens, i);
    }
    return end;
}

static AstExpr *
read_expr(Reader *r)
{
    const Token *first = reader_token(r, 0);
    const Token *last = &r->tokens->items[r->end - 1];
    Parser range;

    if (reader_left(r) <= 0) {
        reader_error(r);
        return NULL;
    }
    range = parser_for_range(r->p, first->offset, last->end, first->position);
    sql_parser_run(&range, TK_MODE_EXPRESSION);
    if (range.failed)
        r->p->failed = true;
    if (range.parameters > r->p->parameters)
        r->p->parameters = range.parameters;
    r->at = r->end;
    return range.expr;
}

/* a.b.c or [u1 AS a.b.c], as far as it goes; false when there is none. */
static bool
read_name(Reader *r, AstName *name)
{
    Parser *p = r->p;
    bool by_id = reader_kind(r, 0) == TK_LBRACKET && reader_kind(r, 1) == TK_IDENT;

    *name = (AstName){.position = reader_token(r, 0)->position};
    if (by_id) {
        name->id = reader_token(r, 1)->text;
        r->at += 2;
        if (reader_kind(r, 0) == TK_RBRACKET) {
            r->at++;
            return true;
        }
        if (reader_kind(r, 0) != TK_AS)
            return false;
        r->at++;
    }
    do {
        const Token *part = reader_token(r, 0);

        if (part->kind != TK_IDENT && !token_is_word(p, part))
            return false;
        build_name_push(p, name, part);
        r->at++;
    } while (reader_kind(r, 0) == TK_DOT && r->at++ > 0 && !p->failed);
    if (by_id) {
        if (reader_kind(r, 0) != TK_RBRACKET)
            return false;
        r->at++;
    }
    return true;
}

/* ---- Names of options ---- */

/* How many tokens from here on are words without quotes. */
static int
words_ahead(const Reader *r)
{
    int words = 0;

    while (words < reader_left(r) && token_is_word(r->p, reader_token(r, words)))
        words++;
    return words;
}

static const char *
words_joined(const Reader *r, int count)
{
    const char *name = text_upper(r->p, reader_token(r, 0)->text);

    for (int i = 1; i < count; i++)
        name = text_joined(r->p, name, " ", text_upper(r->p, reader_token(r, i)->text));
    return name;
}

/* The name in options.def that the words here begin with, the longest one; *count is its number of words. */
static const char *
known_name(const Reader *r, int words, int *count)
{
    if (words > NAME_WORDS_MAX)
        words = NAME_WORDS_MAX;
    for (*count = words; *count > 0; --*count) {
        const char *name = words_joined(r, *count);

        for (size_t i = 0; i < sizeof option_names / sizeof option_names[0]; i++) {
            if (strcmp(option_names[i], name) == 0)
                return option_names[i];
        }
    }
    return NULL;
}

/* [KEY|VALUE] DOC ON {TYPE|COLUMN} name */
static bool
read_doc_name(Reader *r, AstOption *option)
{
    int words = words_ahead(r);
    int first = reader_kind(r, 0) == TK_KEY || reader_kind(r, 0) == TK_VALUE;
    const Token *doc = reader_token(r, first);

    if (words < first + 3 || strcmp(doc->text, "doc") != 0 || reader_kind(r, first + 1) != TK_ON ||
        (reader_kind(r, first + 2) != TK_TYPE && reader_kind(r, first + 2) != TK_COLUMN))
        return false;
    option->name = words_joined(r, first + 3);
    r->at += first + 3;
    if (!read_name(r, &option->on))
        reader_error(r);
    return true;
}

static AstOption *
read_option_name(Reader *r)
{
    Parser *p = r->p;
    AstOption *option = NEW(AstOption);
    int words = words_ahead(r);
    int count;

    option->position = reader_token(r, 0)->position;
    if (words == 0) {
        reader_error(r);
        return option;
    }
    if (read_doc_name(r, option))
        return option;
    option->name = known_name(r, words, &count);
    if (words < reader_left(r) && reader_kind(r, words) == TK_EQ && count != words) {
        option->name = words_joined(r, words);
        count = words;
    } else if (option->name == NULL) {
        option->name = words_joined(r, words);
        count = words;
    }
    r->at += count;
    return option;
}

/* ---- Values ---- */

static AstValue *
new_value(const Reader *r, AstValueKind kind)
{
    Parser *p = r->p;
    AstValue *value = NEW(AstValue);

    value->kind = kind;
    value->position = reader_token(r, 0)->position;
    return value;
}

static void
read_end(Reader *r)
{
    if (r->at < r->end)
        reader_error(r);
}

/* USING SSH TUNNEL c | USING AWS PRIVATELINK c [(options)], after a broker's address */
static AstBroker *
read_broker(Reader *r)
{
    Parser *p = r->p;
    AstBroker *broker = NEW(AstBroker);

    r->at++;
    if (reader_kind(r, 0) == TK_SSH && reader_kind(r, 1) == TK_TUNNEL)
        broker->tunnel = AST_TUNNEL_SSH;
    else if (reader_kind(r, 0) == TK_AWS && reader_kind(r, 1) == TK_PRIVATELINK)
        broker->tunnel = AST_TUNNEL_AWS_PRIVATELINK;
    else
        reader_error(r);
    r->at += 2;
    if (!p->failed && !read_name(r, &broker->connection))
        reader_error(r);
    if (!p->failed && reader_kind(r, 0) == TK_LPAREN) {
        int close = closing(r->tokens, r->at);

        read_options(p, r->tokens, r->at + 1, close, OPTIONS_VALUES, &broker->options);
        r->at = close + 1;
    }
    return broker;
}

static AstValue *
read_text(Reader *r)
{
    AstValue *value = new_value(r, AST_VALUE_TEXT);

    value->text = reader_token(r, 0)->text;
    r->at++;
    if (reader_kind(r, 0) == TK_USING)
        value->broker = read_broker(r);
    return value;
}

static AstValue *
read_list(Reader *r)
{
    Parser *p = r->p;
    AstValue *value = new_value(r, AST_VALUE_LIST);
    int close = closing(r->tokens, r->at);
    Reader item = {p, r->tokens, r->at + 1, close};

    while (item.at < close && !p->failed) {
        item.end = next_comma(r->tokens, item.at, close);
        PUSH(&value->list, read_value(&item, ""));
        read_end(&item);
        item.at = item.end + 1;
        if (item.end < close && item.at == close)
            reader_error(&item); /* a comma at the end */
    }
    r->at = close + 1;
    return value;
}

/* MAP ['k' => value, ...] */
static AstValue *
read_map(Reader *r)
{
    Parser *p = r->p;
    AstValue *value = new_value(r, AST_VALUE_MAP);
    int close = closing(r->tokens, r->at + 1);
    Reader item = {p, r->tokens, r->at + 2, close};

    while (item.at < close && !p->failed) {
        AstOption *option = NEW(AstOption);

        item.end = next_comma(r->tokens, item.at, close);
        option->position = reader_token(&item, 0)->position;
        option->name = reader_token(&item, 0)->text;
        if (reader_kind(&item, 0) != TK_SCONST || reader_kind(&item, 1) != TK_ARROW) {
            reader_error(&item);
            break;
        }
        item.at += 2;
        option->value = read_value(&item, "");
        read_end(&item);
        PUSH(&value->options, option);
        item.at = item.end + 1;
    }
    r->at = close + 1;
    return value;
}

/* (options) of SCHEDULE = ON REFRESH (...) and WAIT UNTIL READY (...) */
static void
read_inner_options(Reader *r, AstOptionList *out)
{
    int close;

    if (reader_kind(r, 0) != TK_LPAREN)
        return;
    close = closing(r->tokens, r->at);
    read_options(r->p, r->tokens, r->at + 1, close, OPTIONS_VALUES, out);
    r->at = close + 1;
}

/* (name (options), ...) of a network policy */
static AstValue *
read_rules(Reader *r)
{
    Parser *p = r->p;
    AstValue *value = new_value(r, AST_VALUE_RULES);
    int close;
    Reader item;

    if (reader_kind(r, 0) != TK_LPAREN) {
        reader_error(r);
        return value;
    }
    close = closing(r->tokens, r->at);
    item = (Reader){p, r->tokens, r->at + 1, close};
    while (item.at < close && !p->failed) {
        AstOption *rule = NEW(AstOption);
        const Token *name;

        item.end = next_comma(r->tokens, item.at, close);
        name = reader_token(&item, 0);
        rule->name = name->text;
        rule->position = name->position;
        item.at++;
        if ((name->kind != TK_IDENT && !token_is_word(p, name)) || reader_kind(&item, 0) != TK_LPAREN) {
            reader_error(&item);
            break;
        }
        rule->value = new_value(&item, AST_VALUE_OPTIONS);
        read_inner_options(&item, &rule->value->options);
        read_end(&item);
        PUSH(&value->options, rule);
        item.at = item.end + 1;
    }
    r->at = close + 1;
    return value;
}

static int
find_aligned(const Reader *r)
{
    for (int i = r->at; i + 1 < r->end; i++) {
        if (r->tokens->items[i].kind == TK_IDENT && strcmp(r->tokens->items[i].text, "aligned") == 0 &&
            r->tokens->items[i + 1].kind == TK_TO)
            return i;
    }
    return r->end;
}

/* ON COMMIT | AT CREATION | AT expr | EVERY 'i' [ALIGNED TO expr] */
static AstValue *
read_refresh(Reader *r)
{
    Parser *p = r->p;
    AstValue *value = new_value(r, AST_VALUE_REFRESH);
    AstRefresh *refresh = NEW(AstRefresh);

    value->refresh = refresh;
    if (reader_kind(r, 0) == TK_ON && reader_kind(r, 1) == TK_COMMIT) {
        refresh->kind = AST_REFRESH_ON_COMMIT;
        r->at += 2;
    } else if (reader_kind(r, 0) == TK_AT) {
        r->at++;
        if (reader_left(r) == 1 && strcmp(reader_token(r, 0)->text, "creation") == 0) {
            refresh->kind = AST_REFRESH_AT_CREATION;
            r->at++;
        } else {
            refresh->kind = AST_REFRESH_AT;
            refresh->at = read_expr(r);
        }
    } else if (reader_kind(r, 0) == TK_IDENT && strcmp(reader_token(r, 0)->text, "every") == 0) {
        int aligned = find_aligned(r);

        refresh->kind = AST_REFRESH_EVERY;
        r->at += reader_kind(r, 1) == TK_INTERVAL ? 2 : 1;
        if (reader_kind(r, 0) != TK_SCONST || (r->at + 1 != aligned)) {
            reader_error(r);
            return value;
        }
        refresh->every = reader_token(r, 0)->text;
        r->at = aligned;
        if (aligned < r->end) {
            r->at += 2;
            refresh->aligned_to = read_expr(r);
        }
    } else {
        reader_error(r);
    }
    return value;
}

static AstValue *
read_number(Reader *r)
{
    AstValue *value = new_value(r, AST_VALUE_NUMBER);
    bool minus = reader_kind(r, 0) == TK_MINUS;

    if (minus || reader_kind(r, 0) == TK_PLUS)
        r->at++;
    value->text = text_joined(r->p, minus ? "-" : "", reader_token(r, 0)->text, "");
    r->at++;
    return value;
}

static bool
starts_number(const Reader *r)
{
    int sign = reader_kind(r, 0) == TK_MINUS || reader_kind(r, 0) == TK_PLUS;
    int kind = reader_kind(r, sign);

    return (kind == TK_ICONST || kind == TK_FCONST) && reader_left(r) == sign + 1;
}

/* One word that stands for a value by itself. */
static AstValue *
read_word(Reader *r)
{
    AstValue *value;

    switch (reader_kind(r, 0)) {
    case TK_TRUE:
    case TK_FALSE:
        value = new_value(r, AST_VALUE_BOOLEAN);
        value->boolean = reader_kind(r, 0) == TK_TRUE;
        break;
    case TK_NULL:
        value = new_value(r, AST_VALUE_NULL);
        break;
    case TK_DEFAULT:
        value = new_value(r, AST_VALUE_DEFAULT);
        break;
    default:
        value = new_value(r, AST_VALUE_NAME);
        value->text = reader_token(r, 0)->text;
        value->quoted = !token_is_word(r->p, reader_token(r, 0));
        value->name = (AstName){.parts = {value->text}, .count = 1, .position = value->position};
        break;
    }
    r->at++;
    return value;
}

/* A qualified name and nothing else, or a connection with its options; NULL when the tokens are something else. */
static AstValue *
read_qualified(Reader *r)
{
    AstValue *value = new_value(r, AST_VALUE_NAME);
    Reader try = *r;

    if (!read_name(&try, &value->name) || r->p->failed)
        return NULL;
    if (reader_kind(&try, 0) == TK_LPAREN && closing(r->tokens, try.at) == r->end - 1 &&
        token_is_word(r->p, reader_token(&try, 1)) && value->name.count > 0) {
        /* c (PORT 9092), but not f(x) */
        int words = 0;
        int count;
        Reader inner = {r->p, r->tokens, try.at + 1, r->end - 1};

        words = words_ahead(&inner);
        if (known_name(&inner, words, &count) != NULL && reader_left(&inner) > count) {
            read_inner_options(&try, &value->options);
            r->at = try.at;
            return value;
        }
    }
    if (try.at != r->end)
        return NULL;
    if (value->name.count == 1 && value->name.id == NULL) {
        value->text = value->name.parts[0];
        value->quoted = !token_is_word(r->p, reader_token(r, 0));
    }
    r->at = try.at;
    return value;
}

/* Values that begin with a word of their own; NULL when there is none. */
static AstValue *
read_special(Reader *r, const char *name)
{
    AstValue *value;
    int kind = reader_kind(r, 0);

    if (strcmp(name, "REFRESH") == 0)
        return read_refresh(r);
    if (strcmp(name, "RULES") == 0)
        return read_rules(r);
    if (strcmp(name, "WAIT UNTIL READY") == 0 && kind == TK_LPAREN) {
        value = new_value(r, AST_VALUE_OPTIONS);
        read_inner_options(r, &value->options);
        return value;
    }
    if (strcmp(name, "SCHEDULE") == 0 && kind == TK_ON && reader_kind(r, 1) == TK_REFRESH) {
        value = new_value(r, AST_VALUE_SCHEDULE);
        r->at += 2;
        read_inner_options(r, &value->options);
        return value;
    }
    if (kind == TK_SECRET && reader_left(r) > 1) {
        value = new_value(r, AST_VALUE_SECRET);
        r->at++;
        if (!read_name(r, &value->name))
            reader_error(r);
        return value;
    }
    if (kind == TK_FOR || (kind == TK_INTERVAL && reader_kind(r, 1) == TK_SCONST && reader_left(r) == 2)) {
        value = new_value(r, AST_VALUE_INTERVAL);
        r->at++;
        if (reader_kind(r, 0) == TK_INTERVAL)
            r->at++;
        if (reader_kind(r, 0) != TK_SCONST)
            reader_error(r);
        value->text = reader_token(r, 0)->text;
        r->at++;
        return value;
    }
    if (kind == TK_MAP && reader_kind(r, 1) == TK_LBRACKET && closing(r->tokens, r->at + 1) == r->end - 1)
        return read_map(r);
    return NULL;
}

static bool
starts_query(const Reader *r)
{
    int kind = reader_kind(r, 1);

    return kind == TK_SELECT || kind == TK_WITH || kind == TK_VALUES;
}

static AstValue *
read_value(Reader *r, const char *name)
{
    AstValue *value;
    int kind = reader_kind(r, 0);

    if (reader_left(r) <= 0)
        return new_value(r, AST_VALUE_NONE);
    value = read_special(r, name);
    if (value != NULL)
        return value;
    if (kind == TK_SCONST && (reader_left(r) == 1 || reader_kind(r, 1) == TK_USING || reader_kind(r, 1) == TK_AVRO))
        return read_text(r);
    if (starts_number(r))
        return read_number(r);
    if (reader_left(r) == 1 && (kind == TK_IDENT || token_is_word(r->p, reader_token(r, 0))))
        return read_word(r);
    if (((kind == TK_LPAREN && !starts_query(r)) || kind == TK_LBRACKET) && closing(r->tokens, r->at) == r->end - 1 &&
        !(kind == TK_LBRACKET && reader_kind(r, 2) == TK_AS))
        return read_list(r);
    value = read_qualified(r);
    if (value != NULL || r->p->failed)
        return value != NULL ? value : new_value(r, AST_VALUE_NONE);
    value = new_value(r, AST_VALUE_EXPR);
    value->expr = read_expr(r);
    return value;
}

/* ---- Lists ---- */

static void
read_options(Parser *p, const TokenList *tokens, int start, int end, OptionsMode mode, AstOptionList *out)
{
    Reader r = {p, tokens, start, end};

    while (r.at < end && !p->failed) {
        AstOption *option;

        r.end = next_comma(tokens, r.at, end);
        /* AVRO KEY FULLNAME 'x' AVRO VALUE FULLNAME 'y' needs no comma. */
        do {
            if (mode == OPTIONS_NAMES) {
                option = NEW(AstOption);
                option->position = reader_token(&r, 0)->position;
                if (words_ahead(&r) != reader_left(&r) || reader_left(&r) == 0) {
                    reader_error(&r);
                    return;
                }
                option->name = words_joined(&r, reader_left(&r));
                r.at = r.end;
                option->value = new_value(&r, AST_VALUE_NONE);
            } else {
                option = read_option_name(&r);
                if (p->failed)
                    return;
                if (reader_kind(&r, 0) == TK_EQ) {
                    r.at++;
                    if (reader_left(&r) == 0)
                        reader_error(&r);
                }
                option->value = read_value(&r, option->name);
            }
            PUSH(out, option);
        } while (r.at < r.end && !p->failed && reader_kind(&r, 0) == TK_AVRO);
        if (!p->failed)
            read_end(&r);
        r.at = r.end + 1;
        if (r.end < end && r.at == end && !p->failed)
            reader_error(&r); /* a comma at the end */
    }
}

/* CSV HEADER DELIMITER AS 'x' ... */
static void
read_copy_words(Parser *p, const TokenList *tokens, AstOptionList *out)
{
    Reader r = {p, tokens, 0, tokens->count};

    while (r.at < r.end && !p->failed) {
        AstOption *option = NEW(AstOption);
        const char *word = text_upper(p, reader_token(&r, 0)->text);

        option->position = reader_token(&r, 0)->position;
        option->name = word;
        if (strcmp(word, "CSV") == 0 || strcmp(word, "TEXT") == 0 || strcmp(word, "BINARY") == 0) {
            option->name = "FORMAT";
            option->value = read_word(&r);
        } else if (strcmp(word, "HEADER") == 0) {
            r.at++;
            option->value = new_value(&r, AST_VALUE_NONE);
        } else if (reader_kind(&r, 0) != TK_SCONST) {
            r.at++;
            if (strcmp(reader_token(&r, 0)->text, "as") == 0 && reader_kind(&r, 1) == TK_SCONST)
                r.at++;
            if (reader_kind(&r, 0) == TK_SCONST)
                option->value = read_text(&r);
            else if (strcmp(word, "FORMAT") == 0 && r.at < r.end)
                option->value = read_word(&r);
        }
        if (option->value == NULL)
            reader_error(&r);
        else
            PUSH(out, option);
    }
}

/* The depth of the deepest token. */
static int
nesting(const TokenList *tokens)
{
    int depth = 0;
    int deepest = 0;

    for (int i = 0; i < tokens->count; i++) {
        int kind = tokens->items[i].kind;

        depth += (kind == TK_LPAREN || kind == TK_LBRACKET) - (kind == TK_RPAREN || kind == TK_RBRACKET);
        deepest = depth > deepest ? depth : deepest;
    }
    return deepest;
}

AstOptionList *
options_read(Parser *p, Range range, OptionsMode mode)
{
    AstOptionList *out = NEW(AstOptionList);
    Parser scan = parser_for_range(p, range.start, range.end, range.position);
    TokenList tokens = {0};
    Token token;

    if (p->failed || range.start >= range.end)
        return out;
    while (lexer_next(&scan, &token) && token.kind != 0)
        PUSH(&tokens, token);
    if (scan.failed) {
        p->failed = true;
        return out;
    }
    if (nesting(&tokens) > NESTING_MAX) {
        parser_too_deep(p, range.position);
        return out;
    }
    if (mode == OPTIONS_COPY)
        read_copy_words(p, &tokens, out);
    else
        read_options(p, &tokens, 0, tokens.count, mode, out);
    return out;
}
