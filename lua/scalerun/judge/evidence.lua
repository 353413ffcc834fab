--- What a check shows for its verdict: items that a person reads (`text`) and a program uses (other fields).
local evidence = {}

--- Reports stay readable and bounded however much goes wrong.
evidence.MAX_ITEMS = 100

--- At most MAX_ITEMS of the items, and one that says how many more there were.
---@param items table[]
---@return table[]
function evidence.bounded(items)
  if #items <= evidence.MAX_ITEMS then
    return items
  end
  local kept = table.move(items, 1, evidence.MAX_ITEMS, 1, {})
  kept[#kept + 1] = { text = ("and %d more"):format(#items - evidence.MAX_ITEMS) }
  return kept
end

--- Strings become items; tables get a text when they have none.
---@param items (string|table)[]?
---@return table[]
function evidence.items(items)
  local list = {}
  for index, item in ipairs(items or {}) do
    if type(item) ~= "table" then
      list[index] = { text = tostring(item) }
    elseif item.text then
      list[index] = item
    else
      local copy, parts = {}, {}
      for key, value in pairs(item) do
        copy[key] = value
        parts[#parts + 1] = ("%s %s"):format(key, tostring(value))
      end
      table.sort(parts)
      copy.text = table.concat(parts, ", ")
      list[index] = copy
    end
  end
  return evidence.bounded(list)
end

--- "US-001, US-002 and 7 more"
---@param list any[]
---@param most integer?
---@return string
function evidence.some(list, most)
  most = most or 5
  local shown = {}
  for index = 1, math.min(#list, most) do
    shown[index] = tostring(list[index])
  end
  local text = table.concat(shown, ", ")
  return #list > most and ("%s and %d more"):format(text, #list - most) or text
end

return evidence
