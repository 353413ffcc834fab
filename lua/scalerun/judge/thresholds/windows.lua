--- Thresholds over a sliding window: "reserve p95 over 5s" holds in every stretch of 5 s. While a phase runs, its
--- numbers so far are looked at about once a second; what was measured between two looks is their difference, exact to
--- the histogram. A window is as long as it says, or longer by less than the time between two looks.
local comparison = require "scalerun.judge.comparison"
local limits = require "scalerun.judge.limits"
local subjects = require "scalerun.judge.thresholds.subjects"

local windows = {}

-- What is in a dumped histogram and was not in an earlier one of the same.
local function histogram_since(now, before)
  local had, cells = {}, {}
  for index = 1, #(before and before.cells or {}), 2 do
    had[before.cells[index]] = before.cells[index + 1]
  end
  for index = 1, #now.cells, 2 do
    local value = now.cells[index]
    local count = now.cells[index + 1] - (had[value] or 0)
    if count > 0 then
      cells[#cells + 1], cells[#cells + 2] = value, count
    end
  end
  return {
    cells = cells,
    -- Of a part, the exact ends are not known; the cells' are as near as every percentile is.
    min = cells[1] or 0,
    max = cells[#cells - 1] or 0,
    sum = now.sum - (before and before.sum or 0),
    saturated = now.saturated - (before and before.saturated or 0),
  }
end

local function series_since(now, before)
  local made = histogram_since(now, before)
  made.name, made.errors = now.name, {}
  made.ok = now.ok - (before and before.ok or 0)
  for kind, count in pairs(now.errors) do
    made.errors[kind] = count - (before and before.errors[kind] or 0)
  end
  made.scheduled = now.scheduled and histogram_since(now.scheduled, before and before.scheduled or before) or nil
  return made
end

--- What dumped metrics have that an earlier dump of the same did not have yet.
---@param now table[] as metrics:dump() returns it
---@param before table[]?
---@return table[]
function windows.since(now, before)
  local by_name, list = {}, {}
  for _, series in ipairs(before or {}) do
    by_name[series.name] = series
  end
  for _, series in ipairs(now) do
    local made = series_since(series, by_name[series.name])
    if #made.cells > 0 then
      list[#list + 1] = made
    end
  end
  return list
end

---@class scalerun.Windowed
---@field value number? of the worst window
---@field problem string?
---@field evidence table[]?

---@class scalerun.Windows
---@field found table<string, scalerun.Windowed> by the thresholds' names
local Windows = {}
Windows.__index = Windows

--- Begins a phase, or a turn of one: nothing has been measured in it yet.
---@param title string
---@param from number? when its numbers begin: its warm-up, in seconds
function Windows:begin(title, from)
  self.title, self.from = title, from or 0
  self.looks = { { at = self.from, projects = {} } }
end

-- The latest look that is at least so long ago.
local function look_before(looks, at, window)
  for index = #looks, 1, -1 do
    if looks[index].at <= at - window then
      return looks[index]
    end
  end
end

local function forget(self, at)
  while self.looks[2] and self.looks[2].at <= at - self.longest do
    table.remove(self.looks, 1)
  end
end

-- What was seen between two looks, as seen is.
function Windows:between(before, now)
  local all, projects = {}, {}
  for index, project in ipairs(now.order) do
    local metrics = self.metrics.load(windows.since(now.projects[project], before.projects[project]))
    projects[index] = { id = project, ops = self.ops(metrics) }
    all[index] = metrics
  end
  return { ops = self.ops(#all > 0 and self.metrics.merge(all) or nil), projects = projects,
    duration = now.at - before.at }
end

function Windows:take(threshold, part, before, now)
  local resolved, problem = subjects.resolve(part, threshold.left, comparison.of({}))
  local value, missing, items
  if resolved then
    value, missing, items = self.worst(part, threshold, resolved)
  end
  local found = self.found[threshold.name] or {}
  self.found[threshold.name] = found
  if not value then
    found.problem = found.problem or problem or missing
  elseif not found.value or self.is_worse(threshold, value, found.value) then
    found.value, found.problem = value, nil
    found.evidence = { {
      text = ("%s, %.1f s to %.1f s: %s"):format(self.title, before.at, now.at, limits.text(value, threshold.unit)),
      from = before.at,
      to = now.at,
      value = value,
    }, table.unpack(items or {}) }
  end
end

--- Looks at what the projects have measured so far.
---@param projects { id: string, metrics: userdata? }[]
---@param at number seconds since the phase began
function Windows:look(projects, at)
  if at <= self.from then
    return
  end
  local now = { at = at, projects = {}, order = {} }
  for _, project in ipairs(projects) do
    if project.metrics then
      now.order[#now.order + 1] = project.id
      now.projects[project.id] = project.metrics:dump()
    end
  end
  local parts = {}
  for _, threshold in ipairs(self.list) do
    local before = look_before(self.looks, at, threshold.window)
    if before then
      parts[before] = parts[before] or self:between(before, now)
      self:take(threshold, parts[before], before, now)
    end
  end
  table.insert(self.looks, now)
  forget(self, at)
end

---@class scalerun.WindowTools what turns dumps into numbers, and how the worst number is found
---@field metrics { load: fun(dump: table): userdata, merge: fun(list: userdata[]): userdata }
---@field ops fun(metrics: userdata?): scale.Ops
---@field worst fun(seen: table, threshold: scalerun.Threshold, found: scalerun.Resolved): number?, string?, table[]?
---@field is_worse fun(threshold: scalerun.Threshold, value: number, than: number): boolean

--- A watch over the thresholds that have a window; nil when there are none.
---@param list scalerun.Threshold[]?
---@param tools scalerun.WindowTools
---@return scalerun.Windows?
function windows.new(list, tools)
  local own, longest = {}, 0
  for _, threshold in ipairs(list or {}) do
    if threshold.window then
      own[#own + 1] = threshold
      longest = math.max(longest, threshold.window)
    end
  end
  if #own == 0 then
    return nil
  end
  local watch = setmetatable({ list = own, longest = longest, found = {} }, Windows)
  for name, tool in pairs(tools) do
    watch[name] = tool
  end
  watch:begin "the phase"
  return watch
end

return windows
