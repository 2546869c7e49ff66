#!/usr/bin/env bash
# Every C file is as clang-format leaves it: `make format` mends.
set -uo pipefail
unformatted=$(git ls-files '*.c' '*.h' | xargs -P "$(nproc)" -n 8 clang-format --dry-run 2>&1 | sed -n 's/:.*code should be.*//p' | sort | uniq -c)
[ -z "$unformatted" ] && exit 0
awk '{print $2 ": not formatted, " $1 " places"}' <<< "$unformatted"
exit 1
