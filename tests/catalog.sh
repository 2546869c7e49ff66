#!/usr/bin/env bash
# What clients ask of the system catalog: every command of tests/psql_commands.txt must answer without an error, and the queries of the shared
# file must answer as a PostgreSQL 15 does that has the same objects. Arguments: the build folder, the folder of shared files.
set -uo pipefail
build=$1 shared=$2
here=$(mktemp -d /tmp/catalog.XXXXXX)
chmod 755 "$here"
bin=/usr/lib/postgresql/15/bin
port=$((20000 + RANDOM % 10000))
as_postgres=()
[ "$(id -u)" = 0 ] && as_postgres=(setpriv --reuid=postgres --regid=postgres --clear-groups)
freshet_pid=
cleanup() {
    [ -n "$freshet_pid" ] && kill "$freshet_pid" 2>/dev/null && wait "$freshet_pid" 2>/dev/null
    [ -d "$here/pg/data" ] && "${as_postgres[@]}" "$bin/pg_ctl" -m immediate -D "$here/pg/data" stop >/dev/null 2>&1
    rm -rf "$here"
}
trap cleanup EXIT

"$build/freshet" --data-directory "$here/freshet" --listen-address 127.0.0.1:$port \
    --http-listen-address 127.0.0.1:$((port + 1)) >"$here/log" 2>&1 &
freshet_pid=$!
freshet="host=127.0.0.1 port=$port user=materialize dbname=materialize"
for _ in $(seq 100); do
    psql -X -q "$freshet" -c 'SELECT 1' >/dev/null 2>&1 && break
    sleep 0.1
done

postgres=
if [ -x "$bin/initdb" ]; then
    mkdir "$here/pg"
    [ "$(id -u)" = 0 ] && chown postgres "$here/pg"
    (cd "$here/pg" && "${as_postgres[@]}" "$bin/initdb" -A trust -U mz_system --locale=C -E UTF8 -D data &&
        "${as_postgres[@]}" "$bin/pg_ctl" -w -D data -l log -o "-p $((port + 2)) -k $here/pg -c listen_addresses=127.0.0.1" start) \
        >/dev/null
    postgres="host=127.0.0.1 port=$((port + 2)) user=materialize dbname=materialize"
    psql -X -q "host=127.0.0.1 port=$((port + 2)) user=mz_system dbname=postgres" \
        -c 'CREATE ROLE materialize SUPERUSER CREATEDB CREATEROLE LOGIN' -c 'CREATE ROLE mz_support LOGIN' \
        -c 'CREATE DATABASE materialize OWNER materialize'
fi

status=0
if [ -f "$shared/catalog_queries.txt" ]; then
    python3 tests/catalog_queries.py "$shared/catalog_queries.txt" "$freshet" ${postgres:+"$postgres"} \
        --known tests/catalog_known.txt || status=1
else
    echo "catalog_queries.txt is not in $shared: only the commands of psql are run"
    psql -X -q "$freshet" -c 'CREATE TABLE t1 (id int PRIMARY KEY, name text)' -c 'CREATE VIEW v1 AS SELECT id FROM t1' \
        -c 'CREATE SCHEMA sch' 2>/dev/null
fi
while IFS= read -r command; do
    complaint=$(printf '%s\n' "$command" | timeout 20 psql -X "$freshet" 2>&1 >/dev/null | grep -v '^Did not find')
    if [ -n "$complaint" ]; then
        printf 'psql %s: %s\n' "$command" "$complaint"
        status=1
    fi
done <tests/psql_commands.txt
[ $status = 0 ] && echo "catalog: all commands answered"
exit $status
