-- S4 against the reference target: what five projects at once cost one of them is within its limit, what costs more is
-- found, and the report has the rounds.
local acceptance = require "spec.support.acceptance"

local function run(...)
  return acceptance.run("scripts/scenarios/s4_degradation.lua", "--profile", "quick", ...)
end

describe("S4", function()
  it("passes on the reference target, and compares round by round", function()
    local found = run()
    assert.same({}, found.failed, acceptance.text(found))
    local check = found.checks["a workflow takes at most 10 % longer"]
    assert.equal(4, #found.row.comparisons[1].baseline.values, acceptance.text(found))
    assert.is_true(#check.evidence >= 4, acceptance.text(found))
    assert.is_number(found.outcome.report.summary.degradation.ratio_percent)
  end)

  it("finds requests that take a share longer, which hardly shows in a workflow", function()
    local found = run("--fault", "slow_under_load")
    assert.same({ "a typical request takes at most 20 % longer" }, found.failed, acceptance.text(found))
  end)

  it("finds requests that wait so long that it shows in a workflow", function()
    local found = run("--fault", "wait_under_load")
    assert.equal("fail", found.checks["a workflow takes at most 10 % longer"].verdict, acceptance.text(found))
  end)
end)
