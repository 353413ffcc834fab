--- PostgreSQL's plan of a statement: what EXPLAIN (FORMAT JSON) shows, and what it comes to.
---@class scale.Plan
---@field tree table the plan as PostgreSQL gave it: "Node Type", "Relation Name", "Plans", …
---@field indexes string[] the indexes that it uses, each once
---@field sequential string[] the tables that it reads from end to end, each once
---@field cost number the planner's estimate
---@field rows integer that the planner expects
local Plan = {}
Plan.__index = Plan

local plan = {}

local DEEPEST = 500

local function add(list, value)
  for _, one in ipairs(list) do
    if one == value then
      return
    end
  end
  list[#list + 1] = value
end

local function walk(node, found, depth)
  if type(node) ~= "table" or depth > DEEPEST then
    return
  end
  if type(node["Index Name"]) == "string" then
    add(found.indexes, node["Index Name"])
  end
  if node["Node Type"] == "Seq Scan" and type(node["Relation Name"]) == "string" then
    add(found.sequential, node["Relation Name"])
  end
  if type(node.Plans) == "table" then
    for _, child in ipairs(node.Plans) do
      walk(child, found, depth + 1)
    end
  end
end

--- @param document table the one value of EXPLAIN (FORMAT JSON), decoded
---@return scale.Plan? plan nil when it is something else
function plan.read(document)
  local tree = type(document) == "table" and type(document[1]) == "table" and document[1].Plan
  if type(tree) ~= "table" then
    return nil
  end
  local found = { tree = tree, indexes = {}, sequential = {}, cost = tree["Total Cost"], rows = tree["Plan Rows"] }
  walk(tree, found, 1)
  table.sort(found.indexes)
  table.sort(found.sequential)
  return setmetatable(found, Plan)
end

local function has(list, name)
  for _, one in ipairs(list) do
    if name == nil or one == name then
      return true
    end
  end
  return false
end

--- Whether it uses the index; without a name, any.
---@param name string?
---@return boolean
function Plan:uses(name)
  return has(self.indexes, name)
end

--- Whether it reads the table from end to end; without a name, any.
---@param name string?
---@return boolean
function Plan:scans(name)
  return has(self.sequential, name)
end

return plan
