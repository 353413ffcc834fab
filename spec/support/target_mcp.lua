--- What the specs of the target's MCP side share: JSON-RPC over scale.http, without a client in between that
--- could hide what the server does.
local scale = require "scalerun"

local target_mcp = {}

local ACCEPT = "application/json, text/event-stream"

--- A body to POST, as it stands.
---@param client table a scale.http client with the project's key
---@param body string|table
---@param headers table<string, string>? besides, or instead of, those that a client sends
function target_mcp.post(client, body, headers)
  local all = { Accept = ACCEPT, ["Content-Type"] = "application/json" }
  for name, value in pairs(headers or {}) do
    all[name] = value or nil
  end
  return client:post("/mcp", {
    body = type(body) == "table" and scale.json.encode(body) or body,
    headers = all,
  })
end

--- One request; the whole JSON-RPC response.
---@param params table?
---@param id string|integer?
function target_mcp.request(client, method, params, id)
  local response = target_mcp.post(client, { jsonrpc = "2.0", id = id or 1, method = method, params = params })
  return response:json(), response
end

--- A tool's result.
function target_mcp.call(client, name, arguments, id)
  local answer = target_mcp.request(client, "tools/call", { name = name, arguments = arguments }, id)
  return answer.result, answer.error
end

--- The text of a resource, or nil and the error.
function target_mcp.read(client, uri, id)
  local answer, response = target_mcp.request(client, "resources/read", { uri = uri }, id)
  return answer.result and answer.result.contents[1].text, answer.error, response
end

--- A sample of /metrics by its whole name, labels included; 0 when it is not there.
function target_mcp.metric(client, name)
  for line in client:get("/metrics").body:gmatch("[^\n]+") do
    if line:sub(1, #name + 1) == name .. " " then
      return tonumber(line:sub(#name + 2))
    end
  end
  return 0
end

return target_mcp
