--- What charts share: the frame with axes, lines, marks that can be focused, and the figure around them.
local h = require("scalerun.report.html.markup").element
local markup = require "scalerun.report.html.markup"
local palette = require "scalerun.report.html.palette"

local chart = {}

chart.WIDTH = 460

--- A label at a place of the drawing.
function chart.label(x, y, text, class, anchor)
  return h("text", { x = x, y = y, class = class or "tick", ["text-anchor"] = anchor or "middle" }, text)
end

--- Horizontal grid lines with their values on the left.
---@param axis scalerun.Scale
---@param left number
---@param right number
---@param show fun(value: number): string
function chart.y_axis(axis, left, right, show)
  return markup.each(axis.ticks, function(value)
    local y = axis.at(value)
    return { h("line", { class = "grid", x1 = left, x2 = right, y1 = y, y2 = y }),
      chart.label(left - 6, y + 4, show(value), "tick", "end") }
  end)
end

--- Values below the drawing, with short ticks.
function chart.x_axis(axis, y, show)
  return markup.each(axis.ticks, function(value)
    local x = axis.at(value)
    return { h("line", { class = "axis", x1 = x, x2 = x, y1 = y, y2 = y + 4 }), chart.label(x, y + 16, show(value)) }
  end)
end

--- Path data through points; false is a gap.
---@param points ({ [1]: number, [2]: number }|false)[]
---@return string
function chart.through(points)
  local out, open = {}, false
  for _, point in ipairs(points) do
    if point then
      out[#out + 1] = ("%s%.1f %.1f"):format(open and "L" or "M", point[1], point[2])
    end
    open = point and true or false
  end
  return table.concat(out)
end

--- A line with its marks, in a project's look.
function chart.line(look, points, marks)
  return h("g", { class = look.class },
    h("path", { class = "line", d = chart.through(points), ["stroke-dasharray"] = look.dash }), marks)
end

--- A shape that shows its label when hovered over or focused.
---@param label string
---@param name string of the element
---@param attributes table class says how it looks
function chart.mark(label, name, attributes)
  attributes.class = "mark " .. attributes.class
  attributes["aria-label"] = label
  return h(name, attributes)
end

--- A point of a line, in the project's shape.
function chart.dot(look, x, y, label)
  return chart.mark(label, "path", { class = "dot", d = palette.shape(look, x, y) })
end

--- A point of a line of many.
function chart.point(x, y, label)
  return chart.mark(label, "circle", { class = "point", cx = x, cy = y, r = 1.6 })
end

--- The drawing.
---@param label string
---@param height number
---@param ... any
function chart.svg(label, height, ...)
  return h("svg", { class = "chart", role = "group", ["aria-label"] = label,
    viewBox = ("0 0 %d %d"):format(chart.WIDTH, math.ceil(height)) }, ...)
end

--- A table of numbers: the first column names rows.
---@param head string[]
---@param rows any[][]
function chart.table(head, rows)
  return h("div", { class = "scroll", tabindex = "0", role = "region", ["aria-label"] = "Table" }, h("table", nil,
    h("thead", nil, h("tr", nil, markup.each(head, function(name)
      return h("th", { scope = "col" }, name)
    end))),
    h("tbody", nil, markup.each(rows, function(row)
      return h("tr", nil, markup.each(row, function(cell, column)
        return column == 1 and h("th", { scope = "row" }, cell) or h("td", nil, cell)
      end))
    end))))
end

--- A chart with its title, and its numbers as a table.
---@param kind string a word that names the kind of chart
---@param title string
---@param note string?
---@param drawing table
---@param numbers table? a table
---@param wide boolean?
function chart.figure(kind, title, note, drawing, numbers, wide)
  return h("figure", { class = "figure" .. (wide and " wide" or ""), ["data-chart"] = kind },
    h("figcaption", nil, h("b", nil, title), note and h("span", nil, note)),
    drawing,
    numbers and h("details", { class = "numbers" }, h("summary", nil, "Numbers"), numbers))
end

return chart
