--- One replica of the reference target.
local json = require "scalerun.json"
local names = require "scalerun.names"
local ports = require "scalerun.sandbox.ports"
local process = require "scalerun.process"
local server = require "scalerun.sandbox.server"

---@class scalerun.SandboxTarget
---@field name string as in X-Replica
---@field url string
local Target = {}
Target.__index = Target

local target = {}

local ATTEMPTS = 5 -- ports that somebody else may have

--- The settings that a target takes, and the type of each; the names are those of its options.
target.settings = {
  fault = "string|table|boolean",
  id_scope = "string",
  reserve_rate = "integer",
  reservation_ttl = "string|number",
  sweep_interval = "string|number",
  pool_size = "integer",
  max_overflow = "integer",
  pool_timeout = "string|number",
  cache_ttl = "string|number",
  page_size = "integer",
  service_time = "string|number",
}

local durations = { reservation_ttl = true, sweep_interval = true, pool_timeout = true, cache_ttl = true,
  service_time = true }

local function option_value(name, value)
  if durations[name] and type(value) == "number" then
    return ("%dms"):format(math.ceil(value * 1000))
  end
  return tostring(value)
end

--- The target's own arguments for the settings, in a fixed order.
---@param settings table
---@return string[]
function target.arguments(settings)
  local argv = {}
  for _, name in ipairs(names.sorted(settings)) do
    local values = settings[name]
    for _, value in ipairs(type(values) == "table" and values or { values or nil }) do
      argv[#argv + 1] = "--" .. name:gsub("_", "-")
      argv[#argv + 1] = option_value(name, value)
    end
  end
  return argv
end

---@param given { name: string, program: string, dsn: string, redis_url: string, keys_file: string, log_dir: string,
---  content_dir: string, artifacts_dir: string, timeout: number }
---@return scalerun.SandboxTarget
function target.new(given)
  return setmetatable({
    name = given.name,
    program = given.program,
    timeout = given.timeout,
    log_dir = given.log_dir,
    content_dir = given.content_dir,
    artifacts_dir = given.artifacts_dir,
    starts = 0,
    env = {
      SCALERUN_TARGET_DATABASE = given.dsn,
      SCALERUN_TARGET_REDIS = given.redis_url,
      SCALERUN_TARGET_KEYS = given.keys_file,
      -- libpq's own variables must not change what the DSN says.
      PGOPTIONS = false,
      PGAPPNAME = false,
      PGSSLMODE = false,
      PGSERVICE = false,
    },
  }, Target)
end

-- Its first line, once it serves.
local function first_line(path)
  local file = io.open(path, "rb")
  local line = file and file:read("L")
  if file then
    file:close()
  end
  return line and line:sub(-1) == "\n" and line or nil
end

function Target:launch(settings, address)
  self.starts = self.starts + 1
  local base = ("%s/target-%s.%d"):format(self.log_dir, self.name, self.starts)
  local log, problems = base .. ".log", base .. ".err"
  local argv = {
    self.program, "--listen", address, "--replica", self.name, "--init-schema",
    "--content", self.content_dir, "--init-content", "--artifacts", self.artifacts_dir,
    env = self.env,
    stdout = { file = log },
    stderr = { file = problems },
  }
  local arguments = target.arguments(settings)
  table.move(arguments, 1, #arguments, #argv + 1, argv)
  self.problems = problems
  self.process = process.spawn(argv)
  local line = server.await {
    name = "scalerun-target",
    process = self.process,
    logs = { problems },
    timeout = self.timeout,
    ready = function()
      return first_line(log)
    end,
  }
  self.log, self.url = log, json.decode(line).url
  self.arguments = table.concat(arguments, "\0")
end

--- Starts it, at the URL that it had before, if there was one. Waits until it serves.
---@param settings table
function Target:start(settings)
  local address = self.url and self.url:match("^http://(.*)$")
  for attempt = 1, ATTEMPTS do
    local ok, err = pcall(self.launch, self, settings, address or ("127.0.0.1:%d"):format(ports.pick()))
    if ok then
      return
    end
    self:stop()
    if address or attempt == ATTEMPTS or not server.port_taken { self.problems } then
      error(err, 0)
    end
  end
end

--- Whether it runs; with these settings, where they are given.
---@param settings table?
---@return boolean
function Target:runs(settings)
  return self.process ~= nil and not self.process:status() and self.arguments ~= nil
    and (not settings or self.arguments == table.concat(target.arguments(settings), "\0"))
end

--- Ends it at once, whatever it is at.
function Target:kill()
  self.process:kill("KILL")
  self.process:wait()
  self:stop()
end

--- Ends it. Safe to call again.
function Target:stop()
  if self.process then
    self.process:stop()
    self.process, self.arguments = nil, nil
  end
end

return target
