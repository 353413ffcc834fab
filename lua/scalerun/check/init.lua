--- scalerun check: what is wrong with a script, as far as can be told without running it. A script that declares a
--- scenario or workflow is loaded, as a run would do; its functions are not called.
local errors = require "scalerun.errors"
local globals = require "scalerun.check.globals"
local index = require "scalerun.help.index"
local loader = require "scalerun.loader"
local reader = require "scalerun.check.reader"
local uses = require "scalerun.check.uses"
local workflow = require "scalerun.workflow"

local check = {}

---@class scalerun.check.Problem
---@field line integer? nil where it has none
---@field message string

-- The line at the head of a message, and the rest.
local function place(path, message)
  local rest = message
  if rest:sub(1, #path + 1) == path .. ":" then
    rest = rest:sub(#path + 2)
  end
  local line, text = rest:match("^%s*(%d+):%s*(.*)$")
  return { line = math.tointeger(tonumber(line)), message = text or rest:gsub("^%s+", "") }
end

-- Whether the function's first parameter is used to begin a check, or handed on to something that may do so.
local function may_expect(found, fn)
  local run = fn.parameters[1]
  if not run then
    return false
  end
  for _, path in ipairs(found.uses) do
    local first = path.variable == run and path.steps[1]
    if first and first.name == "expect" then
      return true
    end
  end
  return run.whole > 0
end

-- A verify that expects nothing judges nothing, and so does a scenario without one.
local function verify_problems(declared, found)
  local problems = {}
  if workflow.is(declared) or declared.plain then
    return problems
  end
  local judged = declared.thresholds and next(declared.thresholds) ~= nil
  if not declared.verify and not judged then
    problems[1] = { message = ("scenario %s has no verify: nothing is judged, so that it can only be inconclusive")
      :format(declared.id) }
  elseif declared.verify and not judged then
    local line = debug.getinfo(declared.verify, "S").linedefined
    for _, fn in ipairs(found.functions) do
      if fn.key == "verify" and fn.line == line and not may_expect(found, fn) then
        problems[1] = { line = line, message = "verify expects nothing: begin each check with run:expect(\"name\")" }
      end
    end
  end
  return problems
end

local function read_text(path)
  local file, problem = io.open(path, "r")
  if not file then
    return nil, ("cannot read %s"):format(problem)
  end
  local text, unreadable = file:read("a")
  file:close()
  return text, unreadable and ("cannot read %s: %s"):format(path, unreadable)
end

local function static_problems(found)
  local problems = globals.problems(found)
  local of_uses = uses.problems(found, index.classes())
  return table.move(of_uses, 1, #of_uses, #problems + 1, problems)
end

local function by_line(a, b)
  if (a.line or 0) ~= (b.line or 0) then
    return (a.line or 0) < (b.line or 0)
  end
  return a.message < b.message
end

--- Looks at one script.
---@param path string
---@return scalerun.check.Problem[] problems in the order of their lines
---@return table? declared what the script declares: a scenario, a workflow, or { plain = true }
function check.file(path)
  local text, problem = read_text(path)
  if not text then
    return { { message = problem } }
  end
  local chunk, syntax = load(text:gsub("^#[^\n]*", "", 1), "@" .. path, "t")
  if not chunk then
    return { place(path, syntax) }
  end
  local found = reader.read(text)
  local problems = static_problems(found)
  local ok, declared = pcall(loader.read, path)
  if ok then
    for _, one in ipairs(verify_problems(declared, found)) do
      problems[#problems + 1] = one
    end
  else
    problems[#problems + 1] = place(path, errors.describe(declared).message)
  end
  table.sort(problems, by_line)
  return problems, ok and declared or nil
end

--- Looks at several scripts; an id that two of them have is a problem of the second.
---@param paths string[]
---@return { path: string, problems: scalerun.check.Problem[] }[]
function check.files(paths)
  local results, taken = {}, {}
  for index_of, path in ipairs(paths) do
    local problems, declared = check.file(path)
    local id = declared and declared.id
    if id and taken[id] then
      problems[#problems + 1] = { message = ("scenario %s is in %s already"):format(id, taken[id]) }
    elseif id then
      taken[id] = path
    end
    results[index_of] = { path = path, problems = problems }
  end
  return results
end

return check
