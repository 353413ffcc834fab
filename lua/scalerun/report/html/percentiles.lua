--- Latency by percentile, a curve for each project: the axis gives each further nine the same room.
local chart = require "scalerun.report.html.chart"
local h = require("scalerun.report.html.markup").element
local scale = require "scalerun.report.html.scale"
local text = require "scalerun.report.html.text"

local LEFT, RIGHT, TOP, HEIGHT = 54, chart.WIDTH - 14, 10, 190
local BOTTOM = TOP + HEIGHT

-- Those that the curve goes through, and those of them that get a mark.
local CURVE = { 0, 10, 20, 30, 40, 50, 60, 70, 75, 80, 85, 90, 92.5, 95, 97, 98, 99, 99.5, 99.7, 99.9, 99.95, 99.99 }
local MARKED = { [50] = true, [90] = true, [95] = true, [99] = true, [99.9] = true, [99.99] = true }
local TICKS = { 0, 50, 90, 95, 99, 99.9, 99.99 }

local function nines(percent)
  return -math.log(1 - percent / 100, 10)
end

-- Beyond 1/(1 - p) values a percentile is the maximum.
local function known(percent, count)
  return percent <= 100 * (1 - 1 / math.max(count, 2)) + 1e-9
end

local function highest_known(lines)
  local highest = 50
  for _, line in ipairs(lines) do
    for _, percent in ipairs(CURVE) do
      if known(percent, line.count) then
        highest = math.max(highest, percent)
      end
    end
  end
  return highest
end

local function range(lines, highest)
  local low, high = math.huge, 0
  for _, line in ipairs(lines) do
    low = math.min(low, line.hist:percentile(0) * 1000)
    high = math.max(high, line.hist:percentile(highest) * 1000)
  end
  return low, high
end

local function name_of(percent)
  return percent == 0 and "min" or ("p%g"):format(percent)
end

local function curve(line, x_of, y_axis, highest)
  local points, marks = {}, {}
  for _, percent in ipairs(CURVE) do
    if percent <= highest and known(percent, line.count) then
      local value = line.hist:percentile(percent) * 1000
      local x, y = x_of(percent), y_axis.at(value)
      points[#points + 1] = { x, y }
      if MARKED[percent] then
        local label = ("%s, %s: %s"):format(line.project, name_of(percent), text.ms(value))
        marks[#marks + 1] = chart.dot(line.look, x, y, label)
      end
    end
  end
  return chart.line(line.look, points, marks)
end

local function numbers(lines)
  local rows = {}
  for index, line in ipairs(lines) do
    local row = { line.project, text.number(line.count) }
    for _, percent in ipairs { 50, 90, 95, 99, 99.9, 100 } do
      row[#row + 1] = text.ms(line.hist:percentile(percent) * 1000)
    end
    rows[index] = row
  end
  return chart.table({ "Project", "count", "p50", "p90", "p95", "p99", "p99.9", "max" }, rows)
end

--- @param name string of the operation
---@param lines { project: string, look: table, hist: userdata, count: integer }[]
---@return table
return function(name, lines)
  local highest = highest_known(lines)
  local low, high = range(lines, highest)
  local last = nines(highest)
  local function x_of(percent)
    return LEFT + 8 + nines(percent) / last * (RIGHT - LEFT - 16)
  end
  local logarithmic = high > 20 * low
  local y_axis = logarithmic and scale.log(low * 0.95, high * 1.05, BOTTOM, TOP) or scale.linear(0, high, BOTTOM, TOP)
  local grid = {}
  for _, percent in ipairs(TICKS) do
    if percent <= highest then
      local x = x_of(percent)
      grid[#grid + 1] = { h("line", { class = "grid", x1 = x, x2 = x, y1 = TOP, y2 = BOTTOM }),
        chart.label(x, BOTTOM + 16, name_of(percent)) }
    end
  end
  local curves = {}
  for index, line in ipairs(lines) do
    curves[index] = curve(line, x_of, y_axis, highest)
  end
  local drawing = chart.svg("Latency by percentile: " .. name, BOTTOM + 24,
    chart.y_axis(y_axis, LEFT, RIGHT, text.ms), grid, curves)
  return chart.figure("percentiles", name .. ": latency by percentile", logarithmic and "logarithmic" or nil, drawing,
    numbers(lines))
end
