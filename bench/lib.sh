# shellcheck shell=bash disable=SC2154  # scalerun, pairs, seconds: set by scripts/bench
# Private servers, pinned runs, paired rounds and their medians.

bench_begin() {
  work=$(mktemp -d "${TMPDIR:-/tmp}/scalerun-bench.XXXXXX")
  chmod 755 "$work" # servers that refuse to run as root look inside
  servers=()
  worst_steal=0
  trap bench_end EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
  if [ "$(nproc)" -ge 2 ]; then
    on_client="taskset -c 0" on_server="taskset -c 1"
  else
    on_client="" on_server=""
    echo "one core only: client and server share it" >&2
  fi
}

bench_end() {
  stop_servers
  rm -rf "$work"
}

need() {
  command -v "$1" >/dev/null || {
    echo "scripts/bench: $1 is not installed" >&2
    exit 1
  }
}

# serve READY COMMAND...: starts a server on the server's core and waits until `READY` succeeds. Status 1 when it ended.
serve() {
  local ready=$1 pid
  shift
  $on_server "$@" >"$work/server.log" 2>&1 &
  pid=$!
  for _ in $(seq 200); do
    if $ready >/dev/null 2>&1; then
      servers+=("$pid")
      return 0
    fi
    kill -0 "$pid" 2>/dev/null || return 1
    sleep 0.05
  done
  kill -INT "$pid"
  return 1
}

# serve_on_free_port FUNCTION: FUNCTION starts a server on $port; another port is tried when that one is taken.
serve_on_free_port() {
  for _ in $(seq 20); do
    port=$((20000 + RANDOM % 20000))
    (: <"/dev/tcp/127.0.0.1/$port") 2>/dev/null && continue
    "$1" && return 0
  done
  echo "scripts/bench: the server did not start:" >&2
  cat "$work/server.log" >&2
  exit 1
}

stop_servers() {
  for pid in "${servers[@]}"; do
    kill -INT "$pid" 2>/dev/null || continue # PostgreSQL would wait for its clients on TERM
    wait "$pid" || true
  done
  servers=()
}

steal_ticks() {
  awk '/^cpu / { print $9, $2 + $3 + $4 + $5 + $6 + $7 + $8 + $9 }' /proc/stat
}

# run COMMAND...: on the client's core; stdout to $work/out, its CPU seconds to $cpu.
run() {
  local TIMEFORMAT='%U %S' before after steal
  before=$(steal_ticks)
  if ! { time $on_client "$@" >"$work/out" 2>"$work/err"; } 2>"$work/time"; then
    echo "scripts/bench: $* failed:" >&2
    cat "$work/out" "$work/err" >&2
    exit 1
  fi
  after=$(steal_ticks)
  cpu=$(awk '{ print $1 + $2 }' "$work/time")
  steal=$(echo "$before $after" | awk '{ print int(100 * ($3 - $1) / ($4 - $2 + 1)) }')
  [ "$steal" -le "$worst_steal" ] || worst_steal=$steal
}

# run_scalerun KIND VARIABLE=VALUE...: bench/client.lua, which prints "operations seconds" as its last line.
run_scalerun() {
  local kind=$1
  shift
  run env "$@" BENCH_KIND="$kind" BENCH_SECONDS="$seconds" "$scalerun" run "$root/bench/client.lua"
  read -r ops took < <(tail -n 1 "$work/out")
}

median() {
  sort -g | awk '{ v[NR] = $1 } END { m = int((NR + 1) / 2); printf "%.6g\n", NR % 2 ? v[m] : (v[m] + v[m + 1]) / 2 }'
}

range() {
  sort -g | awk 'NR == 1 { low = $1 } { high = $1 } END { printf "%.2f to %.2f\n", low, high }'
}

# One line of $work/rounds: side, operations a second, CPU microseconds an operation.
note_round() {
  awk -v side="$1" -v ops="$2" -v took="$3" -v cpu="$4" 'BEGIN { print side, ops / took, cpu * 1e6 / ops }' \
    >>"$work/rounds"
}

# compare TITLE OURS-NAME OURS THEIRS-NAME THEIRS: OURS and THEIRS are functions that set ops, took and cpu.
compare() {
  local title=$1 name_a=$2 a=$3 name_b=$4 b=$5 side
  : >"$work/rounds"
  "$b" # a first run of each warms caches and is not counted
  "$a"
  for ((pair = 1; pair <= pairs; pair++)); do
    for side in $( ((pair % 2)) && echo "$a $b" || echo "$b $a"); do
      "$side"
      note_round "$side" "$ops" "$took" "$cpu"
    done
  done
  grep "^$a " "$work/rounds" >"$work/a"
  grep "^$b " "$work/rounds" >"$work/b"
  paste -d ' ' "$work/a" "$work/b" | awk '{ print $2 / $5 }' >"$work/speed"
  paste -d ' ' "$work/a" "$work/b" | awk '{ print $3 / $6 }' >"$work/cost"
  printf '\n%-46s %12s %12s\n' "$title" "ops/s" "CPU us/op"
  printf '  %-44s %12.0f %12.2f\n' "$name_a" "$(awk '{ print $2 }' "$work/a" | median)" \
    "$(awk '{ print $3 }' "$work/a" | median)"
  printf '  %-44s %12.0f %12.2f\n' "$name_b" "$(awk '{ print $2 }' "$work/b" | median)" \
    "$(awk '{ print $3 }' "$work/b" | median)"
  printf '  %-44s %12.2f %12.2f\n' "median of $pairs paired ratios" "$(median <"$work/speed")" "$(median <"$work/cost")"
  printf '  %-44s %12s %12s\n' "their range" "$(range <"$work/speed")" "$(range <"$work/cost")"
}

bench_report_steal() {
  if [ "$worst_steal" -ge 5 ]; then
    printf '\nThe hypervisor took up to %d %% of the CPU time away: trust the ratios more than the absolute numbers.\n' \
      "$worst_steal"
  fi
}
