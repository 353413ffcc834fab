--- The replicas of a sandbox's target, and the balancer before them. What changes is what is started and stopped;
--- the rest runs on.
local errors = require "scalerun.errors"
local faults = require "scalerun.sandbox.faults"
local target = require "scalerun.sandbox.target"
local task = require "scalerun.task"

---@class scalerun.SandboxReplicas
---@field targets scalerun.SandboxTarget[]
---@field url string where all are reached: the balancer's, or that of the only one
---@field balancer scalerun.SandboxBalancer? while one runs
local Replicas = {}
Replicas.__index = Replicas

local replicas = {}

---@param given { target: (fun(name: string): scalerun.SandboxTarget), balancer: fun(): scalerun.SandboxBalancer }
---  how one of each is made
---@return scalerun.SandboxReplicas
function replicas.new(given)
  return setmetatable({ make = given, targets = {}, known = {} }, Replicas)
end

local function each(targets, fn)
  local functions = {}
  for index, one in ipairs(targets) do
    functions[index] = function()
      fn(one)
    end
  end
  task.all(functions)
end

local function stop_all(targets)
  each(targets, function(one)
    one:stop()
  end)
end

-- What the settings ask of the target, and of the balancer; nil where none is asked for.
local function plans(settings)
  local broken, of_target = faults.split(settings.fault)
  local asked = {}
  for name in pairs(target.settings) do
    asked[name] = settings[name]
  end
  asked.fault = of_target
  local count = settings.replicas or 1
  if count == 1 and not settings.balancer then
    return count, asked, nil
  end
  return count, asked, {
    skewed = broken.skewed_balancer or false,
    sticky = broken.sticky_balancer or false,
    blind = broken.blind_balancer or false,
    slow = broken.slow_balancer or false,
    log = settings.balancer_log or false,
  }
end

-- Whether the balancer that runs is the one that is planned for these servers.
function Replicas:is_balanced(plan)
  local now = self.balancer and self.balancer.plan
  if not now or #now.servers ~= #plan.servers then
    return false
  end
  for name, value in pairs(plan) do
    if name ~= "servers" and now[name] ~= value then
      return false
    end
  end
  for index, one in ipairs(plan.servers) do
    if now.servers[index].url ~= one.url then
      return false
    end
  end
  return true
end

function Replicas:start_balancer(plan)
  self.kept = self.kept or self.make.balancer() -- for its address
  self.kept:start(plan)
  self.balancer = self.kept
end

function Replicas:stop_balancer()
  if self.balancer then
    self.balancer:stop()
    self.balancer = nil
  end
end

-- Waits until the balancer sends requests to all that run.
function Replicas:await()
  if self.balancer then
    local names = {}
    for _, one in ipairs(self.targets) do
      names[one.name] = one:runs() or nil
    end
    self.balancer:await(names)
  end
end

-- As many as wanted, those that are too many being stopped. They are remembered, and keep their URLs.
function Replicas:resize(count)
  for index = #self.targets + 1, count do
    self.known[index] = self.known[index] or self.make.target(string.char(("a"):byte() + index - 1))
    self.targets[index] = self.known[index]
  end
  local surplus = table.move(self.targets, count + 1, #self.targets, 1, {})
  for index = #self.targets, count + 1, -1 do
    self.targets[index] = nil
  end
  stop_all(surplus)
end

--- Brings the replicas to what the settings say: all of them run and serve then, also those that were killed.
---@param settings table
---@return boolean changed whether anything was started or stopped
function Replicas:arrange(settings)
  local count, asked, plan = plans(settings)
  local changed = count ~= #self.targets
  self:resize(count)
  local stale = {}
  for _, one in ipairs(self.targets) do
    if not one:runs(asked) then
      stale[#stale + 1] = one
    end
  end
  each(stale, function(one)
    one:stop()
    one:start(asked)
  end)
  changed = changed or #stale > 0
  if plan then
    plan.servers = {}
    for index, one in ipairs(self.targets) do
      plan.servers[index] = { name = one.name, url = one.url }
    end
  end
  if not plan or not self:is_balanced(plan) then
    changed = changed or plan ~= nil or self.balancer ~= nil
    self:stop_balancer()
    if plan then
      self:start_balancer(plan)
    end
  end
  self.asked = asked
  self:await()
  self.url = self.balancer and self.balancer.url or self.targets[1].url
  return changed
end

local function find(self, operation, name)
  local names = {}
  for index, one in ipairs(self.targets) do
    if one.name == name then
      return one
    end
    names[index] = one.name
  end
  error(errors.new {
    kind = "invalid",
    operation = operation,
    message = ("there is no replica '%s': there are %s"):format(tostring(name), table.concat(names, ", ")),
  }, 0)
end

--- Kills a replica (SIGKILL): what it is at is lost. The balancer finds out by itself.
---@param name string
function Replicas:kill(name)
  local one = find(self, "sandbox.kill", name)
  if not one:runs() then
    error(errors.new {
      kind = "invalid", operation = "sandbox.kill", message = ("replica '%s' does not run"):format(name),
    }, 0)
  end
  one:kill()
end

--- Starts a replica that was killed, at the same URL. Waits until it serves, and the balancer knows.
---@param name string
---@return boolean started false when it runs already
function Replicas:start(name)
  local one = find(self, "sandbox.start_replica", name)
  if one:runs() then
    return false
  end
  one:stop()
  one:start(self.asked)
  self:await()
  return true
end

--- Ends all replicas at once and starts them anew, at the same URLs; the balancer runs on.
function Replicas:restart()
  stop_all(self.targets)
  each(self.targets, function(one)
    one:start(self.asked)
  end)
  self:await()
end

--- Ends all of them. Safe to call again.
function Replicas:stop()
  self:stop_balancer()
  stop_all(self.targets)
end

return replicas
