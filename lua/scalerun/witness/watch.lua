--- The conductor's side of the sampler: starts it before a scenario's first phase, ends it after the last, and makes
--- what it saw readable. Nothing here ever fails a run: a witness that is not there leaves a gap.
local core = require "scalerun.core.task"
local errors = require "scalerun.errors"
local host = require "scalerun.core.host"
local metrics = require "scalerun.witness.metrics"
local series = require "scalerun.witness.series"
local time = require "scalerun.core.time"

---@class scalerun.Witnessed
---@field series scale.WitnessSeries[]
---@field gaps { source: string, from: number, to: number, message: string, count: integer }[] times as in a series
---@field more_gaps integer that were not kept
---@field rate number? looks a second at each source; nil when nobody looked
---@field load { source: string, samples: integer, busy: number, connections: integer }[] what looking took: busy is
---  the time of all looks together, in seconds
---@field changes scale.Metrics? what the target's counters have grown by
---@field restarts integer? of the target's replicas, as far as they were seen

---@class scalerun.Watch
local Watch = {}
Watch.__index = Watch

local watch = {}

local LOOK_TIME = 2 -- the most that one look may take
local STOP_TIME = 3 -- the most that looks under way may take once the phase is stopped

local function load_of(executor, users, duration)
  return { executor = executor, users = users, iterations = not duration and 1 or nil, duration = duration,
    start = "together" }
end

-- The sources that are wanted and there; those that a scenario names and that are not there are gaps.
local function reachable(self, wanted, has)
  local sources = {}
  for _, name in ipairs(wanted.sources) do
    if has(name) then
      sources[#sources + 1] = name
    elseif wanted.named then
      table.insert(self.witnessed.gaps, { source = name, from = 0, to = 0, count = 1, message = "this run has none" })
    end
  end
  return sources
end

function Watch:gap(message)
  local now = time.now() - (self.zero or self.began)
  table.insert(self.witnessed.gaps, { source = "sampler", from = now, to = now, count = 1, message = message })
end

function Watch:phase(index, load)
  local result, err = self.crew:phase { index = index, load = load, data = self.given }
  if not result then
    self:gap(err.message)
    return nil
  end
  return result.projects[1]
end

--- Begins to look; returns after the first look.
---@param wanted { rate: number, sources: string[], named: boolean, application: string? }? as
---  scalerun.witness.declaration reads it; nil: nobody looks
---@param shared { target: table?, database: string?, cache: string?, balancer: table?, own: boolean?,
---  seed: integer, timeout: number } where the sources are; own: the target is scalerun's, whose name in PostgreSQL is
---  known; timeout: how long it may go on
---@return scalerun.Watch
function watch.begin(wanted, shared)
  local self = setmetatable({ witnessed = { series = {}, gaps = {}, more_gaps = 0, load = {} }, began = time.now() },
    Watch)
  local sources = wanted and reachable(self, wanted, function(name)
    return shared[name] ~= nil
  end) or {}
  if #sources == 0 then
    return self
  end
  self.witnessed.rate = wanted.rate
  self.name_known = shared.own and not wanted.application
  self.given = {
    sources = sources,
    rate = wanted.rate,
    application = wanted.application or require("scalerun.witness.sources.database").APPLICATION,
    timeout = LOOK_TIME,
    target = shared.target,
    database = shared.database,
    cache = shared.cache,
    balancer = shared.balancer,
  }
  local err
  self.crew, err = host.start {
    module = "scalerun.witness.sampler",
    projects = { { id = "witness", index = 1 } },
    seed = shared.seed,
  }
  if not self.crew then
    self:gap(err.message)
    return self
  end
  self:phase(1, load_of("per-project-iterations", 1))
  self.looking = core.spawn(function()
    self:phase(2, load_of("constant-projects", #sources, shared.timeout))
  end)
  return self
end

-- Names of what the database's sample counts by the application's name.
local by_application = { connections = true, ["connections active"] = true, ["connections of one pool"] = true }

-- Where no connection has ever had the name, the pattern fits nothing, and 0 says nothing about the target.
local function is_unknown_application(tracks)
  for _, track in ipairs(tracks) do
    if track.name == "connections" then
      return track.max == 0
    end
  end
  return false
end

function Watch:read(raw)
  local witnessed = self.witnessed
  local unknown = not self.name_known and is_unknown_application(raw.series)
  if unknown then
    self:gap(("no connection to PostgreSQL is called like '%s': say how with witness = { application = … }"):format(
      self.given.application))
  end
  for _, track in ipairs(raw.series) do
    if not (unknown and by_application[track.name]) then
      table.insert(witnessed.series, series.of(track, self.zero))
    end
  end
  for _, gap in ipairs(raw.gaps) do
    gap.from, gap.to = gap.from - self.zero, gap.to - self.zero
    table.insert(witnessed.gaps, gap)
  end
  witnessed.more_gaps, witnessed.load = raw.more_gaps, raw.load
  local target = raw.results.target
  if target then
    witnessed.changes = target.problem and metrics.none(target.problem) or metrics.new(target.samples, target.types)
    witnessed.restarts = target.restarts
  end
end

local function stop(self)
  self.crew:stop()
  local killer = core.spawn(function()
    time.sleep(STOP_TIME)
    self.crew:cancel()
  end)
  self.looking:join()
  killer:cancel()
  killer:join()
  local ended = self:phase(3, load_of("per-project-iterations", 1))
  local record = ended and ended.records.witnessed and ended.records.witnessed[1]
  if record then
    self:read(record.value)
  elseif ended then
    self:gap(("its last look failed: %s"):format(ended.errors[1] and ended.errors[1].message or "no reason given"))
  end
end

--- Takes a last look and ends the sampler. Safe to call twice.
---@param zero number? the instant from which time counts; the beginning of the first look unless told
---@return scalerun.Witnessed
function Watch:finish(zero)
  if self.crew then
    self.zero = zero or self.began
    local ok, err = pcall(stop, self)
    if not ok then
      self:gap(errors.describe(err).message)
    end
    self.crew:close()
    self.crew = nil
  end
  return self.witnessed
end

return watch
