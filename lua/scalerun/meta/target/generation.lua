---@meta scalerun.target.generation
-- Made from lua/scalerun/target/generation.lua by scripts/annotations: change it there.

--- What workflows generate, in place of a model, and whether it is where it belongs afterwards.

---@class scale.target.generation
local generation = {}

---@class scalerun.Generated what a workflow's run returns
---@field task string id of the task that asked for it
---@field artifacts { id: string, content: string }[]
---@field follow_ups string[] ids of the tasks that were added

--- An artifact that follows its template: its headings, with something below each.
---@param template string
---@param id string
---@param title string
---@return string
function generation.draft(template, id, title) end

--- The `check` of a workflow: reads back what its run made.
---@param project scale.Project
---@param made scalerun.Generated
function generation.check(project, made) end

--- The `verify` of a workflow: judges what check has recorded.
---@param run scale.Run
---@param seen scale.Seen
function generation.verify(run, seen) end

return generation
