--- Who could read whose data: readers down, owners across; the diagonal is the positive control.
local chart = require "scalerun.report.html.chart"
local columns = require "scalerun.columns"
local h = require("scalerun.report.html.markup").element
local markup = require "scalerun.report.html.markup"
local text = require "scalerun.report.html.text"

local LEFT, TOP = 92, 34

local function short(name, most)
  return columns.width(name) > most and name:sub(1, (utf8.offset(name, most) or most) - 1) .. "…" or name
end

local function class_of(cell, own)
  if not cell or cell.attempts == 0 then
    return "untried"
  elseif own then
    return "own"
  end
  return cell.leaks > 0 and "leak" or "held"
end

local function label_of(reader, owner, cell, own)
  if not cell or cell.attempts == 0 then
    return ("%s reading %s: not tried"):format(reader, owner)
  elseif own then
    return ("%s reading its own: %s (the control)"):format(reader, text.count(cell.attempts, "attempt"))
  end
  return ("%s reading %s: %s of %s"):format(reader, owner, text.count(cell.leaks, "leak"),
    text.count(cell.attempts, "attempt"))
end

local function shown(cell, own, class)
  if class == "untried" then
    return "·"
  end
  return own and text.number(cell.attempts) or text.number(cell.leaks)
end

local function numbers(matrix)
  local head, rows = { "reader \\ owner" }, {}
  for _, owner in ipairs(matrix.columns) do
    head[#head + 1] = owner
  end
  for index, reader in ipairs(matrix.rows) do
    local row = { reader }
    for column in ipairs(matrix.columns) do
      local cell = (matrix.cells[index] or {})[column]
      row[#row + 1] = cell and ("%s of %s"):format(text.number(cell.leaks), text.number(cell.attempts)) or "not tried"
    end
    rows[index] = row
  end
  return chart.table(head, rows)
end

--- @param matrix table of report.json
---@return table
return function(matrix)
  local count = math.max(#matrix.columns, 1)
  local width = math.min(64, (chart.WIDTH - LEFT - 6) / count)
  local height = math.min(34, width)
  local cells = markup.each(matrix.rows, function(reader, row)
    local y = TOP + (row - 1) * height
    return { chart.label(LEFT - 8, y + height / 2 + 4, short(reader, 13), "name", "end"),
      markup.each(matrix.columns, function(owner, column)
        local cell, own, x = (matrix.cells[row] or {})[column], reader == owner, LEFT + (column - 1) * width
        local class = class_of(cell, own)
        return { chart.mark(label_of(reader, owner, cell, own), "rect", { class = "cell " .. class, x = x + 1,
          y = y + 1, width = width - 2, height = height - 2, rx = 3 }),
          width > 24 and chart.label(x + width / 2, y + height / 2 + 4, shown(cell, own, class), "value " .. class) }
      end) }
  end)
  local heads = markup.each(matrix.columns, function(owner, column)
    local x = LEFT + (column - 0.5) * width
    return width >= 48 and chart.label(x, TOP - 8, short(owner, 9), "name")
      or h("text", { class = "name", ["text-anchor"] = "start",
        transform = ("translate(%.1f %d) rotate(-45)"):format(x + 3, TOP - 4) }, short(owner, 5))
  end)
  local drawing = chart.svg("Isolation: " .. matrix.name, TOP + #matrix.rows * height + 6, heads, cells)
  return chart.figure("matrix", "Isolation: " .. matrix.name,
    "readers down, owners across; leaks in each cell, the owner's own reads on the diagonal", drawing, numbers(matrix))
end
