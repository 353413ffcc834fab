--- The system under test of a run: a sandbox of our own, or a deployment that was named.
local balancer = require "scalerun.run.balancer"
local cache = require "scalerun.run.cache"
local coverage = require "scalerun.witness.coverage"
local database = require "scalerun.run.database"
local errors = require "scalerun.errors"
local haproxy = require "scalerun.haproxy"
local metrics = require "scalerun.witness.metrics"
local needs = require "scalerun.needs"
local reach = require "scalerun.run.reach"
local redact = require "scalerun.redact"
local run_target = require "scalerun.run.target"

---@class scalerun.Deployment
---@field sandbox table? what scale.sandbox.start returned
---@field url string?
---@field keys table<string, string> API key by project
---@field dsn string?
---@field redis_url string?
---@field log string? path of PostgreSQL's JSON log
---@field artifacts_dir string? where the target keeps artifacts, where it can be read
---@field content_dir string? the same of the documents that it serves
---@field replicas { name: string, url: string }[]? of the target, where they are known
---@field replica_counts string? of a sandbox, over all scenarios: "1…3"
---@field balancer { stats_url: string }? the HAProxy before them
local Deployment = {}
Deployment.__index = Deployment

local deployment = {}

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
      http = require("scalerun.http").client { base_url = self.url, timeout = reach.PATIENCE },
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

local fields = {
  target = "url",
  database = "dsn",
  cache = "redis_url",
  redis = "redis_url",
  balancer = "balancer",
  sandbox = "sandbox",
}

--- Whether there is a "target", "database", "cache" (or "redis"), "balancer"; more than one of "replicas"; a
--- "sandbox", which is what lets a script kill replicas.
---@param what string
---@return boolean
function Deployment:has(what)
  if what == "replicas" then
    return #(self.replicas or {}) > 1
  end
  return self[fields[what]] ~= nil
end

--- What would provide it: "give --redis URL".
---@param what string
---@return string
function Deployment:remedy(what)
  return needs.remedy(what, self.sandbox ~= nil)
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
    own = self.sandbox ~= nil,
    seed = seed,
    timeout = timeout,
  }
end

--- Takes what the sampler saw during a scenario.
---@param witnessed scalerun.Witnessed
function Deployment:witnessed(witnessed)
  self.latest = witnessed
end

--- Leaves what the replicas counted out, where that is not all that clients have seen of them.
---@param history scale.History of the scenario
---@return string? problem
function Deployment:covers(history)
  local problem = coverage.problem(self.latest.changes, history:replicas())
  if problem then
    self.latest.changes = metrics.none(problem)
  end
  return problem
end

--- Plain data that every project gets.
---@param projects string[]
---@param env { settings: table<string, string>, seed: integer, profile: string }
---@return table
function Deployment:shared(projects, env)
  return {
    target = self.url and { url = self.url } or nil,
    replicas = self.replicas,
    database = self.dsn,
    redis = self.redis_url,
    projects = projects,
    settings = env.settings,
    seed = env.seed,
    profile = env.profile,
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
    parts[#parts + 1] = "target ×" .. (self.replica_counts or #self.replicas)
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

-- Takes over where a sandbox's target is now.
local function follow(self)
  local box = self.sandbox
  if self.url ~= box.url then
    self.url, self.opened_target = box.url, nil
  end
  self.replicas = box.replicas
  self.balancer = box.balancer and { stats_url = box.balancer.stats_url }
end

-- What a scenario asks for, with the fault that the run was told to show.
local function with_fault(settings, fault)
  local all = { fault = fault }
  for name, value in pairs(settings) do
    all[name] = value
  end
  return all
end

--- Gives a sandbox's target the settings that a scenario asks for, and defaults for all others. All of its replicas
--- run after this.
---@param settings scale.SandboxSettings
function Deployment:configure(settings)
  if self.sandbox then
    self.sandbox:settle(with_fault(settings, self.fault))
    follow(self)
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
---@param given { target: string?, keys: table<string, string>?, database: string?, redis: string?, balancer: string?,
---  replica_urls: string[]?, settings: table }
---@return scalerun.Deployment
function deployment.existing(given)
  local made = setmetatable({
    url = given.target and given.target:gsub("/+$", "") or nil,
    keys = given.keys or {},
    dsn = given.database,
    redis_url = given.redis,
    may_reset = given.settings.allow_reset == "yes",
    artifacts_dir = given.settings.artifacts_dir,
    content_dir = given.settings.content_dir,
  }, Deployment)
  if given.balancer then
    made.balancer = { stats_url = haproxy.csv_url(given.balancer) }
  end
  made.version = reach.all(made)
  made.replicas = given.replica_urls and reach.replicas(given.replica_urls)
  return made
end

--- Starts a sandbox; raises an error of kind "unreachable" when it does not come up.
---@param given { projects: string[], seed: integer, fault: string?, settings: table }
---@return scalerun.Deployment
function deployment.sandbox(given)
  local start = with_fault(given.settings, given.fault)
  start.projects, start.seed = given.projects, given.seed
  local ok, sandbox = pcall(require("scalerun.sandbox").start, start)
  if not ok then
    reach.failed("sandbox", errors.describe(sandbox).message)
  end
  local made = setmetatable({
    sandbox = sandbox,
    keys = sandbox.keys,
    dsn = sandbox.dsn,
    redis_url = sandbox.redis_url,
    log = sandbox.log,
    artifacts_dir = sandbox.artifacts_dir,
    content_dir = sandbox.content_dir,
    versions = sandbox.versions,
    fault = given.fault,
  }, Deployment)
  follow(made)
  return made
end

return deployment
