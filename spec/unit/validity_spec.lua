local strain = require "scalerun.run.strain"
local validity = require "scalerun.judge.validity"

describe("the generator's validity", function()
  local function phase(more)
    local made = { name = "load", duration = 2, iterations = 1000, late = 0, dropped = 0, skew = 0.001,
      gc_longest = 0.002,
      loop_longest = 0.01, loop_busy = 0.4, cpu_share = 0.4, clock_jump = 0.0001 }
    for key, value in pairs(more or {}) do
      made[key] = value
    end
    return made
  end

  it("is given where nothing is past a limit", function()
    local found = validity.judge { phase(), phase { skew = 0.02 } }
    assert.equal("valid", found.verdict)
    assert.same({}, found.findings)
    assert.same({ 2000, 0, 0.02, 0.01 }, { found.iterations, found.dropped, found.start_skew, found.loop_longest })
  end)

  local spoilt = {
    ["late starts"] = { late = 11 },
    ["dropped arrivals"] = { dropped = 2 },
    ["lateness p99"] = { lateness = { count = 10, p99 = 0.06 } },
    ["start skew"] = { skew = 0.2 },
    ["loop lag"] = { loop_longest = 0.3 },
    ["loop busy"] = { loop_busy = 0.95 },
    ["collector pause"] = { gc_longest = 0.2 },
    ["own CPU"] = { cpu_share = 0.97 },
    ["clock jump"] = { clock_jump = 3600 },
  }

  for name, more in pairs(spoilt) do
    it("is lost by " .. name, function()
      local found = validity.judge { phase(), phase(more) }
      assert.equal("invalid", found.verdict)
      assert.equal(1, #found.findings)
      assert.equal(name, found.findings[1].name)
      assert.is_true(found.findings[1].observed > found.findings[1].limit)
    end)
  end

  it("has a case here for each limit", function()
    for _, limit in ipairs(validity.limits) do
      assert.is_not_nil(spoilt[limit.name], limit.name)
    end
  end)

  it("is told with phase, number and limit", function()
    local found = validity.judge { phase { name = "rush", arm = "all", round = 2, cpu_share = 0.97 } }
    assert.equal("phase rush, all, round 2: a thread of the generator took 97 % of a processor, at most 90 % leaves "
      .. "it some", found.findings[1].text)
  end)

  it("takes no share of the time of a phase that is too short for one", function()
    assert.equal("valid", validity.judge({ phase { duration = 0.1, cpu_share = 1.5, loop_busy = 1 } }).verdict)
  end)

  it("does not fail for what a phase does not tell", function()
    assert.equal("valid", validity.judge({ { name = "load", skew = 0.001 } }).verdict)
  end)
end)

describe("the strain of a phase", function()
  local function project(took, busy)
    return { iterations = 1, failed = 0, late = 0, dropped = 0, warmup = {}, started = 10, ended = 10 + took,
      gc = { count = 0, unmeasured = 0, total = 0, longest = 0 }, loop_longest = busy, loop_busy = busy, cpu = busy }
  end

  local function row(...)
    local result = { started = 10, ended = 13, skew = 0, projects = { ... } }
    return strain.row({ name = "load", executor = "per-project-iterations" }, result, strain.watch_clock(), function()
      return { get = function() end }
    end)
  end

  it("is the busiest project's share of its own time", function()
    local found = row(project(2, 0.5), project(3, 2.4))
    assert.near(0.8, found.cpu_share, 1e-9)
    assert.near(0.8, found.loop_busy, 1e-9)
  end)

  it("is not that of a project which was done at once", function()
    local found = row(project(3, 0.3), project(0.0001, 0.00017))
    assert.near(0.1, found.cpu_share, 1e-9)
    assert.near(0.1, found.loop_busy, 1e-9)
  end)
end)
