--- What operations took: named series of counts and latencies. HTTP, PostgreSQL and Redis operations are counted
--- by themselves; scripts add their own. In verify, seen.ops has them all.
local core = require "scalerun.core.metrics"
local time = require "scalerun.core.time"

---@class scale.metrics
local metrics = {}

---@class scale.Latencies seconds
---@field min number
---@field max number
---@field mean number
---@field stddev number
---@field p50 number
---@field p90 number
---@field p95 number
---@field p99 number
---@field p995 number
---@field p999 number

---@class scale.Series: scale.Latencies
---@field ok integer
---@field failed integer
---@field errors table<string, integer> how many failed, by kind
---@field count integer
---@field scheduled scale.Latencies? the same counted from the schedule; nil where all began when they were due

--- Counts an operation of the script's own.
---@param name string of the series; the same for all operations of a kind, without ids
---@param duration number|string how long it took
---@param failure string? a short word for why it failed: "timeout"
function metrics.record(name, duration, failure)
  core.current():record(name, duration, failure)
end

local function kind_of(err)
  return type(err) == "table" and type(err.kind) == "string" and err.kind or "error"
end

--- Runs fn(...) and counts it with the time it took; when it raises it counts as failed, and the error goes on.
---@param name string
---@param fn function
---@param ... any what fn is given
---@return any ... what fn returns
function metrics.measure(name, fn, ...)
  local began = time.now()
  local results = table.pack(pcall(fn, ...))
  local duration = time.now() - began
  metrics.record(name, duration, not results[1] and kind_of(results[2]) or nil)
  if not results[1] then
    error(results[2], 0)
  end
  return table.unpack(results, 2, results.n)
end

--- The numbers of a series of this project so far; nil when nothing was counted under that name.
---@param name string
---@return scale.Series?
function metrics.get(name)
  return core.current():get(name)
end

--- A percentile in seconds; nil when nothing was counted under that name.
---@param name string
---@param percent number 0 to 100
---@return number?
function metrics.percentile(name, percent)
  return core.current():percentile(name, percent)
end

--- The names of this project's series.
---@return string[]
function metrics.series()
  return core.current():series()
end

return metrics
