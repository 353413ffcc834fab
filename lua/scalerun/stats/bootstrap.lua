--- The studentised bootstrap (bootstrap-t) of a mean.
local describe = require "scalerun.stats.describe"
local splitmix = require "scalerun.splitmix"

local bootstrap = {}

-- Of n different values n^n resamples have but one value, n times; their t is endless.
local FLAT = 1e-12

local function resampled(values, next_bits)
  local count, sum, squares = #values, 0.0, 0.0
  for _ = 1, count do
    -- The high 32 bits, scaled: as good as even for counts like these.
    local value = values[((next_bits() >> 32) * count >> 32) + 1]
    sum, squares = sum + value, squares + value * value
  end
  local mean = sum / count
  return mean, math.sqrt(math.max(squares / count - mean * mean, 0) * count / (count - 1))
end

--- An interval of the mean: the quantiles of t* = (mean* - mean) / se* over resamples take the place of Student's
--- (Efron and Tibshirani, An Introduction to the Bootstrap, 12.5; Davison and Hinkley, Bootstrap Methods, 5.2.2).
---@param values number[] at least two
---@param options { confidence: number, resamples: integer, seed: integer }
---@return number low
---@return number high
function bootstrap.studentised(values, options)
  local mean, deviation = describe.mean(values), describe.stddev(values)
  local centred = {}
  for index, value in ipairs(values) do
    centred[index] = value - mean
  end
  local next_bits = splitmix.new(options.seed)
  local ts = {}
  for index = 1, options.resamples do
    local far, spread = resampled(centred, next_bits)
    if spread < FLAT * (deviation + math.abs(mean)) then
      ts[index] = far > 0 and math.huge or far < 0 and -math.huge or 0
    else
      ts[index] = far / spread
    end
  end
  table.sort(ts)
  local tail = (1 - options.confidence) / 2
  local low = ts[math.max(math.floor(tail * (options.resamples + 1)), 1)]
  local high = ts[math.min(math.ceil((1 - tail) * (options.resamples + 1)), options.resamples)]
  if deviation == 0 then
    return mean, mean
  end
  return mean - high * deviation, mean - low * deviation
end

return bootstrap
