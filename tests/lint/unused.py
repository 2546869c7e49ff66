#!/usr/bin/env python3
"""Files that nothing uses: headers that nobody includes, sources that the Makefile does not build, tables that nobody reads."""
import pathlib
import re
import subprocess
import sys

tracked = [pathlib.Path(line) for line in subprocess.run(["git", "ls-files"], capture_output=True, text=True,
                                                         check=True).stdout.splitlines()]
tracked = [path for path in tracked if path.exists()]
texts = {path: path.read_text(errors="replace") for path in tracked
         if path.suffix in (".c", ".h", ".re", ".y", ".def", ".mk", ".sh", ".py") or path.name == "Makefile"}
makefile = texts[pathlib.Path("Makefile")].replace("\\\n", " ")
library = re.search(r"^LIBRARY_DIRS := (.*)$", makefile, re.M).group(1).split()
found = []

included = set()
for path, text in texts.items():
    if path.suffix in (".c", ".h", ".re", ".y", ".sh"):
        for name in re.findall(r'#\s*include\s*"([^"]+)"', text):
            included.update([name, str(path.parent / name)])
for path in tracked:
    if path.suffix in (".h", ".def") and str(path) not in included:
        if not any(path.name in text for other, text in texts.items() if other.name == "Makefile" or other.suffix == ".mk"):
            found.append(f"{path}: nobody includes it")

for path in tracked:
    if path.suffix != ".c":
        continue
    folder = str(path.parent)
    built = (folder in library or folder in ("tests/lib", "sqllogictest", "bench", "tests/oracle") or folder.startswith("tests/unit/")
             or path.match("tests/integration/test_*.c") or path.match("tests/fuzz/fuzz_*.c") or path.match("bench/micro/bench_*.c") or str(path) in makefile)
    if not built:
        found.append(f"{path}: the Makefile does not build it")

for path in tracked:
    if path.suffix == ".sql" and not any(path.name in text for text in texts.values()):
        found.append(f"{path}: nobody reads it")

print("\n".join(found), end="\n" if found else "")
sys.exit(1 if found else 0)
