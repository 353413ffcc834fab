---@meta _
-- Made from lua/scalerun/stats/shares.lua by scripts/annotations: change it there.

---@class scale.ChiSquare
---@field statistic number
---@field df integer degrees of freedom
---@field p number how likely chance alone deviates as much
---@field least number the smallest expected count: below 5 the test is not to be relied on
---@field expected number[] counts
