#include "server/session/literal.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#define TEXT_MAX   1024u
#define DIGITS_MAX 18u /* any integer of so many digits is an int8 */

typedef struct Lifter {
    const char *at, *end;
    LiftedQuery *lifted;
    bool compared; /* the last token was a comparison operator */
} Lifter;

static bool
is_operator(char c)
{
    return c != '\0' && strchr("+-*/<>=~!@#%^&|`?", c) != NULL;
}

static bool
is_word(char c)
{
    return isalnum((unsigned char) c) || c == '_' || c == '.';
}

static size_t
span(const Lifter *lifter, bool (*belongs)(char c))
{
    const char *at = lifter->at;
    while (at < lifter->end && belongs(*at))
        at++;
    return (size_t) (at - lifter->at);
}

static bool
is_any(const char *token, size_t size, const char *const *words)
{
    for (; *words != NULL; words++)
        if (strlen(*words) == size && strncasecmp(token, *words, size) == 0)
            return true;
    return false;
}

static void
copy(Lifter *lifter, size_t size)
{
    buffer_append(&lifter->lifted->text, lifter->at, size);
    lifter->at += size;
    lifter->compared = false;
}

/* After an integer: nothing that could still belong to its expression. */
static bool
comparison_ends(const Lifter *lifter)
{
    static const char *const words[] = {"and", "or", NULL};
    Lifter rest = *lifter;
    while (rest.at < rest.end && isspace((unsigned char) *rest.at))
        rest.at++;
    return rest.at == rest.end || *rest.at == ';' || *rest.at == ')' || is_any(rest.at, span(&rest, is_word), words);
}

static void
number(Lifter *lifter, size_t size)
{
    LiftedQuery *lifted = lifter->lifted;
    Lifter behind = *lifter;
    behind.at += size;
    int64_t value = 0;
    bool lift = lifter->compared && size <= DIGITS_MAX && lifted->count < LIFTED_MAX && comparison_ends(&behind);
    for (size_t i = 0; i < size && lift; i++) {
        lift = isdigit((unsigned char) lifter->at[i]);
        value = value * 10 + (lifter->at[i] - '0');
    }
    if (!lift) {
        copy(lifter, size);
        return;
    }
    lifted->values[lifted->count++] = value;
    buffer_printf(&lifted->text, "$%d", lifted->count);
    lifter->at += size;
    lifter->compared = false;
}

static bool
operator(Lifter *lifter, size_t size)
{
    static const char *const comparisons[] = {"=", "<", ">", "<=", ">=", "<>", "!=", NULL};
    for (size_t i = 0; i + 1 < size; i++)
        if (memcmp(lifter->at + i, "--", 2) == 0 || memcmp(lifter->at + i, "/*", 2) == 0)
            return false;
    bool compared = is_any(lifter->at, size, comparisons);
    copy(lifter, size);
    lifter->compared = compared;
    return true;
}

static bool
punctuation(Lifter *lifter)
{
    char c = *lifter->at;
    bool spaces = isspace((unsigned char) c);
    if (!spaces && strchr("(),;:[]", c) == NULL)
        return false;
    bool compared = lifter->compared && spaces;
    copy(lifter, 1);
    lifter->compared = compared;
    while (c == ';' && lifter->at < lifter->end)
        if (!isspace((unsigned char) *lifter->at++))
            return false;
    return true;
}

static bool
token(Lifter *lifter)
{
    static const char *const refused[] = {"group", "order", "limit", "offset", "distinct", "fetch", NULL};
    char c = *lifter->at;
    size_t size = span(lifter, is_word);
    if (c == '\0')
        return false;
    if (size > 0 && isdigit((unsigned char) c)) {
        number(lifter, size);
        return true;
    }
    if (size > 0) {
        bool kept = !is_any(lifter->at, size, refused);
        copy(lifter, size);
        return kept;
    }
    return is_operator(c) ? operator(lifter, span(lifter, is_operator)) : punctuation(lifter);
}

bool
literals_lift(Slice sql, LiftedQuery *lifted)
{
    static const char *const first[] = {"select", NULL};
    Lifter lifter = {sql.bytes, sql.bytes + sql.size, lifted, false};
    *lifted = (LiftedQuery){.count = 0};
    if (sql.size > TEXT_MAX || !is_any(lifter.at, span(&lifter, is_word), first))
        return false;
    bool ok = true;
    while (ok && lifter.at < lifter.end)
        ok = token(&lifter);
    return ok && lifted->count > 0;
}
