--- What a list of numbers is like: mean, spread, percentiles and how sure they are.
local special = require "scalerun.stats.special"

local describe = {}

--- The arithmetic mean; nil of none. Relative to the first value, which loses no digits to a large mean.
---@param values number[]
---@return number?
function describe.mean(values)
  local origin, sum = values[1], 0.0
  for _, value in ipairs(values) do
    sum = sum + (value - origin)
  end
  return origin and origin + sum / #values or nil
end

--- The standard deviation of a sample, with n - 1 (NIST/SEMATECH e-Handbook of Statistical Methods, 1.3.5.6); nil of
--- fewer than two. In two passes, which loses no digits to a large mean.
---@param values number[]
---@return number?
function describe.stddev(values)
  local mean = describe.mean(values)
  if #values < 2 then
    return nil
  end
  local squares = 0.0
  for _, value in ipairs(values) do
    squares = squares + (value - mean) ^ 2
  end
  return math.sqrt(squares / (#values - 1))
end

--- The coefficient of variation: standard deviation over mean. nil where the mean is 0 or there are fewer than two.
---@param values number[]
---@return number?
function describe.cv(values)
  local mean, deviation = describe.mean(values), describe.stddev(values)
  if not deviation or mean == 0 then
    return nil
  end
  return deviation / math.abs(mean)
end

--- A percentile between the values next to its place: definition 8 of Hyndman and Fan, "Sample Quantiles in
--- Statistical Packages" (The American Statistician 50, 1996), which they recommend as its median is right whatever
--- the distribution; R's quantile(type = 8). nil of none.
---@param values number[] in any order
---@param percent number 0 to 100
---@return number?
function describe.percentile(values, percent)
  local count = #values
  if count == 0 then
    return nil
  end
  local sorted = table.move(values, 1, count, 1, {})
  table.sort(sorted)
  local at = (count + 1 / 3) * percent / 100 + 1 / 3
  local below = math.min(math.max(math.floor(at), 1), count)
  local above = math.min(below + 1, count)
  return sorted[below] + math.min(math.max(at - below, 0), 1) * (sorted[above] - sorted[below])
end

-- Up to here the binomial distribution is summed, beyond it is as good as normal.
local EXACT = 1000

-- P(B <= k) of the binomial distribution, DLMF 8.17.5.
local function binomial_cdf(k, n, p)
  if k < 0 then
    return 0
  end
  return k >= n and 1 or special.incomplete_beta(1 - p, n - k, k + 1)
end

-- The least k with P(B <= k) >= wanted.
local function binomial_quantile(wanted, n, p)
  local low, high = 0, n
  while low < high do
    local middle = (low + high) // 2
    if binomial_cdf(middle, n, p) >= wanted then
      high = middle
    else
      low = middle + 1
    end
  end
  return low
end

--- The ranks between which the true percentile lies: the order statistics x(low) and x(high) enclose it with at least
--- the given confidence, whatever the distribution (Conover, Practical Nonparametric Statistics, 3rd edition, 3.2;
--- Hahn and Meeker, Statistical Intervals, 5.2). Exact for up to 1000 values, then by the normal approximation
--- np ± z √(np(1 - p)), rounded outwards.
---@param count integer how many values there are
---@param percent number
---@param confidence number? 0.95 unless told
---@return integer? low nil where no value is surely below
---@return integer? high nil where no value is surely above: too few values
function describe.rank_interval(count, percent, confidence)
  local tail, p = (1 - (confidence or 0.95)) / 2, percent / 100
  local low, high
  if count <= EXACT then
    -- P(B < low) <= tail, and P(B >= high) <= tail.
    low = binomial_quantile(tail, count, p)
    if binomial_cdf(low, count, p) <= tail then
      low = low + 1
    end
    high = binomial_quantile(1 - tail, count, p) + 1
  else
    local spread = special.normal_quantile(1 - tail) * math.sqrt(count * p * (1 - p))
    low, high = math.floor(count * p - spread), math.ceil(count * p + spread) + 1
  end
  return low >= 1 and low or nil, high <= count and high or nil
end

--- A percentile's interval from a histogram: its rank error, widened by how far a bucket is off.
---@param at fun(percent: number): number? the histogram's percentile
---@param count integer how many values are in it
---@param percent number
---@param options { confidence: number?, bucket: number? }? bucket: relative error of the histogram, 0.001 unless told
---@return { value: number, low: number?, high: number? }? interval nil of no values; an end that the values do not
---  show is nil
function describe.percentile_interval(at, count, percent, options)
  options = options or {}
  if count == 0 then
    return nil
  end
  local off = options.bucket or 0.001
  local low, high = describe.rank_interval(count, percent, options.confidence)
  return {
    value = at(percent),
    low = low and at(100 * (low - 0.5) / count) * (1 - off),
    high = high and at(100 * (high - 0.5) / count) * (1 + off),
  }
end

return describe
