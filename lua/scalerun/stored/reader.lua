--- Reads back what a run is judged by.
local core = require "scalerun.core.history"
local errors = require "scalerun.errors"
local fs = require "scalerun.fs"
local json = require "scalerun.json"
local pack = require "scalerun.stored.pack"
local writer = require "scalerun.stored.writer"

local reader = {}

---@class scalerun.StoredRun
---@field run table what holds for the run: version, seed, projects, settings, target, started
---@field scenarios scalerun.StoredScenario[]
---@field ending table scripts, errors, signal, unreachable, plain, duration

---@class scalerun.StoredScenario
---@field id string
---@field path string of the script when it ran
---@field fixed boolean? there is nothing to judge: the row stands
---@field row table what the report says of it beside its checks
---@field data any what setup returned
---@field has table<string, boolean> what the run could reach
---@field remedies table<string, string> what would have provided the rest
---@field projects string[]
---@field before { checks: table[], errors: table[] } what was found before it was judged
---@field after { checks: table[], errors: table[] } and afterwards
---@field complete boolean? all phases came to their end; nil: it never came to be judged
---@field results { name: string, result: table }[] of the phases
---@field tape table[]

local function refuse(path, message, ...)
  error(errors.new { kind = "stored", operation = "judge", message = ("%s: " .. message):format(path, ...) }, 0)
end

local parts = {}

function parts.run(stored, line)
  stored.run = line.run
end

function parts.scenario(stored, line)
  line.scenario.results, line.scenario.tape = {}, {}
  table.insert(stored.scenarios, line.scenario)
end

local function last(stored)
  return stored.scenarios[#stored.scenarios]
end

function parts.phase(stored, line)
  local one = line.phase
  one.result = line.result
  one.result.projects = {}
  table.insert(last(stored).results, one)
end

function parts.project(stored, line)
  local results = last(stored).results
  table.insert(results[line.index].result.projects, line.project)
end

function parts.ending(stored, line)
  stored.ending = line.ending
end

-- The tape is read as it stands: who plays it unpacks what it needs.
local function read_line(stored, raw)
  if raw.tape then
    table.insert(last(stored).tape, raw.tape)
    return
  end
  local line = pack.unpack(raw)
  for name, take in pairs(parts) do
    if line[name] ~= nil then
      return take(stored, line)
    end
  end
end

local function read_lines(path)
  local stored = { scenarios = {} }
  local file, err = core.open(path)
  if not file then
    refuse(path, "%s", err.message)
  end
  local number = 0
  while true do
    local text, problem = file:line()
    if problem then
      refuse(path, "%s", problem.message)
    elseif not text then
      break
    end
    number = number + 1
    local ok, failure = pcall(function()
      read_line(stored, json.decode(text))
    end)
    if not ok then
      refuse(path, "line %d is damaged: %s", number, errors.describe(failure).message)
    elseif number == 1 and (not stored.run or stored.run.schema ~= writer.SCHEMA) then
      refuse(path, "is not of the form %s: another version of scalerun has written it", writer.SCHEMA)
    end
  end
  file:close()
  if not stored.run or not stored.ending then
    refuse(path, "is not complete: the run's end is missing")
  end
  return stored
end

-- Gives each project of each phase its operations.
local function attach(stored, path)
  local loaded, err = core.read(path)
  if not loaded then
    refuse(path, "%s", err.message)
  end
  local by_label = {}
  local function label(...)
    return table.concat({ ... }, "\0")
  end
  for _, part in ipairs(loaded) do
    by_label[label(part.scenario or "", part.phase or "", part.arm or "", part.project)] = part.history
  end
  for _, scenario in ipairs(stored.scenarios) do
    for _, one in ipairs(scenario.results) do
      for _, project in ipairs(one.result.projects) do
        local key = label(scenario.id, one.name, one.arm or "", project.id)
        project.history, by_label[key] = by_label[key], nil
      end
    end
  end
  local key = next(by_label)
  if key then
    refuse(path, "has operations of '%s', which the run did not have", (key:gsub("%z", " ")))
  end
end

--- What the run left in its folder. Raises an error of kind "stored" (it is damaged) or "missing" (it is not there).
---@param folder string
---@return scalerun.StoredRun
function reader.read(folder)
  local path = folder .. "/judge.jsonl.zst"
  if not fs.exists(path) then
    error(errors.new {
      kind = "missing",
      operation = "judge",
      message = ("%s is no run's folder: it has no judge.jsonl.zst"):format(folder),
    }, 0)
  end
  local stored = read_lines(path)
  if fs.exists(folder .. "/history.jsonl.zst") then
    attach(stored, folder .. "/history.jsonl.zst")
  elseif stored.ending.history then
    refuse(folder, "the history is missing: history.jsonl.zst")
  end
  return stored
end

return reader
