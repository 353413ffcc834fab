---@meta _
-- Made from lua/scalerun/judge/thresholds/grammar.lua by scripts/annotations: change it there.

---@class scale.Threshold
---@field [1] string the condition: "< 200ms"
---@field abort boolean? ends the phase as soon as it is broken
---@field band number|string|nil of a ratio: how far beyond the limit is tolerated
---@field covers string|string[]|nil the requirements that it judges
