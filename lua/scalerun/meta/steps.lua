---@meta _
-- Made from lua/scalerun/steps.lua by scripts/annotations: change it there.

---@class scalerun.Step
---@field kind "step"|"think"|"workflow"|"service"
---@field name string
---@field share number? of a pause: the part of the whole that it was declared to take
