--- Special functions behind the tests and intervals, to about 1e-12 relative. Formulas are numbered as in the NIST
--- Digital Library of Mathematical Functions (DLMF), https://dlmf.nist.gov.
local special = {}

local EPSILON = 1e-15
local TINY = 1e-300
local MOST_TERMS = 100000

-- Lanczos's approximation with g = 7 and 9 terms (Lanczos 1964; coefficients by Godfrey 2001).
local LANCZOS = {
  0.99999999999980993, 676.5203681218851, -1259.1392167224028, 771.32342877765313, -176.61502916214059,
  12.507343278686905, -0.13857109526572012, 9.9843695780195716e-6, 1.5056327351493116e-7,
}

--- The natural logarithm of the gamma function, for x > 0.
---@param x number
---@return number
function special.log_gamma(x)
  if x < 0.5 then -- reflection, DLMF 5.5.3
    return math.log(math.pi / math.sin(math.pi * x)) - special.log_gamma(1 - x)
  end
  local sum = LANCZOS[1]
  for index = 2, #LANCZOS do
    sum = sum + LANCZOS[index] / (x + index - 2)
  end
  local t = x + 6.5
  return 0.5 * math.log(2 * math.pi) + (x - 0.5) * math.log(t) - t + math.log(sum)
end

local function kept_off_zero(value)
  return math.abs(value) < TINY and TINY or value
end

-- A continued fraction b0 + a1/(b1 + a2/(b2 + …)) by the modified method of Lentz (Thompson and Barnett 1986).
local function continued_fraction(first, term)
  local f = kept_off_zero(first)
  local c, d = f, 0
  for index = 1, MOST_TERMS do
    local a, b = term(index)
    d = 1 / kept_off_zero(b + a * d)
    c = kept_off_zero(b + a / c)
    f = f * c * d
    if math.abs(c * d - 1) < EPSILON then
      break
    end
  end
  return f
end

-- P(a, x) by its power series, DLMF 8.11.4.
local function gamma_series(a, x)
  local term = 1 / a
  local sum = term
  for index = 1, MOST_TERMS do
    term = term * x / (a + index)
    sum = sum + term
    if term < sum * EPSILON then
      break
    end
  end
  return sum * math.exp(a * math.log(x) - x - special.log_gamma(a))
end

--- The regularised incomplete gamma functions P(a, x) and Q(a, x) = 1 - P(a, x), DLMF 8.2.4, for a > 0, x >= 0.
---@param a number
---@param x number
---@return number p
---@return number q
function special.incomplete_gamma(a, x)
  if x <= 0 then
    return 0.0, 1.0
  elseif x == math.huge then
    return 1.0, 0.0
  elseif x < a + 1 then
    local p = gamma_series(a, x)
    return p, 1 - p
  end
  -- DLMF 8.9.2 in its even form.
  local fraction = continued_fraction(x + 1 - a, function(index)
    return -index * (index - a), x + 2 * index + 1 - a
  end)
  local q = math.exp(a * math.log(x) - x - special.log_gamma(a)) / fraction
  return 1 - q, q
end

--- The regularised incomplete beta function I_x(a, b), DLMF 8.17.2, by the continued fraction DLMF 8.17.22.
---@param x number 0 to 1
---@param a number
---@param b number
---@return number
function special.incomplete_beta(x, a, b)
  if x <= 0 then
    return 0.0
  elseif x >= 1 then
    return 1.0
  elseif x > (a + 1) / (a + b + 2) then
    return 1 - special.incomplete_beta(1 - x, b, a) -- DLMF 8.17.4
  end
  local fraction = continued_fraction(1, function(index)
    local m = index // 2
    if index % 2 == 0 then
      return m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)), 1
    end
    return -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1)), 1
  end)
  local front = special.log_gamma(a + b) - special.log_gamma(a) - special.log_gamma(b)
  return math.exp(front + a * math.log(x) + b * math.log(1 - x)) / (a * fraction)
end

--- P(Z <= z) of the standard normal distribution, from the incomplete gamma function (DLMF 7.11.1).
---@param z number
---@return number
function special.normal_cdf(z)
  local p, q = special.incomplete_gamma(0.5, z * z / 2)
  return z < 0 and 0.5 * q or 0.5 * (1 + p)
end

--- P(T <= t) of Student's t distribution (DLMF 8.17 with Abramowitz and Stegun 26.7.1).
---@param t number
---@param df number degrees of freedom
---@return number
function special.t_cdf(t, df)
  local tail = 0.5 * special.incomplete_beta(df / (df + t * t), df / 2, 0.5)
  return t < 0 and tail or 1 - tail
end

-- The root of an increasing function by bisection, in a bracket that grows as needed.
local function invert(cdf, p)
  if p <= 0 or p >= 1 then
    return p <= 0 and -math.huge or math.huge
  end
  local low, high = -1.0, 1.0
  while cdf(low) > p do
    low = low * 2
  end
  while cdf(high) < p do
    high = high * 2
  end
  for _ = 1, 200 do
    local middle = (low + high) / 2
    if middle == low or middle == high then
      break
    end
    if cdf(middle) < p then
      low = middle
    else
      high = middle
    end
  end
  return (low + high) / 2
end

--- The z with P(Z <= z) = p.
---@param p number
---@return number
function special.normal_quantile(p)
  if p > 0.5 then
    return -special.normal_quantile(1 - p)
  end
  return invert(special.normal_cdf, p)
end

--- The t with P(T <= t) = p.
---@param p number
---@param df number degrees of freedom
---@return number
function special.t_quantile(p, df)
  if p > 0.5 then
    return -special.t_quantile(1 - p, df)
  end
  return invert(function(t)
    return special.t_cdf(t, df)
  end, p)
end

return special
