---@meta _
-- Made from lua/scalerun/witness/prometheus.lua by scripts/annotations: change it there.

---@class scalerun.Sample
---@field name string
---@field labels table<string, string>
---@field value number
