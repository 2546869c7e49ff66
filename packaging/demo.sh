#!/usr/bin/env bash
# demo.sh PROGRAM: shows Freshet following a PostgreSQL that pgbench writes to. Takes about 20 seconds and leaves nothing.
set -euo pipefail
freshet=$(realpath "$1")
bin=/usr/lib/postgresql/15/bin
[ -x "$bin/postgres" ] || bin=$(dirname "$(command -v postgres)")
work=$(mktemp -d "${TMPDIR:-/tmp}/freshet-demo-XXXXXX")
chmod 755 "$work"
upstream_pid=
freshet_pid=
pgbench_pid=

clean_up() {
    trap - EXIT INT TERM
    [ -z "$pgbench_pid" ] || kill "$pgbench_pid" 2> /dev/null || true
    [ -z "$freshet_pid" ] || kill "$freshet_pid" 2> /dev/null || true
    [ -z "$upstream_pid" ] || kill -INT "$upstream_pid" 2> /dev/null || true # a fast shutdown
    wait
    rm -rf "$work"
}
trap clean_up EXIT
trap 'exit 130' INT TERM

port() { # a free one below the range that clients use
    local candidate
    while :; do
        candidate=$((12000 + RANDOM % 20000))
        if ! (exec 3<> "/dev/tcp/127.0.0.1/$candidate") 2> /dev/null; then
            echo "$candidate"
            return
        fi
    done
}
say() { printf '\n\033[1m%s\033[0m\n' "$*"; }
as_server=() # PostgreSQL refuses to run as root
server_user=$(id -un)
if [ "$(id -u)" -eq 0 ]; then
    server_user=nobody
    ! id postgres > /dev/null 2>&1 || server_user=postgres
    as_server=(setpriv --reuid="$server_user" --regid="$(id -g "$server_user")" --clear-groups)
fi
upstream_port=$(port)
sql_port=$(port)
http_port=$(port)
upstream() { psql -X -q -h 127.0.0.1 -p "$upstream_port" -U postgres -d postgres "$@"; }
sql() { psql -X -h 127.0.0.1 -p "$sql_port" -U materialize -d materialize "$@"; }
show() { # prints a statement, then what it gives
    printf '\nfreshet=> %s\n' "$1"
    sql -c "$1"
}
wait_for() { # at most 30 seconds for a command to succeed
    for _ in $(seq 300); do
        "$@" > /dev/null 2>&1 && return
        sleep 0.1
    done
    echo "gave up waiting for: $*" >&2
    cat "$work"/*.log >&2
    exit 1
}

say '1. A PostgreSQL with pgbench data (200,000 accounts), set up as the guide says'
mkdir "$work/upstream"
[ "$(id -u)" -ne 0 ] || chown "$server_user" "$work/upstream"
cd "$work/upstream"
"${as_server[@]}" "$bin/initdb" -D "$work/upstream/data" -U postgres -A trust -E UTF8 --locale=C -N > "$work/initdb.log" 2>&1
"${as_server[@]}" "$bin/postgres" -D "$work/upstream/data" -p "$upstream_port" -k "$work/upstream" \
    -c listen_addresses=127.0.0.1 -c wal_level=logical > "$work/upstream.log" 2>&1 &
upstream_pid=$!
wait_for upstream -c 'SELECT 1'
"$bin/pgbench" -h 127.0.0.1 -p "$upstream_port" -U postgres -i -q -s 2 postgres > "$work/pgbench.log" 2>&1
upstream << 'SQL'
ALTER TABLE pgbench_accounts REPLICA IDENTITY FULL;
ALTER TABLE pgbench_branches REPLICA IDENTITY FULL;
ALTER TABLE pgbench_tellers REPLICA IDENTITY FULL;
ALTER TABLE pgbench_history REPLICA IDENTITY FULL;
CREATE PUBLICATION mz_source FOR ALL TABLES;
CREATE USER materialize PASSWORD 'demo';
ALTER ROLE materialize WITH REPLICATION;
GRANT SELECT ON ALL TABLES IN SCHEMA public TO materialize;
SQL
echo 'done'

say '2. Freshet beside it'
"$freshet" --data-directory "$work/data" --listen-address "127.0.0.1:$sql_port" --http-listen-address "127.0.0.1:$http_port" \
    > "$work/freshet.log" 2>&1 &
freshet_pid=$!
wait_for curl -sf "http://127.0.0.1:$http_port/api/readyz"
show "CREATE SECRET pgpass AS 'demo'"
show "CREATE CONNECTION pg_connection TO POSTGRES (HOST '127.0.0.1', PORT $upstream_port, USER 'materialize', PASSWORD SECRET pgpass, DATABASE 'postgres')"
show "CREATE SOURCE mz_source FROM POSTGRES CONNECTION pg_connection (PUBLICATION 'mz_source') FOR ALL TABLES"
show 'SELECT count(*) AS accounts FROM pgbench_accounts'

say '3. A view over it, kept up to date row by row'
show 'CREATE MATERIALIZED VIEW branch_totals AS
  SELECT bid, count(*) AS transactions, sum(delta) AS moved FROM pgbench_history GROUP BY bid'
show 'SELECT * FROM branch_totals ORDER BY bid'

say '4. pgbench writes upstream; the view moves'
"$bin/pgbench" -h 127.0.0.1 -p "$upstream_port" -U postgres -n -c 4 -T 60 postgres > "$work/pgbench.log" 2>&1 &
pgbench_pid=$!
for _ in 1 2 3 4; do
    sleep 1
    show 'SELECT * FROM branch_totals ORDER BY bid'
done

say '5. Each change as it happens: SUBSCRIBE, the first of a second'
timeout -s INT 1 psql -X -h 127.0.0.1 -p "$sql_port" -U materialize -d materialize \
    -c 'COPY (SUBSCRIBE branch_totals WITH (SNAPSHOT = false)) TO STDOUT' > "$work/changes" 2> /dev/null || true
echo 'timestamp (ms)  diff  bid  transactions  moved'
head -8 "$work/changes"
echo "... $(wc -l < "$work/changes") changes in a second"

say '6. pgbench stops; both say the same'
kill "$pgbench_pid" 2> /dev/null || true
wait "$pgbench_pid" 2> /dev/null || true
pgbench_pid=
there=$(upstream -At -c 'SELECT bid, count(*), sum(delta) FROM pgbench_history GROUP BY bid ORDER BY bid')
same() { [ "$(sql -At -c 'SELECT * FROM branch_totals ORDER BY bid')" = "$there" ]; }
wait_for same
echo "PostgreSQL: $(echo "$there" | tr '\n' ' ')"
echo "Freshet:    $(sql -At -c 'SELECT * FROM branch_totals ORDER BY bid' | tr '\n' ' ')"

say 'That was it; everything is cleaned up.'
