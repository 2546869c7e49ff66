#!/usr/bin/env python3
"""make_seeds.py DIRECTORY: every SQL text of the scripts as a seed for fuzz_parse; a few conversations for fuzz_message."""
import hashlib
import pathlib
import struct
import sys

directory = pathlib.Path(sys.argv[1])


def write(target, content):
    folder = directory / f"seeds-{target}"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / hashlib.md5(content).hexdigest()).write_bytes(content)


def message(kind, body):
    return kind + struct.pack("!I", len(body) + 4) + body


for script in pathlib.Path("sqllogictest/scripts").rglob("*.slt"):
    for block in script.read_text().split("\n\n"):
        lines = [line for line in block.split("\n") if not line.startswith("#")]
        while lines and lines[0].split(" ")[0] in ("connection", "retry", "gather", "timeout", "skipif", "onlyif"):
            lines.pop(0)
        if lines and lines[0].split(" ")[0] in ("statement", "query", "upstream", "let"):
            sql = "\n".join(lines[1:]).split("\n----")[0]
            if sql.strip():
                write("fuzz_parse", sql.encode())

startup = b"\0\3\0\0user\0materialize\0database\0materialize\0\0"
start = struct.pack("!I", len(startup) + 4) + startup
bind = b"p\0s\0\0\1\0\1\0\2\0\0\0\1x\xff\xff\xff\xff\0\1\0\1"
talk = [message(b"Q", b"SELECT 1\0"), message(b"P", b"s\0SELECT $1\0\0\1\0\0\0\x17"), message(b"B", bind),
        message(b"D", b"Pp\0"), message(b"E", b"p\0\0\0\0\2"), message(b"C", b"Ss\0"), message(b"H", b""),
        message(b"S", b""), message(b"d", b"1\tone\n"), message(b"c", b""), message(b"f", b"no\0"), message(b"X", b"")]
write("fuzz_message", start + b"".join(talk))
for one in talk:
    write("fuzz_message", start + one)
    write("fuzz_message", one)
write("fuzz_message", struct.pack("!II", 8, 80877103))
write("fuzz_message", struct.pack("!IIII", 16, 80877102, 1, 2))
