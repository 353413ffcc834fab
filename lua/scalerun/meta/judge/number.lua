---@meta _
-- Made from lua/scalerun/judge/number.lua by scripts/annotations: change it there.

---@class scale.NumberMatchers
local Number = {}

--- That it is exactly this number.
---@param expected number
function Number:equals(expected) end

--- That it is not above.
---@param most number
function Number:at_most(most) end

--- That it is not below.
---@param least number
function Number:at_least(least) end

--- That it is between the two, both ends included.
---@param least number
---@param most number
function Number:between(least, most) end

--- That the value is true.
function Number:is_true() end

--- That the value is false.
function Number:is_false() end
