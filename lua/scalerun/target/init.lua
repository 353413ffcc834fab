--- Clients of the system under test. Each call is one operation with a name, by which it is counted and timed.
local errors = require "scalerun.errors"
local recording = require "scalerun.target.recording"
local time = require "scalerun.core.time"

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

local BODY_SHOWN = 200

-- What a probe may be told without the target being at fault; it judges the answer itself.
local ANY = { 200, 400, 401, 403, 404, 409, 413, 429 }

local function is_expected(status, expected)
  if expected == "any" then
    return true
  elseif type(expected) == "table" then
    for _, one in ipairs(expected) do
      if one == status then
        return true
      end
    end
    return false
  end
  return status == (expected or 200)
end

local function escape(text)
  return (tostring(text):gsub("[^%w%-._~]", function(char)
    return ("%%%02X"):format(char:byte())
  end))
end

--- "/tasks?limit=10&project=alpha": parameters in alphabetical order.
---@param path string
---@param query table?
---@return string
function target.path(path, query)
  local parts = {}
  for name, value in pairs(query or {}) do
    parts[#parts + 1] = ("%s=%s"):format(escape(name), escape(value))
  end
  if #parts == 0 then
    return path
  end
  table.sort(parts)
  return ("%s?%s"):format(path, table.concat(parts, "&"))
end

local function shortened(text)
  return #text > BODY_SHOWN and text:sub(1, BODY_SHOWN) .. "…" or text
end

-- The first failure is the one that a person reads: say what was asked, what came, and what the target said.
local function unexpected(operation, answer, project)
  local said = answer.error or shortened(answer.body)
  return errors.new {
    kind = ("http %d"):format(answer.status),
    operation = operation,
    message = ("%s answered %d%s"):format(answer.request, answer.status, said ~= "" and ": " .. said or ""),
    status = answer.status,
    project = project.id,
  }
end

local function garbage(operation, answer, problem, project)
  return errors.new {
    kind = "protocol",
    operation = operation,
    message = ("%s answered %d, but not in JSON (%s): %s"):format(
      answer.request, answer.status, problem, shortened(answer.body)),
    status = answer.status,
    project = project.id,
  }
end

-- Writes the call into the project's history.
local function keep(project, options, said)
  local how, data = options.history, said.answer and said.answer.data
  said.key, said.input, said.attempt = options.key, options.input or said.request, 1
  if said.answer then
    said.status, said.replica = said.answer.status, said.answer.replica
    said.error = said.status ~= 200 and ("http %d"):format(said.status) or nil
    said.expected = is_expected(said.status, options.expected)
  end
  if how.value and data and said.status == 200 then
    local key
    said.output, key = how.value(data)
    said.key = said.key or key
  end
  if options.as and options.as ~= project.id then
    how = { kind = how.kind, f = "check" } -- naming another project says nothing about one's own
  end
  recording.keep(project, how, said)
end

local function kind_of(err)
  return type(err) == "table" and type(err.kind) == "string" and err.kind or "script"
end

-- The response; a failure to get one stands in the history too.
local function send(project, method, full, options, request)
  local began = time.now_ns()
  local ok, response = pcall(project.http.request, project.http, method, full, request)
  if not ok then
    if options.history and project.sink then
      keep(project, options, { request = ("%s %s"):format(method, full), error = kind_of(response), started = began,
        ended = time.now_ns() })
    end
    error(response, 0)
  end
  return response, began, time.now_ns()
end

--- Calls the target as the project. Raises an error table when there is no answer, when its status is not
--- expected, or when it is not a JSON object. Never repeats a request.
---@param project scale.Project whose key is used
---@param operation string the name by which it is counted: "ids.reserve"
---@param method string
---@param path string
---@param options scalerun.CallOptions?
---@return scalerun.Answer
function target.call(project, operation, method, path, options)
  options = options or {}
  local full = target.path(path, options.query)
  local response, began, ended = send(project, method, full, options, {
    name = operation,
    json = options.json,
    expected = options.expected == "any" and ANY or options.expected or 200,
  })
  local answer = {
    status = response.status,
    request = ("%s %s"):format(method, full),
    body = response.body,
    replica = response.headers["x-replica"],
  }
  local data, problem = require("scalerun.json").try_decode(response.body)
  if type(data) == "table" then
    answer.data = data
    answer.error = type(data.error) == "string" and data.error or nil
  end
  if options.history and project.sink then
    keep(project, options, { request = answer.request, answer = answer, started = began, ended = ended })
  end
  if project.observer then
    project.observer(operation, answer)
  end
  if not is_expected(answer.status, options.expected) then
    error(unexpected(operation, answer, project), 0)
  elseif not answer.data and options.expected ~= "any" then
    error(garbage(operation, answer, problem or "not an object", project), 0)
  end
  return answer
end

--- A field that every good answer has; its absence is the target's fault, not the script's.
---@param answer scalerun.Answer
---@param operation string
---@param name string
---@param kind string the field's Lua type
---@return any
function target.field(answer, operation, name, kind)
  local value = answer.data and answer.data[name]
  if type(value) ~= kind then
    error(errors.new {
      kind = "protocol",
      operation = operation,
      message = ("%s answered %d without %s: %s"):format(answer.request, answer.status, name, shortened(answer.body)),
      status = answer.status,
    }, 0)
  end
  return value
end

--- GET /health.
---@param project scale.Project or anything with `http` and `id`
---@return table health status, version, uptime_seconds, dependencies
function target.health(project)
  return target.call(project, "target.health", "GET", "/health").data
end

local clients = {
  ids = "scalerun.target.ids",
  tasks = "scalerun.target.tasks",
  framework = "scalerun.target.framework",
  generation = "scalerun.target.generation",
}

return setmetatable(target, {
  __index = function(_, name)
    return clients[name] and require(clients[name])
  end,
})
