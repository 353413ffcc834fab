--- Server-sent events, as the WHATWG HTML standard reads an event stream (section 9.2.6): bytes in, events out,
--- no input or output of its own. Bytes that are not UTF-8 are passed through as they are.
local errors = require "scalerun.errors"

local sse = {}

---@class scalerun.mcp.sse.Event
---@field event string the event's type, "message" where the stream names none
---@field data string its data lines, joined by line feeds
---@field id string the last event id the stream has given by then, "" where it has given none

---@class scalerun.mcp.sse.Parser
---@field last_event_id string what a reconnection sends as Last-Event-ID; "" for none
---@field retry integer? milliseconds to wait before a reconnection, where the stream has said so
local Parser = {}
Parser.__index = Parser

local BOM = "\u{FEFF}"
local MAX_EVENT = 16 << 20
local MAX_RETRY = 1 << 53

--- A parser at the beginning of a stream.
---@param max_event integer? the most bytes that one event may take; 16 MiB
---@return scalerun.mcp.sse.Parser
function sse.new(max_event)
  local parser = setmetatable({ last_event_id = "", max = max_event or MAX_EVENT }, Parser)
  parser:reconnect()
  return parser
end

--- Begins a new stream that goes on after the old one: an event that was not complete is forgotten, the last
--- event id and the retry time stay.
function Parser:reconnect()
  self.held = "" -- while the stream may still begin with a byte order mark: what has come of it
  self.starting = true
  self.after_cr = false -- a line feed that comes next belongs to a line that has ended
  self.pieces = {} -- of a line that is not complete yet
  self.size = 0 -- bytes of pieces and data
  self.data = {} -- values of the event's data lines
  self.event = ""
  self.id = self.last_event_id -- becomes last_event_id when the event ends
end

local fields = {}

function fields.data(parser, value)
  parser.data[#parser.data + 1] = value
  parser.size = parser.size + #value + 1
end

function fields.event(parser, value)
  parser.event = value
end

function fields.id(parser, value)
  if not value:find("\0", 1, true) then
    parser.id = value
  end
end

function fields.retry(parser, value)
  if value:find("^%d+$") then
    parser.retry = math.tointeger(math.min(tonumber(value), MAX_RETRY))
  end
end

local function dispatch(parser, events)
  parser.last_event_id = parser.id
  local count = #parser.data
  if count > 0 then
    local data = count == 1 and parser.data[1] or table.concat(parser.data, "\n")
    events[#events + 1] = {
      event = parser.event ~= "" and parser.event or "message",
      data = data,
      id = parser.id,
    }
    parser.data = {}
  end
  parser.event, parser.size = "", 0
end

local function end_line(parser, line, events)
  if line == "" then
    return dispatch(parser, events)
  end
  local colon = line:find(":", 1, true)
  if colon == 1 then
    return -- a comment
  end
  local field = fields[colon and line:sub(1, colon - 1) or line]
  if field then
    local from = colon and (line:byte(colon + 1) == 32 and colon + 2 or colon + 1) or #line + 1
    field(parser, line:sub(from))
  end
end

-- The stream's first bytes without the byte order mark, or nil while it may still become one.
local function past_bom(parser, bytes)
  bytes = parser.held .. bytes
  if #bytes < #BOM and BOM:sub(1, #bytes) == bytes then
    parser.held = bytes
    return nil
  end
  parser.starting, parser.held = false, ""
  return bytes:sub(1, #BOM) == BOM and bytes:sub(#BOM + 1) or bytes
end

local function too_large(parser)
  parser.failed = errors.new {
    kind = "limit",
    operation = "mcp.sse",
    message = ("an event of the stream is larger than %d bytes; allow more with max_event, or ask for less"):format(
      parser.max
    ),
  }
  return nil, parser.failed
end

--- Takes the stream's next bytes and returns the events that they complete, in order. An event that exceeds the
--- maximum ends the parser: this call and all later ones return nil and an error of kind "limit".
---@param bytes string
---@return scalerun.mcp.sse.Event[]? events
---@return scalerun.Error? err
function Parser:feed(bytes)
  if self.failed then
    return nil, self.failed
  end
  local events = {}
  if self.starting then
    bytes = past_bom(self, bytes)
    if not bytes then
      return events
    end
  end
  local pos = 1
  if self.after_cr and #bytes > 0 then
    pos = bytes:byte(1) == 10 and 2 or 1
    self.after_cr = false
  end
  -- Two plain searches that each go through the bytes once are faster than one for either character.
  local cr, lf = bytes:find("\r", pos, true), bytes:find("\n", pos, true)
  while cr or lf do
    local stop = cr and lf and math.min(cr, lf) or cr or lf
    if self.size + stop - pos > self.max then
      return too_large(self)
    end
    local line = bytes:sub(pos, stop - 1)
    if #self.pieces > 0 then
      self.pieces[#self.pieces + 1] = line
      line = table.concat(self.pieces)
      self.size = self.size - #line + (stop - pos)
      self.pieces = {}
    end
    end_line(self, line, events)
    pos = stop + 1
    if stop == cr then
      if lf == pos then
        pos = pos + 1
      elseif pos > #bytes then
        self.after_cr = true
      end
      cr = bytes:find("\r", pos, true)
    end
    if lf and lf < pos then
      lf = bytes:find("\n", pos, true)
    end
  end
  if pos <= #bytes then
    self.pieces[#self.pieces + 1] = bytes:sub(pos)
    self.size = self.size + #bytes - pos + 1
    if self.size > self.max then
      return too_large(self)
    end
  end
  return events
end

return sse
