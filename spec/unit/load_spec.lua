local compare = require "scalerun.compare"
local load = require "scalerun.load"
local pauses = require "scalerun.pauses"

local function refused(fn, ...)
  local ok, refusal = pcall(fn, ...)
  assert.is_false(ok)
  return tostring(refusal)
end

local function with(base, changes)
  local copy = {}
  for _, values in ipairs { base, changes } do
    for key, value in pairs(values) do
      copy[key] = value
    end
  end
  return copy
end

local closed = { executor = "per-project-iterations", iterations = 10 }
local constant = { executor = "constant-arrival-rate", rate = 100, duration = "10s" }
local ramping = { executor = "ramping-arrival-rate", stages = { { duration = "10s", rate = 50 } } }

describe("a load", function()
  it("has defaults, and durations in seconds", function()
    assert.same({ executor = "constant-arrival-rate", rate = 100.0, duration = 10.0, users = 50, start = "together",
      warmup = 2.0, max_late = 0.05 }, load.check("s", with(constant, { warmup = "2s", max_late = "50ms" })))
    assert.same({ executor = "ramping-arrival-rate", users = 3, start = "together", rate = 5.0,
      stages = { { duration = 10.0, rate = 50.0 }, { duration = 5.0, rate = 0.0 } } },
      load.check("s", { executor = "ramping-arrival-rate", users = 3, rate = 5,
        stages = { { duration = "10s", rate = 50 }, { duration = 5, rate = 0 } } }))
    assert.is_true(load.check("s", with(ramping, { shared = true })).shared)
    assert.is_false(load.check("s", with(constant, { shared = false })).shared)
    assert.same({ distribution = "constant", value = 0.2 }, load.check("s", with(closed, { think = "200ms" })).think)
  end)

  for name, case in pairs {
    ["no iterations"] = { closed, { iterations = 0 }, "load.iterations must be at least 1, not 0" },
    ["no users"] = { closed, { users = 0 }, "load.users must be at least 1, not 0" },
    ["too many users"] = { constant, { users = 20000 }, "load.users must be at most 10000" },
    ["no rate"] = { { executor = "constant-arrival-rate", duration = 1 }, {}, "constant%-arrival%-rate needs rate" },
    ["a rate of nothing"] = { constant, { rate = 0 },
      "rate must be from 1 an hour to 1000000 iterations a second, not 0" },
    ["a rate that is no number"] = { constant, { rate = 0 / 0 }, "rate must be from" },
    ["sharing by a word"] = { constant, { shared = "yes" }, "shared.*must be a? ?boolean" },
    ["to share what does not arrive"] = { closed, { shared = true }, "unknown option 'shared'" },
    ["thinking between arrivals"] = { constant, { think = "1s" }, "unknown option 'think'" },
    ["pacing of arrivals"] = { constant, { pacing = "1s" }, "unknown option 'pacing'" },
    ["a warm-up that leaves nothing"] = { constant, { warmup = "10s" },
      "warmup must be shorter than the load itself %(10 s%)" },
    ["no lateness at all"] = { constant, { max_late = 0 }, "max_late: must be longer than nothing" },
    ["no stages"] = { ramping, { stages = {} }, "stages is a list" },
    ["a stage that is no table"] = { ramping, { stages = { 5 } }, "stages%[1%] must be a table, not a number" },
    ["half a stage"] = { ramping, { stages = { { rate = 5 } } }, "stages%[1%] needs duration and rate" },
    ["a mistyped stage"] = { ramping, { stages = { { rate = 5, duraton = 1 } } }, "did you mean 'duration'" },
    ["a falling rate below nothing"] = { ramping, { stages = { { rate = -1, duration = 1 } } },
      "rate must be from 0 to" },
    ["stages that all rest"] = { ramping, { stages = { { rate = 0, duration = 1 } } },
      "one of them needs a rate above 0" },
    ["another start"] = { closed, { start = "later" }, 'load.start must be "together"' },
  } do
    it("refuses " .. name, function()
      assert.matches(case[3], (refused(load.check, "s", with(case[1], case[2]))))
    end)
  end

  for name, case in pairs {
    ["an unknown distribution"] = { { distribution = "normal" }, "distribution does not know 'normal'" },
    ["no distribution"] = { { mean = "1s" }, "does not know 'none'" },
    ["a part that is missing"] = { { distribution = "uniform", min = "1s" }, "uniform needs min and max" },
    ["a part of another"] = { { distribution = "exponential", mean = 1, sigma = 1 }, "unknown option 'sigma'" },
    ["no span"] = { { distribution = "uniform", min = "2s", max = "1s" }, "min must not be above max" },
    ["a negative spread"] = { { distribution = "lognormal", median = "2s", sigma = -1 }, "sigma must be at least 0" },
    ["a negative pause"] = { -1, "think: %-1 is not a duration" },
  } do
    it("refuses to think with " .. name, function()
      assert.matches(case[2], (refused(load.check, "s", with(closed, { think = case[1] }))))
    end)
  end
end)

describe("a pause", function()
  local function draws(given, count)
    local pause = pauses.read("s", "think", given)
    local list = {}
    for index = 1, count do
      list[index] = pauses.seconds(pause, 42, "alpha/" .. index)
    end
    table.sort(list)
    return list
  end

  local function mean(list)
    local sum = 0
    for _, value in ipairs(list) do
      sum = sum + value
    end
    return sum / #list
  end

  it("is the same for the same seed and place, and another otherwise", function()
    local pause = pauses.read("s", "think", { distribution = "exponential", mean = "1s" })
    local one = pauses.seconds(pause, 42, "alpha/1")
    assert.equal(one, pauses.seconds(pause, 42, "alpha/1"))
    assert.not_equal(one, pauses.seconds(pause, 43, "alpha/1"))
    assert.not_equal(one, pauses.seconds(pause, 42, "alpha/2"))
    assert.not_equal(one, pauses.seconds(pause, 42, "beta/1"))
  end)

  it("follows its distribution", function()
    assert.same({ 0.2, 0.2 }, draws("200ms", 2))
    local uniform = draws({ distribution = "uniform", min = 0, max = 1 }, 10000)
    assert.is_true(uniform[1] >= 0 and uniform[10000] <= 1)
    assert.near(0.5, mean(uniform), 0.02)
    assert.near(0.25, uniform[2500], 0.02)
    local exponential = draws({ distribution = "exponential", mean = 2 }, 10000)
    assert.near(2, mean(exponential), 0.1)
    assert.near(2 * math.log(2), exponential[5000], 0.1)
    local lognormal = draws({ distribution = "lognormal", median = 1, sigma = 0.5 }, 10000)
    assert.near(1, lognormal[5000], 0.03)
    assert.near(math.exp(0.5 * 1.6449), lognormal[9500], 0.1)
  end)

  it("is never longer than its most", function()
    local list = draws({ distribution = "exponential", mean = "1s", most = "1500ms" }, 1000)
    assert.equal(1.5, list[1000])
    assert.equal(1.5, list[990])
  end)
end)

describe("a comparison", function()
  local function check(given)
    return compare.check("s", given, closed)
  end

  it("has two arms, of which each may change the load", function()
    local made = check { solo = {}, all = { iterations = 3, users = 2 } }
    assert.equal("solo", made.baseline)
    assert.equal("all", made.load)
    assert.equal(10, made.arms.solo.load.iterations)
    assert.equal(1, made.arms.solo.projects)
    assert.equal(3, made.arms.all.load.iterations)
    assert.is_nil(made.arms.all.projects)
    assert.same({ 3, 9, 60.0 }, { made.rounds, made.most, made.time })
  end)

  it("turns by its order", function()
    local made = check { direct = { projects = 2 }, balanced = {}, baseline = "direct", order = "ABBA" }
    assert.same({ "direct", "balanced" }, { compare.turns(made, 1) })
    assert.same({ "balanced", "direct" }, { compare.turns(made, 2) })
    assert.same({ "direct", "balanced" }, { compare.turns(made, 3) })
    local other = check { solo = {}, all = {}, order = "BA" }
    assert.same({ "all", "solo" }, { compare.turns(other, 7) })
  end)

  it("gives each round its projects", function()
    local all = { "a", "b", "c" }
    assert.same({ "a" }, compare.projects({ projects = 1 }, 1, all))
    assert.same({ "b" }, compare.projects({ projects = 1 }, 2, all))
    assert.same({ "a" }, compare.projects({ projects = 1 }, 4, all))
    assert.same({ "c", "a" }, compare.projects({ projects = 2 }, 2, all))
    assert.is_nil(compare.projects({ projects = 3 }, 2, all))
    assert.is_nil(compare.projects({}, 2, all))
    assert.same({ "c" }, compare.projects({ projects = { "c" } }, 2, all))
  end)

  for name, case in pairs {
    ["one arm"] = { { solo = {} }, "needs two arms.* it has 1" },
    ["three arms"] = { { solo = {}, all = {}, some = {} }, "it has 3" },
    ["a mistyped key"] = { { solo = {}, all = {}, round = 3 }, "unknown option 'round' %(did you mean 'rounds'%?%)" },
    ["an unknown baseline"] = { { a = {}, b = {}, baseline = "c" },
      "baseline must name one of its arms, a or b, not 'c'" },
    ["no baseline"] = { { a = {}, b = {} }, "baseline must name one of its arms, a or b" },
    ["a wrong load in an arm"] = { { solo = {}, all = { rate = 5 } }, "arm all: load of .*unknown option 'rate'" },
    ["no projects"] = { { solo = { projects = 0 }, all = {} }, "projects must be how many, or a list of ids, not 0" },
    ["an empty list"] = { { solo = { projects = {} }, all = {} }, "projects names none" },
    ["an odd order"] = { { solo = {}, all = {}, order = "ABA" },
      'order is made of AB and BA, such as "ABBA", not "ABA"' },
    ["no order"] = { { solo = {}, all = {}, order = "" }, "order is made of" },
    ["no rounds"] = { { solo = {}, all = {}, rounds = 0 }, "rounds must be at least 1" },
    ["fewer at most"] = { { solo = {}, all = {}, rounds = 5, most = 4 }, "most must be at least rounds %(5%), not 4" },
  } do
    it("refuses " .. name, function()
      assert.matches(case[2], (refused(check, case[1])))
    end)
  end
end)
