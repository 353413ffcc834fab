---@meta _
-- Made from lua/scalerun/run/seen.lua by scripts/annotations: change it there.

---@class scale.Ops
---@field ok integer? operations that succeeded; nil when none was measured
---@field failed integer?
---@field count integer?
---@field [string] scale.Series ops["ids.reserve"]: one kind of operation; empty when none was measured

---@class scale.Seen
---@field ops scale.Ops
---@field iterations integer
---@field projects table[] id, iterations, failed, ops and metrics of each project
---@field steps scalerun.Step[] what projects walked through, in order; ops has their series
---@field history scale.History every operation that was recorded
---@field phases table<string, scale.Seen> the same for each phase alone
---@field span { from: number, to: number }? of a phase: when it ran, in seconds since the first phase began
---@field [string] any[] every other name: the list of what was recorded under it, empty when nothing was
