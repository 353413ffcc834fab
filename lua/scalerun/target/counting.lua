--- What clients were answered beside what the target says that it answered.
local agree = require "scalerun.witness.agree"

---@class scale.target.counting
local counting = {}

---@class scale.Counting
---@field name string what is counted: "reservations"
---@field ok integer? how many the clients were answered
---@field failed integer? how many they gave up: the target may have answered those all the same
---@field metric string the target's counter
---@field labels table<string, string|number>? of its series
---@field source string? who the clients are; "the clients" unless told

--- Whether clients and target counted the same while the phases ran, for run:expect(…):evidence(…). Inconclusive where
--- the counts cannot be had; and where the target, which is not the run's own, counted more: others may use it.
---@param run scale.Run
---@param given scale.Counting
---@return scale.AgreementFound found
function counting.agree(run, given)
  local during = run.target:during()
  local counted = during:sum(given.metric, given.labels)
  counted = counted and math.tointeger(counted) or counted
  local found = agree.judge {
    name = given.name,
    a = { source = given.source or "the clients", value = given.ok },
    b = { source = "the target's metric " .. given.metric, value = counted, missing = during.problem },
    tolerance = (given.failed or 0) > 0 and given.failed or nil,
  }
  if found.verdict == "fail" and not run.sandbox and counted > given.ok then
    found.verdict = "inconclusive"
    found.observed = found.observed .. ": others may use the target, too"
  end
  return found
end

return counting
