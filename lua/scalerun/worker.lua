--- The library's side of a project thread. The host calls open once, then for each phase begin, user
--- (once for each user, all at the same time) and collect.
local core_history = require "scalerun.core.history"
local failures = require "scalerun.judge.failures"
local loader = require "scalerun.loader"
local pauses = require "scalerun.pauses"
local profiles = require "scalerun.profiles"
local project = require "scalerun.project"

local worker = {}

-- Errors beyond these are counted, not kept.
local ERRORS_KEPT = 20

local scenario, info
local phase -- { iteration =, data =, sink =, errors =, error_count = }

local function describe(err)
  if type(err) == "table" then
    return {
      kind = err.kind or "script",
      operation = err.operation,
      message = tostring(err.message or err),
      detail = err.detail,
      traceback = err.traceback,
    }
  end
  local text = tostring(err)
  return { kind = "script", message = text, traceback = debug.traceback(text, 3) }
end

-- Message handler: runs where the error was raised, so that the traceback shows the place.
local function handler(err)
  local described = describe(err)
  described.traceback = described.traceback or debug.traceback(described.message, 2)
  return described
end

--- Loads the script in this project's state, or a module of ours that stands in for one.
---@param given table script or module, project (id and plain data), shared
---@return table answer empty, or with error
function worker.open(given)
  info = given
  profiles.choose(given.shared.profile or profiles.DEFAULT)
  local ok, result = xpcall(given.module and require or loader.load, handler, given.module or given.script)
  if not ok then return { error = result } end
  scenario = result
  return {}
end

local function phase_of(index)
  if scenario.phases then return scenario.phases[index] end
  return scenario
end

--- Makes ready for a phase.
---@param given table index, data, arm, think
---@return table answer
function worker.begin(given)
  if info.project.key then
    core_history.secret(info.project.key)
  end
  phase = {
    iteration = phase_of(given.index).iteration,
    data = given.data,
    arm = given.arm,
    think = given.think,
    sink = project.sink(),
    errors = {},
    error_count = 0,
  }
  return {}
end

-- A failure of the warm-up does not count; a mistake of the script is one wherever it shows.
local function keep_error(err, user, iteration, muted)
  if muted and failures.is_operational(err) then return end
  phase.error_count = phase.error_count + 1
  if #phase.errors >= ERRORS_KEPT then return end
  err.user, err.iteration = user, iteration
  phase.errors[#phase.errors + 1] = err
end

-- How long a user pauses after the iteration, in seconds. The user does not matter: who of several takes which
-- iteration is a matter of chance.
local function thinking(me)
  return phase.think and pauses.seconds(phase.think, me.shared.seed or 0, ("%s/%d/think"):format(me.id, me.iteration))
end

--- A user: runs iterations for as long as there are some.
---@param next fun(failure: string?, think: number?): integer?, boolean? ends the iteration before, pauses, returns the
---  next one's number, and whether it belongs to the warm-up
---@param number integer from 1
function worker.user(next, number)
  local me = project.new(info.project, info.shared, phase.sink)
  me.user, me.data, me.arm = number, phase.data, phase.arm
  local failure, think
  while true do
    local iteration, muted = next(failure, think)
    if not iteration then return end
    me.iteration = iteration
    local ok, err = xpcall(phase.iteration, handler, me)
    failure = nil
    if not ok then
      failure = err.kind
      keep_error(err, number, iteration, muted)
    end
    think = thinking(me)
  end
end

--- What the phase left: records and errors.
---@return table answer
function worker.collect()
  local answer = {
    records = phase.sink.records,
    steps = phase.sink.steps,
    errors = phase.errors,
    error_count = phase.error_count,
  }
  phase = nil
  return answer
end

return worker
