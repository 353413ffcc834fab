--- Tables that cannot be changed: the one kind of table that an iteration may share with its file.
local const = {}

local contents = setmetatable({}, { __mode = "k" })
local promised = setmetatable({}, { __mode = "k" })

local meta = {
  __index = function(view, key)
    return contents[view][key]
  end,
  __newindex = function(_, key)
    error(("this table is constant: '%s' cannot be set"):format(tostring(key)), 2)
  end,
  __pairs = function(view)
    return next, contents[view], nil
  end,
  __len = function(view)
    return #contents[view]
  end,
  __metatable = "constant",
}

--- A read-only view of the values, tables within included. Copied, so that later changes of the argument
--- do not show.
---@param values table without cycles
---@return table
function const.new(values)
  if type(values) ~= "table" then
    error(("scale.const: a table is wanted, not a %s"):format(type(values)), 2)
  end
  if const.is(values) then
    return values
  end
  local copy = {}
  for key, value in pairs(values) do
    copy[key] = type(value) == "table" and const.new(value) or value
  end
  local view = setmetatable({}, meta)
  contents[view] = copy
  return view
end

--- Counts the table as constant as it is: the caller promises that nobody changes it.
---@generic T: table
---@param value T
---@return T
function const.promise(value)
  promised[value] = true
  return value
end

--- Whether the value was made by const.new, or promised to be constant.
---@param value any
---@return boolean
function const.is(value)
  return contents[value] ~= nil or promised[value] ~= nil
end

return const
