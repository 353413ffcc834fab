---@meta _
-- Made from lua/scalerun/run/cache.lua by scripts/annotations: change it there.

---@class scale.RunCache: scale.Redis
local Cache = {}

--- INFO, read: numbers are numbers, and "keys=3,expires=0" is a table: info().used_memory, info().db0.keys.
---@param section string? "memory", "stats", …; the usual sections unless told
---@return table<string, any>
function Cache:info(section) end

--- The keys that match a pattern, sorted, each once. Found by SCAN, which leaves the server time for others (KEYS
--- does not): keys that come or go meanwhile may be among them or not.
---@param pattern string? "queue:*"; every key unless told
---@param given { most: integer? }? more keys than these are an error: 1,000,000
---@return string[]
function Cache:keys(pattern, given) end

--- The bytes that a key takes in memory (MEMORY USAGE, every element counted); nil when there is no such key.
---@param key string
---@return integer?
function Cache:memory(key) end

--- Closes the connection. Safe to call again.
function Cache:close() end
