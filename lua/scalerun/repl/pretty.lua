--- Values as the prompt shows them: tables with what is in them, never without end.
local pretty = {}

local DEPTH = 6 -- tables within tables
local ENTRIES = 50 -- of one table
local LINES = 300 -- of everything
local STRING = 2000 -- bytes
local WIDTH = 100 -- what fits on one line stands there

local escapes = { ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t", ["\\"] = "\\\\", ['"'] = '\\"' }

local function quoted(text)
  local cut = #text > STRING and text:sub(1, (utf8.offset(text, 0, STRING + 1) or STRING + 1) - 1) or text
  local safe = cut:gsub('[%c"\\]', function(char)
    return escapes[char] or ("\\%d"):format(char:byte())
  end)
  if not utf8.len(safe) then
    safe = safe:gsub("[\x80-\xff]", function(char)
      return ("\\%d"):format(char:byte())
    end)
  end
  local rest = #text - #cut
  return ('"%s"%s'):format(safe, rest > 0 and (" … and %d bytes more"):format(rest) or "")
end

local function is_name(key)
  return type(key) == "string" and key:find("^[%a_][%w_]*$") ~= nil
end

local function key_text(key)
  return is_name(key) and key or ("[%s]"):format(type(key) == "string" and quoted(key) or tostring(key))
end

local ranks = { number = 1, string = 2, boolean = 3 }

local function before(a, b)
  local kind, other = type(a), type(b)
  if kind ~= other then
    return (ranks[kind] or 4) < (ranks[other] or 4)
  elseif kind == "number" or kind == "string" then
    return a < b
  end
  return tostring(a) < tostring(b)
end

-- What the table itself holds; a constant one holds nothing, it is a view.
local function own(value, key)
  if getmetatable(value) == "constant" then
    return value[key]
  end
  return rawget(value, key)
end

-- The keys beside 1…n in order, and n.
local function keys_of(value)
  local keys, length = {}, 0
  while length <= ENTRIES and own(value, length + 1) ~= nil do
    length = length + 1
  end
  local step, state = next, value
  if getmetatable(value) == "constant" then
    step, state = pairs(value)
  end
  for key in step, state do
    if not (math.type(key) == "integer" and key >= 1 and key <= length) then
      keys[#keys + 1] = key
    end
    if #keys > 10 * ENTRIES then -- enough to choose from
      break
    end
  end
  table.sort(keys, before)
  return keys, length
end

local show

local function entries_of(value, depth, path)
  local keys, length = keys_of(value)
  local list = {}
  for index = 1, math.min(length, ENTRIES) do
    list[#list + 1] = show(own(value, index), depth + 1, path)
  end
  for _, key in ipairs(keys) do
    if #list >= ENTRIES then
      break
    end
    list[#list + 1] = ("%s = %s"):format(key_text(key), show(own(value, key), depth + 1, path))
  end
  if length + #keys > #list then
    list[#list + 1] = "…"
  end
  return list
end

-- What an object says of itself: its own words, or its class.
local function described(value)
  local meta = getmetatable(value)
  if type(meta) ~= "table" then
    return nil
  elseif rawget(meta, "__tostring") then
    local ok, text = pcall(tostring, value)
    return ok and text or nil
  end
  return nil, type(rawget(meta, "__name")) == "string" and meta.__name or nil
end

local function show_table(value, depth, path)
  local text, name = described(value)
  if text then
    return text
  elseif path[value] then
    return "<cycle>"
  elseif depth >= DEPTH then
    return "{…}"
  end
  path[value] = true
  local list = entries_of(value, depth, path)
  path[value] = nil
  local head = name and name .. " " or ""
  local inline = #list == 0 and "{}" or ("{ %s }"):format(table.concat(list, ", "))
  if #inline + 2 * depth <= WIDTH and not inline:find("\n", 1, true) then
    return head .. inline
  end
  local indent = ("  "):rep(depth + 1)
  return ("%s{\n%s%s\n%s}"):format(head, indent, table.concat(list, ",\n" .. indent), ("  "):rep(depth))
end

show = function(value, depth, path)
  local kind = type(value)
  if kind == "string" then
    return quoted(value)
  elseif kind == "table" then
    return show_table(value, depth, path)
  end
  return tostring(value)
end

--- The text of a value. Strings are quoted; of big and deep tables it shows the beginning.
---@param value any
---@return string
function pretty.text(value)
  local text, lines = show(value, 0, {}), 0
  for at in text:gmatch("()\n") do
    lines = lines + 1
    if lines == LINES then
      return text:sub(1, at) .. "…"
    end
  end
  return text
end

--- The values of a line, as print would show them.
---@param values table with n
---@return string
function pretty.values(values)
  local list, separator = {}, "\t"
  for index = 1, values.n do
    list[index] = pretty.text(values[index])
    separator = list[index]:find("\n", 1, true) and "\n" or separator
  end
  return table.concat(list, separator)
end

return pretty
