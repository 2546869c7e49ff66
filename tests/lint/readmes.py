#!/usr/bin/env python3
"""Each folder tells in a README.md what it owns; a folder inside another may be told of in the README above it."""
import pathlib
import subprocess
import sys

tracked = [pathlib.Path(line) for line in subprocess.run(["git", "ls-files"], capture_output=True, text=True,
                                                         check=True).stdout.splitlines()]
folders = sorted({path.parent for path in tracked if path.parts[0][0] != "." and len(path.parts) > 1})
found = []
for folder in folders:
    told = (folder / "README.md").exists()
    above = folder.parent
    while not told and above != pathlib.Path("."):
        readme = above / "README.md"
        told = readme.exists() and f"{folder.relative_to(above).parts[0]}/" in readme.read_text()
        above = above.parent
    if not told:
        found.append(f"{folder}: no README.md tells of it")
print("\n".join(found), end="\n" if found else "")
sys.exit(1 if found else 0)
