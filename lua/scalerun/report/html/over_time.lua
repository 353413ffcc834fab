--- What witnesses saw over time: a family of series in one drawing, with its limit.
local chart = require "scalerun.report.html.chart"
local h = require("scalerun.report.html.markup").element
local markup = require "scalerun.report.html.markup"
local palette = require "scalerun.report.html.palette"
local sampling = require "scalerun.report.html.sampling"
local scale = require "scalerun.report.html.scale"
local text = require "scalerun.report.html.text"

local LEFT, RIGHT, TOP, HEIGHT = 54, chart.WIDTH - 14, 10, 150
local BOTTOM = TOP + HEIGHT

local function extent(list)
  local first, last, most, limit = math.huge, 0, 0, nil
  for _, series in ipairs(list) do
    limit = series.limit or limit
    for _, point in ipairs(series.points) do
      first, last, most = math.min(first, point[1]), math.max(last, point[1]), math.max(most, point[2])
    end
  end
  return first, last, math.max(most, limit or 0), limit
end

-- Of a value that stays the same, its first and last point.
local function turning(points)
  local out = {}
  for index, point in ipairs(points) do
    local before, after = points[index - 1], points[index + 1]
    if not before or not after or before[2] ~= point[2] or after[2] ~= point[2] then
      out[#out + 1] = point
    end
  end
  return out
end

-- A step: the value held until the next sample.
local function stairs(points, x_axis, y_axis)
  local out = {}
  for index, point in ipairs(points) do
    local x, y = x_axis.at(point[1]), y_axis.at(point[2])
    if index > 1 then
      out[#out + 1] = { x, out[#out][2] }
    end
    out[#out + 1] = { x, y }
  end
  return out
end

local function draw(series, index, x_axis, y_axis)
  local look = palette.look(index)
  local points = turning(sampling.peaks(series.points, sampling.every(#series.points)))
  local marks = markup.each(points, function(point)
    local label = ("%s at %s s: %s"):format(series.name, text.number(point[1]), text.value(point[2], series.unit))
    return chart.point(x_axis.at(point[1]), y_axis.at(point[2]), label)
  end)
  return chart.line(look, stairs(points, x_axis, y_axis), marks)
end

local function numbers(list)
  local rows = {}
  for index, series in ipairs(list) do
    local sum, least, most = 0, math.huge, -math.huge
    for _, point in ipairs(series.points) do
      sum, least, most = sum + point[2], math.min(least, point[2]), math.max(most, point[2])
    end
    local function show(value)
      return text.value(value, series.unit)
    end
    rows[index] = { series.name, series.source or "", text.number(#series.points), show(least),
      show(sum / #series.points), show(most), show(series.points[#series.points][2]),
      series.limit and show(series.limit) or "" }
  end
  return chart.table({ "Series", "seen by", "samples", "least", "mean", "most", "last", "limit" }, rows)
end

local function names(list)
  local out = {}
  for index, series in ipairs(list) do
    out[index] = series.source and ("%s (%s)"):format(series.name, series.source) or series.name
  end
  return out
end

--- @param kind string
---@param title string
---@param list table[] series of report.json, all of one unit, each with points
---@return table
return function(kind, title, list)
  local first, last, most, limit = extent(list)
  local x_axis = scale.exact(first, last, LEFT, RIGHT)
  local y_axis = scale.linear(0, most, BOTTOM, TOP, 4)
  local unit, longest = list[1].unit, 0
  local lines = markup.each(list, function(series, index)
    longest = math.max(longest, #series.points)
    return draw(series, index, x_axis, y_axis)
  end)
  local drawing = chart.svg(title, BOTTOM + 24,
    chart.y_axis(y_axis, LEFT, RIGHT, function(value)
      return text.value(value, unit)
    end),
    chart.x_axis(x_axis, BOTTOM, function(value)
      return text.number(value) .. " s"
    end),
    limit and { h("line", { class = "limit", x1 = LEFT, x2 = RIGHT, y1 = y_axis.at(limit), y2 = y_axis.at(limit) }),
      chart.label(RIGHT, y_axis.at(limit) + 13, "limit " .. text.value(limit, unit), "limit", "end") },
    lines)
  return chart.figure(kind, title, sampling.note(longest, "sample"), { palette.legend(names(list)), drawing },
    numbers(list))
end
