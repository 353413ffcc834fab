--- What the command line takes, as data: for the manual page and the completion of shells.
local options = require "scalerun.cli.options"

local command_line = {}

---@class scripts.Option
---@field short string? "-q"
---@field long string "--quiet"
---@field argument string? "FILE"
---@field about string
---@field repeated boolean

---@class scripts.Command
---@field name string
---@field about string
---@field usage string "scalerun check [OPTION]... SCRIPT|DIR..."
---@field groups { name: string, options: scripts.Option[] }[]
---@field words string[] what its first argument is one of, where there is a choice
---@field scripts boolean whether it takes scripts

local function option_of(option)
  local made = { argument = option._maxargs > 0 and option._argname or nil, about = option._description,
    repeated = option._maxcount > 1 }
  for _, alias in ipairs(option._aliases) do
    made[alias:find("^%-%-") and "long" or "short"] = alias
  end
  return made
end

local function command_of(name, parser)
  local groups, words, scripts = {}, {}, false
  for _, group in ipairs(parser._groups) do
    local list = {}
    for index, option in ipairs(group) do
      list[index] = option_of(option)
    end
    groups[#groups + 1] = { name = group.name, options = list }
  end
  for index, argument in ipairs(parser._arguments) do
    words = index == 1 and argument._choices or words
    scripts = scripts or argument._name:find("^script") ~= nil
  end
  return { name = name, about = parser._description, usage = parser._usage:gsub("^Usage: ", ""), groups = groups,
    words = words, scripts = scripts }
end

--- All commands, run first.
---@return scripts.Command[]
function command_line.commands()
  local list = { command_of("run", options.parser("run")) }
  for _, name in ipairs(options.COMMANDS) do
    local parser = name ~= "run" and options.parser(name)
    if parser then
      list[#list + 1] = command_of(name, parser)
    end
  end
  list[#list + 1] = { name = "busted", about = "Runs busted specs inside scalerun, so that they can wait.",
    usage = "scalerun busted [ARG]...", groups = {}, words = {}, scripts = true }
  return list
end

return command_line
