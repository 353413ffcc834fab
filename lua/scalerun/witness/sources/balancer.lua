--- What the sampler sees of the load balancer: its statistics, over a connection of its own.
local balancer = require "scalerun.run.balancer"
local haproxy = require "scalerun.haproxy"

local source = {}

source.connections = 1

local totals = { "requests", "errors", "resent" }

---@param given { balancer: { stats_url: string }, timeout: number }
function source.open(given)
  local last
  local grown = { requests = {}, errors = {}, resent = {} }

  -- From look to look, so that a restart loses no more than what was counted since the last one.
  local function add(now)
    for _, server in ipairs(now:since(last or now).servers) do
      for _, key in ipairs(totals) do
        local counts = grown[key]
        counts[server.name] = (counts[server.name] or 0) + server[key]
      end
    end
    last = now
  end

  return {
    sample = function()
      local now = balancer.stats(haproxy.stats(given.balancer.stats_url, { timeout = given.timeout, name = "witness" }))
      add(now)
      local values, active = {}, {}
      for _, server in ipairs(now.servers) do
        active[server.name] = (active[server.name] or 0) + server.active
      end
      for name, count in pairs(active) do
        values[#values + 1] = { "active " .. name, count }
        values[#values + 1] = { "requests " .. name, grown.requests[name] }
        values[#values + 1] = { "errors " .. name, grown.errors[name] }
        values[#values + 1] = { "resent " .. name, grown.resent[name] }
      end
      table.sort(values, function(a, b)
        return a[1] < b[1]
      end)
      return values
    end,
    close = function() end,
  }
end

return source
