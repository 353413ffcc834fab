---@meta _
-- Made from lua/scalerun/run/seen.lua by scripts/annotations: change it there.

---@class scale.Ops
---@field ok integer? operations that succeeded; nil when none was measured
---@field failed integer?
---@field count integer?
--- ops["ids.reserve"] has ok, failed, errors (kind → count), min, max, mean, stddev, p50, p90, p95, p99, p999 (seconds)

---@class scale.Seen
---@field ops scale.Ops
---@field iterations integer
---@field projects table[] id, iterations, failed, ops of each project
---@field steps scalerun.Step[] what projects walked through, in order; ops has their series
---@field phases table<string, scale.Seen> the same for each phase alone
--- Every other name is a list of what was recorded under it, empty when nothing was.
