/*
 * jsonpath_token.h -- the tokens of a jsonpath. Private to types/jsonpath_*.c.
 */
#ifndef FRESHET_TYPES_JSONPATH_TOKEN_H
#define FRESHET_TYPES_JSONPATH_TOKEN_H

#include "types/jsonpath.h"

typedef enum PathTokenKind {
    PATH_TOKEN_END,
    PATH_TOKEN_CHAR, /* a character that means itself */
    PATH_TOKEN_AND,
    PATH_TOKEN_OR,
    PATH_TOKEN_NOT,
    PATH_TOKEN_ANY_LEVEL,
    PATH_TOKEN_COMPARE, /* `compare` says which */
    PATH_TOKEN_VARIABLE,
    PATH_TOKEN_INTEGER,
    PATH_TOKEN_NUMBER,
    PATH_TOKEN_STRING,
    PATH_TOKEN_WORD,
} PathTokenKind;

typedef struct PathToken {
    PathTokenKind kind;
    char c;
    PathKind compare;
    Slice text;   /* unescaped */
    Slice source; /* as it was written, for messages */
    bool plain;   /* a WORD without escapes: may be a keyword */
} PathToken;

typedef struct PathLexer {
    const char *at, *end;
    Arena *arena;
} PathLexer;

MUST_CHECK bool path_token_next(PathLexer *lexer, PathToken *token, Error *err);
/* 42601 `{message} at or near "{source}" of jsonpath input` */
MUST_CHECK bool path_token_error(const PathToken *token, const char *message, Error *err);

#endif
