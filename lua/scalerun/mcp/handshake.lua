--- What a client and a server agree on before anything else: the revision of the protocol, and a session where the
--- server wants one. Revisions up to 2025-11-25 begin with `initialize`; in the stateless revision every request says
--- for itself what it needs, and `server/discover` tells what the server speaks.
local errors = require "scalerun.errors"
local headers = require "scalerun.mcp.headers"

local handshake = {}

handshake.STATELESS = "2026-07-28"

--- Revisions that begin with initialize, the newest first.
handshake.REVISIONS = { "2025-11-25", "2025-06-18", "2025-03-26" }

---@class scalerun.mcp.Session
---@field protocol string the negotiated revision
---@field id string? the server's name for the session
---@field stateless boolean?
---@field server table? name and version
---@field capabilities table the server's
---@field instructions string?

---@class scalerun.mcp.Peer how messages get to the server
---@field make fun(self, method: string): scalerun.mcp.Ask a request, or a notification, without headers
---@field call fun(self, ask: scalerun.mcp.Ask): scalerun.mcp.Answer
---@field send fun(self, ask: scalerun.mcp.Ask)

---@class scalerun.mcp.Introduction what a client says of itself
---@field protocol string the revision that it wishes
---@field info table name and version
---@field capabilities table

local BASE = { ["Content-Type"] = "application/json", Accept = "application/json, text/event-stream" }

local function with(list, more)
  for name, value in pairs(more) do
    list[name] = value
  end
  return list
end

--- The headers and the parameters that a request has in this session.
---@param session scalerun.mcp.Session
---@param introduction scalerun.mcp.Introduction
---@param method string?
---@param params table?
---@return table<string, string> headers
---@return table? params
function handshake.dress(session, introduction, method, params)
  local list = with({ ["MCP-Protocol-Version"] = session.protocol, ["Mcp-Session-Id"] = session.id }, BASE)
  if not (session.stateless and method) then
    return list, params
  end
  params = with({}, params or {})
  params._meta = with({
    ["io.modelcontextprotocol/protocolVersion"] = session.protocol,
    ["io.modelcontextprotocol/clientInfo"] = introduction.info,
    ["io.modelcontextprotocol/clientCapabilities"] = introduction.capabilities,
  }, params._meta or {})
  return with(list, headers.standard(method, params)), params
end

local function refused(ask, code, message, ...)
  error(errors.new {
    kind = "mcp",
    operation = ask.operation,
    code = code,
    detail = code and tostring(code),
    message = message:format(...),
  }, 0)
end

local function list_of(value)
  local list = {}
  for _, one in ipairs(type(value) == "table" and value or {}) do
    list[one] = true
  end
  return list
end

-- The newest revision that begins with initialize and is among these.
local function newest(known)
  for _, revision in ipairs(handshake.REVISIONS) do
    if known[revision] then
      return revision
    end
  end
end

local function text(known)
  local names = {}
  for name in pairs(known) do
    names[#names + 1] = tostring(name)
  end
  table.sort(names)
  return table.concat(names, ", ")
end

local UNSUPPORTED_VERSION = -32022

-- Codes that only servers of the stateless revision use.
local stateless_codes = { [-32020] = true, [-32021] = true, [UNSUPPORTED_VERSION] = true }

--- Opens a session with initialize. Raises when there is no revision that both speak.
---@param peer scalerun.mcp.Peer
---@param introduction scalerun.mcp.Introduction
---@return scalerun.mcp.Session
function handshake.initialize(peer, introduction)
  local ask = peer:make "initialize"
  ask.headers = with({}, BASE)
  ask.message.params = {
    protocolVersion = introduction.protocol,
    capabilities = introduction.capabilities,
    clientInfo = introduction.info,
  }
  local answer = peer:call(ask)
  local problem, result = answer.message.error, answer.message.result
  if problem then
    local hint = stateless_codes[problem.code]
      and (" (it may speak the stateless revision alone: connect with protocol = %q)"):format(handshake.STATELESS) or ""
    refused(ask, problem.code, "the server refused to initialize with error %s: %s%s", tostring(problem.code),
      tostring(problem.message), hint)
  end
  local revision = type(result) == "table" and result.protocolVersion
  if not list_of(handshake.REVISIONS)[revision] then
    refused(ask, nil, "the server wants to speak revision %s of the protocol; this client speaks %s",
      tostring(revision), table.concat(handshake.REVISIONS, ", "))
  end
  local session = {
    protocol = revision,
    id = answer.response.headers["mcp-session-id"],
    server = result.serverInfo,
    capabilities = result.capabilities or {},
    instructions = result.instructions,
  }
  local note = peer:make "notifications/initialized"
  note.session = session.id
  note.headers = handshake.dress(session, introduction)
  peer:send(note)
  return session
end

-- What the answer to server/discover, or its absence, says: the revisions of the server, or nil where it does not
-- know the method.
local function discovered(ask, ok, answer)
  if not ok then
    -- A server of the revisions before cannot be expected to understand: it may refuse in any way with 4xx.
    local status = type(answer) == "table" and answer.status
    if status and status // 100 == 4 and status ~= 401 and status ~= 403 and status ~= 429 then
      return nil
    end
    error(answer, 0)
  end
  local problem, result = answer.message.error, answer.message.result
  if problem and problem.code == UNSUPPORTED_VERSION then
    return list_of(type(problem.data) == "table" and problem.data.supported)
  elseif problem and stateless_codes[problem.code] then
    refused(ask, problem.code, "the server refused server/discover with error %d: %s", problem.code,
      tostring(problem.message))
  elseif type(result) == "table" and type(result.supportedVersions) == "table" then
    return list_of(result.supportedVersions), result
  end
end

--- Asks a server of the stateless revision what it is. A server that does not know the question, or the revision,
--- is asked to initialize instead.
---@param peer scalerun.mcp.Peer
---@param introduction scalerun.mcp.Introduction
---@return scalerun.mcp.Session
function handshake.discover(peer, introduction)
  local session = { protocol = handshake.STATELESS, stateless = true, capabilities = {} }
  local ask = peer:make "server/discover"
  ask.headers, ask.message.params = handshake.dress(session, introduction, "server/discover")
  local known, result = discovered(ask, pcall(peer.call, peer, ask))
  if known and known[handshake.STATELESS] then
    local meta = result and type(result._meta) == "table" and result._meta or {}
    session.server = result and (result.serverInfo or meta["io.modelcontextprotocol/serverInfo"])
    session.capabilities = result and result.capabilities or {}
    session.instructions = result and result.instructions
    return session
  end
  local older = newest(known or list_of(handshake.REVISIONS))
  if not older then
    refused(ask, nil, "the server speaks the revisions %s of the protocol; this client speaks %s, %s", text(known),
      handshake.STATELESS, table.concat(handshake.REVISIONS, ", "))
  end
  return handshake.initialize(peer, with(with({}, introduction), { protocol = older }))
end

return handshake
