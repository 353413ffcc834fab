--- Looks at shell samples without running them: that their programs and scripts are there, and that scalerun knows the
--- commands and options that it is given.
local fs = require "scalerun.fs"
local options = require "scalerun.cli.options"

local command_lines = {}

local known = {}

local function options_of(command)
  if not known[command] then
    known[command] = {}
    local parser = options.parser(command)
    for _, option in ipairs(parser and parser._options or {}) do
      for _, alias in ipairs(option._aliases) do
        known[command][alias] = true
      end
    end
  end
  return known[command]
end

-- The commands of a text as lists of words; quotes and substitutions are left in them.
local function commands_of(text)
  local list = {}
  text = text:gsub("\\\n", " ")
  for line in (text .. "\n"):gmatch("(.-)\n") do
    line = line:gsub("^#.*$", ""):gsub("%s#.*$", "")
    for part in (line:gsub("%s[|&]+%s", "\n"):gsub(";", "\n") .. "\n"):gmatch("(.-)\n") do
      local words = {}
      for word in part:gmatch("%S+") do
        words[#words + 1] = word
      end
      list[#list + 1] = words
    end
  end
  return list
end

local function check_scalerun(words, first, problems)
  local rest = table.move(words, first + 1, #words, 1, {})
  local command, arguments = options.command(rest)
  if command == "busted" then
    return
  end
  for _, word in ipairs(arguments) do
    local option = word:match("^(%-%-?[%w-]+)")
    if option and word:find("^%-") and not options_of(command)[option] then
      problems[#problems + 1] = ("scalerun %s has no option %s"):format(command, option)
    end
  end
end

--- What is wrong with the commands of a text.
---@param text string
---@return string[] problems
function command_lines.problems(text)
  local problems = {}
  for _, words in ipairs(commands_of(text)) do
    for index, word in ipairs(words) do
      local script = word:match("^%.?/?(scripts/%w+)$")
      if script and not fs.exists(script) then
        problems[#problems + 1] = "there is no " .. script
      elseif word:match("^[%w./]*scalerun$") and (index == 1 or not words[index - 1]:find("^%-")) then
        check_scalerun(words, index, problems)
        break
      end
    end
  end
  return problems
end

return command_lines
