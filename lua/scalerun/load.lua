--- What a load may say, checked where its scenario is declared.
local declaration = require "scalerun.declaration"
local executors = require "scalerun.executors"
local names = require "scalerun.names"
local options = require "scalerun.options"
local pauses = require "scalerun.pauses"

local load = {}

local refuse, check_duration = declaration.refuse, declaration.check_duration

---@class scale.Stage
---@field duration number|string
---@field rate number iterations per second at its end, counted as the load's rate; it gets there in a straight line

---@class scale.Load
---@field executor string "per-project-iterations", "shared-iterations", "constant-projects", "constant-arrival-rate",
---  "ramping-arrival-rate"
---@field iterations integer? how often each project iterates, or with shared-iterations all together; users share them
---@field duration number|string? how long users keep iterating, or iterations arrive
---@field rate number? iterations that begin in each project per second; with stages, the rate before the first
---@field stages scale.Stage[]? of ramping-arrival-rate
---@field shared boolean? of an arrival rate: rate and stages are those of all projects that take part together, to
---  which the arrivals go in turn; unless told, each project has arrivals of its own
---@field users integer? concurrent users in each project: 1 unless told; with an arrival rate the most iterations
---  that are under way at once, 50 unless told
---@field start string? "together": all projects leave one barrier
---@field warmup number|string? iterations that start in this first part are left out of all numbers
---@field pacing number|string? iterations of a user start at least so far apart
---@field think number|string|scale.Pause|nil how long a user pauses after each iteration
---@field max_late number|string? an iteration that starts later than this after its schedule counts as late, 100 ms
---  unless told; with an arrival rate it is dropped where all users were busy for so long

local MOST_USERS, MOST_RATE, MOST_STAGES = 10000, 1000000, 64

local function executor_of(where, name)
  local known = names.sorted(executors)
  if type(name) ~= "string" then
    refuse("load", nil, "%s: load needs an executor: one of %s", where, table.concat(known, ", "))
  elseif not executors[name] then
    local nearest = options.nearest(name, known)
    refuse("executor", nil, "%s: no executor is called '%s' (%s)", where, name,
      nearest and ("did you mean '%s'?"):format(nearest) or "known are: " .. table.concat(known, ", "))
  end
  return executors[name]
end

local function check_rate(where, rate, least)
  if not (rate >= least and rate <= MOST_RATE) then
    refuse("rate", nil, "%s: rate must be from %s to %d iterations a second, not %s", where,
      least == 0 and "0" or "1 an hour", MOST_RATE, rate)
  end
  return rate + 0.0
end

local HOURLY = 1 / 3600

local function check_stages(where, given)
  local stages, some = {}, false
  if #given == 0 then
    refuse("stages", nil, "%s: load.stages is a list: { { duration = \"10s\", rate = 50 }, … }", where)
  elseif #given > MOST_STAGES then
    refuse("stages", nil, "%s: load.stages: at most %d, not %d", where, MOST_STAGES, #given)
  end
  for index, stage in ipairs(given) do
    local here = ("%s: load.stages[%d]"):format(where, index)
    if type(stage) ~= "table" then
      refuse("stages", nil, "%s must be a table, not a %s", here, type(stage))
    end
    declaration.check(here, stage, { duration = "number|string", rate = "number" })
    if not stage.duration or not stage.rate then
      refuse("stages", nil, "%s needs duration and rate", here)
    end
    stages[index] = { duration = check_duration(here, "duration", stage.duration),
      rate = check_rate(here, stage.rate, 0) }
    some = some or stage.rate > 0
  end
  return stages, some
end

-- How long it goes on in all, where the load says so.
local function length_of(checked)
  local seconds = 0
  for _, stage in ipairs(checked.stages or {}) do
    seconds = seconds + stage.duration
  end
  return checked.duration or (checked.stages and seconds) or nil
end

local function check_numbers(where, checked)
  for _, name in ipairs { "users", "iterations" } do
    if checked[name] and checked[name] < 1 then
      refuse(name, nil, "%s: load.%s must be at least 1, not %d", where, name, checked[name])
    end
  end
  if checked.users > MOST_USERS then
    refuse("users", nil, "%s: load.users must be at most %d, not %d", where, MOST_USERS, checked.users)
  end
  for _, name in ipairs { "duration", "warmup", "pacing", "max_late" } do
    checked[name] = checked[name] and check_duration(where, name, checked[name])
  end
end

--- Checks a load and fills in defaults; durations become seconds.
---@param where string
---@param given scale.Load
---@return scale.Load
function load.check(where, given)
  local executor = executor_of(where, given.executor)
  local allowed = { executor = "string" }
  for name, kind in pairs(executor.options) do
    allowed[name] = kind
  end
  declaration.check(("%s: load of %s"):format(where, given.executor), given, allowed)
  local checked = {}
  for _, values in ipairs { executor.defaults, given } do
    for name, value in pairs(values) do
      checked[name] = value
    end
  end
  for _, name in ipairs(executor.required) do
    if checked[name] == nil then
      refuse("executor", nil, "%s: load of %s needs %s", where, given.executor, name)
    end
  end
  check_numbers(where, checked)
  local some = true
  if checked.stages then
    checked.stages, some = check_stages(where, checked.stages)
  end
  checked.rate = checked.rate and check_rate(where, checked.rate, checked.stages and 0 or HOURLY)
  if not some and (checked.rate or 0) == 0 then
    refuse("stages", nil, "%s: load.stages: one of them needs a rate above 0", where)
  end
  checked.think = checked.think and pauses.read(where, "think", checked.think)
  local length = length_of(checked)
  if checked.warmup and length and checked.warmup >= length then
    refuse("warmup", nil, "%s: load.warmup must be shorter than the load itself (%g s)", where, length)
  end
  if checked.start ~= "together" then
    refuse("start", nil, "%s: load.start must be \"together\", not %q", where, checked.start)
  end
  return checked
end

return load
