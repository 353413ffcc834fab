--- What a project walks through: steps that are measured, and pauses that stand for the model, measured apart.
--- Each is a series, "step NAME" or "think NAME"; a whole workflow makes two, "workflow ID" (all of its time) and
--- "service ID" (less the thinking).
local errors = require "scalerun.errors"
local metrics = require "scalerun.metrics"
local names = require "scalerun.names"
local options = require "scalerun.options"
local pauses = require "scalerun.pauses"
local time = require "scalerun.time"

local steps = {}

---@class scalerun.Step
---@field kind "step"|"think"|"workflow"|"service"
---@field name string
---@field share number? of a pause: the part of the whole that it was declared to take

local kinds = { step = true, think = true, workflow = true, service = true }

--- The name under which it is counted and timed.
---@param kind string
---@param name string
---@return string
function steps.series(kind, name)
  return ("%s %s"):format(kind, name)
end

--- Whether the series is made of operations, rather than of steps, which are made of operations.
---@param series string
---@return boolean
function steps.is_operation(series)
  return not kinds[series:match("^(%l+) ")]
end

-- Keeps the order in which things first began; it tells people the way.
local function note(sink, kind, name, share)
  local series = steps.series(kind, name)
  if not sink.noted[series] then
    sink.noted[series] = true
    table.insert(sink.steps, { kind = kind, name = name, share = share })
  end
  return series
end

local function kind_of(err)
  return type(err) == "table" and type(err.kind) == "string" and err.kind or "script"
end

-- An error passes through on its way out; the place where it was raised must not get lost.
local function with_traceback(err)
  if type(err) == "table" then
    return err
  end
  local text = tostring(err)
  return errors.new { kind = "script", message = text, traceback = debug.traceback(text, 2) }
end

local function check_name(method, name)
  if type(name) ~= "string" or name == "" then
    error(("project:%s: the name must be a string"):format(method), 3)
  end
end

--- Project:step.
---@param project scale.Project
---@param name string
---@param fn function
---@param ... any
---@return any ...
function steps.step(project, name, fn, ...)
  check_name("step", name)
  if type(fn) ~= "function" then
    error(("project:step(%q): a function is wanted, not a %s"):format(name, type(fn)), 2)
  end
  local series = note(project.sink, "step", name)
  local began = time.now()
  local results = table.pack(xpcall(fn, with_traceback, ...))
  metrics.record(series, time.now() - began, not results[1] and kind_of(results[2]) or nil)
  if not results[1] then
    error(results[2], 0)
  end
  return table.unpack(results, 2, results.n)
end

local function pause_of(walk, name)
  if not walk then
    error(("project:think(%q): only the run of a workflow thinks: its declaration says how long"):format(name), 3)
  elseif not walk.pauses[name] then
    local known = names.sorted(walk.pauses)
    local nearest = options.nearest(name, known)
    error(("project:think(%q): the workflow's think has no such pause (%s)"):format(name,
      nearest and ("did you mean '%s'?"):format(nearest)
        or #known > 0 and "there are: " .. table.concat(known, ", ") or "it declares none"), 3)
  end
  return walk.pauses[name]
end

--- Project:think.
---@param project scale.Project
---@param name string
---@return number seconds
function steps.think(project, name)
  check_name("think", name)
  local walk = project.walk
  local pause = pause_of(walk, name)
  local times = (walk.times[name] or 0) + 1
  walk.times[name] = times
  local series = note(project.sink, "think", name, pause.share)
  local place = ("%s/%s/%s/%d"):format(project.id, project.iteration, name, times)
  local began = time.now()
  time.sleep(pauses.seconds(pause, project.shared.seed or 0, place))
  local seconds = time.now() - began
  walk.thought = walk.thought + seconds
  metrics.record(series, seconds)
  return seconds
end

--- Walks a workflow's way: runs fn(project) and records how long it took, with and without the thinking.
---@param project scale.Project
---@param id string of the workflow
---@param declared table<string, scalerun.Pause>
---@param fn function
---@return any ... what fn returns
function steps.walk(project, id, declared, fn)
  local outer = project.walk
  local walk = { pauses = declared, times = {}, thought = 0 }
  project.walk = walk
  local began = time.now()
  local results = table.pack(xpcall(fn, with_traceback, project))
  local total = time.now() - began
  project.walk = outer
  local failure = not results[1] and kind_of(results[2]) or nil
  metrics.record(note(project.sink, "workflow", id), total, failure)
  metrics.record(note(project.sink, "service", id), math.max(total - walk.thought, 0), failure)
  if failure then
    error(results[2], 0)
  end
  return table.unpack(results, 2, results.n)
end

--- The steps of several projects as one list, workflows at its end.
---@param lists scalerun.Step[][]
---@return scalerun.Step[]
function steps.merge(lists)
  local way, wholes, seen = {}, {}, {}
  for _, list in ipairs(lists) do
    for _, step in ipairs(list) do
      local series = steps.series(step.kind, step.name)
      if not seen[series] then
        seen[series] = true
        table.insert((step.kind == "step" or step.kind == "think") and way or wholes, step)
      end
    end
  end
  return table.move(wholes, 1, #wholes, #way + 1, way)
end

---@class scalerun.StepRow: scalerun.Step
---@field series scale.Series
---@field taken number? of a pause: the part of the whole that it took

--- The steps with their numbers, for reports.
---@param seen { steps: scalerun.Step[], ops: scale.Ops }
---@return scalerun.StepRow[]
function steps.measured(seen)
  local rows, whole = {}, 0
  for _, step in ipairs(seen.steps) do
    local series = seen.ops[steps.series(step.kind, step.name)]
    if series then
      rows[#rows + 1] = { kind = step.kind, name = step.name, share = step.share, series = series }
      whole = whole + (step.kind == "workflow" and series.mean * series.count or 0)
    end
  end
  for _, row in ipairs(rows) do
    if row.kind == "think" and whole > 0 then
      row.taken = row.series.mean * row.series.count / whole
    end
  end
  return rows
end

return steps
