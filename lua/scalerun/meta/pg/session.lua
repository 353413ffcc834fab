---@meta _
-- Made from lua/scalerun/pg/session.lua by scripts/annotations: change it there.

---@class scale.pg.Result: table[] the rows, each keyed by column name
---@field count integer rows affected or returned
---@field columns string[]
---@field command string "SELECT", "INSERT", …

---@class scale.pg.Session
local Session = {}

--- A connection. It closes itself as a to-be-closed variable (`local db <close> = …`).
---@class scale.pg.Connection: scale.pg.Session
local Connection = {}

--- What a transaction's function is given.
---@class scale.pg.Transaction: scale.pg.Session
local Transaction = {}

--- The same session with another timeout or another series in the metrics.
---@param given { timeout: number|string?, name: string? }
---@return scale.pg.Session
function Session:with(given) end

--- Runs one statement.
---@param sql string
---@param ... any its parameters
---@return scale.pg.Result
function Session:query(sql, ...) end

--- The one row of a query; any other number of rows is an error of kind "rows".
---@param sql string
---@param ... any
---@return table<string, any> row
---@return scale.pg.Result
function Session:one(sql, ...) end

--- The one value of a query: one row of one column.
---@param sql string
---@param ... any
---@return any
function Session:value(sql, ...) end

--- Runs one or more statements without parameters, separated by semicolons. Outside a transaction they are one:
--- all or nothing.
---@param sql string
---@return scale.pg.Result result of the last one
function Session:exec(sql) end

---@class scale.pg.Pipeline
local Pipeline = {}

--- Adds a query; it is sent when the function of pipeline returns.
---@param sql string
---@param ... any
---@return integer index of its result
function Pipeline:query(sql, ...) end

--- Sends many queries without waiting for the answers between them. Outside a transaction each is its own; one that
--- fails leaves the others alone, and its error stands in its place in the list.
---
--- ```lua client
--- local results = db:pipeline(function(p)
---   p:query("UPDATE tasks SET updated_at = now() WHERE project_id = $1", "alpha")
---   p:query("UPDATE tasks SET updated_at = now() WHERE project_id = $1", "beta")
--- end)
--- assert(results.failed == 0)
--- ```
---@param fn fun(p: scale.pg.Pipeline)
---@return (scale.pg.Result|scalerun.Error)[] results with a field `failed`, the number of errors among them
function Session:pipeline(fn) end

--- Loads rows with COPY, in one go: all of them or none. A row is a list of values in the order of the columns, or a
--- table keyed by their names; what is missing is NULL.
---@param name string table, or "schema.table"
---@param columns string[]
---@param rows table[]|fun(): table? a list, or a function that returns the next row and nil at the end
---@return integer count
function Session:copy(name, columns, rows) end

---@class scale.pg.TransactionOptions
---@field isolation "read committed"|"repeatable read"|"serializable"|"read uncommitted"|"default"|nil
---@field read_only boolean?
---@field deferrable boolean?

--- Runs the function in a transaction: committed when it returns, rolled back when it raises or its task is cancelled;
--- the error goes on. Other tasks' statements on the connection wait meanwhile. Nothing is tried again: a
--- serialization failure is an error with detail "40001".
---
--- ```lua client
--- local count = db:transaction({ isolation = "serializable" }, function(tx)
---   return tx:value("SELECT count(*) FROM tasks WHERE project_id = $1", "alpha")
--- end)
--- ```
---@param given scale.pg.TransactionOptions|fun(tx: scale.pg.Transaction): ...
---@param fn (fun(tx: scale.pg.Transaction): ...)?
---@return ... what the function returned
function Connection:transaction(given, fn) end

---@class scale.pg.Notice
---@field severity string "NOTICE", "WARNING", …
---@field sqlstate string
---@field message string

--- Takes out what the server has remarked since the last call; the newest 64 are kept.
---@return scale.pg.Notice[]
---@return integer lost how many were not kept, since the connection began
function Connection:notices() end

--- The process that serves this connection, as in pg_stat_activity.
---@return integer pid
function Connection:pid() end

--- The server's version: 150013 for 15.13.
---@return integer
function Connection:server_version() end

--- Whether statements can be sent.
---@return boolean
function Connection:is_open() end

--- Closes the connection; statements under way fail. Safe to call again.
function Connection:close() end
