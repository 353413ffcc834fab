# shellcheck shell=bash disable=SC2034,SC2154  # what lib.sh and this file tell each other
# SELECT of one row by key, prepared, on as many connections as the tool it is compared with: scalerun against pgbench -S.

pg_connections=8

postgres_bin() {
  local found
  found=$(command -v postgres || find /usr/lib/postgresql -path '*/bin/postgres' 2>/dev/null | sort -V | tail -n 1)
  [ -n "$found" ] || {
    echo "scripts/bench: postgres is not installed" >&2
    exit 1
  }
  dirname "$found"
}

pg_scalerun() {
  run_scalerun pg BENCH_URL="host=$work/pg user=bench dbname=postgres" BENCH_TASKS="$1" \
    BENCH_CONNECTIONS="$pg_connections"
}

pg_scalerun_plain() {
  pg_scalerun "$pg_connections"
}

pg_scalerun_many_tasks() {
  pg_scalerun 50
}

pg_pgbench() {
  run pgbench -h "$work/pg" -U bench -n -S -M prepared -c "$pg_connections" -j 1 -T "$seconds" postgres
  ops=$(awk '/^number of transactions actually processed:/ { print $6 }' "$work/out")
  took=$(awk -v ops="$ops" '/^tps = / { print ops / $3 }' "$work/out")
}

bench_pg() {
  local bin as_user=()
  need pgbench
  bin=$(postgres_bin)
  mkdir "$work/pg"
  if [ "$(id -u)" -eq 0 ]; then # which PostgreSQL refuses to run as
    as_user=(setpriv --reuid=postgres --regid=postgres --init-groups)
    chown postgres: "$work/pg"
  fi
  "${as_user[@]}" "$bin/initdb" -D "$work/pg/data" -U bench -A trust --no-sync >"$work/initdb.log" || {
    cat "$work/initdb.log" >&2
    exit 1
  }
  serve "pg_isready -h $work/pg -U bench" "${as_user[@]}" "$bin/postgres" -D "$work/pg/data" -k "$work/pg" \
    -c listen_addresses= -c fsync=off -c jit=off || {
    cat "$work/server.log" >&2
    exit 1
  }
  pgbench -h "$work/pg" -U bench -i -q postgres >"$work/out" 2>&1
  compare "PostgreSQL SELECT by key, $pg_connections connections" "scalerun, $pg_connections tasks" pg_scalerun_plain \
    "pgbench -S -M prepared -c $pg_connections -j 1" pg_pgbench
  compare "PostgreSQL SELECT by key, $pg_connections connections" "scalerun, 50 tasks" pg_scalerun_many_tasks \
    "pgbench -S -M prepared -c $pg_connections -j 1" pg_pgbench
  stop_servers
}
