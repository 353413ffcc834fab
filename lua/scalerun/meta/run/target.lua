---@meta _
-- Made from lua/scalerun/run/target.lua by scripts/annotations: change it there.

---@class scale.RunTarget
---@field url string
---@field id string who asks, in error messages
---@field http table client without a key
local Target = {}

--- GET /health: status, version, uptime_seconds, dependencies.
---@return table
function Target:health() end

--- Makes the target number the type's ids from 001 again. In a deployment that scalerun did not start this
--- would give out ids that are in use, so that it must be allowed: --set allow_reset=yes.
---@param kind string "US"
function Target:reset_ids(kind) end
