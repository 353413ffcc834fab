--- PostgreSQL. Parameters are $1, $2, …; rows come back as tables keyed by column name. Several tasks may share a
--- connection: their queries are in flight together, each in its own transaction, and each task gets its own answer
--- or its own error. Nothing is ever sent twice.
---
--- ```lua
--- local db = scale.pg.connect("postgresql://user@host/name", { timeout = "5s" })
--- for _, row in ipairs(db:query("SELECT id, name FROM people WHERE age > $1", 30)) do
---   print(row.id, row.name)
--- end
--- ```
---
--- Columns of type smallint, integer, bigint, oid are integers; real and double precision are floats; boolean is
--- boolean; json and jsonb are decoded; NULL is scale.null. Everything else is text, numeric too, because a float
--- would lose digits. Of two columns with one name the last is kept.
---
--- Parameters: nil and scale.null are NULL, tables are sent as JSON.
local core = require "scalerun.core.pg"
local options = require "scalerun.options"
local Session = require "scalerun.pg.session"

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

-- Our options, and libpq's parameters by their own names.
local function allowed()
  local names = {}
  for _, name in ipairs(core.keywords()) do
    names[name] = "string|number"
  end
  for name, kind in pairs(ours) do
    names[name] = kind
  end
  return names
end

local function parameters_of(given)
  local parameters = {}
  for name, value in pairs(given) do
    if not ours[name] then
      parameters[name] = tostring(value)
    end
  end
  return parameters
end

local function joined(where, dsn, given)
  if type(dsn) == "table" then
    return dsn
  elseif type(dsn) ~= "string" then
    error(("%s: takes a DSN or a table of options"):format(where), 3)
  end
  local all = { dsn = dsn }
  for name, value in pairs(given or {}) do
    all[name] = value
  end
  return all
end

--- Connects.
---@param dsn string|scale.pg.ConnectOptions
---@param given scale.pg.ConnectOptions? beside a DSN
---@return scale.pg.Connection
function pg.connect(dsn, given)
  local all = joined("pg.connect", dsn, given)
  options.check("pg.connect", all, allowed())
  local raw, err = core.connect {
    dsn = all.dsn,
    parameters = parameters_of(all),
    timeout = all.connect_timeout,
    statements = all.statements,
    depth = all.in_flight,
    max_result = all.max_result,
  }
  if not raw then
    error(err, 0)
  end
  return Session.connection(raw, all.timeout or 30, all.name or "pg")
end

return pg
