--- Failures as scripts see them: tables { kind, operation, message, … } that print as "operation: message".
local errors = {}

local meta = {
  __name = "scalerun.error",
  __tostring = function(err)
    return err.operation and ("%s: %s"):format(err.operation, err.message) or tostring(err.message)
  end,
}

---@class scalerun.Error
---@field kind string a short stable word: "timeout", "status", "missing"
---@field operation string "ids.reserve"
---@field message string what happened and what to do

---@param fields scalerun.Error
---@return scalerun.Error
function errors.new(fields)
  return setmetatable(fields, meta)
end

--- The message of any error value.
---@param err any
---@return string
function errors.text(err)
  if type(err) == "table" and err.message and not getmetatable(err) then
    return meta.__tostring(err)
  end
  return tostring(err)
end

return errors
