--- The checks of a paired ratio: decided by its whole interval, never by the number alone.
local conclude = require("scalerun.judge.conclude").check
local limits = require "scalerun.judge.limits"
local sequential = require "scalerun.stats.sequential"
local verdict = require "scalerun.judge.verdict"

---@class scale.RatioMatchers
---@field package found scale.Ratio
local Ratio = {}
Ratio.__index = Ratio

local verdicts = { pass = verdict.PASS, fail = verdict.FAIL, undecided = verdict.INCONCLUSIVE }

local function limit_of(matcher, limit)
  local number, problem = limits.ratio(limit)
  if not number then
    error(("%s: %s"):format(matcher, problem), 4)
  end
  return number
end

local function band_of(matcher, options)
  local band, problem = limits.number(options and options.band or 0)
  if not band or band < 0 then
    error(("%s: band: %s"):format(matcher, problem or "must not be negative"), 4)
  end
  return band
end

local function rounds_of(found)
  local items = {}
  for index = 1, found.rounds do
    local baseline, load = found.baseline[index], found.load[index]
    items[index] = {
      text = ("round %d: %s %s %s, %s %s: %s"):format(index, found.statistic,
        found.baseline_name or "baseline", limits.text(baseline, found.unit),
        found.load_name or "load", limits.text(load, found.unit), limits.change(load / baseline)),
      round = index,
      baseline = baseline,
      load = load,
    }
  end
  return items
end

--- The entry of the report's comparisons.
local function comparison(self, found, limit, band)
  return {
    name = self.expectation.name,
    series = found.series,
    unit = found.unit or "s",
    statistic = found.statistic,
    baseline = { arm = found.baseline_name or "baseline", values = found.baseline },
    load = { arm = found.load_name or "load", values = found.load },
    ratio = found.ratio,
    low = found.low,
    high = found.high,
    confidence = found.confidence,
    limit = limit,
    band = band,
    method = found.method,
    rounds = found.rounds,
  }
end

local function judge(self, side, limit, options)
  local number, band = limit_of(side, limit), band_of(side, options)
  local found = self.found
  local expected = ("%s %s"):format(side, limits.change(number))
  if band > 0 then
    expected = ("%s, %.4g points of tolerance"):format(expected, 100 * band)
  end
  local more = { timing = found.timing ~= false, comparison = comparison(self, found, number, band) }
  local evidence = rounds_of(found)
  if found.problem or not found.low then
    conclude(self.expectation, verdict.INCONCLUSIVE, found.problem or "there is no interval", expected, evidence, more)
    return
  end
  local decision, tolerated = sequential.decide(found, number, band, side)
  local observed = limits.interval(found)
  if tolerated then
    observed = observed .. ": within the tolerance"
  elseif decision == "undecided" then
    observed = observed .. ": the interval holds the limit"
  end
  conclude(self.expectation, verdicts[decision], observed, expected, evidence, more)
end

---@class scale.RatioLimit
---@field band number|string|nil how far beyond the limit is tolerated: 0.05 or "5%"

--- That the load does not exceed the limit: 1.10, or "+10%". Passes when the whole interval is below it, fails when the
--- whole interval is above it (with a band: above limit + band), else it is inconclusive.
---@param limit number|string
---@param options scale.RatioLimit?
function Ratio:below(limit, options)
  judge(self, "below", limit, options)
end

--- That the load does not fall under the limit: 0.95, or "-5%".
---@param limit number|string
---@param options scale.RatioLimit?
function Ratio:above(limit, options)
  judge(self, "above", limit, options)
end

local ratio = {}

---@param expectation scale.Expectation
---@param found scale.Ratio
---@return scale.RatioMatchers
function ratio.new(expectation, found)
  return setmetatable({ expectation = expectation, found = found }, Ratio)
end

return ratio
