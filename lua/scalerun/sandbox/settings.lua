--- What a sandbox can be told: settings of its target and of how that is served, which can be changed while it is
--- up, and what it begins with.
local options = require "scalerun.options"
local target = require "scalerun.sandbox.target"

local settings = {}

--- A letter names each replica.
settings.MOST_REPLICAS = 20

--- The settings, and the type of each.
settings.types = { replicas = "integer", balancer = "boolean", balancer_log = "boolean" }
for name, kind in pairs(target.settings) do
  settings.types[name] = kind
end

---@class scale.SandboxSettings settings of the target, and how it is served
---@field replicas integer? of the target, with a balancer before them where they are more than one: 1
---@field balancer boolean? also before a single one
---@field balancer_log boolean? box.balancer.log has a line for each request
---@field fault string|string[]|false|nil a defect that it shows (scalerun-target --faults lists them), or the
---  sandbox itself: "skewed_balancer", "sticky_balancer", "blind_balancer", "slow_balancer"
---@field id_scope "global"|"project"|nil
---@field reserve_rate integer? reservations a minute and project; 0: no limit. 10
---@field reservation_ttl number|string?
---@field sweep_interval number|string?
---@field pool_size integer? database connections kept: 20
---@field max_overflow integer? more while all are busy: 10
---@field pool_timeout number|string? longest wait for one: 30 s
---@field cache_ttl number|string? life of documents in Redis: 300 s
---@field page_size integer? entries on a page of an MCP list: 50
---@field service_time number|string? that every request with a key takes longer: 0

---@class scale.SandboxOptions: scale.SandboxSettings
---@field projects string[]? the five of sandbox.PROJECTS
---@field tasks integer? of each project, to begin with: 1000
---@field seed integer? of their contents: 42

local beginnings = { projects = "table", tasks = "integer", seed = "integer" }
for name, kind in pairs(settings.types) do
  beginnings[name] = kind
end

--- What is wrong with the settings beyond their names and types, or nil.
---@param given table
---@return string? problem
function settings.problem(given)
  local count = given.replicas
  if count and (count < 1 or count > settings.MOST_REPLICAS) then
    return ("replicas must be from 1 to %d, not %d"):format(settings.MOST_REPLICAS, count)
  end
end

--- A copy of the settings among the options.
---@param given table
---@return scale.SandboxSettings
function settings.of(given)
  local found = {}
  for name, value in pairs(given) do
    if settings.types[name] then
      found[name] = value
    end
  end
  return found
end

local function check(where, given, types)
  given = options.check(where, given, types, 4)
  local problem = settings.problem(given)
  if problem then
    error(("%s: %s"):format(where, problem), 4)
  end
  return given
end

--- Raises, in the caller's caller, when they are no settings.
---@param where string "sandbox.configure"
---@param given table?
---@return scale.SandboxSettings given
function settings.check(where, given)
  local checked = check(where, given, settings.types)
  return checked
end

--- The same for what a sandbox begins with.
---@param where string
---@param given table?
---@return scale.SandboxOptions given
function settings.check_options(where, given)
  local checked = check(where, given, beginnings)
  local projects = checked.projects or {}
  if checked.projects and (#projects == 0 or #projects > 1000) then
    error(("%s: projects is a list of 1 to 1000 ids"):format(where), 3)
  end
  for _, id in ipairs(projects) do
    if type(id) ~= "string" or #id > 100 or not id:find("^[a-z0-9][a-z0-9-]*$") then
      error(("%s: '%s' is no project id: lower-case letters, digits and '-', at most 100"):format(where,
        tostring(id)), 3)
    end
  end
  return checked
end

return settings
