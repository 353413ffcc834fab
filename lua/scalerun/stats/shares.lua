--- How evenly something is shared.
local special = require "scalerun.stats.special"

local shares = {}

--- Jain's fairness index (Σx)² / (n Σx²): 1 when all have the same, 1/n when one has all (Jain, Chiu and Hawe, "A
--- Quantitative Measure of Fairness and Discrimination", DEC-TR-301, 1984). nil of none, or of nothing but zeros.
---@param values number[]
---@return number?
function shares.jain(values)
  local sum, squares = 0.0, 0.0
  for _, value in ipairs(values) do
    sum, squares = sum + value, squares + value * value
  end
  return squares > 0 and sum * sum / (#values * squares) or nil
end

---@class scale.ChiSquare
---@field statistic number
---@field df integer degrees of freedom
---@field p number how likely chance alone deviates as much
---@field least number the smallest expected count: below 5 the test is not to be relied on
---@field expected number[] counts

--- Pearson's test that counts follow the expected shares: Σ (observed - expected)² / expected against the χ²
--- distribution with n - 1 degrees of freedom (NIST/SEMATECH e-Handbook, 1.3.5.15), p by Q(df / 2, statistic / 2).
--- nil of fewer than two counts, or when nothing was counted.
---@param observed number[]
---@param expected number[]? shares, in any unit; equal ones unless told
---@return scale.ChiSquare?
function shares.chi_square(observed, expected)
  local total, whole = 0, 0
  for index, count in ipairs(observed) do
    total, whole = total + count, whole + (expected and expected[index] or 1)
  end
  if #observed < 2 or total == 0 then
    return nil
  end
  local result = { statistic = 0.0, df = #observed - 1, least = math.huge, expected = {} }
  for index, count in ipairs(observed) do
    local wanted = total * (expected and expected[index] or 1) / whole
    result.expected[index] = wanted
    result.least = math.min(result.least, wanted)
    result.statistic = result.statistic + (count - wanted) ^ 2 / wanted
  end
  local _, q = special.incomplete_gamma(result.df / 2, result.statistic / 2)
  result.p = q
  return result
end

return shares
