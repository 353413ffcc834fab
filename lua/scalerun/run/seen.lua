--- What verify is given: everything that the projects recorded and measured.
local history = require "scalerun.history"
local steps = require "scalerun.steps"
local values = require "scalerun.judge.values"

---@class scale.Ops
---@field ok integer? operations that succeeded; nil when none was measured
---@field failed integer?
---@field count integer?
---@field [string] scale.Series ops["ids.reserve"]: one kind of operation; empty when none was measured

---@class scale.Seen
---@field ops scale.Ops
---@field iterations integer
---@field projects table[] id, iterations, failed, ops and metrics of each project
---@field steps scalerun.Step[] what projects walked through, in order; ops has their series
---@field history scale.History every operation that was recorded
---@field phases table<string, scale.Seen> the same for each phase alone
---@field span { from: number, to: number }? of a phase: when it ran, in seconds since the first phase began
---@field [string] any[] every other name: the list of what was recorded under it, empty when nothing was

local seen = {}

-- The host's own series: an iteration is not an operation. Nor is a step.
local ITERATION = "iteration"

local Unmeasured = {
  __index = function(ops, name)
    if type(name) == "string" and name:find(".", 1, true) then
      return { errors = {} }
    end
    return rawget(ops, name)
  end,
}

--- Numbers of all series of a metrics object.
---@param metrics { series: fun(self): string[], get: fun(self, name: string): table }?
---@return scale.Ops
function seen.ops(metrics)
  local ops = {}
  for _, name in ipairs(metrics and metrics:series() or {}) do
    local series = metrics:get(name)
    ops[name] = series
    if name ~= ITERATION and steps.is_operation(name) then
      ops.ok = (ops.ok or 0) + series.ok
      ops.failed = (ops.failed or 0) + series.failed
      ops.count = (ops.count or 0) + series.ok + series.failed
    end
  end
  return setmetatable(ops, Unmeasured)
end

local function add_records(lists, result, phase)
  for _, project in ipairs(result.projects) do
    for name, records in pairs(project.records or {}) do
      lists[name] = lists[name] or values.new(name)
      for _, record in ipairs(records) do
        values.add(lists[name], record.value, { project = project.id, iteration = record.iteration, phase = phase })
      end
    end
  end
end

local Seen = {
  __index = function(object, name)
    local lists = rawget(object, "lists")
    if not lists[name] then
      lists[name] = values.new(name)
    end
    return lists[name]
  end,
}

local function gather(results, merge)
  local lists, by_id, order, all, iterations, ways, parts = {}, {}, {}, {}, 0, {}, {}
  for _, one in ipairs(results) do
    add_records(lists, one.result, one.name)
    for _, project in ipairs(one.result.projects) do
      if not by_id[project.id] then
        by_id[project.id] = { id = project.id, iterations = 0, failed = 0, metrics = {} }
        order[#order + 1] = by_id[project.id]
      end
      local sum = by_id[project.id]
      sum.iterations = sum.iterations + project.iterations
      sum.failed = sum.failed + project.failed
      iterations = iterations + project.iterations
      ways[#ways + 1] = project.steps
      if project.history then
        parts[#parts + 1] = { history = project.history, project = project.id, phase = one.name, arm = one.arm }
      end
      if project.metrics then
        table.insert(sum.metrics, project.metrics)
        table.insert(all, project.metrics)
      end
    end
  end
  for _, project in ipairs(order) do
    project.metrics = #project.metrics > 0 and merge(project.metrics) or nil
    project.ops = seen.ops(project.metrics)
  end
  return setmetatable({
    lists = lists,
    ops = seen.ops(#all > 0 and merge(all) or nil),
    projects = order,
    iterations = iterations,
    steps = steps.merge(ways),
    history = history.new(parts),
    phases = {},
  }, Seen)
end

-- When a phase ran, in seconds since the first one began, as the points of witnesses' series.
local function span_of(result, first)
  return { from = result.started - first.started, to = result.ended - first.started }
end

--- @param results { name: string, result: table }[] what the host returned for each phase, in order
---@param merge fun(list: table[]): table merges metrics objects
---@return scale.Seen
function seen.build(results, merge)
  local whole = gather(results, merge)
  for _, one in ipairs(results) do
    whole.phases[one.name] = gather({ one }, merge)
    whole.phases[one.name].span = span_of(one.result, results[1].result)
  end
  return whole
end

return seen
