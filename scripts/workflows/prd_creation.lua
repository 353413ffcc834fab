#!/usr/bin/env scalerun
-- PRD creation: a project takes its next task and writes a product requirements document, in two rounds of thinking:
-- the outline decides which pattern it loads next. One task for each high-level story follows.
local scale = require "scalerun"
local framework = require "scalerun.target.framework"
local generation = require "scalerun.target.generation"

local STORIES = 3 -- high-level stories that follow from the document

return scale.workflow {
  id = "prd-creation",
  title = "PRD creation",
  needs = { "target" },
  sandbox = { reserve_rate = 0 },
  think = { -- stands for the model
    outline = { median = "600ms", sigma = 0.1, share = 0.25 },
    document = { median = "1.7s", sigma = 0.05, share = 0.7 },
  },

  run = function(project)
    local task = project:step("take task", framework.next_task, project)
    project:step("start task", framework.set_status, project, task.task_id, "in_progress")

    project:step("load sdlc-core", framework.resource, project, "sdlc/core")
    local template = project:step("load template prd", framework.resource, project, "templates/prd")
    project:step("get generator prompt", framework.prompt, project, "prd", { task_id = task.task_id })
    local id = project:step("reserve id", framework.reserve, project, "PRD", 1)[1]

    project:think("outline")
    project:step("load pattern security", framework.resource, project, "patterns/security")
    project:think("document")
    local content = generation.draft(template, id, task.description)

    project:step("validate prd", framework.validate, project, "PRD", id, content)
    project:step("store prd", framework.store, project, id, content)
    project:step("complete task", framework.set_status, project, task.task_id, "completed", "wrote " .. id)
    local follow_ups = {}
    for number = 1, STORIES do
      follow_ups[number] = project:step("add task: hls", framework.add_task, project, {
        description = ("Write high-level story %d of %s"):format(number, id),
        generator_name = "hls",
        inputs = { id },
      })
    end

    return { task = task.task_id, artifacts = { { id = id, content = content } }, follow_ups = follow_ups }
  end,

  check = generation.check, -- reads all of it back, after the time has been taken
  verify = generation.verify,
}
