#!/usr/bin/env bash
# Every C file is as clang-format leaves it: `make format` mends.
set -uo pipefail
git ls-files '*.c' '*.h' | xargs -P "$(nproc)" -n 8 clang-format --dry-run -Werror 2>&1 | grep 'code should be' | cut -d: -f1 |
    sort | uniq -c | awk '{print $2 ": not formatted, " $1 " places"; bad = 1} END {exit bad}'
