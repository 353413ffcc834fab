# shellcheck shell=bash disable=SC2154
# What the history costs a project's thread, and what judging a million operations takes. There is no other tool to
# compare with.

bench_history() {
  local name took ops each
  printf '\n%-46s %14s %14s\n' "History, 1 million operations" "CPU s" "CPU us/op"
  run "$scalerun" run "$root/bench/history.lua"
  while IFS='|' read -r name took ops; do
    each=""
    [ "$ops" = 0 ] || each=$(awk -v took="$took" -v ops="$ops" 'BEGIN { printf "%.2f", took * 1e6 / ops }')
    [ "$ops" != 0 ] || took=""
    row "$name" "$took" "$each"
  done <"$work/out"
  echo "  (stolen by the hypervisor: $steal %)"
}
