--- scale.workflow: the way that a project goes, made of named steps and of pauses that stand for the model. Run by
--- itself, it is walked once by the run's first project; scenarios take it as what their iterations do.
local const = require "scalerun.const"
local declaration = require "scalerun.declaration"
local scenario = require "scalerun.scenario"
local steps = require "scalerun.steps"

---@class scale.ThinkingPause
---@field median number|string duration: half of the pauses are shorter
---@field sigma number standard deviation of the duration's logarithm: 0.1 is a spread of about 10 %
---@field share number above 0, below 1: the part of the whole workflow that it is meant to take

---@class scale.Workflow
---@field id string short and unique: "epic-generation"
---@field title string?
---@field covers string[]?
---@field needs string[]? "target", "database", "cache", "balancer", "replicas", "sandbox"
---@field sandbox table? settings that it asks of the sandbox's target
---@field timeout number|string? when it is run by itself; 5 minutes unless told
---@field think table<string, scale.ThinkingPause>? the pauses of project:think
---@field run fun(project: scale.Project): any the way itself, of project:step and project:think
---@field check fun(project: scale.Project, made: any)? looks at what run made, after it has been measured; made is
---  what run returned
---@field verify fun(run: scale.Run, seen: scale.Seen)? judges what check recorded

---@class scalerun.Workflow
---@field id string
---@field title string
---@field run fun(project: scale.Project): any walks the way; its time is measured
---@field check (fun(project: scale.Project, made: any))? looks at what run returned
---@field verify (fun(run: scale.Run, seen: scale.Seen))? judges what check recorded

---@class scale.workflow
---@overload fun(spec: scale.Workflow): scalerun.Workflow declares a workflow, which its file returns
local workflow = {}

local WHERE = "scale.workflow"

local fields = {
  id = "string",
  title = "string",
  covers = "table",
  needs = "table",
  sandbox = "table",
  timeout = "number|string",
  think = "table",
  run = "function",
  check = "function",
  verify = "function",
}

local pause_fields = { median = "number|string", sigma = "number", share = "number" }

local Workflow = { __name = "scalerun.workflow" }
Workflow.__index = Workflow

local declared = 0

---@package
--- Whether the value is a workflow.
---@param value any
---@return boolean
function workflow.is(value)
  return getmetatable(value) == Workflow
end

---@package
--- How many workflows this state's scripts have declared, less those that were taken by workflow.load.
---@return integer
function workflow.count()
  return declared
end

local refuse = declaration.refuse

local function check_think(given)
  local pauses, shares = {}, 0
  for name, pause in pairs(given) do
    if type(name) ~= "string" or type(pause) ~= "table" then
      refuse("think", nil, "%s: think is a table of pauses: { epic = { median = \"2s\", sigma = 0.1, share = 0.9 } }",
        WHERE)
    end
    local where = ("%s: pause %s"):format(WHERE, name)
    declaration.check(where, pause, pause_fields)
    for key in pairs(pause_fields) do
      if pause[key] == nil then
        refuse(name, nil, "%s: %s is missing", where, key)
      end
    end
    if not (pause.sigma >= 0 and pause.sigma < math.huge) then
      refuse("sigma", nil, "%s: sigma must be at least 0, not %s", where, pause.sigma)
    elseif not (pause.share > 0 and pause.share < 1) then
      refuse("share", nil, "%s: share must be above 0 and below 1, not %s", where, pause.share)
    end
    shares = shares + pause.share
    pauses[name] = {
      median = declaration.check_duration(where, "median", pause.median),
      sigma = pause.sigma,
      share = pause.share,
    }
  end
  if shares >= 1 then
    refuse("think", nil, "%s: the shares of all pauses must be below 1 together, not %s", WHERE, shares)
  end
  return const.new(pauses)
end

---@package
--- Declares a workflow. Raises when anything about the declaration is wrong.
---@param spec scale.Workflow
---@return scalerun.Workflow
function workflow.declare(spec)
  if type(spec) ~= "table" then
    refuse(nil, nil, "%s: a table is wanted, not a %s", WHERE, type(spec))
  end
  declaration.check(WHERE, spec, fields)
  local made = declaration.common(WHERE, spec)
  if not spec.run then
    refuse("id", nil, "%s: run is missing", WHERE)
  end
  declaration.check_captures(WHERE, "run", spec.run)
  if spec.check then
    declaration.check_captures(WHERE, "check", spec.check)
  end
  local id, way, pauses = made.id, spec.run, check_think(spec.think or {})
  made.think, made.check, made.verify = pauses, spec.check, spec.verify
  made.run = function(project)
    return steps.walk(project, id, pauses, way)
  end
  declared = declared + 1
  return const.promise(setmetatable(made, Workflow))
end

--- The workflow of a file, for a scenario's iterations.
---
--- ```lua
--- local scale = require "scalerun"
--- local epic = scale.workflow.load "../workflows/epic_generation.lua"
---
--- return scale.scenario {
---   id = "epics",
---   sandbox = { reserve_rate = 0 },
---   load = { executor = "per-project-iterations", iterations = 1 },
---   iteration = function(project) epic.check(project, epic.run(project)) end,
---   verify = epic.verify,
--- }
--- ```
---@param path string from the folder of the file that calls this
---@return scalerun.Workflow
function workflow.load(path)
  if type(path) ~= "string" then
    error(("workflow.load: the path must be a string, not a %s"):format(type(path)), 2)
  end
  local caller = debug.getinfo(2, "S").source
  if path:sub(1, 1) ~= "/" and caller:sub(1, 1) == "@" then
    path = (caller:match("^@(.*/)") or "") .. path
  end
  local found = require("scalerun.loader").read(path)
  if not workflow.is(found) then
    error(("workflow.load: %s declares no workflow: write `return scale.workflow {`"):format(path), 2)
  end
  declared = declared - 1
  return found
end

local function sum(ops, list, kind)
  local seconds, share, count = 0, 0, 0
  for _, step in ipairs(list) do
    local series = step.kind == kind and ops[steps.series(kind, step.name)]
    if series then
      seconds = seconds + series.mean * series.count
      share = share + (step.share or 0)
      count = count + 1
    end
  end
  return seconds, share, count
end

local function summarize(run, seen)
  local total = sum(seen.ops, seen.steps, "workflow")
  local thought, share = sum(seen.ops, seen.steps, "think")
  local _, _, count = sum(seen.ops, seen.steps, "step")
  if total > 0 then
    run:summarize("%d steps in %.0f ms: service %.0f ms, thinking %.0f ms (%.0f %%, declared %.0f %%)", count,
      total * 1000, (total - thought) * 1000, thought * 1000, 100 * thought / total, 100 * share)
  end
end

---@package
--- The workflow as a scenario: one project walks it once.
---@return table scenario
function Workflow:alone()
  local run, check, verify, series = self.run, self.check, self.verify, steps.series("workflow", self.id)
  local made = scenario.declare {
    id = self.id,
    title = self.title,
    covers = self.covers,
    needs = self.needs,
    sandbox = self.sandbox,
    timeout = self.timeout,
    load = { executor = "per-project-iterations", iterations = 1 },
    iteration = function(project)
      local result = run(project)
      if check then
        check(project, result)
      end
    end,
    verify = function(conductor, seen)
      conductor:expect("the workflow comes to its end"):count((seen.ops[series] or {}).ok):equals(1)
      if verify then
        verify(conductor, seen)
      end
      summarize(conductor, seen)
    end,
  }
  made.workflow, made.most_projects = true, 1
  return made
end

return setmetatable(workflow, {
  __call = function(_, spec)
    return workflow.declare(spec)
  end,
})
