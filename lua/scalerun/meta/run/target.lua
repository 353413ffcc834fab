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

--- /metrics of all replicas, read now. Raises when one of them does not answer, unless told that those which do are
--- enough.
---
--- ```lua verify
--- local before = run.target:metrics()
--- run.target:health()
--- local hits = run.target:metrics():since(before):sum("mcp_resource_cache_hits_total")
--- ```
---@param given { partial: boolean? }?
---@return scale.Metrics
function Target:metrics(given) end

--- What the target counted while the projects' phases ran: counters' increases from a look before the first phase
--- over those in between to one after the last, so that a replica's restart loses no more than one interval; gauges
--- as they were last. Without any series before verify, when nobody looked, and where the counts of a replica that
--- served the projects are missing: `problem` says why.
---@return scale.Metrics
function Target:during() end

--- Makes the target number the type's ids from 001 again. In a deployment that scalerun did not start this
--- would give out ids that are in use, so that it must be allowed: --set allow_reset=yes.
---@param kind string "US"
function Target:reset_ids(kind) end
