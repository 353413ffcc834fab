--- The units of report.json: names end in _ms or _s, values are rounded to a microsecond.
local null = require("scalerun.core.data").null

local units = {}

local function rounded(value, scale)
  if type(value) ~= "number" or value ~= value or value == math.huge or value == -math.huge then
    return nil
  end
  return math.floor(value * scale + 0.5) / scale
end

--- Seconds, to a microsecond; nil for what is no number.
---@param seconds number?
---@return number?
function units.s(seconds)
  return rounded(seconds, 1e6)
end

--- Seconds as milliseconds, to a microsecond.
---@param seconds number?
---@return number?
function units.ms(seconds)
  return type(seconds) == "number" and rounded(seconds * 1000, 1e3) or nil
end

--- A ratio or share, to six digits.
---@param ratio number?
---@return number?
function units.ratio(ratio)
  return rounded(ratio, 1e6)
end

--- The change that a ratio stands for: 1.021 is 2.1 %.
---@param ratio number?
---@return number?
function units.percent(ratio)
  return type(ratio) == "number" and rounded((ratio - 1) * 100, 1e4) or nil
end

--- fn of every item; what has no value is null, so that lists keep their places.
---@param list any[]?
---@param fn fun(item: any): any
---@return any[]
function units.map(list, fn)
  local out = {}
  for index = 1, #(list or {}) do
    local value = fn(list[index])
    out[index] = value == nil and null or value
  end
  return out
end

return units
