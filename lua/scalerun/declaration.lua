--- What declarations of scenarios and workflows have in common: they are checked when their file loads, and a
--- refusal names the key, so that the loader finds the line.
local captures = require "scalerun.captures"
local durations = require "scalerun.durations"
local needs = require "scalerun.needs"
local options = require "scalerun.options"

local declaration = {}

local Refusal = {
  __name = "scalerun.refusal",
  __tostring = function(refusal)
    return refusal.message
  end,
}

--- Whether an error value tells what is wrong with a declaration: { message=, key=, line= }. A declaration is
--- mostly returned by a tail call, which leaves no line in the error; the loader finds it from the key.
---@param value any
---@return boolean
function declaration.is_refusal(value)
  return getmetatable(value) == Refusal
end

--- Raises a refusal.
---@param key string? whose line is meant
---@param fn function? whose line is meant, where there is no key
---@param fmt string
function declaration.refuse(key, fn, fmt, ...)
  local line = type(fn) == "function" and debug.getinfo(fn, "S").linedefined or nil
  error(setmetatable({ message = fmt:format(...), key = key, line = line }, Refusal), 0)
end

local refuse = declaration.refuse

--- Refuses unknown keys and wrong types; allowed as options.check takes it.
---@param where string
---@param given table?
---@param allowed table
---@return table given
function declaration.check(where, given, allowed)
  local ok, problem = pcall(options.check, where, given, allowed, 1)
  if not ok then
    problem = tostring(problem):gsub("^[^\n]-:%d+: ", "")
    refuse(problem:match("option '([^']*)'"), nil, "%s", problem)
  end
  return given
end

local function check_known(where, key, value, known)
  for _, name in ipairs(known) do
    if name == value then
      return
    end
  end
  local nearest = options.nearest(value, known)
  refuse(key, nil, "%s: %s does not know '%s' (%s)", where, key, value,
    nearest and ("did you mean '%s'?"):format(nearest) or "known are: " .. table.concat(known, ", "))
end

--- Refuses what is no list of strings, and, where the known ones are given, strings that are not among them.
---@param where string
---@param key string
---@param list table
---@param known string[]?
function declaration.check_list(where, key, list, known)
  local length = 0
  for _ in pairs(list) do
    length = length + 1
  end
  if length ~= #list then
    refuse(key, nil, "%s: %s must be a list: { \"one\", \"two\" }", where, key)
  end
  for index, value in ipairs(list) do
    if type(value) ~= "string" then
      refuse(key, nil, "%s: %s[%d] must be a string, not a %s", where, key, index, type(value))
    elseif known then
      check_known(where, key, value, known)
    end
  end
end

--- The seconds of a duration; refuses what is none, and one of no length.
---@param where string
---@param key string
---@param value any
---@return number
function declaration.check_duration(where, key, value)
  local seconds, problem = durations.seconds(value)
  if not seconds or seconds == 0 then
    refuse(key, nil, "%s: %s: %s", where, key, problem or "must be longer than nothing")
  end
  return seconds
end

local DEFAULT_TIMEOUT = 300

--- What scenarios and workflows both declare, checked and with defaults.
---@param where string
---@param spec table whose keys and types have been checked
---@return { id: string, title: string, covers: string[], catches: string[], needs: string[], sandbox: table,
---  timeout: number } common
function declaration.common(where, spec)
  if not spec.id or not spec.id:find("^[%w_.-]+$") then
    refuse("id", nil, "%s: id must be given: letters, digits, dots, - and _", where)
  end
  if spec.sandbox then
    local settings = require "scalerun.sandbox.settings"
    declaration.check(where .. ": sandbox", spec.sandbox, settings.types)
    local problem = settings.problem(spec.sandbox)
    if problem then
      refuse("sandbox", nil, "%s: sandbox: %s", where, problem)
    end
  end
  declaration.check_list(where, "covers", spec.covers or {})
  declaration.check_list(where, "catches", spec.catches or {})
  declaration.check_list(where, "needs", spec.needs or {}, needs.names)
  return {
    id = spec.id,
    title = spec.title or spec.id,
    covers = spec.covers or {},
    catches = spec.catches or {},
    needs = spec.needs or {},
    sandbox = spec.sandbox or {},
    timeout = spec.timeout and declaration.check_duration(where, "timeout", spec.timeout) or DEFAULT_TIMEOUT,
  }
end

--- Refuses a function that takes along a table of its file.
---@param where string
---@param key string what the function is called in the declaration
---@param fn function
function declaration.check_captures(where, key, fn)
  local name = captures.find(fn)
  if name then
    refuse(
      nil,
      fn,
      "%s: %s uses '%s', a table of the file. Each project has its own copy of it, so that what is put there "
        .. "stays in one project: pass values out with project:record(name, value), take them in from project.data, "
        .. "or make it scale.const{…} if it never changes",
      where,
      key,
      name
    )
  end
end

return declaration
