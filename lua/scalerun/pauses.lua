--- How long a pause is that stands for the model: log-normal, as answers of models are, and the same for the same
--- seed, project, iteration and place, whatever else a run does. So rounds with one project and with many think
--- equally long.
local splitmix = require "scalerun.splitmix"

local pauses = {}

---@class scalerun.Pause
---@field median number seconds
---@field sigma number standard deviation of the logarithm
---@field share number the part of the whole workflow that it is meant to take, 0 to 1

-- Above 0 and at most 1.
local function fraction(bits)
  return ((bits >> 11) + 1) / (1 << 53)
end

-- A standard normal number, after Box and Muller.
local function normal(next_bits)
  local radius = math.sqrt(-2 * math.log(fraction(next_bits())))
  return radius * math.cos(2 * math.pi * fraction(next_bits()))
end

--- Seconds.
---@param pause scalerun.Pause
---@param seed integer of the run
---@param place string which pause it is: project, iteration, name, how often before
---@return number
function pauses.seconds(pause, seed, place)
  return pause.median * math.exp(pause.sigma * normal(splitmix.new(splitmix.seed(seed, place))))
end

return pauses
