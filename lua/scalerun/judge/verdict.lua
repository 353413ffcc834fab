--- The three verdicts, and how many make one.
local verdict = {}

verdict.PASS = "pass"
verdict.FAIL = "fail"
verdict.INCONCLUSIVE = "inconclusive"

local rank = { pass = 1, inconclusive = 2, fail = 3 }

--- Whether the value is a verdict.
---@param value any
---@return boolean
function verdict.is(value)
  return rank[value] ~= nil
end

--- The worst of the list; of none, nothing is known.
---@param list string[]
---@return string
function verdict.worst(list)
  local worst
  for _, one in ipairs(list) do
    if not worst or rank[one] > rank[worst] then
      worst = one
    end
  end
  return worst or verdict.INCONCLUSIVE
end

return verdict
