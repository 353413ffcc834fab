--- Runs the steps of a scenario so that each ends in time, or early when the user asks.
local time = require "scalerun.core.time"
local core = require "scalerun.core.task"

---@class scalerun.Control
---@field interrupted integer? the signal that asked the run to end
---@field private stop fun()? ends what runs now
local Control = {}
Control.__index = Control

local control = {}

---@return scalerun.Control
function control.new()
  return setmetatable({}, Control)
end

--- Called from the signal's task: ends what runs now, and nothing but clean-up begins any more.
---@param signal integer
function Control:interrupt(signal)
  self.interrupted = self.interrupted or signal
  if self.stop then
    self.stop()
  end
end

--- Does fn(...) while `stop` can end it early; stop is called on an interrupt, and once `seconds` are over.
--- fn runs in the caller's task.
---@param seconds number math.huge for no limit
---@param stop fun()
---@param fn function
---@return "done"|"interrupted"|"timeout" outcome how it came to its end
---@return any ... what fn returned
function Control:guard(seconds, stop, fn, ...)
  if self.interrupted then
    return "interrupted"
  end
  local timed_out = false
  local watchdog = seconds < math.huge and core.spawn(function()
    time.sleep(seconds)
    timed_out = true
    stop()
  end)
  self.stop = stop
  local results = table.pack(pcall(fn, ...))
  self.stop = nil
  if watchdog then
    watchdog:cancel()
    watchdog:join()
  end
  if not results[1] then
    error(results[2], 0)
  end
  return self.interrupted and "interrupted" or timed_out and "timeout" or "done", table.unpack(results, 2, results.n)
end

--- Runs fn(...) as a task of its own.
---@param seconds number
---@param fn function
---@return "done"|"failed"|"interrupted"|"timeout" outcome
---@return any value what fn returned, or the error that it raised
function Control:call(seconds, fn, ...)
  if self.interrupted then
    return "interrupted"
  end
  local handle = core.spawn(fn, ...)
  local outcome, ok, value = self:guard(seconds, function()
    handle:cancel()
  end, handle.join, handle)
  if outcome == "done" and not ok then
    return "failed", value
  end
  return outcome, value
end

--- As call, for clean-up: runs after an interrupt too, and is not ended by one.
---@param seconds number
---@param fn function
---@return "done"|"failed"|"timeout" outcome
---@return any value
function control.clean_up(seconds, fn, ...)
  return control.new():call(seconds, fn, ...)
end

return control
