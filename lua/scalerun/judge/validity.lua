--- Whether the generator of the load could be trusted to measure: what it says of itself, against these limits. Past
--- one of them, every check of timing is inconclusive, for what was measured may be the generator itself.
local durations = require "scalerun.durations"

local validity = {}

local function seconds(value)
  return durations.exact(value)
end

local function share(value)
  return ("%.3g %%"):format(100 * value)
end

-- What a phase says of a share of its arrivals.
local function of_arrivals(field)
  return function(phase)
    local arrivals = (phase.iterations or 0) + (phase.dropped or 0)
    return phase[field] and arrivals > 0 and phase[field] / arrivals or nil
  end
end

local function given(field)
  return function(phase)
    return phase[field]
  end
end

--- Seconds. A share of the time says nothing of a phase, or of a project's part in it, so short that it is all work.
validity.LONG_ENOUGH = 1

local function of_time(field)
  return function(phase)
    return (phase.duration or 0) >= validity.LONG_ENOUGH and phase[field] or nil
  end
end

---@class scalerun.Limit
---@field name string
---@field limit number
---@field of fun(phase: scalerun.PhaseRow): number? nil where the phase does not tell
---@field shown fun(value: number): string
---@field text string what it means, for people

--- All limits; shares of the time are those of phases of at least a second. Each says what the generator would
--- otherwise have measured in place of the target.
---@type scalerun.Limit[]
validity.limits = {
  { name = "late starts", limit = 0.01, of = of_arrivals "late", shown = share,
    text = "%s of the iterations started too late, at most %s may" },
  { name = "dropped arrivals", limit = 0.001, of = of_arrivals "dropped", shown = share,
    text = "%s of the arrivals were dropped, at most %s may: the load was not what was asked for" },
  { name = "lateness p99", limit = 0.05, shown = seconds,
    of = function(phase)
      return phase.lateness and (phase.lateness.count or 0) > 0 and phase.lateness.p99 or nil
    end,
    text = "iterations began up to %s (p99) after their time, at most %s is right" },
  { name = "start skew", limit = 0.1, of = given "skew", shown = seconds,
    text = "projects started %s apart, at most %s is together" },
  { name = "loop lag", limit = 0.25, of = given "loop_longest", shown = seconds,
    text = "an event loop was away for %s, at most %s is right" },
  { name = "loop busy", limit = 0.9, of = of_time "loop_busy", shown = share,
    text = "an event loop was busy for %s of the time, at most %s leaves it time to look" },
  { name = "collector pause", limit = 0.1, of = given "gc_longest", shown = seconds,
    text = "Lua's collector paused a project for %s, at most %s is right" },
  { name = "own CPU", limit = 0.9, of = of_time "cpu_share", shown = share,
    text = "a thread of the generator took %s of a processor, at most %s leaves it some" },
  { name = "clock jump", limit = 0.1, of = given "clock_jump", shown = seconds,
    text = "the system's clock jumped by %s, at most %s is right" },
}

---@class scalerun.Validity what the row's `generator` is
---@field verdict "valid"|"invalid"
---@field findings { name: string, observed: number, limit: number, text: string }[]
---@field iterations integer
---@field late integer
---@field dropped integer
---@field start_skew number
---@field gc_longest number
---@field loop_longest number
---@field cpu_share number

local sums = { iterations = "iterations", late = "late", dropped = "dropped" }
local worst = { start_skew = "skew", gc_longest = "gc_longest", loop_longest = "loop_longest", cpu_share = "cpu_share" }

-- What the report tells in any case.
local function numbers(phases)
  local all = {}
  for _, phase in ipairs(phases) do
    for name, field in pairs(sums) do
      all[name] = phase[field] and (all[name] or 0) + phase[field] or all[name]
    end
    for name, field in pairs(worst) do
      all[name] = phase[field] and math.max(all[name] or 0, phase[field]) or all[name]
    end
  end
  return all
end

local function title_of(phase)
  return phase.arm and ("phase %s, %s, round %d"):format(phase.name, phase.arm, phase.round)
    or ("phase %s"):format(phase.name)
end

--- Judges what the phases of a scenario tell of the generator. The worst phase stands for each limit.
---@param phases scalerun.PhaseRow[]
---@return scalerun.Validity
function validity.judge(phases)
  local found = numbers(phases)
  found.findings = {}
  for _, limit in ipairs(validity.limits) do
    local most, where
    for _, phase in ipairs(phases) do
      local value = limit.of(phase)
      if value and (not most or value > most) then
        most, where = value, phase
      end
    end
    if most and most > limit.limit then
      table.insert(found.findings, {
        name = limit.name,
        observed = most,
        limit = limit.limit,
        text = ("%s: %s"):format(title_of(where), limit.text:format(limit.shown(most), limit.shown(limit.limit))),
      })
    end
  end
  found.verdict = #found.findings == 0 and "valid" or "invalid"
  return found
end

return validity
