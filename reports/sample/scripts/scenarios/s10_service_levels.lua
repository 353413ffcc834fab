#!/usr/bin/env scalerun
-- S10: service levels. Documents and tools answer in time while all projects use them; 100 requests a second are
-- held on a schedule that waits for nobody, with latency counted from when each was due; 50 reservations at once give
-- 300 different ids; and /health is quick and says what is the case.
local scale = require "scalerun"
local framework = require "scalerun.target.framework"
local generation = require "scalerun.target.generation"
local ids = require "scalerun.target.ids"
local tasks = require "scalerun.target.tasks"

local RATE = 100 -- requests a second, over all projects
local RARE = 0.005 -- of requests may be slow: a 99th percentile in time leaves half as many as it may
local SLOW = 0.2 -- seconds
local RESERVATIONS, SET = 50, 6 -- at once, and ids of each

local function ask_health(project)
  local response = project.http:get("/health", { name = "health", expected = 200 })
  project:record("health", scale.json.decode(response.body).status)
end

-- One of each, so that connections are open and sessions begun before anything is measured.
local function prepare(project)
  framework.resource(project, "sdlc/core")
  framework.next_task(project)
  tasks.next(project)
  ask_health(project)
end

local function use(project)
  framework.resource(project, "sdlc/core")
  local template = framework.resource(project, "templates/epic")
  local response = project.http:get("/mcp/resources/patterns/caching", { name = "resources.get", expected = 200 })
  project:record("document", #response.body)
  framework.next_task(project)
  framework.validate(project, "EPIC", "EPIC-001", generation.draft(template, "EPIC-001", "Service level probe"))
  ask_health(project)
end

-- Arrivals come at the full rate in every project, and projects take them in turn: together they make that rate,
-- however many they are.
local function request_in_turn(project)
  if (project.iteration + project.index) % #project.projects ~= 0 then
    return
  end
  local began = scale.time.now()
  tasks.next(project)
  local took = scale.time.now() - began
  project:record("request", took <= SLOW)
  if took > SLOW then
    project:record("slow", ("%s, iteration %d: GET /tasks/next took %.0f ms"):format(project.id, project.iteration,
      took * 1000))
  end
end

-- What /health says of a store, beside the store itself.
local function judge_health(run, health, name, store, ask)
  local check = ("health tells how %s is"):format(name)
  if run:undecided(check, store) then
    return
  end
  local says = type(health.dependencies) == "table" and health.dependencies[name]
  run:expect(check):evidence(scale.agree {
    name = name,
    a = { source = "/health", value = says == "up" and 1 or 0 },
    b = { source = ("the %s itself"):format(store), value = pcall(ask) and 1 or 0 },
  })
end

return scale.scenario {
  id = "S10",
  title = "Service levels",
  covers = { "US-063", "PRD-006" },
  catches = { "slow_tail", "slow_resources", "slow_tools", "slow_health", "health_lies" },
  needs = { "target" },
  sandbox = { reserve_rate = 0 },

  phases = {
    { name = "prepare", load = { executor = "per-project-iterations", iterations = 1 }, iteration = prepare },
    {
      name = "use",
      load = { executor = "per-project-iterations", iterations = { quick = 20, full = 100 }, start = "together" },
      iteration = use,
    },
    {
      name = "rate",
      load = { executor = "constant-arrival-rate", rate = RATE, duration = { quick = "10s", full = "60s" },
        max_late = "1s" },
      iteration = request_in_turn,
    },
    {
      name = "reserve",
      load = { executor = "shared-iterations", iterations = RESERVATIONS, users = RESERVATIONS, start = "together" },
      iteration = function(project)
        for _, id in ipairs(ids.reserve(project, "SPIKE", SET).ids) do
          project:record("id", id)
        end
      end,
    },
  },

  -- Counted from when each request was due, so that none hides behind a slow one before it.
  thresholds = {
    ["tasks.next scheduled p99"] = { "< 200ms", covers = "PRD-006" },
  },

  verify = function(run, seen)
    local used, rate = seen.phases["use"].ops, seen.phases["rate"]
    run:expect("documents are served in time"):metric(used["mcp resources/read"], "p95"):below("100ms")
    run:expect("documents are served in time over REST"):metric(used["resources.get"], "p95"):below("100ms")
    run:expect("tools answer in time"):metric(used["mcp tools/call get_next_task"], "p95"):below("500ms")
    run:expect("the validator answers in time"):metric(used["mcp tools/call validate_artifact"], "p95"):below("500ms")
    run:expect("health answers in time"):metric(used["health"], "p95"):below("100ms")

    local requests = rate.ops["tasks.next"]
    run:expect("100 requests a second are held"):count(requests.ok):at_least(0.99 * RATE * rate.duration)
    run:expect("slow requests are rare"):value(#seen.request > 0 and #seen.slow / #seen.request or nil):below(RARE)

    run:expect("50 reservations at once give 300 ids"):count(#seen.id):equals(RESERVATIONS * SET)
    run:expect("all reserved ids differ"):values(seen.id):unique()

    local health = run.target:health()
    run:expect("health says that all is well"):values(seen.health):all_equal("healthy")
    judge_health(run, health, "database", "database", function()
      run.database:query("SELECT 1")
    end)
    judge_health(run, health, "redis", "cache", function()
      run.cache:call("PING")
    end)

    run:summarize("resources p95 %.1f ms, tools p95 %.1f ms, %d requests at %d/s with p99 %.1f ms",
      1000 * (used["mcp resources/read"].p95 or 0), 1000 * (used["mcp tools/call get_next_task"].p95 or 0),
      requests.ok or 0, RATE, 1000 * ((requests.scheduled or requests).p99 or 0))
  end,
}
