---@meta _
-- Made from lua/scalerun/run/database.lua by scripts/annotations: change it there.

---@class scale.RunDatabase
local Database = {}

--- The rows of a query; parameters are $1, $2, ….
---@param sql string
---@param ... any
---@return table[]
function Database:query(sql, ...) end

--- Runs fn(tx) in a transaction, as scale.pg does.
---@param options scale.pg.TransactionOptions
---@param fn fun(tx: scale.pg.Transaction)
function Database:transaction(options, fn) end

--- Begins to look at who writes the table; call it in setup. run.database:serializable judges from here on.
---@param watched string
function Database:watch(watched) end

--- Whether every write of the table since watch ran in a SERIALIZABLE transaction, for run:expect(…):evidence().
---@param watched string
---@param given { ids: string[]?, transactions: integer? } ids: each must be found in such a transaction;
---  transactions: how many of them there must have been, where only locks can be seen
---@return table found
function Database:serializable(watched, given) end

--- Ends the transactions that watch holds open.
function Database:unwatch() end
