--- scale.sandbox: a private PostgreSQL, Redis and target for one run, the target in as many replicas as are wanted,
--- with HAProxy before them. All of it lives in one temporary folder and ends with the script, however that ends.
local balancer = require "scalerun.sandbox.balancer"
local dataset = require "scalerun.sandbox.dataset"
local fs = require "scalerun.fs"
local json = require "scalerun.json"
local pg = require "scalerun.pg"
local postgresql = require "scalerun.sandbox.postgresql"
local programs = require "scalerun.sandbox.programs"
local random = require "scalerun.random"
local redis = require "scalerun.sandbox.redis"
local replicas = require "scalerun.sandbox.replicas"
local settings = require "scalerun.sandbox.settings"
local target = require "scalerun.sandbox.target"
local time = require "scalerun.time"

---@class scale.sandbox
---@field PROJECTS string[] the projects of a sandbox that is not told otherwise
local sandbox = {}

sandbox.PROJECTS = { "ai-agent", "alpha", "beta", "gamma", "delta" }

local READY = 30 -- seconds that each server has to come up
local REMOVE = 5 -- seconds that the last processes have to leave the folder
local SOCKET_PATH_MAX = 107

---@class scale.Sandbox
---@field url string of the target: the balancer's, where there is one
---@field replicas { name: string, url: string }[] each of them, past the balancer
---@field balancer { url: string, stats_url: string, log: string }? stats_url: HAProxy's statistics in CSV
---@field keys table<string, string> API key by project
---@field keys_file string the same as JSON
---@field dsn string of PostgreSQL, by its unix socket
---@field tcp_dsn string of PostgreSQL, by its loopback port
---@field redis_url string
---@field content_dir string the documents that the target serves over MCP
---@field artifacts_dir string what projects store there: {project}/{id}
---@field log_dir string the servers' logs, gone with the sandbox
---@field log string PostgreSQL's JSON log
---@field versions { postgresql: string, redis: string }
---@field package settings table
---@field package group scalerun.SandboxReplicas
local Sandbox = {}
Sandbox.__index = Sandbox

-- A folder below the sandbox's own, for the user that the server runs as.
---@package
function Sandbox:subfolder(name)
  local path = self.folder .. "/" .. name
  fs.mkdir(path, 0x1c0)
  if self.user then
    fs.chown(path, self.user.uid, self.user.gid)
  end
  return path
end

---@package
function Sandbox:make_folders()
  self.folder = fs.mkdtemp("scalerun-")
  if #self.folder + #"/postgresql/.s.PGSQL.65535" > SOCKET_PATH_MAX then
    programs.fail(("%s is too long for the path of a unix socket: set TMPDIR to a shorter one"):format(self.folder))
  end
  if self.user then
    fs.chmod(self.folder, 0x1c9) -- others may pass through, not look around
  end
  self.log_dir = self:subfolder("log")
  self.content_dir = self.folder .. "/content"
  self.artifacts_dir = self.folder .. "/artifacts"
end

---@package
function Sandbox:make_keys(projects)
  self.keys = {}
  for _, project in ipairs(projects) do
    self.keys[project] = random.token(24)
  end
  self.keys_file = self.folder .. "/keys.json"
  fs.write(self.keys_file, json.encode(self.keys), 0x180)
end

-- PostgreSQL and Redis come up at the same time.
---@package
function Sandbox:start_stores()
  local found = programs.postgresql()
  self.redis = redis.prepare {
    folder = self:subfolder("redis"),
    log_dir = self.log_dir,
    program = programs.redis(),
    user = self.user,
    timeout = READY,
  }
  self.postgresql = postgresql.prepare {
    folder = self:subfolder("postgresql"),
    log_dir = self.log_dir,
    programs = found,
    user = self.user,
    timeout = READY,
  }
  self.postgresql:launch()
  self.redis:launch()
  self.dsn, self.tcp_dsn, self.log = self.postgresql.dsn, self.postgresql.tcp_dsn, self.postgresql.log
  self.redis_url = self.redis.url
end

---@package
function Sandbox:make_target(name)
  return target.new {
    name = name,
    program = programs.target(),
    dsn = self.dsn,
    redis_url = self.redis_url,
    keys_file = self.keys_file,
    log_dir = self.log_dir,
    content_dir = self.content_dir,
    artifacts_dir = self.artifacts_dir,
    timeout = READY,
  }
end

---@package
function Sandbox:make_balancer()
  return balancer.new {
    folder = self:subfolder("balancer"),
    log_dir = self.log_dir,
    program = programs.haproxy(),
    user = self.user,
    timeout = READY,
  }
end

-- Says in the sandbox's own fields what there is now.
---@package
function Sandbox:arrange(wanted)
  local changed = self.group:arrange(wanted)
  self.settings = wanted
  self.url = self.group.url
  self.replicas = {}
  for index, one in ipairs(self.group.targets) do
    self.replicas[index] = { name = one.name, url = one.url }
  end
  local front = self.group.balancer
  self.balancer = front and { url = front.url, stats_url = front.stats_url, log = front.log } or nil
  return changed
end

---@package
function Sandbox:load_data(projects, tasks, seed)
  local connection <close> = pg.connect(self.dsn)
  self.postgresql:set_up(connection)
  dataset.load(connection, projects, tasks, seed)
  self.versions = { postgresql = self.postgresql.version, redis = self.redis.version }
end

--- Starts a sandbox. Waits until it serves; raises with the server's own words when one does not come up.
---
--- ```lua client
--- local box <close> = scale.sandbox.start { projects = { "alpha", "beta" }, reserve_rate = 0 }
--- ```
---@param given scale.SandboxOptions?
---@return scale.Sandbox
function sandbox.start(given)
  given = settings.check_options("sandbox.start", given)
  local projects = given.projects or sandbox.PROJECTS
  local self = setmetatable({}, Sandbox)
  self.group = replicas.new {
    target = function(name)
      return self:make_target(name)
    end,
    balancer = function()
      return self:make_balancer()
    end,
  }
  self.targets = self.group.targets
  local ok, err = pcall(function()
    self.user = programs.unprivileged()
    self:make_folders()
    self:make_keys(projects)
    self:start_stores()
    self:arrange(settings.of(given))
    self:load_data(projects, given.tasks or 1000, given.seed or 42)
  end)
  if not ok then
    self:stop()
    error(err, 0)
  end
  return self
end

--- Changes settings; what is not named stays. Replicas that differ are started anew, at the same URLs; the data
--- stays. All replicas run after it.
---@param given scale.SandboxSettings
---@return boolean changed whether anything was started or stopped
function Sandbox:configure(given)
  local merged = settings.of(self.settings)
  for name, value in pairs(settings.check("sandbox.configure", given)) do
    merged[name] = value
  end
  return self:arrange(merged)
end

--- As configure, but what is not named goes back to its default.
---@param given scale.SandboxSettings
---@return boolean changed
function Sandbox:settle(given)
  return self:arrange(settings.of(settings.check("sandbox.settle", given)))
end

--- Kills a replica (SIGKILL): what it is at is lost. The balancer finds out by itself, within half a second.
---@param name string
function Sandbox:kill(name)
  self.group:kill(name)
end

--- Starts a replica that was killed, at the same URL. Waits until it serves and the balancer sends it requests.
---@param name string
---@return boolean started false when it runs already
function Sandbox:start_replica(name)
  return self.group:start(name)
end

--- Ends all replicas at once and starts them anew, at the same URLs. Waits as start_replica does.
function Sandbox:restart()
  self.group:restart()
end

-- The last processes of PostgreSQL may still write their last words.
local function remove(folder)
  local deadline = time.now() + REMOVE
  local ok, err
  repeat
    ok, err = pcall(fs.remove, folder)
    if not ok then
      time.sleep(0.01)
    end
  until ok or time.now() > deadline
  if not ok then
    error(err, 0)
  end
end

--- Ends all of it and removes its folder. Safe to call again.
function Sandbox:stop()
  self.group:stop()
  for _, one in ipairs { self.redis or false, self.postgresql or false } do
    if one then
      one:stop()
    end
  end
  if self.folder then
    remove(self.folder)
    self.folder = nil
  end
end

Sandbox.__close = Sandbox.stop

return sandbox
