--- Reads PostgreSQL's JSON log as it grows.
local log_file = {}

---@class scalerun.LogFile
---@field path string
---@field private position integer bytes read so far
local LogFile = {}
LogFile.__index = LogFile

-- A line longer than this is not waited for to end.
local LINE_MAX = 64 * 1024 * 1024

---@param path string
---@param decode fun(line: string): table
---@return scalerun.LogFile
function log_file.new(path, decode)
  return setmetatable({ path = path, decode = decode, position = 0 }, LogFile)
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

return log_file
