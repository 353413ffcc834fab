#!/usr/bin/env scalerun
-- Story breakdown: a project takes its next task and writes several stories, each thought about, validated and stored
-- by itself; an implementation task follows from each.
local scale = require "scalerun"
local framework = require "scalerun.target.framework"
local generation = require "scalerun.target.generation"

local STORIES = 5

return scale.workflow {
  id = "story-breakdown",
  title = "Story breakdown",
  needs = { "target" },
  sandbox = { reserve_rate = 0 },
  think = { story = { median = "450ms", sigma = 0.1, share = 0.95 } }, -- stands for the model, once for each story

  run = function(project)
    local task = project:step("take task", framework.next_task, project)
    project:step("start task", framework.set_status, project, task.task_id, "in_progress")

    project:step("load sdlc-core", framework.resource, project, "sdlc/core")
    project:step("load pattern testing", framework.resource, project, "patterns/testing")
    local template = project:step("load template story", framework.resource, project, "templates/story")
    project:step("get generator prompt", framework.prompt, project, "backlog-story", { task_id = task.task_id })
    local ids = project:step("reserve ids", framework.reserve, project, "US", STORIES)

    local artifacts = {}
    for number, id in ipairs(ids) do
      project:think("story")
      local content = generation.draft(template, id, ("%s, part %d"):format(task.description, number))
      project:step("validate story", framework.validate, project, "US", id, content)
      project:step("store story", framework.store, project, id, content)
      artifacts[number] = { id = id, content = content }
    end

    project:step("complete task", framework.set_status, project, task.task_id, "completed",
      ("wrote %s to %s"):format(ids[1], ids[#ids]))
    local follow_ups = {}
    for number, id in ipairs(ids) do
      follow_ups[number] = project:step("add task: implementation", framework.add_task, project,
        { description = "Implement " .. id, generator_name = "implementation-task", inputs = { id } })
    end

    return { task = task.task_id, artifacts = artifacts, follow_ups = follow_ups }
  end,

  check = generation.check, -- reads all of it back, after the time has been taken
  verify = generation.verify,
}
