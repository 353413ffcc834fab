--- Two runs side by side: the same operations of the same scenarios, how much each took longer in the second, and
--- within which interval that lies.
---
--- Where both runs compared arms over rounds, the rounds' values are the data, and the interval that of their ratio
--- (scalerun.stats.ratio). Elsewhere the stored histograms are: the Poisson bootstrap draws each cell's count anew, and
--- the middle 95 % of the resampled ratios is the interval. It knows how much requests of one run differ; how much runs
--- differ from each other it cannot know from one of each.
local hist = require "scalerun.core.hist"
local splitmix = require "scalerun.splitmix"
local stats = require "scalerun.stats"

local compare = {}

local RESAMPLES = 400
local STATISTICS = { { "mean" }, { "p50", 50 }, { "p95", 95 }, { "p99", 99 } }
-- A percentile of fewer values is its greatest value, or no better known than that.
local LEAST = { mean = 2, p50 = 10, p95 = 40, p99 = 200 }

local function by_id(rows)
  local map = {}
  for _, row in ipairs(rows) do
    map[row.id] = row
  end
  return map
end

local function load_of(row)
  local parts = {}
  for index, phase in ipairs(row.phases) do
    parts[index] = ("%s (%s)"):format(phase.name, phase.executor)
  end
  return table.concat(parts, ", ")
end

-- Why numbers of these scenarios say nothing about each other; nil where they do.
local function difference(first, second)
  local one, other = load_of(first), load_of(second)
  if one ~= other then
    return ("its load was another: %s against %s"):format(one, other)
  elseif #first.projects ~= #second.projects then
    return ("%d projects against %d"):format(#first.projects, #second.projects)
  end
end

--- Why two runs cannot be compared at all; nil where they can.
---@param first table document
---@param second table
---@return string?
function compare.problem(first, second)
  if #first.run.projects ~= #second.run.projects then
    return ("one run has %d projects, the other %d"):format(#first.run.projects, #second.run.projects)
  elseif first.run.profile ~= second.run.profile then
    return ("one run has the profile %s, the other %s"):format(first.run.profile or "none",
      second.run.profile or "none")
  elseif first.target.kind ~= second.target.kind then
    return ("one run was against %s, the other against %s"):format(first.target.kind or "nothing",
      second.target.kind or "nothing")
  end
  local others = by_id(second.scenarios)
  for _, row in ipairs(first.scenarios) do
    if others[row.id] then
      return nil
    end
  end
  return "no scenario is in both"
end

-- All projects' values of an operation in one histogram; nil where they are not stored.
local function histogram(row, name)
  local sum = hist.new()
  for _, project in ipairs(row.projects) do
    local op = project.ops[name]
    if op and not (op.histogram and sum:add(op.histogram)) then
      return nil
    end
  end
  return sum:count() > 0 and sum or nil
end

-- Uniform in (0, 1).
local function uniform_of(next_bits)
  return ((next_bits() >> 11) + 0.5) / 9007199254740992.0
end

-- A Poisson number; from 50 on its normal approximation.
local function poisson(mean, next_bits)
  if mean >= 50 then
    local normal = math.sqrt(-2 * math.log(uniform_of(next_bits))) * math.cos(2 * math.pi * uniform_of(next_bits))
    return math.max(0, math.floor(mean + math.sqrt(mean) * normal + 0.5))
  end
  local limit, product, count = math.exp(-mean), uniform_of(next_bits), 0
  while product > limit do
    product, count = product * uniform_of(next_bits), count + 1
  end
  return count
end

-- The statistics of one resample: mean and percentiles by the middles of the cells.
local function resampled(cells, next_bits)
  local counts, total, sum = {}, 0, 0
  for at = 1, #cells, 3 do
    local count = poisson(cells[at + 2], next_bits)
    counts[#counts + 1] = count
    total, sum = total + count, sum + count * (cells[at] + cells[at + 1]) / 2
  end
  if total == 0 then
    return nil
  end
  local out, next_statistic, seen = { mean = sum / total }, 2, 0
  for index, count in ipairs(counts) do
    seen = seen + count
    while STATISTICS[next_statistic] and seen >= STATISTICS[next_statistic][2] / 100 * total do
      out[STATISTICS[next_statistic][1]] = (cells[3 * index - 2] + cells[3 * index - 1]) / 2
      next_statistic = next_statistic + 1
    end
  end
  return out
end

local function ratios_of(first, second, seed)
  local next_bits, lists = splitmix.new(seed), {}
  local one, other = first:cells(), second:cells()
  for _, statistic in ipairs(STATISTICS) do
    lists[statistic[1]] = {}
  end
  for _ = 1, RESAMPLES do
    local a, b = resampled(one, next_bits), resampled(other, next_bits)
    for _, statistic in ipairs(a and b and STATISTICS or {}) do
      table.insert(lists[statistic[1]], b[statistic[1]] / a[statistic[1]])
    end
  end
  return lists
end

local function value_of(histogram_, statistic)
  return statistic[2] and histogram_:percentile(statistic[2]) or histogram_:mean()
end

local function operation_rows(rows, id, name, first, second)
  local lists = ratios_of(first, second, splitmix.seed(42, id .. "\0" .. name))
  for _, statistic in ipairs(STATISTICS) do
    local key, list = statistic[1], lists[statistic[1]]
    if math.min(first:count(), second:count()) >= LEAST[key] and #list > 0 then
      table.sort(list)
      local one, other = value_of(first, statistic), value_of(second, statistic)
      rows[#rows + 1] = { scenario = id, name = name, statistic = key, first = one * 1000, second = other * 1000,
        unit = "ms", ratio = other / one, low = list[math.max(1, math.floor(#list * 0.025 + 0.5))],
        high = list[math.ceil(#list * 0.975)], method = "Poisson bootstrap of the histograms" }
    end
  end
end

local function mean_of(list)
  return #list > 0 and stats.mean(list) or nil
end

-- The load arm of one run against that of the other, round by round.
local function comparison_rows(rows, first, second)
  local others = {}
  for _, comparison in ipairs(second.comparisons or {}) do
    others[comparison.name] = comparison
  end
  for _, comparison in ipairs(first.comparisons or {}) do
    local other = others[comparison.name]
    local ok, found = pcall(stats.ratio, { baseline = comparison.load.values, load = other and other.load.values or {},
      statistic = comparison.statistic or "mean", seed = 42 })
    if other and ok and found.ratio then
      rows[#rows + 1] = { scenario = first.id, name = comparison.name, statistic = comparison.statistic or "mean",
        first = mean_of(found.baseline), second = mean_of(found.load), unit = comparison.unit, ratio = found.ratio,
        low = found.low, high = found.high, method = ("%s, %d rounds"):format(found.method or "rounds", found.rounds) }
    end
  end
end

local function names_of(row)
  local seen, names = {}, {}
  for _, project in ipairs(row.projects) do
    for name in pairs(project.ops) do
      if not seen[name] then
        seen[name] = true
        names[#names + 1] = name
      end
    end
  end
  table.sort(names)
  return names
end

local function scenario_rows(rows, first, second)
  comparison_rows(rows, first, second)
  for _, name in ipairs(names_of(first)) do
    local one, other = histogram(first, name), histogram(second, name)
    if one and other then
      operation_rows(rows, first.id, name, one, other)
    end
  end
end

local function judge(row, limit)
  if not limit then
    return nil
  elseif row.low and row.low > 1 + limit then
    return "fail"
  elseif row.high and row.high <= 1 + limit then
    return "pass"
  end
  return "inconclusive"
end

---@class scalerun.Difference
---@field scenario string
---@field name string
---@field statistic string
---@field first number
---@field second number
---@field unit string
---@field ratio number second over first
---@field low number? of the 95 % interval
---@field high number?
---@field method string
---@field verdict string? against the limit

--- @param first table document
---@param second table
---@param limit number? 0.1: at most 10 % longer
---@return scalerun.Difference[] rows
---@return { scenario: string, reason: string }[] skipped scenarios that say nothing about each other
function compare.rows(first, second, limit)
  local rows, skipped, others = {}, {}, by_id(second.scenarios)
  for _, row in ipairs(first.scenarios) do
    local other = others[row.id]
    local reason = not other and "it is in one run only" or difference(row, other)
    if reason then
      skipped[#skipped + 1] = { scenario = row.id, reason = reason }
    else
      scenario_rows(rows, row, other)
    end
  end
  for _, row in ipairs(rows) do
    row.verdict = judge(row, limit)
  end
  return rows, skipped
end

return compare
