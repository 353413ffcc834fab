---@meta _
-- Made from lua/scalerun/history/found.lua by scripts/annotations: change it there.

---@class scalerun.Found
---@field verdict string
---@field observed string
---@field expected string
---@field evidence table[]
