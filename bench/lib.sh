# shellcheck shell=bash disable=SC2034,SC2154  # what scripts/bench, this file and its siblings tell each other
# Private servers, pinned runs, paired rounds and their medians.

steal_limit=10 # percent

bench_begin() {
  work=$(mktemp -d "${TMPDIR:-/tmp}/scalerun-bench.XXXXXX")
  chmod 755 "$work" # servers that refuse to run as root look inside
  servers=()
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

# Ticks since boot: stolen by the hypervisor, all.
ticks() {
  awk '/^cpu / { print $9, $2 + $3 + $4 + $5 + $6 + $7 + $8 + $9 }' /proc/stat
}

# run COMMAND...: on the client's core; stdout to $work/out, its CPU seconds to $cpu, what was stolen in % to $steal.
run() {
  local TIMEFORMAT='%U %S' before
  before=$(ticks)
  if ! { time $on_client "$@" >"$work/out" 2>"$work/err"; } 2>"$work/time"; then
    echo "scripts/bench: $* failed:" >&2
    cat "$work/out" "$work/err" >&2
    exit 1
  fi
  steal=$(echo "$before $(ticks)" | awk '{ print int(100 * ($3 - $1) / ($4 - $2 + 1)) }')
  cpu=$(awk '{ print $1 + $2 }' "$work/time")
}

# run_scalerun KIND VARIABLE=VALUE...: bench/client.lua, whose last line is "operations seconds CPU-seconds", without
# the time that scalerun takes to start.
run_scalerun() {
  local kind=$1
  shift
  run env "$@" BENCH_KIND="$kind" BENCH_SECONDS="$seconds" "$scalerun" run "$root/bench/client.lua"
  read -r ops took cpu < <(tail -n 1 "$work/out")
}

# median DIGITS: of the numbers on stdin, one a line.
median() {
  sort -g | awk -v digits="$1" '
    { v[NR] = $1 }
    END { m = int((NR + 1) / 2); printf "%.*f\n", digits, NR % 2 ? v[m] : (v[m] + v[m + 1]) / 2 }'
}

range() {
  sort -g | awk 'NR == 1 { low = $1 } { high = $1 } END { printf "%.2f to %.2f\n", low, high }'
}

# pair FIRST SECOND: a round of each, into the files of their names: operations a second, CPU microseconds an operation.
# Status 1 and nothing noted when the hypervisor took so much away that the pair says nothing.
pair() {
  local side worst=0
  for side in "$@"; do
    "$side"
    [ "$steal" -le "$worst" ] || worst=$steal
    awk -v ops="$ops" -v took="$took" -v cpu="$cpu" 'BEGIN { print ops / took, cpu * 1e6 / ops }' >"$work/$side.last"
  done
  if [ "$worst" -gt "$steal_limit" ]; then
    return 1
  fi
  for side in "$@"; do
    cat "$work/$side.last" >>"$work/$side"
  done
}

# compare TITLE OURS-NAME OURS THEIRS-NAME THEIRS: OURS and THEIRS are functions that set ops, took and cpu.
compare() {
  local title=$1 name_a=$2 a=$3 name_b=$4 b=$5 order=("$3" "$5") kept=0 spoilt=0
  rm -f "$work/$a" "$work/$b"
  "$b" # a first run of each warms caches and is not counted
  "$a"
  while [ "$kept" -lt "$pairs" ] && [ "$spoilt" -lt $((4 * pairs)) ]; do
    if pair "${order[@]}"; then
      kept=$((kept + 1))
      order=("${order[1]}" "${order[0]}")
    else
      spoilt=$((spoilt + 1))
    fi
  done
  printf '\n%-46s %14s %14s\n' "$title" "ops/s" "CPU us/op"
  if [ "$kept" -eq 0 ]; then
    echo "  no result: the hypervisor took more than $steal_limit % of the CPU time in each of $spoilt pairs"
    return
  fi
  paste -d ' ' "$work/$a" "$work/$b" >"$work/pairs"
  row "$name_a" "$(awk '{ print $1 }' "$work/pairs" | median 0)" "$(awk '{ print $2 }' "$work/pairs" | median 2)"
  row "$name_b" "$(awk '{ print $3 }' "$work/pairs" | median 0)" "$(awk '{ print $4 }' "$work/pairs" | median 2)"
  row "median of $kept paired ratios" "$(awk '{ print $1 / $3 }' "$work/pairs" | median 2)" \
    "$(awk '{ print $2 / $4 }' "$work/pairs" | median 2)"
  row "their range" "$(awk '{ print $1 / $3 }' "$work/pairs" | range)" "$(awk '{ print $2 / $4 }' "$work/pairs" | range)"
  [ "$spoilt" -eq 0 ] || echo "  ($spoilt more pairs not counted: over $steal_limit % of the CPU time was taken by the hypervisor)"
}

row() {
  printf '  %-44s %14s %14s\n' "$@"
}
