--- run.cache: the Redis behind the target, as a witness. Any Redis command is a method too, as of scale.redis.
local errors = require "scalerun.errors"
local options = require "scalerun.options"
local redis_info = require "scalerun.witness.redis_info"

---@class scale.RunCache: scale.Redis
local Cache = {}

local cache = {}

-- A step of SCAN, and the most keys that one call returns.
local STEP, KEYS_MAX = 1000, 1000000

---@param client scale.Redis
---@return scale.RunCache
function cache.new(client)
  return setmetatable({ client = client }, Cache)
end

-- What is not a witness's own is the client's: run.cache:get(key).
function Cache.__index(self, name)
  local own = rawget(Cache, name)
  if own ~= nil then
    return own
  end
  local client = rawget(self, "client")
  local method = client[name]
  return type(method) == "function" and function(_, ...)
    return method(client, ...)
  end or method
end

--- INFO, read: numbers are numbers, and "keys=3,expires=0" is a table: info().used_memory, info().db0.keys.
---@param section string? "memory", "stats", …; the usual sections unless told
---@return table<string, any>
function Cache:info(section)
  return redis_info.parse(section and self.client:call("INFO", section) or self.client:call("INFO"))
end

--- The keys that match a pattern, sorted, each once. Found by SCAN, which leaves the server time for others (KEYS
--- does not): keys that come or go meanwhile may be among them or not.
---@param pattern string? "queue:*"; every key unless told
---@param given { most: integer? }? more keys than these are an error: 1,000,000
---@return string[]
function Cache:keys(pattern, given)
  given = options.check("cache.keys", given, { most = "integer" })
  local most = given.most or KEYS_MAX
  local list, taken, cursor = {}, {}, "0"
  repeat
    local reply = self.client:call("SCAN", cursor, "MATCH", pattern or "*", "COUNT", STEP)
    cursor = tostring(reply[1])
    for _, key in ipairs(reply[2]) do
      if not taken[key] then
        taken[key] = true
        list[#list + 1] = key
      end
    end
    if #list > most then
      error(errors.new {
        kind = "invalid",
        operation = "cache.keys",
        message = ("more than %d keys match %s: give a narrower pattern, or { most = … }"):format(most,
          pattern or "*"),
      }, 0)
    end
  until cursor == "0"
  table.sort(list)
  return list
end

--- The bytes that a key takes in memory (MEMORY USAGE, every element counted); nil when there is no such key.
---@param key string
---@return integer?
function Cache:memory(key)
  return self.client:call("MEMORY", "USAGE", key, "SAMPLES", 0)
end

--- Closes the connection. Safe to call again.
function Cache:close()
  self.client:close()
end

return cache
