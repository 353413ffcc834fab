--- One replica of the reference target.
local json = require "scalerun.json"
local process = require "scalerun.process"
local server = require "scalerun.sandbox.server"

---@class scalerun.SandboxTarget
---@field name string as in X-Replica
---@field url string
local Target = {}
Target.__index = Target

local target = {}

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
}

local durations = { reservation_ttl = true, sweep_interval = true, pool_timeout = true, cache_ttl = true }

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
  local names, argv = {}, {}
  for name in pairs(settings) do
    names[#names + 1] = name
  end
  table.sort(names)
  for _, name in ipairs(names) do
    local values = settings[name]
    for _, value in ipairs(type(values) == "table" and values or { values or nil }) do
      argv[#argv + 1] = "--" .. name:gsub("_", "-")
      argv[#argv + 1] = option_value(name, value)
    end
  end
  return argv
end

-- The port that the replica has once listened on, so that its URL stays.
local function listen_address(url)
  return url and url:match("^http://(.*)$") or "127.0.0.1:0"
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

--- Starts it and waits until it serves.
---@param settings table
function Target:start(settings)
  self.starts = self.starts + 1
  local base = ("%s/target-%s.%d"):format(self.log_dir, self.name, self.starts)
  local log, problems = base .. ".log", base .. ".err"
  local argv = {
    self.program, "--listen", listen_address(self.url), "--replica", self.name, "--init-schema",
    "--content", self.content_dir, "--init-content", "--artifacts", self.artifacts_dir,
    env = self.env,
    stdout = { file = log },
    stderr = { file = problems },
  }
  for _, word in ipairs(target.arguments(settings)) do
    argv[#argv + 1] = word
  end
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
end

function Target:stop()
  if self.process then
    self.process:stop()
    self.process = nil
  end
end

return target
