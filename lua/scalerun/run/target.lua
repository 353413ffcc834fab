--- run.target: the system under test, as the conductor sees it.
local errors = require "scalerun.errors"
local target = require "scalerun.target"

---@class scale.RunTarget
---@field url string
---@field id string who asks, in error messages
---@field http table client without a key
local Target = {}
Target.__index = Target

local run_target = {}

---@param given { url: string, http: table, database: (fun(): scale.RunDatabase?), may_reset: boolean }
---@return scale.RunTarget
function run_target.new(given)
  return setmetatable({
    id = "conductor",
    url = given.url,
    http = given.http,
    database = given.database,
    may_reset = given.may_reset,
  }, Target)
end

--- GET /health: status, version, uptime_seconds, dependencies.
---@return table
function Target:health()
  return target.health(self)
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
