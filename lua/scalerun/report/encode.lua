--- JSON for people: indented, with keys in a stated order, so that two reports can be compared line by line.
local encode = {}

local Object = {}

--- Marks a table as an object, also when it is empty; without the mark an empty table is an empty list.
---@generic T: table
---@param value T
---@return T
function encode.object(value)
  return setmetatable(value, Object)
end

local escapes = { ['"'] = '\\"', ["\\"] = "\\\\", ["\n"] = "\\n", ["\r"] = "\\r", ["\t"] = "\\t" }

local function text(value)
  -- What is not UTF-8 (a body in an error message) must not make the whole file unreadable.
  if not utf8.len(value) then
    value = value:gsub("[\128-\255]", "?")
  end
  return '"' .. value:gsub('[%c"\\\127]', function(char)
    return escapes[char] or ("\\u%04x"):format(char:byte())
  end) .. '"'
end

local function number(value)
  if math.type(value) == "integer" then
    return ("%d"):format(value)
  elseif value ~= value or value == math.huge or value == -math.huge then
    return "null"
  elseif value == math.floor(value) and math.abs(value) < 1e15 then
    return ("%d"):format(value)
  end
  return ("%.9g"):format(value)
end

local function sorted_keys(value, rank)
  local keys = {}
  for key in pairs(value) do
    keys[#keys + 1] = key
  end
  table.sort(keys, function(a, b)
    local first, second = rank[a] or math.huge, rank[b] or math.huge
    if first ~= second then
      return first < second
    end
    return tostring(a) < tostring(b)
  end)
  return keys
end

local write

-- Numbers on one line: a series of thousands is no reading matter.
local function is_row(value)
  local first = type(value[1])
  return #value > 0 and (first == "number" or first == "userdata")
end

local function write_list(out, value, indent, rank)
  if is_row(value) then
    for index, item in ipairs(value) do
      out[#out + 1] = index > 1 and ", " or "["
      write(out, item, indent, rank)
    end
    out[#out + 1] = "]"
    return
  end
  out[#out + 1] = "["
  for index, item in ipairs(value) do
    out[#out + 1] = (index > 1 and "," or "") .. "\n" .. indent .. "  "
    write(out, item, indent .. "  ", rank)
  end
  out[#out + 1] = #value > 0 and "\n" .. indent .. "]" or "]"
end

local function write_object(out, value, indent, rank)
  local keys = sorted_keys(value, rank)
  out[#out + 1] = "{"
  for index, key in ipairs(keys) do
    out[#out + 1] = (index > 1 and "," or "") .. "\n" .. indent .. "  " .. text(tostring(key)) .. ": "
    write(out, value[key], indent .. "  ", rank)
  end
  out[#out + 1] = #keys > 0 and "\n" .. indent .. "}" or "}"
end

function write(out, value, indent, rank)
  local kind = type(value)
  if kind == "table" then
    if getmetatable(value) ~= Object and (#value > 0 or next(value) == nil) then
      write_list(out, value, indent, rank)
    else
      write_object(out, value, indent, rank)
    end
  elseif kind == "string" then
    out[#out + 1] = text(value)
  elseif kind == "number" then
    out[#out + 1] = number(value)
  elseif kind == "boolean" then
    out[#out + 1] = tostring(value)
  else
    out[#out + 1] = "null"
  end
end

--- The value as JSON, ending in a newline.
---@param value any
---@param order string[]? keys that come first, in this order; the others follow alphabetically
---@return string
function encode.pretty(value, order)
  local out, rank = {}, {}
  for index, key in ipairs(order or {}) do
    rank[key] = index
  end
  write(out, value, "", rank)
  out[#out + 1] = "\n"
  return table.concat(out)
end

return encode
