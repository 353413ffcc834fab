--- Plain data as values that JSON can say and that come back as they were: bytes that are no text, whole floats,
--- tables with other keys than names.
local metrics = require "scalerun.core.metrics"
local null = require("scalerun.core.data").null

local pack = {}

local function hex(bytes)
  return (bytes:gsub(".", function(char)
    return ("%02x"):format(char:byte())
  end))
end

local function from_hex(text)
  return (text:gsub("%x%x", function(digits)
    return string.char(tonumber(digits, 16))
  end))
end

-- Whether the table is a list, an object with plain names, or neither.
local function shape_of(value)
  local count, names = 0, true
  for key in next, value do
    count = count + 1
    names = names and type(key) == "string" and key:sub(1, 1) ~= "$" and utf8.len(key) ~= nil
  end
  if count == rawlen(value) then
    return count > 0 and "list" or "object"
  end
  return names and "object" or "pairs"
end

local function pack_number(value)
  if math.type(value) == "float" and (value ~= value or value == math.floor(value)) then
    return { ["$float"] = ("%.17g"):format(value) }
  end
  return value
end

--- The value for JSON. special(value) may take over what is not plain (it returns a value for JSON); without it such
--- things are left out.
---@param value any
---@param special (fun(value: any): any)?
---@return any
function pack.pack(value, special)
  local kind = type(value)
  if kind == "string" then
    return utf8.len(value) and value or { ["$hex"] = hex(value) }
  elseif kind == "number" then
    return pack_number(value)
  elseif kind == "boolean" or kind == "nil" or value == null then
    return value
  elseif special then
    local taken = special(value)
    if taken ~= nil then
      return taken
    end
  end
  if kind ~= "table" then
    return nil
  end
  local shape, out = shape_of(value), {}
  for key, item in next, value do
    local packed = pack.pack(item, special)
    if shape == "pairs" then
      out[#out + 1] = packed ~= nil and { pack.pack(key, special), packed } or nil
    elseif packed ~= nil or shape == "list" then
      out[key] = packed == nil and null or packed
    end
  end
  return shape == "pairs" and { ["$pairs"] = out } or out
end

local readers = {}

readers["$hex"] = from_hex

readers["$float"] = function(text)
  if text:find("nan") then
    return 0 / 0
  elseif text:find("inf") then
    return text:sub(1, 1) == "-" and -math.huge or math.huge
  end
  return tonumber(text) + 0.0
end

readers["$metrics"] = function(dumped)
  return metrics.load(dumped)
end

readers["$pairs"] = function(list, special)
  local out = {}
  for _, pair in ipairs(list) do
    out[pack.unpack(pair[1], special)] = pack.unpack(pair[2], special)
  end
  return out
end

--- What pack was given. special(name, value) reads what its counterpart wrote as { [name] = value }, name beginning
--- with "$".
---@param value any
---@param special (fun(name: string, value: any): any)?
---@return any
function pack.unpack(value, special)
  if type(value) ~= "table" then
    return value
  end
  local name = next(value)
  if type(name) == "string" and name:sub(1, 1) == "$" then
    if readers[name] then
      return readers[name](value[name], special)
    end
    return special and special(name, value[name])
  end
  local out = {}
  for key, item in next, value do
    out[key] = pack.unpack(item, special)
  end
  return out
end

--- As special for pack: metrics are kept with their histograms, whatever else is no data is left out.
---@param value any
---@return any
function pack.measured(value)
  if type(value) == "userdata" and metrics.is(value) then
    return { ["$metrics"] = value:dump() }
  end
end

return pack
