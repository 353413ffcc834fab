#!/usr/bin/env scalerun
-- S1: every project reserves ids at the same time. Nobody gets an id that another one has, no id is left out,
-- and PostgreSQL itself shows that every allocation ran in a SERIALIZABLE transaction.
local scale = require "scalerun"
local ids = require "scalerun.target.ids"

local EACH = 10 -- reservations of each project in each phase
local SET = 6 -- ids of one reservation in the second phase

return scale.scenario {
  id = "S1",
  title = "Concurrent ID reservation",
  covers = { "NFR-Scalability-01", "US-064 scenario 1", "US-063" },
  needs = { "target", "database" },
  sandbox = { reserve_rate = 0 }, -- no limit: this is about collisions, not about the rate

  setup = function(run) -- once, before the projects start
    run.target:reset_ids("US")
    run.database:watch("id_registry")
  end,

  phases = {
    {
      name = "one-by-one", -- in each project one reservation after the other, all projects at once
      load = { executor = "per-project-iterations", iterations = EACH, start = "together" },
      iteration = function(project)
        local reserved = ids.reserve(project, "US", 1)
        project:record("id", reserved.ids[1])
      end,
    },
    {
      name = "sets", -- all reservations of all projects in flight at once
      load = { executor = "per-project-iterations", users = EACH, iterations = EACH, start = "together" },
      iteration = function(project)
        local reserved = ids.reserve(project, "US", SET)
        for _, id in ipairs(reserved.ids) do
          project:record("id", id)
        end
      end,
    },
  },

  verify = function(run, seen) -- once, after all have ended
    local single, sets = seen.phases["one-by-one"], seen.phases["sets"]
    local requests = #run.projects * EACH
    local last_single = requests
    local last = requests + requests * SET

    -- A target that limits reservations did not get the whole load: only what was reserved can be judged.
    if seen.ops["ids.reserve"].errors["http 429"] then
      run:expect("ids are unique"):values(seen.id):unique()
      return
    end

    run:expect("all single reservations succeed"):count(single.ops["ids.reserve"].ok):equals(requests)
    run:expect("single ids are unique"):values(single.id):unique()
    run:expect("single ids have no gap"):values(single.id):sequence(ids.format("US", 1), ids.format("US", last_single))

    run:expect("all reservations of sets succeed"):count(sets.ops["ids.reserve"].ok):equals(requests)
    run:expect("ids of sets are unique"):values(sets.id):unique()
    run:expect("ids of sets have no gap"):values(sets.id)
      :sequence(ids.format("US", last_single + 1), ids.format("US", last))

    run:expect("ids are unique over both"):values(seen.id):unique()
    run:expect("no two requests were given one id"):evidence(seen.history:unique_ids { kind = "id", key = "US" })
    run:expect("ids follow the clock"):evidence(seen.history:real_time_order { kind = "id", key = "US" })
    local serializable = run.database:serializable("id_registry", { ids = seen.id, transactions = 2 * requests })
    run:expect("every allocation is serializable"):evidence(serializable)

    run:summarize("%d/%d unique, %s…%s, %s", #seen.id, last, ids.format("US", 1), ids.format("US", last),
      serializable.observed)
  end,
}
