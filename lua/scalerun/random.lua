--- Random values. Each project's sequence follows from the run's seed and the project, so that a run can be
--- repeated; tokens are the exception.
---@class scale.random
local random = {}

--- A float in [0, 1).
---@return number
function random.number()
  return math.random()
end

--- An integer, both ends included.
---@param first integer
---@param last integer
---@return integer
function random.integer(first, last)
  return math.random(first, last)
end

--- One of the list's values.
---@generic T
---@param list T[]
---@return T
function random.pick(list)
  if #list == 0 then
    error("random.pick: the list is empty", 2)
  end
  return list[math.random(#list)]
end

--- A copy of the list in random order.
---@generic T
---@param list T[]
---@return T[]
function random.shuffle(list)
  local copy = table.move(list, 1, #list, 1, {})
  for index = #copy, 2, -1 do
    local other = math.random(index)
    copy[index], copy[other] = copy[other], copy[index]
  end
  return copy
end

--- Letters and digits.
---@param length integer
---@return string
function random.text(length)
  local alphabet = "abcdefghijklmnopqrstuvwxyz0123456789"
  local out = {}
  for index = 1, length do
    local at = math.random(#alphabet)
    out[index] = alphabet:sub(at, at)
  end
  return table.concat(out)
end

--- Hexadecimal digits that nobody can guess, from the system's own source: not repeated by the seed.
---@param bytes integer? 16 unless told
---@return string
function random.token(bytes)
  local file, problem = io.open("/dev/urandom", "rb")
  if not file then
    error("random.token: " .. problem, 2)
  end
  -- Unbuffered, or the C library takes 4 KB of the system's randomness for each token.
  file:setvbuf("no")
  local data = file:read(bytes or 16)
  file:close()
  return (data:gsub(".", function(char)
    return ("%02x"):format(char:byte())
  end))
end

return random
