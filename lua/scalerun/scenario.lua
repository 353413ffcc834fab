--- What a scenario is: its declaration is checked here, when its file loads.
local compare = require "scalerun.compare"
local declaration = require "scalerun.declaration"
local load = require "scalerun.load"
local profiles = require "scalerun.profiles"
local thresholds = require "scalerun.judge.thresholds"
local witness = require "scalerun.witness.declaration"

---@class scale.Phase
---@field name string unique in its scenario; letters, digits, dashes, underscores
---@field load scale.Load
---@field compare scale.Compare? two variants of the load, round by round
---@field setup (fun(run: scale.Run, data: any, seen: scale.Seen): any)? once before the phase; what it returns
---  takes the place of the scenario's data in this phase and the following ones
---@field iteration fun(project: scale.Project)

---@class scale.Scenario
---@field id string short and unique: "S1"
---@field title string? what it shows, in a few words
---@field covers string[]? the requirements that it judges
---@field catches string[]? the faults of the sandbox and its target that it is meant to find: see scalerun selftest
---@field needs string[]? "target", "database", "cache", "balancer", "replicas" (more than one), "sandbox": without
---  them the scenario cannot be judged
---@field sandbox table? settings that it asks of the sandbox's target
---@field timeout number|string? the most that the whole scenario may take; 5 minutes unless told
---@field witness scale.WitnessKey|boolean|nil who is looked at while the phases run, and how often: all that can be
---  reached, twice a second
---@field load scale.Load?
---@field compare scale.Compare? two variants of load, round by round: seen.compare
---@field setup (fun(run: scale.Run): any)? once, before the projects start; its plain return value is project.data
---@field iteration fun(project: scale.Project)? as often as load says, in every project
---@field phases scale.Phase[]? several loads one after the other, in place of load and iteration
---@field verify fun(run: scale.Run, seen: scale.Seen, data: any)? once, after all have ended; data is what setup
---  returned, the last phase's setup when there are several
---@field thresholds table<string, string|scale.Threshold>? limits as data: { ["ids.reserve p95"] = "< 200ms" }
---@field teardown fun(run: scale.Run, data: any)? once, always; data is nil when setup did not get that far

local scenario = {}

local refuse, check = declaration.refuse, declaration.check

local fields = {
  id = "string",
  title = "string",
  covers = "table",
  catches = "table",
  needs = "table",
  sandbox = "table",
  timeout = "number|string",
  witness = "table|boolean",
  thresholds = "table",
  load = "table",
  compare = "table",
  setup = "function",
  iteration = "function",
  phases = "table",
  verify = "function",
  teardown = "function",
}

local phase_fields = { name = "string", load = "table", compare = "table", setup = "function", iteration = "function" }

local Scenario = { __name = "scalerun.scenario" }

local declared = 0

--- Whether the value was made by scenario.declare.
---@param value any
---@return boolean
function scenario.is(value)
  return getmetatable(value) == Scenario
end

--- How many scenarios were declared in this state.
---@return integer
function scenario.count()
  return declared
end

-- The load, and the comparison where there is one.
local function check_load(where, spec)
  local compared = spec.compare and compare.check(where, spec.compare, spec.load) or nil
  return compared and compared.arms[compared.load].load or load.check(where, spec.load), compared
end

local function check_phases(where, list)
  local checked, taken = {}, {}
  if #list == 0 then
    refuse("phases", nil, "%s: phases must be a list of at least one phase", where)
  end
  for index, phase in ipairs(list) do
    if type(phase) ~= "table" then
      refuse("phases", nil, "%s: phases[%d] must be a table, not a %s", where, index, type(phase))
    end
    local here = ("%s: phase %s"):format(where, type(phase.name) == "string" and phase.name or index)
    check(here, phase, phase_fields)
    if not phase.name or not phase.name:find("^[%w_-]+$") then
      refuse("name", phase.iteration, "%s: name must be letters, digits, - and _", here)
    elseif taken[phase.name] then
      refuse("name", phase.iteration, "%s: two phases have this name", here)
    end
    taken[phase.name] = true
    for _, key in ipairs { "load", "iteration" } do
      if not phase[key] then
        refuse("phases", phase.iteration, "%s: %s is missing", here, key)
      end
    end
    declaration.check_captures(here, "iteration", phase.iteration)
    local own, compared = check_load(here, phase)
    checked[index] = {
      name = phase.name,
      load = own,
      compare = compared,
      setup = phase.setup,
      iteration = phase.iteration,
    }
  end
  return checked
end

--- Declares a scenario. Raises when anything about the declaration is wrong.
---@param spec scale.Scenario
---@return table scenario always with `phases`, a scenario with one load having a single phase called "load"
function scenario.declare(spec)
  if type(spec) ~= "table" then
    refuse(nil, nil, "scale.scenario: a table is wanted, not a %s", type(spec))
  end
  local where = "scale.scenario"
  spec = profiles.resolve(spec)
  check(where, spec, fields)
  local made = declaration.common(where, spec)
  local phases
  if spec.phases then
    for _, key in ipairs { "load", "compare", "iteration" } do
      if spec[key] then
        refuse(key, nil, "%s: %s and phases exclude each other: put it into a phase", where, key)
      end
    end
    phases = check_phases(where, spec.phases)
  else
    for _, key in ipairs { "load", "iteration" } do
      if not spec[key] then
        refuse("id", nil, "%s: %s is missing (or give phases = { … })", where, key)
      end
    end
    declaration.check_captures(where, "iteration", spec.iteration)
    local own, compared = check_load(where, spec)
    phases = { { name = "load", load = own, compare = compared, iteration = spec.iteration } }
  end
  made.witness = witness.read(where, spec.witness)
  made.thresholds = thresholds.parse(where, spec.thresholds or {})
  made.setup, made.phases, made.verify, made.teardown = spec.setup, phases, spec.verify, spec.teardown
  declared = declared + 1
  return setmetatable(made, Scenario)
end

return scenario
