---@meta _
-- Made from lua/scalerun/witness/plan.lua by scripts/annotations: change it there.

--- PostgreSQL's plan of a statement: what EXPLAIN (FORMAT JSON) shows, and what it comes to.
---@class scale.Plan
---@field tree table the plan as PostgreSQL gave it: "Node Type", "Relation Name", "Plans", …
---@field indexes string[] the indexes that it uses, each once
---@field sequential string[] the tables that it reads from end to end, each once
---@field cost number the planner's estimate
---@field rows integer that the planner expects
local Plan = {}

--- Whether it uses the index; without a name, any.
---@param name string?
---@return boolean
function Plan:uses(name) end

--- Whether it reads the table from end to end; without a name, any.
---@param name string?
---@return boolean
function Plan:scans(name) end
