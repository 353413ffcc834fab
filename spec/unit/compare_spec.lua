local compare = require "scalerun.report.compare"
local metrics = require "scalerun.core.metrics"
local report = require "scalerun.report.json"
local sample = require "spec.support.sample_result"
local seen = require "scalerun.run.seen"

local function document(result)
  return assert(report.decode(report.encode(result, function(text)
    return text
  end)))
end

-- A run of one scenario whose operation takes a second, more or less, times `factor`.
local function run_of(factor, count)
  local result = sample.result()
  local measured = metrics.merge {}
  for index = 1, count do
    measured:record("op", factor * (0.9 + 0.2 * (index % 101) / 100))
  end
  local row = result.scenarios[1]
  row.projects = { { id = "alpha", iterations = count, failed = 0, metrics = measured, ops = seen.ops(measured) } }
  result.scenarios = { row }
  return document(result)
end

local function verdicts(first, second, limit)
  local list = {}
  for index, row in ipairs((compare.rows(first, second, limit))) do
    list[index] = row.verdict
  end
  return list
end

describe("compare", function()
  it("shows the ratio of each statistic within its interval", function()
    local rows = compare.rows(run_of(1, 1000), run_of(1.2, 1000))
    assert.equal(4, #rows)
    for index, statistic in ipairs { "mean", "p50", "p95", "p99" } do
      local row = rows[index]
      assert.equal(statistic, row.statistic)
      assert.near(1.2, row.ratio, 0.005)
      assert.is_true(row.low < row.ratio and row.ratio < row.high)
      assert.is_nil(row.verdict)
    end
    assert.near(1000, rows[1].first, 2)
    assert.near(1200, rows[1].second, 2)
  end)

  it("fails past the limit, passes within, and leaves open what the interval leaves open", function()
    assert.same({ "fail", "fail", "fail", "fail" }, verdicts(run_of(1, 1000), run_of(1.2, 1000), 0.1))
    assert.same({ "pass", "pass", "pass", "pass" }, verdicts(run_of(1, 1000), run_of(1.02, 1000), 0.1))
    assert.equal("inconclusive", verdicts(run_of(1, 20), run_of(1.1, 20), 0.1)[1])
  end)

  it("gives the same intervals every time", function()
    assert.same(compare.rows(run_of(1, 300), run_of(1.1, 300)), compare.rows(run_of(1, 300), run_of(1.1, 300)))
  end)

  it("covers the true ratio about as often as it says", function()
    local covered, tries = 0, 60
    for try = 1, tries do
      local function drawn(seed)
        local result, measured = sample.result(), metrics.merge {}
        local state = seed
        for _ = 1, 200 do
          state = state * 48271 % 2147483647
          measured:record("op", -0.1 * math.log(state / 2147483647))
        end
        result.scenarios = { result.scenarios[1] }
        result.scenarios[1].projects = { { id = "alpha", iterations = 200, failed = 0, metrics = measured,
          ops = seen.ops(measured) } }
        return document(result)
      end
      local row = compare.rows(drawn(try * 1009 + 7), drawn(try * 7919 + 13))[1]
      covered = covered + (row.low <= 1 and row.high >= 1 and 1 or 0)
    end
    assert.is_true(covered >= 52 and covered <= 60, covered .. " of 60")
  end)

  it("takes the rounds where both runs have them", function()
    local rows = compare.rows(document(sample.result()), document(sample.result()))
    local found
    for _, row in ipairs(rows) do
      if row.name == "workflow, p95" then
        found = row
      end
    end
    assert.near(1, found.ratio, 1e-9)
    assert.matches("6 rounds", found.method)
  end)

  local reasons = {
    { "one run has 5 projects, the other 2", function(result)
      result.projects = { "alpha", "beta" }
    end },
    { "one run has the profile full, the other quick", function(result)
      result.profile = "quick"
    end },
    { "one run was against sandbox, the other against deployment", function(result)
      result.target = { kind = "deployment" }
    end },
    { "no scenario is in both", function(result)
      result.scenarios = { result.scenarios[1] }
      result.scenarios[1].id = "Z9"
    end },
  }
  for _, case in ipairs(reasons) do
    it("does not compare when " .. case[1], function()
      local other = sample.result()
      case[2](other)
      assert.equal(case[1], compare.problem(document(sample.result()), document(other)))
    end)
  end

  it("leaves out a scenario under another load, and says so", function()
    local other = sample.result()
    other.scenarios[1].phases[1].executor = "constant-projects"
    local _, skipped = compare.rows(document(sample.result()), document(other))
    assert.same({ { scenario = "S1",
      reason = "its load was another: main (per-project-iterations) against main (constant-projects)" } }, skipped)
  end)
end)
