--- A pool of connections, with the methods of one.
local errors = require "scalerun.errors"
local options = require "scalerun.options"
local session = require "scalerun.pg.session"
local check = errors.check

---@class scale.pg.Pool
---@field one fun(self: scale.pg.Pool, sql: string, ...: any): table<string, any>, scale.pg.Result the query's one row
---@field value fun(self: scale.pg.Pool, sql: string, ...: any): any its one value
---@field package raw userdata
---@field package timeout number|string
---@field package acquire_timeout number|string
---@field package name string
local Pool = { one = session.methods.one, value = session.methods.value }
Pool.__index = Pool

-- A connection; closing it gives it back.
local function acquire(self, shared)
  return check(self.raw:acquire(self.acquire_timeout, shared))
end

-- Runs a method of a connection that is this task's alone.
local function alone(self, method, ...)
  local raw <close> = acquire(self, false)
  local connection = session.connection(raw, self.timeout, self.name)
  local results = table.pack(connection[method](connection, ...))
  return table.unpack(results, 1, results.n)
end

---@package
---@param raw userdata
---@param timeout number|string
---@param acquire_timeout number|string
---@param name string
---@return scale.pg.Pool
function Pool.new(raw, timeout, acquire_timeout, name)
  return setmetatable({ raw = raw, timeout = timeout, acquire_timeout = acquire_timeout, name = name }, Pool)
end

--- The same pool with other timeouts or another series in the metrics.
---@param given { timeout: number|string?, acquire_timeout: number|string?, name: string? }
---@return scale.pg.Pool
function Pool:with(given)
  options.check("pg.with", given, { timeout = "number|string", acquire_timeout = "number|string", name = "string" })
  return Pool.new(
    self.raw,
    given.timeout or self.timeout,
    given.acquire_timeout or self.acquire_timeout,
    given.name or self.name
  )
end

--- Runs one statement on a free connection.
---@param sql string
---@param ... any its parameters
---@return scale.pg.Result
function Pool:query(sql, ...)
  local raw <close> = acquire(self, true)
  local result = check(raw:query(self.timeout, self.name, sql, ...))
  return result
end

--- Several statements without parameters: see scale.pg.Session.exec.
---@param sql string
---@return scale.pg.Result
function Pool:exec(sql)
  return alone(self, "exec", sql)
end

--- Many queries on one connection: see scale.pg.Session.pipeline.
---@param fn fun(p: scale.pg.Pipeline)
---@return (scale.pg.Result|scalerun.Error)[]
function Pool:pipeline(fn)
  return alone(self, "pipeline", fn)
end

--- See scale.pg.Session.copy.
---@param name string
---@param columns string[]
---@param rows table[]|fun(): table?
---@return integer count
function Pool:copy(name, columns, rows)
  return alone(self, "copy", name, columns, rows)
end

--- A transaction on a connection that is this task's meanwhile: see scale.pg.Connection.transaction.
---@param given scale.pg.TransactionOptions|fun(tx: scale.pg.Transaction): ...
---@param fn (fun(tx: scale.pg.Transaction): ...)?
---@return ...
function Pool:transaction(given, fn)
  return alone(self, "transaction", given, fn)
end

---@class scale.pg.PoolStats
---@field size integer
---@field open integer connections
---@field lent integer
---@field connecting integer
---@field waiting integer tasks
---@field max_lent integer connections at once, so far
---@field timeouts integer waits that ended at acquire_timeout
---@field discarded integer connections that broke, or came back in a transaction block

--- What the pool does at this moment, and did so far.
---@return scale.pg.PoolStats
function Pool:stats()
  return self.raw:stats()
end

--- Closes all connections; statements under way and tasks that wait fail. Safe to call again.
function Pool:close()
  self.raw:close()
end

Pool.__close = Pool.close

return Pool
