--- Concurrent tasks within one project (or the conductor): they take turns where they wait.
local core = require "scalerun.core.task"

---@class scale.task
local task = {}

---@class scalerun.Task
---@field package handle userdata
local Task = {}
Task.__index = Task

--- Starts fn(...) beside the caller; it first runs when the caller waits.
---@param fn function
---@param ... any what fn is given
---@return scalerun.Task
function task.spawn(fn, ...)
  return setmetatable({ handle = core.spawn(fn, ...) }, Task)
end

--- Waits for the task's end and returns what it returned; raises what it raised.
---@return any ...
function Task:join()
  local results = table.pack(self.handle:join())
  if not results[1] then
    error(results[2], 0)
  end
  return table.unpack(results, 2, results.n)
end

--- Waits for the task's end; does not raise.
---@return boolean ok
---@return any ... its results, or the error
function Task:wait()
  return self.handle:join()
end

--- Asks the task to end: what it waits for raises an error of kind "cancel".
function Task:cancel()
  self.handle:cancel()
end

--- Whether it has ended.
---@return boolean
function Task:done()
  return self.handle:done()
end

--- Runs all functions at once and waits for all of them, also when one raises; then raises the first error.
---@param functions function[]
---@return any[] results the first result of each, in order
function task.all(functions)
  local handles, results, failure = {}, {}, nil
  for index, fn in ipairs(functions) do
    handles[index] = core.spawn(fn)
  end
  for index, handle in ipairs(handles) do
    local ok, value = handle:join()
    if ok then
      results[index] = value
    else
      failure = failure or { value }
    end
  end
  if failure then
    error(failure[1], 0)
  end
  return results
end

--- How many tasks of this state have not ended.
---@return integer
function task.count()
  return core.count()
end

return task
