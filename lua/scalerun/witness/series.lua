--- What run:series gives: a value over time, as a witness saw it while the projects worked.
local options = require "scalerun.options"

---@class scale.WitnessSeries
---@field name string
---@field unit string? "bytes"
---@field source string? "database", "cache", "target", "balancer"
---@field points number[][] {t, v}: t in seconds since the projects' first phase began; what was seen before is negative
---@field max number? nil when nobody saw anything: checks of it are inconclusive
---@field min number?
---@field mean number? of the points
---@field last number?

local series = {}

--- The names that are always understood, whether or not somebody saw them in this run.
series.NAMES = {
  "connections", "connections active", "connections of one pool", "locks waiting", "pool used", "pool max used",
  "pool timeouts", "cache hits", "cache misses", "cache memory", "cache clients",
}

-- With the name of a replica behind: "requests a".
local PREFIXES = { "requests ", "active ", "errors ", "resent ", "pool used ", "pool max used " }

-- What its points come to, where no more is known of it than these.
local function measured(one)
  local sum = 0
  for _, point in ipairs(one.points) do
    sum = sum + point[2]
    one.max, one.min = math.max(one.max or point[2], point[2]), math.min(one.min or point[2], point[2])
  end
  one.mean = #one.points > 0 and sum / #one.points or nil
  one.last = #one.points > 0 and one.points[#one.points][2] or nil
  return one
end

--- @param track scalerun.Track
---@param zero number the instant from which time counts
---@return scale.WitnessSeries
function series.of(track, zero)
  local points = {}
  for index, t in ipairs(track.t) do
    points[index] = { t - zero, track.v[index] }
  end
  return measured { name = track.name, unit = track.unit, source = track.source, points = points, max = track.max,
    min = track.min }
end

--- What was seen of it from one time to another.
---@param one scale.WitnessSeries
---@param from number seconds, as in its points
---@param to number
---@return scale.WitnessSeries
function series.within(one, from, to)
  local points = {}
  for _, point in ipairs(one.points) do
    if point[1] >= from and point[1] <= to then
      points[#points + 1] = point
    end
  end
  return measured { name = one.name, unit = one.unit, source = one.source, points = points }
end

local function is_known(name)
  for _, known in ipairs(series.NAMES) do
    if name == known then
      return true
    end
  end
  for _, prefix in ipairs(PREFIXES) do
    if name:sub(1, #prefix) == prefix and #name > #prefix then
      return true
    end
  end
  return false
end

--- The series of this name; one without points when nobody saw it. A name that cannot be is a mistake of the script.
---@param list scale.WitnessSeries[]
---@param name string
---@param level integer? whose line the error names, as for error()
---@return scale.WitnessSeries
function series.find(list, name, level)
  local names = table.move(series.NAMES, 1, #series.NAMES, 1, {})
  for _, one in ipairs(list) do
    if one.name == name then
      return one
    end
    names[#names + 1] = one.name
  end
  if type(name) ~= "string" or not is_known(name) then
    local nearest = type(name) == "string" and options.nearest(name, names)
    error(("run:series: no witness sees '%s' (%s)"):format(tostring(name),
      nearest and ("did you mean '%s'?"):format(nearest) or "known are: " .. table.concat(names, ", ")),
      (level or 1) + 1)
  end
  return { name = name, points = {} }
end

return series
