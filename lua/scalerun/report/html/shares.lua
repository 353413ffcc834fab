--- How requests spread over replicas, with what was expected.
local chart = require "scalerun.report.html.chart"
local h = require("scalerun.report.html.markup").element
local markup = require "scalerun.report.html.markup"
local names = require "scalerun.names"
local text = require "scalerun.report.html.text"

local LEFT, RIGHT, TOP, ROW = 84, chart.WIDTH - 120, 12, 30

local function sum_of(counts)
  local sum = 0
  for _, count in pairs(counts) do
    sum = sum + count
  end
  return math.max(sum, 1e-9)
end

--- @param share table of report.json
---@return table
return function(share)
  local replicas, total, expected = names.sorted(share.counts), sum_of(share.counts), share.expected or {}
  local expected_total, most, rows = sum_of(expected), 0, {}
  for _, name in ipairs(replicas) do
    most = math.max(most, share.counts[name] / total, (expected[name] or 0) / expected_total)
  end
  local function width_of(part)
    return part / math.max(most, 1e-9) * (RIGHT - LEFT)
  end
  local bars = markup.each(replicas, function(name, index)
    local count, y = share.counts[name], TOP + (index - 1) * ROW
    local part, wanted = count / total * 100, expected[name] and expected[name] / expected_total * 100
    local label = ("replica %s: %s, %.1f %%%s"):format(name, text.count(count, "request"), part,
      wanted and (", expected %.1f %%"):format(wanted) or "")
    rows[index] = { name, text.number(count), ("%.1f %%"):format(part), wanted and ("%.1f %%"):format(wanted) or "" }
    return { chart.label(LEFT - 8, y + 15, name, "name", "end"),
      chart.mark(label, "rect", { class = "bar c1", x = LEFT, y = y + 3, width = math.max(width_of(part / 100), 1),
        height = ROW - 12, rx = 2 }),
      wanted and h("path", { class = "expected",
        d = ("M%.1f %.1fv%d"):format(LEFT + width_of(wanted / 100), y, ROW - 6) }),
      chart.label(RIGHT + 10, y + 16, ("%.1f %%  ·  %s"):format(part, text.number(count)), "value", "start") }
  end)
  local note = ("%s%s"):format(share.p and ("p = %.3g of the even split"):format(share.p) or "",
    share.expected and "; the line is what was expected" or "")
  return chart.figure("shares", share.name .. " by replica", note,
    chart.svg("Share of each replica", TOP + #replicas * ROW, bars),
    chart.table({ "Replica", "requests", "share", "expected" }, rows))
end
