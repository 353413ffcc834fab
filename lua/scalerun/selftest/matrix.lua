--- What a self-test found: fault × scenario. A fault is caught when a scenario that is meant to find it fails; a
--- scenario that fails without a fault is a false alarm.
local matrix = {}

---@class scalerun.Matrix
---@field meant table<string, table<string, boolean>> fault → id → true
---@field caught integer
---@field missed string[] what no scenario found that is meant to: "slow_tail (S10 pass)"
---@field alarms string[] what failed without a fault: "S4"
---@field undecided string[] what was inconclusive without a fault
---@field broken string[] what did not run
---@field clean integer runs without a fault
---@field faults integer runs with one
local Matrix = {}
Matrix.__index = Matrix

---@param meant table<string, table<string, boolean>>
---@return scalerun.Matrix
function matrix.new(meant)
  return setmetatable({
    meant = meant, caught = 0, missed = {}, alarms = {}, undecided = {}, broken = {}, clean = 0, faults = 0,
  }, Matrix)
end

local function add_clean(self, verdicts, ids)
  self.clean = self.clean + 1
  for _, id in ipairs(ids) do
    if verdicts[id] == "fail" then
      table.insert(self.alarms, id)
    elseif verdicts[id] == "inconclusive" then
      table.insert(self.undecided, id)
    end
  end
end

local function add_fault(self, fault, verdicts, ids)
  self.faults = self.faults + 1
  local caught, seen = false, {}
  for _, id in ipairs(ids) do
    if self.meant[fault][id] then
      caught = caught or verdicts[id] == "fail"
      seen[#seen + 1] = ("%s %s"):format(id, verdicts[id] or "did not run")
    end
  end
  if caught then
    self.caught = self.caught + 1
  else
    table.insert(self.missed, #seen > 0 and ("%s (%s)"):format(fault, table.concat(seen, ", "))
      or ("%s (no scenario is meant to find it)"):format(fault))
  end
end

--- Adds a run.
---@param fault string? nil: none
---@param verdicts table<string, string> by scenario
---@param ids string[] of the scenarios that were run, in order
---@param problem string? why it did not come to its end
function Matrix:add(fault, verdicts, ids, problem)
  if problem then
    table.insert(self.broken, ("%s: %s"):format(fault or "without a fault", problem))
  end
  if fault then
    add_fault(self, fault, verdicts, ids)
  else
    add_clean(self, verdicts, ids)
  end
end

-- A scenario's cell: what it said, and whether it was to say "fail".
local function cell(verdict, meant)
  if verdict == "fail" then
    return meant and "FOUND" or "fail"
  elseif verdict == "inconclusive" then
    return "?"
  elseif verdict == "pass" then
    return meant and "-" or "."
  end
  return verdict and "error" or ""
end

-- Wide enough for "FOUND" and for two-digit ids.
local CELL = 6

--- The line above all others.
---@param ids string[] the columns
---@param width integer of the first column
---@return string
function matrix.head(ids, width)
  local parts = { (" "):rep(width) }
  for _, id in ipairs(ids) do
    parts[#parts + 1] = ("%" .. math.max(CELL, #id + 1) .. "s"):format(id)
  end
  return table.concat(parts)
end

--- A run's line.
---@param fault string?
---@param verdicts table<string, string>
---@param ids string[] the columns
---@param width integer
---@return string
function Matrix:line(fault, verdicts, ids, width)
  local parts = { (fault or "none") .. (" "):rep(width - #(fault or "none")) }
  for _, id in ipairs(ids) do
    local text = cell(verdicts[id], fault and self.meant[fault][id])
    if not fault and verdicts[id] == "fail" then
      text = "ALARM"
    end
    parts[#parts + 1] = ("%" .. math.max(CELL, #id + 1) .. "s"):format(text)
  end
  return (table.concat(parts):gsub("%s+$", ""))
end

matrix.LEGEND = "FOUND: the fault is found by a scenario meant to; fail: by another; -: missed by one meant to; "
  .. ".: passes; ?: inconclusive"

--- "pass", "inconclusive" or "fail", and what to say about it.
---@param unmeant string[] faults that no scenario is meant to find
---@return string verdict
---@return string text
function Matrix:verdict(unmeant)
  local list = {}
  local function say(what, items)
    if #items > 0 then
      list[#list + 1] = ("%s: %s"):format(what, table.concat(items, ", "))
    end
  end
  say("missed", self.missed)
  say("false alarms", self.alarms)
  say("no scenario is meant for", unmeant)
  say("did not run", self.broken)
  say("inconclusive without a fault", self.undecided)
  local failed = #self.missed + #self.alarms + #unmeant + #self.broken > 0
  local verdict = failed and "fail" or #self.undecided > 0 and "inconclusive" or "pass"
  local text = ("%d of %d faults caught, %d false alarm%s in %d clean run%s"):format(self.caught, self.faults,
    #self.alarms, #self.alarms == 1 and "" or "s", self.clean, self.clean == 1 and "" or "s")
  return verdict, #list > 0 and text .. "; " .. table.concat(list, "; ") or text
end

return matrix
