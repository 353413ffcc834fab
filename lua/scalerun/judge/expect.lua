--- What `run:expect("…")` returns: say what is looked at (count, value, values), then what must hold. Each ends
--- in one check with a verdict. Nothing passes on no data.
local conclude = require("scalerun.judge.conclude").check
local lists = require "scalerun.judge.lists"
local measures = require "scalerun.judge.measures"
local names = require "scalerun.names"
local number = require "scalerun.judge.number"
local options = require "scalerun.options"
local ratio = require "scalerun.judge.ratio"
local share = require "scalerun.judge.share"
local stats = require "scalerun.stats"
local verdict = require "scalerun.judge.verdict"

local PASS, FAIL, INCONCLUSIVE = verdict.PASS, verdict.FAIL, verdict.INCONCLUSIVE

local NO_DATA = require("scalerun.judge.conclude").NO_DATA

---@class scale.Expectation
---@field package name string
---@field package report fun(check: table, more: table)
local Expectation = {}
Expectation.__index = Expectation

local function numeric(self, what, value, among)
  if value ~= nil and type(value) ~= "number" then
    error(("expect(%q):%s: a number is wanted, not a %s"):format(self.name, what, type(value)), 3)
  elseif value ~= value then -- NaN: the mean of nothing
    value = nil
  end
  return number.new(self, value, among)
end

--- A number of things. `of` says among how many they were counted: of nothing, zero shows nothing.
---@param found number?
---@param given { of: integer? }?
---@return scale.NumberMatchers
function Expectation:count(found, given)
  local among = given and (given.of or 0) or nil
  return numeric(self, "count", found, among)
end

--- A value: a number, or a boolean for is_true and is_false.
---@param value number|boolean|nil
---@return scale.NumberMatchers
function Expectation:value(value)
  if type(value) == "boolean" then
    return number.new(self, value)
  end
  return numeric(self, "value", value)
end

--- A list, mostly what projects recorded: seen.id.
---@param list any[]?
---@return scale.ListMatchers
function Expectation:values(list)
  if list ~= nil and type(list) ~= "table" then
    error(("expect(%q):values: a list is wanted, not a %s"):format(self.name, type(list)), 2)
  end
  return lists.new(self, list or {})
end

-- How sure a percentile is: the values between which it lies.
local function certainty(series, statistic, since)
  local percent = measures.statistics[statistic].percent
  local found = percent and series.percentile and stats.percentile_interval(function(at)
    return series:percentile(at)
  end, series.count, percent)
  if not found then
    return nil
  end
  local function shown(value)
    return value and ("%.4g ms"):format(1000 * value) or "unknown: too few values"
  end
  return { {
    text = ("%s of %d values%s, 95 %% interval: from %s to %s"):format(statistic, series.count, since,
      shown(found.low), shown(found.high)),
    low = found.low,
    high = found.high,
  } }
end

local metric_keys = { from = "string" }

--- A statistic of a series: run:expect("fast"):metric(seen.ops["ids.reserve"], "p95"):below("200ms").
---@param series scale.Series?
---@param name "mean"|"p50"|"p90"|"p95"|"p99"|"p995"|"p999"|"max"|"min"|"stddev"|"cv"|"ok"|"errors"|"count"|"error_rate"
---@param given { from: "start"|"schedule"|nil }? from: when the latency of an operation begins: "start" unless told
---@return scale.NumberMatchers
function Expectation:metric(series, name, given)
  local known = measures.statistics[name]
  if series ~= nil and type(series) ~= "table" then
    error(("expect(%q):metric: write :metric(seen.ops[\"NAME\"], \"p95\")"):format(self.name), 2)
  elseif not known or name == "rate" then
    error(("expect(%q):metric: no statistic is called '%s' %s"):format(self.name, tostring(name),
      measures.hint(tostring(name), names.sorted(measures.statistics))), 2)
  end
  local where = ("expect(%q):metric"):format(self.name)
  local scheduled = measures.is_scheduled(where, options.check(where, given, metric_keys).from)
  if scheduled and not measures.is_latency(name) then
    error(("%s: from = 'schedule' is of latencies: %s has none"):format(where, name), 2)
  elseif series and scheduled then
    series = measures.from_schedule(series)
  end
  local value = series and known.of(series, {})
  return number.new(self, value == value and value or nil, nil, {
    unit = known.unit,
    timing = known.timing,
    evidence = value and certainty(series, name, scheduled and " from the schedule" or ""),
  })
end

--- A paired ratio of two arms, of seen.compare:ratio { … } or scale.stats' ratio, judged by its whole interval.
---@param found scale.Ratio?
---@return scale.RatioMatchers
function Expectation:ratio(found)
  if found ~= nil and (type(found) ~= "table" or not found.rounds) then
    error(("expect(%q):ratio: write :ratio(seen.compare:ratio { series = \"NAME\", statistic = \"mean\" })"):format(
      self.name), 2)
  end
  return ratio.new(self, found or {
    problem = NO_DATA, rounds = 0, baseline = {}, load = {}, statistic = "mean", confidence = 0.95,
  })
end

--- How often each was counted, by name: run:expect("even"):share({ a = 33, b = 34, c = 33 }):even().
---@param counts table<string, number>?
---@return scale.ShareMatchers
function Expectation:share(counts)
  for _, count in pairs(type(counts) == "table" and counts or counts and { "" } or {}) do
    if type(count) ~= "number" then
      error(("expect(%q):share: a table of counts by name is wanted"):format(self.name), 2)
    end
  end
  return share.new(self, counts or {})
end

--- What a witness found: a table { verdict=, observed=, expected=, evidence= } such as
--- run.database:serializable returns. Its verdict is the check's.
---@param found table?
function Expectation:evidence(found)
  if found == nil then
    conclude(self, INCONCLUSIVE, NO_DATA, nil)
    return
  end
  if type(found) ~= "table" or not verdict.is(found.verdict) then
    error(("expect(%q):evidence: a table with a verdict (pass, fail, inconclusive) is wanted"):format(self.name), 2)
  end
  conclude(self, found.verdict, found.observed, found.expected, found.evidence)
end

---@class scale.NoneOptions
---@field among integer how many were looked at: among none, nothing is shown
---@field what string? what they are: "responses"
---@field control integer? how often the same search found what it must find; at 0 it proves nothing

--- That something did not occur among what was looked at.
---@param found (table|string)[] the occurrences: evidence, if there are any
---@param given scale.NoneOptions
function Expectation:none(found, given)
  if type(found) ~= "table" or type(given) ~= "table" or math.type(given.among) ~= "integer" then
    error(("expect(%q):none: write :none(list, { among = number of things looked at })"):format(self.name), 2)
  end
  local what = given.what or "looked at"
  local observed = ("%d of %d %s"):format(#found, given.among, what)
  local expected = "none"
  if given.control then
    observed = ("%s, %d controls held"):format(observed, given.control)
  end
  if #found == 0 and (given.among == 0 or given.control == 0) then
    conclude(self, INCONCLUSIVE, observed, expected)
  else
    conclude(self, #found == 0, observed, expected, found)
  end
end

local function outcomes(self, key, list, field)
  if type(list) ~= "table" then
    error(("expect(%q):refused: %s must be a list of outcomes"):format(self.name, key), 3)
  end
  local bad = {}
  for index, outcome in ipairs(list) do
    local held = outcome
    if type(outcome) == "table" then
      held = outcome[field]
    end
    if type(held) ~= "boolean" then
      error(("expect(%q):refused: %s[%d] must be true, false or a table with %s = true or false"):format(
        self.name, key, index, field), 3)
    end
    if not held then
      bad[#bad + 1] = type(outcome) == "table" and outcome or { text = ("%s %d"):format(key, index) }
    end
  end
  return bad
end

--- That something is refused, which counts only beside its positive control: the same succeeds where it must.
--- Outcomes are booleans, or tables with `refused` (attempts) and `held` (controls) and what else is evidence.
---@param given { attempt: (boolean|table)[], control: (boolean|table)[] }
function Expectation:refused(given)
  if type(given) ~= "table" then
    error(("expect(%q):refused: write :refused{ attempt = list, control = list }"):format(self.name), 2)
  end
  local let_in = outcomes(self, "attempt", given.attempt, "refused")
  local broken = outcomes(self, "control", given.control, "held")
  local attempts, controls = #given.attempt, #given.control
  local observed = ("%d of %d refused, %d of %d controls held"):format(
    attempts - #let_in, attempts, controls - #broken, controls)
  local expected = "every attempt refused, every control held"
  if #let_in > 0 then
    conclude(self, FAIL, observed, expected, let_in)
  elseif attempts == 0 or controls == 0 or #broken > 0 then
    conclude(self, INCONCLUSIVE, observed, expected, broken)
  else
    conclude(self, PASS, observed, expected)
  end
end

local expect = {}

--- An expectation that hands its one check to report().
---@param name string
---@param report fun(check: table, more: table)
---@return scale.Expectation
function expect.new(name, report)
  return setmetatable({ name = name, report = report }, Expectation)
end

return expect
