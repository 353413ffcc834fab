#!/usr/bin/env scalerun
-- S4: what sharing costs. One project walks the epic workflow alone, then all walk it at once, in turn, round by
-- round, so that what drifts meanwhile meets both; each round compares the project that was alone with itself among
-- the others. The service alone is compared too, without the thinking that is most of a workflow and costs nobody
-- anything: by the median, which a disturbed machine moves least. The full profile has enough for the slowest as well.
local scale = require "scalerun"
local framework = require "scalerun.target.framework"
local stats = require "scalerun.stats"

local epic = scale.workflow.load "../workflows/epic_generation.lua"

local TOTAL, SERVICE = "workflow epic-generation", "service epic-generation"
local AVERAGE, SLOWEST = "+10%", "+20%" -- what all projects at once may cost a workflow
local BAND = "5%" -- tolerated beyond
local ALONE = "+20%" -- what they may cost the service by itself
local VARIATION = 0.05 -- between rounds

local function serve(project)
  local began = scale.time.now()
  framework.next_task(project)
  framework.resource(project, "templates/prd")
  framework.prompt(project, "epic")
  scale.metrics.record("service.requests", scale.time.now() - began)
end

-- The mean of a series for the project that was alone in the round, in either arm.
local function pair(compared, round, series)
  local alone = compared.arms.solo[round].projects[1]
  for _, one in ipairs(compared.arms.all[round].projects) do
    if alone and one.id == alone.id and one.ops[series] and alone.ops[series] then
      return alone.ops[series].mean, one.ops[series].mean
    end
  end
end

-- The ratio of all to solo over the rounds.
local function paired(compared, series)
  local solo, all = {}, {}
  for round = 1, compared.rounds do
    local before, after = pair(compared, round, series)
    if before then
      solo[#solo + 1], all[#all + 1] = before, after
    end
  end
  return stats.ratio { baseline = solo, load = all, statistic = "mean" }
end

-- How much the rounds with all projects differ from each other.
local function variation(compared, series)
  local means = {}
  for round, one in ipairs(compared.arms.all) do
    means[round] = one.ops[series] and one.ops[series].mean
  end
  return #means > 1 and stats.cv(means) or nil
end

local function percent(ratio)
  return ratio and ("%+.1f %%"):format(100 * (ratio - 1)) or "nothing measured"
end

return scale.scenario {
  id = "S4",
  title = "Performance degradation",
  covers = { "NFR-Scalability-01", "US-064 scenario 4" },
  catches = { "slow_under_load", "wait_under_load" },
  needs = { "target" },
  -- The reference target does so little that a share of it could not be told from what the machine does meanwhile.
  sandbox = { reserve_rate = 0, service_time = "10ms" },
  timeout = "10m",

  phases = {
    {
      name = "workflow",
      load = { executor = "per-project-iterations", iterations = { quick = 1, full = 20 }, start = "together" },
      compare = { solo = { projects = 1 }, all = {}, rounds = { quick = 4, full = 3 }, most = { quick = 4, full = 3 },
        time = "5m" },
      iteration = function(project)
        epic.check(project, epic.run(project))
      end,
    },
    {
      name = "service",
      load = { executor = "per-project-iterations", iterations = { quick = 20, full = 40 }, start = "together",
        think = { distribution = "uniform", min = "10ms", max = "40ms" } }, -- so that nobody keeps step
      compare = { solo = { projects = 1 }, all = {}, rounds = { quick = 6, full = 12 }, most = { quick = 6, full = 12 },
        time = "5m" },
      iteration = serve,
    },
  },

  verify = function(run, seen)
    local walked = seen.compare["workflow"]
    local total = paired(walked, TOTAL)
    run:expect("a workflow takes at most 10 % longer"):ratio(total):below(AVERAGE, { band = BAND })
    run:expect("rounds differ by less than 5 %"):value(variation(walked, TOTAL)):below(VARIATION)

    local service = seen.compare:ratio { phase = "service", series = "service.requests", statistic = "p50" }
    run:expect("a typical request takes at most 20 % longer"):ratio(service):below(ALONE)
    if run.profile == "full" then -- the quick profile has too few to tell
      run:expect("the slowest workflows take at most 20 % longer")
        :ratio(seen.compare:ratio { phase = "workflow", series = TOTAL, statistic = "p95" }):below(SLOWEST)
    end
    run:fact("degradation", { ratio = total.ratio, low = total.low, high = total.high, limit = 1.10 })
    run:summarize("%s (95 %% CI %s…%s), service %s, %d rounds", percent(total.ratio), percent(total.low),
      percent(total.high), percent(service.ratio), walked.rounds)
    run:log("S4  service time of a walk: %.0f ms alone, %.0f ms among all",
      1000 * (seen.arms.solo.ops[SERVICE].mean or 0), 1000 * (seen.arms.all.ops[SERVICE].mean or 0))
  end,
}
