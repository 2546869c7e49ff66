#include "expr/functions/family.h"

/* What tells about the system, its types and its session. */

ROW_FUNCTION(type_of)
{
    SqlType bare = call->arg_types[0];
    bare.typmod = -1;
    return give_text(result, type_format(bare, call->context->arena));
}

/* Types that no value has here, and that PostgreSQL's functions and operator classes are declared with. */
static const char *
name_of_other_type(uint32_t oid)
{
    static const struct {
        uint32_t oid;
        const char *name;
    } names[] = {{2249, "record"},
                 {2275, "cstring"},
                 {2278, "void"},
                 {2279, "trigger"},
                 {2280, "language_handler"},
                 {2281, "internal"},
                 {2287, "record[]"},
                 {325, "index_am_handler"},
                 {269, "table_am_handler"},
                 {3310, "tsm_handler"},
                 {3115, "fdw_handler"},
                 {32, "pg_ddl_command"},
                 {3500, "anyenum"},
                 {3838, "event_trigger"},
                 {4537, "anymultirange"},
                 {4538, "anycompatiblemultirange"},
                 {5080, "anycompatiblerange"},
                 {1263, "cstring[]"},
                 {27, "tid"},
                 {28, "xid"},
                 {29, "cid"},
                 {5069, "xid8"},
                 {3220, "pg_lsn"},
                 {3614, "tsvector"},
                 {3615, "tsquery"},
                 {600, "point"},
                 {601, "lseg"},
                 {602, "path"},
                 {603, "box"},
                 {604, "polygon"},
                 {628, "line"},
                 {718, "circle"},
                 {194, "pg_node_tree"},
                 {1033, "aclitem"},
                 {774, "macaddr8"}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (names[i].oid == oid)
            return names[i].name;
    }
    return "???";
}

ROW_FUNCTION(format_type)
{
    if (args[0].is_null)
        return give_null(result);
    if (args[0].i == 0)
        return give_text(result, "-");
    SqlType type;
    bool has_typmod = !args[1].is_null;
    if (!type_from_oid((uint32_t) args[0].i, has_typmod ? (int32_t) args[1].i : -1, &type)) {
        for (int pseudo = PSEUDO_ANY; pseudo < PSEUDO_COUNT; pseudo++) {
            SqlType pseudo_type = {.id = (TypeId) pseudo, .typmod = -1};
            if (function_type_oid(pseudo_type) == (uint32_t) args[0].i)
                return give_text(result, function_type_name(pseudo_type, call->context->arena));
        }
        return give_text(result, name_of_other_type((uint32_t) args[0].i));
    }
    if (type.id == TYPE_BPCHAR && has_typmod && args[1].i < 0)
        return give_text(result, "bpchar");
    return give_text(result, type_format(type, call->context->arena));
}

ROW_FUNCTION(database_encoding)
{
    return give_text(result, "UTF8");
}

/* Bytes of a value as it is stored, with PostgreSQL's one-byte header where it has a length. */
static int64_t
stored_size(SqlType type, Datum value)
{
    if (type_phys(type) != PHYS_BYTES)
        return type_length(type) > 0 ? type_length(type) : phys_width(type_phys(type));
    int64_t size = (int64_t) value.bytes.size;
    return size + (size < 127 ? 1 : 4);
}

ROW_FUNCTION(column_size)
{
    return give_int(result, stored_size(call->arg_types[0], args[0]));
}

ROW_FUNCTION(row_size)
{
    int64_t size = 0;
    for (int i = 0; i < call->arg_count; i++)
        size += args[i].is_null ? 1 : stored_size(call->arg_types[i], args[i]);
    return give_int(result, size);
}

ROW_FUNCTION(always_true)
{
    return give_bool(result, true);
}

ROW_FUNCTION(always_false)
{
    return give_bool(result, false);
}

ROW_FUNCTION(always_null)
{
    return give_null(result);
}

ROW_FUNCTION(always_zero)
{
    return give_int(result, 0);
}

ROW_FUNCTION(no_statistics)
{
    return give_int(result, -1);
}

ROW_FUNCTION(first_argument)
{
    *result = args[0];
    return true;
}

ROW_FUNCTION(unknown_user)
{
    return give_text(result, arena_printf(call->context->arena, "unknown (OID=%lld)", (long long) args[0].i));
}

ROW_FUNCTION(version_number)
{
    return give_int(result, 100);
}

/* What fails when it is null: for scalar subqueries and such. */
ROW_FUNCTION(error_if_null)
{
    if (args[0].is_null)
        return error_set(err, SQLSTATE_NULL_VALUE_NOT_ALLOWED, "%.*s", (int) args[1].bytes.size,
                         args[1].is_null ? "" : args[1].bytes.bytes);
    *result = args[0];
    return true;
}

const Function functions_system[] = {
#include "expr/functions/system.def"
};
const size_t functions_system_count = sizeof functions_system / sizeof *functions_system;
