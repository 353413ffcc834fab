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
---@field load scale.Load checked
---@field data any plain data: what setup returned
---@field projects string[]? ids of those that take part; all unless told
---@field arm string? of a comparison

---@class scalerun.PhaseProject seconds, where it is a duration
---@field id string
---@field started number
---@field ended number
---@field iterations integer that ended; these and all other numbers leave the warm-up out
---@field failed integer
---@field late integer started later than max_late
---@field dropped integer never started: all users were busy for longer than max_late
---@field warmup { iterations: integer, failed: integer }
---@field gc { count: integer, total: number, longest: number, unmeasured: integer } pauses of the Lua collector
---@field loop_longest number longest turn of the event loop
---@field loop_busy number
---@field cpu number of the thread
---@field metrics userdata the series "lateness" among them
---@field history userdata

---@class scalerun.PhaseResult
---@field started number
---@field ended number
---@field skew number between the first and the last project that started
---@field projects scalerun.PhaseProject[]

-- What the worker module's answer tells of a project.
local told = { "records", "steps", "errors", "error_count" }

--- Runs one phase in every project at once. Waits until all have ended.
---@param options scalerun.PhaseOptions
---@return scalerun.PhaseResult? result
---@return table? err
function Crew:phase(options)
  local results, err = self.raw:phase(options.load, {
    index = options.index,
    data = options.data,
    arm = options.arm,
    think = options.load.think,
  }, options.projects)
  err = err or first_error(results)
  if err then return nil, err end
  local first, last, ended = math.huge, 0, 0
  for _, project in ipairs(results) do
    first, last = math.min(first, project.started), math.max(last, project.started)
    ended = math.max(ended, project.ended)
    local answer = project.answer
    project.answer = nil
    for _, name in ipairs(told) do
      project[name] = answer[name]
    end
  end
  return { started = first, ended = ended, skew = last - first, projects = results }
end

---@class scalerun.Live
---@field id string
---@field iterations integer ended so far, without those of the warm-up
---@field failed integer
---@field late integer
---@field dropped integer
---@field warmup { iterations: integer, failed: integer }
---@field total integer? how many it is to run, those of the warm-up included, where that is known
---@field done boolean
---@field metrics userdata? what it has measured so far: a copy

--- How far each project of the phase that runs is.
---@param with_metrics boolean? copies each project's metrics: some milliseconds for each
---@return scalerun.Live[]
function Crew:live(with_metrics)
  return self.raw:live(with_metrics)
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
