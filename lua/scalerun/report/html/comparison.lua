--- Baseline against load: the values of each round, and the change with its interval beside the limit.
local chart = require "scalerun.report.html.chart"
local h = require("scalerun.report.html.markup").element
local markup = require "scalerun.report.html.markup"
local palette = require "scalerun.report.html.palette"
local scale = require "scalerun.report.html.scale"
local text = require "scalerun.report.html.text"

local LEFT, RIGHT, TOP, ROW = 84, chart.WIDTH - 16, 8, 44
local MOST_DOTS = 60 -- of one round

local function values_of(round)
  return type(round) == "table" and round or { round }
end

local function extent(comparison)
  local low, high = math.huge, -math.huge
  for _, arm in ipairs { comparison.baseline, comparison.load } do
    for _, round in ipairs(arm.values) do
      for _, value in ipairs(values_of(round)) do
        low, high = math.min(low, value), math.max(high, value)
      end
    end
  end
  local margin = (high - low) * 0.06
  return low - margin, high + margin
end

local function mean(list)
  local sum = 0
  for _, value in ipairs(list) do
    sum = sum + value
  end
  return sum / #list
end

-- A strip of dots for each round, its mean as a line.
local function strip(arm, look, x_axis, top, unit)
  local all = {}
  local height = (ROW - 12) / math.max(#arm.values, 1)
  local rounds = markup.each(arm.values, function(round, index)
    local values = values_of(round)
    local y = top + 5 + (index - 0.5) * height
    table.move(values, 1, #values, #all + 1, all)
    local every = math.max(1, math.ceil(#values / MOST_DOTS))
    local dots = {}
    for at = 1, #values, every do
      local label = ("%s, round %d: %s"):format(arm.arm, index, text.value(values[at], unit))
      dots[#dots + 1] = chart.mark(label, "path", { class = "dot faint",
        d = palette.shape(look, x_axis.at(values[at]), y, 2.6) })
    end
    return dots
  end)
  local centre = #all > 0 and x_axis.at(mean(all))
  return { chart.label(LEFT - 8, top + ROW / 2 + 3, arm.arm, "name", "end"), h("g", { class = look.class }, rounds),
    centre and chart.mark(("%s: mean of all %s"):format(arm.arm, text.value(mean(all), unit)), "path",
      { class = "mean", d = ("M%.1f %.1fv%d"):format(centre, top + 2, ROW - 6) }) }
end

local function percent(ratio)
  return (ratio - 1) * 100
end

-- The change on its own axis: interval, limit and the band of tolerance behind it.
local function interval(comparison, top)
  local low, high = percent(comparison.low), percent(comparison.high)
  local limit = comparison.limit and percent(comparison.limit)
  local band = limit and limit + (comparison.band or 0) * 100
  local x_axis = scale.linear(math.min(0, low), math.max(0, high, (band or limit or 0) * 1.15), LEFT, RIGHT, 6)
  local y = top + 20
  local label = ("%s: %s, 95 %% interval %s to %s%s"):format(comparison.name, text.change(percent(comparison.ratio)),
    text.change(low), text.change(high), limit and ", limit " .. text.change(limit) or "")
  return {
    chart.x_axis(x_axis, top + 40, function(value)
      return ("%+g %%"):format(value)
    end),
    h("line", { class = "axis", x1 = LEFT, x2 = RIGHT, y1 = top + 40, y2 = top + 40 }),
    h("line", { class = "zero", x1 = x_axis.at(0), x2 = x_axis.at(0), y1 = top, y2 = top + 40 }),
    limit and band > limit and h("rect", { class = "band", x = x_axis.at(limit), y = top, height = 40,
      width = x_axis.at(band) - x_axis.at(limit) }),
    limit and { h("line", { class = "limit", x1 = x_axis.at(limit), x2 = x_axis.at(limit), y1 = top, y2 = top + 40 }),
      chart.label(x_axis.at(limit) + 4, top + 9, "limit", "limit", "start") },
    chart.label(LEFT - 8, y + 4, "change", "name", "end"),
    chart.mark(label, "line", { class = "interval " .. comparison.verdict, x1 = x_axis.at(low), x2 = x_axis.at(high),
      y1 = y, y2 = y }),
    h("path", { class = "estimate " .. comparison.verdict,
      d = ("M%.1f %.1fl6 6l-6 6l-6-6z"):format(x_axis.at(percent(comparison.ratio)), y - 6) }),
  }
end

local function numbers(comparison)
  local rows = {}
  for index = 1, math.max(#comparison.baseline.values, #comparison.load.values) do
    local row = { "round " .. index }
    for _, arm in ipairs { comparison.baseline, comparison.load } do
      local values = values_of(arm.values[index])
      row[#row + 1] = #values > 0 and text.value(mean(values), comparison.unit) or ""
    end
    rows[index] = row
  end
  return chart.table({ "Means", comparison.baseline.arm, comparison.load.arm }, rows)
end

--- @param comparison table of report.json
---@return table
return function(comparison)
  local x_axis = scale.exact(select(1, extent(comparison)), select(2, extent(comparison)), LEFT, RIGHT)
  local below = TOP + 2 * ROW
  local has_interval = comparison.ratio and comparison.low and comparison.high
  local drawing = chart.svg("Baseline against load: " .. comparison.name, below + (has_interval and 92 or 26),
    strip(comparison.baseline, palette.look(1), x_axis, TOP, comparison.unit),
    strip(comparison.load, palette.look(2), x_axis, TOP + ROW, comparison.unit),
    h("line", { class = "axis", x1 = LEFT, x2 = RIGHT, y1 = below, y2 = below }),
    chart.x_axis(x_axis, below, function(value)
      return text.value(value, comparison.unit)
    end),
    has_interval and interval(comparison, below + 32))
  local change = has_interval and ("%s (95 %% %s…%s)"):format(text.change(percent(comparison.ratio)),
    text.change(percent(comparison.low)), text.change(percent(comparison.high)))
  local notes = {}
  for _, note in ipairs { change or false, comparison.statistic or false, comparison.method or false } do
    notes[#notes + 1] = note or nil
  end
  return chart.figure("comparison", comparison.name .. ": load against baseline", table.concat(notes, " · "), drawing,
    numbers(comparison))
end
