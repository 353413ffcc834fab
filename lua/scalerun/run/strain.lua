--- How hard the generator had to work in a phase, in numbers: what tells whether its other numbers can be trusted.
local LONG_ENOUGH = require("scalerun.judge.validity").LONG_ENOUGH
local time = require "scalerun.core.time"

local strain = {}

---@class scalerun.PhaseRow seconds, where it is a duration
---@field name string
---@field executor string
---@field arm string? in a comparison
---@field round integer?
---@field projects integer how many took part
---@field duration number
---@field skew number between the first and the last project that started
---@field iterations integer without the warm-up, as are all that follow
---@field failed integer
---@field late integer
---@field dropped integer
---@field warmup { iterations: integer, failed: integer }
---@field lateness scale.Series? how long after its schedule an iteration began
---@field gc_count integer pauses of Lua's collector in all projects
---@field gc_total number
---@field gc_longest number
---@field gc_unmeasured integer collections in the midst of a script's computing, whose time is not known
---@field loop_longest number the longest turn of any event loop
---@field loop_busy number the busiest loop's share of its project's time, or of a second where that was less
---@field cpu_share number the busiest thread's share of a processor, in the same time
---@field clock_jump number the most that the system's clock moved against the monotonic one from one look to the next

---@class scalerun.ClockWatch
---@field private offset number
---@field jump number
local ClockWatch = {}
ClockWatch.__index = ClockWatch

local function offset()
  return time.wall() - time.now()
end

--- Watches for jumps of the system's clock. Slewing, as NTP does, is no jump: what counts is the step
--- between two looks.
---@return scalerun.ClockWatch
function strain.watch_clock()
  return setmetatable({ offset = offset(), jump = 0.0 }, ClockWatch)
end

function ClockWatch:look()
  local now = offset()
  self.jump = math.max(self.jump, math.abs(now - self.offset))
  self.offset = now
end

local function add_up(row, projects)
  for _, project in ipairs(projects) do
    for _, name in ipairs { "iterations", "failed", "late", "dropped" } do
      row[name] = row[name] + project[name]
    end
    for name, count in pairs(project.warmup) do
      row.warmup[name] = row.warmup[name] + count
    end
    row.gc_count = row.gc_count + project.gc.count
    row.gc_unmeasured = row.gc_unmeasured + project.gc.unmeasured
    row.gc_total = row.gc_total + project.gc.total
    row.gc_longest = math.max(row.gc_longest, project.gc.longest)
    row.loop_longest = math.max(row.loop_longest, project.loop_longest)
    local took = math.max(project.ended - project.started, LONG_ENOUGH)
    row.loop_busy = math.max(row.loop_busy, project.loop_busy / took)
    row.cpu_share = math.max(row.cpu_share, project.cpu / took)
  end
end

--- The numbers of a phase, or of one turn of an arm.
---@param one { name: string, executor: string, arm: string?, round: integer? }
---@param result scalerun.PhaseResult
---@param clock scalerun.ClockWatch
---@param merge fun(list: table[]): table merges metrics objects
---@return scalerun.PhaseRow
function strain.row(one, result, clock, merge)
  local all = {}
  for _, project in ipairs(result.projects) do
    all[#all + 1] = project.metrics
  end
  local row = {
    name = one.name,
    executor = one.executor,
    arm = one.arm,
    round = one.round,
    projects = #result.projects,
    duration = result.ended - result.started,
    skew = result.skew,
    iterations = 0,
    failed = 0,
    late = 0,
    dropped = 0,
    warmup = { iterations = 0, failed = 0 },
    lateness = merge(all):get("lateness"),
    gc_count = 0,
    gc_unmeasured = 0,
    gc_total = 0.0,
    gc_longest = 0.0,
    loop_longest = 0.0,
    loop_busy = 0.0,
    cpu_share = 0.0,
    clock_jump = clock.jump,
  }
  add_up(row, result.projects)
  return row
end

return strain
