--- PostgreSQL. Parameters are $1, $2, …; rows come back as tables keyed by column name. Several tasks may share a
--- connection: their queries are in flight together, each in its own transaction, and each task gets its own answer
--- or its own error. Nothing is ever sent twice.
---
--- ```lua client
--- local db = scale.pg.connect(dsn, { timeout = "5s" }) -- "postgresql://user@host/name"
--- for _, row in ipairs(db:query("SELECT task_id, status FROM tasks WHERE project_id = $1 LIMIT 3", "alpha")) do
---   print(row.task_id, row.status)
--- end
--- ```
---
--- Columns of type smallint, integer, bigint, oid are integers; real and double precision are floats; boolean is
--- boolean; json and jsonb are decoded; NULL is scale.null. Everything else is text, numeric too, because a float
--- would lose digits. Of two columns with one name the last is kept.
---
--- Parameters: nil and scale.null are NULL, tables are sent as JSON.
local core = require "scalerun.core.pg"
local errors = require "scalerun.errors"
local options = require "scalerun.options"
local Pool = require "scalerun.pg.pool"
local Session = require "scalerun.pg.session"

---@class scale.pg
local pg = {}

---@class scale.pg.ConnectOptions
---@field dsn string? "postgresql://…" or "host=… dbname=…"; beside it any parameter of libpq: host, port, user, …
---@field timeout number|string? the most that a statement takes, waiting included: 30 s
---@field connect_timeout number|string? 10 s
---@field name string? of the series in the metrics: "pg"
---@field statements integer? prepared statements kept per connection: 128; 0: prepare nothing
---@field in_flight integer? queries under way at once on the connection: 32
---@field max_result integer? bytes of one result: 64 MiB

local ours = {
  dsn = "string",
  timeout = "number|string",
  connect_timeout = "number|string",
  name = "string",
  statements = "integer",
  in_flight = "integer",
  max_result = "integer",
}

local pools = { size = "integer", share = "integer", acquire_timeout = "number|string" }

-- Our options, and libpq's parameters by their own names.
local function allowed(more)
  local names = {}
  for _, name in ipairs(core.keywords()) do
    names[name] = "string|number"
  end
  for _, kinds in ipairs { ours, more } do
    for name, kind in pairs(kinds) do
      names[name] = kind
    end
  end
  return names
end

-- The DSN and the options in one checked table, and what libpq gets of them.
local function read(where, dsn, given, more)
  local all = {}
  if type(dsn) == "table" and given == nil then
    given = dsn
  elseif type(dsn) == "string" then
    all.dsn = dsn
  else
    error(("%s: takes a DSN or a table of options"):format(where), 3)
  end
  given = options.check(where, given, allowed(more), 3)
  local parameters = {}
  for name, value in pairs(given) do
    if ours[name] or more[name] then
      all[name] = value
    else
      parameters[name] = tostring(value)
    end
  end
  return all, {
    dsn = all.dsn,
    parameters = parameters,
    timeout = all.connect_timeout,
    statements = all.statements,
    depth = all.in_flight,
    max_result = all.max_result,
    size = all.size,
    share = all.share,
  }
end

--- Connects.
---@param dsn string|scale.pg.ConnectOptions
---@param given scale.pg.ConnectOptions? beside a DSN
---@return scale.pg.Connection
function pg.connect(dsn, given)
  local all, low = read("pg.connect", dsn, given, {})
  local raw = errors.check(core.connect(low))
  return Session.connection(raw, all.timeout or 30, all.name or "pg")
end

---@class scale.pg.PoolOptions: scale.pg.ConnectOptions
---@field size integer? connections at most: 10
---@field acquire_timeout number|string? the most that a statement waits for a connection: 30 s
---@field share integer? queries of different tasks that may be under way on one connection at once, when all
---  connections are open: 1

--- A pool: opens connections when they are needed, and lends each to one statement, transaction or copy at a time;
--- who finds none free waits in line. With `share`, single queries are sent to the connection that has the fewest
--- under way. The session is not reset in between: a SET belongs into the DSN's `options`, not into a query.
---
--- ```lua client
--- local db = scale.pg.pool { dsn = dsn, size = 20, acquire_timeout = "5s" }
--- db:query("SELECT 1")
--- ```
---@param dsn string|scale.pg.PoolOptions
---@param given scale.pg.PoolOptions? beside a DSN
---@return scale.pg.Pool
function pg.pool(dsn, given)
  local all, low = read("pg.pool", dsn, given, pools)
  local raw = errors.check(core.pool(low))
  return Pool.new(raw, all.timeout or 30, all.acquire_timeout or 30, all.name or "pg")
end

return pg
