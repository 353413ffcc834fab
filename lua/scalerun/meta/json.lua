---@meta scalerun.json
-- Made from lua/scalerun/json.lua by scripts/annotations: change it there.

--- JSON. null is scale.null, integers stay integers, objects are written with their names in order.

---@class scale.json
---@field null userdata null, also known as scale.null
local json = {}

--- The text of a value. A table with positions 1…n is an array, any other an object with names; an empty one
--- is an object unless it was made with json.array. Raises for what JSON cannot say: functions, holes, names
--- beside positions, NaN, text that is not UTF-8; the error names the place.
---@param value any
---@param options { pretty: boolean? }? pretty: over several lines
---@return string
function json.encode(value, options) end

--- Marks a table as an array, so that it is one even when it is empty.
---@param list any[]? a new table when left out
---@return any[] list the same table
function json.array(list) end

--- The value of a text, or nil and what is wrong with it. JSON's null gives scale.null, which is not nil.
---@param text string
---@return any value
---@return string? problem
function json.try_decode(text) end

--- The value of a text. Raises with line and column of what is wrong.
---@param text string
---@return any
function json.decode(text) end

return json
