--- The conductor's view of the project threads: start a crew, run phases, close it.
local crew = require "scalerun.core.crew"
local signal = require "scalerun.core.signal"

local host = {}

--- Calls fn(number) as a task whenever the process is asked to end (SIGINT, SIGTERM, SIGHUP).
---@param fn fun(number: integer)|nil nil: the main task is cancelled instead
host.on_signal = signal.on

--- The names of the executors.
---@return string[]
host.executors = crew.executors

---@class scalerun.Crew
---@field private raw userdata
local Crew = {}
Crew.__index = Crew

---@class scalerun.CrewOptions
---@field script string? absolute path of the scenario
---@field module string? in place of a script: a module that has phases
---@field projects table[] each with an id, and any other plain data for its project object
---@field threads integer? at most so many threads; more projects share them
---@field seed integer
---@field shared table? plain data that every project gets

-- What went wrong in one of the projects, or nil.
local function first_error(results)
  for _, result in ipairs(results) do
    local err = result.error or (result.answer and result.answer.error)
    if err then
      err.project = result.id
      return err
    end
  end
end

--- Starts a thread per project and loads the script in each. Waits.
---@param options scalerun.CrewOptions
---@return scalerun.Crew? crew
---@return table? err with kind, message, project, traceback
function host.start(options)
  local projects = {}
  for i, project in ipairs(options.projects) do
    projects[i] = {
      id = project.id,
      info = { script = options.script, module = options.module, project = project, shared = options.shared or {} },
    }
  end
  local raw, err = crew.new { projects = projects, threads = options.threads, seed = options.seed }
  if not raw then return nil, err end
  local results
  results, err = raw:open()
  err = err or first_error(results)
  if err then
    raw:close()
    return nil, err
  end
  return setmetatable({ raw = raw }, Crew)
end

---@class scalerun.PhaseOptions
---@field index integer which of the scenario's phases
---@field load table executor, users, iterations, duration, start
---@field data any plain data: what setup returned

--- Runs one phase in every project at once. Waits until all have ended.
---@param options scalerun.PhaseOptions
---@return table? result started, ended, skew (seconds), projects
---@return table? err
function Crew:phase(options)
  local load = options.load
  local results, err = self.raw:phase(load, { index = options.index, data = options.data })
  err = err or first_error(results)
  if err then return nil, err end
  local first, last, ended = math.huge, 0, 0
  local projects = {}
  for i, result in ipairs(results) do
    first, last = math.min(first, result.started), math.max(last, result.started)
    ended = math.max(ended, result.ended)
    local answer = result.answer
    projects[i] = {
      id = result.id,
      started = result.started,
      ended = result.ended,
      iterations = result.iterations,
      failed = result.failed,
      records = answer.records,
      steps = answer.steps,
      errors = answer.errors,
      error_count = answer.error_count,
      metrics = result.metrics,
      history = result.history,
    }
  end
  return { started = first, ended = ended, skew = last - first, projects = projects }
end

--- How far each project is, while a phase runs: id, iterations, failed.
function Crew:progress()
  return self.raw:progress()
end

--- Starts no more iterations; the phase returns when those under way have ended.
function Crew:stop()
  self.raw:stop()
end

--- Ends the iterations under way as well.
function Crew:cancel()
  self.raw:cancel()
end

--- Ends the threads. Waits. Safe to call twice.
function Crew:close()
  return self.raw:close()
end

Crew.__close = Crew.close

return host
