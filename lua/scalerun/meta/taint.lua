---@meta scalerun.taint
-- Made from lua/scalerun/taint.lua by scripts/annotations: change it there.

--- Markers that show whose data is whose: every project writes its own, and what any other project is sent is
--- searched for them.

---@class scale.taint
local taint = {}

--- One marker for each project, made anew each time, that nobody can guess.
---@param projects string[]
---@return table<string, string> markers by project
function taint.markers(projects) end

--- The projects, other than the reader, whose marker stands in the text.
---@param text string
---@param markers table<string, string>
---@param reader string
---@return string[]
function taint.found(text, markers, reader) end

--- From now on every answer that this project is sent is searched. Each is recorded as "scanned", each foreign
--- marker in one as "leak", and each that has the project's own marker, which shows that the search finds what is
--- there, as "taint_control". The history has them too: seen.history:foreign_markers.
---@param project scale.Project
---@param markers table<string, string>
function taint.watch(project, markers) end

return taint
