--- The system under test of a run: a sandbox of our own, or a deployment that was named.
local balancer = require "scalerun.run.balancer"
local cache = require "scalerun.run.cache"
local database = require "scalerun.run.database"
local errors = require "scalerun.errors"
local redact = require "scalerun.redact"
local run_target = require "scalerun.run.target"

---@class scalerun.Deployment
---@field sandbox table? what scale.sandbox.start returned
---@field url string?
---@field keys table<string, string> API key by project
---@field dsn string?
---@field redis_url string?
---@field log string? path of PostgreSQL's JSON log
local Deployment = {}
Deployment.__index = Deployment

local deployment = {}

-- What the conductor asks the target itself: whether it is there, mostly. Seconds.
local PATIENCE = 5

local function unreachable(option, fmt, ...)
  error(errors.new { kind = "unreachable", operation = option, message = fmt:format(...) }, 0)
end

-- Runs fn; what it raises says which option does not lead anywhere.
local function reach(option, where, fn)
  local ok, value = pcall(fn)
  if not ok then
    unreachable(option, "%s cannot be reached: %s", where, errors.describe(value).message)
  end
  return value
end

--- The target's database, nil when the run has none.
---@return scale.RunDatabase?
function Deployment:database()
  if self.dsn and not self.opened_database then
    self.opened_database = database.new(function()
      return require("scalerun.pg").connect(self.dsn)
    end, self.log, self:can_reset())
  end
  return self.opened_database
end

--- Its Redis, nil when the run has none.
---@return scale.RunCache?
function Deployment:cache()
  if self.redis_url and not self.opened_cache then
    self.opened_cache = cache.new(require("scalerun.redis").connect(self.redis_url))
  end
  return self.opened_cache
end

--- Whether what others may use too may be set back.
---@return boolean
function Deployment:can_reset()
  return self.sandbox ~= nil or self.may_reset == true
end

--- The load balancer before it, nil when the run knows of none.
---@return scale.RunBalancer?
function Deployment:balancer_witness()
  return self.balancer and balancer.new(self.balancer.stats_url)
end

---@return scale.RunTarget?
function Deployment:target()
  if self.url and not self.opened_target then
    self.opened_target = run_target.new {
      url = self.url,
      http = require("scalerun.http").client { base_url = self.url, timeout = PATIENCE },
      may_reset = self:can_reset(),
      database = function()
        return self:database()
      end,
      replicas = function()
        return self.replicas
      end,
      changes = function()
        return self.latest and self.latest.changes
      end,
    }
  end
  return self.opened_target
end

local fields = { target = "url", database = "dsn", cache = "redis_url", redis = "redis_url" }

--- Whether there is a "target", "database", "redis".
---@param what string
---@return boolean
function Deployment:has(what)
  return self[fields[what]] ~= nil
end

--- The option that would provide it.
---@param what string
---@return string
function deployment.option(what)
  return ({ target = "--target URL", database = "--database DSN", redis = "--redis URL" })[what]
end

--- A scenario begins: what witnesses saw before is not its own.
function Deployment:begin()
  self:witnessed({})
  if self.sandbox then
    self:database():begin()
  end
end

--- Where the witnesses are, for the sampler.
---@param seed integer
---@param timeout number
---@return table
function Deployment:witnesses(seed, timeout)
  return {
    target = self.url and { url = self.url, replicas = self.replicas } or nil,
    database = self.dsn,
    cache = self.redis_url,
    balancer = self.balancer,
    seed = seed,
    timeout = timeout,
  }
end

--- Takes what the sampler saw during a scenario.
---@param witnessed scalerun.Witnessed
function Deployment:witnessed(witnessed)
  self.latest = witnessed
end

--- Plain data that every project gets.
---@param projects string[]
---@param settings table<string, string>
---@param seed integer
---@return table
function Deployment:shared(projects, settings, seed)
  return {
    target = self.url and { url = self.url } or nil,
    database = self.dsn,
    redis = self.redis_url,
    projects = projects,
    settings = settings,
    seed = seed,
  }
end

--- One line for people.
---@return string
function Deployment:text()
  local parts = {}
  local versions = self.versions or {}
  if self.sandbox then
    if versions.postgresql then
      parts[#parts + 1] = "PostgreSQL " .. versions.postgresql
    end
    if versions.redis then
      parts[#parts + 1] = "Redis " .. versions.redis
    end
    parts[#parts + 1] = "target ×1"
    if self.fault then
      parts[#parts + 1] = "fault " .. self.fault
    end
    return "sandbox: " .. table.concat(parts, ", ")
  end
  parts[#parts + 1] = self.url
  if self.dsn then
    parts[#parts + 1] = "database " .. redact.dsn(self.dsn)
  end
  if self.redis_url then
    parts[#parts + 1] = "Redis " .. redact.dsn(self.redis_url)
  end
  return #parts > 0 and table.concat(parts, ", ") or "no target"
end

--- The same for the report; no secrets.
---@return table
function Deployment:describe()
  return {
    kind = self.sandbox and "sandbox" or "deployment",
    url = self.url,
    database = self.dsn and redact.dsn(self.dsn),
    redis = self.redis_url and redact.dsn(self.redis_url),
    version = self.version,
    versions = self.versions,
    fault = self.fault,
  }
end

--- Gives a sandbox's target the settings that a scenario asks for.
---@param settings table
function Deployment:configure(settings)
  if self.sandbox then
    self.sandbox:configure(settings)
  end
end

--- What must not be told.
---@return { keys: table<string, string>?, dsns: (string|false)[] }
function Deployment:secrets()
  return { keys = self.keys, dsns = { self.dsn or false, self.redis_url or false } }
end

--- Closes the connections, and takes a sandbox down.
function Deployment:close()
  for _, opened in ipairs { self.opened_database or false, self.opened_cache or false } do
    if opened then
      pcall(opened.close, opened)
    end
  end
  if self.sandbox then
    self.sandbox:stop()
  end
end

--- Opens what --target, --database and --redis name; raises an error of kind "unreachable" when one of them
--- does not answer as it should.
---@param given { target: string?, keys: table<string, string>?, database: string?, redis: string?, settings: table }
---@return scalerun.Deployment
function deployment.existing(given)
  local made = setmetatable({
    url = given.target and given.target:gsub("/+$", "") or nil,
    keys = given.keys or {},
    dsn = given.database,
    redis_url = given.redis,
    may_reset = given.settings.allow_reset == "yes",
  }, Deployment)
  if made.url then
    local health = reach("--target", made.url, function()
      return made:target():health()
    end)
    if type(health.status) ~= "string" then
      unreachable("--target", "%s/health answers without a status: is this the Task Tracking service?", made.url)
    end
    made.version = type(health.version) == "string" and health.version or nil
  end
  if made.dsn then
    reach("--database", redact.dsn(made.dsn), function()
      return made:database():query("SELECT 1")
    end)
  end
  if made.redis_url then
    reach("--redis", redact.dsn(made.redis_url), function()
      return made:cache():call("PING")
    end)
  end
  return made
end

--- Starts a sandbox; raises an error of kind "unreachable" when it does not come up.
---@param given { projects: string[], seed: integer, fault: string?, settings: table }
---@return scalerun.Deployment
function deployment.sandbox(given)
  local start = { projects = given.projects, seed = given.seed, fault = given.fault }
  for name, value in pairs(given.settings) do
    start[name] = value
  end
  local ok, sandbox = pcall(require("scalerun.sandbox").start, start)
  if not ok then
    unreachable("sandbox", "%s", errors.describe(sandbox).message)
  end
  return setmetatable({
    sandbox = sandbox,
    url = sandbox.url,
    keys = sandbox.keys,
    dsn = sandbox.dsn,
    redis_url = sandbox.redis_url,
    log = sandbox.log,
    versions = sandbox.versions,
    fault = given.fault,
  }, Deployment)
end

return deployment
