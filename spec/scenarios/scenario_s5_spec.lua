-- S5 against the reference target: it passes, and finds what it is meant to find by the checks that are meant to.
local acceptance = require "spec.support.acceptance"
local sandbox = require "scalerun.sandbox"

local SCRIPT = "scripts/scenarios/s5_connection_pool.lua"

describe("S5", function()
  it("passes on the reference target, with any number of projects and replicas", function()
    for _, words in ipairs { { "--projects", "5" }, { "--projects", "2", "--replicas", "3" } } do
      local found = acceptance.run(SCRIPT, "--profile", "quick", table.unpack(words))
      assert.equal(0, found.outcome.status, acceptance.text(found))
      assert.matches("^%d+ of 30 connections at work, 30 in the overload, 0 timeouts$", found.row.summary)
      assert.same({ most = 30, limit = 30 }, found.outcome.report.summary.connections)
    end
  end)

  -- The checks that fail, and what two of them have seen.
  local faults = {
    pool_leak = { failed = { "PostgreSQL sees at most 25 connections at work", "all connections are given back",
      "work uses at most 25 connections" }, seen = { ["all connections are given back"] = 15,
      ["work uses at most 25 connections"] = 30 } },
    pool_unbounded = { failed = { "PostgreSQL never sees more than 30 connections of a pool",
      "no pool ever uses more than 30" }, seen = { ["no pool ever uses more than 30"] = 45 } },
    pool_timeout = { failed = { "no iteration fails", "no request fails in the overload",
      "nobody waits in vain for a connection" }, seen = {} },
    pool_hoard = { failed = { "the overflow's connections are closed afterwards" },
      seen = { ["the overflow's connections are closed afterwards"] = 30 } },
    metrics_lie = { failed = { "PostgreSQL and the target count the same connections" }, seen = {} },
  }
  for fault, expected in pairs(faults) do
    it(("finds %s"):format(fault), function()
      local found = acceptance.run(SCRIPT, "--profile", "quick", "--fault", fault)
      assert.equal(1, found.outcome.status, acceptance.text(found))
      assert.same(expected.failed, found.failed)
      for name, value in pairs(expected.seen) do
        assert.equal(value, found.checks[name].observed, name)
      end
    end)
  end

  it("tells the requests that waited in vain", function()
    local found = acceptance.run(SCRIPT, "--profile", "quick", "--fault", "pool_timeout")
    assert.matches("ids%.next: GET /ids/next%S+ answered 503", acceptance.evidence(found, "no iteration fails"))
  end)

  it("leaves to the database what only that can tell", function()
    local box <close> = sandbox.start { tasks = 10 }
    local found = acceptance.run(SCRIPT, "--profile", "quick", "--target", box.url, "--keys", box.keys_file)
    assert.equal(2, found.outcome.status, acceptance.text(found))
    assert.equal(4, #found.undecided, acceptance.text(found))
    for _, name in ipairs(found.undecided) do
      assert.matches("give %-%-database DSN", found.checks[name].observed)
    end
    local whole = acceptance.run(SCRIPT, "--profile", "quick", "--target", box.url, "--keys", box.keys_file,
      "--database", box.dsn)
    assert.equal(0, whole.outcome.status, acceptance.text(whole))
  end)
end)
