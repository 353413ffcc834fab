--- What workflows generate, in place of a model, and whether it is where it belongs afterwards.
local framework = require "scalerun.target.framework"
local json = require "scalerun.json"
local tasks = require "scalerun.target.tasks"

---@class scale.target.generation
local generation = {}

---@class scalerun.Generated what a workflow's run returns
---@field task string id of the task that asked for it
---@field artifacts { id: string, content: string }[]
---@field follow_ups string[] ids of the tasks that were added

local PAGE = 1000 -- the most tasks of one answer

--- An artifact that follows its template: its headings, with something below each.
---@param template string
---@param id string
---@param title string
---@return string
function generation.draft(template, id, title)
  local parts = { ("# %s: %s\n"):format(id, title) }
  for heading in template:gmatch("\n## ([^\n]+)") do
    parts[#parts + 1] = ("\n## %s\n\n%s of %s, as %s asks for it.\n"):format(heading, heading, id, title)
  end
  return table.concat(parts)
end

-- Those of the ids that are among the project's tasks with the status.
local function found_among(project, status, ids)
  local wanted, found, cursor = {}, {}, nil
  local left = #ids
  for _, id in ipairs(ids) do
    wanted[id] = true
  end
  repeat
    local list, answer = tasks.list(project, { status = status, limit = PAGE, cursor = cursor })
    for _, task in ipairs(list) do
      if wanted[task.task_id] and not found[task.task_id] then
        found[task.task_id] = true
        left = left - 1
      end
    end
    local following = answer.data.next_cursor
    cursor = type(following) == "string" and following ~= cursor and following or nil
  until left == 0 or not cursor
  return found
end

local function read_back(project, artifact)
  local text = framework.artifact(project, artifact.id)
  if text == artifact.content then
    return "identical"
  end
  return ("%s: %d bytes stored, %d others read"):format(artifact.id, #artifact.content, #text)
end

--- The `check` of a workflow: reads back what its run made.
---@param project scale.Project
---@param made scalerun.Generated
function generation.check(project, made)
  for _, artifact in ipairs(made.artifacts) do
    project:record("artifact", read_back(project, artifact))
  end
  local completed = found_among(project, "completed", { made.task })
  project:record("finished_task", completed[made.task] and "completed" or made.task .. " is not among those completed")
  local pending = found_among(project, "pending", made.follow_ups)
  for _, id in ipairs(made.follow_ups) do
    project:record("follow_up", pending[id] and "pending" or id .. " is not in the queue")
  end
  project:record("generated", { project = project.id, task = made.task, follow_ups = made.follow_ups })
end

local function expected_rows(generated)
  local expected, count, ids = {}, 0, {}
  local function add(project, id, status)
    expected[id] = { project = project, status = status }
    count = count + 1
    ids[count] = id
  end
  for _, made in ipairs(generated) do
    add(made.project, made.task, "completed")
    for _, id in ipairs(made.follow_ups) do
      add(made.project, id, "pending")
    end
  end
  return expected, ids
end

local function check_database(run, generated)
  local expected, ids = expected_rows(generated)
  if #ids == 0 then
    return -- nothing came to its end: the other checks say so
  end
  local rows = run.database:query(
    "SELECT task_id, project_id, status FROM tasks WHERE task_id IN (SELECT jsonb_array_elements_text($1::jsonb))",
    json.encode(ids))
  for _, row in ipairs(rows) do
    local one = expected[row.task_id]
    one.found = one.found or row.project_id == one.project and row.status == one.status
  end
  local wrong = {}
  for _, id in ipairs(ids) do
    if not expected[id].found then
      wrong[#wrong + 1] = { text = ("%s of %s is not there as %s"):format(id, expected[id].project,
        expected[id].status), task_id = id }
    end
  end
  run:expect("the database has the tasks so"):none(wrong, { among = #ids, what = "tasks" })
end

--- The `verify` of a workflow: judges what check has recorded.
---@param run scale.Run
---@param seen scale.Seen
function generation.verify(run, seen)
  run:expect("artifacts are read back as they were stored"):values(seen.artifact):all_equal("identical")
  run:expect("the task is completed"):values(seen.finished_task):all_equal("completed")
  run:expect("the queue holds the follow-ups"):values(seen.follow_up):all_equal("pending")
  if run:has("database") then
    check_database(run, seen.generated)
  end
end

return generation
