---@meta scalerun.pg
-- Made from lua/scalerun/pg.lua by scripts/annotations: change it there.

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

--- Connects.
---@param dsn string|scale.pg.ConnectOptions
---@param given scale.pg.ConnectOptions? beside a DSN
---@return scale.pg.Connection
function pg.connect(dsn, given) end

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
function pg.pool(dsn, given) end

return pg
