-- S6 against the reference target: it passes, and finds what it is meant to find by the check that is meant to.
local acceptance = require "spec.support.acceptance"
local sandbox = require "scalerun.sandbox"

local SCRIPT = "scripts/scenarios/s6_artifact_isolation.lua"

describe("S6", function()
  it("passes on the reference target, with any number of projects and replicas", function()
    for _, words in ipairs { {}, { "--projects", "2", "--replicas", "2" } } do
      local found = acceptance.run(SCRIPT, "--profile", "quick", table.unpack(words))
      assert.equal(0, found.outcome.status, acceptance.text(found))
      assert.equal("pass", found.checks["every file lies in its project's folder"].verdict)
    end
  end)

  -- The check that finds the fault, and what is in its evidence.
  local faults = {
    artifact_shared_path = { "every file lies in its project's folder", "^ai%-agent/VIS%-001 is not there" },
    artifact_cross_read = { "artifacts that only others have are not there",
      "ai%-agent asked for VIS%-002 %(alpha's%): it was sent" },
    artifact_torn_write = { "texts are never seen half-written", "was sent %d+ bytes of EPIC%-001 that nobody has" },
    artifact_listing_leak = { "listings show own artifacts only", "ai%-agent is listed EPIC%-001, 2 times" },
    path_traversal = { "no id leads out of the project", "asked for %.%./alpha/VIS%-002 %(alpha's%): it was sent" },
  }
  for fault, expected in pairs(faults) do
    it("finds " .. fault, function()
      local found = acceptance.finds(SCRIPT, fault, expected[1])
      assert.matches(expected[2], acceptance.evidence(found, expected[1]))
    end)
  end

  it("decides the same on a deployment, over ids that nobody has, and looks at files where it is told where", function()
    local box <close> = sandbox.start { tasks = 10, reserve_rate = 0 }
    local words = { "--profile", "quick", "--target", box.url, "--keys", box.keys_file }
    local found = acceptance.run(SCRIPT, table.unpack(words))
    assert.equal(0, found.outcome.status, acceptance.text(found))
    assert.is_nil(found.checks["every file lies in its project's folder"])
    found = acceptance.run(SCRIPT, "--set", "artifacts_dir=" .. box.artifacts_dir, table.unpack(words))
    assert.equal(0, found.outcome.status, acceptance.text(found))
    assert.equal("pass", found.checks["every file lies in its project's folder"].verdict)
  end)
end)
