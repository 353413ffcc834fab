---@meta scalerun.mcp.client
-- Made from lua/scalerun/mcp/client.lua by scripts/annotations: change it there.

--- What scripts do with an MCP server. Every method is one operation, or one for each page of a list, counted and
--- timed as "mcp METHOD" (with the name of the tool or prompt); it raises an error table of kind
---
---   mcp       the server answered with a JSON-RPC error: fields code, data
---   tool      a tool failed (isError): field result
---   session   the server has lost the session; the request was not sent again
---   http N    a status that carries no JSON-RPC
---   protocol  what came is not what the protocol promises
---   timeout, closed, connect, …  as scale.http

---@class scale.mcp.Client
---@field protocol string the negotiated revision
---@field session_id string? the server's name for the session
---@field server table? name, version, …
---@field capabilities table the server's
---@field instructions string?
local Client = {}

--- The same client, in the same session, whose answers the project's observer is shown.
---@param project scale.Project
---@return scale.mcp.Client
function Client:for_project(project) end

--- Any request, for methods that have no function here.
---@param method string "completion/complete"
---@param params table?
---@param given scale.mcp.CallOptions?
---@return table result
function Client:request(method, params, given) end

--- All resources.
---@param given scale.mcp.CallOptions?
---@return table[] resources each with uri, name, mimeType, …
function Client:list_resources(given) end

--- All templates of resources.
---@param given scale.mcp.CallOptions?
---@return table[] templates each with uriTemplate, name, …
function Client:list_resource_templates(given) end

--- Reads a resource. All are counted as "mcp resources/read": URIs carry ids. The option name tells them apart.
---@param uri string
---@param given scale.mcp.CallOptions?
---@return { contents: table[] } result each with uri, and text or blob
function Client:read_resource(uri, given) end

--- All prompts.
---@param given scale.mcp.CallOptions?
---@return table[] prompts each with name, description, arguments
function Client:list_prompts(given) end

--- A prompt, filled in.
---@param name string
---@param arguments table<string, string>?
---@param given scale.mcp.CallOptions?
---@return { messages: table[], description: string? } result
function Client:get_prompt(name, arguments, given) end

--- All tools. In the stateless revision those whose definition is not valid are left out, as it demands.
---@param given scale.mcp.CallOptions?
---@return table[] tools each with name, description, inputSchema
function Client:list_tools(given) end

---@class scale.mcp.ToolOptions: scale.mcp.CallOptions
---@field return_errors boolean? a result with isError is returned rather than raised
---@field input_responses table? answers to what the server asked for before (stateless revision)
---@field request_state string? what it wants to be reminded of

--- Calls a tool.
---@param name string
---@param arguments table?
---@param given scale.mcp.ToolOptions?
---@return { content: table[], structuredContent: table?, isError: boolean? } result
function Client:call_tool(name, arguments, given) end

--- Asks whether the server is there. The stateless revision has no ping: there server/discover is asked.
---@param given scale.mcp.CallOptions?
function Client:ping(given) end

--- Sends a notification.
---@param method string "notifications/roots/list_changed"
---@param params table?
---@param given { timeout: number|string|nil, name: string? }?
function Client:notify(method, params, given) end

--- The texts of a result (of a tool, a prompt or a resource), each on lines of its own.
---@param result table
---@return string
function Client.text(result) end

--- Ends the session. Does not raise: nil and an error when the server could not be told. Safe to call again;
--- `local client <close> = …` does it when the block ends.
---@return boolean? ok
---@return scalerun.Error? err
function Client:close() end

return Client
