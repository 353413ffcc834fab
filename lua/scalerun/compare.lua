--- Comparisons: two loads in turn within one phase, round by round, so that what drifts meanwhile meets both.
local declaration = require "scalerun.declaration"
local load = require "scalerun.load"

local compare = {}

local refuse = declaration.refuse

---@class scale.Arm: scale.Load whatever it says takes the place of the phase's load
---@field projects integer|string[]|nil how many of the run's projects take part, in rotation over the rounds, or which;
---  all unless told, one in an arm called solo

---@class scale.Compare two arms under names of the script's own, and:
---@field baseline string? the arm that the other is compared against: "solo" unless told
---@field rounds integer? how many there are in any case, each with one turn of both arms; 3 unless told
---@field most integer? how many there may be, where a ratio is not decided yet; 9 unless told
---@field order string? who comes first in each round: "ABBA" (A is the baseline), over and over
---@field time number|string? no round begins that would not end in it; 60 s unless told
---@field [string] scale.Arm

---@class scalerun.Comparison
---@field baseline string
---@field load string the other arm
---@field arms table<string, { load: scale.Load, projects: integer|string[]|nil }>
---@field rounds integer
---@field most integer
---@field order string[] arms' names, pair by pair
---@field time number seconds

local own = { baseline = "string", rounds = "integer", most = "integer", order = "string", time = "number|string" }

local function names_of(where, given)
  local names = {}
  for name, value in pairs(given) do
    if not own[name] then
      if type(value) ~= "table" then
        -- A mistyped key of compare's own, most likely.
        declaration.check(where, { [name] = value }, own)
      elseif not name:find("^[%w_-]+$") then
        refuse(name, nil, "%s: an arm's name is made of letters, digits, - and _, not '%s'", where, name)
      end
      names[#names + 1] = name
    end
  end
  table.sort(names)
  if #names ~= 2 then
    refuse("compare", nil, "%s needs two arms, such as solo = { projects = 1 }, all = {}; it has %d", where, #names)
  end
  return names
end

local function baseline_of(where, given, names)
  local baseline = given.baseline or "solo"
  for index, name in ipairs(names) do
    if name == baseline then
      return name, names[3 - index]
    end
  end
  refuse(given.baseline and "baseline" or "compare", nil, "%s: baseline must name one of its arms, %s or %s%s", where,
    names[1], names[2], given.baseline and (", not '%s'"):format(baseline) or "")
end

local function check_projects(where, projects)
  if type(projects) == "table" then
    declaration.check_list(where, "projects", projects)
    if #projects == 0 then
      refuse("projects", nil, "%s: projects names none", where)
    end
  elseif projects and (math.type(projects) ~= "integer" or projects < 1) then
    refuse("projects", nil, "%s: projects must be how many, or a list of ids, not %s", where, tostring(projects))
  end
  return projects
end

local function check_arm(where, name, given, base)
  where = ("%s: arm %s"):format(where, name)
  local merged = {}
  for _, values in ipairs { base, given } do
    for key, value in pairs(values) do
      merged[key] = value
    end
  end
  merged.projects = nil
  return {
    load = load.check(where, merged),
    projects = check_projects(where, given.projects) or name == "solo" and 1 or nil,
  }
end

local function check_order(where, order, baseline, other)
  local arms = {}
  for pair in order:gmatch("..?") do
    if pair ~= "AB" and pair ~= "BA" then
      refuse("order", nil, "%s: order is made of AB and BA, such as \"ABBA\", not %q", where, order)
    end
    for letter in pair:gmatch(".") do
      arms[#arms + 1] = letter == "A" and baseline or other
    end
  end
  return arms
end

local function check_rounds(where, given)
  local rounds = given.rounds or 3
  local most = given.most or math.max(rounds, 9)
  if rounds < 1 then
    refuse("rounds", nil, "%s: rounds must be at least 1, not %d", where, rounds)
  elseif most < rounds then
    refuse("most", nil, "%s: most must be at least rounds (%d), not %d", where, rounds, most)
  end
  return rounds, most
end

--- Reads a declaration.
---@param where string
---@param given scale.Compare
---@param base scale.Load as the script wrote it
---@return scalerun.Comparison
function compare.check(where, given, base)
  where = where .. ": compare"
  local names = names_of(where, given)
  local mine = {}
  for name in pairs(own) do
    mine[name] = given[name]
  end
  declaration.check(where, mine, own)
  local baseline, other = baseline_of(where, given, names)
  local rounds, most = check_rounds(where, given)
  local order = given.order or "ABBA"
  if order == "" then
    refuse("order", nil, "%s: order is made of AB and BA, such as \"ABBA\", not \"\"", where)
  end
  return {
    baseline = baseline,
    load = other,
    arms = {
      [baseline] = check_arm(where, baseline, given[baseline], base),
      [other] = check_arm(where, other, given[other], base),
    },
    rounds = rounds,
    most = most,
    order = check_order(where, order, baseline, other),
    time = declaration.check_duration(where, "time", given.time or 60),
  }
end

--- The arms of a round, in their order.
---@param comparison scalerun.Comparison
---@param round integer from 1
---@return string first
---@return string second
function compare.turns(comparison, round)
  local at = (round - 1) * 2 % #comparison.order
  return comparison.order[at + 1], comparison.order[at + 2]
end

--- The projects of an arm in a round; nil is all of them.
---@param arm { projects: integer|string[]|nil }
---@param round integer from 1
---@param all string[] those of the run
---@return string[]?
function compare.projects(arm, round, all)
  if math.type(arm.projects) ~= "integer" then
    return arm.projects --[[@as string[]?]]
  elseif arm.projects >= #all then
    return nil
  end
  local chosen, first = {}, (round - 1) * arm.projects
  for index = 1, arm.projects do
    chosen[index] = all[(first + index - 1) % #all + 1]
  end
  return chosen
end

return compare
