/*
 * type_of_text.h -- a type by its name in the tables of cases: "int4", "varchar(5)", "numeric(10,2)[]".
 */
#ifndef FRESHET_TESTS_UNIT_TYPES_TYPE_OF_TEXT_H
#define FRESHET_TESTS_UNIT_TYPES_TYPE_OF_TEXT_H

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "types/type.h"

static inline SqlType
type_of_text(const char *text)
{
    char name[100];
    int64_t modifiers[2];
    int count = 0;
    SqlType type;
    Error err = ERROR_INIT;
    snprintf(name, sizeof name, "%s", text);
    size_t size = strlen(name);
    bool is_array = size > 2 && strcmp(name + size - 2, "[]") == 0;
    if (is_array)
        name[size - 2] = 0;
    char *at = strchr(name, '(');
    if (at != NULL) {
        *at++ = 0;
        for (char *end; *at != 0 && *at != ')'; at = end + (*end == ','))
            modifiers[count++] = strtoll(at, &end, 10);
    }
    ck_assert_msg(type_from_name(name, &type), "no type %s", name);
    if (count > 0)
        ck_assert(type_apply_modifiers(&type, modifiers, count, &err));
    if (!is_array)
        return type;
    SqlType array = type_array_of(type);
    array.typmod = type.typmod;
    return array;
}

#endif
