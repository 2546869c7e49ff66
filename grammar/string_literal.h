/*
 * string_literal.h -- what is between the quotes: finding the end, going on after a newline, and the escapes.
 *
 * Private to the lexer.
 */
#ifndef FRESHET_GRAMMAR_STRING_LITERAL_H
#define FRESHET_GRAMMAR_STRING_LITERAL_H

#include "grammar/build.h"

typedef enum StringKind {
    STRING_PLAIN,
    STRING_ESCAPES, /* E'...' */
    STRING_BITS,    /* B'...', X'...' */
    STRING_UNICODE, /* U&'...': read as plain; string_unicode follows */
} StringKind;

/* Reads the literal whose opening quote is at `quote`, with its continuations; `start` is where errors point. Returns
   NULL after an error; *end is set to what follows. */
char *string_read(Parser *p, const char *start, const char *quote, StringKind kind, const char **end);

/* The text with doubled quotes made single. */
char *string_undoubled(Arena *arena, const char *text, size_t size, char quote);

/* Resolves the escapes of U&'...' or U&"...", with the UESCAPE that may follow (token->end moves past it). Returns NULL
   after an error. */
char *string_unicode(Parser *p, Token *token, const char *text);

#endif
