--- What a status other than 2xx means to an MCP client.
local errors = require "scalerun.errors"
local json = require "scalerun.json"

local refusals = {}

-- Codes of JSON-RPC itself speak of the request; what servers say of a session they do not know has codes of
-- their own, or none.
local function is_about_the_request(rpc)
  local code = rpc and rpc.error.code
  return math.type(code) == "integer" and (code == -32700 or code <= -32600 and code >= -32603)
end

local function is_lost_session(ask, status, rpc)
  return ask.session ~= nil and (status == 404 or status == 400 and not is_about_the_request(rpc))
end

local function rpc_error(text)
  local value = json.try_decode(text)
  local is_one = type(value) == "table" and type(value.error) == "table" and math.type(value.error.code) == "integer"
  return is_one and value or nil
end

local hints = {
  [401] = " (the key is missing or wrong: see the option headers)",
  [403] = " (the key may not do this, or the server does not accept this Host or Origin)",
  [404] = " (is the path of the URL right?)",
  [405] = " (is this the URL of an MCP endpoint?)",
  [406] = " (a proxy may have changed the Accept header)",
}

local function said(text)
  local rpc = rpc_error(text)
  local words = rpc and tostring(rpc.error.message) or text
  words = words:gsub("%s+", " ")
  return words == "" and "" or ": " .. (#words > 200 and words:sub(1, 200) .. "…" or words)
end

--- The JSON-RPC response that a refusal's body is, or nil and an error: of kind "session" when the session is
--- gone, "http STATUS" otherwise.
---@param ask scalerun.mcp.Ask
---@param url string
---@param status integer
---@param text string the body
---@return table? message
---@return scalerun.Error? err
function refusals.read(ask, url, status, text)
  local rpc = rpc_error(text)
  if is_lost_session(ask, status, rpc) then
    return nil, errors.new {
      kind = "session",
      operation = ask.operation,
      status = status,
      message = ("the server no longer knows the session (%d%s); the request was not sent again"):format(
        status, said(text)),
    }
  end
  local id = rpc and rpc.id
  if rpc and ask.message and (id == ask.message.id or id == nil or id == json.null) then
    rpc.status = status
    return rpc
  end
  return nil, errors.new {
    kind = ("http %d"):format(status),
    operation = ask.operation,
    status = status,
    message = ("%s answered %d%s%s"):format(url, status, hints[status] or "", said(text)),
  }
end

return refusals
