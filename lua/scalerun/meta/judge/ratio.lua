---@meta _
-- Made from lua/scalerun/judge/ratio.lua by scripts/annotations: change it there.

---@class scale.RatioMatchers
local Ratio = {}

---@class scale.RatioLimit
---@field band number|string|nil how far beyond the limit is tolerated: 0.05 or "5%"

--- That the load does not exceed the limit: 1.10, or "+10%". Passes when the whole interval is below it, fails when the
--- whole interval is above it (with a band: above limit + band), else it is inconclusive.
---@param limit number|string
---@param options scale.RatioLimit?
function Ratio:below(limit, options) end

--- That the load does not fall under the limit: 0.95, or "-5%".
---@param limit number|string
---@param options scale.RatioLimit?
function Ratio:above(limit, options) end
