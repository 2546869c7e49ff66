#!/usr/bin/env python3
"""Runs the catalog queries of clients against a server and counts what fails.

    tests/catalog_queries.py QUERIES [psql option ...]

QUERIES has blocks that end with "-- ====": "-- @group", "-- @name", "-- @params" (JSON), "-- @cols" (JSON), "-- @sens", then the query.
{{class:t1}}, {{ns:public}}, {{type:mood}} and {{proc:f(integer)}} stand for OIDs, which are looked up first; a block about an object that the
server does not have is skipped. The objects are made by this program, as far as the server can. Everything runs through psql.
"""
import json
import re
import subprocess
import sys

SCHEMA = [
    "CREATE TABLE t1 (id integer NOT NULL, name text NOT NULL DEFAULT 'x', amount numeric(10,2), ts timestamptz,"
    " tags text[], j jsonb)",
    "CREATE TABLE t2 (id bigint NOT NULL, t1_id integer, v varchar(20))",
    "CREATE INDEX t2_v_lower ON t2 (lower(v))",
    "CREATE VIEW v1 AS SELECT t1.id, t1.name, count(*) AS n FROM t1 JOIN t2 ON t2.t1_id = t1.id GROUP BY 1, 2",
    "CREATE MATERIALIZED VIEW mv1 AS SELECT t1_id, count(*) AS n FROM t2 GROUP BY t1_id",
    "CREATE INDEX mv1_idx ON mv1 (t1_id)",
    "CREATE SCHEMA sch",
    "CREATE TABLE sch.t3 (a int, b text)",
    "COMMENT ON TABLE t1 IS 'first table'",
    "COMMENT ON COLUMN t1.name IS 'the name'",
]
LOOK_UP = {
    "class": "SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
             " WHERE n.nspname = '{schema}' AND c.relname = '{name}'",
    "ns": "SELECT oid FROM pg_namespace WHERE nspname = '{name}'",
    "type": "SELECT t.oid FROM pg_type t JOIN pg_namespace n ON n.oid = t.typnamespace WHERE t.typname = '{name}'",
    "proc": "SELECT oid FROM pg_proc WHERE proname = '{name}'",
}


class Server:
    def __init__(self, options):
        self.command = ["psql", "-X", "-A", "-q", "-v", "ON_ERROR_STOP=1", *options]
        self.oids = {}

    def run(self, sql):
        done = subprocess.run([*self.command, "-f", "-"], input=sql, capture_output=True, text=True, timeout=60)
        return done.stdout, done.stderr.strip()

    def oid(self, kind, name):
        if (kind, name) not in self.oids:
            schema, _, bare = name.partition("(")[0].rpartition(".")
            out, err = self.run(LOOK_UP[kind].format(schema=schema or "public", name=bare))
            lines = out.splitlines()
            self.oids[kind, name] = lines[1] if not err and len(lines) == 3 else None
        return self.oids[kind, name]


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


def run_block(server, block, query):
    """None when it worked, "" when it is about something that is not there, or the error."""
    for kind, name in re.findall(r"\{\{(\w+):([^}]*)\}\}", query + block.get("params", "")):
        oid = server.oid(kind, name)
        if oid is None:
            return ""
        query = query.replace("{{%s:%s}}" % (kind, name), oid)
        block["params"] = block.get("params", "").replace("{{%s:%s}}" % (kind, name), oid)
    params = json.loads(block.get("params") or "[]")
    query = re.sub(r"\$(\d+)", lambda number: literal(params[int(number[1]) - 1]), query) if params else query
    out, err = server.run(query.rstrip(";") + ";")
    if err:
        return err.splitlines()[0]
    names = out.split("\n", 1)[0].split("|")
    wanted = json.loads(block.get("cols") or "[]")
    if wanted and names != wanted and not block["sens"]:
        return "columns are %s, not %s" % (names, wanted)
    return None


def main():
    server = Server(sys.argv[2:])
    for statement in SCHEMA:
        _, err = server.run(statement + ";")
        if err and "already exists" not in err:
            print("schema: %s: %s" % (statement, err))
    counts = {"worked": 0, "skipped": 0, "failed": 0}
    with open(sys.argv[1], encoding="utf-8") as file:
        text = file.read()
    for block, query in blocks(text):
        error = run_block(server, block, query)
        counts["worked" if error is None else "failed" if error else "skipped"] += 1
        if error:
            print("%s %s: %s" % (block["group"], block["name"], error))
    print(", ".join("%s %d" % item for item in counts.items()))
    return counts["failed"] > 0


if __name__ == "__main__":
    sys.exit(main())
