--- A private PostgreSQL for specs: a temporary folder, a unix socket, nothing durable. `postgres.start()` in setup,
--- `server:stop()` in teardown; should that be missed, the server ends with scalerun.
local fs = require "scalerun.fs"
local os_core = require "scalerun.core.os"
local pg = require "scalerun.pg"
local process = require "scalerun.process"
local time = require "scalerun.time"

local postgres = {}

---@class support.Postgres
---@field dsn string superuser postgres, database postgres
---@field folder string of the socket, the data and the log
local Server = {}
Server.__index = Server

local function bindir()
  return (process.run({ "pg_config", "--bindir" }).stdout:gsub("%s+$", ""))
end

local function run_or_raise(command)
  local ran = process.run(command)
  if ran.status ~= 0 then
    error(("%s: %s%s"):format(command[1], ran.stdout, ran.stderr), 2)
  end
end

local function wait_until_ready(server)
  for _ = 1, 3000 do
    local ok, connection = pcall(pg.connect, server.dsn)
    if ok then
      connection:close()
      return
    end
    if server.process:status() then
      break
    end
    time.sleep("20ms")
  end
  error("PostgreSQL did not start:\n" .. fs.read(server.folder .. "/log"), 2)
end

--- Starts a server. settings: more of postgresql.conf, { log_statement = "all" }.
---@param settings table<string, string|number>?
---@return support.Postgres
function postgres.start(settings)
  local bin = bindir()
  local folder = fs.mkdtemp("scalerun-postgres-")
  local user = os_core.uid() == 0 and os_core.user("postgres") or nil -- it refuses to run as root
  if user then
    fs.chown(folder, user.uid, user.gid)
  end
  run_or_raise {
    bin .. "/initdb", "-D", folder .. "/data", "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C",
    "--no-sync", "--wal-segsize=1",
    user = user and user.name,
    cwd = folder,
  }
  local command = {
    bin .. "/postgres", "-D", folder .. "/data", "-k", folder, "-c", "listen_addresses=", "-c", "fsync=off",
    "-c", "shared_buffers=16MB", "-c", "dynamic_shared_memory_type=mmap", "-c", "autovacuum=off",
    "-c", "max_connections=50",
    user = user and user.name,
    cwd = folder,
    stdout = { file = folder .. "/log" },
    stderr = "stdout",
    stop_signal = "QUIT",
  }
  for name, value in pairs(settings or {}) do
    command[#command + 1] = "-c"
    command[#command + 1] = ("%s=%s"):format(name, value)
  end
  local server = setmetatable({
    folder = folder,
    dsn = ("host=%s user=postgres dbname=postgres"):format(folder),
    process = process.spawn(command),
  }, Server)
  wait_until_ready(server)
  return server
end

--- Ends the server and removes all of it.
function Server:stop()
  self.process:stop()
  fs.remove(self.folder)
end

return postgres
