--- HTTP as one JSON-RPC request uses it: a response at a time, under the request's deadline, with failures in its
--- words.
local core = require "scalerun.core.http"
local durations = require "scalerun.durations"
local errors = require "scalerun.errors"
local task = require "scalerun.task"
local time = require "scalerun.time"

---@class scalerun.mcp.Link where messages go: the same for all requests of a client
---@field http userdata options of every request, from scalerun.core.http
---@field url string
---@field max_message integer bytes of one message
---@field resumptions integer how often in a row a stream is resumed that then brings nothing
---@field on_text fun(operation: string, status: integer, text: string)? is shown every message as it came
---@field record fun(method: string, params: table?, result: table?, said: table)? is told every request and its end

---@class scalerun.mcp.Transfer
---@field link scalerun.mcp.Link
---@field ask scalerun.mcp.Ask
---@field body userdata? of the response that is being read
local Transfer = {}
Transfer.__index = Transfer

-- An answer has come, and its response may go on: the seconds it has to end, so that its connection can serve
-- again.
local SETTLE = 1

function Transfer:close()
  if self.body then
    self.body:close()
    self.body = nil
  end
end

Transfer.__close = Transfer.close

function Transfer:fail(kind, message, ...)
  error(errors.new { kind = kind, operation = self.ask.operation, message = message:format(...) }, 0)
end

-- Raises a failure of scalerun.core.http, in the words of this request.
function Transfer:broken(err)
  if err.kind == "timeout" then
    self:fail("timeout", "%s gave no answer within %s", self.link.url, durations.exact(self.ask.timeout))
  end
  error(errors.new {
    kind = err.kind,
    detail = err.detail,
    operation = self.ask.operation,
    message = err.message,
  }, 0)
end

-- Seconds to the deadline; never 0, for that is no time-out.
function Transfer:left()
  return math.max(self.ask.deadline - time.now(), 1e-6)
end

function Transfer:request(method, headers, text)
  self:close()
  local response, body = core.stream(self.link.http, method, self.link.url, {
    headers = headers,
    body = text,
    timeout = self:left(),
  }, true)
  if not response then
    return nil, body
  end
  self.body = body
  return response
end

-- A response whose body is of no more interest: what is left of it is read in the background, for a connection
-- can be used again only then.
function Transfer:settle()
  local body, ends = self.body, time.now() + SETTLE
  local bytes, err = body:read(0)
  if not bytes and (not err or err.kind ~= "timeout") then
    return self:close()
  end
  self.body = nil
  task.spawn(function()
    -- However it ends, cancelling included, it is nobody's failure.
    pcall(function()
      repeat
        bytes = body:read(math.max(ends - time.now(), 0))
      until not bytes or time.now() > ends
    end)
    body:close()
  end)
end

-- The whole body.
function Transfer:text()
  local pieces, size = {}, 0
  while true do
    local bytes, err = self.body:read(self:left())
    if err then
      self:broken(err)
    elseif not bytes then
      return table.concat(pieces)
    end
    pieces[#pieces + 1] = bytes
    size = size + #bytes
    if size > self.link.max_message then
      self:fail("limit", "the answer is larger than %d bytes; allow more with the option max_message",
        self.link.max_message)
    end
  end
end

return Transfer
