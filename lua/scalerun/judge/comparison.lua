--- From the rounds of a comparison to a paired ratio.
local measures = require "scalerun.judge.measures"
local names = require "scalerun.names"
local options = require "scalerun.options"
local ratio = require "scalerun.stats.ratio"
local stats = require "scalerun.stats"

local comparison = {}

-- Where the comparison itself does not say how many rounds it may take.
local FIRST, MOST = 3, 9

---@class scale.RoundSeen what was seen of one arm in one round: ops, projects, iterations, duration

---@class scale.Compared
---@field baseline string the arm that is compared against: "solo"
---@field load string the other one: "all"
---@field rounds integer
---@field first integer? rounds that are made in any case
---@field most integer? rounds that are made at most
---@field arms table<string, scale.RoundSeen[]>

---@class scale.CompareQuery
---@field series string of operations: "ids.reserve", "iteration"
---@field statistic string? "mean" unless told; "p95", "rate", …
---@field from "start"|"schedule"|nil when the latency of an operation begins: "start" unless told
---@field project string? the load's numbers are those of this project
---@field phase string? whose comparison, where several phases have one

-- The project's part of a round.
local function part(round, id)
  if not id then
    return round
  end
  for _, project in ipairs(round.projects or {}) do
    if project.id == id then
      return { ops = project.ops, projects = { project }, duration = round.duration }
    end
  end
  return nil, ("project %s took no part"):format(id)
end

local function value_of(round, measure, project)
  local whole, missing = part(round, project)
  if not whole then
    return nil, missing
  end
  local value, problem, count = measures.value(whole, measure)
  local wanted = ratio.values_wanted(measure.statistic)
  if value and count and count < wanted then
    return nil, ("%s of %d values: at least %d a round are wanted"):format(measure.statistic, count, wanted)
  end
  return value, problem
end

---@class scalerun.Side
---@field arm string
---@field project string?
---@field measure scalerun.Measure

-- The numbers of all rounds of one side.
local function values_of(compared, side)
  local list = {}
  for index, round in ipairs(compared.arms[side.arm] or {}) do
    local value, problem = value_of(round, side.measure, side.project)
    if not value then
      return list, ("round %d, %s: %s"):format(index, side.arm, problem)
    end
    list[index] = value
  end
  return list
end

--- The ratio of one side over the other, with the interval that repeated looks need.
---@param compared scale.Compared
---@param load scalerun.Side
---@param baseline scalerun.Side
---@param seed integer?
---@return scale.Ratio
function comparison.sides(compared, load, baseline, seed)
  local looks = math.max((compared.most or MOST) - (compared.first or FIRST) + 1, 1)
  local statistic = measures.statistics[load.measure.statistic]
  local over, under, problem, other
  over, problem = values_of(compared, load)
  under, other = values_of(compared, baseline)
  local found = stats.ratio {
    baseline = under,
    load = over,
    statistic = load.measure.statistic,
    confidence = stats.confidence(looks),
    seed = seed,
  }
  if problem or other then
    found.problem, found.low, found.high = problem or other, nil, nil
  end
  found.series, found.unit, found.timing = load.measure.series, statistic.unit, statistic.timing or false
  found.baseline_name, found.load_name = baseline.arm, load.project or load.arm
  return found
end

--- The comparison of that phase, or the only one there is.
---@param all table<string, scale.Compared>
---@param phase string?
---@return scale.Compared? compared
---@return string? problem
function comparison.of(all, phase)
  local phases = {}
  for name, value in pairs(all) do
    if type(value) == "table" and value.arms then
      phases[#phases + 1] = name
    end
  end
  table.sort(phases)
  if phase then
    if not all[phase] then
      return nil, ("no phase '%s' compares %s"):format(phase, measures.hint(phase, phases))
    end
    return all[phase]
  elseif #phases == 1 then
    return all[phases[1]]
  elseif #phases == 0 then
    return nil, "nothing was compared: the scenario needs compare = { … }"
  end
  return nil, ("several phases compare; say phase = one of %s"):format(table.concat(phases, ", "))
end

local query_keys = { series = "string", statistic = "string", from = "string", project = "string", phase = "string" }

---@class scale.Comparisons: { [string]: scale.Compared }
local Comparisons = {}
Comparisons.__index = Comparisons

--- The paired ratio of load over baseline: run:expect("…"):ratio(seen.compare:ratio { series = "ids.reserve" }).
---@param query scale.CompareQuery
---@return scale.Ratio
function Comparisons:ratio(query)
  options.check("compare:ratio", query, query_keys)
  local statistic = query.statistic or "mean"
  if not measures.statistics[statistic] then
    error(("compare:ratio: no statistic is called '%s' %s"):format(statistic,
      measures.hint(statistic, names.sorted(measures.statistics))), 2)
  elseif not query.series then
    error("compare:ratio: series is missing: { series = \"ids.reserve\" }", 2)
  end
  local scheduled = measures.is_scheduled("compare:ratio", query.from)
  local compared, problem = comparison.of(self, query.phase)
  if not compared then
    error("compare:ratio: " .. problem, 2)
  end
  local measure = { series = query.series, statistic = statistic, scheduled = scheduled }
  return comparison.sides(compared, { arm = compared.load, project = query.project, measure = measure },
    { arm = compared.baseline, measure = measure })
end

--- What seen.compare is: the comparisons by the names of their phases.
---@param all table<string, scale.Compared>
---@return scale.Comparisons
function comparison.new(all)
  return setmetatable(all, Comparisons)
end

return comparison
