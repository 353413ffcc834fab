---@meta _
-- Made from lua/scalerun/judge/share.lua by scripts/annotations: change it there.

---@class scale.ShareMatchers
local Share = {}

---@class scale.EvenOptions
---@field among string[]? the names of all that must have a share: who got nothing is not among the counts
---@field expected table<string, number>? shares in any unit; equal ones unless told
---@field within number|string|nil how far a share may be off: 0.05 unless told, 5 points

--- That the shares are as expected. Passes when every share is within the tolerance; fails when one is not and chance
--- does not explain it (χ² test, p < 0.01); too few counts for either are inconclusive.
---@param options scale.EvenOptions?
function Share:even(options) end
