--- The API keys of a deployment: a JSON file, project → key.
local keys = {}

--- @param path string
---@param projects string[] those that must have one
---@param decode fun(text: string): any raises on bad JSON
---@return table<string, string>? by_project
---@return string? problem
function keys.read(path, projects, decode)
  local file, problem = io.open(path, "r")
  if not file then
    return nil, ("cannot read %s"):format(problem)
  end
  local text = file:read("a")
  file:close()
  local ok, content = pcall(decode, text or "")
  if not ok or type(content) ~= "table" then
    return nil, ("%s is not a JSON object of project ids and keys"):format(path)
  end
  local by_project = {}
  for _, project in ipairs(projects) do
    local key = content[project]
    if type(key) ~= "string" or key == "" then
      return nil, ("%s has no key for project '%s'"):format(path, project)
    end
    by_project[project] = key
  end
  return by_project
end

return keys
