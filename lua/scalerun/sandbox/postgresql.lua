--- A private PostgreSQL cluster: trust on a unix socket in a folder that nobody else enters, a password on a
--- free port of the loopback.
local fs = require "scalerun.fs"
local os_core = require "scalerun.core.os"
local process = require "scalerun.process"
local programs = require "scalerun.sandbox.programs"
local random = require "scalerun.random"
local server = require "scalerun.sandbox.server"

---@class scalerun.SandboxPostgresql
---@field dsn string by the unix socket
---@field tcp_dsn string by the loopback port, with a password
---@field log string its JSON log
---@field version string
local Postgresql = {}
Postgresql.__index = Postgresql

local postgresql = {}

local USER, DATABASE = "scalerun", "postgres"
local ATTEMPTS = 3 -- free ports that somebody else may take first

local LOGGER = 1 -- seconds that its logger may outlive it

-- Nothing of the caller's environment: PGOPTIONS and its like must not change what the server is.
local function environment(folder)
  return { PATH = os.getenv("PATH"), HOME = folder, LC_ALL = "C", TZ = "UTC" }
end

--- Begins to make the cluster; launch waits for it.
---@param given { folder: string, log_dir: string, programs: scalerun.PostgresqlPrograms, user: table?,
---  timeout: number }
---@return scalerun.SandboxPostgresql
function postgresql.prepare(given)
  local self = setmetatable({
    programs = given.programs,
    user = given.user and given.user.name,
    timeout = given.timeout,
    folder = given.folder,
    data = given.folder .. "/data",
    password = random.token(16),
    log_dir = given.log_dir,
    password_file = given.folder .. "/password",
    log = given.log_dir .. "/postgresql.json",
    logs = { given.log_dir .. "/postgresql.start.log", given.log_dir .. "/postgresql.json" },
  }, Postgresql)
  fs.write(self.password_file, self.password .. "\n", 0x180)
  if given.user then
    fs.chown(self.password_file, given.user.uid, given.user.gid)
  end
  self.initdb = process.spawn {
    self.programs.initdb, "--pgdata", self.data, "--username", USER, "--pwfile", self.password_file,
    "--auth-local", "trust", "--auth-host", "scram-sha-256", "--encoding", "UTF8", "--locale", "C",
    "--no-sync", "--no-instructions",
    user = self.user,
    clear_env = true,
    env = environment(given.folder),
    cwd = given.folder,
    stdout = "null",
    stderr = { file = given.log_dir .. "/initdb.log" },
    -- Let it finish: killed, it would leave shared memory behind that no folder holds.
    stop_signal = "CONT",
    grace = "10s",
  }
  return self
end

-- fsync off: the cluster ends with the sandbox. synchronous_commit stays on: what is acknowledged is committed.
function Postgresql:settings(port)
  local settings = {
    listen_addresses = "127.0.0.1",
    port = port,
    unix_socket_directories = self.folder,
    unix_socket_permissions = "0700",
    max_connections = 200,
    shared_buffers = "128MB",
    fsync = "off",
    full_page_writes = "off",
    -- In the data folder, not in /dev/shm, where a killed server would leave it.
    dynamic_shared_memory_type = "mmap",
    huge_pages = "off",
    jit = "off",
    timezone = "UTC",
    logging_collector = "on",
    log_destination = "jsonlog",
    log_directory = self.log_dir,
    log_filename = "postgresql.log", -- of which the JSON log is postgresql.json
    log_rotation_age = 0,
    log_rotation_size = 0,
    log_statement = "all",
    log_min_duration_statement = -1,
    log_timezone = "UTC",
  }
  if self.programs.statements then
    settings.shared_preload_libraries = "pg_stat_statements"
  end
  return settings
end

function Postgresql:spawn(port)
  local argv = {
    self.programs.postgres, "-D", self.data,
    user = self.user,
    clear_env = true,
    env = environment(self.folder),
    cwd = self.folder,
    stdout = { file = self.logs[1] },
    stderr = "stdout",
    -- At once: nothing in it will be asked for again. Its shared memory goes with it, as it would not with KILL.
    stop_signal = "QUIT",
  }
  for name, value in pairs(self:settings(port)) do
    argv[#argv + 1] = "-c"
    argv[#argv + 1] = ("%s=%s"):format(name, value)
  end
  return process.spawn(argv)
end

-- The server writes its state as the last line of this file.
function Postgresql:is_ready()
  local path = self.data .. "/postmaster.pid"
  return fs.exists(path) and fs.read(path):find("\nready *\n") ~= nil
end

--- Waits for initdb, starts the server and waits until it takes connections.
function Postgresql:launch()
  local ended = self.initdb:wait(self.timeout)
  fs.remove(self.password_file)
  if ended.status ~= 0 then
    programs.fail(("initdb could not make a PostgreSQL cluster in %s:%s"):format(
      self.data, server.head { self.log_dir .. "/initdb.log" }))
  end
  for attempt = 1, ATTEMPTS do
    local port = assert(os_core.free_port())
    self.process = self:spawn(port)
    local ok, err = pcall(server.await, {
      name = "PostgreSQL",
      process = self.process,
      logs = self.logs,
      timeout = self.timeout,
      ready = function()
        return self:is_ready()
      end,
    })
    if ok then
      self.dsn = ("host=%s port=%d user=%s dbname=%s"):format(self.folder, port, USER, DATABASE)
      self.tcp_dsn = ("postgresql://%s:%s@127.0.0.1:%d/%s"):format(USER, self.password, port, DATABASE)
      return
    end
    if attempt == ATTEMPTS or not server.port_taken(self.logs, LOGGER) then
      error(err, 0)
    end
    self.process:stop()
    for _, path in ipairs(self.logs) do
      fs.remove(path)
    end
  end
end

--- Asks for its version and installs what the witnesses use.
---@param connection table
function Postgresql:set_up(connection)
  self.version = connection:value("SHOW server_version"):match("^%S+")
  if self.programs.statements then
    connection:query("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
  end
end

--- Waits for the end of whatever runs.
function Postgresql:stop()
  for _, child in ipairs { self.initdb, self.process } do
    child:stop()
  end
end

return postgresql
