---@meta scalerun.target
-- Made from lua/scalerun/target/init.lua by scripts/annotations: change it there.

--- Clients of the system under test. Each call is one operation with a name, by which it is counted and timed.

---@class scale.target
---@field ids scale.target.ids the ids of the Task Tracking API
---@field tasks scale.target.tasks its tasks
---@field framework scale.target.framework the MCP server's documents, prompts and tools
---@field generation scale.target.generation what workflows generate in place of a model
local target = {}

---@class scalerun.Answer
---@field status integer
---@field request string "GET /tasks?project=alpha": for evidence
---@field body string as it came
---@field data table? the body, decoded
---@field error string? what the target says went wrong
---@field replica string? which replica answered

---@class scalerun.CallOptions
---@field query table? name → value; nil values are left out
---@field json any? the body
---@field expected integer|integer[]|"any"|nil statuses that are answers rather than failures; 200 unless told
---@field history scalerun.Recorded? how it stands in the history; without it, it does not
---@field key string? what the operation is about, for the history
---@field input any what goes in, for the history
---@field as string? the project that the request names, where it is another one

--- "/tasks?limit=10&project=alpha": parameters in alphabetical order.
---@param path string
---@param query table?
---@return string
function target.path(path, query) end

--- Calls the target as the project. Raises an error table when there is no answer, when its status is not
--- expected, or when it is not a JSON object. Never repeats a request.
---@param project scale.Project whose key is used
---@param operation string the name by which it is counted: "ids.reserve"
---@param method string
---@param path string
---@param options scalerun.CallOptions?
---@return scalerun.Answer
function target.call(project, operation, method, path, options) end

--- A field that every good answer has; its absence is the target's fault, not the script's.
---@param answer scalerun.Answer
---@param operation string
---@param name string
---@param kind string the field's Lua type
---@return any
function target.field(answer, operation, name, kind) end

--- GET /health.
---@param project scale.Project or anything with `http` and `id`
---@return table health status, version, uptime_seconds, dependencies
function target.health(project) end

return target
