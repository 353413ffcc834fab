--- How long pauses are: of a fixed length, or drawn at random, the same for the same seed and place (project,
--- iteration, name), whatever else a run does. So rounds with one project and with many think equally long.
local declaration = require "scalerun.declaration"
local names = require "scalerun.names"
local splitmix = require "scalerun.splitmix"

local pauses = {}

---@class scale.Pause
---@field distribution "constant"|"uniform"|"lognormal"|"exponential"
---@field value number|string|nil constant: how long
---@field min number|string|nil uniform: between min
---@field max number|string|nil and max
---@field median number|string|nil log-normal
---@field sigma number? log-normal: standard deviation of the logarithm
---@field mean number|string|nil exponential
---@field most number|string|nil log-normal and exponential: never longer

---@class scalerun.Pause the same in seconds; without a distribution it is log-normal, as answers of models are

-- Above 0 and at most 1.
local function fraction(bits)
  return ((bits >> 11) + 1) / (1 << 53)
end

-- A standard normal number, after Box and Muller.
local function normal(next_bits)
  local radius = math.sqrt(-2 * math.log(fraction(next_bits())))
  return radius * math.cos(2 * math.pi * fraction(next_bits()))
end

-- Each: what it must be given, and how a length is drawn from random bits.
local distributions = {
  constant = {
    needs = { "value" },
    draw = function(pause)
      return pause.value
    end,
  },
  uniform = {
    needs = { "min", "max" },
    draw = function(pause, next_bits)
      return pause.min + (pause.max - pause.min) * fraction(next_bits())
    end,
  },
  lognormal = {
    needs = { "median", "sigma" },
    takes = { "most" },
    draw = function(pause, next_bits)
      return pause.median * math.exp(pause.sigma * normal(next_bits))
    end,
  },
  exponential = {
    needs = { "mean" },
    takes = { "most" },
    draw = function(pause, next_bits)
      return -pause.mean * math.log(fraction(next_bits()))
    end,
  },
}

--- Seconds.
---@param pause scalerun.Pause
---@param seed integer of the run
---@param place string which pause it is: project, iteration, name, how often before
---@return number
function pauses.seconds(pause, seed, place)
  local distribution = distributions[pause.distribution or "lognormal"]
  local seconds = distribution.draw(pause, splitmix.new(splitmix.seed(seed, place)))
  return pause.most and math.min(seconds, pause.most) or seconds
end

local function check_keys(where, given, distribution)
  local allowed = { distribution = "string" }
  for _, list in ipairs { distribution.needs, distribution.takes or {} } do
    for _, key in ipairs(list) do
      allowed[key] = key == "sigma" and "number" or "number|string"
    end
  end
  declaration.check(where, given, allowed)
  for _, key in ipairs(distribution.needs) do
    if given[key] == nil then
      declaration.refuse("distribution", nil, "%s: %s needs %s", where, given.distribution,
        table.concat(distribution.needs, " and "))
    end
  end
end

--- Reads what a declaration says about a pause: a duration, or { distribution = …, … }. Refuses what is wrong.
---@param where string
---@param key string of the declaration: "think"
---@param given number|string|scale.Pause
---@return scalerun.Pause pause
function pauses.read(where, key, given)
  if type(given) ~= "table" then
    return { distribution = "constant", value = declaration.check_duration(where, key, given) }
  end
  where = ("%s: %s"):format(where, key)
  local known = names.sorted(distributions)
  declaration.check_list(where, "distribution", { given.distribution or "none" }, known)
  check_keys(where, given, distributions[given.distribution])
  local pause = { distribution = given.distribution, sigma = given.sigma }
  for _, name in ipairs { "value", "min", "max", "median", "mean", "most" } do
    if given[name] and not (name == "min" and given.min == 0) then
      pause[name] = declaration.check_duration(where, name, given[name])
    end
  end
  if given.min == 0 then
    pause.min = 0.0
  end
  if pause.sigma and not (pause.sigma >= 0 and pause.sigma < math.huge) then
    declaration.refuse("sigma", nil, "%s: sigma must be at least 0, not %s", where, pause.sigma)
  elseif pause.min and pause.min > pause.max then
    declaration.refuse("min", nil, "%s: min must not be above max", where)
  end
  return pause
end

return pauses
