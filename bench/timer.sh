# shellcheck shell=bash disable=SC2154
# How late a task wakes that asks for every millisecond. There is no other tool to compare with: see the two variants.

bench_timer() {
  local spin p50 p99 max cost
  printf '\n%-46s %8s %8s %8s %12s %8s\n' "Timer, 1 ms period, lateness in us" p50 p99 max "CPU us/tick" "stolen"
  for spin in 0us 60us; do
    run env BENCH_SECONDS="$seconds" BENCH_SPIN="$spin" "$scalerun" run "$root/bench/timer.lua"
    read -r p50 p99 max cost < <(tail -n 1 "$work/out")
    printf '  %-44s %8s %8s %8s %12s %6s %%\n' "scalerun, spin $spin" "$p50" "$p99" "$max" "$cost" "$steal"
  done
}
