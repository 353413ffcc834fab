--- What the specs of scalerun-target share: clients with a key, and the calls they make.
local assert = require "luassert"
local programs = require "scalerun.sandbox.programs"
local replica = require "scalerun.sandbox.target"
local scale = require "scalerun"
local http, pg, task = scale.http, scale.pg, scale.task

local target_client = {}

--- A client of the sandbox's target with the project's key, or with none.
---@param box scale.Sandbox
---@param project string?
function target_client.new(box, project)
  return http.client {
    base_url = box.url,
    headers = project and { Authorization = "Bearer " .. box.keys[project] } or nil,
  }
end

--- A sandbox of the projects alpha and beta without tasks, and the clients of both. Whoever starts it stops it.
---@return scale.Sandbox
---@return scale.http.Client alpha
---@return scale.http.Client beta
function target_client.start()
  local box = scale.sandbox.start { projects = { "alpha", "beta" }, tasks = 0, reserve_rate = 0 }
  return box, target_client.new(box, "alpha"), target_client.new(box, "beta")
end

--- Another replica, called b, of the sandbox's target: not started, so that it can have settings of its own. Whoever
--- starts it stops it.
---@param box scale.Sandbox
---@return scalerun.SandboxTarget
function target_client.second(box)
  return replica.new {
    name = "b",
    program = programs.target(),
    dsn = box.dsn,
    redis_url = box.redis_url,
    keys_file = box.keys_file,
    log_dir = box.log_dir,
    content_dir = box.content_dir,
    artifacts_dir = box.artifacts_dir,
    timeout = 30,
  }
end

--- The body of an answer that must have this status.
---@param status integer
---@param response scale.http.Response
---@return any
function target_client.body(status, response)
  assert.equal(status, response.status, response.body)
  assert.equal("a", response.headers["X-Replica"])
  return response:json()
end

--- Empties what tests write.
---@param box scale.Sandbox
function target_client.clear(box)
  local connection <close> = pg.connect(box.dsn)
  connection:query("TRUNCATE tasks, id_registry, id_reservations")
end

--- Adds tasks; a text stands for a task with this description.
function target_client.add(client, ...)
  local list = {}
  for index, item in ipairs { ... } do
    list[index] = type(item) == "table" and item or { description = item }
  end
  return client:post("/tasks/batch", { json = { tasks = list } })
end

function target_client.set_status(client, project, id, status)
  return client:put(("/tasks/%s/status?project=%s"):format(id, project), { json = { status = status } })
end

function target_client.reserve(client, project, kind, count)
  return client:post("/ids/reserve", { json = { type = kind, count = count, project_id = project } })
end

function target_client.confirm(client, reservation)
  return client:post("/ids/confirm", { json = { reservation_id = reservation.reservation_id } })
end

--- fn(1), fn(2), … fn(count), all at once; their results in order.
function target_client.together(count, fn)
  local calls = {}
  for index = 1, count do
    calls[index] = function()
      return fn(index)
    end
  end
  return task.all(calls)
end

return target_client
