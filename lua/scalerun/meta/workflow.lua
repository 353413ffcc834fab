---@meta scalerun.workflow
-- Made from lua/scalerun/workflow.lua by scripts/annotations: change it there.

--- scale.workflow: the way that a project goes, made of named steps and of pauses that stand for the model. Run by
--- itself, it is walked once by the run's first project; scenarios take it as what their iterations do.

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
function workflow.load(path) end

return workflow
