#!/usr/bin/env bash
# shared.sh slice|all SHARED BUILD: the scripts of SHARED/slt against Freshet, with PostgreSQL as the oracle beside it.
# The slice is what fits into every run: the small incremental scripts with every query also as a materialized view,
# and a few of the others. `all` takes long.
set -uo pipefail
what=$1
scripts=$2/slt
build=$3
if [ ! -d "$scripts" ]; then
    echo "no $scripts beside the checkout: its scripts were not run"
    exit 0
fi
runner=("$build/sqllogictest" --postgres --freshet "$build/freshet" --oracle)
incremental=("$scripts/incremental")
sqlite=("$scripts/sqlite")
views=100
if [ "$what" = slice ]; then
    mapfile -t incremental < <(find "$scripts/incremental" -name '*.test' -size -40k | sort)
    sqlite=("$scripts/sqlite/evidence" "$scripts/sqlite/select1.test" "$scripts/sqlite/select2.test" "$scripts/sqlite/select3.test")
    views=20
fi
status=0
"${runner[@]}" --materialized --views "$views" "${incremental[@]}" || status=1
"${runner[@]}" "${sqlite[@]}" || status=1
exit $status
