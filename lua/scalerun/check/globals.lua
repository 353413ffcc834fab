--- Globals that a script uses and Lua does not have.
local options = require "scalerun.options"

local globals = {}

local standard = {}
for name in ([[_G _VERSION assert collectgarbage coroutine debug dofile error getmetatable io ipairs load loadfile math
  next os package pairs pcall print rawequal rawget rawlen rawset require select setmetatable string table tonumber
  tostring type utf8 warn xpcall]]):gmatch("%S+") do
  standard[name] = true
end

local function names(visible)
  local list = table.move(visible, 1, #visible, 1, {})
  for name in pairs(standard) do
    list[#list + 1] = name
  end
  table.sort(list)
  return list
end

--- @param found scalerun.check.Found
---@return { line: integer, message: string }[]
function globals.problems(found)
  local problems, told = {}, {}
  for _, use in ipairs(found.globals) do
    if use.set and not standard[use.name] then
      problems[#problems + 1] = {
        line = use.line,
        message = ("sets the global '%s': each project would have its own; write `local %s`, and pass values out with "
          .. "project:record(name, value)"):format(use.name, use.name),
      }
      told[use.name] = true
    elseif not standard[use.name] and not told[use.name] then
      local nearest = options.nearest(use.name, names(use.visible))
      problems[#problems + 1] = {
        line = use.line,
        message = ("there is no global '%s' (%s)"):format(use.name,
          nearest and ("did you mean '%s'?"):format(nearest) or "no local of this name can be seen from here"),
      }
    end
  end
  return problems
end

return globals
