--- The server as a client's requests find it: one session at a time, opened anew when the server has lost it. Many
--- tasks may use it at once.
local core = require "scalerun.core.http"
local durations = require "scalerun.durations"
local errors = require "scalerun.errors"
local exchange = require "scalerun.mcp.exchange"
local handshake = require "scalerun.mcp.handshake"
local metrics = require "scalerun.core.metrics"
local recording = require "scalerun.target.recording"
local task = require "scalerun.task"
local time = require "scalerun.time"

---@class scalerun.mcp.ServerPeer: scalerun.mcp.Peer
---@field link scalerun.mcp.Link
---@field session scalerun.mcp.Session? the one that requests are sent in
---@field package opening scalerun.Task? opens a session just now
local Peer = {}
Peer.__index = Peer

local http_options = { "ca_file", "cert", "key", "insecure", "unix_socket", "max_connections", "idle_timeout" }

-- Who does not know what the server asks for says so; ping is known to all.
local function reply(on_request, request)
  local message = { jsonrpc = "2.0", id = request.id }
  if request.method == "ping" then
    message.result = {}
    return message
  end
  local result, problem
  if on_request then
    result, problem = on_request(request.method, type(request.params) == "table" and request.params or {})
  end
  if result ~= nil then
    message.result = result
  else
    message.error = problem or { code = -32601, message = "Method not found" }
  end
  return message
end

local function observed(project, url)
  return function(operation, status, text)
    if project.observer then
      project.observer(operation, { request = ("POST %s (%s)"):format(url, operation), status = status, body = text })
    end
  end
end

-- Writes the requests of that user into the project's history.
local function recorder(project)
  return project.sink and function(...)
    recording.mcp(project, ...)
  end or nil
end

---@param options table those of mcp.connect, checked
---@return scalerun.mcp.ServerPeer
function Peer.new(options)
  local common = { headers = options.headers }
  for _, name in ipairs(http_options) do
    common[name] = options[name]
  end
  local http, err = core.client(common)
  if not http then
    error(err, 0)
  end
  local project = options.project
  return setmetatable({
    link = {
      http = http,
      url = options.url,
      max_message = options.max_message or 16 << 20,
      resumptions = options.resumptions or 5,
      on_text = project and observed(project, options.url),
      record = project and recorder(project),
    },
    introduction = {
      protocol = options.protocol or handshake.REVISIONS[1],
      info = options.client_info or { name = "scalerun", version = require("scalerun.core.build").version },
      capabilities = options.capabilities or {},
    },
    timeout = options.timeout and time.duration(options.timeout) or 30,
    on_notification = options.on_notification,
    on_request = function(request)
      return reply(options.on_request, request)
    end,
    project = project and project.id,
    last_id = 0,
  }, Peer)
end

--- The same server and session, as one user of the project sees it: that user's observer is shown the answers.
---@param project scale.Project
---@return scalerun.mcp.ServerPeer
function Peer:for_project(project)
  local link = setmetatable({ on_text = observed(project, self.link.url), record = recorder(project) },
    { __index = self.link })
  return setmetatable({ link = link, project = project.id }, { __index = self, __newindex = self })
end

--- A request with a number of its own, or a notification, in no session.
---@param method string
---@param given { id: integer|string|nil, name: string?, timeout: number|string|nil }?
---@return scalerun.mcp.Ask
function Peer:make(method, given)
  given = given or {}
  local timeout = given.timeout and time.duration(given.timeout) or self.timeout
  local message = { jsonrpc = "2.0", method = method }
  if not method:find("^notifications/") then
    if given.id == nil then
      self.last_id = self.last_id + 1
    end
    message.id = given.id or self.last_id
  end
  return {
    operation = given.name or "mcp " .. method,
    message = message,
    timeout = timeout,
    deadline = time.now() + timeout,
    on_notification = self.on_notification,
    on_request = self.on_request,
  }
end

-- The word by which a failure is counted.
local function kind_of(err)
  if type(err) ~= "table" then
    return "script"
  end
  return err.kind == "mcp" and err.detail and "mcp " .. err.detail or err.kind or "script"
end

-- Runs what one operation comes to, and counts it.
function Peer:counted(operation, fn)
  local began = time.now_ns()
  local ok, value, at = pcall(fn)
  local seconds = ((ok and at or time.now_ns()) - began) / 1e9
  metrics.current():record(operation, seconds, not ok and kind_of(value) or nil)
  if not ok then
    if type(value) == "table" and value.project == nil then
      value.project = self.project
    end
    error(value, 0)
  end
  return value
end

--- Sends a request and waits for its answer; counted. judge, where given, turns the answer into the operation's
--- result, or raises.
---@param ask scalerun.mcp.Ask
---@param judge (fun(answer: scalerun.mcp.Answer): any)?
function Peer:call(ask, judge)
  return self:counted(ask.operation, function()
    local answer = exchange.call(self.link, ask)
    ask.replica = answer.response.headers["x-replica"]
    return judge and judge(answer) or answer, answer.at
  end)
end

---@param ask scalerun.mcp.Ask
function Peer:send(ask)
  return self:counted(ask.operation, function()
    exchange.send(self.link, ask)
    return true
  end)
end

-- Opens a session in a task of its own, so that several tasks that need it wait for one handshake.
function Peer:open()
  if not self.opening then
    self.opening = task.spawn(function()
      local open = self.introduction.protocol == handshake.STATELESS and handshake.discover or handshake.initialize
      self.session = open(self, self.introduction)
    end)
  end
  local opening = self.opening
  local ok, err = opening:wait()
  if self.opening == opening then
    self.opening = nil
  end
  if not ok then
    error(err, 0)
  end
end

--- The session, opened where there is none.
---@return scalerun.mcp.Session
function Peer:ready(operation)
  if self.closed then
    error(errors.new { kind = "state", operation = operation, message = "this client was closed" }, 0)
  end
  if not self.session or self.opening then
    self:open()
  end
  return self.session
end

--- The server has lost a session: opens another one, unless that has been done.
---@param lost scalerun.mcp.Session
---@return string what became of it, for the error
function Peer:renew(lost)
  if self.session == lost then
    self.session = nil
  end
  if not self.session then
    local ok, err = pcall(self.open, self)
    if not ok then
      return "and none could be opened again: " .. (type(err) == "table" and err.message or tostring(err))
    end
  end
  return "a new session is open: make the call again, or let the client do so with the option resend"
end

--- Tells the server that nobody waits for an answer any more. Nothing depends on it.
---@param ask scalerun.mcp.Ask
---@param session scalerun.mcp.Session
function Peer:give_up(ask, session)
  if session.stateless or self.closed then
    return -- closing the response's stream says it
  end
  local note = self:make("notifications/cancelled", { timeout = 1 })
  note.message.params = { requestId = ask.message.id, reason = ("no answer within %s"):format(
    durations.exact(ask.timeout)) }
  note.session, note.headers = session.id, handshake.dress(session, self.introduction)
  pcall(self.send, self, note)
end

--- Ends the session. Does not raise.
---@return boolean ok
---@return scalerun.Error? err
function Peer:close()
  local session = self.session
  self.closed, self.session = true, nil
  if not (session and session.id) then
    return true
  end
  local timeout = math.min(self.timeout, 5)
  local ask = {
    operation = "mcp close",
    timeout = timeout,
    deadline = time.now() + timeout,
    headers = handshake.dress(session, self.introduction),
  }
  local ok, err = pcall(self.counted, self, ask.operation, function()
    exchange.delete(self.link, ask)
    return true
  end)
  return ok, not ok and err or nil
end

return Peer
