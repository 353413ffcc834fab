--- What a self-test runs: every scenario on a target without faults, and under every fault the scenarios that are to
--- find it (`catches` in their declarations), or all of them.
local options = require "scalerun.options"

local plan = {}

---@class scalerun.SelftestScenario
---@field id string
---@field path string
---@field catches string[] the faults that it is meant to find

---@class scalerun.SelftestRun
---@field fault string? nil: none
---@field scenarios scalerun.SelftestScenario[]

---@class scalerun.SelftestPlan
---@field runs scalerun.SelftestRun[] those without a fault first
---@field meant table<string, table<string, boolean>> fault → id → true
---@field unmeant string[] faults that no scenario is meant to find

-- Which scenario is meant for which fault; refuses faults that there are none of.
local function meanings(scenarios, known)
  local meant, names = {}, {}
  for index, fault in ipairs(known) do
    meant[fault.name], names[index] = {}, fault.name
  end
  for _, scenario in ipairs(scenarios) do
    for _, fault in ipairs(scenario.catches) do
      if not meant[fault] then
        local nearest = options.nearest(fault, names)
        return nil, ("%s: scenario %s catches '%s', but there is no such fault%s"):format(scenario.path, scenario.id,
          fault, nearest and (" (did you mean '%s'?)"):format(nearest) or "")
      end
      meant[fault][scenario.id] = true
    end
  end
  return meant
end

--- Whether a fault belongs to the part: parts rotate, so that neighbours in the list are in different ones.
---@param index integer of the fault, from 1
---@param part { number: integer, of: integer }?
---@return boolean
function plan.is_in(index, part)
  return not part or (index - 1) % part.of == part.number - 1
end

---@param scenarios scalerun.SelftestScenario[]
---@param faults string[] to try
---@param known scalerun.Fault[] all there are
---@param given { clean: integer, meant: boolean, part: { number: integer, of: integer }? } clean: how many runs without
---  a fault; meant: only those scenarios under a fault that are meant to find it
---@return scalerun.SelftestPlan? made
---@return string? problem
function plan.make(scenarios, faults, known, given)
  local meant, problem = meanings(scenarios, known)
  if not meant then
    return nil, problem
  end
  local runs, unmeant = {}, {}
  for _ = 1, given.clean do
    runs[#runs + 1] = { scenarios = scenarios }
  end
  for index, fault in ipairs(faults) do
    local chosen = {}
    for _, scenario in ipairs(scenarios) do
      if not given.meant or meant[fault][scenario.id] then
        chosen[#chosen + 1] = scenario
      end
    end
    if next(meant[fault]) == nil then
      unmeant[#unmeant + 1] = fault
    end
    if #chosen > 0 and plan.is_in(index, given.part) then
      runs[#runs + 1] = { fault = fault, scenarios = chosen }
    end
  end
  return { runs = runs, meant = meant, unmeant = unmeant }
end

return plan
