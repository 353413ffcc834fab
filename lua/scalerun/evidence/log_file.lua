--- Reads PostgreSQL's JSON log as it grows.
local errors = require "scalerun.errors"
local random = require "scalerun.random"
local time = require "scalerun.core.time"

local log_file = {}

---@class scalerun.LogFile
---@field path string
---@field private position integer bytes read so far
local LogFile = {}
LogFile.__index = LogFile

-- A line longer than this is not waited for to end.
local LINE_MAX = 64 * 1024 * 1024
-- How long the log may lag behind the server. Seconds.
local LAG_MAX = 30

---@param path string
---@param decode fun(line: string): table
---@return scalerun.LogFile
function log_file.new(path, decode)
  return setmetatable({ path = path, decode = decode, position = 0 }, LogFile)
end

--- Where the log ends now.
---@return integer position
function LogFile:size()
  local file <close> = assert(io.open(self.path, "rb"))
  return file:seek("end")
end

--- The next read begins at this position, which size() has told.
---@param position integer
function LogFile:go_to(position)
  self.position = position
end

--- Calls fn for each entry that was written since the last call.
---@param fn fun(entry: table)
function LogFile:read(fn)
  local file = assert(io.open(self.path, "rb"))
  file:seek("set", self.position)
  while true do
    local line = file:read("L")
    -- The last line may still be being written; it is read whole the next time.
    if not line or (line:sub(-1) ~= "\n" and #line < LINE_MAX) then
      break
    end
    local offset = self.position
    self.position = offset + #line
    local ok, entry = pcall(self.decode, line)
    if not ok or type(entry) ~= "table" then
      file:close()
      error(("%s: byte %d does not begin a line of PostgreSQL's JSON log"):format(self.path, offset), 0)
    end
    fn(entry)
  end
  file:close()
end

--- Reads, as read does, until the log has come to what the server does now, which a statement of our own marks.
---@param connection table
---@param operation string who asks, in error messages
---@param fn fun(entry: table)
function LogFile:catch_up(connection, operation, fn)
  local mark = "scalerun-mark-" .. random.token(8)
  connection:exec(("SELECT '%s'"):format(mark))
  local deadline = time.now() + LAG_MAX
  local reached = false
  repeat
    self:read(function(entry)
      reached = reached or (entry.message ~= nil and entry.message:find(mark, 1, true) ~= nil)
      fn(entry)
    end)
    if not reached then
      time.sleep(0.01)
    end
  until reached or time.now() > deadline
  if not reached then
    error(errors.new {
      kind = "timeout",
      operation = operation,
      message = ("PostgreSQL's log %s does not show a statement of %d s ago: is log_statement = all?"):format(
        self.path, LAG_MAX),
    }, 0)
  end
end

return log_file
