#!/usr/bin/env bash
# Every part of `make test`, one after the other, the rest too when one fails. The argument is the make to call.
set -uo pipefail
parts=(lint test-unit test-integration test-catalog test-kill test-slice "test-oracle ORACLE_QUERIES=3000"
    "test-sqlsmith SQLSMITH_QUERIES=2000" test-fuzz)
failed=()
for part in "${parts[@]}"; do
    started=$SECONDS
    echo "== ${part%% *}"
    # shellcheck disable=SC2086 # a part may bring a variable
    "$@" $part || failed+=("${part%% *}")
    echo "== ${part%% *} took $((SECONDS - started)) s"
done
if [ ${#failed[@]} -gt 0 ]; then
    echo "failed: ${failed[*]}"
    exit 1
fi
echo "all parts passed"
