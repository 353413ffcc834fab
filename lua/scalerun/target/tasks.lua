--- The tasks of the Task Tracking API.
---
--- Every call takes options: `as` names another project in the request, while the key stays the caller's own;
--- `expected` is a status, several, or "any", that is an answer rather than a failure. The first result is nil when
--- the status is not 200; the last result is always the answer (status, error, body, request).
local recording = require "scalerun.target.recording"
local target = require "scalerun.target"

---@class scale.target.tasks
local tasks = {}

---@class scalerun.TaskFields
---@field task_id string
---@field project_id string
---@field description string
---@field generator_name string
---@field status string "pending", "in_progress", "completed"

---@class scalerun.TasksOptions
---@field as string?
---@field status string? only tasks in this status
---@field limit integer? of a list
---@field cursor string? where a list goes on
---@field notes string? completion notes
---@field expected integer|integer[]|"any"|nil

--- The next task: GET /tasks/next.
---@param project scale.Project
---@param options scalerun.TasksOptions?
---@return scalerun.TaskFields? task nil when none is left
---@return scalerun.Answer answer
function tasks.next(project, options)
  options = options or {}
  local answer = target.call(project, "tasks.next", "GET", "/tasks/next", {
    query = { project = options.as or project.id, status = options.status },
    expected = options.expected,
    history = recording.next_task,
    as = options.as,
  })
  local task = answer.data and answer.data.task
  return answer.status == 200 and type(task) == "table" and task or nil, answer
end

--- Tasks of the project: GET /tasks.
---@param project scale.Project
---@param options scalerun.TasksOptions?
---@return scalerun.TaskFields[]? list
---@return scalerun.Answer answer
function tasks.list(project, options)
  options = options or {}
  local answer = target.call(project, "tasks.list", "GET", "/tasks", {
    query = {
      project = options.as or project.id,
      status = options.status,
      limit = options.limit,
      cursor = options.cursor,
    },
    expected = options.expected,
    history = recording.list_tasks,
    as = options.as,
  })
  return answer.status == 200 and target.field(answer, "tasks.list", "tasks", "table") or nil, answer
end

--- Adds tasks, all or none: POST /tasks/batch.
---@param project scale.Project
---@param list table[] 1 to 100 tasks
---@param options scalerun.TasksOptions?
---@return string[]? ids of the new tasks
---@return scalerun.Answer answer
function tasks.add(project, list, options)
  options = options or {}
  local sent = list
  if options.as then
    sent = {}
    for index, task in ipairs(list) do
      sent[index] = { project_id = options.as }
      for key, value in pairs(task) do
        sent[index][key] = value
      end
    end
  end
  local answer = target.call(project, "tasks.add", "POST", "/tasks/batch", {
    json = { tasks = sent },
    expected = options.expected,
    history = recording.add_tasks,
    as = options.as,
  })
  return answer.status == 200 and target.field(answer, "tasks.add", "task_ids", "table") or nil, answer
end

--- Moves a task on: PUT /tasks/{id}/status.
---@param project scale.Project
---@param id string
---@param status string "in_progress" or "completed"
---@param options scalerun.TasksOptions?
---@return scalerun.TaskFields? updated
---@return scalerun.Answer answer
function tasks.set_status(project, id, status, options)
  options = options or {}
  local answer = target.call(project, "tasks.set_status", "PUT", ("/tasks/%s/status"):format(id), {
    query = { project = options.as or project.id },
    json = { status = status, completion_notes = options.notes },
    expected = options.expected,
    history = recording.set_status,
    key = id,
    input = status,
    as = options.as,
  })
  return answer.status == 200 and target.field(answer, "tasks.set_status", "updated_task", "table") or nil, answer
end

return tasks
