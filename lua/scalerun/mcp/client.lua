--- What scripts do with an MCP server. Every method is one operation, or one for each page of a list, counted and
--- timed as "mcp METHOD" (with the name of the tool or prompt); it raises an error table of kind
---
---   mcp       the server answered with a JSON-RPC error: fields code, data
---   tool      a tool failed (isError): field result
---   session   the server has lost the session; the request was not sent again
---   http N    a status that carries no JSON-RPC
---   protocol  what came is not what the protocol promises
---   timeout, closed, connect, …  as scale.http
local call = require "scalerun.mcp.call"
local handshake = require "scalerun.mcp.handshake"
local headers = require "scalerun.mcp.headers"
local options = require "scalerun.options"

---@class scale.mcp.Client
---@field protocol string the negotiated revision
---@field session_id string? the server's name for the session
---@field server table? name, version, …
---@field capabilities table the server's
---@field instructions string?
---@field package peer scalerun.mcp.ServerPeer
---@field package mirrored table<string, table> what tools want in headers, by name (stateless revision)
local Client = {}

-- What the handshake tells is looked up in the session of the moment.
local of_session = { protocol = "protocol", session_id = "id", server = "server", capabilities = "capabilities",
  instructions = "instructions" }

function Client.__index(client, key)
  local field = of_session[key]
  if field then
    local session = rawget(client, "peer").session
    return session and session[field]
  end
  return Client[key]
end

Client.__name = "scale.mcp.Client"

---@package
---@param peer scalerun.mcp.ServerPeer
---@return scale.mcp.Client
function Client.new(peer)
  return setmetatable({ peer = peer, mirrored = {} }, Client)
end

--- The same client, in the same session, whose answers the project's observer is shown.
---@param project scale.Project
---@return scale.mcp.Client
function Client:for_project(project)
  return setmetatable({ peer = self.peer:for_project(project), mirrored = self.mirrored }, Client)
end

local tool_options = {
  return_errors = "boolean",
  input_responses = "table",
  request_state = "string",
}
for name, kind in pairs(call.options) do
  tool_options[name] = kind
end

--- Any request, for methods that have no function here.
---@param method string "completion/complete"
---@param params table?
---@param given scale.mcp.CallOptions?
---@return table result
function Client:request(method, params, given)
  given = options.check("mcp.request", given, call.options)
  return call.request(self, method, params, given)
end

--- All resources.
---@param given scale.mcp.CallOptions?
---@return table[] resources each with uri, name, mimeType, …
function Client:list_resources(given)
  given = options.check("mcp.list_resources", given, call.options)
  return call.list(self, "resources/list", "resources", given)
end

--- All templates of resources.
---@param given scale.mcp.CallOptions?
---@return table[] templates each with uriTemplate, name, …
function Client:list_resource_templates(given)
  given = options.check("mcp.list_resource_templates", given, call.options)
  return call.list(self, "resources/templates/list", "resourceTemplates", given)
end

--- Reads a resource. All are counted as "mcp resources/read": URIs carry ids. The option name tells them apart.
---@param uri string
---@param given scale.mcp.CallOptions?
---@return { contents: table[] } result each with uri, and text or blob
function Client:read_resource(uri, given)
  given = options.check("mcp.read_resource", given, call.options)
  return call.request(self, "resources/read", { uri = uri }, given, call.holding "contents")
end

--- All prompts.
---@param given scale.mcp.CallOptions?
---@return table[] prompts each with name, description, arguments
function Client:list_prompts(given)
  given = options.check("mcp.list_prompts", given, call.options)
  return call.list(self, "prompts/list", "prompts", given)
end

--- A prompt, filled in.
---@param name string
---@param arguments table<string, string>?
---@param given scale.mcp.CallOptions?
---@return { messages: table[], description: string? } result
function Client:get_prompt(name, arguments, given)
  given = options.check("mcp.get_prompt", given, call.options)
  local params = { name = name, arguments = arguments or {} }
  return call.request(self, "prompts/get", params, call.named(given, "mcp prompts/get " .. tostring(name)),
    call.holding "messages")
end

--- All tools. In the stateless revision those whose definition is not valid are left out, as it demands.
---@param given scale.mcp.CallOptions?
---@return table[] tools each with name, description, inputSchema
function Client:list_tools(given)
  given = options.check("mcp.list_tools", given, call.options)
  local tools = call.list(self, "tools/list", "tools", given)
  if self.protocol ~= handshake.STATELESS then
    return tools
  end
  local valid = {}
  for _, tool in ipairs(tools) do
    local mirrored = headers.mirrored(tool)
    if mirrored then
      valid[#valid + 1] = tool
      self.mirrored[tool.name] = mirrored
    end
  end
  return valid
end

---@class scale.mcp.ToolOptions: scale.mcp.CallOptions
---@field return_errors boolean? a result with isError is returned rather than raised
---@field input_responses table? answers to what the server asked for before (stateless revision)
---@field request_state string? what it wants to be reminded of

--- Calls a tool.
---@param name string
---@param arguments table?
---@param given scale.mcp.ToolOptions?
---@return { content: table[], structuredContent: table?, isError: boolean? } result
function Client:call_tool(name, arguments, given)
  given = options.check("mcp.call_tool", given, tool_options)
  local params = {
    name = name,
    arguments = arguments or {},
    inputResponses = given.input_responses,
    requestState = given.request_state,
  }
  local has_content = call.holding "content"
  return call.request(self, "tools/call", params, call.named(given, "mcp tools/call " .. tostring(name)),
    function(ask, result)
      has_content(ask, result)
      if result.isError == true and not given.return_errors then
        local text = Client.text(result)
        local shown = #text > 200 and text:sub(1, 200) .. "…" or text
        call.raise(ask, { kind = "tool", message = "the tool failed: " .. shown, result = result })
      end
      return result
    end)
end

--- Asks whether the server is there. The stateless revision has no ping: there server/discover is asked.
---@param given scale.mcp.CallOptions?
function Client:ping(given)
  given = options.check("mcp.ping", given, call.options)
  local stateless = self.peer:ready("mcp ping").stateless
  call.request(self, stateless and "server/discover" or "ping", nil, call.named(given, "mcp ping"))
end

--- Sends a notification.
---@param method string "notifications/roots/list_changed"
---@param params table?
---@param given { timeout: number|string|nil, name: string? }?
function Client:notify(method, params, given)
  given = options.check("mcp.notify", given, { timeout = "number|string", name = "string" })
  local peer = self.peer
  local session = peer:ready(given.name or "mcp " .. method)
  local ask = peer:make(method, given)
  ask.session = session.id
  ask.headers, ask.message.params = handshake.dress(session, peer.introduction, method, params)
  peer:send(ask)
end

-- A content block, a prompt's message or a resource's content, as text.
local function text_of(block)
  if type(block.content) == "table" then
    return text_of(block.content)
  elseif type(block.resource) == "table" then
    return text_of(block.resource)
  end
  return type(block.text) == "string" and block.text or nil
end

--- The texts of a result (of a tool, a prompt or a resource), each on lines of its own.
---@param result table
---@return string
function Client.text(result)
  local texts = {}
  for _, block in ipairs(result.content or result.contents or result.messages or {}) do
    texts[#texts + 1] = text_of(block)
  end
  return table.concat(texts, "\n")
end

--- Ends the session. Does not raise: nil and an error when the server could not be told. Safe to call again;
--- `local client <close> = …` does it when the block ends.
---@return boolean? ok
---@return scalerun.Error? err
function Client:close()
  local ok, err = self.peer:close()
  return ok or nil, err
end

Client.__close = Client.close

return Client
