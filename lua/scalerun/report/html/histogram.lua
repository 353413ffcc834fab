--- How latencies are spread: a row of bars for each project over one logarithmic axis, with p50 and p95.
local chart = require "scalerun.report.html.chart"
local h = require("scalerun.report.html.markup").element
local scale = require "scalerun.report.html.scale"
local text = require "scalerun.report.html.text"

local LEFT, RIGHT, TOP = 78, chart.WIDTH - 12, 8
-- Fewer where there are many rows: they are low, and each bar is a mark.
local BINS, BINS_OF_MANY, MANY = 44, 24, 8

local function range(lines)
  local low, high = math.huge, 0
  for _, line in ipairs(lines) do
    low = math.min(low, line.hist:percentile(0) * 1000)
    high = math.max(high, line.hist:percentile(100) * 1000)
  end
  return low * 0.98, high * 1.02
end

local function binned(line, low, high, number)
  local bins, first, width = {}, math.log(low), (math.log(high) - math.log(low)) / number
  for index = 1, number do
    bins[index] = 0
  end
  local cells = line.hist:cells()
  for at = 1, #cells, 3 do
    local middle = (cells[at] + cells[at + 1]) / 2 * 1000
    local index = math.max(1, math.min(number, math.floor((math.log(middle) - first) / width) + 1))
    bins[index] = bins[index] + cells[at + 2]
  end
  return bins, function(edge)
    return math.exp(first + edge * width)
  end
end

local function row_of(line, bins, edge, x_axis, base, height)
  local most = math.max(table.unpack(bins))
  local bars = {}
  for index, count in ipairs(bins) do
    if count > 0 then
      local x, next_x = x_axis.at(edge(index - 1)), x_axis.at(edge(index))
      local tall = math.max(1, count / most * (height - 5))
      local label = ("%s, %s to %s: %s"):format(line.project, text.ms(edge(index - 1)), text.ms(edge(index)),
        text.number(count))
      bars[#bars + 1] = chart.mark(label, "rect", { class = "bar", x = x + 0.4, y = base - tall,
        width = next_x - x - 0.8, height = tall })
    end
  end
  local ticks = {}
  for _, percent in ipairs { 50, 95 } do
    local x = x_axis.at(line.hist:percentile(percent) * 1000)
    ticks[#ticks + 1] = h("path", { class = "quantile", d = ("M%.1f %.1fv-5"):format(x, base + 5) })
  end
  return { h("line", { class = "grid", x1 = LEFT, x2 = RIGHT, y1 = base, y2 = base }),
    chart.label(LEFT - 8, base - 3, line.project, "name", "end"), h("g", { class = line.look.class }, bars), ticks }
end

local function numbers(lines, spread)
  local rows = {}
  for index, line in ipairs(lines) do
    local bins, edge = table.unpack(spread[index])
    local best = 1
    for at, count in ipairs(bins) do
      best = count > bins[best] and at or best
    end
    rows[index] = { line.project, text.number(line.count), text.ms(line.hist:min() * 1000),
      ("%s to %s"):format(text.ms(edge(best - 1)), text.ms(edge(best))), text.ms(line.hist:max() * 1000) }
  end
  return chart.table({ "Project", "count", "least", "most often", "greatest" }, rows)
end

--- @param name string of the operation
---@param lines { project: string, look: table, hist: userdata, count: integer }[]
---@return table
return function(name, lines)
  local low, high = range(lines)
  local height = #lines <= MANY and 36 or 18
  local bottom = TOP + height * #lines
  local x_axis = scale.log(low, high, LEFT, RIGHT)
  local rows, spread = {}, {}
  for index, line in ipairs(lines) do
    local bins, edge = binned(line, low, high, #lines > MANY and BINS_OF_MANY or BINS)
    rows[index], spread[index] = row_of(line, bins, edge, x_axis, TOP + height * index, height), { bins, edge }
  end
  local drawing = chart.svg("Distribution of latency: " .. name, bottom + 24, rows,
    chart.x_axis(x_axis, bottom + 2, text.ms))
  return chart.figure("histogram", name .. ": distribution", "logarithmic; ticks at p50 and p95", drawing,
    numbers(lines, spread))
end
