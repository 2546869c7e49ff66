#include "base/vector.h"
#include "expr/aggregate_internal.h"
#include "types/multirange.h"

/* range_agg and range_intersect_agg: a value counts once however often it is there. */

bool
range_union_result(const AggregateCall *call, const Datum *const *args, const int64_t *diffs, size_t count,
                   Arena *arena, Datum *result, Error *err)
{
    VECTOR(Slice) ranges = {0};
    bool any = false, of_ranges = type_is_range(call->arg_type);
    for (size_t i = 0; i < count; i++) {
        if (args[i][0].is_null || diffs[i] <= 0)
            continue;
        any = true;
        Slice rest = args[i][0].bytes;
        uint32_t held = of_ranges ? 1 : multirange_take_count(&rest);
        for (uint32_t k = 0; k < held; k++)
            vector_push(&ranges, of_ranges ? rest : multirange_take(&rest));
    }
    *result = DATUM_NULL;
    bool ok = true;
    if (any) {
        *result = datum_bytes((Slice){0});
        ok = multirange_make(call->result_type, ranges.items, ranges.count, arena, &result->bytes, err);
    }
    vector_deinit(&ranges);
    return ok;
}

bool
range_intersection_result(const AggregateCall *call, const Datum *const *args, const int64_t *diffs, size_t count,
                          Arena *arena, Datum *result, Error *err)
{
    SqlType type = call->arg_type;
    *result = DATUM_NULL;
    for (size_t i = 0; i < count; i++) {
        if (args[i][0].is_null || diffs[i] <= 0)
            continue;
        if (result->is_null) {
            *result = datum_bytes(
                slice_make(arena_strndup(arena, args[i][0].bytes.bytes, args[i][0].bytes.size), args[i][0].bytes.size));
            continue;
        }
        Slice common;
        bool ok = type_is_range(type)
                      ? range_intersect(type, result->bytes, args[i][0].bytes, arena, &common, err)
                      : multirange_intersect(type, result->bytes, args[i][0].bytes, arena, &common, err);
        if (!ok)
            return false;
        result->bytes = common;
    }
    return true;
}
