--- Reads a script file and says what is in it. The conductor and every project's state load scripts here.
local declaration = require "scalerun.declaration"
local scenario = require "scalerun.scenario"
local workflow = require "scalerun.workflow"

local loader = {}

local ScriptError = {
  __name = "scalerun.script_error",
  __tostring = function(err)
    return err.message
  end,
}

local function script_error(path, message, traceback)
  return setmetatable({ kind = "script", path = path, message = message, traceback = traceback }, ScriptError)
end

local function fail(path, message, ...)
  error(script_error(path, message:format(...)), 0)
end

local loaded, known = {}, {}

--- The scripts that this state has read, as they were then.
---@return { path: string, text: string }[]
function loader.loaded()
  return table.move(loaded, 1, #loaded, 1, {})
end

local function text_of(path)
  local file, problem = io.open(path, "r")
  if not file then
    fail(path, "cannot read %s", problem)
  end
  local text, read_problem = file:read("a")
  file:close()
  if not text then
    fail(path, "cannot read %s: %s", path, read_problem)
  elseif not known[path] then
    known[path] = true
    loaded[#loaded + 1] = { path = path, text = text }
  end
  return text
end

-- The line on which `key = ` stands; a declaration that fails as a tail call has lost its own.
local function line_of(text, key)
  local number = 0
  local assignment = "%f[%w_]" .. key:gsub("%W", "%%%0") .. "%s*=%f[^=]"
  for line in (text .. "\n"):gmatch("(.-)\n") do
    number = number + 1
    local code = line:gsub("%-%-.*$", "")
    if code:find(assignment) then
      return number
    end
  end
end

local function refused(path, text, refusal)
  local line = refusal.key and line_of(text, refusal.key) or refusal.line
  return script_error(path, ("%s:%s %s"):format(path, line and line .. ":" or "", refusal.message))
end

-- Whether the file may declare a scenario or a workflow. Only running it tells for certain, but a plain script is
-- not to run before its turn, so one that never says either word is left alone.
local function may_declare(text)
  local code = text:gsub("%-%-[^\n]*", "")
  return (code:find("%f[%w_]scenario%f[^%w_]") or code:find("%f[%w_]workflow%f[^%w_]")) ~= nil
end

local function count()
  return scenario.count() + workflow.count()
end

--- What the script declares, as load does, but a workflow as it is.
---@param path string
---@return table declared
function loader.read(path)
  local text = text_of(path)
  -- As loadfile does it: a first line that begins with # is the shell's, and keeps its line number.
  local chunk, syntax = load(text:gsub("^#[^\n]*", "", 1), "@" .. path, "t")
  if not chunk then
    fail(path, "%s", syntax)
  end
  if not may_declare(text) then
    return { plain = true, chunk = chunk }
  end
  local declared, scenarios = count(), scenario.count()
  local ok, value = xpcall(chunk, function(err)
    if declaration.is_refusal(err) or getmetatable(err) == ScriptError then
      return err
    end
    return script_error(path, tostring(err), debug.traceback(nil, 2))
  end, path)
  if not ok then
    error(declaration.is_refusal(value) and refused(path, text, value) or value, 0)
  elseif scenario.is(value) or workflow.is(value) then
    return value
  elseif count() > declared then
    local what = scenario.count() > scenarios and "scenario" or "workflow"
    fail(path, "%s: declares a %s but does not return it: write `return scale.%s {`", path, what, what)
  end
  return { plain = true }
end

--- Loads the script. Raises an error table { kind = "script", path=, message=, traceback= } when it cannot be
--- read, has a syntax error, raises while it loads, or declares a scenario or workflow wrongly.
---@param path string
---@return table scenario what scale.scenario made, or the scenario that a workflow is by itself; for a file that
---  declares none { plain = true, chunk = fn }, chunk being the script that has yet to run (nil when loading had to
---  run it to know)
function loader.load(path)
  local declared = loader.read(path)
  return workflow.is(declared) and declared:alone() or declared
end

return loader
