--- scale.sandbox: a private PostgreSQL, Redis and target for one run. All of it lives in one temporary folder
--- and ends with the script, however that ends.
local dataset = require "scalerun.sandbox.dataset"
local fs = require "scalerun.fs"
local json = require "scalerun.json"
local options = require "scalerun.options"
local pg = require "scalerun.pg"
local postgresql = require "scalerun.sandbox.postgresql"
local programs = require "scalerun.sandbox.programs"
local random = require "scalerun.random"
local redis = require "scalerun.sandbox.redis"
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
---@field url string of the target
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
---@field package settings table of the target
---@field package configured boolean whether the target runs with them
local Sandbox = {}
Sandbox.__index = Sandbox

---@class scale.SandboxSettings settings of the target
---@field fault string|string[]|false|nil a defect that it shows (scalerun-target --faults lists them)
---@field id_scope "global"|"project"|nil
---@field reserve_rate integer? reservations a minute and project; 0: no limit. 10
---@field reservation_ttl number|string?
---@field sweep_interval number|string?
---@field pool_size integer? database connections kept: 20
---@field max_overflow integer? more while all are busy: 10
---@field pool_timeout number|string? longest wait for one: 30 s
---@field cache_ttl number|string? life of documents in Redis: 300 s
---@field page_size integer? entries on a page of an MCP list: 50

---@class scale.SandboxOptions: scale.SandboxSettings
---@field projects string[]? the five of sandbox.PROJECTS
---@field tasks integer? of each project, to begin with: 1000
---@field seed integer? of their contents: 42
---@field replicas integer? of the target; only 1 so far

local allowed = { projects = "table", tasks = "integer", seed = "integer", replicas = "integer" }
for name, kind in pairs(target.settings) do
  allowed[name] = kind
end

local function only_settings(given)
  local settings = {}
  for name, value in pairs(given) do
    if target.settings[name] then
      settings[name] = value
    end
  end
  return settings
end

local function check_projects(projects)
  if #projects == 0 or #projects > 1000 then
    error("sandbox.start: projects is a list of 1 to 1000 ids", 3)
  end
  for _, id in ipairs(projects) do
    if type(id) ~= "string" or #id > 100 or not id:find("^[a-z0-9][a-z0-9-]*$") then
      error(("sandbox.start: '%s' is no project id: lower-case letters, digits and '-', at most 100"):format(
        tostring(id)), 3)
    end
  end
end

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

-- One replica so far; more of them and a load balancer come here.
---@package
function Sandbox:start_targets()
  local replica = target.new {
    name = "a",
    program = programs.target(),
    dsn = self.dsn,
    redis_url = self.redis_url,
    keys_file = self.keys_file,
    log_dir = self.log_dir,
    content_dir = self.content_dir,
    artifacts_dir = self.artifacts_dir,
    timeout = READY,
  }
  self.targets = { replica }
  replica:start(self.settings)
  self.configured = true
  self.url = replica.url
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
--- ```lua
--- local box <close> = scale.sandbox.start { projects = { "alpha", "beta" }, reserve_rate = 0 }
--- ```
---@param given scale.SandboxOptions?
---@return scale.Sandbox
function sandbox.start(given)
  given = options.check("sandbox.start", given, allowed)
  local projects = given.projects or sandbox.PROJECTS
  check_projects(projects)
  if (given.replicas or 1) ~= 1 then
    error("sandbox.start: only one replica so far", 2)
  end
  local self = setmetatable({ settings = only_settings(given), targets = {} }, Sandbox)
  local ok, err = pcall(function()
    self.user = programs.unprivileged()
    self:make_folders()
    self:make_keys(projects)
    self:start_stores()
    self:start_targets()
    self:load_data(projects, given.tasks or 1000, given.seed or 42)
  end)
  if not ok then
    self:stop()
    error(err, 0)
  end
  return self
end

local function same(a, b)
  return table.concat(target.arguments(a), "\0") == table.concat(target.arguments(b), "\0")
end

--- Changes settings of the target; what is not named stays. When something differs, the target is started anew,
--- at the same URL; the data stays.
---@param given scale.SandboxSettings
---@return boolean restarted
function Sandbox:configure(given)
  given = options.check("sandbox.configure", given, target.settings)
  local settings = {}
  for _, source in ipairs { self.settings, given } do
    for name, value in pairs(source) do
      settings[name] = value
    end
  end
  if self.configured and same(settings, self.settings) then
    return false
  end
  self.configured = false -- until all replicas serve
  for _, replica in ipairs(self.targets) do
    replica:stop()
    replica:start(settings)
  end
  self.settings, self.configured = settings, true
  return true
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
  local servers = table.move(self.targets, 1, #self.targets, 1, {})
  servers[#servers + 1] = self.redis
  servers[#servers + 1] = self.postgresql
  for _, one in ipairs(servers) do
    one:stop()
  end
  if self.folder then
    remove(self.folder)
    self.folder = nil
  end
end

Sandbox.__close = Sandbox.stop

return sandbox
