--- Throughput and latency over time, one above the other on the same axis, a line for each project.
local chart = require "scalerun.report.html.chart"
local markup = require "scalerun.report.html.markup"
local sampling = require "scalerun.report.html.sampling"
local scale = require "scalerun.report.html.scale"
local text = require "scalerun.report.html.text"

local LEFT, RIGHT, TOP, HEIGHT, GAP = 54, chart.WIDTH - 14, 22, 96, 30

local function most_of(lines, field)
  local most = 0
  for _, line in ipairs(lines) do
    for _, value in ipairs(line[field]) do
      most = math.max(most, value or 0)
    end
  end
  return most
end

local function panel(lines, field, x_axis, top, title, show, step)
  local y_axis = scale.linear(0, most_of(lines, field), top + HEIGHT, top, 3)
  local drawn = markup.each(lines, function(line)
    local points, marks = {}, {}
    for index, value in ipairs(line[field]) do
      local x = x_axis.at((index - 0.5) * step)
      points[index] = value and { x, y_axis.at(value) }
      if value then
        local failed = line.failed[index] or 0
        local label = ("%s, second %s: %s%s"):format(line.project, text.number((index - 1) * step), show(value),
          failed > 0 and (", %d failed"):format(failed) or "")
        marks[#marks + 1] = failed > 0 and field == "rate" and chart.mark(label, "path", { class = "failed",
          d = ("M%.1f %.1fl6 6m0-6l-6 6"):format(x - 3, y_axis.at(value) - 3) })
          or chart.point(x, y_axis.at(value), label)
      end
    end
    return chart.line(line.look, points, marks)
  end)
  return { chart.label(LEFT, top - 8, title, "name", "start"), chart.y_axis(y_axis, LEFT, RIGHT, show), drawn }
end

local function rate(value)
  return text.number(value) .. "/s"
end

local function numbers(lines, step)
  local rows = {}
  for _, line in ipairs(lines) do
    local sum, failed, slowest = 0, 0, 0
    for index, value in ipairs(line.rate) do
      sum, failed = sum + value * step, failed + (line.failed[index] or 0)
      slowest = math.max(slowest, line.p95[index] or 0)
    end
    rows[#rows + 1] = { line.project, text.number(math.floor(sum + 0.5)), text.number(failed),
      rate(sum / (#line.rate * step)), text.ms(slowest) }
  end
  return chart.table({ "Project", "ended", "failed", "mean rate", "highest p95" }, rows)
end

--- @param timeline table of report.json
---@param projects { id: string, look: table }[]
---@return table?
return function(timeline, projects)
  local lines, step, note = {}, timeline.interval_s, nil
  for _, project in ipairs(projects) do
    local given = timeline.projects[project.id]
    if given and #given.count > 0 then
      local every = sampling.every(#given.count)
      note = sampling.note(#given.count, "interval")
      local counts = sampling.sums(given.count, every)
      step = timeline.interval_s * every
      lines[#lines + 1] = {
        project = project.id,
        look = project.look,
        rate = markup.each(counts, function(count)
          return count / step
        end),
        failed = sampling.sums(given.failed, every),
        p95 = sampling.highest(given.p95_ms, every),
      }
    end
  end
  if #lines == 0 then
    return nil
  end
  local length = 0
  for _, line in ipairs(lines) do
    length = math.max(length, #line.rate)
  end
  local x_axis = scale.exact(0, length * step, LEFT, RIGHT)
  local second = TOP + HEIGHT + GAP
  local bottom = second + HEIGHT
  local drawing = chart.svg("Throughput and latency over time", bottom + 24,
    panel(lines, "rate", x_axis, TOP, "operations per second (✕ with failures)", rate, step),
    panel(lines, "p95", x_axis, second, "p95 of each interval", text.ms, step),
    chart.x_axis(x_axis, bottom, function(value)
      return text.number(value) .. " s"
    end))
  return chart.figure("timeline", "Throughput and latency over time", note, drawing, numbers(lines, step), true)
end
