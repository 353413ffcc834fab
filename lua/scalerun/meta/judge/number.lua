---@meta _
-- Made from lua/scalerun/judge/number.lua by scripts/annotations: change it there.

---@class scale.NumberMatchers
local Number = {}

--- That it is exactly this number.
---@param expected number|string
function Number:equals(expected) end

--- That it is not above: a number, "200ms" or "5%".
---@param most number|string
function Number:at_most(most) end

--- That it is not below.
---@param least number|string
function Number:at_least(least) end

--- That it is less: "200ms", "5%" or a number.
---@param limit number|string
function Number:below(limit) end

--- That it is more.
---@param limit number|string
function Number:above(limit) end

--- That it is between the two, both ends included.
---@param least number|string
---@param most number|string
function Number:between(least, most) end

--- That the value is true.
function Number:is_true() end

--- That the value is false.
function Number:is_false() end
