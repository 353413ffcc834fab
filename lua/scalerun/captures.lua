--- Finds what a script's function takes along from its file. Every project runs the file in a state of its
--- own, so that a table at file level, filled by an iteration, would silently hold one project's share.
local const = require "scalerun.const"

local captures = {}

-- Only functions: a script's own helpers, grouped. They are looked into, the table itself carries no values.
local function holds_functions_only(value)
  if next(value) == nil or getmetatable(value) then
    return false
  end
  for _, member in pairs(value) do
    if type(member) ~= "function" then
      return false
    end
  end
  return true
end

local function is_module(value)
  for _, module in pairs(package.loaded) do
    if rawequal(module, value) then
      return true
    end
  end
  -- A module's member (`local ids = require("x").ids`) is as shared as the module is.
  for _, module in pairs(package.loaded) do
    if type(module) == "table" and module ~= _G then
      for _, member in next, module do
        if rawequal(member, value) then
          return true
        end
      end
    end
  end
  return false
end

local function look(fn, source, seen)
  for index = 1, math.huge do
    local name, value = debug.getupvalue(fn, index)
    if not name then
      return nil
    end
    local kind = type(value)
    if name ~= "_ENV" and not seen[value] and (kind == "table" or kind == "function") then
      seen[value] = true
      if kind == "function" then
        if debug.getinfo(value, "S").source == source then
          local found = look(value, source, seen)
          if found then
            return found
          end
        end
      elseif holds_functions_only(value) then
        for _, member in pairs(value) do
          if not seen[member] and debug.getinfo(member, "S").source == source then
            seen[member] = true
            local found = look(member, source, seen)
            if found then
              return found
            end
          end
        end
      elseif not const.is(value) and not is_module(value) then
        return name
      end
    end
  end
end

--- The name of a table of the script's own that fn, or a function of the same file that it uses, captures;
--- nil when there is none. Required modules, constant tables and groups of functions do not count.
---@param fn function
---@return string?
function captures.find(fn)
  return look(fn, debug.getinfo(fn, "S").source, { [fn] = true })
end

return captures
