--- Reads the LuaCATS comments of a Lua source: what they say, and what they stand above. It looks at the text alone,
--- so that it reads the library's modules and lua/scalerun/meta alike.
local parse = {}

---@class scalerun.help.Item
---@field kind "text"|"class"|"function"
---@field doc string[] the lines of the comment, without their dashes
---@field name string? of a class, "scale.Run"; of a function its last part, "get"
---@field var string? the local variable that a class is bound to, or that a function is a field of
---@field method boolean? whether the function is called with a colon
---@field arguments string? of a function: "url, options"
---@field line integer

local function class_of(doc)
  for _, line in ipairs(doc) do
    local name = line:match("^@class%s+([%w_.]+)")
    if name then
      return name
    end
  end
end

--- Whether the comment says that this is not for scripts.
---@param doc string[]
---@return boolean
function parse.is_internal(doc)
  for _, line in ipairs(doc) do
    if line:find("^@package") or line:find("^@private") then
      return true
    end
  end
  return false
end

-- What the line below a comment makes of it.
local function item_of(doc, code, line)
  local var, separator, name, arguments = code:match("^function ([%w_]+)([.:])([%w_]+)%((.-)%)")
  if var then
    return { kind = "function", doc = doc, var = var, name = name, method = separator == ":", arguments = arguments,
      line = line }
  end
  local class = class_of(doc)
  if class then
    local bound = code:match("^local ([%w_]+) = ")
    return { kind = "class", doc = doc, name = class, line = line,
      var = not code:find('require[ (]*"') and bound or nil }
  end
  return #doc > 0 and { kind = "text", doc = doc, line = line } or nil
end

-- A function's arguments may take several lines.
local function joined(lines, index)
  local code = lines[index] or ""
  while code:find("^function ") and not code:find(")", 1, true) and lines[index + 1] do
    index = index + 1
    code = code .. " " .. lines[index]:gsub("^%s+", "")
  end
  return code
end

--- The items of a source in their order; functions without a comment have an empty doc.
---@param source string
---@return scalerun.help.Item[]
function parse.items(source)
  local lines, items, doc = {}, {}, {}
  for line in (source .. "\n"):gmatch("(.-)\n") do
    lines[#lines + 1] = line
  end
  for index, line in ipairs(lines) do
    local comment = line:match("^%-%-%-(.*)$")
    if comment and not comment:find("^%-") then
      doc[#doc + 1] = comment:gsub("^ (%S)", "%1"):gsub("^ (%s)", "%1")
    else
      items[#items + 1] = item_of(doc, joined(lines, index), index)
      doc = {}
    end
  end
  return items
end

return parse
