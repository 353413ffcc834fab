--- Looks at the witnesses at a steady rate while the projects work, on a thread of its own: a crew of one, in which
--- this module stands in for a scenario. Its phases are a first look, looks until the phase is stopped, and a last look
--- whose record hands over all that was seen. What fails is a gap in the series, and no error.
local errors = require "scalerun.errors"
local task = require "scalerun.core.task"
local time = require "scalerun.time"
local tracks = require "scalerun.witness.tracks"

local sampler = {}

-- Gaps beyond these are counted, not kept.
local GAPS_KEPT = 100
-- How long a stop waits at most, looks under way aside. Seconds.
local SLICE = 0.02

local watched -- of this state: { [source name] = { open =, source =, gap =, samples =, busy = } }
local seen, gaps, more_gaps

-- Each failure opens a gap, or goes on with the one that is open and says the same.
local function fell_out(name, at, message)
  local last = watched[name].gap
  if last and last.message == message then
    last.to, last.count = at, last.count + 1
    return
  end
  last = { source = name, from = at, to = at, message = message, count = 1 }
  watched[name].gap = last
  if #gaps < GAPS_KEPT then
    gaps[#gaps + 1] = last
  else
    more_gaps = more_gaps + 1
  end
end

local function take(one)
  one.source = one.source or one.open()
  return one.source.sample()
end

local function look(name)
  local one, began = watched[name], time.now()
  local ok, values, absent = pcall(take, one)
  local now = time.now()
  one.samples, one.busy = one.samples + 1, one.busy + (now - began)
  if not ok then
    local err = errors.describe(values)
    if err.kind == "cancel" then
      error(values, 0)
    end
    fell_out(name, now, err.operation and ("%s: %s"):format(err.operation, err.message) or err.message)
    if one.source and one.reopens then
      pcall(one.source.close)
      one.source = nil
    end
    return
  end
  for _, value in ipairs(values) do
    seen:add(name, now, value[1], value[2], value[3])
  end
  for _, missing in ipairs(absent or {}) do
    fell_out(name, now, ("replica %s: %s"):format(missing.replica, missing.message))
  end
  if not absent or #absent == 0 then
    one.gap = nil
  end
end

local function open_all(given)
  watched, seen, gaps, more_gaps = {}, tracks.new(), {}, 0
  for _, name in ipairs(given.sources) do
    local module = require("scalerun.witness.sources." .. name)
    watched[name] = {
      open = function()
        return module.open(given)
      end,
      -- The target's keeps what counters were, and its client finds connections by itself.
      reopens = name == "database" or name == "cache",
      connections = module.connections,
      samples = 0,
      busy = 0,
    }
  end
end

-- fn(name) for all sources at once; waits for all.
local function each(given, fn)
  local handles = {}
  for index, name in ipairs(given.sources) do
    handles[index] = task.spawn(fn, name)
  end
  for _, handle in ipairs(handles) do
    handle:join()
  end
end

local function first(project)
  open_all(project.data)
  each(project.data, look)
end

-- One user looks at one source; an iteration is a look, or a part of the wait for it that is short enough for the
-- phase to end soon when it is told to. A look that takes longer than a period leaves out what it has missed: the
-- rate is never caught up with.
local function wait_and_look(project)
  local name, period = project.data.sources[project.user], 1 / project.data.rate
  local one, now = watched[name], time.now()
  one.due = one.due or now + period
  if now < one.due then
    time.sleep_until(math.min(one.due, now + SLICE))
    return
  end
  look(name)
  one.due = one.due + ((time.now() - one.due) // period + 1) * period
end

local function last(project)
  each(project.data, look)
  local load, results = {}, {}
  for index, name in ipairs(project.data.sources) do
    local one = watched[name]
    load[index] = { source = name, samples = one.samples, busy = one.busy, connections = one.connections }
    if one.source then
      results[name] = one.source.result and one.source.result() or nil
      pcall(one.source.close)
    end
  end
  project:record("witnessed", {
    series = seen:columns(), gaps = gaps, more_gaps = more_gaps, load = load, results = results,
  })
end

sampler.phases = { { iteration = first }, { iteration = wait_and_look }, { iteration = last } }

return sampler
