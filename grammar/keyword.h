/*
 * keyword.h -- what keywords.def says of a word.
 */
#ifndef FRESHET_GRAMMAR_KEYWORD_H
#define FRESHET_GRAMMAR_KEYWORD_H

typedef enum KeywordClass {
    KEYWORD_NONE, /* not a keyword */
    KEYWORD_UNRESERVED,
    KEYWORD_COL_NAME,
    KEYWORD_TYPE_FUNC,
    KEYWORD_RESERVED,
} KeywordClass;

/* `text` in lower case. */
KeywordClass keyword_class(const char *text);

#endif
