# shellcheck shell=bash
# Made by scripts/manual from lua/scalerun/cli/options.lua: change it there.

_scalerun() {
  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}
  local command=run at=1 named=false options='' words=''
  while [ "$at" -lt "$COMP_CWORD" ]; do
    case ${COMP_WORDS[at]} in
      --keys|--script|--lua-path|--report|--fault|--format|--profile|--balancer|--clean|--database|--limit|--output|--part|--projects|--redis|--replica-urls|--replicas|--seed|--set|--target|--threads) at=$((at + 1)) ;;
      -*) ;;
      run|check|compare|judge|new|repl|report|sandbox|selftest|busted) command=${COMP_WORDS[at]} named=true; break ;;
      *) named=true; break ;;
    esac
    at=$((at + 1))
  done
  COMPREPLY=()
  case $before in
    --keys|--script) mapfile -t COMPREPLY < <(compgen -f -- "$word"); return ;;
    --lua-path|--report) mapfile -t COMPREPLY < <(compgen -d -- "$word"); return ;;
    --fault) mapfile -t COMPREPLY < <(compgen -W "$(scalerun-target --faults 2>/dev/null | cut -d" " -f1)" -- "$word")
      return ;;
    --format) mapfile -t COMPREPLY < <(compgen -W "csv github html json junit markdown prometheus" -- "$word"); return ;;
    --profile) mapfile -t COMPREPLY < <(compgen -W "quick full" -- "$word"); return ;;
    --balancer|--clean|--database|--limit|--output|--part|--projects|--redis|--replica-urls|--replicas|--seed|--set|--target|--threads) return ;;
  esac
  case $command in
    run) options="--target --keys --database --redis --balancer --replica-urls --replicas --fault --projects --seed --profile --threads --set --report --format -v --verbose --no-color --lua-path -q --quiet -h --help --version" ;;
    check) options="--lua-path -q --quiet -h --help --version" ;;
    compare) options="--limit --lua-path -q --quiet -h --help --version" ;;
    judge) options="--script -v --verbose --no-color --lua-path -q --quiet -h --help --version" ;;
    new) options="--lua-path -q --quiet -h --help --version" words="scenario workflow" ;;
    repl) options="--projects --seed --fault --lua-path -q --quiet -h --help --version" ;;
    report) options="--format --output --lua-path -q --quiet -h --help --version" ;;
    sandbox) options="--projects --seed --replicas --fault --lua-path -q --quiet -h --help --version" ;;
    selftest) options="--meant --fault --part --clean --projects --seed --profile --report --lua-path -q --quiet -h --help --version" ;;
    busted) options="" ;;
  esac
  if [[ $word == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$options" -- "$word")
    return
  fi
  $named || words+=" run check compare judge new repl report sandbox selftest busted"
  mapfile -t COMPREPLY < <(
    compgen -W "$words" -- "$word"
    compgen -d -S / -- "$word"
    compgen -f -X '!*.lua' -- "$word"
  )
  [[ ${#COMPREPLY[@]} -ne 1 || ${COMPREPLY[0]} != */ ]] || compopt -o nospace 2>/dev/null
}
complete -F _scalerun scalerun
