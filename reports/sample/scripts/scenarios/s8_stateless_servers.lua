#!/usr/bin/env scalerun
-- S8: servers keep no state. What a project does through one replica is there on all of them at once, and still when
-- all of them have been killed and started anew; no project's data lies under another's keys in Redis; and with a few
-- connections to the database, which all projects take in turn, none leaves its own context to the next one.
local scale = require "scalerun"
local framework = require "scalerun.target.framework"
local ids = require "scalerun.target.ids"
local keyspace = require "scalerun.target.keyspace"
local scaling = require "scalerun.target.scaling"
local taint = require "scalerun.taint"
local tasks = require "scalerun.target.tasks"

local ITERATIONS = scale.const { quick = 3, full = 20 } -- of work
local CROWD = scale.const { quick = 15, full = 200 } -- reads of each of a project's users
local USERS = 4 -- of each project in the crowd
local APPLICATION = "scalerun-target/%" -- the target's name in pg_stat_activity
local STATUSES = scale.const { "in_progress", "completed" }

local function task_id(project, name)
  return ("S8-%s-%s-%s"):format(project.data.token, project.data.markers[project.id], name)
end

-- For evidence: without the marker, which says nothing to people.
local function name_of(id)
  return (id:gsub("%-taint%-%x+", ""))
end

-- The project at each replica; where they are not known, as the target has it.
local function places(project)
  local list = {}
  for index, replica in ipairs(project.data.replicas) do
    list[index] = { name = "replica " .. replica, project = project:at(replica) }
  end
  return #list > 0 and list or { { name = "the target", project = project } }
end

-- Every task that a project is sent must be its own; of each answer, the first one that is not is evidence.
local function own(project, where, list)
  project:record("read", true)
  for _, task in ipairs(list) do
    if task.project_id ~= project.id then
      project:record("foreign", {
        text = ("%s was sent %s of %s by %s"):format(project.id, name_of(task.task_id), task.project_id, where),
        reader = project.id,
        owner = task.project_id,
      })
      break
    end
  end
  return list
end

-- Id → status of all the project's tasks that are not pending, as one place tells them.
local function statuses(place)
  local found = {}
  for _, status in ipairs(STATUSES) do
    local cursor
    repeat
      local list, answer = tasks.list(place.project, { status = status, limit = 1000, cursor = cursor })
      for _, task in ipairs(own(place.project, place.name, list)) do
        found[task.task_id] = task.status
      end
      cursor = answer.data.next_cursor
    until not cursor
  end
  return found
end

-- Looks everywhere for what the project has done; the outcomes are recorded as `name`.
local function look(project, name, done)
  for _, place in ipairs(places(project)) do
    local known = statuses(place)
    for _, one in ipairs(done) do
      local seen, held
      if one.kind == "task" then
        seen = known[one.id] or "not there"
        held = seen == one.value
      else
        local ok, text = pcall(framework.artifact, place.project, one.id)
        held = ok and scale.hash(text) == one.value
        seen = ok and "another text" or text.message
      end
      project:record(name .. " " .. one.kind, held and "seen" or ("%s %s through %s; %s says: %s"):format(project.id,
        one.text, one.through, place.name, seen))
    end
  end
end

-- The next task is the same everywhere, as the API and as the tool name it, which asks the queue in Redis.
local function compare_next(project)
  local first = tasks.next(project)
  if not first then
    return
  end
  local found = {}
  for _, place in ipairs(places(project)) do
    local list = own(place.project, place.name, { framework.next_task(place.project) })
    found[#found + 1] = { place.name, list[1].task_id }
  end
  local last = tasks.next(project)
  for _, one in ipairs(last and last.task_id == first.task_id and found or {}) do -- else somebody else has taken it
    project:record("next", one[2] == first.task_id and "same"
      or ("%s's next task is %s to the tool on %s, %s to the API"):format(project.id, name_of(one[2]), one[1],
        name_of(first.task_id)))
  end
end

-- Adds a task that stays in the queue.
local function add_waiting(project, name)
  tasks.add(project, { { task_id = task_id(project, "waiting-" .. name), description = "Stateless probe" } })
end

-- Does things through one replica, changes of tasks last: a change that is acknowledged too early is late then.
-- Returns and records what was done.
local function work(project, name)
  local list = places(project)
  local place = list[(project.iteration + project.index) % #list + 1]
  local done = {}
  local function note(kind, id, value, text)
    done[#done + 1] = { project = project.id, kind = kind, id = id, value = value, text = text, through = place.name }
    project:record("done", done[#done])
  end
  local artifact = ids.next(place.project, "SPIKE")
  local content = ("# %s: Stateless probe\n\n%s %s\n"):format(artifact, name, project.data.markers[project.id])
  framework.store(place.project, artifact, content)
  note("artifact", artifact, scale.hash(content), "stored " .. artifact)
  for index, status in ipairs(STATUSES) do
    local id = task_id(project, ("%s-%d"):format(name, index))
    tasks.add(place.project, { { task_id = id, description = "Stateless probe " .. project.data.markers[project.id] } })
    for step = 1, index do
      tasks.set_status(place.project, id, STATUSES[step], { expected = "any" })
    end
    note("task", id, status, ("moved %s to %s"):format(name_of(id), status))
  end
  return done
end

local function phase(name, load, iteration, setup)
  load.executor, load.start = "per-project-iterations", "together"
  return {
    name = name,
    load = load,
    setup = setup,
    iteration = function(project)
      taint.watch(project, project.data.markers)
      iteration(project)
    end,
  }
end

-- The most connections that one pool of the target has now.
local function connections(run)
  local most, pools = 0, {}
  for _, one in ipairs(run.database:activity { application = APPLICATION }) do
    pools[one.application] = (pools[one.application] or 0) + 1
    most = math.max(most, pools[one.application])
  end
  return most
end

return scale.scenario {
  id = "S8",
  title = "No state in servers",
  covers = { "NFR-Scalability-02", "US-064 scenario 7" },
  catches = { "sticky_state", "stale_read", "lost_ack", "queue_shared", "queue_foreign", "connection_context_bleed" },
  needs = { "target" },
  sandbox = { replicas = 3, pool_size = 1, max_overflow = 0, reserve_rate = 0 },

  setup = function(run)
    local data = { markers = taint.markers(run.projects), token = scale.random.token(4), replicas = {}, done = {} }
    for index, replica in ipairs(run.replicas) do
      data.replicas[index] = replica.name
    end
    if run.sandbox then -- queues of other scenarios: built anew, they show how they are built
      for _, key in ipairs(run.cache:keys("queue:*")) do
        run.cache:call("DEL", key)
      end
    end
    return data
  end,

  phases = {
    phase("begin", { iterations = 1 }, function(project) -- before there are queues
      add_waiting(project, "first")
    end),
    phase("work", { iterations = ITERATIONS }, function(project) -- through one replica, and at once looked at on all
      look(project, "first", {}) -- so that a replica which keeps answers has some to keep
      look(project, "at once", work(project, tostring(project.iteration)))
      compare_next(project)
      add_waiting(project, tostring(project.iteration)) -- to a queue that is there
    end),
    phase("crowd", { users = USERS, iterations = USERS }, function(project) -- few connections for all projects
      for _ = 1, CROWD[project.profile] do
        local task, answer = tasks.next(project)
        own(project, "replica " .. (answer.replica or "?"), { task })
        local list, list_answer = tasks.list(project, { limit = 5 })
        own(project, "replica " .. (list_answer.replica or "?"), list)
      end
    end, function(run, data)
      if run:has("cache") then
        data.redis = keyspace.look { cache = run.cache, database = run:has("database") and run.database or nil,
          projects = run.projects, markers = data.markers, pattern = run.settings.cache_keys }
      end
      return data
    end),
    phase("last", { iterations = 1 }, function(project) -- just before all replicas are killed
      work(project, "last")
    end, function(run, data)
      data.connections = run:has("database") and connections(run) or nil
      return data
    end),
    phase("restarted", { iterations = 1 }, function(project)
      if project.data.killed then
        look(project, "restarted", project.data.done[project.id])
        ids.next(project, "SPIKE")
      end
    end, function(run, data, seen)
      for _, project in ipairs(run.projects) do
        data.done[project] = {}
      end
      for _, one in ipairs(seen.done) do
        table.insert(data.done[one.project], one)
      end
      data.killed = run:has("sandbox")
      if data.killed then
        for _, replica in ipairs(run.replicas) do
          run:kill_replica(replica.name)
        end
        run:restart_target()
      end
      return data
    end),
  },

  verify = function(run, seen, data)
    if not run:undecided("changes of tasks are seen on every replica at once", "replicas") then
      run:expect("changes of tasks are seen on every replica at once"):values(seen["at once task"]):all_equal("seen")
    end
    if not run:undecided("artifacts are seen on every replica at once", "replicas") then
      run:expect("artifacts are seen on every replica at once"):values(seen["at once artifact"]):all_equal("seen")
    end
    run:expect("the tool and the API name the same next task"):values(seen.next):all_equal("same")
    for _, kind in ipairs { "task", "artifact" } do
      local name = ("%ss outlive all replicas"):format(kind)
      if not run:undecided(name, "sandbox") then
        run:expect(name):values(seen["restarted " .. kind]):all_equal("seen")
      end
    end
    if not run:undecided("the database has all that was acknowledged", "database") then
      run:expect("the database has all that was acknowledged"):evidence(seen.history:lost_writes { kind = "task",
        found = run.database:query("SELECT task_id AS key, project_id AS project, status AS value FROM tasks "
          .. "WHERE task_id LIKE $1", ("S8-%s-%%"):format(data.token)) })
    end
    run:expect("no id is given out again"):evidence(seen.history:unique_ids { kind = "id", key = "SPIKE",
      scope = run.settings.id_scope })

    run:expect("no task of another project is read"):none(seen.foreign, { among = #seen.read, what = "reads" })
    if not run:undecided("connections went from project to project", "database") then
      run:expect("connections went from project to project"):evidence(scaling.shared {
        connections = data.connections * math.max(1, #run.replicas), reads = #seen.phases["crowd"].read,
        projects = #run.projects })
    end
    if not run:undecided("no project's data is under another's keys", "cache") then
      run:expect("no project's data is under another's keys"):evidence(data.redis)
    end
    run:expect("no marker reaches another project")
      :none(seen.leak, { among = #seen.scanned, what = "answers", control = #seen.taint_control })

    run:fact("isolation", #seen.leak + #seen.foreign > 0 and "fail" or "pass")
    run:summarize("%d changes seen on %d replicas%s; %s", #seen.done, math.max(1, #run.replicas),
      data.killed and ", also after all were killed" or "", data.redis and data.redis.observed or "Redis not looked at")
  end,

  teardown = function(run, data)
    if data and run:has("database") then
      run.database:query("DELETE FROM tasks WHERE task_id LIKE $1", ("S8-%s-%%"):format(data.token))
    end
  end,
}
