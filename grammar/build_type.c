/*
 * build_type.c -- type names. Those spelled by keyword get PostgreSQL's name for the type.
 */
#include <stdlib.h>
#include <string.h>

#include "grammar/build.h"
#include "grammar/sql.h"

AstType *
build_type_named(Parser *p, const AstName *name, const AstExprList *modifiers)
{
    AstType *type = NEW(AstType);

    type->kind = AST_TYPE_NAMED;
    type->position = name->position;
    type->name = *name;
    LIST_SET(type->modifiers, modifiers);
    return type;
}

AstType *
build_type(Parser *p, const Token *ident, const AstName *attributes, const AstExprList *modifiers)
{
    AstName *name = build_name(p, ident);

    for (int i = 0; attributes != NULL && i < attributes->count; i++) {
        Token part = {.text = attributes->parts[i], .position = attributes->position};

        build_name_push(p, name, &part);
    }
    return build_type_named(p, name, modifiers);
}

AstType *
build_type_by_id(Parser *p, const Token *id, const AstName *name)
{
    AstType *type = build_type_named(p, name, NULL);

    type->name.id = id->text;
    type->position = id->position;
    return type;
}

AstType *
build_keyword_type(Parser *p, const Token *at, const char *name, const AstExprList *modifiers)
{
    AstName full = {.parts = {name}, .count = 1, .position = at->position};
    AstType *type = build_type_named(p, &full, modifiers);

    type->keyword = true;
    return type;
}

AstType *
build_float_type(Parser *p, const Token *at, const Token *precision)
{
    long digits;

    if (precision->text == NULL)
        return build_keyword_type(p, at, "float8", NULL);
    digits = strlen(precision->text) > 4 ? 9999 : strtol(precision->text, NULL, 10);
    if (digits < 1)
        parser_error_at(p, SQLSTATE_INVALID_PARAMETER_VALUE, precision->position,
                        "precision for type float must be at least 1 bit");
    else if (digits > 53)
        parser_error_at(p, SQLSTATE_INVALID_PARAMETER_VALUE, precision->position,
                        "precision for type float must be less than 54 bits");
    return build_keyword_type(p, at, digits <= 24 ? "float4" : "float8", NULL);
}

AstType *
build_character_type(Parser *p, const Token *at, const Token *length)
{
    bool varying = at->kind == TK_VARCHAR;
    AstType *type = build_keyword_type(p, at, varying ? "varchar" : "bpchar", NULL);

    if (length->text != NULL)
        PUSH(&type->modifiers, build_number(p, length));
    else if (!varying)
        PUSH(&type->modifiers, build_one(p, at));
    return type;
}

AstType *
build_bit_type(Parser *p, AstType *type)
{
    if (type->modifiers.count == 0 && strcmp(type->name.parts[0], "bit") == 0)
        PUSH(&type->modifiers, build_one(p, &(Token){.position = type->position}));
    return type;
}

AstType *
build_datetime_type(Parser *p, const Token *at, const char *name, const Token *precision)
{
    AstType *type = build_keyword_type(p, at, name, NULL);

    if (precision->text != NULL)
        PUSH(&type->modifiers, build_number(p, precision));
    return type;
}

AstType *
build_interval_type(Parser *p, const Token *at, IntervalFields fields)
{
    AstType *type = build_datetime_type(p, at, "interval", &fields.precision);

    type->interval_from = fields.from;
    type->interval_to = fields.to;
    return type;
}

AstType *
build_array_type(Parser *p, AstType *element, int dimensions)
{
    AstType *type = NEW(AstType);

    type->kind = AST_TYPE_ARRAY;
    type->position = element->position;
    type->element = element;
    type->dimensions = dimensions;
    return type;
}

/* Types have no depth of their own; a chain of LIST words is as long as the parser's patience. */
AstType *
build_list_type(Parser *p, AstType *element)
{
    AstType *type = NEW(AstType);
    int levels = 1;

    for (const AstType *t = element; t != NULL; t = t->element)
        levels++;
    if (levels > 100)
        parser_too_deep(p, element->position);
    type->kind = AST_TYPE_LIST;
    type->position = element->position;
    type->element = element;
    return type;
}

AstType *
build_map_type(Parser *p, const Token *at, AstType *key, AstType *value)
{
    AstType *type = build_list_type(p, value);

    type->kind = AST_TYPE_MAP;
    type->position = at->position;
    type->key = key;
    return type;
}
