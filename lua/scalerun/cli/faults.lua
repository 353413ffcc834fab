--- The faults that the sandbox's target knows.
local options = require "scalerun.options"

local faults = {}

--- The names in what `scalerun-target --faults` prints.
---@param text string
---@return string[]
function faults.names(text)
  local names = {}
  for line in text:gmatch("[^\n]+") do
    names[#names + 1] = line:match("^([%w_]+)%s")
  end
  return names
end

--- What is wrong with a fault's name, or nil.
---@param name string
---@param known string[]
---@return string? problem
function faults.problem(name, known)
  for _, one in ipairs(known) do
    if one == name then
      return nil
    end
  end
  local nearest = options.nearest(name, known)
  return ("--fault: the target has no fault '%s' (%s)"):format(
    name, nearest and ("did you mean '%s'?"):format(nearest) or "it has " .. table.concat(known, ", "))
end

--- Asks the target's program. Where there is none, the sandbox will say so.
---@param name string
---@return string? problem
function faults.check(name)
  local programs = require "scalerun.sandbox.programs"
  local ok, path = pcall(programs.target)
  if not ok then
    return nil
  end
  local listed = require("scalerun.process").run { path, "--faults", timeout = "10s" }
  return listed.status == 0 and faults.problem(name, faults.names(listed.stdout)) or nil
end

return faults
