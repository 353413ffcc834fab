--- Writes down what a run is judged by, while it runs: the operations, and what each scenario's verify is given. Both
--- go to files in a temporary folder that are copied into the run's folder at its end; see reports/README.md.
local core = require "scalerun.core.history"
local errors = require "scalerun.errors"
local fs = require "scalerun.fs"
local json = require "scalerun.json"
local loader = require "scalerun.loader"
local pack = require "scalerun.stored.pack"

---@class scalerun.StoredWriter
---@field problem string? what went wrong
local Writer = {}
Writer.__index = Writer

local writer = {}

writer.SCHEMA = "scalerun.judge/1"

--- Writes nothing until begin. Nothing here raises: the first problem is kept, and nothing more written.
---@param scrub fun(text: string): string takes secrets out
---@return scalerun.StoredWriter
function writer.new(scrub)
  return setmetatable({ scrub = scrub }, Writer)
end

-- Runs fn(...) unless something went wrong before.
function Writer:attempt(fn, ...)
  if self.problem then
    return nil
  end
  local ok, value = pcall(fn, ...)
  if not ok then
    self.problem = errors.describe(value).message
    return nil
  end
  return value
end

-- What is packed already.
function Writer:packed_line(value)
  errors.check(self.judged:write(self.scrub(json.encode(value)) .. "\n"))
end

function Writer:line(value)
  self:packed_line(pack.pack(value, pack.measured))
end

--- What holds for the run. Once, before the scenarios.
---@param header table
function Writer:begin(header)
  self:attempt(function()
    self.folder = fs.mkdtemp("scalerun-run-")
    self.histories = self.folder .. "/history.jsonl.zst"
    self.judged = errors.check(core.append(self.folder .. "/judge.jsonl.zst"))
    header.schema = writer.SCHEMA
    self:line { run = header }
  end)
end

-- A history is a file of its own, and what is looked at here is given back.
local function without(result, name)
  local copy = {}
  for key, value in pairs(result) do
    copy[key] = key ~= name and value or nil
  end
  return copy
end

--- A scenario: what its verify was given, and how it came to its verdict.
---@param stored scalerun.StoredScenario
---@param history scale.History? all its operations
function Writer:scenario(stored, history)
  self:attempt(self.write_scenario, self, stored, history)
end

---@package
function Writer:write_scenario(stored, history)
  local results, entries = stored.results, stored.tape
  self:line { scenario = without(without(stored, "results"), "tape") }
  for index, one in ipairs(results) do
    local result = without(one, "result")
    self:line { phase = result, index = index, result = without(one.result, "projects") }
    for _, project in ipairs(one.result.projects) do
      self:line { project = without(project, "history"), index = index }
    end
  end
  for _, entry in ipairs(entries) do
    self:packed_line { tape = entry }
  end
  if history and history:count() > 0 then
    local file = errors.check(core.append(self.histories))
    errors.check(history.set:write(file, stored.id))
    errors.check(file:finish())
  end
end

--- A scenario that did not come to run: its row stands.
---@param row scalerun.Row
function Writer:fixed(row)
  self:attempt(self.line, self, { scenario = { id = row.id, path = row.path, fixed = true, row = row } })
end

local function folders_of(path)
  local list = {}
  for name in path:match("^(.*/)"):gmatch("[^/]+") do
    list[#list + 1] = name
  end
  return list
end

-- How many folders, from the root on, all the paths have in common.
local function in_common(paths)
  local common
  for _, path in ipairs(paths) do
    local folders = folders_of(path)
    common = common or folders
    for index = 1, #common do
      if common[index] ~= folders[index] then
        common = table.move(common, 1, index - 1, 1, {})
        break
      end
    end
  end
  return #(common or {})
end

local function real(path)
  local ok, resolved = pcall(fs.realpath, path)
  return ok and resolved or "/" .. path
end

-- The scripts below one folder, where they stand to each other as they did.
local function stored_scripts(files, scrub)
  local scripts, paths = loader.loaded(), {}
  for index, script in ipairs(scripts) do
    paths[index] = real(script.path)
  end
  local common, list = in_common(paths), {}
  for index, script in ipairs(scripts) do
    local name = "scripts/" .. paths[index]:gsub("^/", ""):gsub("[^/]+/", "", common)
    files[name] = scrub(script.text)
    list[index] = { path = script.path, stored = name }
  end
  return list
end

--- The run is over: what is left to say, and the scripts as they were. Returns the files for the run's folder, none
--- when something went wrong.
---@param ending table
---@return table<string, { copy: string }|string> files
function Writer:finish(ending)
  return self.folder and self:attempt(function()
    local files = {}
    ending.scripts, ending.history = stored_scripts(files, self.scrub), fs.exists(self.histories)
    self:line { ending = ending }
    errors.check(self.judged:finish())
    self.judged = nil
    files["judge.jsonl.zst"] = { copy = self.folder .. "/judge.jsonl.zst" }
    if ending.history then
      files["history.jsonl.zst"] = { copy = self.histories }
    end
    return files
  end) or {}
end

--- Removes what is left in the temporary folder.
function Writer:close()
  if self.judged then
    self.judged:close()
  end
  if self.folder then
    pcall(fs.remove, self.folder)
  end
end

return writer
