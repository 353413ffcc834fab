---@meta _
-- Made from lua/scalerun/target/recording.lua by scripts/annotations: change it there.

---@class scalerun.Recorded how an operation of a client stands in the history
---@field kind string
---@field f string
---@field value (fun(data: table): any, string?)? what came out, and the key, where only the answer tells it
