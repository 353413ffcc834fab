--- What statements are run on: a connection, or a transaction on it.
local copying = require "scalerun.pg.copying"
local errors = require "scalerun.errors"
local options = require "scalerun.options"
local check = errors.check

---@class scale.pg.Result: table[] the rows, each keyed by column name
---@field count integer rows affected or returned
---@field columns string[]
---@field command string "SELECT", "INSERT", …

---@class scale.pg.Session
---@field package raw userdata
---@field package timeout number|string
---@field package name string
---@field package shared { owner: thread? } who has the connection for itself
local Session = {}
Session.__index = Session

--- A connection. It closes itself as a to-be-closed variable (`local db <close> = …`).
---@class scale.pg.Connection: scale.pg.Session
local Connection = setmetatable({}, { __index = Session })
Connection.__index = Connection

--- What a transaction's function is given.
---@class scale.pg.Transaction: scale.pg.Session
local Transaction = setmetatable({}, { __index = Session })
Transaction.__index = Transaction

local session = { methods = Session }

---@param raw userdata
---@param timeout number|string
---@param name string
---@return scale.pg.Connection
function session.connection(raw, timeout, name)
  return setmetatable({ raw = raw, timeout = timeout, name = name, shared = {} }, Connection)
end

-- The line is that of whoever called the public function.
local function expect(operation, wanted, value, ...)
  for _, kind in ipairs { ... } do
    if type(value) == kind then
      return
    end
  end
  error(("%s: takes %s, not a %s"):format(operation, wanted, type(value)), 3)
end

-- A task that waits for its own transaction or copy would wait for ever.
local function refuse_own(self, operation)
  if self.shared and self.shared.owner and self.shared.owner == coroutine.running() then
    error(errors.new {
      kind = "state",
      operation = operation,
      message = "this task has a transaction or a copy open on the connection: inside a transaction use the value "
        .. "that its function is given, beside a copy use another connection",
    }, 0)
  end
end

--- The same session with another timeout or another series in the metrics.
---@param given { timeout: number|string?, name: string? }
---@return scale.pg.Session
function Session:with(given)
  options.check("pg.with", given, { timeout = "number|string", name = "string" })
  return setmetatable({
    raw = self.raw,
    timeout = given.timeout or self.timeout,
    name = given.name or self.name,
    shared = self.shared,
  }, getmetatable(self))
end

--- Runs one statement.
---@param sql string
---@param ... any its parameters
---@return scale.pg.Result
function Session:query(sql, ...)
  refuse_own(self, "pg.query")
  return check(self.raw:query(self.timeout, self.name, sql, ...))
end

--- The one row of a query; any other number of rows is an error of kind "rows".
---@param sql string
---@param ... any
---@return table<string, any> row
---@return scale.pg.Result
function Session:one(sql, ...)
  local result = self:query(sql, ...)
  if #result ~= 1 then
    error(errors.new {
      kind = "rows",
      operation = "pg.one",
      message = ("the query gave %d rows instead of one: %s"):format(#result, sql),
    }, 0)
  end
  return result[1], result
end

--- The one value of a query: one row of one column.
---@param sql string
---@param ... any
---@return any
function Session:value(sql, ...)
  local row, result = self:one(sql, ...)
  if #result.columns ~= 1 then
    error(errors.new {
      kind = "rows",
      operation = "pg.value",
      message = ("the query gave %d columns instead of one: %s"):format(#result.columns, sql),
    }, 0)
  end
  return row[result.columns[1]]
end

--- Runs one or more statements without parameters, separated by semicolons. Outside a transaction they are one:
--- all or nothing.
---@param sql string
---@return scale.pg.Result result of the last one
function Session:exec(sql)
  refuse_own(self, "pg.exec")
  return check(self.raw:exec(self.timeout, self.name, sql))
end

---@class scale.pg.Pipeline
---@field package queries table[]
local Pipeline = {}
Pipeline.__index = Pipeline

--- Adds a query; it is sent when the function of pipeline returns.
---@param sql string
---@param ... any
---@return integer index of its result
function Pipeline:query(sql, ...)
  local query = table.pack(...)
  query.sql = sql
  self.queries[#self.queries + 1] = query
  return #self.queries
end

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
function Session:pipeline(fn)
  expect("pg.pipeline", "a function that adds the queries", fn, "function")
  refuse_own(self, "pg.pipeline")
  local queries = {}
  fn(setmetatable({ queries = queries }, Pipeline))
  local results = check(self.raw:batch(self.timeout, self.name, queries))
  results.failed = 0
  for _, result in ipairs(results) do
    if result.kind and not result.columns then
      results.failed = results.failed + 1
    end
  end
  return results
end

-- While it is open, the connection belongs to the running task.
local function own(self)
  local shared = self.shared
  shared.owner = coroutine.running()
  return setmetatable({}, {
    __close = function()
      shared.owner = nil
    end,
  })
end

--- Loads rows with COPY, in one go: all of them or none. A row is a list of values in the order of the columns, or a
--- table keyed by their names; what is missing is NULL.
---@param name string table, or "schema.table"
---@param columns string[]
---@param rows table[]|fun(): table? a list, or a function that returns the next row and nil at the end
---@return integer count
function Session:copy(name, columns, rows)
  expect("pg.copy", "the table's name first", name, "string")
  expect("pg.copy", "a list of columns second", columns, "table")
  expect("pg.copy", "a list or a function of rows third", rows, "table", "function")
  refuse_own(self, "pg.copy")
  local raw <close> = check(self.raw:copy(self.timeout, copying.statement(name, columns)))
  local _ <close> = own(self)
  for row in copying.each(rows) do
    if raw:row(row, columns) then
      check(raw:flush(self.timeout))
    end
  end
  check(raw:flush(self.timeout))
  return check(raw:finish(self.timeout, self.name))
end

local isolations = { "default", "read uncommitted", "read committed", "repeatable read", "serializable" }

local transaction_allowed = { isolation = "string", read_only = "boolean", deferrable = "boolean" }

local function check_isolation(given)
  for _, known in ipairs(isolations) do
    if given == nil or given == known then
      return
    end
  end
  local nearest = options.nearest(given, isolations)
  error(
    ("pg.transaction: unknown isolation '%s' (%s)"):format(
      given,
      nearest and ("did you mean '%s'?"):format(nearest) or "known are: " .. table.concat(isolations, ", ")
    ),
    3
  )
end

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
function Connection:transaction(given, fn)
  if type(given) == "function" then
    given, fn = nil, given
  end
  expect("pg.transaction", "the function to run last", fn, "function")
  given = options.check("pg.transaction", given, transaction_allowed)
  check_isolation(given.isolation)
  refuse_own(self, "pg.transaction")
  local raw <close> = check(self.raw:begin(self.timeout, given.isolation, given.read_only, given.deferrable))
  local _ <close> = setmetatable({}, {
    __close = function(_, err)
      if err ~= nil and raw:active() and coroutine.isyieldable() then
        raw:rollback(self.timeout) -- should it fail, closing raw rolls back all the same
      end
    end,
  })
  local results
  do
    local _ <close> = own(self)
    local tx = setmetatable({ raw = raw, timeout = self.timeout, name = self.name, shared = {} }, Transaction)
    results = table.pack(fn(tx))
  end
  check(raw:commit(self.timeout))
  return table.unpack(results, 1, results.n)
end

---@class scale.pg.Notice
---@field severity string "NOTICE", "WARNING", …
---@field sqlstate string
---@field message string

--- Takes out what the server has remarked since the last call; the newest 64 are kept.
---@return scale.pg.Notice[]
---@return integer lost how many were not kept, since the connection began
function Connection:notices()
  return self.raw:notices()
end

--- The process that serves this connection, as in pg_stat_activity.
---@return integer pid
function Connection:pid()
  return self.raw:info().pid
end

--- The server's version: 150013 for 15.13.
---@return integer
function Connection:server_version()
  return self.raw:info().server_version
end

--- Whether statements can be sent.
---@return boolean
function Connection:is_open()
  return self.raw:check() ~= nil
end

--- Closes the connection; statements under way fail. Safe to call again.
function Connection:close()
  self.raw:close()
end

Connection.__close = Connection.close

return session
