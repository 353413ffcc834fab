--- The target's MCP server as a project uses it: documents, prompts, tools. Every call is one request, counted by
--- project.mcp; what is not as the contract promises raises an error.
local errors = require "scalerun.errors"
local mcp = require "scalerun.mcp"

---@class scale.target.framework
local framework = {}

---@class scalerun.TaskDraft
---@field description string
---@field generator_name string?
---@field context_notes string?
---@field inputs string[]?
---@field expected_outputs string[]?

local RESOURCES = "mcp://resources/"

local function broken(operation, fmt, ...)
  error(errors.new { kind = "protocol", operation = operation, message = fmt:format(...) }, 0)
end

--- The text of a resource.
---@param project scale.Project
---@param name string "sdlc/core", "patterns/caching", "templates/epic", "artifacts/US-001"
---@return string
function framework.resource(project, name)
  local text = mcp.text(project.mcp:read_resource(RESOURCES .. name))
  if text == "" then
    broken("mcp resources/read", "%s%s has no text", RESOURCES, name)
  end
  return text
end

--- The text of an artifact of the project.
---@param project scale.Project
---@param id string
---@return string
function framework.artifact(project, id)
  return framework.resource(project, "artifacts/" .. id)
end

--- A generator's prompt, filled in.
---@param project scale.Project
---@param name string "epic"
---@param arguments { task_id: string?, input_artifact: string?, focus: string? }?
---@return string
function framework.prompt(project, name, arguments)
  local text = mcp.text(project.mcp:get_prompt("generator/" .. name, arguments))
  if text == "" then
    broken("mcp prompts/get", "generator/%s has no text", name)
  end
  return text
end

-- A tool's structured result and the field that it promises, of that Lua type.
local function tool(project, name, arguments, field, kind)
  local result = project.mcp:call_tool(name, arguments).structuredContent
  local operation = "mcp tools/call " .. name
  if type(result) ~= "table" or result.success ~= true then
    broken(operation, "the result has no structured content that says success")
  elseif type(result[field]) ~= kind then
    broken(operation, "the result has no %s", field)
  end
  return result[field], result
end

--- The project's next pending task; it stays as it is. Raises when there is none.
---@param project scale.Project
---@return scalerun.TaskFields
function framework.next_task(project)
  return (tool(project, "get_next_task", {}, "task", "table"))
end

--- Moves a task on.
---@param project scale.Project
---@param id string
---@param status "in_progress"|"completed"
---@param notes string?
---@return scalerun.TaskFields
function framework.set_status(project, id, status, notes)
  return (tool(project, "update_task_status", { task_id = id, status = status, completion_notes = notes },
    "updated_task", "table"))
end

--- Reserves ids.
---@param project scale.Project
---@param kind string "EPIC"
---@param count integer
---@return string[]
function framework.reserve(project, kind, count)
  local ids = tool(project, "reserve_id_range", { artifact_type = kind, count = count }, "reserved_ids", "table")
  if #ids ~= count then
    broken("mcp tools/call reserve_id_range", "%d ids were asked for, %d came", count, #ids)
  end
  return ids
end

--- Has an artifact's text checked; raises with the rules that it breaks.
---@param project scale.Project
---@param kind string
---@param id string
---@param content string
function framework.validate(project, kind, id, content)
  local valid, result = tool(project, "validate_artifact",
    { artifact_type = kind, artifact_id = id, content = content }, "valid", "boolean")
  if not valid then
    local problems = {}
    for index, problem in ipairs(type(result.errors) == "table" and result.errors or {}) do
      problems[index] = tostring(problem.message)
    end
    broken("mcp tools/call validate_artifact", "%s is not valid: %s", id, table.concat(problems, "; "))
  end
end

--- Stores an artifact of the project.
---@param project scale.Project
---@param id string
---@param content string
---@return string uri
function framework.store(project, id, content)
  return (tool(project, "store_artifact", { artifact_id = id, content = content }, "uri", "string"))
end

--- Adds a task to the project's queue.
---@param project scale.Project
---@param task scalerun.TaskDraft
---@return string id
function framework.add_task(project, task)
  local ids = tool(project, "add_task", task, "task_ids", "table")
  if #ids ~= 1 then
    broken("mcp tools/call add_task", "one task was added, %d ids came", #ids)
  end
  return ids[1]
end

return framework
