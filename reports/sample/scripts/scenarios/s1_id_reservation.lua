#!/usr/bin/env scalerun
-- S1: every project reserves ids at the same time. Nobody gets an id that another one has, no id is left out, ids
-- follow the clock, and PostgreSQL itself shows that every allocation ran in a SERIALIZABLE transaction. What the
-- clients were given is what the target has counted and what the database holds.
local scale = require "scalerun"
local counting = require "scalerun.target.counting"
local ids = require "scalerun.target.ids"

local EACH = 10 -- reservations of each project in each phase
local SET = 6 -- ids of one reservation in the second phase
local IN_TURN = 15 -- reservations of the third phase

local function reserve(project, count)
  local reserved = ids.reserve(project, "US", count)
  project:record("reservation", reserved.reservation_id)
  for _, id in ipairs(reserved.ids) do
    project:record("id", id)
  end
end

-- How many ids somebody was given that somebody had been given before.
local function collisions(list)
  local taken, count = {}, 0
  for _, id in ipairs(list) do
    count = count + (taken[id] and 1 or 0)
    taken[id] = true
  end
  return count
end

-- What the database holds of our reservations: how many, and ids in them.
local function stored(run, reservations)
  return run.database:query([[
    SELECT count(*) AS reservations, coalesce(sum(jsonb_array_length(reserved_ids)), 0)::bigint AS ids
    FROM id_reservations
    WHERE reservation_id::text IN (SELECT jsonb_array_elements_text($1::jsonb))]], reservations)[1]
end

return scale.scenario {
  id = "S1",
  title = "Concurrent ID reservation",
  covers = { "NFR-Scalability-01", "US-064 scenario 1", "US-063" },
  catches = {
    "duplicate_id", "gap_id", "unordered_id", "allocation_conflict", "read_committed", "metrics_lie",
  },
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
        reserve(project, 1)
      end,
    },
    {
      name = "sets", -- all reservations of all projects in flight at once
      load = { executor = "per-project-iterations", users = EACH, iterations = EACH, start = "together" },
      iteration = function(project)
        reserve(project, SET)
      end,
    },
    {
      name = "in-turn", -- one project alone, so that every reservation has ended before the next begins
      load = { executor = "per-project-iterations", iterations = IN_TURN, start = "together" },
      iteration = function(project)
        if project.index == 1 then
          reserve(project, 1)
        end
      end,
    },
  },

  verify = function(run, seen) -- once, after all have ended
    local single, sets, in_turn = seen.phases["one-by-one"], seen.phases["sets"], seen.phases["in-turn"]
    local requests = #run.projects * EACH -- in each of the first two phases
    local last_single, last_set = requests, requests + requests * SET
    local last = last_set + IN_TURN
    local function sequence(phase, from, to)
      return phase.history:sequence { first = ids.format("US", from), last = ids.format("US", to) }
    end
    local allocated = seen.history:unique_ids { kind = "id", key = "US" }

    run:fact("id_collisions", #seen.id > 0 and collisions(seen.id) or nil)

    -- A target that limits reservations did not get the whole load: only what was reserved can be judged.
    if seen.ops["ids.reserve"].errors["http 429"] then
      run:expect("no two requests were given one id"):evidence(allocated)
      return
    end

    -- What the clients were given, each request with its times.
    run:expect("all single reservations succeed"):count(single.ops["ids.reserve"].ok):equals(requests)
    run:expect("single ids have no gap"):evidence(sequence(single, 1, last_single))
    run:expect("all reservations of sets succeed"):count(sets.ops["ids.reserve"].ok):equals(requests)
    run:expect("ids of sets have no gap"):evidence(sequence(sets, last_single + 1, last_set))
    run:expect("all reservations in turn succeed"):count(in_turn.ops["ids.reserve"].ok):equals(IN_TURN)
    run:expect("ids in turn have no gap"):evidence(sequence(in_turn, last_set + 1, last))
    run:expect("no two requests were given one id"):evidence(allocated)
    run:expect("ids follow the clock"):evidence(seen.history:real_time_order { kind = "id", key = "US" })

    -- What the database says.
    local serializable = run.database:serializable("id_registry", {
      ids = seen.id, transactions = 2 * requests + IN_TURN,
    })
    run:expect("every allocation is serializable"):evidence(serializable)
    local rows = stored(run, seen.reservation)
    run:expect("clients and database have the same reservations"):evidence(scale.agree {
      name = "reservations",
      a = { source = "the clients", value = #seen.reservation },
      b = { source = "PostgreSQL, table id_reservations", value = rows.reservations },
    })
    run:expect("clients and database have as many ids"):evidence(scale.agree {
      name = "reserved ids",
      a = { source = "the clients", value = #seen.id },
      b = { source = "PostgreSQL, table id_reservations", value = rows.ids },
    })

    -- What the target itself has counted meanwhile.
    local reserved = seen.ops["ids.reserve"]
    run:expect("clients and target count the same requests"):evidence(counting.agree(run, {
      name = "requests", ok = reserved.ok, failed = reserved.failed, metric = "task_tracking_requests",
    }))

    run:summarize("%d/%d unique, %s…%s, %s", #seen.id, last, ids.format("US", 1), ids.format("US", last),
      serializable.observed)
  end,
}
