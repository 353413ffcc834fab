--- Durations as scripts write them: a number of seconds, or "200ms".
local durations = {}

local units = { ns = 1e-9, us = 1e-6, ms = 1e-3, s = 1, m = 60, h = 3600 }

--- Seconds, or nil and what is wrong. Zero is a duration, negative numbers are not.
---@param value any
---@return number? seconds
---@return string? problem
function durations.seconds(value)
  if type(value) == "number" then
    if value ~= value or value < 0 then
      return nil, ("%s is not a duration"):format(value)
    end
    return value + 0.0
  end
  local number, unit
  if type(value) == "string" then
    number, unit = value:match("^(%d+%.?%d*)(%a+)$")
  end
  if not (units[unit] and tonumber(number)) then
    return nil, ([[%q is not a duration: write seconds as a number, or "200ms", "1.5s", "2m"]]):format(tostring(value))
  end
  return tonumber(number) * units[unit]
end

--- For people: "0.4 s", "41.0 s", "1 min 12 s".
---@param seconds number
---@return string
function durations.text(seconds)
  if seconds < 60 then
    return ("%.1f s"):format(seconds)
  end
  local whole = math.floor(seconds + 0.5)
  if whole < 3600 then
    return ("%d min %d s"):format(whole // 60, whole % 60)
  end
  return ("%d h %d min"):format(whole // 3600, whole % 3600 // 60)
end

--- For people, as exact as a script has written it: "50 ms", "1.5 s".
---@param seconds number
---@return string
function durations.exact(seconds)
  if seconds >= 1 then
    return ("%.6g s"):format(seconds)
  end
  return ("%.6g ms"):format(seconds * 1000)
end

return durations
