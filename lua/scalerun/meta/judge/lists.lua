---@meta _
-- Made from lua/scalerun/judge/lists.lua by scripts/annotations: change it there.

---@class scale.ListMatchers
local List = {}

--- That no value is there twice. Evidence: every repeated value with who recorded it.
function List:unique() end

--- That the ids are exactly those from first to last, each once. Evidence: missing, extra and repeated ones.
---@param first string "US-001"
---@param last string "US-050"
function List:sequence(first, last) end

--- That every value equals the given one.
---@param wanted string|number|boolean
function List:all_equal(wanted) end
