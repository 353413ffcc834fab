--- How far the projects of a phase are, for people who watch: a block of lines on a terminal, one line elsewhere.
local columns = require "scalerun.columns"
local durations = require "scalerun.durations"

local live = {}

local BAR = 24 -- columns
local MOST = 20 -- projects with a line of their own

---@class scalerun.LiveProject
---@field id string
---@field iterations integer ended so far
---@field failed integer
---@field total integer? how many it is to run, where that is known
---@field p95 number? of its iterations, seconds

---@class scalerun.LiveView
---@field scenario string its id
---@field phase string
---@field elapsed number seconds since the phase began
---@field duration number? seconds that it is to take, where that is known
---@field projects scalerun.LiveProject[]

local function sums(projects)
  local all = { iterations = 0, failed = 0, total = 0 }
  for _, project in ipairs(projects) do
    all.iterations, all.failed = all.iterations + project.iterations, all.failed + project.failed
    all.total = all.total and project.total and all.total + project.total or nil
  end
  return all
end

--- One line.
---@param view scalerun.LiveView
---@return string
function live.line(view)
  local all = sums(view.projects)
  return ("%s  %s: %d%s iterations%s"):format(view.scenario, view.phase, all.iterations,
    all.total and "/" .. all.total or "", all.failed > 0 and (", %d failed"):format(all.failed) or "")
end

-- The part of the phase that is over, 0 to 1; nil where nobody knows.
local function share_of(view)
  local all = sums(view.projects)
  local share = view.duration and view.elapsed / view.duration
    or all.total and all.total > 0 and all.iterations / all.total or nil
  return share and math.min(share, 1)
end

local function head(view)
  local share = share_of(view)
  local filled = math.floor((share or 0) * BAR + 0.5)
  local bar = share and ("  [%s%s]"):format(("#"):rep(filled), ("-"):rep(BAR - filled)) or ""
  return ("%s  %s%s  %s%s"):format(view.scenario, view.phase, bar, durations.text(view.elapsed),
    view.duration and " of " .. durations.text(view.duration) or "")
end

local function state_of(project)
  if project.total and project.iterations >= project.total then
    return "done"
  end
  return project.iterations == 0 and "waiting" or "running"
end

-- Columns: each as wide as its widest cell, numbers to the right.
local function aligned(rows)
  local widths, lines = columns.widths(rows), {}
  for index, row in ipairs(rows) do
    local cells = {}
    for column, cell in ipairs(row) do
      cells[column] = columns.pad(cell, widths[column], column > 2)
    end
    lines[index] = "  " .. table.concat(cells, "  ")
  end
  return lines
end

local function row_of(name, state, counted, elapsed)
  return {
    name,
    state,
    counted.total and ("%d/%d"):format(counted.iterations, counted.total) or tostring(counted.iterations),
    ("%.1f/s"):format(elapsed > 0 and counted.iterations / elapsed or 0),
    counted.p95 and ("p95 %.1f ms"):format(counted.p95 * 1000) or "",
    counted.failed > 0 and ("%d failed"):format(counted.failed) or "",
  }
end

-- Those that get a line: where there are too many, the ones that fail or are behind; and the rest.
local function chosen(projects, room)
  if #projects <= room then
    return projects, {}
  end
  local order = {}
  for index, project in ipairs(projects) do
    order[index] = { index = index, project = project }
  end
  table.sort(order, function(a, b)
    if a.project.failed ~= b.project.failed then
      return a.project.failed > b.project.failed
    elseif a.project.iterations ~= b.project.iterations then
      return a.project.iterations < b.project.iterations
    end
    return a.index < b.index
  end)
  local shown, rest = {}, {}
  for rank, one in ipairs(order) do
    table.insert(rank < room and shown or rest, one)
  end
  table.sort(shown, function(a, b)
    return a.index < b.index
  end)
  for _, list in ipairs { shown, rest } do
    for index, one in ipairs(list) do
      list[index] = one.project
    end
  end
  return shown, rest
end

--- A line for the phase and one for each project, as many as fit.
---@param view scalerun.LiveView
---@param height integer lines of the window
---@return string[]
function live.lines(view, height)
  local shown, rest = chosen(view.projects, math.max(1, math.min(MOST, height - 3)))
  local rows = {}
  for index, project in ipairs(shown) do
    rows[index] = row_of(project.id, state_of(project), project, view.elapsed)
  end
  if #rest > 0 then
    rows[#rows + 1] = row_of(("and %d more"):format(#rest), "", sums(rest), view.elapsed)
  end
  local lines = aligned(rows)
  table.insert(lines, 1, head(view))
  for index, line in ipairs(lines) do
    lines[index] = line:gsub(" +$", "")
  end
  return lines
end

return live
