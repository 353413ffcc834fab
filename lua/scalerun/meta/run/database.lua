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
---@param given scale.pg.TransactionOptions
---@param fn fun(tx: scale.pg.Transaction)
function Database:transaction(given, fn) end

--- The connections to the target's database now (pg_stat_activity), our own aside: pid, application, user, state,
--- wait_type, wait, query, transaction_age and query_age (seconds), blocked.
---@param given { application: string? }? a pattern of LIKE: "scalerun-target/%"; all applications unless told
---@return table[]
function Database:activity(given) end

--- The locks that are held or waited for now (pg_locks), our own aside: pid, application, kind, mode, granted,
--- relation, and for those that wait blocked_by (pids).
---@param given { granted: boolean? }? false: only those that wait
---@return table[]
function Database:locks(given) end

--- What the server has executed (pg_stat_statements), the costliest first: query, calls, rows, total, mean, max
--- (seconds), blocks_read, blocks_hit. It counts since the latest reset_statements, whoever asked.
---@param given { like: string?, limit: integer? }? like: a pattern for the text; limit: 100
---@return table[]
function Database:statements(given) end

--- Begins to count statements anew. Others may look at these statistics too, so that a deployment which scalerun
--- did not start must allow it: --set allow_reset=yes.
function Database:reset_statements() end

--- How the server would execute a statement: EXPLAIN (FORMAT JSON), which executes nothing. Where a table is small
--- the planner reads it from end to end whatever indexes it has.
---
--- ```lua verify
--- local found = run.database:explain("SELECT * FROM tasks WHERE project_id = $1 AND status = $2", "alpha", "pending")
--- run:expect("the next task is found by the index"):value(found:uses("tasks_project_status_created")):is_true()
--- ```
---@param sql string
---@param ... any its parameters
---@return scale.Plan
function Database:explain(sql, ...) end

--- What the server wrote into its log since the scenario began: entries of jsonlog (error_severity, message, detail,
--- state_code, statement, application_name, …), oldest first.
---@param given { severity: (string|string[])?, application: string? }? severity: "ERROR" and what is worse unless
---  told; application: a Lua pattern
---@return table[]
function Database:logged(given) end

--- What logged() shows begins here; the runner calls it when a scenario begins.
function Database:begin() end

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
