-- S8 against the reference target: it passes, and finds what it is meant to find by the check that is meant to.
local acceptance = require "spec.support.acceptance"
local sandbox = require "scalerun.sandbox"

local SCRIPT = "scripts/scenarios/s8_stateless_servers.lua"
local EVERYWHERE = "every replica shows what each project did"
local RESTARTED = "nothing is lost when all replicas restart"
local QUEUES = "queues in Redis are their project's alone"

describe("S8", function()
  it("passes on the reference target, with any number of projects and replicas", function()
    for _, words in ipairs { {}, { "--projects", "2", "--replicas", "3" } } do
      local found = acceptance.run(SCRIPT, "--profile", "quick", table.unpack(words))
      assert.equal(0, found.outcome.status, acceptance.text(found))
      assert.matches("^all seen through [23] replicas and after a restart", found.row.summary)
    end
  end)

  -- The check that finds the fault, and what is in its evidence.
  local faults = {
    sticky_state = { RESTARTED, "artifact the server answered with error %-32002" },
    stale_read = { EVERYWHERE, "through [ab]: 0 of 3 tasks, the first not there" },
    connection_context_bleed = { "connections keep nothing of who used them",
      "[%w-]+ was sent [%w-]+'s task [%w-]+: GET /tasks" },
    queue_shared = { QUEUES, "queue:shared belongs to no project" },
    queue_foreign = { QUEUES, "queue:[%w-]+ holds TASK%-%d+, which is no pending task of it" },
  }
  for fault, expected in pairs(faults) do
    it("finds " .. fault, function()
      local found = acceptance.run(SCRIPT, "--profile", "quick", "--fault", fault)
      assert.equal(1, found.outcome.status, acceptance.text(found))
      assert.equal("fail", found.checks[expected[1]].verdict, acceptance.text(found))
      assert.matches(expected[2], acceptance.evidence(found, expected[1]))
    end)
  end

  it("says on a deployment what it could not decide", function()
    local box <close> = sandbox.start { tasks = 10, reserve_rate = 0 }
    local found = acceptance.run(SCRIPT, "--profile", "quick", "--target", box.url, "--keys", box.keys_file)
    assert.equal(2, found.outcome.status, acceptance.text(found))
    assert.same({ EVERYWHERE, RESTARTED, QUEUES }, found.undecided)
    assert.matches("%-%-replica%-urls", found.checks[EVERYWHERE].observed)
    assert.matches("%-%-redis URL", found.checks[QUEUES].observed)
  end)
end)
