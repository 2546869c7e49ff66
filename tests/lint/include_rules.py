#!/usr/bin/env python3
"""Who may include whom. Prints each include that looks the wrong way; see docs/architecture.md."""
import pathlib
import re
import sys

ALLOWED = {
    "base": [],
    "types": ["base"],
    "grammar": ["base"],
    "expr": ["collection/chunk.h", "collection/column.h", "types", "base"],
    "collection": ["types", "base"],
    "storage": ["collection", "types", "base"],
    "dataflow": ["storage", "collection", "expr", "types", "base"],
    "catalog": ["storage", "collection", "expr", "types", "base"],
    "planner": ["grammar", "catalog", "dataflow/plan.h", "dataflow/peek.h", "expr", "types", "base"],
    "replication": ["storage", "collection", "types", "base"],
    "server": ["base", "types", "grammar", "expr", "collection", "storage", "dataflow", "catalog", "planner", "replication"],
}
NOBODY_INCLUDES = ["tests", "sqllogictest", "bench"]
SYSTEM_HEADERS = {
    "uv.h": lambda path: path.parts[0] in ("server", "replication") or path.stem.endswith("_uv"),
    "libpq-fe.h": lambda path: path.parts[0] == "replication" or path.stem == "consensus_postgres",
}
INCLUDE = re.compile(r'^\s*#\s*include\s*(?:"([^"]+)"|<([^>]+)>)')


def problems(path):
    folder = path.parts[0]
    allowed = [folder] + ALLOWED[folder]
    for number, line in enumerate(path.read_text().splitlines(), 1):
        match = INCLUDE.match(line)
        if not match:
            continue
        ours, system = match.groups()
        if system in SYSTEM_HEADERS and not SYSTEM_HEADERS[system](path):
            yield f"{path}:{number}: <{system}> is kept out of {folder}/"
        if ours is None:
            continue
        target = ours.split("/")[0]
        if "/" not in ours:
            yield f'{path}:{number}: "{ours}" is not written from the root'
        elif target not in allowed and ours not in allowed:
            yield f'{path}:{number}: {folder}/ may not include "{ours}"'


def main():
    found = []
    for folder in ALLOWED:
        for suffix in ("*.c", "*.h", "*.re", "*.y"):
            for path in sorted(pathlib.Path(folder).rglob(suffix)):
                found.extend(problems(path))
    print("\n".join(found), end="\n" if found else "")
    return 1 if found else 0


sys.exit(main())
