--- From values to places on an axis, and the ticks of axes.
local scale = {}

---@class scalerun.Scale
---@field at fun(value: number): number place on the axis
---@field ticks number[]

local function nice(rough)
  local power = 10 ^ math.floor(math.log(rough, 10))
  for _, factor in ipairs { 1, 2, 2.5, 5, 10 } do
    if rough <= factor * power * 1.0001 then
      return factor * power
    end
  end
end

--- A linear axis from low to high, which grows to the next tick.
---@param low number
---@param high number
---@param from number place of low
---@param to number place of high
---@param count integer? about so many ticks
---@return scalerun.Scale
function scale.linear(low, high, from, to, count)
  if high <= low then
    high = low + 1
  end
  local step = nice((high - low) / (count or 4))
  local first, last = math.floor(low / step + 1e-9) * step, math.ceil(high / step - 1e-9) * step
  local ticks = {}
  for index = 0, math.floor((last - first) / step + 0.5) do
    ticks[#ticks + 1] = first + index * step
  end
  return {
    ticks = ticks,
    at = function(value)
      return from + (value - first) / (last - first) * (to - from)
    end,
  }
end

--- A linear axis that ends at high, with ticks inside.
function scale.exact(low, high, from, to, count)
  if high <= low then
    high = low + 1
  end
  local step, ticks = nice((high - low) / (count or 5)), {}
  local value = math.ceil(low / step - 1e-9) * step
  while value <= high + step * 1e-6 do
    ticks[#ticks + 1] = value
    value = value + step
  end
  return {
    ticks = ticks,
    at = function(one)
      return from + (one - low) / (high - low) * (to - from)
    end,
  }
end

--- A logarithmic axis; low is above 0.
---@return scalerun.Scale
function scale.log(low, high, from, to)
  local first, last = math.log(low, 10), math.log(high, 10)
  if last - first < 0.2 then
    first, last = first - 0.1, last + 0.1
  end
  local factors = last - first > 3 and { 1 } or last - first > 1.2 and { 1, 3 } or { 1, 2, 3, 5, 7 }
  local ticks = {}
  for power = math.floor(first), math.ceil(last) do
    for _, factor in ipairs(factors) do
      local value = factor * 10.0 ^ power
      local place = math.log(value, 10)
      if place >= first - 1e-9 and place <= last + 1e-9 then
        ticks[#ticks + 1] = value
      end
    end
  end
  return {
    ticks = ticks,
    at = function(value)
      return from + (math.log(math.max(value, 1e-9), 10) - first) / (last - first) * (to - from)
    end,
  }
end

return scale
