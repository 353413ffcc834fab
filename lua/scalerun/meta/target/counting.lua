---@meta scalerun.target.counting
-- Made from lua/scalerun/target/counting.lua by scripts/annotations: change it there.

--- What clients were answered beside what the target says that it answered.

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
function counting.agree(run, given) end

return counting
