-- Against published values: NIST/SEMATECH e-Handbook of Statistical Methods, NIST's Statistical Reference Datasets
-- (StRD), R's documentation and the papers that the functions name.
local special = require "scalerun.stats.special"
local stats = require "scalerun.stats"

local function near(expected, found, tolerance)
  local far = math.abs(expected - found)
  assert.is_true(far <= (tolerance or 1e-9), ("%.15g, wanted %.15g"):format(found, expected))
end

describe("special functions", function()
  it("know the critical values of Student's t (e-Handbook 1.3.6.7.2)", function()
    near(4.303, special.t_quantile(0.975, 2), 5e-4)
    near(2.228, special.t_quantile(0.975, 10), 5e-4)
    near(2.764, special.t_quantile(0.99, 10), 5e-4)
    near(-1.984, special.t_quantile(0.025, 100), 5e-4)
    near(1.9723, special.t_quantile(0.975, 194), 5e-5) -- 1.3.5.2, ZARR13.DAT
  end)

  it("know the upper critical values of chi-square (e-Handbook 1.3.6.7.4)", function()
    for df, critical in pairs { [1] = 3.841, [2] = 5.991, [10] = 18.307, [100] = 124.342 } do
      local _, q = special.incomplete_gamma(df / 2, critical / 2)
      near(0.05, q, 5e-5)
    end
  end)

  it("know the normal distribution (Abramowitz and Stegun, table 26.1)", function()
    near(0.841344746068543, special.normal_cdf(1), 1e-12)
    near(0.977249868051821, special.normal_cdf(2), 1e-12)
    near(2.866515718792e-7, special.normal_cdf(-5), 1e-15)
    near(1.959963984540054, special.normal_quantile(0.975), 1e-9)
    near(-2.326347874040841, special.normal_quantile(0.01), 1e-9)
  end)

  it("have exact values where there are any", function()
    near(math.log(math.sqrt(math.pi)), special.log_gamma(0.5), 1e-13)
    near(math.log(362880), special.log_gamma(10), 1e-11)
    near(11 / 16, special.incomplete_beta(0.5, 2, 3), 1e-13)
    near(1 - math.exp(-3), (special.incomplete_gamma(1, 3)), 1e-13)
  end)
end)

describe("mean and spread", function()
  -- StRD NumAcc3 and NumAcc4: values around 1e6 and 1e7 that differ in the first decimal.
  for name, level in pairs { NumAcc2 = 1, NumAcc3 = 1000000, NumAcc4 = 10000000 } do
    it("agree with StRD " .. name, function()
      local values = { level + 0.2 }
      for _ = 1, 500 do
        values[#values + 1] = level + 0.1
        values[#values + 1] = level + 0.3
      end
      near(level + 0.2, stats.mean(values), 1e-8)
      near(0.1, stats.stddev(values), 1e-8)
      near(0.1 / (level + 0.2), stats.cv(values), 1e-8)
    end)
  end

  it("are nothing of nothing", function()
    assert.is_nil(stats.mean {})
    assert.is_nil(stats.stddev { 1 })
    assert.is_nil(stats.cv { -1, 1 })
    assert.is_nil(stats.percentile({}, 50))
  end)
end)

describe("percentiles", function()
  it("agree with R's quantile(1:10, type = 8)", function()
    local values = { 10, 9, 8, 7, 6, 5, 4, 3, 2, 1 }
    near(9.6333333333, stats.percentile(values, 90), 1e-9)
    near(2.9166666667, stats.percentile(values, 25), 1e-9)
    near(5.5, stats.percentile(values, 50))
    assert.same({ 1, 10 }, { stats.percentile(values, 0), stats.percentile(values, 100) })
  end)

  it("have the ranks of the median's 95 % interval (Conover, table of the sign test)", function()
    for count, ranks in pairs { [6] = { 1, 6 }, [10] = { 2, 9 }, [20] = { 6, 15 }, [25] = { 8, 18 } } do
      assert.same(ranks, { stats.rank_interval(count, 50) })
    end
  end)

  it("have no upper end while too few values are there: 59 for p95 at one-sided 95 % (Wilks 1941)", function()
    local _, high = stats.rank_interval(58, 95, 0.9)
    assert.is_nil(high)
    _, high = stats.rank_interval(59, 95, 0.9)
    assert.equal(59, high)
  end)

  it("have about the same ranks exactly and by the normal approximation", function()
    local low, high = stats.rank_interval(1000, 95)
    local low_next, high_next = stats.rank_interval(1001, 95)
    assert.is_true(math.abs(low - low_next) <= 1 and math.abs(high - high_next) <= 2)
  end)

  it("widen their interval by the histogram's error", function()
    local found = stats.percentile_interval(function(percent)
      return math.ceil(percent * 10)
    end, 1000, 95)
    assert.equal(950, found.value)
    local low, high = stats.rank_interval(1000, 95)
    near(low * 0.999, found.low, 1e-6)
    near(high * 1.001, found.high, 1e-6)
    assert.is_nil(stats.percentile_interval(error, 0, 95))
  end)
end)

describe("shares", function()
  it("agree with Mendel's peas, 9 : 3 : 3 : 1", function()
    local found = stats.chi_square({ 315, 108, 101, 32 }, { 9, 3, 3, 1 })
    near(0.470, found.statistic, 5e-4)
    assert.equal(3, found.df)
    near(0.9254, found.p, 5e-5)
    near(34.75, found.least)
  end)

  it("agree with the example of R's chisq.test", function()
    local found = stats.chi_square({ 89, 37, 30, 28, 2 }, { 40, 20, 20, 15, 5 })
    near(9.9901, found.statistic, 5e-5)
    near(0.04059, found.p, 5e-6)
  end)

  it("are nothing of nothing", function()
    assert.is_nil(stats.chi_square { 0, 0 })
    assert.is_nil(stats.chi_square { 5 })
    assert.is_nil(stats.jain { 0, 0 })
  end)

  it("have Jain's index: 20 of 100 users served alike are 0.2 (Jain, Chiu and Hawe 1984)", function()
    local served = {}
    for index = 1, 100 do
      served[index] = index <= 20 and 5 or 0
    end
    near(0.2, stats.jain(served))
    near(1, stats.jain { 3, 3, 3 })
    near(36 / 42, stats.jain { 1, 2, 3 })
  end)
end)

describe("the paired ratio", function()
  local function rounds(logs, level)
    local baseline, load = {}, {}
    for index, log in ipairs(logs) do
      baseline[index], load[index] = level or 1, (level or 1) * math.exp(log)
    end
    return baseline, load
  end

  it("has Student's interval of the log ratios", function()
    local baseline, load = rounds({ -1, 0, 1 }, 7)
    local found = stats.ratio { baseline = baseline, load = load }
    near(1, found.ratio)
    near(4.302652729749 / math.sqrt(3), math.log(found.high), 1e-9)
    near(-math.log(found.high), math.log(found.low), 1e-9)
    assert.same({ 3, "student t", 0.95 }, { found.rounds, found.method, found.confidence })
  end)

  -- Student's sleep data, R's t.test(extra ~ group, paired = TRUE): mean -1.58, interval -2.459886 … -0.7001142.
  it("bootstraps many rounds, near Student's own interval, the same with the same seed", function()
    local baseline, load = rounds { -1.2, -2.4, -1.3, -1.3, 0.0, -1.0, -1.8, -0.8, -4.6, -1.4 }
    local function find(seed)
      return stats.ratio { baseline = baseline, load = load, seed = seed }
    end
    local found = find(1)
    assert.equal("studentised bootstrap", found.method)
    near(-1.58, math.log(found.ratio), 1e-9)
    -- The one large value is on the low side, and so is more of the interval.
    assert.is_true(math.log(found.low) < -2.4 and math.log(found.low) > -4)
    near(-0.8, math.log(found.high), 0.2)
    assert.same(found, find(1))
    assert.not_same(found, find(2))
  end)

  it("takes the values of rounds, of arms of different size", function()
    local found = stats.ratio { baseline = { { 1, 3 }, { 2, 2 } }, load = { { 4, 4, 4 }, { 4 } } }
    near(2, found.ratio)
    assert.same({ { 2, 2 }, { 4, 4 } }, { found.baseline, found.load })
    local values = {}
    for index = 1, 20 do
      values[index] = index
    end
    found = stats.ratio { baseline = { values, values }, load = { values, values }, statistic = "p95" }
    near(stats.percentile(values, 95), found.baseline[1])
  end)

  it("has no interval without enough data, and says why", function()
    local few = stats.ratio { baseline = { { 1, 2 }, { 1, 2 } }, load = { { 1, 2 }, { 1, 2 } }, statistic = "p95" }
    assert.equal("round 1, baseline: p95 of 2 values: at least 20 a round are wanted", few.problem)
    local one = stats.ratio { baseline = { 1 }, load = { 1.5 } }
    assert.equal(1.5, one.ratio)
    assert.matches("^one round does not show", one.problem)
    assert.matches("no round has both arms", stats.ratio({ baseline = {}, load = { 1 } }).problem)
    assert.equal("round 1, load: mean is 0", stats.ratio({ baseline = { 1, 1 }, load = { 0, 1 } }).problem)
    for _, found in ipairs { few, one } do
      assert.is_nil(found.low)
      assert.equal("undecided", (stats.sequential(found, 1.1)))
    end
  end)

  it("refuses statistics that it cannot make of values", function()
    assert.has_error(function()
      stats.ratio { baseline = { { 1 } }, load = { { 1 } }, statistic = "p9" }
    end)
  end)
end)

describe("the sequential decision", function()
  local function decide(low, high, ...)
    return table.pack(stats.sequential({ low = low, high = high }, ...))
  end

  it("passes below the limit, fails above it, else goes on", function()
    assert.equal("pass", decide(0.99, 1.09, 1.10)[1])
    assert.equal("fail", decide(1.11, 1.30, 1.10)[1])
    assert.equal("undecided", decide(1.05, 1.15, 1.10)[1])
    assert.equal("undecided", decide(1.05, 1.10, 1.10)[1])
    assert.equal("undecided", decide(nil, nil, 1.10)[1])
  end)

  it("tolerates what is in the band, and says so", function()
    assert.same({ "pass", false, n = 2 }, decide(1.00, 1.09, 1.10, 0.05))
    assert.same({ "pass", true, n = 2 }, decide(1.08, 1.13, 1.10, 0.05))
    assert.same({ "pass", true, n = 2 }, decide(1.11, 1.14, 1.10, 0.05))
    assert.equal("undecided", decide(1.11, 1.16, 1.10, 0.05)[1])
    assert.equal("fail", decide(1.16, 1.20, 1.10, 0.05)[1])
  end)

  it("knows limits from above", function()
    assert.equal("pass", decide(0.95, 1.0, 0.9, 0, "above")[1])
    assert.equal("fail", decide(0.7, 0.85, 0.9, 0, "above")[1])
    assert.same({ "pass", true, n = 2 }, decide(0.87, 0.95, 0.9, 0.05, "above"))
    assert.equal("undecided", decide(0.85, 0.95, 0.9, nil, "above")[1])
  end)

  it("is the more careful the more looks there are", function()
    assert.equal(0.95, stats.confidence(1))
    assert.equal(0.975, stats.confidence(7))
    assert.equal(0.99, stats.confidence(1000))
  end)
end)
