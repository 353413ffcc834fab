--- What the sampler sees of Redis: one INFO over one connection of its own.
local redis_info = require "scalerun.witness.redis_info"

local source = {}

source.connections = 1

---@param given { cache: string, timeout: number }
function source.open(given)
  local client = require("scalerun.redis").connect(given.cache, {
    timeout = given.timeout, connect_timeout = given.timeout, name = "witness",
  })
  return {
    sample = function()
      local info = redis_info.parse(client:call("INFO"))
      return {
        { "cache memory", info.used_memory, "bytes" },
        { "cache clients", info.connected_clients },
      }
    end,
    close = function()
      client:close()
    end,
  }
end

return source
