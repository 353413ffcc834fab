--- A private Redis that keeps nothing on disk.
local fs = require "scalerun.fs"
local os_core = require "scalerun.core.os"
local process = require "scalerun.process"
local random = require "scalerun.random"
local redis = require "scalerun.redis"
local server = require "scalerun.sandbox.server"

---@class scalerun.SandboxRedis
---@field url string by the loopback port
---@field unix_url string by the socket
---@field version string
local Redis = {}
Redis.__index = Redis

local sandbox_redis = {}

local ATTEMPTS = 3 -- free ports that somebody else may take first

-- In a file: the arguments of a process can be read by everyone, and the password is one of them.
local configuration = [[
bind 127.0.0.1
port %d
unixsocket %s
unixsocketperm 700
requirepass %s
dir %s
save ""
appendonly no
daemonize no
]]

function Redis:spawn()
  local port = assert(os_core.free_port())
  local path = self.folder .. "/redis.conf"
  fs.write(path, configuration:format(port, self.socket, self.password, self.folder), 0x180)
  if self.user then
    fs.chown(path, self.user.uid, self.user.gid)
  end
  self.url = ("redis://:%s@127.0.0.1:%d"):format(self.password, port)
  self.process = process.spawn {
    self.program, path,
    user = self.user and self.user.name,
    clear_env = true,
    env = { PATH = os.getenv("PATH"), HOME = self.folder, LC_ALL = "C" },
    cwd = self.folder,
    stdout = { file = self.logs[1] },
    stderr = "stdout",
  }
end

--- Begins to start the server; launch waits for it.
---@param given { folder: string, log_dir: string, program: string, user: table?, timeout: number }
---@return scalerun.SandboxRedis
function sandbox_redis.prepare(given)
  local password = random.token(16)
  local self = setmetatable({
    program = given.program,
    user = given.user,
    timeout = given.timeout,
    folder = given.folder,
    socket = given.folder .. "/socket",
    password = password,
    unix_url = ("unix://:%s@%s/socket"):format(password, given.folder),
    logs = { given.log_dir .. "/redis.log" },
  }, Redis)
  self:spawn()
  return self
end

function Redis:is_ready()
  local ok, client = pcall(redis.connect, self.unix_url, { name = "sandbox" })
  if not ok then
    if client.kind == "cancel" then
      error(client, 0)
    end
    return false
  end
  self.version = client:info("server"):match("redis_version:(%S+)")
  client:close()
  return true
end

--- Waits until the server answers.
function Redis:launch()
  for attempt = 1, ATTEMPTS do
    local ok, err = pcall(server.await, {
      name = "Redis",
      process = self.process,
      logs = self.logs,
      timeout = self.timeout,
      ready = function()
        return self:is_ready()
      end,
    })
    if ok then
      return
    end
    if attempt == ATTEMPTS or not server.port_taken(self.logs) then
      error(err, 0)
    end
    self.process:stop()
    fs.remove(self.logs[1])
    self:spawn()
  end
end

function Redis:stop()
  self.process:stop()
end

return sandbox_redis
