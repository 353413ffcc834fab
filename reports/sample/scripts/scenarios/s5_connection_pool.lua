#!/usr/bin/env scalerun
-- S5: the pool of database connections. All projects work on the database at once with 20 requests in flight, which
-- 20 connections serve; then with more requests than the pool has connections, all after the same lock, so that each
-- holds or waits for one; then the pool gives back what it took. How many connections there are is what PostgreSQL
-- and the target itself say, looked at 20 times a second.
local scale = require "scalerun"
local ids = require "scalerun.target.ids"
local tasks = require "scalerun.target.tasks"

local KEPT, OVERFLOW = 20, 10 -- of each replica's pool
local MOST = KEPT + OVERFLOW
local WORKING = 25 -- connections that work may take at most
local AT_WORK = 20 -- requests in flight at work, over all projects
local OVERLOAD = 45 -- in the overload, for each replica
local USERS = 140 -- of each project: enough for one project alone and three replicas
local TIME = scale.const { quick = { work = 2, overload = 2 }, full = { work = 20, overload = 10 } } -- seconds
local CALM = 0.1 -- seconds between the looks at the pool afterwards
local LOOKS = 5
local APPLICATION = "scalerun-target/%" -- the target's name in pg_stat_activity

-- Which of all projects' users this is, from 1: every iteration is another one.
local function place(project)
  return (project.iteration - 1) * #project.projects + project.index
end

-- Goes on for so many seconds, if this user is one of the first `count` over all projects.
local function keep_busy(project, count, seconds, fn)
  local ends = scale.time.now() + seconds
  while place(project) <= count and scale.time.now() < ends do
    fn(project)
  end
end

-- Reads and writes as a project's work has them, in transactions that wait for each other.
local function work(project)
  local list = tasks.add(project, { { description = "Pool probe", context_notes = project.data.token } })
  tasks.set_status(project, list[1], "in_progress")
  tasks.list(project, { status = "pending", limit = 100 })
  ids.next(project, "SPIKE")
end

local function phase(name, count, iteration)
  return {
    name = name,
    load = { executor = "per-project-iterations", users = count, iterations = count, start = "together" },
    iteration = iteration,
  }
end

-- The least that was seen in a few looks: what is in use for a moment only is no finding.
local function least(look)
  local found
  for _ = 1, LOOKS do
    scale.time.sleep(CALM)
    local value = look()
    found = value and math.min(found or value, value) or found
  end
  return found
end

-- The most that two looks running saw: a connection that ends is in pg_stat_activity for a moment more.
local function sustained(series)
  local most = series.points[1] and series.points[1][2]
  for index = 2, #series.points do
    most = math.max(index > 2 and most or 0, math.min(series.points[index - 1][2], series.points[index][2]))
  end
  return most
end

-- The connections of the fullest pool now, and of all pools.
local function connections_now(run)
  local most, all, by_application = 0, 0, {}
  for _, one in ipairs(run.database:activity { application = APPLICATION }) do
    by_application[one.application] = (by_application[one.application] or 0) + 1
    most, all = math.max(most, by_application[one.application]), all + 1
  end
  return all > 0 and most or nil, all > 0 and all or nil
end

-- The least that any pool had in use at its height: where it is not all of it, nothing waited there.
local function least_full(run, phase_seen)
  local found = run:series("pool used", phase_seen).max
  for _, replica in ipairs(#run.replicas > 1 and run.replicas or {}) do
    local one = run:series("pool used " .. replica.name, phase_seen).max
    found = one and math.min(found or one, one)
  end
  return found
end

local function overloaded(used)
  return {
    verdict = used and used >= MOST and "pass" or "inconclusive",
    observed = used and ("%d in use in the least full pool"):format(used) or "nobody saw the pools",
    expected = ("all %d, so that requests have to wait"):format(MOST),
  }
end

local function by_database(run, name, judge)
  if not run:undecided(name, "database") then
    judge(run:expect(name))
  end
end

local function failures(ops)
  return ops.failed, { of = ops.count }
end

return scale.scenario {
  id = "S5",
  title = "Connection pool",
  covers = { "US-064 scenario 5" },
  catches = { "pool_leak", "pool_unbounded", "pool_timeout", "pool_hoard", "metrics_lie" },
  needs = { "target" },
  witness = { rate = 20 },

  setup = function(run)
    return { token = scale.random.token(8), overload = OVERLOAD * math.max(1, #run.replicas) }
  end,

  phases = {
    phase("work", AT_WORK, function(project)
      keep_busy(project, AT_WORK, TIME[project.profile].work, work)
    end),
    phase("overload", USERS, function(project)
      keep_busy(project, project.data.overload, TIME[project.profile].overload, function()
        ids.next(project, "SPIKE")
      end)
    end),
    phase("afterwards", 2, work),
  },

  verify = function(run, seen)
    local at_work, overload = seen.phases["work"], seen.phases["overload"]

    -- What the clients saw.
    run:expect("no request fails at work"):count(failures(at_work.ops)):equals(0)
    run:expect("no request fails in the overload"):count(failures(overload.ops)):equals(0)
    run:expect("no request fails afterwards"):count(failures(seen.phases["afterwards"].ops)):equals(0)

    -- What the target says of its pools.
    local used = run:series("pool used", at_work).max
    run:expect("work uses at most 25 connections"):count(used):at_most(WORKING)
    run:expect("the overload takes all connections"):evidence(overloaded(least_full(run, overload)))
    run:expect("no pool ever uses more than 30"):count(run:series("pool max used").max):at_most(MOST)
    run:expect("nobody waits in vain for a connection")
      :count(run.target:during():sum("db_pool_timeouts_total")):equals(0)
    run:expect("all connections are given back"):count(least(function()
      return run.target:metrics():sum("db_pool_connections", { state = "active" })
    end)):equals(0)

    -- What PostgreSQL says.
    local most = sustained(run:series("connections of one pool"))
    by_database(run, "PostgreSQL sees at most 25 connections at work", function(check)
      check:count(sustained(run:series("connections of one pool", at_work))):at_most(WORKING)
    end)
    by_database(run, "PostgreSQL never sees more than 30 connections of a pool", function(check)
      check:count(most):at_most(MOST)
    end)
    by_database(run, "the overflow's connections are closed afterwards", function(check)
      check:count(least(function()
        return (connections_now(run))
      end)):at_most(KEPT)
    end)
    by_database(run, "PostgreSQL and the target count the same connections", function(check)
      local _, all = connections_now(run)
      check:evidence(scale.agree {
        name = "connections",
        a = { source = "PostgreSQL, pg_stat_activity", value = all },
        b = { source = "the target's metric db_pool_connections",
          value = run.target:metrics():sum("db_pool_connections") },
      })
    end)

    local peak = most or run:series("pool max used").max
    run:fact("connections", peak and { most = peak, limit = MOST })
    run:summarize("%s of %d connections at work, %s in the overload, %s timeouts", used or "?", MOST, peak or "?",
      run.target:during():sum("db_pool_timeouts_total") or "?")
  end,

  teardown = function(run, data)
    if data and run:has("database") then
      run.database:query("DELETE FROM tasks WHERE context_notes = $1", data.token)
    end
  end,
}
