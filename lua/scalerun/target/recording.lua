--- What the target's clients write into the history: one operation for each request, in the words that checkers
--- understand. Contents are kept as their hashes.
local core = require "scalerun.core.history"
local json = require "scalerun.json"

local recording = {}

---@class scalerun.Recorded how an operation of a client stands in the history
---@field kind string
---@field f string
---@field value (fun(data: table): any, string?)? what came out, and the key, where only the answer tells it

--- Keeps an operation of the project's. An expected refusal is a "check": it changed nothing and says nothing about a
--- key, unless it is the answer "there is none" to a read.
---@param me scale.Project
---@param how { kind: string, f: string }
---@param said { key: string?, input: any, output: any, error: string?, status: integer?, expected: boolean?,
---  replica: string?, attempt: integer?, started: integer, ended: integer } instants of scale.time in nanoseconds
function recording.keep(me, how, said)
  local f, output, err = how.f, said.output, said.error
  if said.expected and said.status ~= 200 then
    err = nil
    if f == "read" and said.status == 404 then
      output = json.null
    else
      f, output = "check", said.status
    end
  end
  core.record(me.user, me.iteration, how.kind, f, said.key, said.input, output, err, said.replica, said.attempt,
    said.started, said.ended)
end

local function hash_of_texts(list)
  local texts = {}
  for _, one in ipairs(type(list) == "table" and list or {}) do
    local content = type(one.content) == "table" and one.content or one
    texts[#texts + 1] = type(content.text) == "string" and content.text or nil
  end
  return core.hash(table.concat(texts, "\n"))
end

local function field(name)
  return function(data)
    return data[name]
  end
end

local function status_of(name)
  return function(data)
    local task = data[name]
    if type(task) ~= "table" then
      return nil
    end
    return task.status, task.task_id
  end
end

--- The operations of the Task Tracking API; tools of the MCP server do the same.
recording.allocate_next = { kind = "id", f = "allocate", value = field "next_id" }
recording.allocate = { kind = "id", f = "allocate", value = field "reserved_ids" }
recording.next_task = { kind = "task", f = "read", value = status_of "task" }
recording.set_status = { kind = "task", f = "write" }
recording.add_tasks = { kind = "task", f = "add", value = field "task_ids" }
recording.list_tasks = {
  kind = "tasks",
  f = "read",
  value = function(data)
    local ids = {}
    for index, task in ipairs(type(data.tasks) == "table" and data.tasks or {}) do
      ids[index] = task.task_id
    end
    return ids
  end,
}

-- Tool → how it is kept, and of its arguments the key and what was asked or written.
local tools = {
  get_next_task = { recording.next_task },
  update_task_status = { recording.set_status, "task_id", "status" },
  get_next_available_id = { recording.allocate_next, "artifact_type" },
  reserve_id_range = { recording.allocate, "artifact_type", "count" },
  add_task = { recording.add_tasks },
  store_artifact = { { kind = "artifact", f = "write" }, "artifact_id", "content" },
  resolve_artifact_path = { { kind = "path", f = "check", value = field "path" }, "artifact_id" },
  validate_artifact = { { kind = "artifact", f = "check", value = field "valid" }, "artifact_id" },
}

local resource = { kind = "resource", f = "read" }
local artifact = { kind = "artifact", f = "read" }
local prompt = { kind = "prompt", f = "read" }
local other = { kind = "mcp", f = "check" }

local methods = {}

methods["resources/read"] = function(params, result, said)
  local uri = tostring(params.uri)
  local id = uri:match("^mcp://resources/artifacts/(.+)$")
  said.key = id or uri:gsub("^mcp://resources/", "")
  said.input, said.output = uri, result and hash_of_texts(result.contents)
  return id and artifact or resource
end

methods["prompts/get"] = function(params, result, said)
  said.key, said.output = tostring(params.name), result and hash_of_texts(result.messages)
  return prompt
end

methods["tools/call"] = function(params, result, said)
  local tool = tools[params.name]
  if not tool then
    said.key = tostring(params.name)
    return other
  end
  local arguments = type(params.arguments) == "table" and params.arguments or {}
  local key, value = arguments[tool[2]], arguments[tool[3]]
  said.key = key ~= nil and tostring(key) or nil
  said.input = tool[3] == "content" and type(value) == "string" and core.hash(value) or value
  local content = result and result.structuredContent
  if type(content) == "table" and tool[1].value then
    local named
    said.output, named = tool[1].value(content)
    said.key = said.key or named
  end
  if result and result.isError then
    said.error = "tool"
  end
  return tool[1]
end

--- Keeps a request of an MCP client.
---@param me scale.Project
---@param method string
---@param params table?
---@param result table? nil where it failed
---@param said { error: string?, replica: string?, attempt: integer, started: integer, ended: integer }
function recording.mcp(me, method, params, result, said)
  local describe = methods[method]
  local how = other
  if describe then
    how = describe(params or {}, result, said)
  else
    said.key = method
  end
  recording.keep(me, how, said)
end

return recording
