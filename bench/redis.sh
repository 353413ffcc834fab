# shellcheck shell=bash disable=SC2034,SC2154  # what lib.sh and this file tell each other
# GET of one small key without pipelining by the caller: scalerun's tasks against redis-benchmark -P 1.

redis_on_port() {
  serve "redis-cli -p $port ping" redis-server --port "$port" --bind 127.0.0.1 --save '' --appendonly no \
    --dir "$work" --daemonize no
}

redis_scalerun_many() {
  redis_scalerun 50
}

redis_scalerun_one() {
  redis_scalerun 1
}

redis_scalerun() {
  run_scalerun redis BENCH_URL="redis://127.0.0.1:$port" BENCH_TASKS=50 BENCH_CONNECTIONS="$1"
}

# redis-benchmark counts operations, not seconds: $redis_rate of an earlier run says how many fill the time.
redis_benchmark() {
  local rate
  ops=$((redis_rate * seconds))
  run redis-benchmark -h 127.0.0.1 -p "$port" -c 50 -P 1 -n "$ops" --csv get bench
  rate=$(awk -F '","|"' '$2 == "get bench" { print $3 }' "$work/out")
  took=$(awk -v ops="$ops" -v rate="$rate" 'BEGIN { print ops / rate }')
  redis_rate=${rate%.*}
}

bench_redis() {
  need redis-server
  need redis-cli
  need redis-benchmark
  serve_on_free_port redis_on_port
  redis-cli -p "$port" set bench value >/dev/null
  redis_rate=10000
  compare "Redis GET, 50 tasks, 50 connections" "scalerun, 50 connections" redis_scalerun_many \
    "redis-benchmark -c 50 -P 1" redis_benchmark
  compare "Redis GET, 50 tasks, 1 connection" "scalerun, 1 connection" redis_scalerun_one \
    "redis-benchmark -c 50 -P 1" redis_benchmark
  stop_servers
}
