---@meta scalerun.task
-- Made from lua/scalerun/task.lua by scripts/annotations: change it there.

--- Concurrent tasks within one project (or the conductor): they take turns where they wait.

---@class scale.task
local task = {}

---@class scalerun.Task
local Task = {}

--- Starts fn(...) beside the caller; it first runs when the caller waits.
---@param fn function
---@param ... any what fn is given
---@return scalerun.Task
function task.spawn(fn, ...) end

--- Waits for the task's end and returns what it returned; raises what it raised.
---@return any ...
function Task:join() end

--- Waits for the task's end; does not raise.
---@return boolean ok
---@return any ... its results, or the error
function Task:wait() end

--- Asks the task to end: what it waits for raises an error of kind "cancel".
function Task:cancel() end

--- Whether it has ended.
---@return boolean
function Task:done() end

--- Runs all functions at once and waits for all of them, also when one raises; then raises the first error.
---@param functions function[]
---@return any[] results the first result of each, in order
function task.all(functions) end

--- How many tasks of this state have not ended.
---@return integer
function task.count() end

return task
