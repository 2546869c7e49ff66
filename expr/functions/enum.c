#include "types/enum.h"

#include "expr/functions/family.h"
#include "types/array.h"

/* What PostgreSQL asks an enum's type about itself; the arguments' values may all be null. */

static bool
give_label(FunctionCall *call, int index, Datum *result)
{
    const TypeDetail *type = enum_newest(call->arg_types[0].detail);
    if (type == NULL || type->label_count == 0)
        return give_null(result);
    return give_bytes(result, enum_make(&type->labels[index], call->context->arena));
}

ROW_FUNCTION(first)
{
    return give_label(call, 0, result);
}

ROW_FUNCTION(last)
{
    const TypeDetail *type = enum_newest(call->arg_types[0].detail);
    return give_label(call, type == NULL ? 0 : type->label_count - 1, result);
}

/* All labels, or those from the first argument to the second; null is the end of the type. */
ROW_FUNCTION(range)
{
    SqlType type = call->arg_types[0];
    type.detail = enum_newest(type.detail);
    int labels = type.detail == NULL ? 0 : type.detail->label_count;
    Datum *kept = arena_new_array(call->context->arena, Datum, labels + 1);
    int64_t count = 0;
    bool both = call->arg_count == 2;
    for (int i = 0; i < labels; i++) {
        Datum value = datum_bytes(enum_make(&type.detail->labels[i], call->context->arena));
        bool from = !both || args[0].is_null || datum_compare(type, value, args[0]) >= 0;
        bool to = !both || args[1].is_null || datum_compare(type, value, args[1]) <= 0;
        if (from && to)
            kept[count++] = value;
    }
    return give_bytes(result, array_make_vector(type, kept, count, call->context->arena));
}

const Function functions_enum[] = {
#include "expr/functions/enum.def"
};
const size_t functions_enum_count = sizeof functions_enum / sizeof *functions_enum;
