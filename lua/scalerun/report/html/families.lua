--- Which series of the witnesses belong into one drawing.
local over_time = require "scalerun.report.html.over_time"

local families = {}

local KNOWN = {
  { kind = "pool", title = "Connections and pool", patterns = { "^connections", "^pool " } },
  { kind = "cache", title = "Cache hits and misses", patterns = { "^cache hits", "^cache misses" } },
  { kind = "requests", title = "Requests by replica", patterns = { "^requests " } },
}

local function family_of(name)
  for _, family in ipairs(KNOWN) do
    for _, pattern in ipairs(family.patterns) do
      if name:find(pattern) then
        return family
      end
    end
  end
  return { kind = "series", title = name }
end

--- A drawing for each family; of two units, two.
---@param list table[]? series of report.json
---@return table[]
function families.charts(list)
  local groups, by_key, charts = {}, {}, {}
  for _, series in ipairs(list or {}) do
    local family = family_of(series.name)
    local key = family.title .. "\0" .. (series.unit or "")
    if #series.points > 0 then
      if not by_key[key] then
        by_key[key] = { family = family, list = {} }
        groups[#groups + 1] = by_key[key]
      end
      table.insert(by_key[key].list, series)
    end
  end
  for index, group in ipairs(groups) do
    charts[index] = over_time(group.family.kind, group.family.title, group.list)
  end
  return charts
end

return families
