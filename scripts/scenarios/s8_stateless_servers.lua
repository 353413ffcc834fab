#!/usr/bin/env scalerun
-- S8: servers keep nothing. What each project did can be seen through every replica, and still after all of them have
-- been restarted; what lies in Redis under a project's name is that project's alone; and a database connection that
-- one project has used keeps nothing of it for the next, which the smallest of pools makes them share all the time.
local scale = require "scalerun"
local framework = require "scalerun.target.framework"
local ids = require "scalerun.target.ids"
local taint = require "scalerun.taint"
local tasks = require "scalerun.target.tasks"

local TASKS = 3 -- that each project adds
local ARTIFACT = scale.const { sandbox = 801, deployment = 980001 } -- nothing real is written over

local function task_id(token, project, number)
  return ("S8-%s-%s-%d"):format(token, project, number)
end

-- What the project leaves behind: tasks in two states, an artifact, ids, and a queue in Redis.
local function leave(project)
  local token, marker = project.data.token, project.data.markers[project.id]
  local drafts = {}
  for number = 1, TASKS do
    drafts[number] = {
      task_id = task_id(token, project.id, number),
      description = "Statelessness probe, " .. marker,
      generator_name = "implementation-task",
      context_notes = marker,
    }
  end
  tasks.add(project, drafts)
  tasks.set_status(project, drafts[1].task_id, "in_progress")
  framework.store(project, project.data.artifact, ("# %s\n\n%s\n"):format(project.data.artifact, marker))
  framework.next_task(project)
  local reserved = ids.reserve(project, "SPIKE", 1)
  project:record("reserved", { project = project.id, reservation = reserved.reservation_id, id = reserved.ids[1] })
end

-- The project's own tasks of ours among those in progress and the newest pending ones.
local function own_tasks(project)
  local found, count = {}, 0
  for _, status in ipairs { "in_progress", "pending" } do
    local cursor
    repeat
      local list, answer = tasks.list(project, { status = status, limit = 1000, cursor = cursor })
      for _, task in ipairs(list) do
        if task.context_notes == project.data.markers[project.id] and not found[task.task_id] then
          found[task.task_id], count = status, count + 1
        end
      end
      cursor = answer.data.next_cursor
    until not cursor
  end
  return found, count
end

-- Whether the project's doings are there, through one replica or through the front door.
local function look(project, where)
  local way = where and project:at(where) or project
  local found, count = own_tasks(way)
  local first = found[task_id(project.data.token, project.id, 1)]
  local ok, text = pcall(framework.artifact, way, project.data.artifact)
  local marked = ok and text:find(project.data.markers[project.id], 1, true) ~= nil
  project:record("seen", {
    text = ("%s through %s: %d of %d tasks, the first %s, artifact %s"):format(project.id, where or "the target", count,
      TASKS, first or "not there", marked and "there" or ok and "another's" or text.message),
    whole = count == TASKS and first == "in_progress" and marked,
  })
end

local function look_through_all(project)
  taint.watch(project, project.data.markers)
  for _, name in ipairs(project.data.replicas) do
    look(project, name)
  end
  if #project.data.replicas == 0 then
    look(project)
  end
end

-- Reads between the reads of all others, over one connection or two: every task must be the reader's.
local function read_between(project)
  taint.watch(project, project.data.markers)
  local list, answer = tasks.list(project, { limit = 5 })
  local task, next_answer = tasks.next(project)
  if task then
    list[#list + 1] = task
  end
  for _, one in ipairs(list) do
    project:record("sent", one.task_id)
    if one.project_id ~= project.id then
      project:record("foreign", {
        text = ("%s was sent %s's task %s: %s"):format(project.id, one.project_id, one.task_id,
          one == task and next_answer.request or answer.request),
        reader = project.id,
        owner = one.project_id,
      })
    end
  end
end

-- Entries of queue:{project} that are not the project's, and queues that nobody has; how many entries there are.
local function queues(run)
  local entries, wrong, owned = 0, {}, {}
  for _, row in ipairs(run.database:query("SELECT project_id, task_id FROM tasks WHERE status = 'pending'")) do
    owned[row.project_id] = owned[row.project_id] or {}
    owned[row.project_id][row.task_id] = true
  end
  for _, key in ipairs(run.cache:keys("queue:*")) do
    local project = key:match("^queue:([^:]+)$")
    if project and not owned[project] then
      wrong[#wrong + 1] = ("%s belongs to no project"):format(key)
    end
    for _, id in ipairs(project and run.cache:call("ZRANGE", key, 0, -1) or {}) do
      entries = entries + 1
      if owned[project] and not owned[project][id] then
        wrong[#wrong + 1] = ("%s holds %s, which is no pending task of it"):format(key, id)
      end
    end
  end
  return { entries = entries, wrong = wrong }
end

-- Keys of Redis that hold a project's marker under another project's name.
local function marked_keys(run, data)
  local looked, wrong = 0, {}
  for _, key in ipairs(run.cache:keys("*")) do
    local value = run.cache:call("TYPE", key) == "string" and run.cache:call("GET", key) or ""
    looked = looked + 1
    for _, project in ipairs(run.projects) do
      if tostring(value):find(data.markers[project], 1, true) and not key:find(project, 1, true) then
        wrong[#wrong + 1] = ("%s holds what %s has written"):format(key, project)
      end
    end
  end
  return { looked = looked, wrong = wrong }
end

local function incomplete(list)
  local wrong = {}
  for _, one in ipairs(list) do
    wrong[#wrong + 1] = not one.whole and one or nil
  end
  return wrong
end

local function phase(name, iteration, setup)
  return {
    name = name,
    load = { executor = "per-project-iterations", iterations = 1, start = "together" },
    setup = setup,
    iteration = iteration,
  }
end

return scale.scenario {
  id = "S8",
  title = "No state in servers",
  covers = { "NFR-Scalability-02", "US-064 scenario 7" },
  catches = { "sticky_state", "stale_read", "connection_context_bleed", "queue_shared", "queue_foreign" },
  needs = { "target" },
  sandbox = { replicas = 2, reserve_rate = 0, pool_size = 1, max_overflow = 1 },

  setup = function(run)
    local data = { token = scale.random.token(4), markers = taint.markers(run.projects), replicas = {} }
    data.artifact = ("VIS-%03d"):format(run.sandbox and ARTIFACT.sandbox or ARTIFACT.deployment)
    for index, replica in ipairs(run.replicas) do
      data.replicas[index] = replica.name
    end
    return data
  end,

  phases = {
    phase("before", function(project) -- what a server would remember
      for _, name in ipairs(project.data.replicas) do
        own_tasks(project:at(name))
      end
    end),
    phase("leave", leave),
    phase("everywhere", look_through_all, function(run, data)
      if run:has("cache") and run:has("database") then
        data.queues, data.keys = queues(run), marked_keys(run, data)
      end
      return data
    end),
    {
      name = "interleaved",
      load = { executor = "per-project-iterations", users = 3, iterations = { quick = 40, full = 400 },
        start = "together" },
      iteration = read_between,
    },
    phase("restarted", look_through_all, function(run, data)
      if run:has("sandbox") then
        run:restart_target()
        data.restarted = true
      end
      return data
    end),
  },

  verify = function(run, seen, data)
    local everywhere, after = seen.phases["everywhere"].seen, seen.phases["restarted"].seen
    if not run:undecided("every replica shows what each project did", "replicas") then
      run:expect("every replica shows what each project did")
        :none(incomplete(everywhere), { among = #everywhere, what = "looks" })
    end
    if not run:undecided("nothing is lost when all replicas restart", "sandbox") then
      run:expect("nothing is lost when all replicas restart")
        :none(incomplete(after), { among = #after, what = "looks" })
    end
    run:expect("connections keep nothing of who used them"):none(seen.foreign, { among = #seen.sent, what = "tasks" })
    run:expect("no marker reaches another project")
      :none(seen.leak, { among = #seen.scanned, what = "answers", control = #seen.taint_control })
    if not run:undecided("queues in Redis are their project's alone", "cache", "database") then
      run:expect("queues in Redis are their project's alone")
        :none(data.queues.wrong, { among = data.queues.entries, what = "entries" })
      run:expect("no key of Redis holds another project's data")
        :none(data.keys.wrong, { among = data.keys.looked, what = "keys" })
    end
    run:fact("isolation", #seen.foreign + #seen.leak == 0 and "pass" or "fail")
    run:summarize("all seen through %d replicas%s, %d interleaved reads, %s", math.max(1, #data.replicas),
      data.restarted and " and after a restart" or "", #seen.sent,
      data.queues and ("%d queue entries"):format(data.queues.entries) or "Redis out of reach")
  end,

  teardown = function(run, data)
    if data and run:has("database") then
      run.database:query("DELETE FROM tasks WHERE task_id LIKE $1", ("S8-%s-%%"):format(data.token))
    end
  end,
}
