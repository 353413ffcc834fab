#!/usr/bin/env scalerun
-- S7: three replicas behind a load balancer serve all projects as one. Each gets its share of the requests, whosever
-- they are; what one has stored, the next one reads at once; one that is killed under load takes nothing along that it
-- had acknowledged, and the others carry on; and the way through the balancer costs little.
local scale = require "scalerun"
local framework = require "scalerun.target.framework"
local ids = require "scalerun.target.ids"
local scaling = require "scalerun.target.scaling"
local tasks = require "scalerun.target.tasks"

local ROUNDS = scale.const { quick = 8, full = 30 } -- of the comparison
local PAIRS = 10 -- walks of a round, each the one way and the other
local THINKING = 1.9 -- seconds that the model thinks in a workflow of 2 s (US-064 scenario 4): added, not waited for
local LIMIT = 1.05 -- through the balancer over past it
local KILL_TIME = scale.const { quick = 4, full = 15 } -- seconds of the phase in which a replica is killed,
local KILL_AFTER = 1 -- so many into it
local NOTICED = 1 -- seconds after a replica's last answer in which requests may fail

local REQUESTS = 7 -- of a walk

local function own_id(project, what, number)
  return ("S7-%s-%s-%s-%d"):format(project.data.token, project.id, what, number)
end

local function add(there, id)
  return tasks.add(there, { { task_id = id, description = "Horizontal scaling probe" } })
end

-- Whether the project's tasks in progress, as a replica tells them, have the id.
local function has_started(there, id)
  for _, task in ipairs((tasks.list(there, { status = "in_progress", limit = 1000 }))) do
    if task.task_id == id then
      return true
    end
  end
  return false
end

-- Writes through one replica, reads through the next one at once. The reader is asked before, too: a state that it
-- keeps would show.
local function write_and_read(project, writer, reader)
  local to, from = project:at(writer), project:at(reader)
  local id = own_id(project, "task", project.iteration)
  has_started(from, id)
  add(to, id)
  tasks.set_status(to, id, "in_progress", { expected = "any" })
  project:record("task", has_started(from, id) and "read" or ("%s, written through %s, is not read through %s"):format(
    id, writer, reader))

  local artifact = ids.next(project, "SPIKE")
  local content = ("# %s\n\nwritten through %s by %s\n"):format(artifact, writer, project.id)
  framework.store(to, artifact, content)
  local ok, text = pcall(framework.artifact, from, artifact)
  project:record("artifact", ok and text == content and "read" or ("%s, written through %s, is not read through %s: %s")
    :format(artifact, writer, reader, ok and "other content" or text.message))
end

-- What a workflow asks of the target, REQUESTS times; returns the seconds that it took.
local function walk(there)
  local began = scale.time.now()
  framework.next_task(there)
  framework.resource(there, "sdlc/core")
  framework.resource(there, "templates/epic")
  framework.prompt(there, "epic")
  tasks.next(there)
  tasks.list(there, { limit = 20 })
  ids.next(there, "SPIKE")
  return scale.time.now() - began
end

-- The two ways in turn, A B B A: what changes meanwhile changes both. Each round is one record.
local function compare(project)
  local replica = project.data.replicas[1]
  local ways = { past = project:at(replica), through = project }
  local round = { past = {}, through = {} }
  for pair = 0, PAIRS do
    for _, way in ipairs(pair % 2 == 0 and { "past", "through" } or { "through", "past" }) do
      round[way][pair] = walk(ways[way]) -- the first pair, 0, only opens connections
    end
  end
  round.past[0], round.through[0] = nil, nil
  project:record("round", round)
end

-- Adds tasks for as long as the phase goes on; what fails stands in the history.
local function keep_adding(project)
  local number, ends = 0, scale.time.now() + (project.data.victim and KILL_TIME[project.profile] or 0)
  while scale.time.now() < ends do
    number = number + 1
    local ok, err = pcall(add, project, own_id(project, ("kill-%d"):format(project.iteration), number))
    if not ok and err.kind == "cancel" then
      error(err, 0)
    end
    scale.time.sleep(0.02)
  end
end

-- What was counted for each replica, by name: the balancer's words, and the replicas' own.
local function counters(run, replicas)
  local found, own = { balancer = run:has("balancer") and run.balancer:stats():requests() or nil }, {}
  local metrics = run.target:metrics()
  for _, name in ipairs(replicas) do
    own[name] = metrics:sum("task_tracking_requests", { replica = name })
  end
  found.replicas = own
  return found
end

return scale.scenario {
  id = "S7",
  title = "Horizontal scaling",
  covers = { "NFR-Scalability-02", "US-064 scenario 7" },
  catches = { "skewed_balancer", "sticky_balancer", "blind_balancer", "slow_balancer", "sticky_state", "stale_read",
    "lost_ack", "metrics_lie" },
  needs = { "target", "replicas" },
  sandbox = { replicas = 3 },

  setup = function(run)
    local data = { token = scale.random.token(4), replicas = {} }
    for index, replica in ipairs(run.replicas) do
      data.replicas[index] = replica.name
    end
    data.victim = run:has("sandbox") and data.replicas[#data.replicas] or nil
    data.before = counters(run, data.replicas)
    return data
  end,

  phases = {
    {
      name = "share", -- all projects read, each over few connections
      load = { executor = "per-project-iterations", users = 3, iterations = { quick = 60, full = 600 },
        start = "together" },
      iteration = function(project)
        tasks.next(project)
      end,
    },
    {
      name = "write-read", -- through one replica, and at once through the next one
      load = { executor = "per-project-iterations", iterations = { quick = 6, full = 30 }, start = "together" },
      setup = function(run, data)
        data.after = counters(run, data.replicas)
        return data
      end,
      iteration = function(project)
        local replicas = project.data.replicas
        local writer = (project.iteration + project.index) % #replicas + 1
        write_and_read(project, replicas[writer], replicas[writer % #replicas + 1])
      end,
    },
    {
      name = "overhead", -- one project alone, through the balancer and past it
      load = { executor = "per-project-iterations", iterations = ROUNDS },
      iteration = function(project)
        if project.index == 1 then
          compare(project)
        end
      end,
    },
    {
      name = "kill", -- everybody writes while a replica is killed
      load = { executor = "per-project-iterations", users = 2, iterations = 2, start = "together" },
      setup = function(run, data)
        if data.victim then
          scale.task.spawn(function()
            scale.time.sleep(KILL_AFTER)
            run:kill_replica(data.victim)
          end)
        end
        return data
      end,
      iteration = keep_adding,
    },
  },

  verify = function(run, seen, data)
    local replicas, share = data.replicas, seen.phases["share"]
    local counts = scaling.counts(share.history, replicas)
    local requests = share.ops["tasks.next"].ok

    run:expect("requests are shared evenly"):evidence(scaling.shares(replicas, counts))
    run:expect("no project is bound to a replica"):none(scaling.unserved(share.history, run.projects, replicas),
      { among = requests or 0, what = "requests" })
    local by_clients = { source = "the clients, by X-Replica", value = scaling.text(replicas, counts) }
    if not run:undecided("clients and balancer count the same", "balancer") then
      run:expect("clients and balancer count the same"):evidence(scale.agree { name = "requests", a = by_clients,
        b = { source = "HAProxy's statistics",
          value = scaling.increase(replicas, data.before.balancer, data.after.balancer) } })
    end
    run:expect("clients and replicas count the same"):evidence(scale.agree { name = "requests", a = by_clients,
      b = { source = "the replicas' metric task_tracking_requests",
        value = scaling.increase(replicas, data.before.replicas, data.after.replicas) } })

    run:expect("tasks are read through another replica at once"):values(seen.task):all_equal("read")
    run:expect("artifacts are read through another replica at once"):values(seen.artifact):all_equal("read")

    local overhead, cost = scaling.overhead { rounds = seen.round, requests = REQUESTS, thinking = THINKING,
      limit = LIMIT }
    run:expect("the balancer costs at most 5 %"):evidence(overhead)

    if not run:undecided("no acknowledged write is lost with a replica", "sandbox") then
      local found = {}
      for index, row in ipairs(run.database:query("SELECT task_id FROM tasks WHERE task_id LIKE $1",
        ("S7-%s-%%-kill-%%"):format(data.token))) do
        found[index] = row.task_id
      end
      run:expect("no acknowledged write is lost with a replica")
        :evidence(seen.phases["kill"].history:lost_writes { kind = "task", found = found })
    end
    if not run:undecided("the other replicas carry on", "sandbox") then
      run:expect("the other replicas carry on")
        :evidence(scaling.survivors(seen.phases["kill"].history, data.victim, NOTICED))
    end

    local shares, parts = {}, {}
    for index, name in ipairs(replicas) do
      shares[name] = counts[index] / math.max(1, requests or 0)
      parts[index] = ("%.1f"):format(shares[name] * 100)
    end
    run:fact("replica_shares", shares)
    run:summarize("%s %%, overhead %s", table.concat(parts, "/"), cost)
  end,

  teardown = function(run, data)
    if data and run:has("database") then
      run.database:query("DELETE FROM tasks WHERE task_id LIKE $1", ("S7-%s-%%"):format(data.token))
    end
  end,
}
