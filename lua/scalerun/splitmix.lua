--- Random numbers that depend on nothing but their seed: splitmix64.
local splitmix = {}

--- A seed of its own for each text.
---@param seed integer
---@param text string
---@return integer
function splitmix.seed(seed, text)
  local mixed = seed
  for index = 1, #text do
    mixed = (mixed ~ text:byte(index)) * 0x100000001B3
  end
  return mixed
end

--- A sequence of 64 random bits at a time.
---@param seed integer
---@return fun(): integer
function splitmix.new(seed)
  local state = seed
  return function()
    state = state + 0x9E3779B97F4A7C15
    local z = state
    z = (z ~ (z >> 30)) * 0xBF58476D1CE4E5B9
    z = (z ~ (z >> 27)) * 0x94D049BB133111EB
    return z ~ (z >> 31)
  end
end

return splitmix
