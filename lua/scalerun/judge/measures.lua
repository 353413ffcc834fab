--- The numbers that checks and thresholds can name: the statistics of a series of operations, and those of a whole run.
local options = require "scalerun.options"

local measures = {}

---@class scalerun.Statistic
---@field of fun(series: table, whole: table): number? nil where there are no data
---@field unit "s"|"share"|"1/s"|nil
---@field timing boolean? whether a generator at its limit spoils it
---@field percent number? of percentiles

local function field(name, unit)
  return {
    unit = unit,
    timing = unit == "s" or nil,
    of = function(series)
      return (series.count or 0) > 0 and series[name] or nil
    end,
  }
end

local function counted(name)
  return {
    of = function(series)
      return series.count and series[name]
    end,
  }
end

--- Statistics of a series.
---@type table<string, scalerun.Statistic>
measures.statistics = {
  mean = field("mean", "s"),
  min = field("min", "s"),
  max = field("max", "s"),
  stddev = field("stddev", "s"),
  ok = counted "ok",
  errors = counted "failed",
  count = counted "count",
  cv = {
    timing = true,
    of = function(series)
      return (series.count or 0) > 1 and series.mean > 0 and series.stddev / series.mean or nil
    end,
  },
  error_rate = {
    unit = "share",
    of = function(series)
      return (series.count or 0) > 0 and series.failed / series.count or nil
    end,
  },
  rate = {
    unit = "1/s",
    timing = true,
    of = function(series, whole)
      return series.count and (whole.duration or 0) > 0 and series.count / whole.duration or nil
    end,
  },
}

for name, percent in pairs { p50 = 50, p90 = 90, p95 = 95, p99 = 99, p995 = 99.5, p999 = 99.9 } do
  measures.statistics[name] = field(name, "s")
  measures.statistics[name].percent = percent
end

-- A number that each project has, summed up.
local function summed(name)
  return {
    of = function(_, whole)
      local sum
      for _, project in ipairs(whole.projects or {}) do
        if project[name] then
          sum = (sum or 0) + project[name]
        end
      end
      return sum
    end,
  }
end

--- What stands alone, without a series: of all operations together, and of iterations.
---@type table<string, scalerun.Statistic>
measures.alone = {
  ok = measures.statistics.ok,
  errors = measures.statistics.errors,
  count = measures.statistics.count,
  error_rate = measures.statistics.error_rate,
  rate = measures.statistics.rate,
  iterations = summed "iterations",
  failed_iterations = summed "failed",
  late = summed "late",
  dropped = summed "dropped",
}

--- "(did you mean 'p95'?)", or all known names.
---@param name string
---@param known string[]
---@return string
function measures.hint(name, known)
  local nearest = options.nearest(name, known)
  if nearest then
    return ("(did you mean '%s'?)"):format(nearest)
  end
  return #known > 0 and ("(known are: %s)"):format(table.concat(known, ", ")) or "(there are none)"
end

-- The names of all series.
local function series_names(ops)
  local list = {}
  for name, series in pairs(ops) do
    if type(series) == "table" then
      list[#list + 1] = name
    end
  end
  table.sort(list)
  return list
end

-- The series whose last part is most like the name.
local function nearest_tail(name, known)
  local tails, whole = {}, {}
  for index, one in ipairs(known) do
    tails[index] = one:match("[^.]*$")
    whole[tails[index]] = one
  end
  return not options.nearest(name, known) and whole[options.nearest(name, tails) or ""] or nil
end

--- The series of that name; "reserve" also means "ids.reserve" where no other series ends so.
---@param ops scale.Ops
---@param name string
---@return table? series
---@return string problem or the whole name
function measures.series(ops, name)
  local exact = rawget(ops, name)
  if type(exact) == "table" then
    return exact, name
  end
  local known, fitting = series_names(ops), {}
  for _, one in ipairs(known) do
    if one:sub(-#name - 1) == "." .. name then
      fitting[#fitting + 1] = one
    end
  end
  if #fitting == 1 then
    return ops[fitting[1]], fitting[1]
  elseif #fitting > 1 then
    return nil, ("'%s' may be any of %s"):format(name, table.concat(fitting, ", "))
  end
  return nil, ("no series '%s' was measured %s"):format(name, measures.hint(nearest_tail(name, known) or name, known))
end

--- Whether the statistic is one of latencies, which may be counted from the schedule too.
---@param statistic string a known one
---@return boolean
function measures.is_latency(statistic)
  return measures.statistics[statistic].unit == "s" and statistic ~= "stddev"
end

--- The series with its latencies counted from the schedule; itself where all its operations began when they were due,
--- for then it has no second histogram.
---@param series table
---@return table
function measures.from_schedule(series)
  if not series.scheduled then
    return series
  end
  local made = setmetatable({}, getmetatable(series.scheduled))
  for _, numbers in ipairs { series, series.scheduled } do
    for name, value in pairs(numbers) do
      made[name] = value
    end
  end
  return made
end

--- Whether latencies are to be counted from the schedule: the option `from`, "start" unless told. Refuses others.
---@param where string
---@param from string?
---@return boolean
function measures.is_scheduled(where, from)
  if from and from ~= "start" and from ~= "schedule" then
    error(("%s: from is 'start' or 'schedule', not '%s'"):format(where, from), 3)
  end
  return from == "schedule"
end

---@class scalerun.Measure
---@field series string?
---@field scheduled boolean? from the schedule instead of the start
---@field statistic string

--- The number that the measure stands for in seen, or in a part of it: a project, a phase, a round.
---@param whole table ops, projects, duration
---@param measure scalerun.Measure
---@return number? value
---@return string? problem
---@return integer? count of values behind it
function measures.value(whole, measure)
  if not measure.series then
    local value = measures.alone[measure.statistic].of(whole.ops, whole)
    return value, value == nil and "nothing was measured" or nil
  end
  local series, problem = measures.series(whole.ops, measure.series)
  if not series then
    return nil, problem
  end
  if measure.scheduled then
    series = measures.from_schedule(series)
  end
  local value = measures.statistics[measure.statistic].of(series, whole)
  if value == nil or value ~= value then
    return nil, ("series '%s' has no %s"):format(measure.series, measure.statistic)
  end
  return value, nil, series.count
end

return measures
