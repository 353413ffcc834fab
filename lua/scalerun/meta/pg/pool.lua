---@meta scalerun.pg.pool
-- Made from lua/scalerun/pg/pool.lua by scripts/annotations: change it there.

--- A pool of connections, with the methods of one.

---@class scale.pg.Pool
---@field one fun(self: scale.pg.Pool, sql: string, ...: any): table<string, any>, scale.pg.Result the query's one row
---@field value fun(self: scale.pg.Pool, sql: string, ...: any): any its one value
local Pool = {}

--- The same pool with other timeouts or another series in the metrics.
---@param given { timeout: number|string?, acquire_timeout: number|string?, name: string? }
---@return scale.pg.Pool
function Pool:with(given) end

--- Runs one statement on a free connection.
---@param sql string
---@param ... any its parameters
---@return scale.pg.Result
function Pool:query(sql, ...) end

--- Several statements without parameters: see scale.pg.Session.exec.
---@param sql string
---@return scale.pg.Result
function Pool:exec(sql) end

--- Many queries on one connection: see scale.pg.Session.pipeline.
---@param fn fun(p: scale.pg.Pipeline)
---@return (scale.pg.Result|scalerun.Error)[]
function Pool:pipeline(fn) end

--- See scale.pg.Session.copy.
---@param name string
---@param columns string[]
---@param rows table[]|fun(): table?
---@return integer count
function Pool:copy(name, columns, rows) end

--- A transaction on a connection that is this task's meanwhile: see scale.pg.Connection.transaction.
---@param given scale.pg.TransactionOptions|fun(tx: scale.pg.Transaction): ...
---@param fn (fun(tx: scale.pg.Transaction): ...)?
---@return ...
function Pool:transaction(given, fn) end

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
function Pool:stats() end

--- Closes all connections; statements under way and tasks that wait fail. Safe to call again.
function Pool:close() end

return Pool
