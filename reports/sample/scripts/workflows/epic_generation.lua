#!/usr/bin/env scalerun
-- Epic generation: a project takes its next task, loads what the generator needs, lets the model think, and leaves
-- behind an epic, a completed task and the tasks that follow from it. About 2 s, most of them thinking.
local scale = require "scalerun"
local framework = require "scalerun.target.framework"
local generation = require "scalerun.target.generation"

return scale.workflow {
  id = "epic-generation",
  title = "Epic generation",
  covers = { "US-064 scenario 4" },
  needs = { "target" },
  sandbox = { reserve_rate = 0 }, -- no limit: this is about the way, not about the rate
  think = { epic = { median = "1.9s", sigma = 0.05, share = 0.95 } }, -- stands for the model

  run = function(project)
    local task = project:step("take task", framework.next_task, project)
    project:step("start task", framework.set_status, project, task.task_id, "in_progress")

    project:step("load sdlc-core", framework.resource, project, "sdlc/core")
    project:step("load pattern caching", framework.resource, project, "patterns/caching")
    project:step("load pattern observability", framework.resource, project, "patterns/observability")
    local template = project:step("load template epic", framework.resource, project, "templates/epic")
    project:step("get generator prompt", framework.prompt, project, "epic", { task_id = task.task_id })
    local id = project:step("reserve id", framework.reserve, project, "EPIC", 1)[1]

    project:think("epic")
    local content = generation.draft(template, id, task.description)

    project:step("validate epic", framework.validate, project, "EPIC", id, content)
    project:step("store epic", framework.store, project, id, content)
    project:step("complete task", framework.set_status, project, task.task_id, "completed", "wrote " .. id)
    local prd = project:step("add task: prd", framework.add_task, project,
      { description = "Write the PRD for " .. id, generator_name = "prd", inputs = { id } })
    local spike = project:step("add task: spike", framework.add_task, project,
      { description = "Look into the risks of " .. id, generator_name = "spike", inputs = { id } })

    return { task = task.task_id, artifacts = { { id = id, content = content } }, follow_ups = { prd, spike } }
  end,

  check = generation.check, -- reads all of it back, after the time has been taken
  verify = generation.verify,
}
