--- Turns what a matcher found into its expectation's one check.
local evidence = require "scalerun.judge.evidence"
local verdict = require "scalerun.judge.verdict"

local conclude = {}

conclude.NO_DATA = "nothing was measured"

--- Reports the check.
---@param expectation scale.Expectation
---@param holds boolean|string true, false or a verdict
---@param observed any
---@param expected any
---@param items (table|string)[]? evidence
---@param more { timing: boolean?, comparison: table?, share: table? }? timing: a generator at its limit spoils it;
---  the others are what the report shows beside the check
function conclude.check(expectation, holds, observed, expected, items, more)
  local outcome = holds
  if type(holds) == "boolean" then
    outcome = holds and verdict.PASS or verdict.FAIL
  end
  expectation.report({
    name = expectation.name,
    verdict = outcome,
    observed = observed,
    expected = expected,
    evidence = evidence.items(items),
  }, more or {})
end

return conclude
