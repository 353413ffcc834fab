local judge = require "scalerun.judge"
local values = require "scalerun.judge.values"

describe("judge", function()
  local run

  before_each(function()
    run = judge.new()
  end)

  local function only()
    assert.equal(1, #run.checks)
    return run.checks[1]
  end

  local function recorded(name, list, project)
    local made = values.new(name)
    for index, value in ipairs(list) do
      values.add(made, value, { project = project or "alpha", iteration = index })
    end
    return made
  end

  describe("numbers", function()
    it("compare with what is expected", function()
      run:expect("all succeed"):count(50):equals(50)
      assert.same({ name = "all succeed", verdict = "pass", observed = 50, expected = 50, evidence = {} }, only())
    end)

    it("fail with both values shown", function()
      run:expect("all succeed"):count(49):equals(50)
      assert.equal("fail", only().verdict)
      assert.equal(49, only().observed)
    end)

    for name, given in pairs {
      at_most = { 5, good = 5, bad = 6 },
      at_least = { 5, good = 5, bad = 4 },
      between = { 1, 2, good = 2, bad = 3 },
    } do
      it("know " .. name, function()
        local good = run:expect("good"):value(given.good)
        good[name](good, table.unpack(given))
        local bad = run:expect("bad"):value(given.bad)
        bad[name](bad, table.unpack(given))
        assert.equal("pass", run.checks[1].verdict)
        assert.equal("fail", run.checks[2].verdict)
      end)
    end

    it("are inconclusive when there is none", function()
      run:expect("nothing"):count(nil):equals(0)
      assert.equal("inconclusive", only().verdict)
      assert.equal("nothing was measured", only().observed)
    end)

    it("are inconclusive when NaN", function()
      run:expect("mean of nothing"):value(0 / 0):at_most(1)
      assert.equal("inconclusive", only().verdict)
    end)

    it("are inconclusive when counted among nothing", function()
      run:expect("no failures"):count(0, { of = 0 }):equals(0)
      assert.equal("inconclusive", only().verdict)
    end)

    it("fail at zero where the count says so", function()
      run:expect("all succeed"):count(0):equals(50)
      assert.equal("fail", only().verdict)
    end)

    it("refuse what is not a number", function()
      assert.has_error(function()
        run:expect("x"):count("50")
      end)
      assert.has_error(function()
        run:expect("x"):count(50):equals(nil)
      end)
    end)
  end)

  describe("truth values", function()
    it("are judged", function()
      run:expect("yes"):value(true):is_true()
      run:expect("no"):value(true):is_false()
      run:expect("unknown"):value(nil):is_true()
      assert.equal("pass", run.checks[1].verdict)
      assert.equal("fail", run.checks[2].verdict)
      assert.equal("inconclusive", run.checks[3].verdict)
    end)

    it("are not numbers", function()
      assert.has_error(function()
        run:expect("x"):count(1):is_true()
      end)
    end)
  end)

  describe("unique", function()
    it("passes when all differ", function()
      run:expect("ids"):values({ "a", "b" }):unique()
      assert.equal("pass", only().verdict)
      assert.equal("2 different of 2", only().observed)
    end)

    it("names every repeated value and who had it", function()
      run:expect("ids"):values(recorded("id", { "US-001", "US-002", "US-001", "US-001" })):unique()
      local check = only()
      assert.equal("fail", check.verdict)
      assert.equal("2 different of 4", check.observed)
      assert.equal(1, #check.evidence)
      assert.equal("US-001", check.evidence[1].value)
      assert.equal(3, #check.evidence[1].by)
      assert.matches("alpha, iteration 1; alpha, iteration 3", check.evidence[1].text)
    end)

    it("is inconclusive on nothing, naming what was to be recorded", function()
      run:expect("ids"):values(recorded("id", {})):unique()
      assert.equal("inconclusive", only().verdict)
      assert.equal("nothing was recorded as 'id'", only().observed)
    end)

    it("does not compare tables", function()
      assert.has_error(function()
        run:expect("ids"):values({ {}, {} }):unique()
      end)
    end)
  end)

  describe("sequence", function()
    it("passes on exactly the ids, in any order", function()
      run:expect("ids"):values({ "US-003", "US-001", "US-002" }):sequence("US-001", "US-003")
      assert.equal("pass", only().verdict)
      assert.equal("US-001…US-003", only().observed)
    end)

    it("passes over the thousand", function()
      run:expect("ids"):values({ "US-999", "US-1000" }):sequence("US-999", "US-1000")
      assert.equal("pass", only().verdict)
    end)

    it("names what is missing, extra and repeated", function()
      local ids = { "US-001", "US-001", "US-004", "SPEC-002", "US-0003", "3" }
      run:expect("ids"):values(recorded("id", ids)):sequence("US-001", "US-003")
      local check = only()
      assert.equal("fail", check.verdict)
      assert.equal("1 of 3, 2 missing, 4 extra, 1 repeated", check.observed)
      local texts = {}
      for index, item in ipairs(check.evidence) do
        texts[index] = item.text
      end
      assert.same({
        "US-002 is missing",
        "US-003 is missing",
        "US-004 is extra: alpha, iteration 3",
        "SPEC-002 is extra: alpha, iteration 4",
        "US-0003 is extra: alpha, iteration 5",
        "3 is extra: alpha, iteration 6",
        "US-001 is repeated: alpha, iteration 2",
      }, texts)
    end)

    it("is inconclusive on nothing", function()
      run:expect("ids"):values({}):sequence("US-001", "US-003")
      assert.equal("inconclusive", only().verdict)
    end)

    it("refuses ends that are none", function()
      for _, ends in ipairs { { "US-1", "US-003" }, { "US-001", "SPEC-003" }, { "US-003", "US-001" } } do
        assert.has_error(function()
          run:expect("ids"):values({ "US-001" }):sequence(ends[1], ends[2])
        end)
      end
    end)
  end)

  describe("all_equal", function()
    it("names those that differ", function()
      run:expect("unchanged"):values(recorded("status", { "pending", "completed" })):all_equal("pending")
      assert.equal("fail", only().verdict)
      assert.equal("1 of 2 are pending", only().observed)
      assert.equal("completed: alpha, iteration 2", only().evidence[1].text)
    end)

    it("is inconclusive on nothing", function()
      run:expect("unchanged"):values(nil):all_equal("pending")
      assert.equal("inconclusive", only().verdict)
    end)
  end)

  describe("none", function()
    it("passes when something was looked at and nothing found", function()
      run:expect("no leak"):none({}, { among = 12, what = "responses" })
      assert.equal("pass", only().verdict)
      assert.equal("0 of 12 responses", only().observed)
    end)

    it("is inconclusive when nothing was looked at", function()
      run:expect("no leak"):none({}, { among = 0 })
      assert.equal("inconclusive", only().verdict)
    end)

    it("fails with what was found", function()
      run:expect("no leak"):none({ { text = "alpha saw beta's marker", project = "alpha" } }, { among = 3 })
      assert.equal("fail", only().verdict)
      assert.equal("alpha", only().evidence[1].project)
    end)

    it("is inconclusive when the same search does not find what it must", function()
      run:expect("no leak"):none({}, { among = 12, control = 0 })
      assert.equal("inconclusive", only().verdict)
      run:expect("no leak"):none({}, { among = 12, control = 3 })
      assert.equal("pass", run.checks[2].verdict)
      assert.equal("0 of 12 looked at, 3 controls held", run.checks[2].observed)
    end)

    it("must be told among how many", function()
      assert.has_error(function()
        run:expect("no leak"):none({})
      end)
    end)
  end)

  describe("refused", function()
    it("passes beside a control that held", function()
      run:expect("writes"):refused { attempt = { true, { refused = true } }, control = { true } }
      assert.equal("pass", only().verdict)
      assert.equal("2 of 2 refused, 1 of 1 controls held", only().observed)
    end)

    it("is inconclusive when the control did not hold, or there is none", function()
      run:expect("writes"):refused { attempt = { true }, control = { { held = false, text = "404 for the owner" } } }
      run:expect("writes"):refused { attempt = { true }, control = {} }
      run:expect("writes"):refused { attempt = {}, control = { true } }
      for _, check in ipairs(run.checks) do
        assert.equal("inconclusive", check.verdict)
      end
      assert.equal("404 for the owner", run.checks[1].evidence[1].text)
    end)

    it("fails when an attempt was let in, whatever the controls", function()
      local let_in = { refused = false, text = "alpha changed TASK-001" }
      run:expect("writes"):refused { attempt = { true, let_in }, control = {} }
      assert.equal("fail", only().verdict)
      assert.equal("alpha changed TASK-001", only().evidence[1].text)
    end)

    it("refuses outcomes that say neither", function()
      assert.has_error(function()
        run:expect("writes"):refused { attempt = { {} }, control = { true } }
      end)
    end)
  end)

  describe("evidence of a witness", function()
    it("brings its own verdict", function()
      local found = { verdict = "fail", observed = "49/50", expected = "50/50", evidence = { "US-007" } }
      run:expect("serializable"):evidence(found)
      assert.same({
        name = "serializable",
        verdict = "fail",
        observed = "49/50",
        expected = "50/50",
        evidence = { { text = "US-007" } },
      }, only())
    end)

    it("is inconclusive when there is none", function()
      run:expect("serializable"):evidence(nil)
      assert.equal("inconclusive", only().verdict)
    end)

    it("needs a verdict", function()
      assert.has_error(function()
        run:expect("serializable"):evidence { observed = "50/50" }
      end)
    end)
  end)

  it("has evidence that reads the same once, with how often it occurred", function()
    run:expect("no leak"):none({ "a", { text = "b", x = 1 }, "a", "a" }, { among = 4 })
    assert.same({ { text = "a", repeated = 3 }, { text = "b", x = 1 } }, only().evidence)
  end)

  it("keeps evidence bounded", function()
    local found = {}
    for index = 1, 250 do
      found[index] = "item " .. index
    end
    run:expect("no leak"):none(found, { among = 250 })
    assert.equal(101, #only().evidence)
    assert.equal("and 150 more", only().evidence[101].text)
  end)

  describe("verdict", function()
    it("is the worst of the checks", function()
      run:expect("a"):count(1):equals(1)
      assert.equal("pass", run:verdict())
      run:expect("b"):count(nil):equals(1)
      assert.equal("inconclusive", run:verdict())
      run:expect("c"):count(2):equals(1)
      assert.equal("fail", run:verdict())
      run:expect("d"):count(1):equals(1)
      assert.equal("fail", run:verdict())
    end)

    it("is inconclusive without checks", function()
      assert.equal("inconclusive", run:verdict())
    end)
  end)

  it("knows expectations that say nothing", function()
    run:expect("fine"):count(1):equals(1)
    run:expect("forgotten")
    run:expect("half"):count(2)
    local list = run:unfinished()
    assert.equal(2, #list)
    assert.matches('judge_spec.lua:%d+: expect%("forgotten"%) does not say what must hold', list[1])
    assert.matches("half", list[2])
  end)

  it("makes one check of one expectation", function()
    local expectation = run:expect("twice"):count(1)
    expectation:equals(1)
    assert.has_error(function()
      expectation:equals(2)
    end)
    assert.equal(1, #run.checks)
  end)

  it("wants a name", function()
    assert.has_error(function()
      run:expect("")
    end)
  end)
end)
