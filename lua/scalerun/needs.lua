--- What a scenario, or one of its checks, may need of a run, and what gives it to a run that lacks it.
local needs = {}

--- Their names. The cache is called redis, too.
needs.names = { "target", "database", "cache", "redis", "balancer", "replicas", "sandbox" }

local giving = {
  target = "give --target URL",
  database = "give --database DSN",
  cache = "give --redis URL",
  redis = "give --redis URL",
  balancer = "give --balancer URL",
  replicas = "give --replica-urls URL,URL",
  sandbox = "leave --target, --database and --redis out, so that scalerun starts the target",
}

---@param what string
---@return boolean
function needs.is(what)
  return giving[what] ~= nil
end

--- What would give it: "give --redis URL".
---@param what string
---@param sandbox boolean whether the run has a sandbox, which starts what it is told to
---@return string
function needs.remedy(what, sandbox)
  if sandbox and (what == "balancer" or what == "replicas") then
    return "give --replicas N, 2 or more"
  end
  return giving[what]
end

return needs
