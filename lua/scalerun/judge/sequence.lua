--- Artifact ids: "US-001" is a type and a number of at least three digits.
local sequence = {}

--- The type and the number of an id, or nil.
---@param id any
---@return string? kind "US"
---@return integer? number 1
function sequence.parse(id)
  if type(id) ~= "string" then
    return nil
  end
  local kind, digits = id:match("^(%u+)%-(%d%d%d+)$")
  -- Wider ids than needed ("US-0001") are not what the contract writes.
  if not kind or (#digits > 3 and digits:sub(1, 1) == "0") then
    return nil
  end
  return kind, math.tointeger(tonumber(digits))
end

--- @param kind string
---@param number integer
---@return string
function sequence.format(kind, number)
  return ("%s-%03d"):format(kind, number)
end

--- What stands between the ids that were given and all ids from first to last.
---@param list any[]
---@param first string
---@param last string
---@return { missing: string[], extra: integer[], repeated: integer[] } difference `extra` and `repeated` are
---  positions in the list
function sequence.compare(list, first, last)
  local kind, low = sequence.parse(first)
  local _, high = sequence.parse(last)
  local found = {}
  local difference = { missing = {}, extra = {}, repeated = {} }
  for index, id in ipairs(list) do
    local its_kind, number = sequence.parse(id)
    if its_kind ~= kind or number < low or number > high then
      table.insert(difference.extra, index)
    elseif found[number] then
      table.insert(difference.repeated, index)
    else
      found[number] = true
    end
  end
  for number = low, high do
    if not found[number] then
      table.insert(difference.missing, sequence.format(kind, number))
    end
  end
  return difference
end

return sequence
