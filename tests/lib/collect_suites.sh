#!/usr/bin/env bash
# Writes to standard output a C file that lists every suite defined in the files given.
# A definition is a line that begins with its name: `suite_types_numeric(void)` under its return type.
set -euo pipefail
names=$([ $# -eq 0 ] || grep -hoE '^suite_[a-z0-9_]+\(void\)' "$@" | sed 's/(void)//' | sort -u)
echo '/* Made by tests/lib/collect_suites.sh. */'
echo '#include "tests/lib/suites.h"'
for name in $names; do
    echo "Suite *$name(void);"
done
echo 'const SuiteMaker suite_makers[] = {'
for name in $names; do
    echo "    $name,"
done
echo '    NULL,'
echo '};'
