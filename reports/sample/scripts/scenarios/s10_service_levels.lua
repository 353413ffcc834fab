#!/usr/bin/env scalerun
-- S10: service levels. Documents and tools answer in time while all projects use them; 100 requests a second are
-- held on a schedule that waits for nobody, with latency counted from when each was due; 50 reservations at once give
-- 300 different ids; /health is quick and says what is the case; and the target's metrics count what it was asked.
local scale = require "scalerun"
local counting = require "scalerun.target.counting"
local framework = require "scalerun.target.framework"
local generation = require "scalerun.target.generation"
local ids = require "scalerun.target.ids"
local tasks = require "scalerun.target.tasks"

local RATE = 100 -- requests a second, over all projects
local SECONDS = scale.const { quick = 10, full = 60 } -- at that rate
local TRIES = 10 -- to hear of a store from /health what is the case
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

-- What /health says of a store, beside what the store says when it is asked: 1 where it is up. Where the machine is
-- busy either may not answer in time, so that both are asked again.
local function judge_health(run, name, store, ask)
  local check = ("health tells how %s is"):format(name)
  if run:undecided(check, store) then
    return
  end
  local says, is
  for try = 1, TRIES do
    if try > 1 then
      scale.time.sleep(0.1)
    end
    local dependencies = run.target:health().dependencies
    says = type(dependencies) == "table" and dependencies[name] == "up" and 1 or 0
    local ok, err = pcall(ask)
    if not ok and (err.kind == "cancel" or err.kind == "tape") then
      error(err, 0)
    end
    is = ok and 1 or 0
    if says == is then
      break
    end
  end
  run:expect(check):evidence(scale.agree {
    name = name,
    a = { source = "/health", value = says },
    b = { source = ("the %s itself"):format(store), value = is },
  })
end

return scale.scenario {
  id = "S10",
  title = "Service levels",
  covers = { "US-063", "PRD-006" },
  catches = { "slow_tail", "slow_resources", "slow_tools", "slow_health", "health_lies", "metrics_lie", "duplicate_id",
    "allocation_conflict" },
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
      load = { executor = "constant-arrival-rate", rate = RATE, shared = true, duration = SECONDS, max_late = "5s" },
      iteration = function(project)
        tasks.next(project)
      end,
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
    local used = seen.phases["use"].ops
    run:expect("documents are served in time"):metric(used["mcp resources/read"], "p95"):below("100ms")
    run:expect("documents are served in time over REST"):metric(used["resources.get"], "p95"):below("100ms")
    run:expect("tools answer in time"):metric(used["mcp tools/call get_next_task"], "p95"):below("500ms")
    run:expect("the validator answers in time"):metric(used["mcp tools/call validate_artifact"], "p95"):below("500ms")
    run:expect("health answers in time"):metric(used["health"], "p95"):below("100ms")

    -- A 99th percentile in time lets every hundredth request be slow, a 99.5th half as many.
    local requests = seen.phases["rate"].ops["tasks.next"]
    run:expect("100 requests a second are held"):count(requests.ok):at_least(RATE * SECONDS[run.profile] * 99 // 100)
    run:expect("slow requests are rare"):metric(requests, "p995", { from = "schedule" }):below("200ms")
    local asked = seen.ops["tasks.next"]
    run:expect("clients and target count the same requests"):evidence(counting.agree(run, {
      name = "GET /tasks/next", ok = asked.ok, failed = asked.failed, metric = "http_request_duration_seconds_count",
      labels = { route = "/tasks/next", status = 200 },
    }))

    run:expect("50 reservations at once give 300 ids"):count(#seen.id):equals(RESERVATIONS * SET)
    run:expect("all reserved ids differ"):values(seen.id):unique()

    -- The target answers within a deadline, by which it may not have heard from its stores where the machine is busy.
    run:expect("health says that all is well", { timing = true }):values(seen.health):all_equal("healthy")
    judge_health(run, "database", "database", function()
      run.database:query("SELECT 1")
    end)
    judge_health(run, "redis", "cache", function()
      run.cache:call("PING")
    end)

    run:summarize("resources p95 %.1f ms, tools p95 %.1f ms, %d requests at %d/s with p99 %.1f ms",
      1000 * (used["mcp resources/read"].p95 or 0), 1000 * (used["mcp tools/call get_next_task"].p95 or 0),
      requests.ok or 0, RATE, 1000 * ((requests.scheduled or requests).p99 or 0))
  end,
}
