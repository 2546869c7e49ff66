#!/usr/bin/env bash
# Runs every check of this folder from the root of the checkout; ends with "N passed, M failed".
set -uo pipefail
build=${1:-build}
cd "$(dirname "$0")/../.."
passed=0
failed=0
for check in include_rules.py headers_alone.sh format.sh words.sh unused.py readmes.py; do
    if output=$("tests/lint/$check" "$build" 2>&1); then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        printf 'lint: %s\n%s\n' "$check" "$output"
    fi
done
echo "lint: $passed passed, $failed failed"
[ "$failed" -eq 0 ]
