--- The faults that `--fault` takes: those of the sandbox's target, and of the sandbox itself.
local options = require "scalerun.options"
local own = require "scalerun.sandbox.faults"

local faults = {}

---@class scalerun.Fault
---@field name string
---@field text string what it does
---@field of "target"|"sandbox" whose defect it is

--- The target's in what `scalerun-target --faults` prints, then those of the sandbox itself.
---@param text string
---@return scalerun.Fault[]
function faults.list(text)
  local list = {}
  for line in text:gmatch("[^\n]+") do
    local name, words = line:match("^([%w_]+)%s+(.*)$")
    if name then
      list[#list + 1] = { name = name, text = words, of = "target" }
    end
  end
  for _, one in ipairs(own.list) do
    list[#list + 1] = { name = one.name, text = one.text, of = "sandbox" }
  end
  return list
end

--- All that `--fault` takes: what the target's program says, and the sandbox's. Nil where there is no such program.
---@return scalerun.Fault[]?
function faults.known()
  local programs = require "scalerun.sandbox.programs"
  local ok, path = pcall(programs.target)
  if not ok then
    return nil
  end
  local listed = require("scalerun.process").run { path, "--faults", timeout = "10s" }
  return listed.status == 0 and faults.list(listed.stdout) or nil
end

--- What is wrong with a fault's name, or nil.
---@param name string
---@param known scalerun.Fault[]
---@return string? problem
function faults.problem(name, known)
  local names = {}
  for index, one in ipairs(known) do
    if one.name == name then
      return nil
    end
    names[index] = one.name
  end
  local nearest = options.nearest(name, names)
  return ("--fault: there is no fault '%s' (%s)"):format(
    name, nearest and ("did you mean '%s'?"):format(nearest) or "known are: " .. table.concat(names, ", "))
end

--- Asks the target's program. Where there is none, the sandbox will say so.
---@param name string
---@return string? problem
function faults.check(name)
  local known = faults.known()
  return known and faults.problem(name, known)
end

return faults
