--- What the specs of scalerun-target share: clients with a key, and the calls they make.
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
