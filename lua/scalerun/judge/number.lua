--- The checks of one number or truth value. Without one, none of them can hold.
local conclude = require("scalerun.judge.conclude").check
local verdict = require "scalerun.judge.verdict"

local INCONCLUSIVE = verdict.INCONCLUSIVE
local NO_DATA = require("scalerun.judge.conclude").NO_DATA

---@class scale.NumberMatchers
local Number = {}
Number.__index = Number

local function number_argument(matcher, value)
  if type(value) ~= "number" or value ~= value then
    error(("%s: a number is wanted, not %s"):format(matcher, tostring(value)), 3)
  end
end

local function judge_number(subject, expected, holds)
  if subject.number == nil then
    conclude(subject.expectation, INCONCLUSIVE, NO_DATA, expected)
  elseif subject.among == 0 then
    conclude(subject.expectation, INCONCLUSIVE, "nothing to count among", expected)
  else
    conclude(subject.expectation, holds(subject.number), subject.number, expected)
  end
end

--- That it is exactly this number.
---@param expected number
function Number:equals(expected)
  number_argument("equals", expected)
  judge_number(self, expected, function(number)
    return number == expected
  end)
end

--- That it is not above.
---@param most number
function Number:at_most(most)
  number_argument("at_most", most)
  judge_number(self, ("at most %s"):format(most), function(number)
    return number <= most
  end)
end

--- That it is not below.
---@param least number
function Number:at_least(least)
  number_argument("at_least", least)
  judge_number(self, ("at least %s"):format(least), function(number)
    return number >= least
  end)
end

--- That it is between the two, both ends included.
---@param least number
---@param most number
function Number:between(least, most)
  number_argument("between", least)
  number_argument("between", most)
  judge_number(self, ("between %s and %s"):format(least, most), function(number)
    return number >= least and number <= most
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
---@return scale.NumberMatchers
function number.new(expectation, value, among)
  local subject = { expectation = expectation, among = among }
  subject[type(value) == "boolean" and "truth" or "number"] = value
  return setmetatable(subject, Number)
end

return number
