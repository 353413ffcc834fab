--- JSON. null is scale.null, integers stay integers, objects are written with their names in order.
local core = require "scalerun.core.json"
local errors = require "scalerun.errors"

---@class scale.json
---@field null userdata null, also known as scale.null
local json = {
  null = require("scalerun.core.data").null,
}

local SHOWN = 60

--- The text of a value. A table with positions 1…n is an array, any other an object with names; an empty one
--- is an object unless it was made with json.array. Raises for what JSON cannot say: functions, holes, names
--- beside positions, NaN, text that is not UTF-8; the error names the place.
---@param value any
---@param options { pretty: boolean? }? pretty: over several lines
---@return string
function json.encode(value, options)
  local text, err = core.encode(value, options and options.pretty)
  if not text then
    error(errors.new { kind = "json", operation = "json.encode", message = err.message }, 0)
  end
  return text
end

--- Marks a table as an array, so that it is one even when it is empty.
---@param list any[]? a new table when left out
---@return any[] list the same table
function json.array(list)
  return core.array(list)
end

local function shown(text)
  local short = #text > SHOWN and text:sub(1, SHOWN) .. "…" or text
  return (short:gsub("%c", " "))
end

--- The value of a text, or nil and what is wrong with it. JSON's null gives scale.null, which is not nil.
---@param text string
---@return any value
---@return string? problem
function json.try_decode(text)
  local value, err = core.decode(text)
  if err then
    return nil, err.message
  end
  return value
end

--- The value of a text. Raises with line and column of what is wrong.
---@param text string
---@return any
function json.decode(text)
  local value, err = core.decode(text)
  if err then
    error(errors.new {
      kind = "json",
      operation = "json.decode",
      message = ("%s: %s"):format(err.message, shown(text)),
    }, 0)
  end
  return value
end

return json
