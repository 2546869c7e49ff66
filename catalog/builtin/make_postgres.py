#!/usr/bin/env python3
"""Writes postgres.def: rows of PostgreSQL's own system relations that never change, as a PostgreSQL 15 tells them.

    catalog/builtin/make_postgres.py CONNECTION > catalog/builtin/postgres.def

Owners and schemas are those of this server. Regproc columns are numbers, so that they can be read before there is a pg_proc.
"""
import datetime
import subprocess
import sys
import zoneinfo

OWNER, SCHEMA = 16661, 16657
RELATIONS = ["pg_type", "pg_operator", "pg_aggregate", "pg_cast", "pg_range", "pg_am", "pg_language", "pg_collation",
             "pg_opclass", "pg_opfamily", "pg_amop", "pg_amproc", "pg_conversion", "pg_timezone_abbrevs", "pg_proc"]
ABSENT = ("ARRAY(SELECT oid FROM pg_type WHERE typname IN ('point', 'lseg', 'path', 'box', 'polygon', 'line', 'circle', 'tsvector',"
          " 'tsquery', 'gtsvector', 'txid_snapshot', 'pg_snapshot', 'tsm_handler',"
          " 'fdw_handler', 'table_am_handler', 'pg_ddl_command'))")
WHERE = {
    "pg_type": "typrelid = 0 AND typelem NOT IN (SELECT oid FROM pg_type WHERE typrelid <> 0)"
               " AND typnamespace = 11",
    "pg_language": "lanname <> 'plpgsql'",
    # What takes or gives types that are not here is left out; nothing could call it.
    "pg_proc": "pronamespace = 11 AND NOT (prorettype = ANY (%s) OR proargtypes::oid[] && %s)" % (ABSENT, ABSENT),
    "pg_operator": "NOT (oprresult = ANY (%s) OR oprleft = ANY (%s) OR oprright = ANY (%s))" % (ABSENT, ABSENT, ABSENT),
    "pg_collation": "collname IN ('default', 'C', 'POSIX', 'ucs_basic')",
}
TYPES = {"pg_node_tree": "text", "aclitem[]": "text[]", "boolean": "bool", "integer": "int4", "bigint": "int8",
         "smallint": "int2", "real": "float4", "oidvector": "oid[]", "smallint[]": "int2[]", "anyarray": "text[]"}
# These are seen through views, which hide the additions.
PLACES = {"pg_type": 'mz_internal", "mz_postgres_types', "pg_proc": 'mz_internal", "mz_postgres_functions'}
# What this server adds to a row: the texts that PostgreSQL's functions about functions give.
EXTRA = {"pg_proc": [("pg_get_function_arguments(oid)", "arguments text"),
                     ("pg_get_function_identity_arguments(oid)", "identity_arguments text"),
                     ("pg_get_function_result(oid)", "result text?")]}


def query(sql):
    done = subprocess.run(["psql", "-X", "-A", "-t", "-F", "\t", "-P", "null=\\N", "-v", "ON_ERROR_STOP=1", sys.argv[1],
                           "-c", sql], capture_output=True, text=True, check=True)
    return [line.split("\t") for line in done.stdout.splitlines()]


def value(column, kind):
    if column.endswith("owner"):
        return str(OWNER) + "::oid"
    if column.endswith("namespace"):
        return str(SCHEMA) + "::oid"
    if kind == "regproc":
        return column + "::oid"
    if kind == "oidvector":
        return "'{' || replace(%s::text, ' ', ',') || '}'" % column
    if column in ("proacl", "lanacl", "typacl", "prosqlbody", "proargdefaults", "typdefaultbin"):
        return "NULL"
    return column


def relation(name):
    columns = query("SELECT attname, format_type(atttypid, NULL), attnotnull FROM pg_attribute"
                    " WHERE attrelid = 'pg_catalog.%s'::regclass AND attnum > 0 ORDER BY attnum" % name)
    extra = EXTRA.get(name, []) + [] if name == "pg_timezone_abbrevs" else EXTRA.get(name, []) + [("'pg_catalog.%s'::regclass::oid" % name, "tableoid oid")]
    specification = ", ".join(
        ["%s %s%s" % (column, TYPES.get(kind, kind).replace('"char"', "char1"), "" if not_null == "t" else "?")
         for column, kind, not_null in columns]).replace("char1", '\\"char\\"')
    rows = query("SELECT %s FROM pg_catalog.%s WHERE %s ORDER BY 1" % (
        ", ".join([value(column, kind) for column, kind, _ in columns] + [sql for sql, _ in extra]), name,
        WHERE.get(name, "true")))
    place = PLACES.get(name, 'pg_catalog", "' + name)
    print('POSTGRES("%s", "%s",' % (place, ", ".join([specification] + [field for _, field in extra])))
    for row in rows:
        print('         "%s\\n"' % "\\t".join(row_field.replace("\\", "\\\\").replace('"', '\\"') for row_field in row))
    if not rows:
        print('         ""')
    print(")")


def zones():
    """Names of time zones, and what the clocks there are called in winter and in summer."""
    print('POSTGRES("mz_internal", "mz_time_zones", "name text, january text, july text",')
    for name, in query("SELECT name FROM pg_timezone_names WHERE name NOT LIKE 'posix%' ORDER BY name"):
        zone = zoneinfo.ZoneInfo(name)
        print('         "%s\\n"' % "\\t".join([name] + [datetime.datetime(2023, month, 1, tzinfo=zone).tzname() for month in (1, 7)]))
    print(")")


OIDS = query("SELECT relname, oid FROM pg_class WHERE relnamespace = 11 AND relkind IN ('r', 'v') ORDER BY 1")
print("/* postgres.def -- made by make_postgres.py: facts about PostgreSQL 15. POSTGRES(schema, relation, columns, rows): a line a row,")
print("   fields between tabs, \\N for null. */")
for each in RELATIONS:
    relation(each)
zones()
print("/* OIDs that PostgreSQL's relations have: RELATION_OID(name, oid) */")
for relation_name, relation_oid in OIDS:
    if int(relation_oid) < 12000:
        print('RELATION_OID("%s", %s)' % (relation_name, relation_oid))
