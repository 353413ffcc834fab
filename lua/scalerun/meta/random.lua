---@meta scalerun.random
-- Made from lua/scalerun/random.lua by scripts/annotations: change it there.

--- Random values. Each project's sequence follows from the run's seed and the project, so that a run can be
--- repeated; tokens are the exception.
---@class scale.random
local random = {}

--- A float in [0, 1).
---@return number
function random.number() end

--- An integer, both ends included.
---@param first integer
---@param last integer
---@return integer
function random.integer(first, last) end

--- One of the list's values.
---@generic T
---@param list T[]
---@return T
function random.pick(list) end

--- A copy of the list in random order.
---@generic T
---@param list T[]
---@return T[]
function random.shuffle(list) end

--- Letters and digits.
---@param length integer
---@return string
function random.text(length) end

--- Hexadecimal digits that nobody can guess, from the system's own source: not repeated by the seed.
---@param bytes integer? 16 unless told
---@return string
function random.token(bytes) end

return random
