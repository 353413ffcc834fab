--- How long scenarios go on: "quick" for a look, "full" for the verdict. A declaration may say both, as in
--- `duration = { quick = "10s", full = "60s" }`.
local options = require "scalerun.options"

local profiles = {}

profiles.NAMES = { "quick", "full" }

profiles.DEFAULT = "full"

local known = { quick = true, full = true }
local chosen = profiles.DEFAULT

--- What is wrong with the name of a profile, or nil.
---@param name string
---@return string? problem
function profiles.problem(name)
  if known[name] then
    return nil
  end
  local nearest = options.nearest(name, profiles.NAMES)
  return ("--profile: there is no profile '%s' (%s)"):format(
    name, nearest and ("did you mean '%s'?"):format(nearest) or "there are " .. table.concat(profiles.NAMES, " and "))
end

--- Says which one holds for the scripts that are loaded from now on in this state.
---@param name string
function profiles.choose(name)
  chosen = name
end

-- { quick = …, full = … } and nothing else.
local function is_choice(value)
  if type(value) ~= "table" or value.quick == nil or value.full == nil then
    return false
  end
  for key in pairs(value) do
    if not known[key] then
      return false
    end
  end
  return true
end

--- The value for the profile that was chosen. Tables are copied; what they hold is resolved, too.
---@param value any
---@return any
function profiles.resolve(value)
  if is_choice(value) then
    return profiles.resolve(value[chosen])
  elseif type(value) ~= "table" or getmetatable(value) then
    return value
  end
  local copy = {}
  for key, item in pairs(value) do
    copy[key] = profiles.resolve(item)
  end
  return copy
end

return profiles
