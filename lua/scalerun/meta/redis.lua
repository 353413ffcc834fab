---@meta scalerun.redis
-- Made from lua/scalerun/redis.lua by scripts/annotations: change it there.

--- Redis. Many tasks may share one connection: their commands leave together and each gets its own reply.

---@class scale.redis
local redis = {}

--- A connection. Any command is a method: cache:get(key), cache:hset(key, field, value).
---@class scale.Redis
---@field [string] fun(self: scale.Redis, ...: string|number): any
local Redis = {}

---@class scale.RedisOptions
---@field url string? redis://[[user]:password@]host[:port][/database] or unix:///path
---@field unix string? path of a socket, instead of a URL
---@field host string?
---@field port integer?
---@field user string?
---@field password string?
---@field database integer?
---@field timeout number|string? the most that a command takes: 10 s
---@field connect_timeout number|string? 10 s
---@field reply_max integer? bytes of one reply: 256 MiB
---@field name string? of the series in the metrics: "redis"

--- Connects, authenticates and selects the database.
---@param where string|scale.RedisOptions a URL, or options
---@param given scale.RedisOptions? beside a URL
---@return scale.Redis
function redis.connect(where, given) end

--- Sends a command and returns its reply: strings and states as strings, integers as integers, lists as
--- tables in which scale.null stands for nothing, and nil for nothing at all. An error reply raises an error
--- of kind "server" whose detail is Redis's word for it ("WRONGTYPE").
---@param command string
---@param ... string|number
---@return any reply
function Redis:call(command, ...) end

--- The same with a deadline of its own, for commands that wait: `cache:call_within("30s", "BLPOP", "queue", 25)`.
--- A command that passes its deadline may have been carried out all the same.
---@param timeout number|string
---@param command string
---@param ... string|number
---@return any reply
function Redis:call_within(timeout, command, ...) end

--- Sends many commands at once and returns the list of their replies; error replies are among them as error
--- tables, not raised.
---
--- ```lua client
--- local replies = cache:pipeline { { "SET", "a", 1 }, { "INCR", "a" } }
--- ```
---@param commands table[]
---@param timeout number|string? for all of them
---@return any[]
function Redis:pipeline(commands, timeout) end

--- Whether commands can be sent.
---@return boolean
function Redis:is_open() end

--- Closes the connection; commands under way fail. Safe to call again.
function Redis:close() end

return redis
