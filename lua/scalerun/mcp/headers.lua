--- The HTTP headers that say what is in a JSON-RPC message, so that proxies need not read it (revision
--- 2026-07-28): Mcp-Method, Mcp-Name, and Mcp-Param-… for tool arguments whose schema asks for it.
local headers = {}

local ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"

local function base64(bytes)
  local out = {}
  for first = 1, #bytes, 3 do
    local a, b, c = bytes:byte(first, first + 2)
    local bits = a << 16 | (b or 0) << 8 | (c or 0)
    for place = 1, 4 do
      local digit = bits >> (24 - 6 * place) & 63
      local used = place <= 2 or place == 3 and b or place == 4 and c
      out[#out + 1] = used and ALPHABET:sub(digit + 1, digit + 1) or "="
    end
  end
  return table.concat(out)
end

--- A text as a header's value: itself where a header can carry it unchanged, "=?base64?…?=" otherwise.
---@param text string
---@return string
function headers.encode(text)
  local plain = not text:find("[^\t\x20-\x7E]") and not text:find("^[ \t]") and not text:find("[ \t]$") and text ~= ""
  local looks_encoded = text:find("^=%?base64%?.*%?=$")
  if plain and not looks_encoded then
    return text
  end
  return ("=?base64?%s?="):format(base64(text))
end

-- The parameter that names what a request is about.
local named_by = { ["tools/call"] = "name", ["prompts/get"] = "name", ["resources/read"] = "uri" }

--- The standard headers of a request.
---@param method string
---@param params table
---@return table<string, string>
function headers.standard(method, params)
  local list = { ["Mcp-Method"] = method }
  local name = named_by[method]
  if name then
    list["Mcp-Name"] = headers.encode(params[name])
  end
  return list
end

local annotation = "x-mcp-header"
local carried = { string = true, integer = true, boolean = true }

local function is_token(name)
  return type(name) == "string" and name:find("^[%w!#$%%&'*+%-.^_`|~]+$") ~= nil
end

local function check(schema, name, taken)
  if not is_token(name) then
    return ("%s %q is not the name of a header"):format(annotation, tostring(name))
  elseif not carried[schema.type] then
    return ("%s %s stands beside type %s; only string, integer and boolean can be headers"):format(
      annotation, name, tostring(schema.type))
  elseif taken[name:lower()] then
    return ("%s %s is there twice"):format(annotation, name)
  end
end

-- Keywords whose values are data, not schemas.
local data = { default = true, examples = true, enum = true, const = true }

local function step(path, part)
  local longer = table.move(path, 1, #path, 1, {})
  longer[#longer + 1] = part
  return longer
end

-- Goes through all of a schema; `path` is where the value stands in the arguments, or nil below any keyword but
-- `properties`, where no annotation may be. Returns what is wrong.
local function collect(schema, path, found, taken)
  local name = schema[annotation]
  if name ~= nil then
    local problem = (not path or #path == 0) and ("%s %s cannot be reached through properties alone"):format(
      annotation, tostring(name)) or check(schema, name, taken)
    if problem then
      return problem
    end
    taken[name:lower()] = true
    found[#found + 1] = { header = "Mcp-Param-" .. name, path = path }
  end
  for key, value in pairs(schema) do
    if type(value) == "table" and not data[key] then
      local named = key == "properties"
      for part, inner in pairs(named and value or { value }) do
        local below = named and path and step(path, part) or nil
        local problem = type(inner) == "table" and collect(inner, below, found, taken)
        if problem then
          return problem
        end
      end
    end
  end
end

--- What a tool wants mirrored into headers, from its inputSchema, or nil and why its definition is not valid.
---@param tool table
---@return { header: string, path: string[] }[]? mirrored
---@return string? problem
function headers.mirrored(tool)
  local found = {}
  local problem = type(tool.inputSchema) == "table" and collect(tool.inputSchema, {}, found, {})
  if problem then
    return nil, problem
  end
  return found
end

--- The headers of a tool's call.
---@param mirrored { header: string, path: string[] }[]
---@param arguments table
---@return table<string, string>
function headers.parameters(mirrored, arguments)
  local list = {}
  for _, one in ipairs(mirrored) do
    local value = arguments
    for _, part in ipairs(one.path) do
      if type(value) == "table" then
        value = value[part]
      else
        value = nil
      end
    end
    if math.type(value) == "float" and math.tointeger(value) then
      value = math.tointeger(value)
    end
    local kind = type(value)
    if kind == "string" or kind == "number" or kind == "boolean" then
      list[one.header] = headers.encode(tostring(value))
    end
  end
  return list
end

return headers
