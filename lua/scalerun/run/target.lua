--- run.target: the system under test, as the conductor sees it.
local errors = require "scalerun.errors"
local metrics = require "scalerun.witness.metrics"
local options = require "scalerun.options"
local scrape = require "scalerun.witness.scrape"
local target = require "scalerun.target"

---@class scale.RunTarget
---@field url string
---@field id string who asks, in error messages
---@field http table client without a key
local Target = {}
Target.__index = Target

local run_target = {}

-- For an answer of /metrics. Seconds.
local PATIENCE = 5

---@param given { url: string, http: table, database: (fun(): scale.RunDatabase?), may_reset: boolean,
---  replicas: (fun(): { name: string, url: string }[]?), changes: (fun(): scale.Metrics?) }
---@return scale.RunTarget
function run_target.new(given)
  return setmetatable({
    id = "conductor",
    url = given.url,
    http = given.http,
    database = given.database,
    may_reset = given.may_reset,
    replicas = given.replicas,
    changes = given.changes,
  }, Target)
end

--- GET /health: status, version, uptime_seconds, dependencies.
---@return table
function Target:health()
  return target.health(self)
end

--- /metrics of all replicas, read now. Raises when one of them does not answer, unless told that those which do are
--- enough.
---
--- ```lua verify
--- local before = run.target:metrics()
--- run.target:health()
--- local hits = run.target:metrics():since(before):sum("mcp_resource_cache_hits_total")
--- ```
---@param given { partial: boolean? }?
---@return scale.Metrics
function Target:metrics(given)
  given = options.check("target.metrics", given, { partial = "boolean" })
  -- Made anew each time: replicas come and go.
  local scraper = scrape.new { url = self.url, replicas = self.replicas(), timeout = PATIENCE }
  if given.partial then
    local found = scraper:partial()
    return found
  end
  return scraper:all()
end

--- What the target counted while the projects' phases ran: counters' increases from a look before the first phase
--- over those in between to one after the last, so that a replica's restart loses no more than one interval; gauges
--- as they were last. Without any series before verify, when nobody looked, and where the counts of a replica that
--- served the projects are missing: `problem` says why.
---@return scale.Metrics
function Target:during()
  return self.changes() or metrics.new({}, {})
end

local function database_of(self, operation)
  return self.database() or error(errors.new {
    kind = "missing",
    operation = operation,
    message = "needs the target's database: give --database DSN",
  }, 0)
end

--- Makes the target number the type's ids from 001 again. In a deployment that scalerun did not start this
--- would give out ids that are in use, so that it must be allowed: --set allow_reset=yes.
---@param kind string "US"
function Target:reset_ids(kind)
  local database = database_of(self, "target.reset_ids")
  if not self.may_reset then
    error(errors.new {
      kind = "refused",
      operation = "target.reset_ids",
      message = "would give out ids again in a deployment that scalerun did not start: "
        .. "allow it with --set allow_reset=yes",
    }, 0)
  end
  -- Serializable like everything else that writes the registry: this is no finding of the run's own.
  database:transaction({ isolation = "serializable" }, function(tx)
    tx:query("DELETE FROM id_registry WHERE artifact_type = $1", kind)
  end)
end

return run_target
