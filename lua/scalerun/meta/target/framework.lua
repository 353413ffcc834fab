---@meta scalerun.target.framework
-- Made from lua/scalerun/target/framework.lua by scripts/annotations: change it there.

--- The target's MCP server as a project uses it: documents, prompts, tools. Every call is one request, counted by
--- project.mcp; what is not as the contract promises raises an error.

---@class scale.target.framework
local framework = {}

---@class scalerun.TaskDraft
---@field description string
---@field generator_name string?
---@field context_notes string?
---@field inputs string[]?
---@field expected_outputs string[]?

--- The text of a resource.
---@param project scale.Project
---@param name string "sdlc/core", "patterns/caching", "templates/epic", "artifacts/US-001"
---@return string
function framework.resource(project, name) end

--- The text of an artifact of the project.
---@param project scale.Project
---@param id string
---@return string
function framework.artifact(project, id) end

--- A generator's prompt, filled in.
---@param project scale.Project
---@param name string "epic"
---@param arguments { task_id: string?, input_artifact: string?, focus: string? }?
---@return string
function framework.prompt(project, name, arguments) end

--- The project's next pending task; it stays as it is. Raises when there is none.
---@param project scale.Project
---@return scalerun.TaskFields
function framework.next_task(project) end

--- Moves a task on.
---@param project scale.Project
---@param id string
---@param status "in_progress"|"completed"
---@param notes string?
---@return scalerun.TaskFields
function framework.set_status(project, id, status, notes) end

--- Reserves ids.
---@param project scale.Project
---@param kind string "EPIC"
---@param count integer
---@return string[]
function framework.reserve(project, kind, count) end

--- Has an artifact's text checked; raises with the rules that it breaks.
---@param project scale.Project
---@param kind string
---@param id string
---@param content string
function framework.validate(project, kind, id, content) end

--- Stores an artifact of the project.
---@param project scale.Project
---@param id string
---@param content string
---@return string uri
function framework.store(project, id, content) end

--- Adds a task to the project's queue.
---@param project scale.Project
---@param task scalerun.TaskDraft
---@return string id
function framework.add_task(project, task) end

return framework
