--- The checks of one number or truth value. Without one, none of them can hold.
local conclude = require("scalerun.judge.conclude").check
local limits = require "scalerun.judge.limits"
local verdict = require "scalerun.judge.verdict"

local INCONCLUSIVE = verdict.INCONCLUSIVE
local NO_DATA = require("scalerun.judge.conclude").NO_DATA

---@class scale.NumberMatchers
local Number = {}
Number.__index = Number

-- A limit is a number, "200ms" or "5%".
local function limit_argument(matcher, value)
  local limit = limits.number(value)
  if not limit then
    error(("%s: a number is wanted, not %s"):format(matcher, tostring(value)), 3)
  end
  return limit
end

local function judge_number(subject, expected, holds)
  local more = { timing = subject.timing }
  if subject.number == nil then
    conclude(subject.expectation, INCONCLUSIVE, subject.problem or NO_DATA, expected, nil, more)
  elseif subject.among == 0 then
    conclude(subject.expectation, INCONCLUSIVE, "nothing to count among", expected, nil, more)
  else
    conclude(subject.expectation, holds(subject.number),
      limits.observed(subject.number, subject.unit, expected), expected, subject.evidence, more)
  end
end

local LONG = 1e5 -- from here on six digits would not reach the point

-- The limit in the words of the check: as it was written, else in the number's unit.
local function text(subject, limit, value)
  if type(limit) == "string" then
    return limit
  end
  local shown = limits.text(value, subject.unit)
  if math.type(shown) ~= "float" then
    return shown
  end
  return math.tointeger(shown) or (math.abs(shown) < LONG and "%.6g" or "%.14g"):format(shown)
end

--- That it is exactly this number.
---@param expected number|string
function Number:equals(expected)
  local value = limit_argument("equals", expected)
  judge_number(self, text(self, expected, value), function(number)
    return number == value
  end)
end

--- That it is not above: a number, "200ms" or "5%".
---@param most number|string
function Number:at_most(most)
  local value = limit_argument("at_most", most)
  judge_number(self, ("at most %s"):format(text(self, most, value)), function(number)
    return number <= value
  end)
end

--- That it is not below.
---@param least number|string
function Number:at_least(least)
  local value = limit_argument("at_least", least)
  judge_number(self, ("at least %s"):format(text(self, least, value)), function(number)
    return number >= value
  end)
end

--- That it is less: "200ms", "5%" or a number.
---@param limit number|string
function Number:below(limit)
  local value = limit_argument("below", limit)
  judge_number(self, ("below %s"):format(text(self, limit, value)), function(number)
    return number < value
  end)
end

--- That it is more.
---@param limit number|string
function Number:above(limit)
  local value = limit_argument("above", limit)
  judge_number(self, ("above %s"):format(text(self, limit, value)), function(number)
    return number > value
  end)
end

--- That it is between the two, both ends included.
---@param least number|string
---@param most number|string
function Number:between(least, most)
  local low, high = limit_argument("between", least), limit_argument("between", most)
  judge_number(self, ("between %s and %s"):format(text(self, least, low), text(self, most, high)), function(number)
    return number >= low and number <= high
  end)
end

local function judge_truth(subject, wanted)
  if subject.truth == nil and subject.number ~= nil then
    error(("expect(%q): is_%s is for booleans, not for %s"):format(
      subject.expectation.name, wanted, subject.number), 3)
  end
  if subject.truth == nil then
    conclude(subject.expectation, INCONCLUSIVE, NO_DATA, wanted)
  else
    conclude(subject.expectation, subject.truth == wanted, subject.truth, wanted)
  end
end

--- That the value is true.
function Number:is_true()
  judge_truth(self, true)
end

--- That the value is false.
function Number:is_false()
  judge_truth(self, false)
end

local number = {}

---@param expectation scale.Expectation
---@param value number|boolean|nil
---@param among integer? among how many the number was counted: of nothing, it shows nothing
---@param about { unit: string?, timing: boolean?, evidence: table[]?, problem: string? }? problem: why there is none
---@return scale.NumberMatchers
function number.new(expectation, value, among, about)
  local subject = { expectation = expectation, among = among }
  for key, one in pairs(about or {}) do
    subject[key] = one
  end
  subject[type(value) == "boolean" and "truth" or "number"] = value
  return setmetatable(subject, Number)
end

return number
