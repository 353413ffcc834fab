--- Lists of what projects recorded. They are plain lists to the script; where each value came from is kept
--- beside them, for evidence.
local values = {}

---@class scalerun.Origin
---@field project string?
---@field iteration integer?
---@field phase string?

local kept = setmetatable({}, { __mode = "k" })

--- An empty list that remembers under which name its values were recorded.
---@param name string?
---@return any[]
function values.new(name)
  local list = {}
  kept[list] = { name = name, origins = {} }
  return list
end

--- Appends a value with its origin.
---@param list any[] made by values.new
---@param value any
---@param origin scalerun.Origin?
function values.add(list, value, origin)
  local index = #list + 1
  list[index] = value
  kept[list].origins[index] = origin
end

--- The name given to values.new; nil for other lists.
---@param list table
---@return string?
function values.name(list)
  return kept[list] and kept[list].name
end

--- Where the value at index came from, as far as is known.
---@param list any[]
---@param index integer
---@return scalerun.Origin
function values.origin(list, index)
  return kept[list] and kept[list].origins[index] or {}
end

--- "alpha, iteration 3": for people.
---@param origin scalerun.Origin
---@return string
function values.origin_text(origin)
  local parts = {}
  if origin.project then
    parts[#parts + 1] = origin.project
  end
  if origin.phase then
    parts[#parts + 1] = "phase " .. origin.phase
  end
  if origin.iteration then
    parts[#parts + 1] = "iteration " .. origin.iteration
  end
  return #parts > 0 and table.concat(parts, ", ") or "unknown origin"
end

return values
