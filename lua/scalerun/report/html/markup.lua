--- Makes markup. What is not markup is text and becomes harmless: nothing that a script chose can be more than text.
local names = require "scalerun.names"

local markup = {}

local Markup = {}
Markup.__index = Markup

function Markup:__tostring()
  return self.html
end

local void = { br = true, hr = true, meta = true, link = true, line = true, path = true, rect = true, circle = true,
  use = true }

-- Elements of SVG end with a slash, those of HTML do not need to.
local entities = { ["&"] = "&amp;", ["<"] = "&lt;", [">"] = "&gt;", ['"'] = "&quot;", ["'"] = "&#39;" }

--- The text as HTML shows it. Bytes that are no UTF-8, and control characters, become visible.
---@param text any
---@return string
function markup.escape(text)
  text = tostring(text)
  if not utf8.len(text) then
    text = text:gsub("[\128-\255]", "?")
  end
  return (text:gsub("[%z\1-\8\11\12\14-\31\127]", "?"):gsub("[&<>\"']", entities))
end

--- Markup that is right as it stands: constants of this program only.
---@param html string
---@return table
function markup.raw(html)
  return setmetatable({ html = html }, Markup)
end

local function append(out, child)
  if getmetatable(child) == Markup then
    out[#out + 1] = child.html
  elseif type(child) == "table" then
    for index = 1, #child do
      append(out, child[index])
    end
  elseif child ~= nil and child ~= false then
    out[#out + 1] = markup.escape(child)
  end
end

local function attribute(value)
  if math.type(value) == "float" then
    value = ("%.1f"):format(value):gsub("%.0$", "")
  end
  return markup.escape(value)
end

--- An element. Children are markup, text, numbers, or lists of these; false and nil are nothing.
---@param name string
---@param attributes table<string, any>? false leaves one out, true has no value
---@param ... any
---@return table
function markup.element(name, attributes, ...)
  local out = { "<", name }
  for _, key in ipairs(names.sorted(attributes or {})) do
    local value = attributes[key]
    if value == true then
      out[#out + 1] = " " .. key
    elseif value ~= false then
      out[#out + 1] = (' %s="%s"'):format(key, attribute(value))
    end
  end
  if void[name] then
    out[#out + 1] = "/>"
    return markup.raw(table.concat(out))
  end
  out[#out + 1] = ">"
  for index = 1, select("#", ...) do
    append(out, (select(index, ...)))
  end
  out[#out + 1] = ("</%s>"):format(name)
  return markup.raw(table.concat(out))
end

--- fn of each item, as a list of children.
---@param list any[]?
---@param fn fun(item: any, index: integer): any
---@return any[]
function markup.each(list, fn)
  local out = {}
  for index, item in ipairs(list or {}) do
    out[#out + 1] = fn(item, index) or nil
  end
  return out
end

return markup
