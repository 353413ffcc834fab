--- The paired ratio of two arms over alternating rounds, with an interval.
---
--- What is estimated is the geometric mean, over rounds, of load over baseline: two arms of one round met the same
--- minutes of the machine, so that what both suffered cancels out. The rounds are what is independent (Kalibera and
--- Jones, "Rigorous Benchmarking in Reasonable Time", ISMM 2013): iterations of one round share its luck, and more of
--- them make a round's number better and nothing else. So the interval is one of the mean of the rounds' log ratios:
---
--- - up to 9 rounds Student's t interval,
--- - from 10 rounds on the studentised bootstrap, which does not suppose that log ratios are normal.
---
--- Chosen by simulation (1000 comparisons each; coverage of nominal 95 %):
---
---     rounds                              3       4       6       9      12      20
---     noise between rounds, 5 %
---       Student's t                   94.2 %  95.9 %  93.2 %  95.7 %  95.3 %  94.5 %
---       studentised bootstrap         99.0 %  97.3 %  94.2 %  95.5 %  95.0 %  94.7 %  endless half the time at 3
---       BCa bootstrap                 73.2 %  81.7 %  84.3 %  90.5 %  91.0 %  92.5 %
---       hierarchical bootstrap        82.8 %  86.4 %  85.2 %  90.4 %  92.4 %  93.6 %
---     noise within rounds alone, 30 %
---       Student's t                   95.3 %  95.7 %  94.4 %  95.0 %  95.5 %  95.8 %
---       studentised bootstrap         98.6 %  96.4 %  93.4 %  95.0 %  95.8 %  96.3 %
---       BCa bootstrap                 73.0 %  81.6 %  84.6 %  89.9 %  91.7 %  94.3 %
---       hierarchical bootstrap        97.6 %  98.8 %  98.8 %  99.2 %  98.4 %  98.4 %
local bootstrap = require "scalerun.stats.bootstrap"
local describe = require "scalerun.stats.describe"
local special = require "scalerun.stats.special"

local ratio = {}

local CONFIDENCE = 0.95
local RESAMPLES = 1999
local BOOTSTRAP_FROM = 10

---@class scale.Ratio
---@field ratio number? load over baseline
---@field low number?
---@field high number?
---@field confidence number of the interval: 0.95
---@field method "student t"|"studentised bootstrap"|nil
---@field rounds integer
---@field statistic string
---@field baseline number[] the statistic of each round
---@field load number[]
---@field problem string? why there is no interval

local problems = {
  no_rounds = "no round has both arms",
  one_round = "one round does not show how much rounds differ: at least two are wanted",
}

-- The percent of "p95", "p999" (99.9), "p50"; nil for other names.
function ratio.percent(statistic)
  local digits = statistic:match("^p(%d%d%d?%d?)$")
  return digits and tonumber(digits:sub(1, 2) .. "." .. digits:sub(3) .. "0") or nil
end

--- How many values a round must have for the statistic to be more than its largest value: 20 for p95.
---@param statistic string
---@return integer
function ratio.values_wanted(statistic)
  local percent = ratio.percent(statistic)
  return percent and percent < 100 and math.ceil(100 / (100 - percent) - 1e-9) or 1
end

-- The statistic of one round: a number stands for itself.
local function of_round(round, statistic)
  if type(round) == "number" then
    return round
  elseif statistic ~= "mean" and not ratio.percent(statistic) then
    error(("stats.ratio: of values, the statistic is 'mean' or a percentile like 'p95', not '%s'"):format(statistic), 0)
  elseif #round < ratio.values_wanted(statistic) then
    return nil, ("%s of %d values: at least %d a round are wanted"):format(
      statistic, #round, ratio.values_wanted(statistic))
  elseif statistic == "mean" then
    return describe.mean(round)
  end
  return describe.percentile(round, ratio.percent(statistic))
end

local function log_ratios(result, options)
  local list = {}
  for index = 1, math.min(#options.baseline, #options.load) do
    for _, arm in ipairs { "baseline", "load" } do
      local value, problem = of_round(options[arm][index], result.statistic)
      if problem or value ~= value or value <= 0 then
        return list, ("round %d, %s: %s"):format(index, arm, problem or ("%s is %s"):format(result.statistic, value))
      end
      result[arm][index] = value
    end
    list[index] = math.log(result.load[index] / result.baseline[index])
  end
  return list, #list == 0 and problems.no_rounds or #list == 1 and problems.one_round or nil
end

-- Asked for after every round with the same few arguments.
local quantiles = {}

local function t_quantile(p, df)
  local key = ("%.17g %d"):format(p, df)
  quantiles[key] = quantiles[key] or special.t_quantile(p, df)
  return quantiles[key]
end

local function interval(list, options, confidence)
  if #list >= BOOTSTRAP_FROM then
    local low, high = bootstrap.studentised(list, {
      confidence = confidence,
      resamples = options.resamples or RESAMPLES,
      seed = options.seed or 1,
    })
    return low, high, "studentised bootstrap"
  end
  -- NIST/SEMATECH e-Handbook, 1.3.5.2.
  local mean = describe.mean(list)
  local half = t_quantile(0.5 + confidence / 2, #list - 1) * describe.stddev(list) / math.sqrt(#list)
  return mean - half, mean + half, "student t"
end

---@class scale.RatioOptions
---@field baseline (number[]|number)[] per round its values, or its statistic
---@field load (number[]|number)[]
---@field statistic string? "mean", which is the default, or "p95" and the like
---@field confidence number?
---@field seed integer? of the bootstrap
---@field resamples integer?

--- Compares. Where data are missing, `problem` says so and there is no interval.
---@param options scale.RatioOptions
---@return scale.Ratio
function ratio.paired(options)
  local statistic = options.statistic or "mean"
  local result = { statistic = statistic, confidence = options.confidence or CONFIDENCE, baseline = {}, load = {} }
  local list, problem = log_ratios(result, options)
  result.rounds, result.problem = #list, problem
  result.ratio = #list > 0 and math.exp(describe.mean(list)) or nil
  if not problem then
    local low, high, method = interval(list, options, result.confidence)
    result.low, result.high, result.method = math.exp(low), math.exp(high), method
  end
  return result
end

return ratio
