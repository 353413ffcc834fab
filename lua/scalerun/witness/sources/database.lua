--- What the sampler sees of PostgreSQL: one query over one connection of its own.
local source = {}

source.connections = 1

local SAMPLE = [[
SELECT (SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND application_name LIKE $1) AS connections,
  (SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND application_name LIKE $1 AND state <> 'idle') AS active,
  (SELECT coalesce(max(pool.connections), 0) FROM (SELECT count(*) AS connections FROM pg_stat_activity
    WHERE datname = current_database() AND application_name LIKE $1 GROUP BY application_name) AS pool) AS pool,
  (SELECT count(*) FROM pg_locks WHERE NOT granted) AS waiting]]

--- The name by which the target's connections are known: what the reference target calls itself.
source.APPLICATION = "scalerun-target/%"

---@param given { database: string, application: string, timeout: number }
function source.open(given)
  local connection = require("scalerun.pg").connect(given.database, {
    application_name = "scalerun-witness", timeout = given.timeout, connect_timeout = given.timeout, name = "witness",
  })
  return {
    sample = function()
      local row = connection:one(SAMPLE, given.application)
      return {
        { "connections", row.connections },
        { "connections active", row.active },
        { "connections of one pool", row.pool },
        { "locks waiting", row.waiting },
      }
    end,
    close = function()
      connection:close()
    end,
  }
end

return source
