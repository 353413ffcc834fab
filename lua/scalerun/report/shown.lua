--- What a check observed and expected, as text.
local shown = {}

--- Whatever a check observed.
---@param value any
---@return string
function shown.value(value)
  if value == nil then
    return "nothing"
  elseif math.type(value) == "float" then
    return ("%.6g"):format(value)
  end
  return tostring(value)
end

--- "observed 7, expected at most 5"
---@param check { observed: any, expected: any }
---@return string
function shown.check(check)
  return ("observed %s%s"):format(shown.value(check.observed),
    check.expected ~= nil and ", expected " .. shown.value(check.expected) or "")
end

return shown
