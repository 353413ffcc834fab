--- The folder of one run's reports.
local errors = require "scalerun.errors"
local fs = require "scalerun.fs"
local random = require "scalerun.random"

local folder = {}

-- Runs that began in the same second.
local TRIES = 100

--- A run id of a wall time's text: "2026-11-23T12-00-00Z".
---@param text string "2026-11-23T12:00:00.000Z"
---@return string
function folder.id(text)
  return (text:gsub("%.%d+Z$", "Z"):gsub(":", "-"))
end

local CHUNK = 1 << 20

-- The value of a function of io, or an error that names the file.
local function check(path, value, problem)
  if value == nil then
    problem = problem:find(path, 1, true) and problem or ("%s: %s"):format(path, problem)
    error(errors.new { kind = "io", operation = "report", message = problem }, 0)
  end
  return value
end

local function copy(from, to)
  local source <close> = check(from, io.open(from, "rb"))
  local target <close> = check(to, io.open(to, "wb"))
  repeat
    local bytes, problem = source:read(CHUNK)
    check(from, bytes or not problem or nil, problem)
    check(to, target:write(bytes or ""))
  until not bytes
  check(to, target:flush())
end

local function put(path, content)
  fs.mkdir((path:match("^(.*)/")))
  if type(content) == "table" then
    copy(content.copy, path)
  else
    fs.write(path, content)
  end
end

-- Writes everything beside the folder's place, then moves it there: nobody finds half a report, and of two runs
-- that want the same name the second is told so.
local function place(parent, id, files)
  local path = ("%s/%s"):format(parent, id)
  local new = ("%s/.%s-%s"):format(parent, id, random.token(4))
  local ok, err = pcall(function()
    fs.mkdir(new)
    for name, content in pairs(files) do
      put(("%s/%s"):format(new, name), content)
    end
  end)
  local moved, problem
  if ok then
    moved, problem = os.rename(new, path)
  end
  if moved then
    return path
  end
  pcall(fs.remove, new)
  local taken = ok and fs.exists(path)
  return nil, not ok and errors.describe(err).message or problem, taken
end

--- Makes a new folder below parent (which is made too) with the files that make(id) returns.
---@param parent string
---@param began string when the run began: "2026-11-23T12:00:00.000Z"
---@param make fun(id: string): table<string, string|{ copy: string }> name, which may have folders → content, or a
---  file to copy
---@return string? path
---@return string? problem
function folder.write(parent, began, make)
  parent = parent:gsub("(.)/+$", "%1")
  local base = folder.id(began)
  for try = 1, TRIES do
    local id = try == 1 and base or ("%s-%d"):format(base, try)
    local path, problem, taken = place(parent, id, make(id))
    if path or not taken then
      return path, problem
    end
  end
  return nil, ("%s has %d runs of this second already"):format(parent, TRIES)
end

return folder
