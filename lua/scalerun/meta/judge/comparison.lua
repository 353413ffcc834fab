---@meta _
-- Made from lua/scalerun/judge/comparison.lua by scripts/annotations: change it there.

---@class scale.RoundSeen what was seen of one arm in one round: ops, projects, iterations, duration

---@class scale.Compared
---@field baseline string the arm that is compared against: "solo"
---@field load string the other one: "all"
---@field rounds integer
---@field first integer? rounds that are made in any case
---@field most integer? rounds that are made at most
---@field arms table<string, scale.RoundSeen[]>

---@class scale.CompareQuery
---@field series string of operations: "ids.reserve", "iteration"
---@field statistic string? "mean" unless told; "p95", "rate", …
---@field from "start"|"schedule"|nil when the latency of an operation begins: "start" unless told
---@field project string? the load's numbers are those of this project
---@field phase string? whose comparison, where several phases have one

---@class scale.Comparisons: { [string]: scale.Compared }
local Comparisons = {}

--- The paired ratio of load over baseline: run:expect("…"):ratio(seen.compare:ratio { series = "ids.reserve" }).
---@param query scale.CompareQuery
---@return scale.Ratio
function Comparisons:ratio(query) end
