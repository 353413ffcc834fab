--- One call of a client: a request in the session of the moment, and what its answer comes to.
local errors = require "scalerun.errors"
local handshake = require "scalerun.mcp.handshake"
local headers = require "scalerun.mcp.headers"
local json = require "scalerun.json"
local time = require "scalerun.core.time"

local call = {}

---@class scale.mcp.CallOptions
---@field timeout number|string? to the answer; that of the client
---@field name string? the series under which it is counted and timed
---@field on_progress fun(progress: number, total: number?, message: string?)? is told how far the server has come
---@field on_notification fun(method: string, params: table)? every other notification before the answer
---@field resend boolean? a request that a lost session swallowed is sent once more, in a new session
---@field id integer|string|nil the request's JSON-RPC id, instead of the client's own count
---@field meta table? added to the request's _meta

call.options = {
  timeout = "number|string",
  name = "string",
  on_progress = "function",
  on_notification = "function",
  resend = "boolean",
  id = "integer|string",
  meta = "table",
}

local function copy(from)
  local to = {}
  for name, value in pairs(from or {}) do
    to[name] = value
  end
  return to
end

-- Reports progress of this request to its function, and other notifications to theirs.
local function listener(token, on_progress, on_other)
  return function(method, params)
    if on_progress and method == "notifications/progress" and params.progressToken == token then
      local total, message = params.total, params.message
      on_progress(params.progress, total ~= json.null and total or nil, message ~= json.null and message or nil)
    elseif on_other then
      on_other(method, params)
    end
  end
end

--- Raises an error of this request.
---@param ask { operation: string }
---@param fields table
function call.raise(ask, fields)
  fields.operation = ask.operation
  error(errors.new(fields), 0)
end

-- The result of an answer; raises where it is none.
local function result_of(ask, answer)
  local problem, result = answer.message.error, answer.message.result
  if problem ~= nil then
    local fields = type(problem) == "table" and problem or {}
    call.raise(ask, {
      kind = "mcp",
      code = fields.code,
      detail = fields.code ~= nil and tostring(fields.code) or nil,
      data = fields.data,
      status = answer.message.status,
      message = ("the server answered with error %s: %s"):format(tostring(fields.code), tostring(fields.message)),
    })
  elseif type(result) ~= "table" then
    call.raise(ask, { kind = "protocol", message = "the server's result is not an object" })
  end
  local kind = result.resultType
  if kind == "input_required" then
    call.raise(ask, {
      kind = "mcp",
      detail = "input_required",
      result = result,
      message = "the server needs input before it can answer: see result.inputRequests, and call again with the "
        .. "options input_responses and request_state",
    })
  elseif kind ~= nil and kind ~= "complete" then
    call.raise(ask, { kind = "protocol", message = ("the result is of an unknown type: %s"):format(tostring(kind)) })
  end
  return result
end

local function keep(peer, ask, method, params, ok, value, said)
  local record = peer.link.record
  if record then
    said.ended, said.replica = time.now_ns(), ask.replica
    said.error = not ok and (type(value) == "table" and value.kind or "script") or nil
    record(method, params, ok and value or nil, said)
  end
end

-- Sends one request and judges its answer. attempt: how often it is sent with this one.
local function exchange(client, method, params, given, judge, attempt)
  local said = { attempt = attempt, started = time.now_ns() }
  local peer = client.peer
  local session = peer:ready(given.name or "mcp " .. method)
  local ask = peer:make(method, given)
  if given.on_progress or given.meta then
    params = copy(params)
    params._meta = copy(given.meta)
    params._meta.progressToken = given.on_progress and ask.message.id or params._meta.progressToken
  end
  if given.on_progress or given.on_notification then
    ask.on_notification = listener(ask.message.id, given.on_progress, given.on_notification or peer.on_notification)
  end
  ask.session, ask.resumable = session.id, not session.stateless
  ask.headers, ask.message.params = handshake.dress(session, peer.introduction, method, params)
  local mirrored = session.stateless and method == "tools/call" and client.mirrored[params.name]
  for name, value in pairs(mirrored and headers.parameters(mirrored, params.arguments) or {}) do
    ask.headers[name] = value
  end
  local ok, value = pcall(peer.call, peer, ask, function(answer)
    local result = result_of(ask, answer)
    return judge and judge(ask, result) or result
  end)
  keep(peer, ask, method, params, ok, value, said)
  if ok then
    return true, value
  elseif type(value) == "table" and value.kind == "session" then
    value.message = ("%s; %s"):format(value.message, peer:renew(session))
  elseif type(value) == "table" and value.kind == "timeout" then
    peer:give_up(ask, session)
  end
  return false, value
end

--- Sends a request, and once more where the script has said so for a session that was lost. Returns its result, or
--- what judge makes of it; raises everything else.
---@param client scale.mcp.Client
---@param method string
---@param params table?
---@param given scale.mcp.CallOptions
---@param judge (fun(ask: scalerun.mcp.Ask, result: table): any)?
function call.request(client, method, params, given, judge)
  local ok, value = exchange(client, method, params, given, judge, 1)
  if not ok and given.resend and type(value) == "table" and value.kind == "session" then
    ok, value = exchange(client, method, params, given, judge, 2)
  end
  if not ok then
    error(value, 0)
  end
  return value
end

--- The options with a name, unless they have one.
---@param given scale.mcp.CallOptions
---@param name string
---@return scale.mcp.CallOptions
function call.named(given, name)
  given = copy(given)
  given.name = given.name or name
  return given
end

--- A judge of results that must have a certain list.
---@param field string
function call.holding(field)
  return function(ask, result)
    if type(result[field]) ~= "table" then
      call.raise(ask, { kind = "protocol", message = ("the server's result has no %s"):format(field), result = result })
    end
    return result
  end
end

-- A list whose pages lead nowhere must end all the same.
local MAX_PAGES = 1000

--- All pages of a list.
---@param client scale.mcp.Client
---@param method string
---@param field string of each page's result
---@param given scale.mcp.CallOptions
---@return table[]
function call.list(client, method, field, given)
  local all, cursor, seen = {}, nil, {}
  local judge = call.holding(field)
  local operation = given.name or "mcp " .. method
  for _ = 1, MAX_PAGES do
    local result = call.request(client, method, cursor and { cursor = cursor } or nil, given, judge)
    table.move(result[field], 1, #result[field], #all + 1, all)
    cursor = result.nextCursor
    if cursor == nil or cursor == json.null then
      return all
    elseif type(cursor) ~= "string" or seen[cursor] then
      call.raise({ operation = operation }, {
        kind = "protocol",
        message = ("the server gave the cursor %q twice: the list would never end"):format(tostring(cursor)),
      })
    end
    seen[cursor] = true
  end
  call.raise({ operation = operation }, {
    kind = "limit",
    message = ("the list has more than %d pages"):format(MAX_PAGES),
  })
end

return call
