--- One JSON-RPC request over Streamable HTTP, from the POST to its answer: as one JSON text, or in an event stream,
--- which may bring notifications and requests of the server's first, break off, and be resumed. What is sent is
--- sent once.
local durations = require "scalerun.durations"
local json = require "scalerun.json"
local refusals = require "scalerun.mcp.refusals"
local sse = require "scalerun.mcp.sse"
local Transfer = require "scalerun.mcp.transfer"
local time = require "scalerun.time"

local exchange = {}

---@class scalerun.mcp.Ask
---@field operation string for errors: "mcp tools/call add"
---@field message table a JSON-RPC request (or, for send, a notification or response)
---@field headers table<string, string>
---@field timeout number seconds from the start to the answer
---@field deadline number instant of scale.time
---@field session string? the session that the headers name
---@field resumable boolean? a stream that breaks off may be resumed
---@field on_notification fun(method: string, params: table)?
---@field on_request (fun(message: table): table)? makes the answer to a request of the server's

---@class scalerun.mcp.Answer
---@field message table the JSON-RPC response
---@field response table the HTTP response that it came with: status, headers
---@field at integer instant of scale.time in nanoseconds

local DEFAULT_RETRY = 1000 -- ms before a stream is resumed, where the server has named none

local SHOWN = 200

local function shortened(text)
  return #text > SHOWN and text:sub(1, SHOWN) .. "…" or text
end

---@class scalerun.mcp.Exchange: scalerun.mcp.Transfer
---@field quiet integer resumptions since the last event
---@field why string? how the stream ended that is to be resumed
local Exchange = setmetatable({ __close = Transfer.close }, Transfer)
Exchange.__index = Exchange

local function new(link, ask)
  return setmetatable({ link = link, ask = ask, quiet = 0 }, Exchange)
end

function Exchange:show(status, text)
  if self.link.on_text then
    self.link.on_text(self.ask.operation, status, text)
  end
end

-- Answers a request of the server's by a POST of its own.
function Exchange:reply(request)
  local ask = setmetatable({ message = self.ask.on_request(request) }, { __index = self.ask })
  exchange.send(self.link, ask)
end

local function is_response(message)
  return message.method == nil and (message.result ~= nil or message.error ~= nil)
end

-- An error that the server could not relate to a request, for it could not read it.
local function is_for_nobody(message)
  return message.error ~= nil and (message.id == nil or message.id == json.null)
end

-- Takes a message that has come; returns it when it is the answer.
function Exchange:take(message)
  if is_response(message) then
    local asked = self.ask.message.id
    if message.id ~= asked and not is_for_nobody(message) then
      self:fail("protocol", "the server sent the answer to request %s, while request %s was asked",
        tostring(message.id), tostring(asked))
    end
    return message
  elseif type(message.method) ~= "string" then
    self:fail("protocol", "the server sent neither a request nor a response: %s", shortened(json.encode(message)))
  elseif message.id ~= nil then
    if self.ask.on_request then
      self:reply(message)
    end
  elseif self.ask.on_notification then
    self.ask.on_notification(message.method, type(message.params) == "table" and message.params or {})
  end
end

-- Takes a text: one message, or a list of messages, as revision 2025-03-26 allows.
function Exchange:take_text(status, text)
  self:show(status, text)
  local value, problem = json.try_decode(text)
  if type(value) ~= "table" then
    self:fail("protocol", "what the server sent is not JSON-RPC (%s): %s", problem or "no object", shortened(text))
  end
  local answer
  for _, message in ipairs(value[1] ~= nil and value or { value }) do
    if type(message) ~= "table" then
      self:fail("protocol", "what the server sent is not JSON-RPC (no object): %s", shortened(text))
    end
    answer = self:take(message) or answer
  end
  return answer
end

-- Reads events until the answer comes. nil: the stream has ended without it, or broken off.
function Exchange:follow(response, parser)
  while true do
    local bytes, err = self.body:read(self:left())
    if err and err.kind == "timeout" then
      self:broken(err)
    elseif not bytes then
      self.why = err and err.message or "the server ended the stream"
      return nil
    end
    local events, problem = parser:feed(bytes)
    if not events then
      self:fail(problem.kind, "%s", (problem.message:gsub("max_event", "the option max_message")))
    end
    for _, event in ipairs(events) do
      self.quiet = 0
      if event.event == "message" and event.data ~= "" then
        local answer = self:take_text(response.status, event.data)
        if answer then
          return answer
        end
      end
    end
  end
end

local function content_type(response)
  return ((response.headers["content-type"] or ""):match("^[^;%s]*") or ""):lower()
end

local function is_stream(response)
  return response.status == 200 and content_type(response) == "text/event-stream"
end

-- Waits as long as the server wishes.
function Exchange:wait(milliseconds)
  local seconds = milliseconds / 1000
  if seconds >= self:left() then
    self:fail("timeout", "%s before the answer, and is to be resumed after %s, which is later than the time-out of %s",
      self.why, durations.exact(seconds), durations.exact(self.ask.timeout))
  end
  time.sleep(seconds)
end

-- The response to a GET that goes on after the last event.
function Exchange:resume(parser)
  if parser.last_event_id == "" or not self.ask.resumable then
    self:fail("closed", "%s before the answer, and it cannot be resumed; the request was not sent again, and the "
      .. "server may have acted on it", self.why)
  end
  local headers = { Accept = "text/event-stream", ["Last-Event-ID"] = parser.last_event_id }
  for name, value in pairs(self.ask.headers) do
    if name ~= "Content-Type" then
      headers[name] = headers[name] or value
    end
  end
  while true do
    self.quiet = self.quiet + 1
    if self.quiet > self.link.resumptions then
      self:fail("closed", "%s before the answer, and resuming it %d times brought nothing", self.why,
        self.link.resumptions)
    end
    self:wait(parser.retry or DEFAULT_RETRY)
    parser:reconnect()
    local response, err = self:request("GET", headers)
    if response then
      return response
    elseif err.kind == "timeout" then
      self:broken(err)
    end
    self.why = err.message
  end
end

-- A status other than 2xx. Returns the answer where it is a JSON-RPC error, and raises otherwise.
function Exchange:refused(response)
  local text = self:text()
  self:show(response.status, text)
  local answer, err = refusals.read(self.ask, self.link.url, response.status, text)
  return answer or error(err, 0)
end

-- Reads the response to the answer, across resumptions.
function Exchange:answer(response)
  local kind = content_type(response)
  if response.status // 100 ~= 2 then
    return self:refused(response)
  elseif is_stream(response) then
    local parser = sse.new(self.link.max_message)
    local answer = self:follow(response, parser)
    while not answer do
      response = self:resume(parser)
      if response.status == 405 then
        self:fail("closed", "%s before the answer, and this server resumes no streams (405)", self.why)
      elseif response.status // 100 ~= 2 then
        return self:refused(response)
      elseif not is_stream(response) then
        self:fail("protocol", "%s answered %d with %s, where text/event-stream was asked for", self.link.url,
          response.status, content_type(response))
      end
      answer = self:follow(response, parser)
    end
    return answer
  elseif kind ~= "application/json" then
    self:fail("protocol", "%s answered %d with %s, where a request is answered by application/json or "
      .. "text/event-stream", self.link.url, response.status, kind ~= "" and kind or "no content type")
  end
  return self:take_text(response.status, self:text())
    or self:fail("protocol", "%s answered %d without an answer to the request", self.link.url, response.status)
end

--- Sends a request and waits for its answer, which may be a JSON-RPC error. Raises everything else.
---@param link scalerun.mcp.Link
---@param ask scalerun.mcp.Ask
---@return scalerun.mcp.Answer
function exchange.call(link, ask)
  local self <close> = new(link, ask)
  local response, err = self:request("POST", ask.headers, json.encode(ask.message))
  if not response then
    self:broken(err)
  end
  local message = self:answer(response)
  local at = time.now_ns()
  self:settle()
  return { message = message, response = response, at = at }
end

--- Sends a notification, or the response to a request of the server's. Raises when the server refuses it.
---@param link scalerun.mcp.Link
---@param ask scalerun.mcp.Ask
function exchange.send(link, ask)
  local self <close> = new(link, ask)
  local response, err = self:request("POST", ask.headers, json.encode(ask.message))
  if not response then
    self:broken(err)
  elseif response.status // 100 ~= 2 then
    local said = self:refused(response)
    self:fail(("http %d"):format(response.status), "%s answered %d to a message that wants no answer: %s", link.url,
      response.status, tostring(said.error.message))
  end
  self:settle()
end

--- Ends the session that the headers name. A server that does not let clients do so, or has ended it already, has
--- said its last word all the same.
---@param link scalerun.mcp.Link
---@param ask scalerun.mcp.Ask
function exchange.delete(link, ask)
  local self <close> = new(link, ask)
  local response, err = self:request("DELETE", ask.headers)
  if not response then
    self:broken(err)
  end
  self:settle()
end

return exchange
