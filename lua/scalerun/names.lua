--- Names in an order that does not change from run to run.
local names = {}

--- The keys of a table, sorted.
---@param map table<string, any>
---@return string[]
function names.sorted(map)
  local list = {}
  for name in pairs(map) do
    list[#list + 1] = name
  end
  table.sort(list)
  return list
end

return names
