-- S10 against the reference target: it passes, and finds what it is meant to find by the check that is meant to.
local acceptance = require "spec.support.acceptance"
local sandbox = require "scalerun.sandbox"

local SCRIPT = "scripts/scenarios/s10_service_levels.lua"

describe("S10", function()
  it("passes on the reference target", function()
    local found = acceptance.run(SCRIPT, "--profile", "quick")
    assert.equal(0, found.outcome.status, acceptance.text(found))
    assert.matches("1000 requests at 100/s with p99", found.row.summary)
  end)

  -- The check that finds the fault, and those that may: what comes at every tenth call may come to one of them alone.
  local faults = {
    slow_tail = { "slow requests are rare", "tasks.next scheduled p99 < 200ms" },
    slow_resources = { alone = true, "documents are served in time", "documents are served in time over REST" },
    slow_tools = { alone = true, "the validator answers in time", "tools answer in time" },
    slow_health = { "health answers in time" },
    health_lies = { "health tells how redis is" },
    metrics_lie = { "clients and target count the same requests" },
    duplicate_id = { "all reserved ids differ" },
    allocation_conflict = { "50 reservations at once give 300 ids", "no iteration fails" },
  }
  for fault, expected in pairs(faults) do
    local meant = {}
    for _, name in ipairs(expected) do
      meant[name] = true
    end
    it("finds " .. fault, function()
      local found = acceptance.run(SCRIPT, "--profile", "quick", "--fault", fault)
      assert.equal(1, found.outcome.status, acceptance.text(found))
      assert.is_true(#found.failed > 0, acceptance.text(found))
      assert.is_true(expected.alone or found.checks[expected[1]].verdict == "fail", acceptance.text(found))
      for _, name in ipairs(found.failed) do
        assert.is_true(meant[name], name .. "\n" .. acceptance.text(found))
      end
    end)
  end

  it("sends 100 requests a second however many projects there are, and counts them over all replicas", function()
    local found = acceptance.run(SCRIPT, "--profile", "quick", "--projects", "20", "--replicas", "2")
    assert.equal(0, found.outcome.status, acceptance.text(found))
    local rate = found.row.phases[3]
    assert.same({ "rate", 1000 }, { rate.name, rate.iterations + rate.dropped })
    assert.matches("GET /tasks/next: 1020 by the clients, 1020 by the target's",
      found.checks["clients and target count the same requests"].observed)
  end)

  it("cannot tell what was counted by replicas whose metrics it does not reach", function()
    local box <close> = sandbox.start { tasks = 10, reserve_rate = 0, replicas = 2 }
    local found = acceptance.run(SCRIPT, "--profile", "quick", "--target", box.url, "--keys", box.keys_file,
      "--database", box.dsn, "--redis", box.redis_url)
    assert.equal(2, found.outcome.status, acceptance.text(found))
    assert.same({ "clients and target count the same requests" }, found.undecided)
    assert.matches("nothing by the target's metric .*give %-%-replica%-urls",
      found.checks[found.undecided[1]].observed)
  end)

  it("says on a deployment what it could not decide", function()
    local box <close> = sandbox.start { tasks = 10, reserve_rate = 0 }
    local found = acceptance.run(SCRIPT, "--profile", "quick", "--target", box.url, "--keys", box.keys_file)
    assert.equal(2, found.outcome.status, acceptance.text(found))
    assert.same({ "health tells how database is", "health tells how redis is" }, found.undecided)
  end)
end)
