-- S4 against the reference target: what five projects at once cost one of them is within its limit, and the report has
-- the rounds. Its finding of slow_under_load takes the full profile: scalerun selftest --profile full.
local acceptance = require "spec.support.acceptance"

describe("S4", function()
  it("passes on the reference target, and compares round by round", function()
    local found = acceptance.run("scripts/scenarios/s4_degradation.lua", "--profile", "quick")
    assert.same({}, found.failed, acceptance.text(found))
    local check = found.checks["a workflow takes at most 10 % longer"]
    assert.equal(4, #found.row.comparisons[1].baseline.values, acceptance.text(found))
    assert.is_true(#check.evidence >= 4, acceptance.text(found))
    assert.is_number(found.outcome.report.summary.degradation.ratio_percent)
  end)
end)
