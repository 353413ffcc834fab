-- The matchers of measurements, ratios and shares: every way to each verdict.
local comparison = require "scalerun.judge.comparison"
local judge = require "scalerun.judge"
local stats = require "scalerun.stats"

describe("expect", function()
  local run

  before_each(function()
    run = judge.new()
  end)

  local function only()
    assert.equal(1, #run.checks)
    return run.checks[1]
  end

  local function is(verdict, observed, expected)
    local check = only()
    assert.same({ verdict, observed, expected }, { check.verdict, check.observed, check.expected })
  end

  local function refuses(message, fn)
    local ok, err = pcall(fn)
    assert.is_false(ok)
    assert.equal(message, (tostring(err):gsub("^[^\n]-:%d+: ", "")))
  end

  local function series(numbers)
    local made = { ok = 90, failed = 10, count = 100, mean = 0.1, stddev = 0.02, p50 = 0.09, p95 = 0.187, max = 0.3 }
    for key, value in pairs(numbers or {}) do
      made[key] = value
    end
    return made
  end

  describe("metric", function()
    it("passes and fails in the unit of the statistic", function()
      run:expect("fast"):metric(series(), "p95"):below("200ms")
      is("pass", "187 ms", "below 200ms")
      run = judge.new()
      run:expect("fast"):metric(series(), "p95"):at_most(0.1)
      is("fail", "187 ms", "at most 100 ms")
    end)

    it("shows four digits of a time, and more where it would look like the limit", function()
      run:expect("a"):metric(series { p95 = 0.00558694 }, "p95"):at_most("10ms")
      is("pass", "5.587 ms", "at most 10ms")
      run = judge.new()
      run:expect("b"):metric(series { p95 = 0.010000412 }, "p95"):at_most("10ms")
      is("fail", "10.0004 ms", "at most 10ms")
      run = judge.new()
      run:expect("c"):count(1000):at_least(989.161561179)
      is("pass", 1000, "at least 989.162")
    end)

    for matcher, good in pairs { below = 0.2, above = 0.1, at_least = 0.187, at_most = 0.187 } do
      it("knows " .. matcher, function()
        local subject = run:expect("one"):metric(series(), "p95")
        subject[matcher](subject, good)
        subject = run:expect("other"):metric(series(), "p95")
        subject[matcher](subject, (matcher == "below" or matcher == "at_most") and 0.1 or 0.5)
        assert.equal("pass", run.checks[1].verdict)
        assert.equal("fail", run.checks[2].verdict)
      end)
    end

    it("knows shares and counts", function()
      run:expect("a"):metric(series(), "error_rate"):below("5%")
      run:expect("b"):metric(series(), "errors"):equals(10)
      run:expect("c"):metric(series(), "cv"):below(0.25)
      run:expect("d"):metric(series(), "p50"):between("80ms", "100ms")
      assert.same({ "fail", "10 %" }, { run.checks[1].verdict, run.checks[1].observed })
      for index = 2, 4 do
        assert.equal("pass", run.checks[index].verdict)
      end
    end)

    it("is inconclusive without data", function()
      for _, none in ipairs { { errors = {} }, series { count = 0, mean = 0 / 0, p95 = 0 }, false } do
        run = judge.new()
        run:expect("fast"):metric(none or nil, "p95"):below("200ms")
        is("inconclusive", "nothing was measured", "below 200ms")
      end
    end)

    it("shows how sure a percentile is", function()
      local made = setmetatable(series(), { __index = { percentile = function(_, percent)
        return percent / 1000
      end } })
      run:expect("fast"):metric(made, "p95"):below("200ms")
      assert.matches("^p95 of 100 values, 95 %% interval: from 89.41 ms to 99.6 ms$", only().evidence[1].text)
    end)

    it("counts from the schedule where it is told to", function()
      local function able(numbers, factor)
        return setmetatable(numbers, { __index = { percentile = function(_, percent)
          return factor * percent / 1000
        end } })
      end
      local made = able(series { p995 = 0.1, scheduled = able({ p995 = 0.3, mean = 0.2 }, 2) }, 1)
      run:expect("started"):metric(made, "p995", { from = "start" }):below("200ms")
      run:expect("due"):metric(made, "p995", { from = "schedule" }):below("200ms")
      made.scheduled = nil
      run:expect("all on time"):metric(made, "p995", { from = "schedule" }):below("200ms")
      local verdicts, shown = {}, {}
      for index, check in ipairs(run.checks) do
        verdicts[index], shown[index] = check.verdict, (check.evidence[1] or {}).text or ""
      end
      assert.same({ "pass", "fail", "pass" }, verdicts)
      assert.matches("^p995 of 100 values, .*: from 97.4 ms to", shown[1])
      assert.matches("^p995 of 100 values from the schedule, .*: from 194.8 ms to", shown[2])
      assert.matches("from the schedule, .*: from 97.4 ms to", shown[3])
    end)

    it("is timing, also from the schedule: a generator at its limit leaves it undecided", function()
      run.generator = { verdict = "invalid", findings = { { text = "too slow" } } }
      run:expect("due"):metric(series { scheduled = { p995 = 0.3 } }, "p995", { from = "schedule" }):below("200ms")
      assert.equal("inconclusive", only().verdict)
    end)

    it("refuses options that it does not know", function()
      refuses("expect(\"x\"):metric: from is 'start' or 'schedule', not 'due'", function()
        run:expect("x"):metric(series(), "p95", { from = "due" })
      end)
      refuses("expect(\"x\"):metric: from = 'schedule' is of latencies: errors has none", function()
        run:expect("x"):metric(series(), "errors", { from = "schedule" })
      end)
      refuses("expect(\"x\"):metric: unknown option 'form' (did you mean 'from'?)", function()
        run:expect("x"):metric(series(), "p95", { form = "schedule" })
      end)
      refuses("expect(\"x\"):metric: options must be a table, not the string \"schedule\"", function()
        run:expect("x"):metric(series(), "p95", "schedule")
      end)
    end)

    it("refuses statistics that are none, with the nearest", function()
      refuses("expect(\"x\"):metric: no statistic is called 'p59' (did you mean 'p50'?)", function()
        run:expect("x"):metric(series(), "p59")
      end)
      refuses('expect("x"):metric: write :metric(seen.ops["NAME"], "p95")', function()
        run:expect("x"):metric("reserve", "p95")
      end)
      refuses("below: a number is wanted, not 200mz", function()
        run:expect("x"):metric(series(), "p95"):below("200mz")
      end)
    end)
  end)

  describe("ratio", function()
    local function ratio(...)
      return stats.ratio { baseline = { 1, 1, 1 }, load = { ... } }
    end

    it("passes below the limit with its whole interval", function()
      run:expect("degradation"):ratio(ratio(1.01, 1.02, 1.03)):below(1.10)
      is("pass", "+2.0 % (95 % interval -0.5…+4.5), 3 rounds", "below +10.0 %")
      assert.equal("round 2: mean baseline 1, load 1.02: +2.0 %", only().evidence[2].text)
      local found = run.comparisons[1]
      assert.same({ "degradation", "pass", 1.10, 0, "student t", 3 },
        { found.name, found.verdict, found.limit, found.band, found.method, found.rounds })
      assert.same({ arm = "load", values = { 1.01, 1.02, 1.03 } }, found.load)
    end)

    it("fails above it, is inconclusive around it", function()
      run:expect("a"):ratio(ratio(1.19, 1.20, 1.21)):below("+10%")
      run:expect("b"):ratio(ratio(1.0, 1.1, 1.2)):below("+10%")
      assert.equal("fail", run.checks[1].verdict)
      assert.equal("inconclusive", run.checks[2].verdict)
      assert.matches("the interval holds the limit$", run.checks[2].observed)
      assert.equal("inconclusive", run.comparisons[2].verdict)
    end)

    it("tolerates a band, and says so", function()
      run:expect("a"):ratio(ratio(1.11, 1.12, 1.13)):below(1.10, { band = "5%" })
      is("pass", "+12.0 % (95 % interval +9.5…+14.5), 3 rounds: within the tolerance",
        "below +10.0 %, 5 points of tolerance")
      run:expect("b"):ratio(ratio(1.19, 1.20, 1.21)):below(1.10, { band = 0.05 })
      assert.equal("fail", run.checks[2].verdict)
    end)

    it("knows limits from above", function()
      run:expect("a"):ratio(ratio(0.99, 1.0, 1.01)):above(0.9)
      run:expect("b"):ratio(ratio(0.79, 0.8, 0.81)):above("-10%")
      assert.same({ "pass", "fail" }, { run.checks[1].verdict, run.checks[2].verdict })
    end)

    it("is inconclusive without data", function()
      run:expect("a"):ratio(ratio()):below(1.1)
      run:expect("b"):ratio(nil):below(1.1)
      run:expect("c"):ratio(ratio(1.0)):below(1.1)
      assert.equal("no round has both arms", run.checks[1].observed)
      assert.equal("nothing was measured", run.checks[2].observed)
      assert.matches("^one round does not show", run.checks[3].observed)
      for index = 1, 3 do
        assert.equal("inconclusive", run.checks[index].verdict)
      end
    end)

    it("refuses limits that are none", function()
      refuses('below: the limit of a ratio is a number such as 1.10, or "+10%", not "10ms"', function()
        run:expect("x"):ratio(ratio(1, 1)):below("10ms")
      end)
      refuses("below: band: must not be negative", function()
        run:expect("x"):ratio(ratio(1, 1)):below(1.1, { band = -1 })
      end)
    end)
  end)

  describe("share", function()
    it("passes when all have about their part", function()
      run:expect("even"):share({ a = 331, b = 336, c = 333 }):even()
      is("pass", "a 33.1 %, b 33.6 %, c 33.3 % of 1000, p 0.981", "each share within 5 points")
      assert.same({ a = 331, b = 336, c = 333 }, run.shares[1].counts)
      assert.equal("pass", run.shares[1].verdict)
    end)

    it("fails when one is off and chance does not explain it", function()
      run:expect("even"):share({ a = 500, b = 250, c = 250 }):even()
      assert.equal("fail", only().verdict)
      assert.equal("a: 500 of 1000, 50.0 %, expected 33.3 %", only().evidence[1].text)
    end)

    it("counts those who got nothing", function()
      run:expect("two of three"):share({ a = 500, b = 500 }):even()
      run:expect("two of three"):share({ a = 500, b = 500 }):even { among = { "a", "b", "c" } }
      assert.same({ "pass", "fail" }, { run.checks[1].verdict, run.checks[2].verdict })
    end)

    it("knows other shares and tolerances", function()
      run:expect("two to one"):share({ a = 660, b = 340 }):even { expected = { a = 2, b = 1 } }
      run:expect("exact"):share({ a = 560, b = 440 }):even { within = "1%" }
      assert.same({ "pass", "fail" }, { run.checks[1].verdict, run.checks[2].verdict })
    end)

    it("is inconclusive on too few", function()
      for _, counts in ipairs { { a = 4, b = 4 }, { a = 20, b = 12 }, { a = 0, b = 0 }, { a = 9 }, {} } do
        run = judge.new()
        run:expect("even"):share(counts):even()
        assert.equal("inconclusive", only().verdict)
      end
    end)

    it("refuses what are no counts", function()
      assert.has_error(function()
        run:expect("x"):share("abc")
      end)
      assert.has_error(function()
        run:expect("x"):share({ a = 1, b = 1 }):even { expected = { a = 1 } }
      end)
    end)
  end)

  describe("covers", function()
    it("goes with the check", function()
      run:expect("a", 2, { covers = "NFR-1" }):count(1):equals(1)
      run:expect("b", 2, { covers = { "NFR-1", "NFR-2" } }):count(1):equals(1)
      run:expect("c"):count(1):equals(1)
      assert.same({ "NFR-1" }, run.checks[1].covers)
      assert.same({ "NFR-1", "NFR-2" }, run.checks[2].covers)
      assert.is_nil(run.checks[3].covers)
    end)

    it("is refused where it is none", function()
      refuses("expect: covers is the id of a requirement, or a list of them", function()
        run:expect("a", 2, { covers = { 1 } })
      end)
      refuses("expect: unknown option 'cover' (did you mean 'covers'?)", function()
        run:expect("a", 2, { cover = "x" })
      end)
    end)
  end)

  describe("a generator at its limit", function()
    before_each(function()
      run.generator = { verdict = "invalid", findings = { { name = "own CPU", text = "too busy", limit = 0.9 } } }
    end)

    it("makes every check of timing inconclusive, with the reason", function()
      run:expect("latency"):metric(series(), "p95"):below("200ms")
      run:expect("bad latency"):metric(series(), "p95"):below("1ms")
      run:expect("ratio"):ratio(stats.ratio { baseline = { 1, 1 }, load = { 1, 1.001 } }):below(1.10)
      for _, check in ipairs(run.checks) do
        assert.equal("inconclusive", check.verdict)
        assert.matches(", but the generator was at its limit: too busy$", check.observed)
        assert.equal("generator: too busy", check.evidence[#check.evidence].text)
      end
      assert.equal("inconclusive", run.comparisons[1].verdict)
    end)

    it("leaves undecided what says that it depends on time", function()
      run:expect("in its deadline", 2, { timing = true }):values({ "up", "down" }):all_equal("up")
      run:expect("named", 2, { timing = false }):count(1):equals(1)
      assert.same({ "inconclusive", "pass" }, { run.checks[1].verdict, run.checks[2].verdict })
      assert.matches("but the generator was at its limit: too busy$", run.checks[1].observed)
      refuses("expect: option 'timing' must be boolean, not the string \"yes\"", function()
        run:expect("a", 2, { timing = "yes" })
      end)
    end)

    it("leaves all others alone", function()
      run:expect("errors"):metric(series(), "errors"):equals(10)
      run:expect("count"):count(5):equals(5)
      run:expect("share"):share({ a = 500, b = 500 }):even()
      for _, check in ipairs(run.checks) do
        assert.equal("pass", check.verdict)
      end
      run:expect("bad"):count(5):equals(6)
      assert.equal("fail", run.checks[4].verdict)
    end)
  end)
end)

describe("seen.compare:ratio", function()
  local function round(mean, count, more)
    local ops = { ["ids.reserve"] = { ok = count, failed = 0, count = count, mean = mean, p95 = 2 * mean,
      scheduled = { mean = 3 * mean } } }
    return { ops = ops, duration = 10, projects = more or { { id = "alpha", ops = ops } } }
  end

  local function compared(more)
    local made = { baseline = "solo", load = "all", rounds = 2,
      arms = { solo = { round(0.1, 20), round(0.1, 20) }, all = { round(0.11, 100), round(0.12, 100) } } }
    for key, value in pairs(more or {}) do
      made[key] = value
    end
    return comparison.new { load = made }
  end

  it("pairs the rounds", function()
    local found = compared():ratio { series = "ids.reserve" }
    assert.same({ 0.1, 0.1 }, found.baseline)
    assert.same({ 0.11, 0.12 }, found.load)
    assert.same({ "solo", "all", "s", 2 }, { found.baseline_name, found.load_name, found.unit, found.rounds })
  end)

  it("widens the interval with the looks that there may be", function()
    assert.equal(0.975, compared():ratio({ series = "reserve" }).confidence)
    assert.equal(0.95, compared({ first = 3, most = 3 }):ratio({ series = "reserve" }).confidence)
  end)

  it("knows percentiles, rates, the schedule and projects", function()
    assert.same({ 0.22, 0.24 }, compared():ratio({ series = "reserve", statistic = "p95" }).load)
    assert.same({ 10, 10 }, compared():ratio({ series = "reserve", statistic = "rate" }).load)
    local scheduled = compared():ratio { series = "reserve", from = "schedule" }
    assert.near(0.3, scheduled.baseline[1], 1e-9)
    local own = compared():ratio { series = "reserve", project = "alpha" }
    assert.same({ 0.11, "alpha" }, { own.load[1], own.load_name })
  end)

  it("has no interval where data are missing, and says which", function()
    local few = compared { arms = { solo = { round(0.1, 3) }, all = { round(0.1, 100) } } }
    assert.equal("round 1, solo: p95 of 3 values: at least 20 a round are wanted",
      few:ratio({ series = "reserve", statistic = "p95" }).problem)
    assert.equal("round 1, all: no series 'reserv' was measured (did you mean 'ids.reserve'?)",
      compared():ratio({ series = "reserv" }).problem)
    assert.equal("round 1, all: project beta took no part",
      compared():ratio({ series = "reserve", project = "beta" }).problem)
  end)

  it("says what is wrong with what is asked", function()
    for message, query in pairs {
      ["no statistic is called 'men' %(did you mean 'mean'%?%)"] = { series = "x", statistic = "men" },
      ["series is missing"] = { statistic = "mean" },
      ["from is 'start' or 'schedule', not 'end'"] = { series = "x", from = "end" },
      ["unknown option 'serie' %(did you mean 'series'%?%)"] = { serie = "x" },
      ["no phase 'lod' compares %(did you mean 'load'%?%)"] = { series = "x", phase = "lod" },
    } do
      local ok, err = pcall(function()
        compared():ratio(query)
      end)
      assert.is_false(ok)
      assert.matches(message, err)
    end
    local ok, err = pcall(function()
      comparison.new({}):ratio { series = "x" }
    end)
    assert.is_false(ok)
    assert.matches("nothing was compared", err)
  end)
end)
