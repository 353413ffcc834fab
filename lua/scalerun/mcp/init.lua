--- A client of MCP servers over Streamable HTTP: revisions 2025-03-26, 2025-06-18, 2025-11-25, and the stateless
--- 2026-07-28.
---
--- ```lua client
--- local client <close> = scale.mcp.connect {
---   url = url .. "/mcp", -- "http://localhost:8080/mcp"
---   headers = { Authorization = "Bearer " .. key },
--- }
--- local result = client:call_tool("get_next_task", { status = "pending" })
--- print(scale.mcp.text(result))
--- ```
---
--- Nothing is sent twice behind the script's back: a stream that breaks off is resumed where the server allows it,
--- but a request that got lost with its session is an error, unless the option resend asks for more.
local Client = require "scalerun.mcp.client"
local Peer = require "scalerun.mcp.peer"
local handshake = require "scalerun.mcp.handshake"
local options = require "scalerun.options"

---@class scale.mcp
local mcp = {}

---@class scale.mcp.Options
---@field url string? of the MCP endpoint; with project: its target's /mcp
---@field project scale.Project? whose key is sent, and whose observer is shown every message
---@field headers table<string, string>? of every request
---@field protocol "2025-11-25"|"2025-06-18"|"2025-03-26"|"2026-07-28"|nil the revision to offer; 2025-11-25. A server
---   that does not know 2026-07-28 is asked to initialize
---@field timeout number|string? from each request to its answer; 30 s
---@field on_notification fun(method: string, params: table)? notifications that no call takes
---@field on_request (fun(method: string, params: table): table?, table?)? what the server asks for: returns a
---   result, or nil and an error { code, message }. ping is answered anyway
---@field capabilities table? the client's; none
---@field client_info { name: string, version: string }?
---@field max_message integer? bytes of one message; 16 MiB
---@field resumptions integer? how often in a row a stream is resumed that then brings nothing; 5
---@field max_connections integer? and idle_timeout, ca_file, cert, key, insecure, unix_socket: as scale.http

local allowed = {
  url = "string",
  project = "table",
  headers = "table",
  protocol = "string",
  timeout = "number|string",
  on_notification = "function",
  on_request = "function",
  capabilities = "table",
  client_info = "table",
  max_message = "integer",
  resumptions = "integer",
  max_connections = "integer",
  idle_timeout = "number|string",
  ca_file = "string",
  cert = "string",
  key = "string",
  insecure = "boolean",
  unix_socket = "string",
}

local function has_authorization(headers)
  for name in pairs(headers) do
    if name:lower() == "authorization" then
      return true
    end
  end
end

-- The options with what the project knows.
local function complete(given)
  local full = {}
  for name, value in pairs(given) do
    full[name] = value
  end
  local project = given.project
  if project then
    local target = project.shared and project.shared.target
    full.url = full.url or target and target.url .. "/mcp"
    full.headers = {}
    for name, value in pairs(given.headers or {}) do
      full.headers[name] = value
    end
    if project.key and not has_authorization(full.headers) then
      full.headers.Authorization = "Bearer " .. project.key
    end
  end
  return full
end

--- Connects to a server: agrees with it on a revision and opens a session where it wants one.
---@param given scale.mcp.Options
---@return scale.mcp.Client
function mcp.connect(given)
  options.check("mcp.connect", given, allowed)
  local full = complete(given or {})
  if not full.url then
    error("mcp.connect: the option 'url' is missing", 2)
  end
  local known = { [handshake.STATELESS] = true }
  for _, revision in ipairs(handshake.REVISIONS) do
    known[revision] = true
  end
  if full.protocol and not known[full.protocol] then
    error(("mcp.connect: option 'protocol' is one of %s, %s, not %q"):format(
      table.concat(handshake.REVISIONS, ", "), handshake.STATELESS, full.protocol), 2)
  end
  local peer = Peer.new(full)
  peer:ready("mcp initialize")
  return Client.new(peer)
end

--- The texts of a result (of a tool, a prompt or a resource), each on lines of its own.
---@param result table
---@return string
function mcp.text(result)
  return Client.text(result)
end

return mcp
