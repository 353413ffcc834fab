---@meta _
-- Made from lua/scalerun/run/balancer.lua by scripts/annotations: change it there.

---@class scale.RunBalancer
---@field url string of its statistics
local Balancer = {}

---@class scale.BalancerStats
---@field servers scale.BalancerServer[]
local Stats = {}

--- What it says now about each server.
---
--- ```lua verify
--- local before = run.balancer:stats()
--- run.target:health()
--- local shares = run.balancer:stats():since(before):requests() -- { a = 34, b = 33, c = 33 }
--- ```
---@return scale.BalancerStats
function Balancer:stats() end

--- One server by its name, or by "backend/name" where two backends have one of that name; nil when there is none.
---@param name string
---@return scale.BalancerServer?
function Stats:server(name) end

--- The requests that each server was given, by the server's name; same names in several backends are added up.
---@return table<string, integer>
function Stats:requests() end

--- The increase of requests, errors and resent since an earlier time; the rest as it is now. When the balancer was
--- started anew in between, what it has counted since then. A server that was not there before counts from 0.
---@param earlier scale.BalancerStats
---@return scale.BalancerStats
function Stats:since(earlier) end
