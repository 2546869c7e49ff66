#include "expr/functions/family.h"
#include "types/datetime.h"
#include "types/number_format.h"

/* Values by a format. to_char of timestamps is in datetime.c. */

static bool
give_if(bool fine, FunctionCall *call, Datum *result, Buffer *out)
{
    if (fine)
        return give_buffer(call, result, out);
    buffer_deinit(out);
    return false;
}

ROW_FUNCTION(number_char)
{
    Buffer out = {0};
    bool fine = number_to_char(call->arg_types[0], args[0], args[1].bytes, call->context->arena, &out, err);
    return give_if(fine, call, result, &out);
}

ROW_FUNCTION(interval_char)
{
    Buffer out = {0};
    if (args[1].bytes.size == 0)
        return give_null(result);
    return give_if(interval_to_char(args[0].interval, args[1].bytes, &out, err), call, result, &out);
}

ROW_FUNCTION(to_number)
{
    bool is_null;
    *result = (Datum){0};
    if (!number_from_char(args[0].bytes, args[1].bytes, call->context->arena, &is_null, &result->bytes, err))
        return false;
    result->is_null = is_null;
    return true;
}

ROW_FUNCTION(to_date)
{
    int32_t date;
    return date_from_char(args[0].bytes, args[1].bytes, &date, err) && give_int(result, date);
}

ROW_FUNCTION(to_timestamp)
{
    int64_t timestamp;
    return timestamptz_from_char(args[0].bytes, args[1].bytes, call_zone(call), &timestamp, err) &&
           give_int(result, timestamp);
}

const Function functions_formatting[] = {
#include "expr/functions/formatting.def"
};
const size_t functions_formatting_count = sizeof functions_formatting / sizeof *functions_formatting;
