#!/usr/bin/env bash
# Random queries of sqlsmith on a Freshet with relations of every kind: most of them fail, but the server must live, and log neither a bug
# nor an internal error. Arguments: the build folder, how many queries, the seed.
set -uo pipefail
build=$1 queries=$2 seed=$3
command -v sqlsmith >/dev/null || { echo "sqlsmith is not installed: nothing is run"; exit 0; }
here=$(mktemp -d /tmp/sqlsmith.XXXXXX)
port=$((10000 + RANDOM % 20000))
freshet_pid=
cleanup() {
    [ -n "$freshet_pid" ] && kill -9 "$freshet_pid" 2>/dev/null
    rm -rf "$here"
}
trap cleanup EXIT

"$build/freshet" --data-directory "$here/data" --listen-address 127.0.0.1:$port \
    --http-listen-address 127.0.0.1:$((port + 1)) >"$here/log" 2>&1 &
freshet_pid=$!
target="host=127.0.0.1 port=$port user=materialize dbname=materialize"
for _ in $(seq 100); do
    grep -q 'server: ready' "$here/log" && break
    kill -0 "$freshet_pid" 2>/dev/null || { cat "$here/log"; exit 1; }
    sleep 0.1
done
psql -X -q -v ON_ERROR_STOP=1 "$target" -f tests/sqlsmith.sql || exit 1

timeout $((60 + queries / 50)) sqlsmith --target="$target options='-c statement_timeout=5s'" --max-queries="$queries" --seed="$seed" \
    --exclude-catalog --verbose >"$here/smith" 2>&1
ended=$?
status=0
if [ $ended != 0 ]; then
    echo "sqlsmith ended with $ended:"
    tail -n 5 "$here/smith"
    status=1
fi
kill -0 "$freshet_pid" 2>/dev/null || { echo "the server is gone"; freshet_pid=; status=1; }
if grep -E ' ERROR ' "$here/log"; then
    status=1
fi
kill "$freshet_pid" 2>/dev/null
if [ -n "$freshet_pid" ] && ! timeout 20 tail --pid="$freshet_pid" -f /dev/null; then
    echo "the server does not stop"
    kill -9 "$freshet_pid"
    status=1
fi
freshet_pid=
[ $status = 0 ] || echo "again, with every query printed: sqlsmith --dump-all-queries --seed=$seed --max-queries=$queries --exclude-catalog"
echo "sqlsmith: $queries queries, $(grep -oE '^error rate: .*' "$here/smith" | tail -n 1)"
exit $status
