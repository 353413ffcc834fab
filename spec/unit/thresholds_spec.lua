-- Thresholds as data: the grammar with its refusals, every way to each verdict, and what decides rounds and aborts.
local declaration = require "scalerun.declaration"
local judge = require "scalerun.judge"
local thresholds = require "scalerun.judge.thresholds"

local function parse(given)
  return thresholds.parse("scale.scenario", given)
end

local function refusal(given)
  local ok, err = pcall(parse, given)
  assert.is_false(ok)
  assert.is_true(declaration.is_refusal(err))
  assert.equal("thresholds", err.key)
  return (err.message:gsub("^scale.scenario: thresholds", ""))
end

local function series(mean, count, failed)
  return { ok = count - (failed or 0), failed = failed or 0, count = count, mean = mean, stddev = 0, min = mean,
    p50 = mean, p90 = mean, p95 = mean, p99 = mean, p999 = mean, max = mean, scheduled = { p95 = 2 * mean } }
end

local function ops_of(reserve, failed)
  return { ["ids.reserve"] = series(reserve, 100, failed), ["tasks.next"] = series(0.05, 50), ok = 150 - (failed or 0),
    failed = failed or 0, count = 150 }
end

local function seen_of(alpha, beta, more)
  local seen = {
    ops = ops_of(math.max(alpha, beta)),
    duration = 10,
    projects = {
      { id = "alpha", iterations = 10, failed = 0, ops = ops_of(alpha) },
      { id = "beta", iterations = 10, failed = 1, late = 2, dropped = 0, ops = ops_of(beta) },
    },
  }
  for key, value in pairs(more or {}) do
    seen[key] = value
  end
  return seen
end

local function judged(given, seen, generator)
  local made = judge.new()
  made.generator = generator
  thresholds.judge(parse(given), seen, made, 1)
  assert.equal(0, #made:unfinished())
  return made.checks, made
end

local function outcome(name, condition, seen)
  local check = judged({ [name] = condition }, seen)[1]
  return check.verdict, check.observed
end

describe("the grammar of thresholds", function()
  it("takes apart what it is given", function()
    local list = parse {
      ["reserve p95"] = "< 200ms",
      ["alpha.reserve scheduled p95 over 5s"] = { "<= 1.5s", abort = true, covers = "NFR-1" },
      ["alpha.reserve p95 / solo.reserve p95"] = { "< +10%", band = "5%" },
      ["errors"] = "== 0",
      ["mcp tools/call get_next_task rate"] = "> 100/s",
      ["reserve error_rate"] = "< 1%",
      ["alpha.errors"] = "==0",
    }
    local by_name = {}
    for _, one in ipairs(list) do
      by_name[one.name] = one
    end
    assert.same({ "errors", "alpha.errors" }, { by_name.errors.name, list[1].name })
    local plain = by_name["reserve p95"]
    assert.same({ "reserve p95 < 200ms", "<", 0.2, "s", true },
      { plain.text, plain.operator, plain.limit, plain.unit, plain.timing })
    local windowed = by_name["alpha.reserve scheduled p95 over 5s"]
    assert.same({ 5, true, 1.5, "alpha.reserve", true }, { windowed.window, windowed.left.scheduled, windowed.limit,
      windowed.left.words, windowed.abort })
    assert.same({ "NFR-1" }, windowed.covers)
    local ratio = by_name["alpha.reserve p95 / solo.reserve p95"]
    assert.same({ 1.1, 0.05, "solo.reserve" }, { ratio.limit, ratio.band, ratio.right.words })
    assert.equal("mcp tools/call get_next_task", by_name["mcp tools/call get_next_task rate"].left.series)
    assert.equal(0.01, by_name["reserve error_rate"].limit)
    assert.equal("alpha", by_name["alpha.errors"].left.words)
  end)

  for name, case in pairs {
    ["a statistic"] = { "reserve p96", "< 1ms",
      '["reserve p96"]: no statistic is called \'p96\' (did you mean \'p90\'?)' },
    ["a series"] = { "p95", "< 1ms", '["p95"]: \'p95\' needs a series before it: "reserve p95"' },
    ["a condition"] = { "reserve p95", "200ms",
      '["reserve p95"]: the condition is "200ms": write < , <= , > , >= or == and a limit: "< 200ms"' },
    ["an operator"] = { "reserve p95", "=< 200ms",
      '["reserve p95"]: the condition is "=< 200ms": write < , <= , > , >= or == and a limit: "< 200ms"' },
    ["a unit"] = { "reserve p95", "< 200",
      '["reserve p95"]: 200 of what? Write a duration with its unit, such as 200ms' },
    ["a duration"] = { "reserve p95", "< fast",
      '["reserve p95"]: "fast" is not a duration: write seconds as a number, or "200ms", "1.5s", "2m"' },
    ["a count"] = { "errors", "== none", '["errors"]: "none" is no number' },
    ["a share"] = { "reserve error_rate", "< 1ms", '["reserve error_rate"]: "1ms" is no share: write 1% or 0.01' },
    ["a rate"] = { "reserve rate", "> 5ms", '["reserve rate"]: "5ms" is no rate: write 100/s' },
    ["a value"] = { "errors", 0,
      '["errors"]: write a condition such as "< 200ms", or { "< 200ms", abort = true }' },
    ["an option"] = { "errors", { "== 0", abrt = true },
      '["errors"]: unknown option \'abrt\' (did you mean \'abort\'?)' },
    ["an option's type"] = { "errors", { "== 0", abort = 1 },
      '["errors"]: option \'abort\' must be a boolean, not a number' },
    ["a window"] = { "reserve p95 over 0s", "< 1ms",
      '["reserve p95 over 0s"]: over: a window is longer than nothing' },
    ["two statistics"] = { "a.x p95 / b.x p50", "< 1.1",
      '["a.x p95 / b.x p50"]: a ratio has one statistic on both sides, not p95 and p50' },
    ["an exact ratio"] = { "a.x p95 / b.x p95", "== 1", '["a.x p95 / b.x p95"]: a ratio is never exact: write < or >' },
    ["a ratio's limit"] = { "a.x p95 / b.x p95", "< 10ms", '["a.x p95 / b.x p95"]: the limit of a ratio is a number '
      .. 'such as 1.10, or "+10%", not "10ms"' },
    ["a ratio's window"] = { "a.x p95 / b.x p95 over 5s", "< 1.1",
      '["a.x p95 / b.x p95 over 5s"]: a ratio has no window' },
    ["a band"] = { "reserve p95", { "< 1ms", band = 0.1 },
      '["reserve p95"]: a band is for ratios: "alpha.reserve p95 / solo.reserve p95"' },
    ["abort of what must be high"] = { "reserve rate", { "> 5/s", abort = true },
      '["reserve rate"]: abort is for what must stay low: < , <= or == without a ratio' },
    ["a schedule of counts"] = { "reserve scheduled errors", "== 0",
      '["reserve scheduled errors"]: \'scheduled\' is of latencies: errors has none' },
  } do
    it("refuses " .. name .. " with the reason", function()
      assert.equal(case[3], refusal { [case[1]] = case[2] })
    end)
  end

  it("refuses a list", function()
    assert.matches('a threshold is named by what it measures', refusal { "reserve p95 < 200ms" })
  end)
end)

describe("thresholds are judged", function()
  it("over all projects, in the words of the script", function()
    local check = judged({ ["reserve p95"] = "< 200ms" }, seen_of(0.1, 0.15))[1]
    assert.same({ "reserve p95 < 200ms", "pass", "150 ms", "below 200ms" },
      { check.name, check.verdict, check.observed, check.expected })
    assert.equal("fail", outcome("reserve p95", "< 150ms", seen_of(0.1, 0.15)))
    assert.equal("pass", outcome("reserve p95", "<= 150ms", seen_of(0.1, 0.15)))
  end)

  it("per project and for each", function()
    assert.same({ "pass", "100 ms" }, { outcome("alpha.reserve p95", "< 120ms", seen_of(0.1, 0.15)) })
    assert.same({ "fail", "150 ms" }, { outcome("beta.ids.reserve p95", "< 120ms", seen_of(0.1, 0.15)) })
    local check = judged({ ["*.reserve p95"] = "< 120ms" }, seen_of(0.1, 0.15))[1]
    assert.same({ "fail", "150 ms" }, { check.verdict, check.observed })
    assert.equal("beta: 150 ms", check.evidence[2].text)
    assert.equal("pass", outcome("*.reserve p95", "< 160ms", seen_of(0.1, 0.15)))
    assert.same({ "fail", "100 ms" }, { outcome("*.reserve p95", "> 120ms", seen_of(0.1, 0.15)) })
  end)

  it("by counts, shares and rates", function()
    local seen = seen_of(0.1, 0.1)
    seen.ops = ops_of(0.1, 3)
    for name, case in pairs {
      ["errors"] = { "== 0", "fail", 3 },
      ["reserve errors"] = { "<= 3", "pass", 3 },
      ["alpha.errors"] = { "== 0", "pass", 0 },
      ["reserve error_rate"] = { "< 2%", "fail", "3 %" },
      ["reserve rate"] = { ">= 10/s", "pass", "10/s" },
      ["count"] = { ">= 151", "fail", 150 },
      ["iterations"] = { "== 20", "pass", 20 },
      ["failed_iterations"] = { "== 0", "fail", 1 },
      ["late"] = { "<= 2", "pass", 2 },
      ["beta.dropped"] = { "== 0", "pass", 0 },
      ["reserve scheduled p95"] = { "< 150ms", "fail", "200 ms" },
    } do
      assert.same({ case[2], case[3] }, { outcome(name, case[1], seen) }, name)
    end
  end)

  it("as a ratio of projects", function()
    assert.equal("fail", outcome("beta.reserve p95 / alpha.reserve p95", "< 1.10", seen_of(0.1, 0.15)))
    assert.equal("pass", outcome("beta.reserve p95 / alpha.reserve p95", "< +60%", seen_of(0.1, 0.15)))
  end)

  it("never pass on no data", function()
    for name, case in pairs {
      ["resrve p95"] = "no series 'resrve' was measured (did you mean 'ids.reserve'?)",
      ["alpah.reserve p95"] = "'alpah' is no project and no arm (did you mean 'alpha'?)",
      ["bete.errors"] = "'bete' is no project (did you mean 'beta'?)",
      ["reserve p95 over 5s"] = "no whole window of 5 s was watched",
    } do
      local verdict, observed = outcome(name, name:find "errors" and "== 0" or "< 1ms", seen_of(0.1, 0.1))
      assert.equal(case, observed)
      assert.equal("inconclusive", verdict)
    end
    local nothing = { ops = {}, projects = {}, duration = 0 }
    for _, name in ipairs { "errors", "iterations", "late", "alpha.errors" } do
      assert.equal("inconclusive", outcome(name, "== 0", nothing))
    end
    assert.equal("inconclusive", outcome("*.reserve p95", "< 1ms", nothing))
  end)

  it("with their requirements, and inconclusive where the generator was at its limit", function()
    local invalid = { verdict = "invalid", findings = { { text = "too busy" } } }
    local checks = judged({ ["reserve p95"] = { "< 1ms", covers = "NFR-1" }, ["errors"] = "== 0",
      ["reserve rate"] = "> 1/s" }, seen_of(0.1, 0.1), invalid)
    local found = {}
    for _, check in ipairs(checks) do
      found[check.name] = check.verdict
    end
    assert.same({ ["reserve p95 < 1ms"] = "inconclusive", ["errors == 0"] = "pass",
      ["reserve rate > 1/s"] = "inconclusive" }, found)
    assert.same({ "NFR-1" }, checks[2].covers)
  end)

  it("over windows, by the worst of them", function()
    local windows = { ["reserve p95 over 5s"] = { value = 0.3, evidence = { { text = "from 5 s to 10 s" } } } }
    local check = judged({ ["reserve p95 over 5s"] = "< 200ms" }, seen_of(0.1, 0.1, { windows = windows }))[1]
    assert.same({ "fail", "300 ms" }, { check.verdict, check.observed })
    assert.equal("from 5 s to 10 s", check.evidence[1].text)
  end)
end)

describe("thresholds on the arms of a comparison", function()
  local function compared(...)
    local arms = { solo = {}, all = {} }
    for index, load in ipairs { ... } do
      arms.solo[index] = { ops = ops_of(0.1), projects = {}, duration = 1 }
      arms.all[index] = { ops = ops_of(load), duration = 1, projects = { { id = "alpha", ops = ops_of(load * 2) } } }
    end
    return seen_of(0.1, 0.1, {
      compare = { load = { baseline = "solo", load = "all", first = 3, most = 3, arms = arms } },
      arms = { solo = { ops = ops_of(0.1), projects = {} }, all = { ops = ops_of(0.2), projects = {} } },
    })
  end

  local name = "all.reserve p95 / solo.reserve p95"

  it("are decided by the paired interval", function()
    local checks, made = judged({ [name] = { "< 1.10", band = "5%" } }, compared(0.101, 0.102, 0.103))
    assert.equal("pass", checks[1].verdict)
    assert.matches("^%+2.0 %%", checks[1].observed)
    assert.same({ 1.10, 0.05, "p95", "all" }, { made.comparisons[1].limit, made.comparisons[1].band,
      made.comparisons[1].statistic, made.comparisons[1].load.arm })
    assert.equal("fail", outcome(name, "< 1.10", compared(0.119, 0.120, 0.121)))
    assert.equal("inconclusive", outcome(name, "< 1.10", compared(0.10, 0.11, 0.12)))
    assert.equal("inconclusive", outcome(name, "< 1.10", compared(0.10)))
    assert.equal("fail", outcome("all.reserve rate / solo.reserve rate", "> +1%", compared(0.1, 0.1, 0.1)))
  end)

  it("take a project of the load, and an arm alone", function()
    assert.equal("fail", outcome("alpha.reserve p95 / solo.reserve p95", "< 1.10", compared(0.1, 0.1, 0.1)))
    assert.same({ "pass", "100 ms" }, { outcome("solo.reserve p95", "< 150ms", compared(0.1, 0.1, 0.1)) })
  end)

  it("ask for more rounds while they are open", function()
    local function undecided(given, seen)
      return thresholds.undecided({ thresholds = parse(given) }, seen, 1)
    end
    local limit = { [name] = "< 1.10" }
    assert.is_false(undecided(limit, compared(0.101, 0.102, 0.103)))
    assert.is_false(undecided(limit, compared(0.119, 0.120, 0.121)))
    assert.is_true(undecided(limit, compared(0.10, 0.11, 0.12)))
    assert.is_false(undecided({ [name] = { "< 1.10", band = 1 } }, compared(0.10, 0.11, 0.12)))
    assert.is_false(undecided({ ["reserve p95"] = "< 1ms" }, compared(0.10, 0.11, 0.12)))
    assert.is_false(undecided({ [name] = "< 1.10" }, seen_of(0.1, 0.1)))
    assert.is_false(thresholds.undecided({}, compared(0.1)))
  end)
end)

describe("thresholds over a window", function()
  local metrics = require "scalerun.core.metrics"
  local seen = require "scalerun.run.seen"

  -- Metrics of a project that has done so many operations of each latency, in ms.
  local function measured(latencies, failed)
    local dump = { name = "ids.reserve", ok = 0, errors = { timeout = failed }, cells = {}, min = 0, max = 0, sum = 0,
      saturated = 0 }
    local made = metrics.load { dump }
    for latency, count in pairs(latencies) do
      for _ = 1, count do
        made:record("ids.reserve", latency / 1000)
      end
    end
    return made
  end

  local function watch(given)
    return thresholds.windows({ thresholds = parse(given) }, metrics, seen.ops)
  end

  local function projects(alpha, beta)
    return { { id = "alpha", metrics = measured(alpha) }, { id = "beta", metrics = measured(beta) } }
  end

  it("are of the worst stretch, which the whole does not show", function()
    local name = "reserve p50 over 2s"
    local watching = watch { [name] = "< 50ms" }
    watching:begin "phase load"
    watching:look(projects({ [10] = 100 }, {}), 1)
    watching:look(projects({ [10] = 200 }, {}), 2)
    assert.near(0.010, watching.found[name].value, 1e-4)
    watching:look(projects({ [10] = 200, [90] = 20 }, {}), 3)
    watching:look(projects({ [10] = 200, [90] = 40 }, {}), 4)
    assert.near(0.090, watching.found[name].value, 1e-3)
    assert.matches("^phase load, 2.0 s to 4.0 s: 89.98", watching.found[name].evidence[1].text)
    watching:look(projects({ [10] = 900, [90] = 40 }, {}), 6)
    assert.near(0.090, watching.found[name].value, 1e-3)
    local check = judged({ [name] = "< 50ms" }, seen_of(0.01, 0.01, { windows = watching.found }))[1]
    assert.equal("fail", check.verdict)
    check = judged({ [name] = "< 100ms" }, seen_of(0.01, 0.01, { windows = watching.found }))[1]
    assert.equal("pass", check.verdict)
  end)

  it("are of a project, of each of them, and of rates", function()
    local watching = watch { ["alpha.reserve max over 1s"] = "< 1s", ["*.reserve max over 1s"] = "< 1s",
      ["reserve rate over 1s"] = "> 1/s" }
    watching:look(projects({ [10] = 30 }, { [20] = 30 }), 1.5)
    watching:look(projects({ [10] = 35 }, { [20] = 35 }), 2.5)
    assert.near(0.010, watching.found["alpha.reserve max over 1s"].value, 1e-4)
    assert.near(0.020, watching.found["*.reserve max over 1s"].value, 1e-4)
    assert.near(10, watching.found["reserve rate over 1s"].value, 1e-9)
  end)

  it("count failures in the window alone", function()
    local watching = watch { ["reserve errors over 1s"] = "== 0" }
    watching:look({ { id = "alpha", metrics = measured({ [10] = 5 }, 0) } }, 1)
    assert.equal(0, watching.found["reserve errors over 1s"].value)
  end)

  it("begin anew with each phase, after its warm-up, and are none while they are not whole", function()
    local watching = watch { ["reserve max over 2s"] = "< 1s" }
    watching:look(projects({ [500] = 1 }, {}), 1)
    watching:begin("phase next", 1)
    watching:look(projects({ [900] = 1 }, {}), 0.5)
    watching:look(projects({ [10] = 1 }, {}), 2.5)
    assert.is_nil(watching.found["reserve max over 2s"])
    watching:look(projects({ [10] = 2 }, {}), 3)
    assert.near(0.010, watching.found["reserve max over 2s"].value, 1e-4)
  end)

  it("say what is missing", function()
    local watching = watch { ["resrve max over 1s"] = "< 1s" }
    watching:look(projects({ [10] = 1 }, { [10] = 1 }), 1)
    local check = judged({ ["resrve max over 1s"] = "< 1s" }, seen_of(0.01, 0.01, { windows = watching.found }))[1]
    assert.same({ "inconclusive", "no series 'resrve' was measured (did you mean 'ids.reserve'?)" },
      { check.verdict, check.observed })
  end)

  it("are not watched where there are none", function()
    assert.is_nil(watch { ["reserve p95"] = "< 1s" })
  end)
end)

describe("thresholds with abort", function()
  local function broken(given, seen)
    local threshold, value = thresholds.broken({ thresholds = parse(given) }, seen)
    return threshold and threshold.name, value
  end

  it("end the phase once they are broken, and not before", function()
    local given = { ["errors"] = { "== 0", abort = true }, ["reserve p95"] = { "< 200ms", abort = true } }
    assert.is_nil(broken(given, seen_of(0.1, 0.15)))
    assert.same({ "reserve p95", 0.25 }, { broken(given, seen_of(0.1, 0.25)) })
    local seen = seen_of(0.1, 0.1)
    seen.ops = ops_of(0.1, 1)
    assert.same({ "errors", 1 }, { broken(given, seen) })
  end)

  it("break at the limit of < alone", function()
    assert.equal("reserve p95", (broken({ ["reserve p95"] = { "< 150ms", abort = true } }, seen_of(0.1, 0.15))))
    assert.is_nil((broken({ ["reserve p95"] = { "<= 150ms", abort = true } }, seen_of(0.1, 0.15))))
  end)

  it("leave the phase alone without abort, and before there are data", function()
    assert.is_nil(broken({ ["reserve p95"] = "< 1ms" }, seen_of(0.1, 0.1)))
    assert.is_nil(broken({ ["reserve p95"] = { "< 1ms", abort = true } }, { ops = {}, projects = {}, duration = 1 }))
    assert.is_nil(broken({ ["*.reserve p95"] = { "< 1ms", abort = true } }, { ops = {}, projects = {}, duration = 1 }))
  end)
end)
