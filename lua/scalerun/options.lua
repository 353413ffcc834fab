--- Checks the option tables that scripts pass in: an unknown name or a wrong type fails where the script
--- stands, with the nearest known name.
local options = {}

-- "max-size" and "max_Size" are the same word to someone who types from memory.
local function folded(name)
  return (name:lower():gsub("-", "_"))
end

--- The number of single-character insertions, deletions, replacements and swaps of neighbours that turn a
--- into b.
---@param a string
---@param b string
---@return integer
function options.distance(a, b)
  local before, last = {}, {}
  for j = 0, #b do
    last[j] = j
  end
  for i = 1, #a do
    local row = { [0] = i }
    for j = 1, #b do
      local cost = a:byte(i) == b:byte(j) and 0 or 1
      local best = math.min(row[j - 1] + 1, last[j] + 1, last[j - 1] + cost)
      if i > 1 and j > 1 and a:byte(i) == b:byte(j - 1) and a:byte(i - 1) == b:byte(j) then
        best = math.min(best, before[j - 2] + 1)
      end
      row[j] = best
    end
    before, last = last, row
  end
  return last[#b]
end

--- The known name that is most like the given one, or nil where none is near enough to be meant.
---@param name string
---@param known string[]
---@return string?
function options.nearest(name, known)
  local wanted = folded(name)
  local found, least
  for _, candidate in ipairs(known) do
    local other = folded(candidate)
    local far = options.distance(wanted, other)
    local near_enough = far <= math.max(1, math.max(#wanted, #other) // 3)
    if near_enough and (not least or far < least) then
      found, least = candidate, far
    end
  end
  return found
end

-- allowed in one form: the sorted names, and the type of each.
local function declared(allowed)
  local names, types = {}, {}
  for key, value in pairs(allowed) do
    local name, kind = key, value
    if math.type(key) then
      name, kind = value, "any"
    end
    names[#names + 1], types[name] = name, kind
  end
  table.sort(names)
  return names, types
end

local function fits(value, kind)
  if kind == "any" then
    return true
  end
  for one in kind:gmatch("[^|]+") do
    if type(value) == one or math.type(value) == one then
      return true
    end
  end
  return false
end

-- What the script gave, as short as an error message needs it.
local function shown(value)
  if type(value) == "string" then
    return ("the string %q"):format(#value > 40 and value:sub(1, 37) .. "..." or value)
  elseif type(value) == "number" or type(value) == "boolean" then
    return ("%s %s"):format(math.type(value) == "float" and "the number" or "the " .. type(value), tostring(value))
  end
  return "a " .. type(value)
end

--- Refuses option names that are not allowed and values of the wrong type. The error is a string that begins
--- with the file and line of the script. Not as a tail call (`return options.check(...)`): Lua forgets whose
--- line it was.
---
--- `allowed` maps names to types: "string", "number", "integer", "boolean", "table", "function", "userdata",
--- several joined by "|", or "any". Names may also be listed without a type: `{ "name", size = "integer" }`.
---@param where string the function that takes the options, in the user's words: "pg.connect"
---@param given table? the options; nil is the same as none
---@param allowed table
---@param level integer? whose line the error names: 2 (default) is the caller of check's caller
---@return table given the table passed in, or an empty one
function options.check(where, given, allowed, level)
  level = (level or 2) + 1
  if given == nil then
    return {}
  elseif type(given) ~= "table" then
    error(("%s: options must be a table, not %s"):format(where, shown(given)), level)
  end
  local names, types = declared(allowed)
  for name, value in pairs(given) do
    if type(name) ~= "string" then
      error(("%s: option names are strings, but there is %s among them"):format(where, shown(name)), level)
    elseif not types[name] then
      local nearest = options.nearest(name, names)
      local hint = nearest and ("did you mean '%s'?"):format(nearest)
        or #names == 0 and "it takes none"
        or "known are: " .. table.concat(names, ", ")
      error(("%s: unknown option '%s' (%s)"):format(where, name, hint), level)
    elseif not fits(value, types[name]) then
      local kinds = types[name]:gsub("|", " or ")
      error(("%s: option '%s' must be %s, not %s"):format(where, name, kinds, shown(value)), level)
    end
  end
  return given
end

return options
