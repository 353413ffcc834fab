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

--- The first result of a function that returns nil and an error where it fails; such an error is raised.
---@generic T
---@param value T?
---@param err any
---@return T
function errors.check(value, err)
  if value == nil and err then
    error(err, 0)
  end
  return value
end

--- Any error value as plain data: { kind, operation, message, traceback }. Without an operation it is a mistake
--- of the script.
---@param err any
---@return { kind: string, operation: string?, message: string, traceback: string? }
function errors.describe(err)
  if type(err) == "table" and err.message then
    return {
      kind = err.kind or "script",
      operation = err.operation,
      message = tostring(err.message),
      traceback = err.traceback,
    }
  end
  local text = tostring(err)
  local message, traceback = text:match("^(.-)\n(stack traceback:.*)$")
  return { kind = "script", message = message or text, traceback = traceback }
end

return errors
