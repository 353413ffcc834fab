--- The check of how something is shared out: the requests of replicas, say.
local conclude = require("scalerun.judge.conclude")
local limits = require "scalerun.judge.limits"
local shares = require "scalerun.stats.shares"
local verdict = require "scalerun.judge.verdict"

---@class scale.ShareMatchers
---@field package counts table<string, number>
local Share = {}
Share.__index = Share

-- Deviations that chance alone makes less often than this are no chance.
local SIGNIFICANT = 0.01
-- A χ² test with a smaller expected count is not to be relied on (Cochran 1952).
local LEAST_EXPECTED = 5
local WITHIN = 0.05

---@class scale.EvenOptions
---@field among string[]? the names of all that must have a share: who got nothing is not among the counts
---@field expected table<string, number>? shares in any unit; equal ones unless told
---@field within number|string|nil how far a share may be off: 0.05 unless told, 5 points

local function names_of(counts, options)
  local set, list = {}, {}
  local function add(name)
    if not set[name] then
      set[name] = true
      list[#list + 1] = name
    end
  end
  for name in pairs(counts) do
    add(name)
  end
  for _, name in ipairs(options.among or {}) do
    add(name)
  end
  for name in pairs(options.expected or {}) do
    add(name)
  end
  table.sort(list)
  return list
end

-- How far the worst share is off, whose, and an item of evidence for each.
local function deviations(names, observed, expected, total)
  local worst, items = 0, {}
  for index, name in ipairs(names) do
    local off = (observed[index] - expected[index]) / total
    worst = math.max(worst, math.abs(off))
    items[index] = {
      text = ("%s: %d of %d, %.1f %%, expected %.1f %%"):format(name, observed[index], total,
        100 * observed[index] / total, 100 * expected[index] / total),
      name = name,
      count = observed[index],
      expected = expected[index],
    }
  end
  return worst, items
end

local function shown(names, observed, total)
  local list = {}
  for index, name in ipairs(names) do
    list[index] = ("%s %.1f %%"):format(name, 100 * observed[index] / total)
  end
  return table.concat(list, ", ")
end

--- That the shares are as expected. Passes when every share is within the tolerance; fails when one is not and chance
--- does not explain it (χ² test, p < 0.01); too few counts for either are inconclusive.
---@param options scale.EvenOptions?
function Share:even(options)
  options = options or {}
  local within, problem = limits.number(options.within or WITHIN)
  if not within then
    error(("even: within: %s"):format(problem), 2)
  end
  local names = names_of(self.counts, options)
  local observed, weights, total = {}, {}, 0
  for index, name in ipairs(names) do
    observed[index] = self.counts[name] or 0
    weights[index] = not options.expected and 1 or options.expected[name] or 0
    if weights[index] <= 0 then
      error(("even: expected: %s has no share"):format(name), 2)
    end
    total = total + observed[index]
  end
  local expected = ("each share within %.4g points"):format(100 * within)
  local test = shares.chi_square(observed, weights)
  if not test then
    local text = total == 0 and conclude.NO_DATA or "there is only one to share with"
    conclude.check(self.expectation, verdict.INCONCLUSIVE, text, expected)
    return
  end
  local worst, items = deviations(names, observed, test.expected, total)
  local outcome = verdict.INCONCLUSIVE
  if test.least >= LEAST_EXPECTED and worst <= within then
    outcome = verdict.PASS
  elseif test.least >= LEAST_EXPECTED and test.p < SIGNIFICANT then
    outcome = verdict.FAIL
  end
  local text = ("%s of %d, p %.3g"):format(shown(names, observed, total), total, test.p)
  if outcome == verdict.INCONCLUSIVE then
    text = text .. ": too few to tell"
  end
  local row = { name = self.expectation.name, counts = {}, expected = {}, p = test.p }
  for index, name in ipairs(names) do
    row.counts[name], row.expected[name] = observed[index], test.expected[index] / total
  end
  conclude.check(self.expectation, outcome, text, expected, items, { share = row })
end

local share = {}

---@param expectation scale.Expectation
---@param counts table<string, number>
---@return scale.ShareMatchers
function share.new(expectation, counts)
  return setmetatable({ expectation = expectation, counts = counts }, Share)
end

return share
