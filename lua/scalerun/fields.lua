--- What an object says when it is asked for a field that it does not have.
local options = require "scalerun.options"

local fields = {}

--- Raises with the nearest known name.
---@param object string the object in the user's words: "run"
---@param name any
---@param known string[]
---@param level integer whose line the error names, as for error()
function fields.unknown(object, name, known, level)
  local nearest = type(name) == "string" and options.nearest(name, known)
  error(("%s has no field '%s' (%s)"):format(
    object,
    tostring(name),
    nearest and ("did you mean '%s'?"):format(nearest) or "known are: " .. table.concat(known, ", ")
  ), level + 1)
end

return fields
