--- Which projects a run has.
local projects = {}

projects.MOST = 1000

--- Without --projects: those of the first deployment.
projects.DEFAULT = { "ai-agent", "alpha", "beta", "gamma", "delta" }

--- Whether the text is a project id.
---@param id string
---@return boolean
function projects.is_id(id)
  return #id <= 100 and id:find("^[a-z0-9][a-z0-9-]*$") ~= nil
end

local function first(count)
  local list = {}
  for index = 1, count do
    list[index] = projects.DEFAULT[index] or ("project-%03d"):format(index)
  end
  return list
end

--- Reads the value of --projects: a number, or ids separated by commas.
---@param text string?
---@return string[]? list
---@return string? problem
function projects.parse(text)
  if text == nil then
    return first(#projects.DEFAULT)
  elseif text:find("^%d+$") then
    local count = tonumber(text)
    if count < 1 or count > projects.MOST then
      return nil, ("a run has 1 to %d projects, not %s"):format(projects.MOST, text)
    end
    return first(count)
  end
  local list, taken = {}, {}
  for id in (text .. ","):gmatch("([^,]*),") do
    if not projects.is_id(id) then
      return nil, ("'%s' is not a project id: lower-case letters, digits and -"):format(id)
    elseif taken[id] then
      return nil, ("project '%s' is named twice"):format(id)
    end
    taken[id] = true
    list[#list + 1] = id
  end
  if #list > projects.MOST then
    return nil, ("at most %d projects, not %d"):format(projects.MOST, #list)
  end
  return list
end

return projects
