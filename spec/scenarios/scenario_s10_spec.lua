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

  -- The checks that may find the fault: what comes at every tenth call may come to one of them alone.
  local faults = {
    slow_tail = { "slow requests are rare" },
    slow_resources = { "documents are served in time", "documents are served in time over REST" },
    slow_tools = { "the validator answers in time", "tools answer in time" },
    slow_health = { "health answers in time" },
    health_lies = { "health tells how redis is" },
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
      for _, name in ipairs(found.failed) do
        assert.is_true(meant[name], name .. "\n" .. acceptance.text(found))
      end
    end)
  end

  it("says on a deployment what it could not decide", function()
    local box <close> = sandbox.start { tasks = 10, reserve_rate = 0 }
    local found = acceptance.run(SCRIPT, "--profile", "quick", "--target", box.url, "--keys", box.keys_file)
    assert.equal(2, found.outcome.status, acceptance.text(found))
    assert.same({ "health tells how database is", "health tells how redis is" }, found.undecided)
  end)
end)
