--- What a scenario says besides its checks: facts for the summary of the report, and matrices of who did what to whom.
local fields = require "scalerun.fields"
local names = require "scalerun.names"

local facts = {}

local function shape(keys)
  return function(value)
    if type(value) ~= "table" then
      return false
    end
    for key in pairs(value) do
      if not keys[key] then
        return false
      end
    end
    return true
  end
end

local function is_number(value)
  return type(value) == "number" and value == value
end

local degradation = shape { ratio = true, low = true, high = true, limit = true }
local connections = shape { most = true, limit = true }

-- The facts that the summary has a place for, what each looks like, and whether a value is one.
local known = {
  isolation = { '"pass", "fail" or "inconclusive"', function(value)
    return value == "pass" or value == "fail" or value == "inconclusive"
  end },
  id_collisions = { "a whole number", function(value)
    return math.type(value) == "integer" and value >= 0
  end },
  cache_hit_rate = { "a number from 0 to 1", function(value)
    return is_number(value) and value >= 0 and value <= 1
  end },
  degradation = { "{ ratio =, low =, high =, limit = }", function(value)
    return degradation(value) and is_number(value.ratio)
  end },
  connections = { "{ most =, limit = }", function(value)
    return connections(value) and is_number(value.most)
  end },
  replica_shares = { "{ NAME = share, … }", function(value)
    return type(value) == "table" and next(value) ~= nil
  end },
}

--- Puts the fact into the row; raises when it is none. nil says nothing.
---@param row scalerun.Row
---@param name string
---@param value any
---@param level integer whose line errors name, as for error()
function facts.add(row, name, value, level)
  local one = known[name]
  if not one then
    fields.unknown("the summary", name, names.sorted(known), level + 1)
  elseif value ~= nil and not one[2](value) then
    error(("run:fact: %s is %s"):format(name, one[1]), level + 1)
  end
  row.facts = row.facts or {}
  row.facts[name] = value
end

local function is_list(list)
  if type(list) ~= "table" then
    return false
  end
  for _, name in ipairs(list) do
    if type(name) ~= "string" then
      return false
    end
  end
  return #list > 0
end

--- @param row scalerun.Row
---@param name string
---@param given { rows: string[], columns: string[], cells: table[][] }
---@param level integer
function facts.add_matrix(row, name, given, level)
  local ok = type(name) == "string" and type(given) == "table" and is_list(given.rows) and is_list(given.columns)
    and type(given.cells) == "table"
  for index in ipairs(ok and given.rows or {}) do
    ok = ok and type(given.cells[index]) == "table" and #given.cells[index] == #given.columns
  end
  if not ok then
    error("run:matrix(name, { rows = names, columns = names, cells = a list for each row with a table for each "
      .. "column })", level + 1)
  end
  row.matrices = row.matrices or {}
  table.insert(row.matrices, { name = name, rows = given.rows, columns = given.columns, cells = given.cells })
end

return facts
