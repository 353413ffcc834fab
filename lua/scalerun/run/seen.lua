--- What verify is given: everything that the projects recorded and measured.
local comparison = require "scalerun.judge.comparison"
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
---@field duration number seconds that phases took in all, without warm-ups
---@field projects table[] id, iterations, failed, late, dropped, ops and metrics of each project
---@field steps scalerun.Step[] what projects walked through, in order; ops has their series
---@field history scale.History every operation that was recorded
---@field phases table<string, scale.Seen> the same for each phase alone
---@field arms table<string, scale.Seen> the same for each arm of comparisons alone
---@field compare scale.Comparisons by phase: the rounds of its comparison
---@field span { from: number, to: number }? of a phase: when it ran, in seconds since the first phase began
---@field [string] any[] every other name: the list of what was recorded under it, empty when nothing was

local seen = {}

-- The host's own series: an iteration is not an operation, nor is how late it began. Nor is a step.
local own = { iteration = true, lateness = true }

local Unmeasured = {
  __index = function(ops, name)
    if type(name) == "string" and name:find(".", 1, true) then
      return { errors = {} }
    end
    return rawget(ops, name)
  end,
}

-- The numbers, able to tell any percentile; not among the numbers: reports go through those.
local function with_percentile(numbers, metrics, name, scheduled)
  return setmetatable(numbers, {
    __index = {
      percentile = function(_, percent)
        return metrics:percentile(name, percent, scheduled)
      end,
    },
  })
end

--- Numbers of all series of a metrics object.
---@param metrics { series: fun(self): string[], get: fun(self, name: string): table,
---  percentile: fun(self, name: string, percent: number, scheduled: boolean?): number? }?
---@return scale.Ops
function seen.ops(metrics)
  local ops = {}
  for _, name in ipairs(metrics and metrics:series() or {}) do
    local series = with_percentile(metrics:get(name), metrics, name)
    series.scheduled = series.scheduled and with_percentile(series.scheduled, metrics, name, true)
    ops[name] = series
    if not own[name] and steps.is_operation(name) then
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

local COUNTS = { "iterations", "failed", "late", "dropped" }

local function add_project(sum, project)
  for _, name in ipairs(COUNTS) do
    sum[name] = (sum[name] or 0) + (project[name] or 0)
  end
  table.insert(sum.metrics, project.metrics)
end

-- How long it took without the part that does not count.
local function duration_of(one)
  return math.max((one.result.ended or 0) - (one.result.started or 0) - (one.warmup or 0), 0)
end

local function gather(results, merge)
  local lists, by_id, order, all, ways, parts = {}, {}, {}, {}, {}, {}
  local iterations, duration = 0, 0
  for _, one in ipairs(results) do
    add_records(lists, one.result, one.name)
    duration = duration + duration_of(one)
    for _, project in ipairs(one.result.projects) do
      if not by_id[project.id] then
        by_id[project.id] = { id = project.id, metrics = {} }
        order[#order + 1] = by_id[project.id]
      end
      add_project(by_id[project.id], project)
      iterations = iterations + project.iterations
      ways[#ways + 1] = project.steps
      if project.history then
        parts[#parts + 1] = { history = project.history, project = project.id, phase = one.name, arm = one.arm }
      end
      table.insert(all, project.metrics)
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
    duration = duration,
    steps = steps.merge(ways),
    history = history.new(parts),
    phases = {},
    arms = {},
    compare = comparison.new {},
  }, Seen)
end

-- When a phase ran, in seconds since the first one began, as the points of witnesses' series.
local function span_of(group, first)
  return { from = group[1].result.started - first.started, to = group[#group].result.ended - first.started }
end

-- The results under each value of a field, in their order; and those values, in theirs.
local function group_by(results, field)
  local groups, order = {}, {}
  for _, one in ipairs(results) do
    local key = one[field]
    if key and not groups[key] then
      groups[key] = {}
      order[#order + 1] = key
    end
    if key then
      table.insert(groups[key], one)
    end
  end
  return groups, order
end

local function arms_of(results, merge)
  local arms = {}
  for name, group in pairs((group_by(results, "arm"))) do
    arms[name] = gather(group, merge)
  end
  return arms
end

-- What was seen of a phase's rounds; nil where it has none.
local function rounds_of(group, merge)
  local plan = group[1].compare
  if not plan then
    return nil
  end
  local arms, rounds = { [plan.baseline] = {}, [plan.load] = {} }, math.huge
  for _, one in ipairs(group) do
    table.insert(arms[one.arm], gather({ one }, merge))
  end
  for _, list in pairs(arms) do
    rounds = math.min(rounds, #list)
  end
  return { baseline = plan.baseline, load = plan.load, rounds = rounds, first = plan.rounds, most = plan.most,
    arms = arms }
end

---@class scalerun.Result
---@field name string of the phase
---@field result scalerun.PhaseResult
---@field warmup number? seconds of it that do not count
---@field arm string? in a comparison
---@field round integer?
---@field compare { baseline: string, load: string, rounds: integer, most: integer }?

--- @param results scalerun.Result[] in the order in which they came
---@param merge fun(list: table[]): table merges metrics objects
---@return scale.Seen
function seen.build(results, merge)
  local whole = gather(results, merge)
  local groups, order = group_by(results, "name")
  whole.arms = arms_of(results, merge)
  for _, name in ipairs(order) do
    local group = groups[name]
    local phase = gather(group, merge)
    phase.span = span_of(group, results[1].result)
    phase.arms = arms_of(group, merge)
    whole.compare[name] = rounds_of(group, merge)
    phase.compare[name] = whole.compare[name]
    whole.phases[name] = phase
  end
  return whole
end

--- The same of a phase that still runs, of which no more is known than its numbers.
---@param live scalerun.Live[] with metrics
---@param elapsed number
---@param merge fun(list: table[]): table
---@return scale.Seen
function seen.live(live, elapsed, merge)
  return gather({ { name = "now", result = { started = 0, ended = elapsed, projects = live } } }, merge)
end

return seen
