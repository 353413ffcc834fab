--- scalerun new: writes the start of a scenario or a workflow.
local fs = require "scalerun.fs"
local status = require "scalerun.cli.status"

local command = {}

local scenario = [[
#!/usr/bin/env scalerun
-- ID: what this scenario is to show, in a sentence or two.
--
--   scalerun PATH           runs it against a private sandbox
--   scalerun check PATH     finds mistakes without running it
local scale = require "scalerun"
local tasks = require "scalerun.target.tasks"

local EACH = 10 -- iterations of each project

return scale.scenario {
  id = "ID",
  title = "ID, in a few words",
  covers = {}, -- the requirements that it judges: { "NFR-Scalability-01" }
  needs = { "target" }, -- without it the scenario is inconclusive; also "database", "redis"

  -- What runs in every project, and how often.
  load = { executor = "per-project-iterations", iterations = EACH, start = "together" },

  setup = function(run) -- once, before the projects start; what it returns is project.data
    return { marker = ("seed %d"):format(run.seed) }
  end,

  iteration = function(project) -- EACH times in each project, all projects at once
    local task = tasks.next(project)
    project:record("owner", task and task.project_id == project.id) -- the one door by which values leave a project
  end,

  verify = function(run, seen) -- once, after all have ended: begin each check with run:expect("name")
    run:expect("all requests succeed"):count(seen.ops["tasks.next"].ok):equals(#run.projects * EACH)
    run:expect("everybody gets tasks of their own"):values(seen.owner):all_equal(true)
    run:summarize("%d tasks, p95 %.1f ms", #seen.owner, (seen.ops["tasks.next"].p95 or 0) * 1000)
  end,
}
]]

local workflow = [[
#!/usr/bin/env scalerun
-- ID: the way that a project goes, from what to what.
--
--   scalerun PATH           walks it once, as the first project, and shows each step's latency
--   scalerun check PATH     finds mistakes without running it
--
-- A scenario goes this way with: local way = scale.workflow.load "FILE"; … way.run(project)
local scale = require "scalerun"
local framework = require "scalerun.target.framework"

return scale.workflow {
  id = "ID",
  title = "ID, in a few words",
  needs = { "target" },

  -- Pauses that stand for the model; share: the part of the whole that they are meant to take.
  think = { draft = { median = "200ms", sigma = 0.1, share = 0.8 } },

  run = function(project) -- the way itself; each step is measured
    local core = project:step("load sdlc-core", framework.resource, project, "sdlc/core")
    local task = project:step("take the next task", framework.next_task, project)
    project:think "draft"
    return { task = task.task_id, core = core }
  end,

  check = function(project, made) -- looks at what run returned, after the time has been taken
    project:record("core", made.core ~= "")
  end,

  verify = function(run, seen) -- judges what check has recorded
    run:expect("the core document has a text"):values(seen.core):all_equal(true)
  end,
}
]]

local texts = { scenario = scenario, workflow = workflow }

--- @param parsed table kind, name
---@param usage fun(problem: string): integer
---@return integer exit_status
function command.run(parsed, usage)
  local path = parsed.name:gsub("%.lua$", "") .. ".lua"
  local file = path:match("[^/]+$")
  local id = file:gsub("%.lua$", "")
  if not id:find("^[%w_.-]+$") then
    return usage(("new: the name is of letters, digits, dots, - and _, not '%s'"):format(id))
  elseif fs.stat(path) then
    return usage(("new: %s is there already; nothing was written"):format(path))
  end
  local folder = path:match("^(.*)/[^/]+$")
  if folder and not fs.exists(folder) then
    return usage(("new: there is no folder %s"):format(folder))
  end
  local words = { ID = id, PATH = path, FILE = file }
  fs.write(path, (texts[parsed.kind]:gsub("%f[%w]%u+%f[%W]", words)), 0x1ed)
  io.stdout:write(path, "\n")
  if not parsed.quiet then
    io.stderr:write(("scalerun: wrote %s; scalerun %s runs it\n"):format(path, path))
  end
  return status.PASS
end

return command
