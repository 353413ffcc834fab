--- Which series of the witnesses belong into one drawing.
local over_time = require "scalerun.report.html.over_time"

local families = {}

local KNOWN = {
  { kind = "pool", title = "Connections and pool", patterns = { "^connections", "^pool " } },
  { kind = "cache", title = "Cache hits and misses", patterns = { "^cache hits", "^cache misses" } },
  { kind = "requests", title = "Requests by replica", patterns = { "^requests " } },
}

local OTHER = { kind = "series", title = "Other witnesses", rank = #KNOWN + 1 }

for rank, family in ipairs(KNOWN) do
  family.rank = rank
end

local function family_of(name)
  for _, family in ipairs(KNOWN) do
    for _, pattern in ipairs(family.patterns) do
      if name:find(pattern) then
        return family
      end
    end
  end
  return OTHER
end

-- A line needs two points, and what stayed zero shows nothing.
local function is_drawn(list)
  for _, series in ipairs(list) do
    for _, point in ipairs(series.points) do
      if #series.points > 1 and point[2] ~= 0 then
        return true
      end
    end
  end
  return false
end

--- A drawing for each family; of two units, two. None where all stayed zero.
---@param list table[]? series of report.json
---@return table[]
function families.charts(list)
  local groups, by_key, charts = {}, {}, {}
  for _, series in ipairs(list or {}) do
    local family = family_of(series.name)
    local key = family.title .. "\0" .. (series.unit or "")
    if #series.points > 0 then
      if not by_key[key] then
        by_key[key] = { family = family, list = {}, place = #groups }
        groups[#groups + 1] = by_key[key]
      end
      table.insert(by_key[key].list, series)
    end
  end
  table.sort(groups, function(a, b)
    if a.family.rank ~= b.family.rank then
      return a.family.rank < b.family.rank
    end
    return a.place < b.place
  end)
  for _, group in ipairs(groups) do
    if is_drawn(group.list) then
      local title = group.family == OTHER and #group.list == 1 and group.list[1].name or group.family.title
      charts[#charts + 1] = over_time(group.family.kind, title, group.list)
    end
  end
  return charts
end

return families
