#!/usr/bin/env python3
"""Asks the catalog queries of clients of a server, and of a PostgreSQL that has the same objects, and compares.

    tests/catalog_queries.py QUERIES SERVER [POSTGRES] [--known FILE] [--verbose]

SERVER and POSTGRES are connection strings. QUERIES has blocks that end with "-- ====": "-- @group", "-- @name", "-- @params" (JSON),
"-- @cols" (JSON), "-- @sens", then the query. {{class:t1}}, {{ns:public}}, {{type:mood}} and {{proc:f(integer)}} stand for OIDs, which are
looked up first; a block about an object that a server does not have is skipped. The objects are made by this program, as far as the server
can. Everything runs through psql.

With POSTGRES, names and types of columns must be PostgreSQL's, and so must the rows that tell of what both have: OIDs of user objects count
by the objects' names, and of a query over everything the rows that have a counterpart are compared. FILE names the blocks that may differ, one
a line with a reason behind it.
"""
import json
import re
import subprocess
import sys

SCHEMA = [
    "CREATE TABLE t1 (id integer PRIMARY KEY, name text NOT NULL DEFAULT 'x', amount numeric(10,2),"
    " ts timestamptz DEFAULT now(), tags text[], j jsonb)",
    "CREATE TABLE t2 (id bigint PRIMARY KEY, t1_id integer, v varchar(20), UNIQUE (v))",
    "CREATE INDEX t2_v_lower ON t2 (lower(v))",
    "CREATE VIEW v1 AS SELECT t1.id, t1.name, count(*) AS n FROM t1 JOIN t2 ON t2.t1_id = t1.id GROUP BY 1, 2",
    "CREATE MATERIALIZED VIEW mv1 AS SELECT t1_id, count(*) AS n FROM t2 GROUP BY t1_id",
    "CREATE INDEX mv1_idx ON mv1 (t1_id)",
    "CREATE SCHEMA sch",
    "CREATE TABLE sch.t3 (a int, b text)",
    "COMMENT ON TABLE t1 IS 'first table'",
    "COMMENT ON COLUMN t1.name IS 'the name'",
    "GRANT SELECT ON t1 TO PUBLIC",
    "INSERT INTO t1 (id, name, amount) VALUES (1, 'a', 1.5), (2, 'b', 2.5)",
    "INSERT INTO t2 VALUES (10, 1, 'x'), (11, 2, 'y')",
]
LOOK_UP = {
    "class": "SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
             " WHERE n.nspname = '{schema}' AND c.relname = '{name}'",
    "ns": "SELECT oid FROM pg_namespace WHERE nspname = '{name}'",
    "type": "SELECT t.oid FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace WHERE t.typname = '{name}'",
    "proc": "SELECT oid FROM pg_proc WHERE proname = '{name}'",
}
NAMES = ("SELECT c.oid::int8, 'class:' || c.relname FROM pg_class c WHERE c.oid >= 16384"
         " UNION ALL SELECT oid::int8, 'ns:' || nspname FROM pg_namespace"
         " WHERE oid >= 16384 OR nspname = 'public'"
         " UNION ALL SELECT oid::int8, 'role:' || rolname FROM pg_roles"
         " UNION ALL SELECT oid::int8, 'db:' || datname FROM pg_database"
         " UNION ALL SELECT oid::int8, 'con:' || conname FROM pg_constraint WHERE oid >= 16384")
FIELD, ROW, PART = "\x1f", "\x1e", "\x1d"


class Server:
    def __init__(self, connection):
        self.command = ["psql", "-X", "-A", "-q", "-F", FIELD, "-R", ROW, "-P", "footer=off",
                        "-v", "ON_ERROR_STOP=1", connection]
        self.oids = {}
        self.names = {}

    def run(self, sql):
        done = subprocess.run([*self.command, "-f", "-"], input=sql, capture_output=True, text=True, timeout=60)
        return done.stdout, "\n".join(line for line in done.stderr.splitlines()
                                      if not line.startswith(("psql:<stdin>:1: NOTICE", "NOTICE", "WARNING"))).strip()

    def table(self, sql):
        """Column names and rows; or an error."""
        out, err = self.run(sql)
        if err:
            return None, None, err.splitlines()[0]
        lines = [line.split(FIELD) for line in out.rstrip("\n").split(ROW)]
        return lines[0], lines[1:], None

    def prepare(self):
        for statement in SCHEMA:
            _, err = self.run(statement + ";")
            if err and "already exists" not in err:
                print("schema: %s: %s" % (statement, err))
        _, rows, err = self.table(NAMES + ";")
        self.names = {row[0]: row[1] for row in reversed(rows or [])}
        if err:
            print("names of objects: %s" % err)

    def oid(self, kind, name):
        if (kind, name) not in self.oids:
            schema, _, bare = name.partition("(")[0].rpartition(".")
            _, rows, err = self.table(LOOK_UP[kind].format(schema=schema or "public", name=bare) + ";")
            self.oids[kind, name] = rows[0][0] if not err and len(rows) == 1 else None
        return self.oids[kind, name]

    def query(self, block, query):
        """The query as this server can run it; None when it is about something that is not there."""
        params = block.get("params", "")
        for kind, name in re.findall(r"\{\{(\w+):([^}]*)\}\}", query + params):
            oid = self.oid(kind, name)
            if oid is None:
                return None
            query = query.replace("{{%s:%s}}" % (kind, name), oid)
            params = params.replace("{{%s:%s}}" % (kind, name), oid)
        values = json.loads(params or "[]")
        if values:
            query = re.sub(r"\$(\d+)", lambda number: literal(values[int(number[1]) - 1]), query)
        return query.rstrip().rstrip(";")

    def described(self, query):
        """Types of columns, their names and rows; or an error. In one session, as starting psql takes longer than the query."""
        out, err = self.run("%s\n\\gdesc\n\\qecho %s\n%s;" % (query, PART, query))
        if err:
            return None, None, None, err.splitlines()[0]
        types, _, rest = out.partition(PART + "\n")
        lines = [line.split(FIELD) for line in rest.rstrip("\n").split(ROW)]
        return [line.split(FIELD)[-1] for line in types.rstrip("\n").split(ROW)[1:]], lines[0], lines[1:], None

    def normal(self, row):
        """A row in which OIDs of user objects are their names."""
        return tuple(re.sub(r"\b\d{4,}\b", lambda number: self.names.get(number[0], number[0]), value) for value in row)


def blocks(text):
    for part in text.split("\n-- ====\n"):
        block, query = {"sens": ""}, []
        for line in part.split("\n"):
            entry = re.match(r"-- @(\w+) (.*)", line)
            if entry and not query:
                block[entry[1]] = entry[2]
            elif query or not line.startswith(("--", "#")):
                query.append(line)
        if "name" in block:
            yield block, "\n".join(query).strip()


def literal(value):
    return "NULL" if value is None else "'" + str(value).replace("'", "''") + "'"


def row_differences(ours, theirs):
    """Rows of either side that the other lacks."""
    left, right = list(ours), []
    for row in theirs:
        if row in left:
            left.remove(row)
        else:
            right.append(row)
    return left, right


def is_ours(row):
    """Whether it tells of the objects that were made; of others each side has its own."""
    return any(re.search(r"\b(t1|t2|t3|v1|mv1|mv1_idx|t2_v_lower|t1_pkey|t2_pkey|t2_v_key|sch)\b", value) for value in row)


def compare(server, postgres, block, query):
    """None when both agree, or what differs."""
    ours_query, theirs_query = server.query(block, query), postgres.query(block, query)
    if ours_query is None or theirs_query is None:
        return ""
    types, names, rows, err = server.described(ours_query)
    if err:
        return err
    wanted_types, wanted_names, wanted_rows, err = postgres.described(theirs_query)
    if err:
        return "" if block["sens"] else "PostgreSQL: " + err
    if names != wanted_names:
        return "columns are %s, not %s" % (names, wanted_names)
    if types != wanted_types:
        return "types are %s, not %s" % tuple(
            zip(*[(name + " " + a, b) for name, a, b in zip(names, types, wanted_types) if a != b]))
    extra, missing = row_differences([server.normal(row) for row in rows], [postgres.normal(row) for row in wanted_rows])
    ours, theirs = {row[:2] for row in map(server.normal, rows)}, {row[:2] for row in map(postgres.normal, wanted_rows)}
    extra = [row for row in extra if row[:2] in theirs or is_ours(row)]
    missing = [row for row in missing if row[:2] in ours or is_ours(row)]
    if not extra and not missing:
        return None
    return "%d of %d rows too many, %d of %d missing:%s" % (
        len(extra), len(rows), len(missing), len(wanted_rows),
        "".join("\n    + " + " | ".join(row) for row in extra[:LIMIT]) +
        "".join("\n    - " + " | ".join(row) for row in missing[:LIMIT]))


def run_alone(server, block, query):
    """None when it worked, "" when it is about something that is not there, or the error."""
    query = server.query(block, query)
    if query is None:
        return ""
    names, _, err = server.table(query + ";")
    wanted = json.loads(block.get("cols") or "[]")
    if err:
        return err
    if wanted and names != wanted and not block["sens"]:
        return "columns are %s, not %s" % (names, wanted)
    return None


LIMIT = 4


def main():
    arguments = sys.argv[1:]
    known = {}
    if "--known" in arguments:
        at = arguments.index("--known")
        with open(arguments[at + 1], encoding="utf-8") as file:
            known = dict(line.rstrip("\n").split("  ", 1) for line in file if line.strip() and line[0] != "#")
        del arguments[at:at + 2]
    server = Server(arguments[1])
    postgres = Server(arguments[2]) if len(arguments) > 2 else None
    server.prepare()
    if postgres:
        postgres.prepare()
    counts = {"worked": 0, "skipped": 0, "known": 0, "failed": 0}
    with open(arguments[0], encoding="utf-8") as file:
        text = file.read()
    for block, query in blocks(text):
        error = compare(server, postgres, block, query) if postgres else run_alone(server, block, query)
        key = block["group"] + " " + block["name"]
        if error and key in known:
            counts["known"] += 1
            continue
        counts["worked" if error is None else "failed" if error else "skipped"] += 1
        if error:
            print("%s: %s" % (key, error))
    print(", ".join("%s %d" % item for item in counts.items()))
    return counts["failed"] > 0


if __name__ == "__main__":
    sys.exit(main())
