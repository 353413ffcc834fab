--- What :sandbox brings to the prompt: a private system under test, and its projects with their clients.
local index = require "scalerun.help.index"
local project = require "scalerun.project"
local scale_sandbox = require "scalerun.sandbox"

local sandbox = {}

-- A client of the target whose functions take the project first: given once and for all.
local function bound(name, me)
  local module, made = require("scalerun.target." .. name), {}
  for member, said in pairs(index.classes()["scale.target." .. name].members) do
    local fn = module[member]
    made[member] = (said.arguments or ""):find("^project") and function(...)
      return fn(me, ...)
    end or fn
  end
  return made
end

local function project_of(box, ids, position, seed)
  local id = ids[position]
  local me = project.new({ id = id, index = position, key = box.keys[id] }, {
    target = { url = box.url },
    database = box.dsn,
    redis = box.redis_url,
    projects = ids,
    settings = {},
    seed = seed,
  }, project.sink())
  me.user, me.iteration = 1, 1
  for _, name in ipairs { "ids", "tasks", "framework" } do
    rawset(me, name, bound(name, me))
  end
  return me
end

--- Starts a sandbox; waits until it serves.
---@param given { projects: string[], seed: integer, fault: string? }
---@return scale.Sandbox box
---@return table<string, scale.Project> projects by id, also with _ in place of -
function sandbox.start(given)
  local box = scale_sandbox.start {
    projects = given.projects, seed = given.seed, fault = given.fault, reserve_rate = 0,
  }
  local projects = {}
  for position, id in ipairs(given.projects) do
    local me = project_of(box, given.projects, position, given.seed)
    projects[id], projects[(id:gsub("-", "_"))] = me, me
  end
  return box, projects
end

return sandbox
