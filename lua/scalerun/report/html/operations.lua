--- Latency of each kind of operation: curves and distributions from the stored histograms.
local h = require("scalerun.report.html.markup").element
local chart = require "scalerun.report.html.chart"
local hist = require "scalerun.core.hist"
local histogram = require "scalerun.report.html.histogram"
local markup = require "scalerun.report.html.markup"
local percentiles = require "scalerun.report.html.percentiles"
local text = require "scalerun.report.html.text"

local operations = {}

-- Charts of further operations would make the file large; the table has them all. So many lines in all of them:
local MOST_LINES = 20
-- An iteration that took less did nothing, and is not what people want to see first.
local NOTHING_MS = 0.01

-- Iterations first, then what clients name ("ids.reserve"), then the protocols below.
local function rank(name, slowest)
  if name == "iteration" then
    return slowest > NOTHING_MS and 1 or 3
  end
  return (name:find("^http[ .]") or name:find("^pg[ .]") or name:find("^redis[ .]")) and 3 or 2
end

local function names_of(scenario)
  local counts, names, ranks = {}, {}, {}
  for _, project in ipairs(scenario.projects) do
    for name, op in pairs(project.ops) do
      if not counts[name] then
        names[#names + 1] = name
      end
      counts[name] = (counts[name] or 0) + op.ok + op.failed
      ranks[name] = math.min(ranks[name] or 9, rank(name, op.latency_ms.p50))
    end
  end
  table.sort(names, function(a, b)
    if ranks[a] ~= ranks[b] then
      return ranks[a] < ranks[b]
    elseif counts[a] ~= counts[b] then
      return counts[a] > counts[b]
    end
    return a < b
  end)
  return names
end

local function lines_of(scenario, name, looks)
  return markup.each(scenario.projects, function(project, index)
    local op = project.ops[name]
    local found = op and op.histogram and hist.new():add(op.histogram)
    return found and found:count() > 0 and { project = project.project_id, look = looks[index], hist = found,
      count = found:count() }
  end)
end

local function total(op)
  local failed = text.number(op.failed)
  return text.number(op.ok + op.failed), op.failed > 0 and h("strong", { class = "bad" }, failed) or failed
end

local function kinds(errors)
  local list = {}
  for kind, count in pairs(errors) do
    list[#list + 1] = ("%s × %d"):format(kind, count)
  end
  table.sort(list)
  return table.concat(list, ", ")
end

local function numbers(scenario, names)
  local rows = {}
  for _, name in ipairs(names) do
    for _, project in ipairs(scenario.projects) do
      local op = project.ops[name]
      if op then
        local count, failed = total(op)
        local due = op.scheduled_ms
        rows[#rows + 1] = { name, project.project_id, count, failed, text.ms(op.latency_ms.mean),
          text.ms(op.latency_ms.p50), text.ms(op.latency_ms.p95),
          text.ms(op.latency_ms.p99), text.ms(op.latency_ms.max),
          due and ("%s / %s"):format(text.ms(due.p95), text.ms(due.p99)) or "", kinds(op.errors) }
      end
    end
  end
  return chart.table({ "Operation", "Project", "count", "failed", "mean", "p50", "p95", "p99", "max",
    "p95 / p99 from the schedule", "errors" }, rows)
end

--- The charts of a scenario's operations: the first one's, and the others' to be opened.
---@param scenario table of report.json
---@param looks table[]
---@return table[]? charts
---@return table? more
function operations.charts(scenario, looks)
  local names = names_of(scenario)
  local first, others, left = nil, {}, 0
  local most = math.max(1, MOST_LINES // math.max(#scenario.projects, 1))
  for _, name in ipairs(names) do
    local lines = lines_of(scenario, name, looks)
    if #lines > 0 and not first then
      first = { percentiles(name, lines), histogram(name, lines) }
    elseif #lines > 0 and #others < most then
      others[#others + 1] = h("details", { class = "more" }, h("summary", nil, "Latency of ", h("b", nil, name)),
        h("div", { class = "grid" }, percentiles(name, lines), histogram(name, lines)))
    elseif #lines > 0 then
      left = left + 1
    end
  end
  return first, #names > 0 and { others,
    h("details", { class = "more" }, h("summary", nil, "All operations in numbers",
      left > 0 and (" (%s without charts)"):format(text.count(left, "operation"))), numbers(scenario, names)) } or nil
end

return operations
