#!/usr/bin/env scalerun
-- S2: a project sees and changes its own tasks and nobody else's. Every project works on its own tasks, and at
-- the same time asks for the tasks of every other one and tries to change them. Each project's tasks carry a
-- marker that nobody can guess: whatever any other project is sent is searched for it. What the clients have added
-- is what the database holds, in each project's own name.
local scale = require "scalerun"
local tasks = require "scalerun.target.tasks"
local taint = require "scalerun.taint"

local ITERATIONS = 6 -- of each project, while all projects work
local PARTNERS = 10 -- at most so many other projects are probed in one iteration

-- A task's id says whose it is, so that evidence does.
local function task_id(project, run_token, name)
  return ("S2-%s-%s-%s"):format(run_token, project, name)
end

local function marked_task(project, name)
  local marker = project.data.markers[project.id]
  return {
    task_id = task_id(project.id, project.data.token, name),
    description = ("Isolation probe, %s"):format(marker),
    generator_name = "implementation-task",
    inputs = { marker },
    expected_outputs = { marker },
    context_notes = marker,
  }
end

local function add(project, list)
  for _, id in ipairs((tasks.add(project, list))) do
    project:record("added", { project = project.id, task_id = id })
  end
end

-- Every task that a project is sent must be its own, whatever it asked for.
local function look_at(project, list, answer)
  for _, task in ipairs(list) do
    project:record("task", task.task_id)
    if task.project_id ~= project.id then
      project:record("foreign_task", {
        text = ("%s was sent %s's task %s: %s"):format(project.id, task.project_id, task.task_id, answer.request),
        reader = project.id,
        owner = task.project_id,
        task_id = task.task_id,
        request = answer.request,
      })
    end
  end
end

-- Reading with one's own key: naming oneself gives tasks (the control), naming another gives nothing, and no
-- error either.
local function probe_reads(project, other)
  local own = other == project.id
  for _, status in ipairs { "any", "in_progress" } do
    local wanted = status ~= "any" and status or nil
    local limit = wanted and 1000 or 20 -- those in progress are few, and ours are the latest of them
    local list, list_answer = tasks.list(project, { as = other, status = wanted, limit = limit, expected = "any" })
    local task, next_answer = tasks.next(project, { as = other, status = wanted, expected = "any" })
    look_at(project, list or {}, list_answer)
    look_at(project, { task }, next_answer)
    local got = ("list: %d with %d tasks; next: %d with %s"):format(list_answer.status, #(list or {}),
      next_answer.status, task and task.task_id or "none")
    local outcome = {
      text = ("%s asked for tasks of %s (status %s): %s"):format(project.id, other, status, got),
      reader = project.id,
      named = other,
      status = status,
    }
    if own then
      outcome.held = list ~= nil and #list > 0 and task ~= nil
      project:record("read_control", outcome)
    else
      local answered = list_answer.status == 200 and next_answer.status == 200
      outcome.refused = answered and #list == 0 and task == nil
      project:record("read_attempt", outcome)
    end
  end
end

-- Changing another project's task is 404, whichever project the request names.
local function probe_writes(project, other)
  local victim = task_id(other, project.data.token, "victim")
  for _, named in ipairs { other, project.id } do
    local _, answer = tasks.set_status(project, victim, "in_progress", {
      as = named,
      notes = project.data.markers[project.id],
      expected = "any",
    })
    project:record("write_attempt", {
      text = ("%s tried to change %s naming project %s: %d %s"):format(project.id, victim, named, answer.status,
        answer.error or ""),
      refused = answer.status == 404,
      writer = project.id,
      owner = other,
      task_id = victim,
      named = named,
    })
  end
end

-- The same change of one's own task succeeds: what every project works on meanwhile.
local function work(project)
  local name = ("work-%d"):format(project.iteration)
  add(project, { marked_task(project, name) })
  for _, status in ipairs { "in_progress", "completed" } do
    local id = task_id(project.id, project.data.token, name)
    local _, answer = tasks.set_status(project, id, status, { expected = "any" })
    project:record("write_control", {
      text = ("%s changed its own %s to %s: %d %s"):format(project.id, id, status, answer.status, answer.error or ""),
      held = answer.status == 200,
      writer = project.id,
      task_id = id,
    })
  end
end

-- All other projects; where there are many, the next ones in each iteration.
local function partners(project)
  local list, count = {}, #project.projects
  local number = math.min(count - 1, PARTNERS)
  local first = project.index + (project.iteration - 1) * number
  for step = 1, number do
    local other = project.projects[(first + step - 1) % count + 1]
    if other ~= project.id then
      list[#list + 1] = other
    end
  end
  return list
end

-- Who tried what with whom, and how often it went wrong: the matrix of the report.
local function matrix_of(projects, seen)
  local probes = scale.matrix(projects)
  for _, list in ipairs { seen.read_control, seen.read_attempt } do
    for _, one in ipairs(list) do
      probes:count(one.reader, one.named, 0)
    end
  end
  for _, one in ipairs(seen.write_attempt) do
    probes:count(one.writer, one.owner, one.refused and 0 or 1)
  end
  for _, one in ipairs(seen.foreign_task) do
    probes:count(one.reader, one.owner, 1, 0)
  end
  return probes
end

-- What the database holds of our tasks; name: only those.
local function stored(run, token, name)
  return run.database:query("SELECT task_id, project_id, status FROM tasks WHERE task_id LIKE $1 ORDER BY task_id",
    ("S2-%s-%%%s"):format(token, name or ""))
end

-- The rows that stand under another project's name than the one that added them, as evidence.
local function misplaced(rows, added)
  local owner, list = {}, {}
  for _, one in ipairs(added) do
    owner[one.task_id] = one.project
  end
  for _, row in ipairs(rows) do
    if owner[row.task_id] ~= row.project_id then
      list[#list + 1] = {
        text = ("%s, which %s added, is %s's in the database"):format(row.task_id, owner[row.task_id] or "nobody",
          row.project_id),
        task_id = row.task_id,
        project = row.project_id,
      }
    end
  end
  return list
end

-- For the report's summary: what the probes come to.
local function isolation(seen)
  local broken = #seen.leak + #seen.foreign_task
  for _, list in ipairs { seen.read_attempt, seen.write_attempt } do
    for _, one in ipairs(list) do
      broken = broken + (one.refused and 0 or 1)
    end
  end
  if broken > 0 then
    return "fail"
  end
  return #seen.read_attempt > 0 and #seen.write_attempt > 0 and #seen.taint_control > 0 and "pass" or "inconclusive"
end

return scale.scenario {
  id = "S2",
  title = "Project data isolation",
  covers = { "NFR-Scalability-01", "US-064 scenario 2" },
  catches = { "leak_tasks", "leak_tasks_under_load", "cross_write", "cross_read_error" },
  needs = { "target" },

  setup = function(run)
    return { markers = taint.markers(run.projects), token = scale.random.token(4) }
  end,

  phases = {
    {
      name = "plant", -- every project writes tasks with its marker
      load = { executor = "per-project-iterations", iterations = 1, start = "together" },
      iteration = function(project)
        taint.watch(project, project.data.markers)
        add(project, { marked_task(project, "victim"), marked_task(project, "started") })
        tasks.set_status(project, task_id(project.id, project.data.token, "started"), "in_progress")
      end,
    },
    {
      name = "probe", -- every project works, reads and tries to write, all at once
      load = { executor = "per-project-iterations", users = 2, iterations = ITERATIONS, start = "together" },
      iteration = function(project)
        taint.watch(project, project.data.markers)
        work(project)
        probe_reads(project, project.id)
        for _, other in ipairs(partners(project)) do
          probe_reads(project, other)
          probe_writes(project, other)
          project:record("pair", project.id .. " → " .. other)
        end
      end,
    },
    {
      name = "owners-look", -- the victims are as they were: only a pending task can be started
      load = { executor = "per-project-iterations", iterations = 1, start = "together" },
      setup = function(run, data)
        if run:has("database") then
          data.victims = stored(run, data.token, "-victim")
        end
        return data
      end,
      iteration = function(project)
        taint.watch(project, project.data.markers)
        local victim = task_id(project.id, project.data.token, "victim")
        local task, answer = tasks.set_status(project, victim, "in_progress", { expected = "any" })
        project:record("victim", task and "pending" or ("%s: %d %s"):format(victim, answer.status, answer.error or ""))
      end,
    },
  },

  verify = function(run, seen, data)
    run:expect("reads of another project's tasks are empty")
      :refused { attempt = seen.read_attempt, control = seen.read_control }
    run:expect("changes of another project's tasks are refused")
      :refused { attempt = seen.write_attempt, control = seen.write_control }
    run:expect("every task that is sent belongs to its reader")
      :none(seen.foreign_task, { among = #seen.task, what = "tasks sent" })
    run:expect("no marker reaches another project")
      :none(seen.leak, { among = #seen.scanned, what = "answers", control = #seen.taint_control })
    run:expect("no answer on record has another project's marker")
      :evidence(seen.history:foreign_markers(data.markers, { kind = "answer" }))
    run:expect("owners find their tasks unchanged"):values(seen.victim):all_equal("pending")

    if data.victims then
      local changed, rows = {}, stored(run, data.token)
      for _, row in ipairs(data.victims) do -- as they were before their owners looked
        if row.status ~= "pending" then
          changed[#changed + 1] = { text = ("%s of %s is %s in the database"):format(row.task_id, row.project_id,
            row.status), task_id = row.task_id, project = row.project_id, status = row.status }
        end
      end
      run:expect("the database has the tasks unchanged"):none(changed, { among = #data.victims, what = "tasks" })
      run:expect("the database has each task in its project")
        :none(misplaced(rows, seen.added), { among = #rows, what = "tasks" })
      run:expect("clients and database have the same tasks"):evidence(scale.agree {
        name = "tasks added",
        a = { source = "the clients", value = #seen.added },
        b = { source = "PostgreSQL, table tasks", value = #rows },
      })
    end

    run:fact("isolation", isolation(seen))
    run:matrix("probes of tasks", matrix_of(run.projects, seen))
    run:summarize("0 leaks in %d answers over %d project pairs, %d controls held", #seen.scanned,
      #run.projects * #run.projects, #seen.read_control + #seen.write_control)
  end,

  teardown = function(run, data)
    if data and run:has("database") then
      run.database:query("DELETE FROM tasks WHERE task_id LIKE $1", ("S2-%s-%%"):format(data.token))
    end
  end,
}
