--- The folder of one run's reports.
local fs = require "scalerun.fs"
local time = require "scalerun.core.time"

local folder = {}

-- Runs that begin in the same second.
local TRIES = 100

--- A run id of a wall time's text: "2026-11-23T12-00-00Z".
---@param text string "2026-11-23T12:00:00.000Z"
---@return string
function folder.id(text)
  return (text:gsub("%.%d+Z$", "Z"):gsub(":", "-"))
end

local function reserve(parent)
  local base = folder.id(time.wall_text())
  for try = 1, TRIES do
    local id = try == 1 and base or ("%s-%d"):format(base, try)
    local path = parent .. "/" .. id
    local made, err = fs.try_mkdir(path)
    if made then
      return path, id
    elseif err.detail ~= "EEXIST" then
      return nil, err.message
    end
  end
  return nil, ("%s has %d runs of this second already"):format(parent, TRIES)
end

--- Makes a new folder below parent (which is made too) and writes the files that make(id) returns, each whole
--- or not at all.
---@param parent string
---@param make fun(id: string): table<string, string> name → content
---@return string? path
---@return string? problem
function folder.write(parent, make)
  parent = parent:gsub("(.)/+$", "%1")
  local ok, problem = fs.try_mkdirs(parent)
  if not ok then
    return nil, problem.message
  end
  local path, id = reserve(parent)
  if not path then
    return nil, id
  end
  for name, content in pairs(make(id)) do
    ok, problem = fs.try_write(path .. "/" .. name, content)
    if not ok then
      return nil, problem.message
    end
  end
  return path
end

return folder
