--- Whether the options that name an existing deployment lead anywhere. What does not is an error of kind
--- "unreachable" that names the option.
local errors = require "scalerun.errors"
local haproxy = require "scalerun.haproxy"
local http = require "scalerun.http"
local redact = require "scalerun.redact"

local reach = {}

--- What the conductor gives the target itself: it is asked whether it is there, mostly. Seconds.
reach.PATIENCE = 5

--- Raises: the option does not lead to what it should.
---@param option string "--target"
---@param message string
function reach.failed(option, message)
  error(errors.new { kind = "unreachable", operation = option, message = message }, 0)
end

-- Runs fn; what it raises says which option does not lead anywhere.
local function try(option, where, fn)
  local ok, value = pcall(fn)
  if not ok then
    reach.failed(option, ("%s cannot be reached: %s"):format(where, errors.describe(value).message))
  end
  return value
end

-- The target's version, where it says one.
local function target(deployment)
  local health = try("--target", deployment.url, function()
    return deployment:target():health()
  end)
  if type(health.status) ~= "string" then
    reach.failed("--target",
      ("%s/health answers without a status: is this the Task Tracking service?"):format(deployment.url))
  end
  return type(health.version) == "string" and health.version or nil
end

--- Asks everything that the deployment has.
---@param deployment scalerun.Deployment
---@return string? version of the target
function reach.all(deployment)
  local version = deployment.url and target(deployment)
  if deployment.dsn then
    try("--database", redact.dsn(deployment.dsn), function()
      return deployment:database():query("SELECT 1")
    end)
  end
  if deployment.redis_url then
    try("--redis", redact.dsn(deployment.redis_url), function()
      return deployment:cache():call("PING")
    end)
  end
  if deployment.balancer then
    try("--balancer", deployment.balancer.stats_url, function()
      return haproxy.stats(deployment.balancer.stats_url)
    end)
  end
  return version or nil
end

--- The replicas at the URLs, each under the name that it gives itself, where all of these differ.
---@param urls string[]
---@return { name: string, url: string, unnamed: boolean? }[] unnamed: the name is ours
function reach.replicas(urls)
  local list, taken = {}, {}
  for index, url in ipairs(urls) do
    local answer = try("--replica-urls", url, function()
      return http.get(url .. "/health", { timeout = reach.PATIENCE })
    end)
    local name = answer.headers["x-replica"]
    local unnamed = not name or taken[name] or nil
    if unnamed then
      name = "replica-" .. index
    end
    taken[name] = true
    list[index] = { name = name, url = url, unnamed = unnamed }
  end
  return list
end

return reach
