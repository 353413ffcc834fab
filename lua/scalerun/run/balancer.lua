--- run.balancer: the HAProxy before the target's replicas, as a witness.
local haproxy = require "scalerun.haproxy"

---@class scale.RunBalancer
---@field url string of its statistics
local Balancer = {}
Balancer.__index = Balancer

---@class scale.BalancerStats
---@field servers scale.BalancerServer[]
local Stats = {}
Stats.__index = Stats

local balancer = {}

---@param stats_url string as haproxy.stats takes it
---@return scale.RunBalancer
function balancer.new(stats_url)
  return setmetatable({ url = stats_url }, Balancer)
end

--- @param servers scale.BalancerServer[]
---@return scale.BalancerStats
function balancer.stats(servers)
  return setmetatable({ servers = servers }, Stats)
end

--- What it says now about each server.
---
--- ```lua verify
--- local before = run.balancer:stats()
--- run.target:health()
--- local shares = run.balancer:stats():since(before):requests() -- { a = 34, b = 33, c = 33 }
--- ```
---@return scale.BalancerStats
function Balancer:stats()
  return balancer.stats(haproxy.stats(self.url, { name = "witness" }))
end

--- One server by its name, or by "backend/name" where two backends have one of that name; nil when there is none.
---@param name string
---@return scale.BalancerServer?
function Stats:server(name)
  for _, server in ipairs(self.servers) do
    if server.name == name or ("%s/%s"):format(server.backend, server.name) == name then
      return server
    end
  end
end

--- The requests that each server was given, by the server's name; same names in several backends are added up.
---@return table<string, integer>
function Stats:requests()
  local counts = {}
  for _, server in ipairs(self.servers) do
    counts[server.name] = (counts[server.name] or 0) + server.requests
  end
  return counts
end

local counters = { "requests", "errors", "resent" }

--- The increase of requests, errors and resent since an earlier time; the rest as it is now. When the balancer was
--- started anew in between, what it has counted since then. A server that was not there before counts from 0.
---@param earlier scale.BalancerStats
---@return scale.BalancerStats
function Stats:since(earlier)
  local before, restarted = {}, false
  for _, server in ipairs(earlier.servers) do
    before[server.backend .. "/" .. server.name] = server
  end
  for _, server in ipairs(self.servers) do
    local old = before[server.backend .. "/" .. server.name]
    for _, key in ipairs(counters) do
      restarted = restarted or (old ~= nil and server[key] < old[key])
    end
  end
  local servers = {}
  for index, server in ipairs(self.servers) do
    local old = not restarted and before[server.backend .. "/" .. server.name]
    servers[index] = {}
    for key, value in pairs(server) do
      servers[index][key] = value
    end
    for _, key in ipairs(old and counters or {}) do
      servers[index][key] = server[key] - old[key]
    end
  end
  return balancer.stats(servers)
end

return balancer
