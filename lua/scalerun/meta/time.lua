---@meta scalerun.time
-- Made from lua/scalerun/time.lua by scripts/annotations: change it there.

--- Clocks and waiting. Durations are seconds as numbers, or strings with a unit: "200ms", "1.5s", "2m".

---@class scale.time
local time = {}

--- Seconds of a clock that only moves forward; intervals are differences of it.
---@return number
function time.now() end

--- The same clock in nanoseconds.
---@return integer
function time.now_ns() end

--- Seconds since 1970: for people and logs, not for intervals.
---@return number
function time.wall() end

--- "2026-11-23T12:00:00.000Z" for a time of wall(), or for now.
---@param wall number?
---@return string
function time.text(wall) end

--- Seconds of a duration; raises when it is none.
---@param duration number|string
---@return number
function time.duration(duration) end

--- Waits. Raises when the task is cancelled meanwhile.
---@param duration number|string
---@param spin number|string? the last part of the wait (at most 1 ms) that is spent spinning, for precision
function time.sleep(duration, spin) end

--- Waits until an instant of now(); returns at once when it is past.
---@param instant number
---@param spin number|string?
function time.sleep_until(instant, spin) end

return time
