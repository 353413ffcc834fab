---@meta _
-- Made from lua/scalerun/errors.lua by scripts/annotations: change it there.

---@class scalerun.Error
---@field kind string a short stable word: "timeout", "status", "missing"
---@field operation string "ids.reserve"
---@field message string what happened and what to do
