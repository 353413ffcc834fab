--- Judging that several replicas serve as one: shares, replicas that are gone, the cost of the balancer before them.
--- What the functions return goes with run:expect(name):evidence(…), unless they say otherwise.
local stats = require "scalerun.stats"

---@class scale.target.scaling
local scaling = {}

local CHANCE = 0.001 -- shares that chance alone makes more seldom than this are not even
local READS = 10 -- of a connection, of which not all are one project's
local LEAST = 5 -- expected requests of each replica, below which the test is not to be relied on

--- How many operations each replica answered.
---@param history scale.History
---@param names string[] of the replicas
---@return integer[] counts in the order of the names
function scaling.counts(history, names)
  local counts = {}
  for index, name in ipairs(names) do
    counts[index] = (history:count { replica = name })
  end
  return counts
end

--- "a 100, b 100, c 99"
---@param names string[]
---@param counts integer[]
---@return string
function scaling.text(names, counts)
  local parts = {}
  for index, name in ipairs(names) do
    parts[index] = ("%s %d"):format(name, counts[index] or 0)
  end
  return table.concat(parts, ", ")
end

--- The same of what counters have grown by.
---@param names string[]
---@param before table<string, number> by name
---@param after table<string, number>
---@return string
function scaling.increase(names, before, after)
  local counts = {}
  for index, name in ipairs(names) do
    counts[index] = math.tointeger((after[name] or 0) - (before[name] or 0))
  end
  return scaling.text(names, counts)
end

--- Whether chance explains how far the shares are apart (Pearson's chi-square test).
---@param names string[]
---@param counts integer[]
---@return scalerun.Found
function scaling.shares(names, counts)
  local test = stats.chi_square(counts)
  local enough = test and test.least >= LEAST
  local verdict = not enough and "inconclusive" or test.p >= CHANCE and "pass" or "fail"
  return {
    verdict = verdict,
    observed = scaling.text(names, counts) .. (test and ("; by chance at p = %.2g"):format(test.p) or ""),
    expected = ("%.1f %% each, as far as chance goes (p at least %g)"):format(100 / #names, CHANCE),
  }
end

--- The projects that some replica never served, whose requests are not free to go anywhere: for :none(…).
---@param history scale.History
---@param projects string[]
---@param names string[] of the replicas
---@return table[] found
function scaling.unserved(history, projects, names)
  local found = {}
  for _, project in ipairs(projects) do
    for _, name in ipairs(names) do
      if (history:count { project = project, replica = name }) == 0 then
        found[#found + 1] = { text = ("no request of %s was sent to %s"):format(project, name), project = project,
          replica = name }
      end
    end
  end
  return found
end

local function last_answer(history, victim)
  local last
  for op in history:ops { replica = victim } do
    last = math.max(last or op.ended, op.ended)
  end
  return last
end

--- Whether no operation failed any more, once it should be known that a replica is gone.
---@param history scale.History of the phase in which it was killed
---@param victim string
---@param noticed number seconds after its last answer in which operations may fail
---@return scalerun.Found
function scaling.survivors(history, victim, noticed)
  local last = last_answer(history, victim)
  local failed, answered = {}, 0
  for op in history:ops() do
    if last and op.started > last + noticed then
      answered = answered + (op.error and 0 or 1)
      failed[#failed + 1] = op.error and { text = ("%.1f s after the last answer of %s, %s got %s"):format(
        op.started - last, victim, op.project, op.error), project = op.project, error = op.error } or nil
    end
  end
  return {
    verdict = #failed > 0 and "fail" or answered > 0 and "pass" or "inconclusive",
    observed = ("%d answered, %d failed"):format(answered, #failed),
    expected = ("none fails from %g s after the last answer of %s on"):format(noticed, victim),
    evidence = failed,
  }
end

--- Whether connections to the database are so few for the reads that they have served several projects each: what is
--- left on a connection would have been seen.
---@param given { connections: integer, reads: integer, projects: integer }
---@return scalerun.Found
function scaling.shared(given)
  local each = given.connections > 0 and given.reads / given.connections or 0
  return {
    verdict = given.projects > 1 and each >= READS and "pass" or "inconclusive",
    observed = ("%d reads of %d project%s over %d connections at most"):format(given.reads, given.projects,
      given.projects == 1 and "" or "s", given.connections),
    expected = ("at least %d reads for each connection, of several projects"):format(READS),
  }
end

---@class scalerun.OverheadGiven
---@field rounds { past: number[], through: number[] }[] seconds of walks past the balancer and through it, side by side
---@field requests integer of one walk
---@field thinking number seconds of a walk that are no requests, and were not waited for
---@field limit number the ratio that may not be exceeded: 1.05

-- The median walk of each round, with its thinking.
local function medians(given, way)
  local list = {}
  for index, round in ipairs(given.rounds) do
    list[index] = stats.percentile(round[way], 50) + given.thinking
  end
  return list
end

--- Whether walks through the balancer take hardly longer: the paired ratio over rounds with its interval.
---@param given scalerun.OverheadGiven
---@return scalerun.Found found
---@return string text "+0.1 % (0.25 ms a request)"
function scaling.overhead(given)
  local past, through = medians(given, "past"), medians(given, "through")
  local ratio = stats.ratio { baseline = past, load = through }
  if not ratio.low then
    return { verdict = "inconclusive", observed = ratio.problem }, "unknown"
  end
  local decision = stats.sequential(ratio, given.limit)
  local added = (stats.mean(through) - stats.mean(past)) / given.requests * 1000
  local text = ("%+.1f %% (%.2f ms a request)"):format((ratio.ratio - 1) * 100, added)
  return {
    verdict = decision == "undecided" and "inconclusive" or decision,
    observed = ("%s, 95 %% interval %+.1f to %+.1f %%"):format(text, (ratio.low - 1) * 100, (ratio.high - 1) * 100),
    expected = ("at most %+.0f %% of a walk's time"):format((given.limit - 1) * 100),
    evidence = { { text = ("%d rounds; the %d requests of a walk take %.1f ms past the balancer, to which %.1f s of "
      .. "thinking are added"):format(ratio.rounds, given.requests, (stats.mean(past) - given.thinking) * 1000,
      given.thinking) } },
  }, text
end

return scaling
