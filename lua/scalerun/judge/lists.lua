--- The checks of a list, mostly of what projects recorded. An empty one is never right.
local conclude = require("scalerun.judge.conclude").check
local sequence = require "scalerun.judge.sequence"
local values = require "scalerun.judge.values"
local verdict = require "scalerun.judge.verdict"

local NO_DATA = require("scalerun.judge.conclude").NO_DATA

---@class scale.ListMatchers
local List = {}
List.__index = List

local function no_values(subject, expected)
  if #subject.list > 0 then
    return false
  end
  local name = values.name(subject.list)
  local observed = name and ("nothing was recorded as '%s'"):format(name) or NO_DATA
  conclude(subject.expectation, verdict.INCONCLUSIVE, observed, expected)
  return true
end

local function origins_of(list, positions)
  local texts = {}
  for index, position in ipairs(positions) do
    texts[index] = values.origin_text(values.origin(list, position))
  end
  return table.concat(texts, "; ")
end

--- That no value is there twice. Evidence: every repeated value with who recorded it.
function List:unique()
  if no_values(self, "all different") then
    return
  end
  local positions, order = {}, {}
  for index, value in ipairs(self.list) do
    if type(value) == "table" then
      error("unique: compares strings and numbers, but the list holds tables", 2)
    elseif not positions[value] then
      positions[value] = {}
      order[#order + 1] = value
    end
    table.insert(positions[value], index)
  end
  local items = {}
  for _, value in ipairs(order) do
    local at = positions[value]
    if #at > 1 then
      local by = {}
      for index, position in ipairs(at) do
        by[index] = values.origin(self.list, position)
      end
      items[#items + 1] = {
        text = ("%s %d times: %s"):format(value, #at, origins_of(self.list, at)),
        value = value,
        times = #at,
        by = by,
      }
    end
  end
  conclude(self.expectation, #items == 0, ("%d different of %d"):format(#order, #self.list),
    ("%d different"):format(#self.list), items)
end

--- That the ids are exactly those from first to last, each once. Evidence: missing, extra and repeated ones.
---@param first string "US-001"
---@param last string "US-050"
function List:sequence(first, last)
  local kind, low = sequence.parse(first)
  local other, high = sequence.parse(last)
  if not kind or kind ~= other or low > high then
    error(("sequence: %s and %s are not the first and last id of a sequence"):format(first, last), 2)
  end
  local expected = ("%s…%s"):format(first, last)
  if no_values(self, expected) then
    return
  end
  local difference = sequence.compare(self.list, first, last)
  local items = {}
  for _, id in ipairs(difference.missing) do
    items[#items + 1] = { text = id .. " is missing", missing = id }
  end
  for _, key in ipairs { "extra", "repeated" } do
    for _, position in ipairs(difference[key]) do
      local origin = values.origin(self.list, position)
      local id = tostring(self.list[position])
      items[#items + 1] = {
        text = ("%s is %s: %s"):format(id, key, values.origin_text(origin)),
        problem = key,
        id = id,
        by = origin,
      }
    end
  end
  local size = high - low + 1
  conclude(
    self.expectation,
    #items == 0,
    #items == 0 and expected
      or ("%d of %d, %d missing, %d extra, %d repeated"):format(
        size - #difference.missing, size, #difference.missing, #difference.extra, #difference.repeated),
    expected,
    items
  )
end

--- That every value equals the given one.
---@param wanted string|number|boolean
function List:all_equal(wanted)
  local expected = ("all %s"):format(wanted)
  if no_values(self, expected) then
    return
  end
  local items = {}
  for index, value in ipairs(self.list) do
    if value ~= wanted then
      local origin = values.origin(self.list, index)
      items[#items + 1] = {
        text = ("%s: %s"):format(tostring(value), values.origin_text(origin)),
        value = value,
        by = origin,
      }
    end
  end
  local observed = ("%d of %d are %s"):format(#self.list - #items, #self.list, wanted)
  conclude(self.expectation, #items == 0, observed, expected, items)
end

local lists = {}

---@param expectation scale.Expectation
---@param list any[]
---@return scale.ListMatchers
function lists.new(expectation, list)
  return setmetatable({ expectation = expectation, list = list }, List)
end

return lists
