--- Long series drawn with fewer points; the reader is told.
local sampling = {}

sampling.MOST = 100

--- Every how many points become one.
---@param count integer
---@return integer
function sampling.every(count)
  return math.max(1, math.ceil(count / sampling.MOST))
end

local function grouped(list, every, start, fold)
  local out = {}
  for index = 1, #list, every do
    local value = start
    for at = index, math.min(index + every - 1, #list) do
      value = fold(value, list[at])
    end
    out[#out + 1] = value
  end
  return out
end

--- @param list number[]
---@param every integer
---@return number[]
function sampling.sums(list, every)
  return grouped(list, every, 0, function(sum, value)
    return sum + value
  end)
end

--- The highest of each group; false where there is none.
---@param list (number|false)[]
---@param every integer
---@return (number|false)[]
function sampling.highest(list, every)
  return grouped(list, every, false, function(highest, value)
    return value and (not highest or value > highest) and value or highest
  end)
end

--- The point with the highest value of each group.
---@param points { [1]: number, [2]: number }[]
---@param every integer
---@return { [1]: number, [2]: number }[]
function sampling.peaks(points, every)
  return grouped(points, every, false, function(highest, point)
    return (not highest or point[2] > highest[2]) and point or highest
  end)
end

--- What is told; nil where every point is drawn.
---@param count integer
---@param noun string
---@return string?
function sampling.note(count, noun)
  local every = sampling.every(count)
  return every > 1 and ("%d %ss, the highest of each %d shown"):format(count, noun, every) or nil
end

return sampling
