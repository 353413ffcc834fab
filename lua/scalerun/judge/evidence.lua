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

local function item_of(given)
  if type(given) ~= "table" then
    return { text = tostring(given) }
  end
  local copy, parts = {}, {}
  for key, value in pairs(given) do
    copy[key] = value
    parts[#parts + 1] = ("%s %s"):format(key, tostring(value))
  end
  table.sort(parts)
  copy.text = copy.text or table.concat(parts, ", ")
  return copy
end

--- Strings become items; tables get a text when they have none. What reads the same is there once, with how
--- often it occurred in `repeated`.
---@param given (string|table)[]?
---@return table[]
function evidence.items(given)
  local list, by_text = {}, {}
  for _, one in ipairs(given or {}) do
    local item = item_of(one)
    local first = by_text[item.text]
    if first then
      first.repeated = (first.repeated or 1) + 1
    else
      by_text[item.text] = item
      list[#list + 1] = item
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
