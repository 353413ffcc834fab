--- Thresholds as scripts write them, and what they mean:
---
---     threshold = MEASURE | MEASURE " / " MEASURE | MEASURE " over " DURATION
---     MEASURE   = [SUBJECT "."] SERIES ["scheduled"] STATISTIC | [SUBJECT "."] COUNT
---     condition = ("<" | "<=" | ">" | ">=" | "==") LIMIT
---
--- SUBJECT is a project, "*" (each project) or an arm of a comparison; what it is turns out when it is judged.
local declaration = require "scalerun.declaration"
local durations = require "scalerun.durations"
local limits = require "scalerun.judge.limits"
local measures = require "scalerun.judge.measures"
local names = require "scalerun.names"

local grammar = {}

---@class scale.Threshold
---@field [1] string the condition: "< 200ms"
---@field abort boolean? ends the phase as soon as it is broken
---@field band number|string|nil of a ratio: how far beyond the limit is tolerated
---@field covers string|string[]|nil the requirements that it judges

---@class scalerun.Threshold
---@field name string as the script has it: "reserve p95"
---@field text string with its condition: "reserve p95 < 200ms"
---@field left scalerun.Written
---@field right scalerun.Written? of a ratio
---@field window number? seconds
---@field operator string
---@field limit number
---@field limit_text string
---@field band number
---@field unit string?
---@field timing boolean?
---@field abort boolean?
---@field covers string[]?

---@class scalerun.Written: scalerun.Measure
---@field words string subject and series, or the subject of a count: "alpha.reserve"; "" of a count without one

local operators = { ["<"] = true, ["<="] = true, [">"] = true, [">="] = true, ["=="] = true }

local function words_of(text)
  local list = {}
  for word in text:gmatch("%S+") do
    list[#list + 1] = word
  end
  return list
end

-- "errors", "alpha.errors": no series.
local function parse_count(word, refuse)
  local subject, name = word:match("^(.+)%.([^.]+)$")
  name = name or word
  if not measures.alone[name] then
    if measures.statistics[name] then
      refuse("'%s' needs a series before it: \"reserve %s\"", name, name)
    end
    refuse("a measure ends with a statistic, and '%s' is none: write \"%s p95\", or one of %s", name, word,
      table.concat(names.sorted(measures.alone), ", "))
  end
  return { words = subject or "", statistic = name }
end

local function parse_measure(text, refuse)
  local words = words_of(text)
  if #words == 0 then
    refuse("a measure is missing: write \"reserve p95\"")
  elseif #words == 1 then
    return parse_count(words[1], refuse)
  end
  local statistic = table.remove(words)
  if not measures.statistics[statistic] then
    refuse("no statistic is called '%s' %s", statistic, measures.hint(statistic, names.sorted(measures.statistics)))
  end
  local scheduled = words[#words] == "scheduled" and #words > 1
  if scheduled then
    table.remove(words)
    if not measures.is_latency(statistic) then
      refuse("'scheduled' is of latencies: %s has none", statistic)
    end
  end
  return { words = table.concat(words, " "), series = table.concat(words, " "), statistic = statistic,
    scheduled = scheduled or nil }
end

-- The limit in the unit of what it limits.
local readers = {}

function readers.ratio(text)
  return limits.ratio(tonumber(text) or text)
end

function readers.s(text)
  if tonumber(text) then
    return nil, ("%s of what? Write a duration with its unit, such as %sms"):format(text, text)
  end
  return durations.seconds(text)
end

function readers.share(text)
  local value = limits.number(tonumber(text) or text)
  if not value or durations.seconds(text) and not tonumber(text) then
    return nil, ("%q is no share: write 1%% or 0.01"):format(text)
  end
  return value
end

readers["1/s"] = function(text)
  local value = tonumber((text:gsub("/s$", "")))
  return value, not value and ("%q is no rate: write 100/s"):format(text) or nil
end

function readers.number(text)
  local value = tonumber(text)
  return value, not value and ("%q is no number"):format(text) or nil
end

local function statistic_of(measure)
  return (measure.series and measures.statistics or measures.alone)[measure.statistic]
end

local function parse_condition(text, unit, refuse)
  local operator, limit_text = text:match("^%s*([<>=!~]+)%s*(.-)%s*$")
  if not operators[operator] then
    refuse("the condition is %q: write < , <= , > , >= or == and a limit: \"< 200ms\"", text)
  end
  local limit, problem = readers[unit or "number"](limit_text)
  if not limit then
    refuse("%s", problem)
  end
  return operator, limit, limit_text
end

local value_keys = { [1] = "string", abort = "boolean", band = "number|string", covers = "string|table" }

-- The condition and its options: "< 200ms" or { "< 200ms", abort = true }.
local function unfold(value, refuse)
  if type(value) == "string" then
    return { value }
  elseif type(value) ~= "table" or type(value[1]) ~= "string" then
    refuse("write a condition such as \"< 200ms\", or { \"< 200ms\", abort = true }")
  end
  local known = { "abort", "band", "covers" }
  for key, one in pairs(value) do
    local kinds = value_keys[key]
    if not kinds then
      refuse("unknown option '%s' %s", tostring(key), measures.hint(tostring(key), known))
    elseif not kinds:find(type(one), 1, true) then
      refuse("option '%s' must be a %s, not a %s", key, kinds:gsub("|", " or "), type(one))
    end
  end
  return value
end

-- What does not go together.
local function check_together(made, given, refuse)
  if made.right then
    if made.right.statistic ~= made.left.statistic then
      refuse("a ratio has one statistic on both sides, not %s and %s", made.left.statistic, made.right.statistic)
    elseif made.operator == "==" then
      refuse("a ratio is never exact: write < or >")
    elseif made.window then
      refuse("a ratio has no window")
    end
  elseif given.band ~= nil then
    refuse("a band is for ratios: \"alpha.reserve p95 / solo.reserve p95\"")
  end
  if made.abort and (made.operator == ">" or made.operator == ">=" or made.right) then
    refuse("abort is for what must stay low: < , <= or == without a ratio")
  end
end

--- One threshold. Refuses what it does not understand, as a declaration does.
---@param where string
---@param name string
---@param value any
---@return scalerun.Threshold
function grammar.parse(where, name, value)
  local function refuse(fmt, ...)
    declaration.refuse("thresholds", nil, "%s: thresholds[%q]: %s", where, tostring(name), fmt:format(...))
  end
  if type(name) ~= "string" then
    refuse("a threshold is named by what it measures: [\"reserve p95\"] = \"< 200ms\"")
  end
  local given = unfold(value, refuse)
  local measured, window = name:match("^(.-) over (%S+)$")
  local left, right = (measured or name):match("^(.-) / (.+)$")
  local made = {
    name = name,
    text = ("%s %s"):format(name, given[1]),
    left = parse_measure(left or measured or name, refuse),
    right = right and parse_measure(right, refuse) or nil,
    abort = given.abort or nil,
    covers = type(given.covers) == "string" and { given.covers } or given.covers,
    band = 0,
  }
  if window then
    local seconds, problem = durations.seconds(window)
    if not seconds or seconds == 0 then
      refuse("over: %s", problem or "a window is longer than nothing")
    end
    made.window = seconds
  end
  local statistic = statistic_of(made.left)
  made.timing, made.unit = statistic.timing, not right and statistic.unit or nil
  made.operator, made.limit, made.limit_text = parse_condition(given[1], right and "ratio" or statistic.unit, refuse)
  check_together(made, given, refuse)
  if given.band ~= nil then
    local band = limits.number(given.band)
    if not band or band < 0 then
      refuse("the band is a number such as 0.05, or \"5%%\"")
    end
    made.band = band
  end
  return made
end

return grammar
