--- run.database: the PostgreSQL behind the target, as a witness.
local errors = require "scalerun.errors"
local predicate_locks = require "scalerun.evidence.predicate_locks"
local witness = require "scalerun.evidence.witness"

---@class scale.RunDatabase
local Database = {}
Database.__index = Database

local database = {}

---@param connect fun(): table opens a connection
---@param log string? path of the server's JSON log, where it can be read
---@return scale.RunDatabase
function database.new(connect, log)
  return setmetatable({ connect = connect, connection = connect(), log = log, witnesses = {}, locks = {} }, Database)
end

--- The rows of a query; parameters are $1, $2, ….
---@param sql string
---@param ... any
---@return table[]
function Database:query(sql, ...)
  return self.connection:query(sql, ...)
end

--- Runs fn(tx) in a transaction, as scale.pg does.
---@param options scale.pg.TransactionOptions
---@param fn fun(tx: scale.pg.Transaction)
function Database:transaction(options, fn)
  self.connection:transaction(options, fn)
end

--- Begins to look at who writes the table; call it in setup. run.database:serializable judges from here on.
---@param watched string
function Database:watch(watched)
  if self.log then
    if not self.witnesses[watched] then
      local rows = self.connection:query("SHOW default_transaction_isolation")
      self.witnesses[watched] = witness.new(self.log, watched, rows[1].default_transaction_isolation)
    end
    self.witnesses[watched]:begin(self.connection)
  else
    self:unwatch()
    self.locks[watched] = predicate_locks.begin(self.connect(), watched)
  end
end

--- Whether every write of the table since watch ran in a SERIALIZABLE transaction, for run:expect(…):evidence().
---@param watched string
---@param given { ids: string[]?, transactions: integer? } ids: each must be found in such a transaction;
---  transactions: how many of them there must have been, where only locks can be seen
---@return table found
function Database:serializable(watched, given)
  given = given or {}
  if self.witnesses[watched] then
    return self.witnesses[watched]:judge(self.connection, given.ids)
  elseif self.locks[watched] then
    return self.locks[watched]:judge(self.connection, given.transactions)
  end
  error(errors.new {
    kind = "invalid",
    operation = "database.serializable",
    message = ("nobody watched %s: call run.database:watch(%q) in setup"):format(watched, watched),
  }, 2)
end

--- Ends the transactions that watch holds open.
function Database:unwatch()
  for watched, locks in pairs(self.locks) do
    locks:close()
    self.locks[watched] = nil
  end
end

---@package
function Database:close()
  self:unwatch()
  self.connection:close()
end

return database
