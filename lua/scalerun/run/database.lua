--- run.database: the PostgreSQL behind the target, as a witness.
local errors = require "scalerun.errors"
local options = require "scalerun.options"
local plan = require "scalerun.witness.plan"
local predicate_locks = require "scalerun.evidence.predicate_locks"
local server_log = require "scalerun.witness.server_log"
local witness = require "scalerun.evidence.witness"

---@class scale.RunDatabase
local Database = {}
Database.__index = Database

local database = {}

---@param connect fun(): table opens a connection
---@param log string? path of the server's JSON log, where it can be read
---@param may_reset boolean? whether its statistics may be set to 0
---@return scale.RunDatabase
function database.new(connect, log, may_reset)
  return setmetatable({
    connect = connect,
    connection = connect(),
    log = log,
    server_log = log and server_log.new(log),
    may_reset = may_reset,
    witnesses = {},
    locks_held = {},
  }, Database)
end

local function fail(kind, operation, message)
  error(errors.new { kind = kind, operation = operation, message = message }, 0)
end

--- The rows of a query; parameters are $1, $2, ….
---@param sql string
---@param ... any
---@return table[]
function Database:query(sql, ...)
  return self.connection:query(sql, ...)
end

--- Runs fn(tx) in a transaction, as scale.pg does.
---@param given scale.pg.TransactionOptions
---@param fn fun(tx: scale.pg.Transaction)
function Database:transaction(given, fn)
  self.connection:transaction(given, fn)
end

local ACTIVITY = [[
SELECT pid, application_name AS application, usename AS "user", coalesce(state, 'unknown') AS state,
  wait_event_type AS wait_type, wait_event AS wait, query,
  extract(epoch FROM clock_timestamp() - xact_start)::float8 AS transaction_age,
  extract(epoch FROM clock_timestamp() - query_start)::float8 AS query_age,
  pg_blocking_pids(pid) <> '{}' AS blocked
FROM pg_stat_activity
WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid()
  AND application_name LIKE $1
ORDER BY pid]]

--- The connections to the target's database now (pg_stat_activity), our own aside: pid, application, user, state,
--- wait_type, wait, query, transaction_age and query_age (seconds), blocked.
---@param given { application: string? }? a pattern of LIKE: "scalerun-target/%"; all applications unless told
---@return table[]
function Database:activity(given)
  given = options.check("database.activity", given, { application = "string" })
  return self.connection:query(ACTIVITY, given.application or "%")
end

local LOCKS = [[
SELECT l.pid, a.application_name AS application, l.locktype AS kind, l.mode, l.granted,
  CASE WHEN l.database IS NULL OR l.relation IS NULL THEN NULL ELSE l.relation::regclass::text END AS relation,
  CASE WHEN l.granted THEN NULL ELSE to_json(pg_blocking_pids(l.pid)) END AS blocked_by
FROM pg_locks l LEFT JOIN pg_stat_activity a ON a.pid = l.pid
WHERE l.pid IS DISTINCT FROM pg_backend_pid()
  AND (l.database IS NULL OR l.database IN (0, (SELECT oid FROM pg_database WHERE datname = current_database())))
  AND ($1::boolean IS NULL OR l.granted = $1)
ORDER BY l.pid, l.locktype, l.mode]]

--- The locks that are held or waited for now (pg_locks), our own aside: pid, application, kind, mode, granted,
--- relation, and for those that wait blocked_by (pids).
---@param given { granted: boolean? }? false: only those that wait
---@return table[]
function Database:locks(given)
  given = options.check("database.locks", given, { granted = "boolean" })
  return self.connection:query(LOCKS, given.granted)
end

-- What looks at statements needs the extension, which the server loads when it starts.
local function needs_statements(self, operation)
  if #self.connection:query("SELECT 1 FROM pg_extension WHERE extname = 'pg_stat_statements'") == 0 then
    fail("missing", operation, "the database has no pg_stat_statements: set shared_preload_libraries = "
      .. "'pg_stat_statements', restart PostgreSQL, and CREATE EXTENSION pg_stat_statements")
  end
end

local STATEMENTS = [[
SELECT query, calls, rows, total_exec_time / 1000 AS total, mean_exec_time / 1000 AS mean, max_exec_time / 1000 AS max,
  shared_blks_read AS blocks_read, shared_blks_hit AS blocks_hit
FROM pg_stat_statements
WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database()) AND query ILIKE $1
ORDER BY total_exec_time DESC LIMIT $2]]

--- What the server has executed (pg_stat_statements), the costliest first: query, calls, rows, total, mean, max
--- (seconds), blocks_read, blocks_hit. It counts since the latest reset_statements, whoever asked.
---@param given { like: string?, limit: integer? }? like: a pattern for the text; limit: 100
---@return table[]
function Database:statements(given)
  given = options.check("database.statements", given, { like = "string", limit = "integer" })
  needs_statements(self, "database.statements")
  return self.connection:query(STATEMENTS, given.like or "%", given.limit or 100)
end

--- Begins to count statements anew. Others may look at these statistics too, so that a deployment which scalerun
--- did not start must allow it: --set allow_reset=yes.
function Database:reset_statements()
  needs_statements(self, "database.reset_statements")
  if not self.may_reset then
    fail("refused", "database.reset_statements",
      "would set the statistics of a deployment to 0 that scalerun did not start: allow it with --set allow_reset=yes")
  end
  self.connection:query("SELECT pg_stat_statements_reset()")
end

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
function Database:explain(sql, ...)
  local read = plan.read(self.connection:value("EXPLAIN (FORMAT JSON) " .. sql, ...))
  return read or fail("protocol", "database.explain", "the server's answer is no plan in JSON")
end

--- What the server wrote into its log since the scenario began: entries of jsonlog (error_severity, message, detail,
--- state_code, statement, application_name, …), oldest first.
---@param given { severity: (string|string[])?, application: string? }? severity: "ERROR" and what is worse unless
---  told; application: a Lua pattern
---@return table[]
function Database:logged(given)
  given = options.check("database.logged", given, { severity = "string|table", application = "string" })
  if not self.server_log then
    fail("missing", "database.logged",
      "PostgreSQL's JSON log cannot be read from here: only the sandbox's can (run without --database)")
  end
  return self.server_log:entries(self.connection, given)
end

--- What logged() shows begins here; the runner calls it when a scenario begins.
function Database:begin()
  if self.server_log then
    self.server_log:begin()
  end
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
    self.locks_held[watched] = predicate_locks.begin(self.connect(), watched)
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
  elseif self.locks_held[watched] then
    return self.locks_held[watched]:judge(self.connection, given.transactions)
  end
  error(errors.new {
    kind = "invalid",
    operation = "database.serializable",
    message = ("nobody watched %s: call run.database:watch(%q) in setup"):format(watched, watched),
  }, 2)
end

--- Ends the transactions that watch holds open.
function Database:unwatch()
  for watched, locks in pairs(self.locks_held) do
    locks:close()
    self.locks_held[watched] = nil
  end
end

---@package
function Database:close()
  self:unwatch()
  self.connection:close()
end

return database
