--- The sources of the Lua library as they stand in the tree.
local fs = require "scalerun.fs"

local library = {}

local function add(folder, path, found)
  for _, name in ipairs(fs.list(folder .. "/" .. path)) do
    local inner = path .. "/" .. name
    if name:find("%.lua$") then
      found[inner] = fs.read(folder .. "/" .. inner)
    elseif fs.stat(folder .. "/" .. inner).type == "folder" then
      add(folder, inner, found)
    end
  end
end

--- Every source below a folder.
---@param folder string "lua"
---@return table<string, string> sources by path from there: "scalerun/http.lua"
function library.sources(folder)
  local found = {}
  add(folder, "scalerun", found)
  return found
end

return library
