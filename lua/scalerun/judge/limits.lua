--- Limits as scripts write them, and values as people read them.
local durations = require "scalerun.durations"

local limits = {}

--- A number; or where it is one of time, "200ms" in seconds; of a share, "5%"; of a rate, "100/s".
---@param value any
---@return number? limit
---@return string? problem
function limits.number(value)
  if type(value) == "number" then
    if value ~= value then
      return nil, "a limit is a number, not NaN"
    end
    return value
  end
  if type(value) == "string" then
    local percent = value:match("^([%d.]+)%s*%%$")
    if tonumber(percent) then
      return tonumber(percent) / 100
    end
    local number = durations.seconds(value) or tonumber(value:match("^([%d.]+)/s$"))
    if number then
      return number
    end
  end
  return nil, ("a limit is a number, a duration such as \"200ms\" or a share such as \"5%%\", not %s"):format(
    type(value) == "string" and ("%q"):format(value) or tostring(value))
end

--- As limits.number; "+10%" and "-5%" are ratios too: 1.10 and 0.95.
---@param value any
---@return number? limit
---@return string? problem
function limits.ratio(value)
  local sign, percent = tostring(value):match("^([+-])([%d.]+)%s*%%$")
  if type(value) == "string" and tonumber(percent) then
    return 1 + (sign == "+" and 1 or -1) * tonumber(percent) / 100
  end
  local limit = limits.number(value)
  if not limit or limit <= 0 or (type(value) == "string" and durations.seconds(value)) then
    return nil, ("the limit of a ratio is a number such as 1.10, or \"+10%%\", not %s"):format(
      type(value) == "string" and ("%q"):format(value) or tostring(value))
  end
  return limit
end

local texts = {
  s = durations.exact,
  share = function(value)
    return ("%.4g %%"):format(100 * value)
  end,
  ["1/s"] = function(value)
    return ("%.6g/s"):format(value)
  end,
}

--- "187 ms", "2.5 %", "99.8/s"; without a unit the number itself.
---@param value number
---@param unit "s"|"share"|"1/s"|nil
---@return string|number
function limits.text(value, unit)
  local text = texts[unit]
  return text and text(value) or value
end

--- What was measured, to four digits: "5.587 ms"; exact where that would look like the limit itself.
---@param value number
---@param unit string?
---@param expected string? "at most 10 ms"
---@return string|number
function limits.observed(value, unit, expected)
  if unit ~= "s" then
    return limits.text(value, unit)
  end
  local rounded = durations.exact(tonumber(("%.4g"):format(value)))
  return expected and tostring(expected):gsub(" ", ""):find(rounded:gsub(" ", ""), 1, true) and durations.exact(value)
    or rounded
end

-- "+2.1" for 1.021.
local function points(ratio)
  return ("%+.1f"):format(100 * (ratio - 1))
end

--- "+2.1 %" for 1.021.
---@param ratio number
---@return string
function limits.change(ratio)
  return points(ratio) .. " %"
end

--- "+2.1 % (97.5 % interval +0.8…+3.4), 6 rounds"
---@param found scale.Ratio
---@return string
function limits.interval(found)
  return ("%s (%.4g %% interval %s…%s), %d rounds"):format(
    limits.change(found.ratio), 100 * found.confidence, points(found.low), points(found.high), found.rounds)
end

return limits
