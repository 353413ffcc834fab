--- The completion of bash and zsh, made of what the command line takes.
local command_line = require "scripts.support.command_line"

local formats = require "scalerun.report.formats"
local profiles = require "scalerun.profiles"

local completions = {}

-- What some options are one of.
local CHOICES = { ["--format"] = table.concat(formats.NAMES, " "), ["--profile"] = table.concat(profiles.NAMES, " ") }

local MARK = "# Made by scripts/manual from lua/scalerun/cli/options.lua: change it there."

local function each_option(command, fn)
  for _, group in ipairs(command.groups) do
    for _, option in ipairs(group.options) do
      fn(option)
    end
  end
end

local function names_of(command)
  local list = {}
  each_option(command, function(option)
    list[#list + 1] = option.short
    list[#list + 1] = option.long
  end)
  return table.concat(list, " ")
end

-- Options by what follows them: "FILE", "DIR", "NAME" and all others.
local function by_argument(commands)
  local kinds, seen = { FILE = {}, DIR = {}, FAULT = {}, OTHER = {} }, {}
  for _, command in ipairs(commands) do
    each_option(command, function(option)
      if option.argument and not seen[option.long] then
        seen[option.long] = true
        local known = kinds[option.argument] and option.argument or "OTHER"
        local kind = option.long == "--fault" and "FAULT" or CHOICES[option.long] and option.long or known
        kinds[kind] = kinds[kind] or {}
        table.insert(kinds[kind], option.long)
      end
    end)
  end
  for _, list in pairs(kinds) do
    table.sort(list)
  end
  return kinds
end

local function command_names(commands)
  local list = {}
  for index, command in ipairs(commands) do
    list[index] = command.name
  end
  return table.concat(list, " ")
end

local BASH = [==[
# shellcheck shell=bash
%s

_scalerun() {
  local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}
  local command=run at=1 named=false options='' words=''
  while [ "$at" -lt "$COMP_CWORD" ]; do
    case ${COMP_WORDS[at]} in
      %s) at=$((at + 1)) ;;
      -*) ;;
      %s) command=${COMP_WORDS[at]} named=true; break ;;
      *) named=true; break ;;
    esac
    at=$((at + 1))
  done
  COMPREPLY=()
  case $before in
%s  esac
  case $command in
%s  esac
  if [[ $word == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$options" -- "$word")
    return
  fi
  $named || words+=" %s"
  mapfile -t COMPREPLY < <(
    compgen -W "$words" -- "$word"
    compgen -d -S / -- "$word"
    compgen -f -X '!*.lua' -- "$word"
  )
  [[ ${#COMPREPLY[@]} -ne 1 || ${COMPREPLY[0]} != */ ]] || compopt -o nospace 2>/dev/null
}
complete -F _scalerun scalerun
]==]

local bash_values = {
  FILE = 'mapfile -t COMPREPLY < <(compgen -f -- "$word"); return',
  DIR = 'mapfile -t COMPREPLY < <(compgen -d -- "$word"); return',
  FAULT = 'mapfile -t COMPREPLY < <(compgen -W "$(scalerun-target --faults 2>/dev/null | cut -d" " -f1)" -- "$word")\n'
    .. "      return",
  OTHER = "return",
}

local BASH_CHOICE = 'mapfile -t COMPREPLY < <(compgen -W "%s" -- "$word"); return'

--- For bash.
---@return string
function completions.bash()
  local commands = command_line.commands()
  local kinds, values, cases, valued = by_argument(commands), {}, {}, {}
  for _, kind in ipairs { "FILE", "DIR", "FAULT", "--format", "--profile", "OTHER" } do
    if #kinds[kind] > 0 then
      local names = table.concat(kinds[kind], "|")
      values[#values + 1] = ("    %s) %s ;;\n"):format(names, bash_values[kind] or BASH_CHOICE:format(CHOICES[kind]))
      valued[#valued + 1] = names
    end
  end
  for _, command in ipairs(commands) do
    cases[#cases + 1] = ("    %s) options=%q%s ;;\n"):format(command.name, names_of(command),
      #command.words > 0 and (" words=%q"):format(table.concat(command.words, " ")) or "")
  end
  return BASH:format(MARK, table.concat(valued, "|"), command_names(commands):gsub(" ", "|"), table.concat(values),
    table.concat(cases), command_names(commands))
end

local ZSH = [==[
#compdef scalerun
%s

_scalerun_faults() {
  local -a faults
  faults=(${(f)"$(scalerun-target --faults 2>/dev/null | sed -E 's/^([^ ]+) +/\1:/')"})
  _describe fault faults
}

_scalerun() {
  local -a commands arguments
  commands=(
%s  )
  local command=run at
  for ((at = 2; at < CURRENT; at++)); do
    if [[ -n ${(M)commands:#${words[at]}:*} ]]; then
      command=${words[at]}
      shift $((at - 1)) words
      ((CURRENT -= at - 1))
      break
    fi
  done
  case $command in
%s  esac
  _arguments -s $arguments
}

_scalerun "$@"
]==]

local function zsh_quoted(text)
  return (text:gsub("'", "'\\''"):gsub("[%[%]:]", "\\%0"))
end

local function zsh_option(option)
  local action = ""
  if option.argument then
    local choice = CHOICES[option.long]
    local words = option.long == "--fault" and "_scalerun_faults" or choice and "(" .. choice .. ")"
      or ({ FILE = "_files", DIR = "_files -/" })[option.argument] or " "
    action = (":%s:%s"):format(option.argument:lower(), words)
  end
  local about = ("[%s]"):format(zsh_quoted(option.about:gsub("%.$", "")))
  local star = option.repeated and "*" or ""
  if option.short then
    return ("        '(%s %s)'{%s,%s}'%s%s'\n"):format(option.short, option.long, option.short, option.long, about,
      action)
  end
  return ("        '%s%s%s%s'\n"):format(star, option.long, about, action)
end

--- For zsh.
---@return string
function completions.zsh()
  local commands = command_line.commands()
  local names, cases = {}, {}
  for index, command in ipairs(commands) do
    names[index] = ("    '%s:%s'\n"):format(command.name, zsh_quoted(command.about:gsub("%.$", "")))
    local out = { ("    %s)\n      arguments=(\n"):format(command.name) }
    each_option(command, function(option)
      out[#out + 1] = zsh_option(option)
    end)
    if command.name == "run" then
      out[#out + 1] = "        '1: :{_describe command commands; _files -g \"*.lua(-.)\"}'\n"
    elseif #command.words > 0 then
      out[#out + 1] = ("        '1:kind:(%s)'\n"):format(table.concat(command.words, " "))
    end
    out[#out + 1] = command.scripts and "        '*:script:_files -g \"*.lua(-.)\"'\n" or nil
    out[#out + 1] = "      )\n      ;;\n"
    cases[index] = table.concat(out)
  end
  return ZSH:format(MARK, table.concat(names), table.concat(cases))
end

return completions
