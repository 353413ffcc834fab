--- A private HAProxy before the target's replicas.
---
--- Nothing is ever sent twice: a request that is lost with its replica is lost, and the client is told (502, 503 or
--- a closed connection), because a request that was repeated behind the client's back could allocate ids twice.
--- Requests go round the replicas in turn, whatever connection they come on.
local fs = require "scalerun.fs"
local haproxy = require "scalerun.haproxy"
local ports = require "scalerun.sandbox.ports"
local process = require "scalerun.process"
local server = require "scalerun.sandbox.server"

---@class scalerun.SandboxBalancer
---@field url string
---@field stats_url string its statistics, in CSV
---@field log string
local Balancer = {}
Balancer.__index = Balancer

local balancer = {}

local ATTEMPTS = 5 -- ports that somebody else may have
local SKEW = 4

-- fault slow_balancer, for HAProxy's own Lua: its rules alone do not hold a request that is whole.
local HOLD = [[
core.register_action("hold", { "http-req" }, function()
  core.msleep(25)
end)
]]

-- Failed checks after which a replica gets no more requests.
local FALL, NEVER = 2, 1000000

-- Checked often enough that a killed replica gets no more requests after less than half a second, and a new one
-- soon. A slow answer to a check is no reason to take a replica out: it may be busy because of the test.
-- The waits are an hour, as the client's own deadlines are what counts.
local configuration = [[
global
  maxconn 4000
  no strict-limits
  nbthread 1
  tune.bufsize 32768
%s
defaults
  mode http
  %s
  timeout connect 5s
  timeout client 1h
  timeout server 1h
  timeout http-keep-alive 1h
  timeout check 5s
  retries 0
  no option redispatch
  option http-keep-alive

frontend target
  bind %s
%s  default_backend replicas

backend replicas
  balance %s
  http-reuse safe
  option httpchk
  http-check send meth GET uri /health ver HTTP/1.1 hdr Host 127.0.0.1
  http-check expect status 200
  default-server check inter 250ms fastinter 100ms downinter 100ms fall %d rise 1
%s
frontend statistics
  bind %s
  stats enable
  stats uri /
]]

local LOG = { "  log stdout format raw daemon\n", "log global\n  option httplog" }

---@class scalerun.BalancerPlan
---@field servers { name: string, url: string }[]
---@field skewed boolean? the first gets more
---@field sticky boolean? each project's requests go to one server
---@field blind boolean? a server that is gone is not noticed
---@field slow boolean? requests are held up
---@field log boolean a line for every request

---@param address string where it listens
---@param stats string where its statistics are
---@param plan scalerun.BalancerPlan
---@return string
function balancer.configuration(address, stats, plan)
  local lines = {}
  for index, one in ipairs(plan.servers) do
    lines[index] = ("  server %s %s weight %d\n"):format(one.name, one.url:match("^http://(.*)$"),
      plan.skewed and index == 1 and SKEW or 1)
  end
  local first = (plan.log and LOG[1] or "") .. (plan.slow and "  lua-load hold.lua\n" or "")
  return configuration:format(first, plan.log and LOG[2] or "no log", address,
    plan.slow and "  http-request lua.hold\n" or "", plan.sticky and "hdr(authorization)" or "roundrobin",
    plan.blind and NEVER or FALL, table.concat(lines), stats)
end

---@param given { folder: string, log_dir: string, program: string, user: table?, timeout: number }
---@return scalerun.SandboxBalancer
function balancer.new(given)
  return setmetatable({
    folder = given.folder,
    log = given.log_dir .. "/balancer.log",
    problems = given.log_dir .. "/balancer.err",
    program = given.program,
    user = given.user,
    timeout = given.timeout,
  }, Balancer)
end

-- A file that HAProxy's user can read, and nobody else.
function Balancer:write(path, text)
  fs.write(path, text, 0x180)
  if self.user then
    fs.chown(path, self.user.uid, self.user.gid)
  end
end

function Balancer:launch()
  local path = self.folder .. "/haproxy.cfg"
  self:write(path, balancer.configuration(self.address, self.stats_address, self.plan))
  self:write(self.folder .. "/hold.lua", HOLD)
  self.process = process.spawn {
    self.program, "-db", "-f", path,
    user = self.user and self.user.name,
    clear_env = true,
    env = { PATH = os.getenv("PATH"), HOME = self.folder, LC_ALL = "C" },
    cwd = self.folder,
    stdout = { file = self.log },
    stderr = { file = self.problems },
  }
  server.await {
    name = "HAProxy",
    process = self.process,
    logs = { self.problems },
    timeout = self.timeout,
    ready = function()
      return self:servers() ~= nil
    end,
  }
end

-- What it says about its servers; nil while it does not listen yet.
function Balancer:servers()
  local ok, found = pcall(haproxy.stats, self.stats_url)
  if not ok and found.kind == "cancel" then
    error(found, 0)
  end
  return ok and found or nil
end

--- Starts it, at the address that it had before, if there was one. Waits until it serves.
---@param plan scalerun.BalancerPlan
function Balancer:start(plan)
  self.plan = plan
  local settled = self.url ~= nil
  for attempt = 1, ATTEMPTS do
    if not settled then
      self.address = ("127.0.0.1:%d"):format(ports.pick())
      self.stats_address = ("127.0.0.1:%d"):format(ports.pick())
      self.stats_url = ("http://%s/;csv"):format(self.stats_address)
    end
    local ok, err = pcall(self.launch, self)
    if ok then
      self.url = "http://" .. self.address
      return
    end
    self:stop()
    if settled or attempt == ATTEMPTS or not server.port_taken { self.problems } then
      error(err, 0)
    end
  end
end

--- Waits until it sends requests to the named replicas.
---@param names table<string, boolean>
function Balancer:await(names)
  local wanted = 0
  for _ in pairs(names) do
    wanted = wanted + 1
  end
  server.await {
    name = "HAProxy",
    process = self.process,
    logs = { self.problems },
    timeout = self.timeout,
    ready = function()
      local up = 0
      for _, one in ipairs(self:servers() or {}) do
        up = up + (names[one.name] and one.status == "UP" and 1 or 0)
      end
      return up == wanted
    end,
  }
end

function Balancer:stop()
  if self.process then
    self.process:stop()
    self.process = nil
  end
end

return balancer
