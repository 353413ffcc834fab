--- What the sandbox's servers have in common: they come up within a time, or their own words say why not.
local fs = require "scalerun.fs"
local programs = require "scalerun.sandbox.programs"
local time = require "scalerun.time"

local server = {}

local LINES, BYTES = 8, 4000
local INTERVAL = 0.01

--- The first lines of the files, as far as they exist, indented for a message.
---@param paths string[]
---@return string
function server.head(paths)
  local lines = {}
  for _, path in ipairs(paths) do
    local text = fs.exists(path) and fs.read(path):sub(1, BYTES) or ""
    for line in text:gmatch("[^\n]+") do
      if #lines == LINES then
        break
      end
      lines[#lines + 1] = "\n  " .. line
    end
  end
  return #lines > 0 and table.concat(lines) or " it wrote nothing"
end

local function ended_text(ended)
  if ended.signal then
    return ("was ended by signal %s"):format(ended.signal)
  end
  return ("ended with status %d"):format(ended.status)
end

--- Waits until ready() returns something other than nil or false, and returns that. Raises when the process
--- ends before, or the time is over.
---@param given { name: string, process: scale.Process, logs: string[], ready: (fun(): any), timeout: number }
---@return any
function server.await(given)
  local deadline = time.now() + given.timeout
  while true do
    -- Asked first: what ended after it was ready is not ready.
    local ended = given.process:status()
    if ended then
      programs.fail(("%s %s before it was ready:%s"):format(given.name, ended_text(ended), server.head(given.logs)))
    end
    local result = given.ready()
    if result then
      return result
    end
    if time.now() > deadline then
      programs.fail(("%s was not ready within %g s:%s"):format(given.name, given.timeout, server.head(given.logs)))
    end
    time.sleep(INTERVAL)
  end
end

--- Whether one of the files says that a port is taken.
---@param paths string[]
---@param patience number? seconds that the words may take, where another process writes them; 0
---@return boolean
function server.port_taken(paths, patience)
  local deadline = time.now() + (patience or 0)
  while true do
    for _, path in ipairs(paths) do
      if fs.exists(path) and fs.read(path):find("Address already in use", 1, true) then
        return true
      end
    end
    if time.now() >= deadline then
      return false
    end
    time.sleep(INTERVAL)
  end
end

return server
